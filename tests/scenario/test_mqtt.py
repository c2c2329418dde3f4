"""MQTT: a PUBACK is a promise. What a party publishes reaches its own door once, and nobody else's."""
import json
import os
import random
import threading
import time
from datetime import datetime, timedelta, timezone

import paho.mqtt.client as mqtt
import pytest

import feeds
from hub import Hub, directory, free_port, kill, wait_until
from test_kill import Reader

BEGIN = datetime.now(timezone.utc).replace(microsecond=0, second=0) - timedelta(days=100)
METERS = 20
PER_SECOND = 200
KILLS = 20 if os.environ.get("HUB_TEST_FORM") == "full" else 1
VERSIONS = {"3.1.1": mqtt.MQTTv311, "5": mqtt.MQTTv5}
NOT_AUTHORIZED = 0x87


class Client(mqtt.Client):
    """Connected in the background, with the reason codes of its PUBACKs, which paho keeps to itself."""

    def __init__(self, port, party, token, version="3.1.1"):
        super().__init__(client_id=f"{party}-{random.getrandbits(32):08x}", protocol=VERSIONS[version])
        self.reasons, self.acknowledged, self.ended = {}, set(), threading.Event()
        self.username_pw_set(party, token)
        self.reconnect_delay_set(0.1, 0.5)
        self.on_publish = lambda client, user, mid: self.acknowledged.add(mid)
        self.on_disconnect = lambda *about: self.ended.set()
        self.connect("127.0.0.1", port)
        self.loop_start()
        wait_until(self.is_connected, 10, "connected")

    def _handle_pubackcomp(self, cmd):
        packet = bytes(self._in_packet["packet"])
        self.reasons[int.from_bytes(packet[:2], "big")] = packet[2] if len(packet) > 2 else 0
        return super()._handle_pubackcomp(cmd)

    def send(self, topic, message):
        mid = self.publish(topic, json.dumps(message), qos=1).mid
        wait_until(lambda: mid in self.acknowledged, 10, f"PUBACK of {topic}")
        return self.reasons[mid]

    def close(self):
        self.disconnect()
        self.loop_stop()


def stamp(minute):
    return feeds.stamp(BEGIN + timedelta(minutes=minute))


def reading(meter, minute, value):
    return {"meter": meter, "quantity": "water_volume", "kind": "interval", "value": value, "unit": "m3",
            "start": stamp(minute - 1), "time": stamp(minute)}


def party(hub, code, letter, meters):
    """A party with meters, an instance that reads its messages, and a token for each door."""
    hub.ctl("party", "add", code)
    for n in range(meters):
        hub.ctl("point", "add", f"{letter}P{n:04}", "--commodity", "water", "--supplier", code)
        hub.ctl("point", "bind", f"{letter}P{n:04}", "--party", code, "--meter", f"{letter}{n:04}", "--from",
                "2020-01-01T00:00:00Z")
    hub.ctl("subscription", "add", code)
    refused = hub.run("party", "token", code, "--mqtt")
    assert refused.returncode == 2 and "mqtt.instance" in refused.stderr
    hub.ctl("instance", "add", f"{code}-mqtt", "--party", code, "--adapter", "mqtt_json", "--transport", "kind=journal")
    return hub.ctl("party", "token", code).split()[-1], hub.ctl("party", "token", code, "--mqtt", "--days", "2").strip()


@pytest.fixture(scope="module")
def city():
    with directory() as place:
        hub = Hub(place / "data")
        hub.mqtt_port = free_port()
        hub.arguments += ["--mqtt-listen", f"127.0.0.1:{hub.mqtt_port}"]
        try:
            hub.up()
            hub.water, hub.gas = party(hub, "water", "W", METERS), party(hub, "gas", "G", 1)
            wait_until(lambda: hub.pid("mosquitto"), 20, "mosquitto runs")
            yield hub
        finally:
            hub.end()


