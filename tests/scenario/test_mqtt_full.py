"""A full journal refuses: nothing is acknowledged that is not kept, and what was not acknowledged comes again."""
import json
import signal
import socket

import pytest

from hub import Hub, directory, free_port, kill, wait_until
from test_mqtt import METERS, VERSIONS, Client, of_meter, party, reading, stamp

DISCONNECT_UNSPECIFIED = bytes([0xe0, 0x01, 0x80])
MESSAGES, PADDING = 400, 2000


@pytest.fixture(scope="module")
def city():
    with directory() as place:
        hub = Hub(place / "data")
        hub.mqtt_port = free_port()
        hub.arguments += ["--mqtt-listen", f"127.0.0.1:{hub.mqtt_port}", "--mqtt-journal", "256k"]
        try:
            hub.up()
            hub.water = party(hub, "water", "W", METERS)
            wait_until(lambda: hub.pid("mosquitto"), 20, "mosquitto runs")
            yield hub
        finally:
            hub.end()


def text(words):
    return len(words).to_bytes(2, "big") + words


def packet(kind, body):
    length = len(body)
    size = b""
    while True:
        length, low = divmod(length, 128)
        size += bytes([low | (128 if length else 0)])
        if not length:
            return bytes([kind]) + size + body


def bare_publish(port, token):
    """One message by MQTT 5, byte by byte, as a library hides what ends a connection: all that comes behind the CONNACK."""
    connect = text(b"MQTT") + bytes([5, 0xc2, 0, 60, 0]) + text(b"bare") + text(b"water") + text(token.encode())
    publish = text(b"hub/v1/water/in/day") + bytes([0, 1, 0]) + json.dumps(reading("W0003", 1, "1")).encode() + b" " * PADDING
    with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
        s.sendall(packet(0x10, connect))
        head = s.recv(2)
        assert head[0] == 0x20 and s.recv(head[1], socket.MSG_WAITALL)[1] == 0
        s.sendall(packet(0x32, publish))
        got = b""
        while part := s.recv(100):
            got += part
        return got


@pytest.mark.parametrize("version,meter", [pytest.param("3.1.1", "W0001", marks=pytest.mark.thorough), ("5", "W0002")])
def test_a_full_journal_ends_the_connection_and_what_was_not_acknowledged_comes_again(city, version, meter):
    client = Client(city.mqtt_port, "water", city.water[1], version)
    reasons = []
    ended = client.on_disconnect
    client.on_disconnect = lambda c, user, code, *more: (reasons.append(getattr(code, "value", code)), ended())
    reader = city.pid("adapterd")
    kill(reader, signal.SIGSTOP)
    try:
        for n in range(MESSAGES):
            client.publish("hub/v1/water/in/day", json.dumps(reading(meter, n + 1, f"{n}.5")) + " " * PADDING, qos=1)
        wait_until(client.ended.is_set, 20, "the connection ends")
        taken = len(client.acknowledged)
        assert 0 < taken < MESSAGES
        # Come again, it is refused again for as long as the journal is full.
        refusals = len(reasons)
        wait_until(lambda: len(reasons) > refusals, 20, "it is refused again")
        assert len(client.acknowledged) == taken and all(reason < 0x80 for reason in client.reasons.values())
        assert bare_publish(city.mqtt_port, city.water[1]) == DISCONNECT_UNSPECIFIED
    finally:
        kill(reader, signal.SIGCONT)
    wait_until(lambda: len(client.acknowledged) == MESSAGES, 60, "everything is acknowledged in the end")
    wait_until(lambda: len(of_meter(city, city.water[0], meter)) >= MESSAGES, 60, "everything is stored")
    client.close()
    assert sorted(of_meter(city, city.water[0], meter)) == sorted((stamp(n + 1), f"{n}.5") for n in range(MESSAGES))
    log = (city.data / "log/mosquitto.log").read_text()
    assert "journal full" in log and "journal open again" in log


@pytest.mark.thorough
@pytest.mark.parametrize("version", VERSIONS)
def test_what_may_not_be_published_is_never_acknowledged_or_says_why(city, version):
    client = Client(city.mqtt_port, "water", city.water[1], version)
    for topic, payload in (("hub/v1/gas/in/day", "{}"), ("hub/v1/water/out/1", "{}"), ("elsewhere", "{}"),
                           ("hub/v1/water/in/day", "x" * (257 * 1024))):
        client.ended.clear()
        mid = client.publish(topic, payload, qos=1).mid
        if version == "5":
            wait_until(lambda: mid in client.reasons, 10, f"PUBACK of {topic}")
            assert client.reasons[mid] == 0x87 and client.is_connected()
        else:
            wait_until(client.ended.is_set, 10, f"{topic} ends the connection")
            assert mid not in client.acknowledged
            client.close()
            client = Client(city.mqtt_port, "water", city.water[1], version)
    client.close()
