"""Everything is killed on the running city, with its concentrators, gateways, charging stations and companies at work: a session that runs
meanwhile ends as one with the energy that its station knows, charged and billed once; what a gateway was acknowledged is there once; who
ordered to pay has paid once; meters of every protocol go on; and the city is healthy again by itself."""
import json
import os
import struct
import time

import pytest

import test_fault_matrix as matrix
from fault_city import Messages
from hub import wait_until
from living import living_city
from test_living import idle, order, running, sessions

FULL = os.environ.get("HUB_TEST_FORM") == "full"
KILLS = int(os.environ.get("HUB_FAULT_KILLS", 3 if FULL else 1))  # of each
HOMES = 64 if FULL else 32
SPOKEN = ("power-1", "water-1", "gas-1", "buildings", "gateways", "chargers")  # a protocol each, but that two speak CJ/T 188


@pytest.fixture
def city():
    with living_city(homes=HOMES) as hub:
        hub.charge, hub.keeper = (hub.ctl("party", "token", code).split()[-1] for code in ("charge", "hub-operator"))
        yield hub


def station_register(hub, name):
    """What the station's own register shows, in Wh, as it wrote it down."""
    with open(hub.data / "zone/spool/city-chargers", "rb") as kept:
        kept.seek(8 * int(name[-2:]))
        return struct.unpack("q", kept.read(8))[0] // 3600


def heard(hub):
    """The newest receipt of each source."""
    return dict(hub.sql("select source, max(id) from receipt group by source"))


def drive(hub):
    """A driver whose account has nothing but her charging, and the session that she begins, with what its station's register showed."""
    hub.ctl("account", "add", "driver", "--holder", "home-00013")
    hub.ctl("charger", "tag", "DRIVER", "--party", "charge", "--account", "driver")

    def begun():
        name = idle(hub)
        before = station_register(hub, name)
        return order(hub, name, "charger_start", tag="DRIVER")["state"] == "confirmed" and (name, before)
    name, before = wait_until(begun, 120, "it starts")
    return wait_until(lambda: [s for s in running(hub, name) if s["tag"] == "DRIVER"], 60, "the session runs")[0], before


def stop(hub, session):
    name = session["station"]

    def stopped():
        try:
            order(hub, name, "charger_stop", transaction=session["transaction"])
        except (OSError, AssertionError):
            pass  # the station is on its way back
        return [s for s in sessions(hub, name) if s["transaction"] == session["transaction"] and s.get("ended")]
    return wait_until(stopped, 180, "the session ends")


def one_session_one_charge_one_bill(hub, session, before):
    name, ended = session["station"], stop(hub, session)
    assert len(ended) == 1 and not ended[0]["problem"], ended
    mine = [s for s in sessions(hub, name) if s["tag"] == "DRIVER"]
    assert len(mine) == 1, "a session, however often its station told of it"
    used = mine[0]["energy_wh"]
    wait_until(lambda: abs(station_register(hub, name) - before - used) <= 1, 60, f"the station's register rose by {used} Wh")
    charges = lambda: hub.sql("select amount, energy_wh from charging_charge where station = %s and transaction = %s", name, session["transaction"])
    ((amount, energy),) = wait_until(charges, 60, "the session is charged")
    assert energy == used > 0 and amount > 0
    cycle = time.strftime("%Y-%m")
    for _ in range(2):  # again is nothing new
        hub.ctl("bill", "run", "--cycle", cycle, "--accept", "--account", "driver")
    (part,) = hub.json("bill", "show", "driver", "--cycle", cycle)["parts"]
    assert part["amount"] == amount and len(part["sessions"]) == 1, part
    assert hub.json("account", "show", "driver")["owes"] == {"charge": amount}
    return used


def messages_once(hub, messages):
    wait_until(lambda: messages.acknowledged() >= messages.sent, 120, "all messages are acknowledged")
    rows = lambda: hub.sql("select count(*), count(*) filter (where r.version = 0) from reading r join point p on p.id = r.point where p.code = 'm-kills'")[0]
    wait_until(lambda: rows()[1] >= messages.sent, 120, "all messages are stored")
    assert rows() == (messages.sent, messages.sent), "once"


def owed(hub):
    """Below nought: paid ahead."""
    shown = hub.json("account", "show", "home-00014")
    return sum(shown["owes"].values()) - shown["credit"]


def paid_once(hub):
    rows = [p for p in map(json.loads, hub.ctl("payment", "list", "home-00014").splitlines()) if "-kills-" in p["order"]]
    assert len({p["order"] for p in rows}) == len(rows) == KILLS, rows
    return all(p["state"] == "paid" for p in rows)


def order_to_pay(hub, number):
    hub.ctl("payment", "order", "home-00014", "--id", f"kills-{number}", "--provider", "pay", "--amount", "1.00")


@pytest.mark.thorough
@pytest.mark.slow
def test_the_city_survives_kills_of_each_process(city):
    hub, begun = city, time.monotonic()
    hub.ctl("load", "points", "-", input="code,commodity,supplier\nm-kills,water,power\n")
    hub.ctl("load", "devices", "-", input="party,meter,point,valid_from\npower,kills,m-kills,2020-01-01T00:00:00Z\n")
    wait_until(lambda: all(source in heard(hub) for source in SPOKEN), 120, "each protocol is spoken")
    session, before = drive(hub)
    debt = owed(hub)
    for number in range(KILLS):
        order_to_pay(hub, number)
    token = hub.ctl("party", "token", "power", "--mqtt", "--days", "2").strip()
    messages = Messages(int(hub.environment["HUB_MQTT_PORT"]), "power", token, "kills", 0.05)
    messages.start()
    print(f"{time.monotonic() - begun:.1f} s: the session runs", flush=True)
    try:
        hub.seed, hub.hub = int(time.time()), hub
        print(f"seed {hub.seed}")
        matrix.kills(hub, KILLS)
    finally:
        messages.end()
    print(f"{time.monotonic() - begun:.1f} s: {KILLS} kills each of {', '.join(matrix.VICTIMS)}", flush=True)
    hub.heal()
    since = heard(hub)
    messages_once(hub, messages)
    used = one_session_one_charge_one_bill(hub, session, before)
    wait_until(lambda: all(heard(hub)[source] > since[source] for source in SPOKEN), 120, "meters of each protocol are read on")
    wait_until(lambda: paid_once(hub), 120, "who ordered to pay has paid")
    assert debt - owed(hub) == 100 * KILLS, "and once"
    hub.ctl("ledger", "verify")
    said = [(t["kind"], t["subject"]) for t in hub.request("/v1/board", hub.keeper)[1]["troubles"]]
    assert {("process.started", name) for name in matrix.VICTIMS if name != "child"} <= set(said), said
    hub.heal()
    messages.client.close()
    print(f"{time.monotonic() - begun:.1f} s: {messages.sent} messages, {used} Wh charged", flush=True)