def of_meter(hub, door, meter):
    return [(i["time"], i["value"]) for i in feeds.items(hub, door) if i["meter"] == meter]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_reading_reaches_its_own_door_once(city, version):
    meter = "W0001" if version == "5" else "W0002"
    client = Client(city.mqtt_port, "water", city.water[1], version)
    assert client.send("hub/v1/water/in/day", reading(meter, 1, "1.25")) < 0x80
    wait_until(lambda: of_meter(city, city.water[0], meter), 20, "the reading is at the door")
    client.send("hub/v1/water/in/day", reading(meter, 1, "1.25"))
    client.send("hub/v1/water/in/other", [reading(meter, 2, "2"), {"meter": meter, "mistake": 1}])
    wait_until(lambda: len(of_meter(city, city.water[0], meter)) >= 2, 20, "the second one too")
    client.close()
    assert of_meter(city, city.water[0], meter) == [(stamp(1), "1.25"), (stamp(2), "2")]
    assert not feeds.items(city, city.gas[0])
    entries = feeds.wait_quarantined(city, 1, "--party", "water")
    assert all(e["code"].startswith("mqtt_json.") for e in entries), entries


@pytest.mark.thorough
@pytest.mark.parametrize("version", VERSIONS)
def test_another_partys_topic_is_refused(city, version):
    client = Client(city.mqtt_port, "water", city.water[1], version)
    if version == "5":
        assert client.send("hub/v1/gas/in/day", reading("G0000", 1, "7")) == NOT_AUTHORIZED
    else:
        client.ended.clear()
        mid = client.publish("hub/v1/gas/in/day", json.dumps(reading("G0000", 1, "7")), qos=1).mid
        wait_until(client.ended.is_set, 10, "the connection is closed")
        client.loop_stop()
        assert mid not in client.acknowledged
    client.close()
    after = Client(city.mqtt_port, "gas", city.gas[1], version)
    minute = 10 + int(version[0])
    after.send("hub/v1/gas/in/day", reading("G0000", minute, "1"))
    after.close()
    wait_until(lambda: (stamp(minute), "1") in of_meter(city, city.gas[0], "G0000"), 20, "gas has its own")
    assert stamp(1) not in [at for at, _ in of_meter(city, city.gas[0], "G0000")]


@pytest.mark.thorough
def test_a_meter_of_another_party_is_not_ones_own(city):
    client = Client(city.mqtt_port, "gas", city.gas[1])
    client.send("hub/v1/gas/in/day", reading("W0003", 1, "9"))
    client.close()
    assert feeds.wait_quarantined(city, 1, "--party", "gas")
    assert not of_meter(city, city.water[0], "W0003")


def answer_to_connect(hub, version, user, password, will=None, retain=False):
    """The CONNACK's code, as this version has it."""
    client = mqtt.Client(client_id=f"will-{random.getrandbits(32):08x}", protocol=VERSIONS[version])
    answers = []
    client.on_connect = lambda c, about, flags, code, *more: answers.append(getattr(code, "value", code))
    client.username_pw_set(user, password)
    if will:
        client.will_set(will, json.dumps(reading("W0004", 1, "666")), qos=1, retain=retain)
    client.connect("127.0.0.1", hub.mqtt_port)
    wait_until(lambda: client.loop(0.1) or answers, 10, "a CONNACK")
    client.disconnect()
    return answers[0]


@pytest.mark.thorough
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("topic,retain,allowed", [
    ("hub/v1/water/in/will", False, False), ("hub/v1/water/in/will", True, False), ("hub/v1/water/in", False, False),
    ("hub/v1/gas/in/will", False, False), ("hub/v1/water/out/will", False, False), ("hub/v1/water/out/will", True, False),
    ("hub/v1/gas/ack", False, False), ("elsewhere", False, False), ("$SYS/x", False, False), ("x" * 600, False, False),
    ("hub/v1/water/ack", True, False), ("hub/v1/water/ack", False, True)], ids=lambda v: str(v)[:24])
def test_a_will_that_nobody_would_take_is_refused_with_its_connect(city, version, topic, retain, allowed):
    refused = NOT_AUTHORIZED if version == "5" else 5
    assert answer_to_connect(city, version, "water", city.water[1], topic, retain) == (0 if allowed else refused)


