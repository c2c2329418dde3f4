"""Whatever dies in the middle of an event: nobody is called twice or forgotten, all are let go, and it goes on to its settlement.
The same for a circuit that an alarm opens."""
import datetime
import os
import threading
import time

import pytest

from hub import descendants, kill, wait_until
from test_alarm import alarms, kw as power, meter, rule, send as submit
from test_command import dlt645, ended, listen, place, told, trace
from test_demand import MAP, city, kw, report, stamp

COUNT, TARGET, SETTLE, LENGTH = 12, 60, 10, 45  # kW, s, s
NATURAL = 20000
FULL = os.environ.get("HUB_TEST_FORM") == "full"
VICTIMS = ["hubd", "adapterd", "postgres", "child"]


def utc():
    return datetime.datetime.now(datetime.timezone.utc)


def prepare(hub, address, names):
    place(hub, "grid", names)
    path, devices = hub.data.parent / "building.json", hub.data.parent / "devices"
    path.write_text(MAP)
    devices.write_text("".join(f"{i + 1}={n}\n" for i, n in enumerate(names)))
    for file in (path, devices):
        file.chmod(0o644)
    hub.ctl("instance", "add", "buildings", "--party", "grid", "--adapter", "modbus", "--option", f"map={path}", "--option", f"devices=@{devices}",
            "--option", "in_flight=8", "--transport", "kind=tcp_client", "--transport", f"dial={address}", "--promise", "journalled")
    hub.ctl("demand", "programme", "summer", "--party", "grid", "--price", "3.5", "--settle", SETTLE, "--stagger", 3)
    for name in names:
        hub.ctl("demand", "resource", f"p-{name}", "--programme", "summer", "--cost", 1, "--most", 10, "--keep", 5, "--normal", 50)


def remember(hub, names, starts):
    rows = []
    for name in names:
        for back in range(1, 8):
            day = starts - datetime.timedelta(days=back)
            rows += [kw(name, NATURAL, day + datetime.timedelta(seconds=20)), kw(name, NATURAL, day - datetime.timedelta(minutes=120))]
        rows.append(kw(name, NATURAL, starts - datetime.timedelta(minutes=120)))
    status, receipt = hub.request("/v1/readings", hub.ctl("party", "token", "grid").strip(), "POST", rows)
    assert status == 202 and receipt["stored"] == len(rows), receipt


def shoot(hub, victim):
    """False: it is not there now."""
    if victim == "child":
        children = descendants(hub.pid("adapterd"))
        pid = children[0] if children else 0
    else:
        pid = hub.pid(victim)
    if not pid:
        return False
    try:
        kill(pid)
    except ProcessLookupError:
        return False
    return True


class Killer(threading.Thread):
    """Kills each in turn, and again when it is back, until it is stopped."""

    def __init__(self, hub, victims, pause):
        super().__init__(daemon=True)
        self.hub, self.victims, self.pause, self.done, self.over = hub, victims, pause, [], threading.Event()

    def run(self):
        turn = 0
        while not self.over.wait(self.pause):
            if shoot(self.hub, self.victims[turn % len(self.victims)]):
                self.done.append(self.victims[turn % len(self.victims)])
                turn += 1


def writes(address, names):
    """How often each building was set, by a client of its own."""
    from pymodbus.client import ModbusTcpClient
    host, port = address.rsplit(":", 1)
    client = ModbusTcpClient(host, port=int(port))
    assert client.connect()
    counts = {n: client.read_holding_registers(101, 1, slave=i + 1).registers[0] for i, n in enumerate(names)}
    client.close()
    return counts


def settled(hub, event, deadline):
    def over():
        done = hub.run("demand", "report", event)
        import json
        return done.returncode == 0 and (r := json.loads(done.stdout)) and r["state"] == "over" and r
    return wait_until(over, deadline, "the event is over")


