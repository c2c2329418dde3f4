"""Fifty recipients (in the default form eighteen), a third of which refuse, hang, answer garbage or die, while the hub's processes are killed: each ends
with exactly its own messages, in order, once after removal of repeats by id. Nobody waits for a bad neighbour."""
import concurrent.futures
import json
import os
import random
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

import feeds
from hub import Hub, directory, free_port, kill, wait_until
from recipients import Recipient, Street
from test_doors import Listener

FULL = os.environ.get("HUB_TEST_FORM") == "full"
PARTIES = 50
RECIPIENTS = 50 if FULL else 18
BATCHES = 2000 if FULL else 30  # each tells every recipient something: 100,000 messages, or 540
KILLS = 5 if FULL else 1        # of each process
VICTIMS = ("hubd", "egress", "mosquitto", "postgres")
MQTT, DROP = (6, 6) if FULL else (2, 2)  # of the recipients
BAD = RECIPIENTS // 3 + FULL    # of the webhooks
DEADLINE = 1800 if FULL else 120
BEGIN = datetime(2026, 3, 1, tzinfo=timezone.utc)

BEHAVIOURS = {
    "refuse": lambda n: "refuse" if n < 4 or n % 7 == 0 else None,
    "hang": lambda n: "hang" if n == 1 or FULL and n == 5 else None,
    "garbage": lambda n: "garbage" if n < 3 or n % 5 == 0 else None,
    "die": lambda n: "die" if n < 3 or n % 3 == 0 else None,
}


def code(n):
    return f"r{n:02}"


def load(hub):
    parties = "\n".join(["code,kind", "grid,grid", *(f"{code(n)},utility" for n in range(PARTIES))])
    points = "\n".join(["code,commodity,interval,operator,supplier", *(f"P{n:02},electricity,900,grid,{code(n)}" for n in range(PARTIES))])
    devices = "\n".join(["party,meter,point,valid_from", *(f"grid,{n:012},P{n:02},2020-01-01T00:00:00Z" for n in range(PARTIES))])
    for kind, text in (("parties", parties), ("points", points), ("devices", devices)):
        hub.ctl("load", kind, "-", input=text)


def subscribe(hub, n, *words):
    return int(hub.ctl("subscription", "add", code(n), *words).split()[1])


class Sender(threading.Thread):
    """Hands in batch after batch; one that was not answered is handed in again under its key."""

    def __init__(self, hub, token):
        super().__init__(daemon=True)
        self.hub, self.token, self.sent, self.error = hub, token, 0, None

    def batch(self, number):
        time_ = feeds.stamp(BEGIN + timedelta(minutes=15 * (number + 1)))
        return {"readings": [{"meter": f"{n:012}", "quantity": "active_energy_import", "kind": "register",
                              "value": f"{number + 1}.{n:02}", "unit": "kWh", "time": time_} for n in range(PARTIES)]}

    def run(self):
        try:
            for number in range(BATCHES):
                self.send(number)
                self.sent = number + 1
                time.sleep(0.02)
        except Exception as e:  # seen by the test
            self.error = e

    def send(self, number):
        end = time.monotonic() + 120
        while True:
            try:
                status, body = self.hub.request("/v1/readings", self.token, "POST", self.batch(number),
                                                {"Idempotency-Key": f"batch-{number}"})
                if status < 300:
                    return
            except OSError as e:
                status, body = 0, e
            assert time.monotonic() < end and (status >= 500 or status in (0, 408, 429)), (status, body)
            time.sleep(0.1)


class Files:
    """A drop directory as its recipient reads it."""

    def __init__(self, hub, party, number):
        self.folder, self.number = hub.data / "zone/drop" / party, number

    @property
    def entries(self):
        files = sorted(self.folder.glob(f"{self.number}-*.json")) if self.folder.exists() else []
        return [e["id"] for p in files for e in json.loads(p.read_text())["entries"]]


def distinct(ids):
    return list(dict.fromkeys(ids))


def expected(number):
    return [f"{number}-{p}" for p in range(1, BATCHES + 1)]


@pytest.fixture
def street():
    s = Street()
    yield s
    s.close()