@pytest.mark.thorough
def test_without_a_will_the_same_client_comes_in(city):
    assert [answer_to_connect(city, version, "water", city.water[1]) for version in VERSIONS] == [0, 0]


@pytest.mark.thorough
@pytest.mark.parametrize("token", ["", "nonsense", "other"])
def test_nobody_comes_in_without_a_token_of_his_own(city, token):
    client = mqtt.Client(client_id="stranger")
    answers = []
    client.on_connect = lambda c, user, flags, code: answers.append(code)
    client.username_pw_set("gas", {"other": city.water[1]}.get(token, token))
    client.connect("127.0.0.1", city.mqtt_port)
    client.loop_start()
    wait_until(lambda: answers, 10, "an answer")
    client.loop_stop()
    assert answers[0] != 0


class Publisher(threading.Thread):
    """One reading a message, whatever dies; remembers what was acknowledged."""

    def __init__(self, hub, version):
        super().__init__()
        self.client = Client(hub.mqtt_port, "water", hub.water[1], version)
        self.shift = 1000 if version == "5" else 0
        self.sent, self.ending = {}, threading.Event()

    def run(self):
        number = 0
        while not self.ending.wait(1 / PER_SECOND):
            if len(self.sent) - len(self.client.acknowledged) > 2000:
                continue
            meter = f"W{number % (METERS // 2) + (METERS // 2 if self.shift else 0):04}"
            one = reading(meter, 100 + number // (METERS // 2), f"{number % 97}.{number % 10}")
            mid = self.client.publish(f"hub/v1/water/in/{meter}", json.dumps(one), qos=1).mid
            self.sent[mid] = (meter, one["time"], one["value"])
            number += 1

    def end(self):
        self.ending.set()
        self.join()


def kill_all(hub, chance):
    names = ["mosquitto", "adapterd", "hubd", "postgres"] * KILLS
    chance.shuffle(names)
    for name in names:
        pid = wait_until(lambda: hub.pid(name), 30, f"{name} runs")
        time.sleep(chance.uniform(0.05, 0.8))
        try:
            kill(pid)
        except ProcessLookupError:
            continue
    return names


@pytest.mark.thorough
@pytest.mark.slow
def test_what_was_acknowledged_is_stored_once(city):
    seed = int(time.time())
    print(f"seed {seed}")
    reader, stranger = Reader(city, city.water[0]), Reader(city, city.gas[0])
    publishers = [Publisher(city, version) for version in VERSIONS]
    begun = time.monotonic()
    for thread in [reader, stranger, *publishers]:
        thread.start()
    try:
        killed = kill_all(city, random.Random(seed))
        time.sleep(1)
    finally:
        for publisher in publishers:
            publisher.end()
        lasted = time.monotonic() - begun
    city.heal()
    sent = {row for p in publishers for row in p.sent.values()}
    try:
        for p in publishers:
            wait_until(lambda: len(p.client.acknowledged) >= len(p.sent), 60, "everything is acknowledged")
        handed = lambda: [tuple(i) for rows in list(reader.seen.values()) for i in rows]
        wait_until(lambda: sent <= set(handed()), 90, "everything was handed out")
    finally:
        for p in publishers:
            p.client.close()
        reader.end()
        stranger.end()
    rows = city.sql("""select d.meter, to_char(r.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), r.version
        from reading r join installation i on i.point = r.point join device d on d.id = i.device""")
    print(f"{len(sent)} messages in {lasted:.0f} s, {len(killed)} kills")
    assert not reader.wrong and not stranger.wrong
    assert len(rows) == len({(meter, at) for meter, at, _ in rows}) and all(version == 0 for *_, version in rows)
    assert {(meter, at) for meter, at, _ in sent} <= {(meter, at) for meter, at, _ in rows}
    assert len(handed()) == len(set(handed()))
    assert all(i[0].startswith("G") for rows in stranger.seen.values() for i in rows)
