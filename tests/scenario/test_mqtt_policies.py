"""The broker decides by the core's policies: a version that the core takes counts there too, by itself, and outlives the broker."""
import shutil
import socket

import pytest

from hub import ROOT, Hub, directory, free_port, kill, wait_until
from test_mqtt import METERS, NOT_AUTHORIZED, Client, party, reading

FORBID = """@id("test.nothing-daily")
forbid (principal, action == Hub::Action::"publish", resource is Hub::Topic) when { resource.rest == "day" };
"""


@pytest.fixture(scope="module")
def city():
    with directory() as place:
        hub = Hub(place / "data")
        hub.mqtt_port = free_port()
        hub.folder = place / "policies"
        shutil.copytree(ROOT / "policies", hub.folder)
        hub.arguments += ["--mqtt-listen", f"127.0.0.1:{hub.mqtt_port}", "--policies", hub.folder]
        try:
            hub.up()
            hub.water = party(hub, "water", "W", METERS)
            wait_until(lambda: hub.pid("mosquitto"), 20, "mosquitto runs")
            yield hub
        finally:
            hub.end()


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def answer(hub, topic):
    """The PUBACK's reason."""
    client = Client(hub.mqtt_port, "water", hub.water[1], "5")
    try:
        return client.send(topic, reading("W0001", 1, "1"))
    finally:
        client.close()


@pytest.mark.thorough
def test_a_new_version_counts_at_the_broker_without_a_word_to_it(city):
    assert answer(city, "hub/v1/water/in/day") < 0x80
    broker = city.pid("mosquitto")
    (city.folder / "test.cedar").write_text(FORBID)
    city.ctl("policy", "load")
    wait_until(lambda: answer(city, "hub/v1/water/in/day") == NOT_AUTHORIZED, 15, "the broker refuses")
    assert answer(city, "hub/v1/water/in/hour") < 0x80
    assert city.pid("mosquitto") == broker

    # What is not loaded does not count: not in the core, and not in a broker that begins anew.
    (city.folder / "test.cedar").unlink()
    kill(broker)
    wait_until(lambda: city.pid("mosquitto") not in (0, broker) and listens(city.mqtt_port), 20, "a new broker")
    assert answer(city, "hub/v1/water/in/day") == NOT_AUTHORIZED
    city.ctl("policy", "load")
    wait_until(lambda: answer(city, "hub/v1/water/in/day") < 0x80, 15, "the broker permits again")


@pytest.mark.thorough
def test_a_faulty_folder_changes_nothing(city):
    (city.folder / "test.cedar").write_text("permit (principal, action, resource) when { principal.nothing };")
    assert city.run("policy", "load").returncode != 0
    (city.folder / "test.cedar").unlink()
    assert answer(city, "hub/v1/water/in/day") < 0x80