@pytest.mark.thorough
def test_an_event_goes_on_whatever_dies(hub):
    pytest.importorskip("pymodbus.server")
    names = [f"b{i}" for i in range(COUNT)]
    with city([f"{NATURAL}:" for _ in names]) as address:
        prepare(hub, address, names)
        starts = utc().replace(microsecond=0) + datetime.timedelta(seconds=8)
        remember(hub, names, starts)
        wait_until(lambda: len(hub.sql("select distinct point from reading where time > now() - interval '20 s'")) == COUNT, 40, "polled")
        event = hub.json("demand", "call", "summer", "--target", TARGET, "--from", stamp(starts),
                         "--to", stamp(starts + datetime.timedelta(seconds=LENGTH)), "--by", "zhang")["event"]
        # Right in the first dispatch: as soon as the orders are written, whoever hands them over dies.
        wait_until(lambda: hub.sql("select count(*) from demand_order where event = %s", event)[0][0], 40, "the first orders")
        assert shoot(hub, "hubd")
        killer = Killer(hub, VICTIMS, 4 if FULL else 7)
        killer.start()
        time_left = (starts + datetime.timedelta(seconds=LENGTH + 6) - utc()).total_seconds()
        killer.join(max(1, time_left))
        killer.over.set()
        killer.join(20)
        assert {"hubd", "postgres", "adapterd"} <= set(killer.done) | {"hubd"}, killer.done
        wait_until(lambda: hub.run("doctor").returncode == 0, 60, "the hub is well")
        done = settled(hub, event, 90)
        orders = {o["point"][2:]: o for o in done["orders"]}
        print(f"killed {killer.done}; rounds {done['round']}; states {[o['state'] for o in done['orders']]}")
        # Nobody has two orders or two commands of a kind; all that were called were let go.
        assert len(orders) == len(done["orders"]) and {o["state"] for o in done["orders"]} <= {"released", "refused", "failed"}
        per = hub.sql("select p.code, count(*), count(distinct c.key) from command c join point p on p.id = c.point group by p.code")
        assert {code[2:] for code, *_ in per} == set(orders) and all(n == keys == 2 for _, n, keys in per), per
        # No set-point was written twice, and none that counts as confirmed was not written.
        ends = {n: [s for (s,) in hub.sql("select c.state from command c join point p on p.id = c.point where p.code = %s", f"p-{n}")] for n in orders}
        wait_until(lambda: all(s in ("confirmed", "refused", "expired") for n in orders for (s,) in
                               hub.sql("select c.state from command c join point p on p.id = c.point where p.code = %s", f"p-{n}")), 90, "all have ended")
        ends = {n: [s for (s,) in hub.sql("select c.state from command c join point p on p.id = c.point where p.code = %s", f"p-{n}")] for n in orders}
        counted = writes(address, names)
        for name in names:
            states = ends.get(name, [])
            assert states.count("confirmed") <= counted[name] <= len(states), (name, states, counted[name])
        # A kill between the line and the bytes leaves a command unsent, and it says so; most are done.
        assert sum(s == "confirmed" for states in ends.values() for s in states) >= len(orders)
        # The rate was learned once, the result is there once, and it is what the meters say.
        assert {n for (n,) in hub.sql("select trials from demand_resource r join demand_order o on o.point = r.point")} == {1}
        results = hub.sql("select count(*), count(distinct point), sum(delivered_ws)::bigint from demand_result where event = %s", event)
        assert results[0][:2] == (len(orders), len(orders)) and results[0][2] == done["delivered_ws"]


@pytest.mark.thorough
def test_a_circuit_is_opened_once_whatever_dies(hub, tmp_path):
    journal = tmp_path / "told"
    victims = ["hubd", "adapterd", "postgres"] * (3 if FULL else 1)
    with listen("dlt645", journal, "--count", len(victims)) as address:
        names = [meter(i + 1) for i in range(len(victims))]
        place(hub, "power", names)
        token = hub.ctl("party", "token", "power").strip()
        dlt645(hub, "power", address)
        for name in names:
            one = rule(hub, "power", "--point", f"p-{name}", "--kind", "value_over", "--quantity", "active_power", "--raise", "8", "--standing", "safe",
                       "--cut-off")
            hub.ctl("alarm", "rule", "approve", one["id"], "--party", "power", "--by", "li")
        for name, victim in zip(names, victims):
            submit(hub, token, power(name, "21"))
            assert shoot(hub, victim)
            wait_until(lambda: hub.run("doctor").returncode == 0, 60, "the hub is well")
        for name in names:
            one = wait_until(lambda: [a for a in alarms(hub, "--open", "--point", f"p-{name}") if a.get("command")], 60, f"{name} is ordered")[0]
            done = ended(hub, one["command"], 90)
            # Not done: it died between writing down that it would send and sending, and says so.
            assert (done["state"], done["cause"]) in (("confirmed", ""), ("refused", "not_done")), done
        commands = hub.sql("select p.code, count(*) from command c join point p on p.id = c.point group by p.code")
        assert sorted(commands) == sorted((f"p-{n}", 1) for n in names)
        confirmed = sum(trace(hub, a["command"])["state"] == "confirmed" for a in alarms(hub, "--open"))
        assert confirmed <= len(told(journal)) <= len(names)