@pytest.mark.thorough
def test_everybody_gets_exactly_what_is_theirs(cold_hub, street):
    hub = cold_hub
    mqtt_port = free_port()
    hub.up("--egress-allow", "127.0.0.0/8", "--mqtt-listen", f"127.0.0.1:{mqtt_port}")
    load(hub)
    token = hub.ctl("party", "token", "grid").strip()
    status, keys = hub.request("/oauth2/jwks")
    webhooks, doors = {}, {}
    for n in range(MQTT + DROP, RECIPIENTS):
        bad = n - MQTT - DROP < BAD
        kind = list(BEHAVIOURS)[n % len(BEHAVIOURS)] if bad else None
        doors[n] = webhooks[n] = street.move_in(Recipient(mode=BEHAVIOURS.get(kind), keys=keys))
    words = lambda n: ("--door", "mqtt", "--count", "20") if n < MQTT else ("--door", "drop", "--count", "20") if n < MQTT + DROP else (
        "--url", doors[n].url, "--count", "10")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        numbers = dict(enumerate(pool.map(lambda n: subscribe(hub, n, *words(n)), range(RECIPIENTS))))
        tokens = list(pool.map(lambda n: hub.ctl("party", "token", code(n), "--mqtt", "--days", "2").strip(), range(MQTT)))
    doors.update({n: Listener(mqtt_port, code(n), tokens[n], numbers[n]) for n in range(MQTT)})
    doors.update({n: Files(hub, code(n), numbers[n]) for n in range(MQTT, MQTT + DROP)})
    sender = Sender(hub, token)
    sender.start()
    victims = list(VICTIMS) * KILLS
    random.Random(7).shuffle(victims)
    for i, victim in enumerate(victims):
        wait_until(lambda: sender.error or sender.sent >= (i + 1) * BATCHES // (len(victims) + 1), DEADLINE, "some batches")
        kill(wait_until(lambda: hub.pid(victim), 60, f"{victim} runs"))
    wait_until(lambda: sender.error or sender.sent == BATCHES, DEADLINE, "all batches are taken")
    assert not sender.error, sender.error
    ids = lambda n: distinct([e[0] for e in doors[n].entries] if n in webhooks else list(doors[n].entries))

    def done():
        return all(len(ids(n)) >= BATCHES for n in range(RECIPIENTS))
    try:
        wait_until(done, DEADLINE, "everybody has everything")
    except AssertionError:
        behind = {code(n): (len(ids(n)), hub.json("subscription", "show", numbers[n])) for n in range(RECIPIENTS)
                  if len(ids(n)) < BATCHES}
        raise AssertionError(f"behind: {json.dumps(behind, indent=1)[:4000]}") from None
    for n in range(RECIPIENTS):
        assert ids(n) == expected(numbers[n]), code(n)
    for n, r in webhooks.items():
        for headers, body in r.bodies:
            for entry in json.loads(body).get("entries", []):
                assert [i["point"] for i in entry["items"]] == [f"P{n:02}"], (code(n), entry)
    for n in range(MQTT):
        assert all(i["point"] == f"P{n:02}" for t, m in doors[n].messages for e in m["entries"] for i in e["items"])
    stand = lambda: [s["acknowledged"] for s in map(json.loads, hub.ctl("subscription", "list").splitlines())]
    wait_until(lambda: stand() == [BATCHES] * RECIPIENTS, 60, "all of it acknowledged")
    for n in range(MQTT):
        doors[n].close()


@pytest.mark.thorough
def test_nobody_waits_for_a_bad_neighbour(cold_hub, street):
    hub = cold_hub
    hub.up("--egress-allow", "127.0.0.0/8")
    load(hub)
    token = hub.ctl("party", "token", "grid").strip()
    bad = {"hang": lambda n: "hang", "refuse": lambda n: "refuse", "slow": lambda n: "slow"}
    # more bad ones than a courier deals with at once
    all_of_them = range(30 if FULL else 26)
    people = {n: street.move_in(Recipient(mode=bad.get(list(bad)[n % 3]) if n < 20 else None)) for n in all_of_them}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda n: subscribe(hub, n, "--url", people[n].url, "--count", "1"), all_of_them))
    wait_until(lambda: all(json.loads(s)["state"] == "active" for s in hub.ctl("subscription", "list").splitlines()), 60, "verified")
    sender = Sender(hub, token)
    sender.send(0)
    wait_until(lambda: all(p.requests > 1 for p in people.values()), 20, "the bad ones have begun")
    for number in range(1, 6 if FULL else 4):
        begun = time.monotonic()
        sender.send(number)
        wait_until(lambda: all(len(people[n].distinct()) > number for n in all_of_them[20:]), 10, "the good ones have it")
        assert time.monotonic() - begun < 5
    assert not people[0].entries and not people[1].entries
    state = hub.json("subscription", "show", numbers[1])
    assert state["attempts"] > 0 and state["last_status"] == 503 and state["queued"] == number + 1
