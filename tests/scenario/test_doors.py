"""MQTT and drop directories: acknowledged by position, sent again from there, whole files only; each party its own."""
import json
import os
import threading

import paho.mqtt.client as mqtt
import pytest

import feeds
from hub import Hub, directory, free_port, kill, wait_until
from test_webhook import send, show


@pytest.fixture(scope="module")
def city():
    with directory() as place:
        hub = Hub(place / "data")
        hub.minute = 0
        hub.mqtt_port = free_port()
        hub.arguments += ["--mqtt-listen", f"127.0.0.1:{hub.mqtt_port}"]
        try:
            hub.up()
            hub.token = feeds.party(hub, "water", ("W1", "water", "0001"), ("W2", "water", "0002"))
            hub.ctl("party", "add", "gas")
            yield hub
        finally:
            hub.end()


class Listener(mqtt.Client):
    """Takes what comes on its party's topic; acknowledges it if it is told to."""

    def __init__(self, port, party, token, subscription, acknowledge=True):
        super().__init__(client_id=f"listener-{os.urandom(4).hex()}")
        self.party, self.subscription, self.acknowledge = party, subscription, acknowledge
        self.messages, self.entries, self.granted = [], [], threading.Event()
        self.have, self.asked = 0, False
        self.on_connect, self.on_subscribe, self.on_message = self.connected, self.subscribed, self.came
        self.username_pw_set(party, token)
        self.reconnect_delay_set(0.1, 0.5)
        self.connect("127.0.0.1", port)
        self.loop_start()
        wait_until(self.granted.is_set, 20, "subscribed")

    def connected(self, *about):
        self.subscribe(f"hub/v1/{self.party}/out/#", qos=1)

    def subscribed(self, client, user, mid, granted):
        assert granted[0] < 128
        self.say(again=True)
        self.granted.set()

    def came(self, client, user, m):
        message = json.loads(m.payload)
        if message.get("test"):
            self.messages.append((m.topic, message))
            return
        if message["after"] > self.have:
            if not self.asked:
                self.say(again=True)
            self.asked = True
            return
        self.have, self.asked = max(self.have, message["last"]), False
        self.messages.append((m.topic, message))
        self.entries += [e["id"] for e in message["entries"]]
        if self.acknowledge:
            self.say(position=message["last"])

    def say(self, position=None, again=False):
        said = {"subscription": self.subscription, "position": self.have if position is None else position}
        self.publish(f"hub/v1/{self.party}/ack", json.dumps(dict(said, again=True) if again else said), qos=1)

    def close(self):
        self.disconnect()
        self.loop_stop()


def listen(city, subscription, **more):
    token = city.ctl("party", "token", "water", "--mqtt", "--days", "2").strip()
    return Listener(city.mqtt_port, "water", token, subscription, **more)


def add(city, *words):
    return int(city.ctl("subscription", "add", "water", *words).split()[1])


@pytest.fixture
def number(city):
    n = add(city, "--door", "mqtt", "--count", "2")
    yield n
    city.ctl("subscription", "end", n)


def test_mqtt_is_acknowledged_by_position(city, number):
    client = listen(city, number)
    send(city, 5)
    wait_until(lambda: show(city, number)["acknowledged"] == 5, 30, "acknowledged")
    assert list(dict.fromkeys(client.entries)) == [f"{number}-{n}" for n in range(1, 6)]
    assert all(topic == f"hub/v1/water/out/{number}" for topic, m in client.messages)
    answer = city.json("subscription", "test", number)
    assert answer["state"] == "acknowledged"
    wait_until(lambda: client.messages[-1][1].get("test"), 10, "the sample")
    client.close()


def test_what_is_not_acknowledged_comes_again_when_the_recipient_asks(city, number):
    client = listen(city, number, acknowledge=False)
    send(city, 4)
    wait_until(lambda: client.have == 4, 30, "sent")
    assert (show(city, number)["sent"], show(city, number)["acknowledged"]) == (4, 0)
    client.say(position=1)
    wait_until(lambda: show(city, number)["acknowledged"] == 1, 10, "one")
    client.close()
    again = listen(city, number)
    again.say(position=1, again=True)
    wait_until(lambda: show(city, number)["acknowledged"] == 4, 20, "the rest")
    assert list(dict.fromkeys(again.entries)) == [f"{number}-{n}" for n in (2, 3, 4)]
    again.say(position=99)
    send(city, 1)
    wait_until(lambda: show(city, number)["acknowledged"] == 5, 20, "what was never sent is not believed")
    again.close()


def test_mqtt_survives_the_broker_and_egress(city, number):
    client = listen(city, number)
    send(city, 2)
    wait_until(lambda: show(city, number)["acknowledged"] == 2, 20, "before")
    for unit in ("mosquitto", "egress"):
        kill(city.pid(unit))
        send(city, 2)
    wait_until(lambda: show(city, number)["acknowledged"] == 6, 60, "after")
    assert list(dict.fromkeys(client.entries)) == [f"{number}-{n}" for n in range(1, 7)]
    client.close()


def test_nobody_listens_at_anothers_door(city, number):
    city.ctl("subscription", "add", "gas", "--door", "mqtt")
    token = city.ctl("party", "token", "gas", "--mqtt", "--days", "2").strip()
    seen = []
    stranger = mqtt.Client(client_id="stranger")
    stranger.username_pw_set("gas", token)
    answers = []
    stranger.on_subscribe = lambda c, u, mid, granted: answers.append(granted[0])
    stranger.on_message = lambda c, u, m: seen.append(m.topic)
    stranger.connect("127.0.0.1", city.mqtt_port)
    stranger.loop_start()
    wait_until(stranger.is_connected, 10, "connected")
    for topic in (f"hub/v1/water/out/{number}", "hub/v1/+/out/#", "hub/v1/+/ack", "#"):
        stranger.subscribe(topic, qos=1)
    wait_until(lambda: len(answers) == 4, 10, "four answers")
    assert answers == [128] * 4
    client = listen(city, number)
    send(city, 1)
    wait_until(lambda: show(city, number)["acknowledged"] == 1, 20, "delivered")
    assert not seen
    client.close()
    stranger.disconnect()
    stranger.loop_stop()


@pytest.mark.thorough
def test_files_are_whole_and_named_by_position(city):
    number = add(city, "--door", "drop", "--count", "2")
    folder = city.data / "zone/drop/water"
    send(city, 5)
    wait_until(lambda: show(city, number)["acknowledged"] == 5, 30, "durable")
    files = sorted(p for p in folder.iterdir() if p.name.startswith(f"{number}-"))
    positions = [e["position"] for p in files for e in json.loads(p.read_text())["entries"]]
    assert positions == [1, 2, 3, 4, 5]
    assert int(files[0].name.split("-")[1].split(".")[0]) == 1 and not list(folder.glob(".*"))
    if os.geteuid() == 0:
        assert folder.stat().st_mode & 0o007 == 0
    answer = city.json("subscription", "test", number)
    assert answer["state"] == "acknowledged" and list(folder.glob(f"{number}-test-*.json"))
    files[0].unlink()
    city.ctl("subscription", "replay", number, "--position", 1)
    wait_until(lambda: files[0].exists(), 20, "dropped once more")
