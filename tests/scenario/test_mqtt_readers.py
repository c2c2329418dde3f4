"""A PUBACK is a promise to whose messages somebody reads: to nobody before, to nobody after, and what was promised is kept."""
import json
import random
import threading

import paho.mqtt.client as mqtt
import pytest

import feeds
from hub import Hub, directory, free_port, kill, wait_until
from test_identity import Client as Key
from test_mqtt import VERSIONS, Client, of_meter, party, reading, stamp



@pytest.fixture(scope="module")
def city():
    with directory() as place:
        hub = Hub(place / "data")
        hub.mqtt_port, hub.certificates = free_port(), free_port()
        hub.arguments += ["--mqtt-listen", f"127.0.0.1:{hub.mqtt_port}", "--mqtt-tls-listen", f"127.0.0.1:{hub.certificates}"]
        try:
            hub.up()
            hub.place = place / "client"
            hub.place.mkdir()
            (hub.place / "ca.pem").write_bytes((hub.data / "zone/state/ca.pem").read_bytes())
            hub.water, hub.gas = party(hub, "water", "W", 3), party(hub, "gas", "G", 1)
            wait_until(lambda: hub.pid("mosquitto"), 20, "mosquitto runs")
            yield hub
        finally:
            hub.end()


class Certified(mqtt.Client):
    """Comes by the party's certificate."""

    def __init__(self, hub, key, version):
        super().__init__(client_id=f"k-{random.getrandbits(32):08x}", protocol=VERSIONS[version])
        self.acknowledged, self.ended = set(), threading.Event()
        self.tls_set(str(hub.place / "ca.pem"), str(key.crt), str(key.key))
        self.on_publish = lambda client, user, mid: self.acknowledged.add(mid)
        self.on_disconnect = lambda *about: self.ended.set()
        self.connect("localhost", hub.certificates)
        self.loop_start()
        wait_until(self.is_connected, 10, "connected")


@pytest.mark.parametrize("version", [pytest.param("3.1.1", marks=pytest.mark.thorough), "5"])
def test_nothing_is_promised_to_a_party_that_nobody_reads(city, version):
    code, letter = f"new{version[0]}", f"N{version[0]}"
    city.ctl("party", "add", code)
    city.ctl("point", "add", f"{letter}P", "--commodity", "water", "--supplier", code)
    city.ctl("point", "bind", f"{letter}P", "--party", code, "--meter", letter, "--from", "2020-01-01T00:00:00Z")
    city.ctl("subscription", "add", code)
    door = city.ctl("party", "token", code).split()[-1]
    key = Key(city.place, code).enrol(city, code)
    topic, one = f"hub/v1/{code}/in/x", json.dumps(reading(letter, 1, "1.5"))
    client = Certified(city, key, version)
    mid = client.publish(topic, one, qos=1).mid
    wait_until(client.ended.is_set, 10, "the connection ends")
    client.loop_stop()
    assert mid not in client.acknowledged
    journal = b"".join(f.read_bytes() for f in (city.data / "zone/journal/mqtt").glob("*.jnl"))
    assert topic.encode() not in journal
    # From the moment that the command returns its messages are taken.
    city.ctl("instance", "add", f"{code}-mqtt", "--party", code, "--adapter", "mqtt_json", "--transport", "kind=journal")
    client = Certified(city, key, version)
    mid = client.publish(topic, one, qos=1).mid
    wait_until(lambda: mid in client.acknowledged, 10, "a PUBACK")
    client.loop_stop()
    wait_until(lambda: of_meter(city, door, letter) == [(stamp(1), "1.5")], 20, "stored")


@pytest.mark.thorough
def test_an_instance_that_cannot_begin_says_so(city):
    city.ctl("party", "add", "far")
    done = city.run("instance", "add", "far-mqtt", "--party", "far", "--adapter", "mqtt_json", "--zone", "elsewhere", "--transport", "kind=journal")
    assert done.returncode == 0 and "does not read yet" in done.stderr


def stored(hub, meter):
    return {at for at, in hub.sql("""select to_char(r.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        from reading r join installation i on i.point = r.point join device d on d.id = i.device where d.meter = %s""", meter)}


class Busy(threading.Thread):
    """Publishes until the connection is refused; what was acknowledged it remembers."""

    def __init__(self, client, version):
        super().__init__()
        self.client, self.sent, self.minute = client, {}, 1000 * int(version[0])

    def run(self):
        while not self.client.ended.wait(0.001):
            if len(self.sent) - len(self.client.acknowledged) < 200:
                self.minute += 1
                one = reading("W0001", self.minute, f"{self.minute % 9}.{self.minute % 7}")
                self.sent[self.client.publish("hub/v1/water/in/x", json.dumps(one), qos=1).mid] = one["time"]


@pytest.mark.thorough
@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_promised_before_its_reader_left_is_stored(city, version):
    """Under load, with adapterd killed before and after it was told, and the core away meanwhile."""
    client = Client(city.mqtt_port, "water", city.water[1], version)
    client.ended.clear()
    client.reconnect_delay_set(60, 60)
    busy = Busy(client, version)
    busy.start()
    wait_until(lambda: len(client.acknowledged) > 200, 20, "messages are taken")
    kill(city.pid("adapterd"))
    city.ctl("instance", "disable", "water-mqtt")
    wait_until(client.ended.is_set, 30, "the connection ends once nobody is to read")
    kill(wait_until(lambda: city.pid("adapterd"), 20, "adapterd runs"))
    busy.join()
    client.loop_stop()
    again = mqtt.Client(client_id="late", protocol=VERSIONS[version])
    taken, ended = [], threading.Event()
    again.on_publish, again.on_disconnect = lambda *about: taken.append(1), lambda *about: ended.set()
    again.username_pw_set("water", city.water[1])
    again.connect("127.0.0.1", city.mqtt_port)
    again.publish("hub/v1/water/in/x", json.dumps(reading("W0002", 1, "1")), qos=1)
    again.loop_start()
    wait_until(ended.is_set, 10, "and nothing more is taken")
    again.loop_stop()
    assert not taken
    # Whoever was not its reader's goes on meanwhile.
    other = Client(city.mqtt_port, "gas", city.gas[1], version)
    minute = 20 + int(version[0])
    assert other.send("hub/v1/gas/in/day", reading("G0000", minute, "1")) < 0x80
    other.close()
    wait_until(lambda: (stamp(minute), "1") in of_meter(city, city.gas[0], "G0000"), 20, "stored")
    phases = lambda: {i["name"]: i["phase"] for i in city.status()["adapterd"]["instances"]}
    wait_until(lambda: phases().get("water-mqtt") == "draining", 20, "it has taken its messages along and holds nobody's up")
    promised = {busy.sent[mid] for mid in client.acknowledged}
    city.ctl("instance", "enable", "water-mqtt")
    wait_until(lambda: promised <= stored(city, "W0001"), 60, "all that was promised is stored once it may be")
    assert all(i["meter"].startswith("G") for i in feeds.items(city, city.gas[0]))
