"""Demand response: one resource in ten refuses, ignores or goes back early; the second dispatch makes up for it, by the meters."""
import contextlib
import datetime
import json
import subprocess
import time

import pytest

from hub import ROOT, wait_until
from test_command import ended, place

COUNT, TARGET, SETTLE, LENGTH = 40, 150, 16, 75  # kW, s, s
# One in ten; the cheapest, so that they are called first.
BAD = {3: "refuse", 13: "ignore", 23: "early", 33: "ignore"}
PROTECTED, LEAVING, OUT = 7, 17, 27
KEEP, MOST, TIGHT = 8.0, 10.0, 25.0
# Of the last days: five as today, five with less; the highest five count.
FACTORS = [0.98, 0.85, 0.99, 0.8, 1.0, 0.9, 1.01, 0.88, 1.02, 0.7]

MAP = """{
	"maker": "", "model": "a building with its power and a limit of it", "source": "tests/scenario/buildings.py",
	"groups": { "power": 5 },
	"registers": [ { "address": 0, "type": "u16", "quantity": "active_power", "unit": "kW", "multiplier": "0.1" } ],
	"controls": [ { "kind": "set_point", "function": 6, "address": 100, "type": "u16", "multiplier": "0.1", "min": "0", "max": "1000",
		"channel": "", "check": { "function": 3, "address": 100, "type": "u16", "multiplier": "0.1" } } ]
}
"""


def natural(i):
    return 18000 + 100 * i


def feeder(i):
    return f"F{i % 4}"


@contextlib.contextmanager
def city(words=None):
    words = words or [f"{natural(i)}:{BAD.get(i, '')}" for i in range(COUNT)]
    done = subprocess.Popen(["/usr/bin/python3", ROOT / "tests/scenario/buildings.py", *words], stdout=subprocess.PIPE, text=True)
    try:
        yield done.stdout.readline().strip()
    finally:
        done.kill()
        done.wait()


def stamp(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def kw(name, watts, when):
    return {"meter": name, "quantity": "active_power", "kind": "instant", "unit": "kW", "value": f"{watts / 1000:.3f}", "time": stamp(when)}


def remember(hub, token, names, starts):
    """Ten days: the event's time of day, and two hours before it; and today's two hours before."""
    rows = []
    for i, name in enumerate(names):
        for back in range(1, 11):
            day = starts - datetime.timedelta(days=back)
            watts = round(natural(i) * FACTORS[back - 1])
            rows += [kw(name, watts, day + datetime.timedelta(seconds=s)) for s in (20, 60)]
            rows += [kw(name, watts, day - datetime.timedelta(minutes=m)) for m in (120, 150)]
        rows.append(kw(name, natural(i), starts - datetime.timedelta(minutes=120)))
    status, receipt = hub.request("/v1/readings", token, "POST", rows)
    assert status == 202 and receipt["stored"] == len(rows), receipt


def prepare(hub, address, names):
    place(hub, "grid", names, protected=[names[PROTECTED]])
    path = hub.data.parent / "building.json"
    path.write_text(MAP)
    devices = hub.data.parent / "devices"
    devices.write_text("".join(f"{i + 1}={n}\n" for i, n in enumerate(names)))
    for file in (path, devices):
        file.chmod(0o644)
    hub.ctl("instance", "add", "buildings", "--party", "grid", "--adapter", "modbus", "--option", f"map={path}",
            "--option", f"devices=@{devices}", "--option", "in_flight=8", "--transport", "kind=tcp_client",
            "--transport", f"dial={address}", "--promise", "journalled")
    hub.ctl("demand", "programme", "summer", "--party", "grid", "--price", "3.5", "--settle", SETTLE, "--stagger", 4,
            "--name-zh", "夏季削峰", "--name-en", "Summer peaks")
    for f in range(4):
        hub.ctl("demand", "feeder", f"F{f}", "--cap", TIGHT if f == 2 else 1000)
    for i, name in enumerate(names):
        cheap = i in BAD or i in (PROTECTED, LEAVING, OUT)
        words = ["--cost", "1" if cheap else 5 + i % 7, "--most", MOST, "--keep", KEEP, "--normal", 50, "--feeder", feeder(i)]
        if i == LEAVING:  # its car needs all there is until it leaves
            words += ["--kind", "charger", "--need", 60, "--departure", stamp(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1))]
        if i == OUT:
            words += ["--out"]
        hub.ctl("demand", "resource", f"p-{name}", "--programme", "summer", *words)


def report(hub, event):
    return json.loads(hub.ctl("demand", "report", event))


BASELINES = """
with r as (select x.point, x.time, round(x.digits * 1000 / (10::numeric ^ x.scale)) as w from reading x
	where x.kind = 3 and x.point in (select point from demand_resource)),
d as (select point, n, (select round(avg(w)) from r where r.point = p.point and time >= e.starts - n * interval '1 day'
		and time < e.ends_planned - n * interval '1 day') as win,
	(select round(avg(w)) from r where r.point = p.point and time >= e.starts - n * interval '1 day' - interval '3 hours'
		and time < e.starts - n * interval '1 day' - interval '1 hour') as early
	from demand_resource p, (select starts, starts + %s * interval '1 second' as ends_planned from demand_event where id = %s) e, generate_series(0, 45) n),
ten as (select *, row_number() over (partition by point order by n) as k from d where n > 0 and win is not null and early is not null),
five as (select *, row_number() over (partition by point order by win desc, n) as best from ten where k <= 10),
mean as (select point, round(avg(win)) as win, round(avg(early)) as early from five where best <= 5 group by point)
select c.code, (m.win + greatest(least(coalesce(t.early - m.early, 0), floor(m.win / 5)), -floor(m.win / 5)))::bigint
from mean m join point c on c.id = m.point left join d t on t.point = m.point and t.n = 0
"""

DELIVERED = """
select c.code, o.baseline - round(avg(round(x.digits * 1000 / (10::numeric ^ x.scale))))::bigint,
	floor(extract(epoch from e.ends - greatest(o.made, e.starts)))::bigint
from demand_order o join demand_event e on e.id = o.event join point c on c.id = o.point
join reading x on x.point = o.point and x.kind = 3 and x.time >= greatest(o.made, e.starts) and x.time < e.ends
where o.event = %s group by c.code, o.baseline, e.ends, o.made, e.starts
"""

NOW = """
select sum(o.baseline - w)::bigint from demand_order o, lateral (select round(x.digits * 1000 / (10::numeric ^ x.scale)) as w
	from reading x where x.point = o.point and x.kind = 3 order by time desc limit 1) l where o.event = %s
"""


@pytest.mark.thorough
def test_the_second_dispatch_makes_up_for_those_who_do_not_deliver(hub):
    pytest.importorskip("pymodbus.server")
    names = [f"b{i}" for i in range(COUNT)]
    with city() as address:
        prepare(hub, address, names)
        token = hub.ctl("party", "token", "grid").strip()
        hub.ctl("account", "add", "a5", "--kind", "enterprise")
        hub.ctl("account", "supply", "a5", "--point", "p-b5", "--party", "grid", "--from", "2026-01-01T00:00:00Z")
        starts = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=12)
        remember(hub, token, names, starts)
        wait_until(lambda: len(hub.sql("select distinct point from reading where time > now() - interval '20 s'")) == COUNT, 40, "polled")
        event = hub.json("demand", "call", "summer", "--target", TARGET, "--from", stamp(starts),
                         "--to", stamp(starts + datetime.timedelta(seconds=LENGTH)), "--by", "zhang")["event"]
        first = wait_until(lambda: (r := report(hub, event)) and r["round"] == 1 and r["orders"] and r, 40, "the first dispatch")
        called = {o["point"] for o in first["orders"]}
        assert {f"p-b{i}" for i in BAD if feeder(i) != "F2"} <= called
        begun = time.monotonic()
        second = wait_until(lambda: (r := report(hub, event)) and r["round"] == 2 and r, 60, "the second dispatch")
        assert time.monotonic() - begun < 60
        print(f"second dispatch after {time.monotonic() - begun:.0f} s, short of {second['short']} W")
        failed = {o["point"]: o["cause"] for o in second["orders"] if o["state"] in ("failed", "refused")}
        assert {f"p-b{i}" for i in BAD} & called == set(failed), failed
        assert failed["p-b3"] == "refused" and failed["p-b13"] == "not_delivered"
        # By the meters, not by what was confirmed: those who ignore it confirmed it.
        assert [o["command_state"] for o in second["orders"] if o["point"] == "p-b13"] == ["confirmed"]
        met = wait_until(lambda: (r := report(hub, event)) and r["short"] <= 0.03 * TARGET * 1000 and r, 40, "the target is met")
        assert met["round"] == 2
        assert hub.sql(NOW, event)[0][0] >= 0.97 * TARGET * 1000
        # Nobody was called who must not be, and nothing is broken.
        orders = {o["point"]: o for o in met["orders"]}
        assert not {f"p-b{i}" for i in (PROTECTED, LEAVING, OUT)} & set(orders)
        assert all(o["limit"] >= KEEP * 1000 and o["ordered"] <= MOST * 1000 for o in orders.values())
        on_feeder = {f"F{f}": sum(o["ordered"] for p, o in orders.items() if feeder(int(p[3:])) == f"F{f}" and o["state"] != "refused") for f in range(4)}
        assert on_feeder["F2"] <= TIGHT * 1000, on_feeder
        # Baselines as SQL has them.
        mine = dict(hub.sql(BASELINES, LENGTH, event))
        assert {p: o["baseline"] for p, o in orders.items()} == {p: mine[p] for p in orders}
        assert float(met["baseline_error"].split()[0]) > 0
        # The end: everybody is let go, the limits do not outlive the event, and it is settled by the meters.
        done = wait_until(lambda: (r := report(hub, event)) and r["state"] == "over" and r, LENGTH + 60, "the event is over")
        assert {o["state"] for o in done["orders"]} <= {"released", "refused"}
        for o in done["orders"]:
            (release,) = hub.sql("select o.release from demand_order o join point p on p.id = o.point where o.event = %s and p.code = %s",
                                 event, o["point"])[0]
            if o["point"] != "p-b3":
                assert ended(hub, release)["state"] == "confirmed" and ended(hub, release)["arguments"] == {"value": "50"}
        results = dict(hub.sql("select p.code, r.delivered_ws from demand_result r join point p on p.id = r.point where r.event = %s", event))
        again = {code: watts * seconds for code, watts, seconds in hub.sql(DELIVERED, event)}
        assert results == again and done["delivered_ws"] == sum(again.values())
        # A minute of the curve, as SQL has it: of those whose meters spoke, by the nearest watt of each.
        for minute in done["curve"]:
            (used,) = hub.sql("""select sum(w)::bigint from (select round(avg(round(x.digits * 1000 / (10::numeric ^ x.scale)))) as w
                from demand_order o join demand_event e on e.id = o.event join reading x on x.point = o.point and x.kind = 3
                where o.event = %s and x.time >= %s and x.time < least(%s::timestamptz + interval '1 minute', e.ends)
                group by o.point) each""", event, minute["time"], minute["time"])[0]
            assert minute["used"] == used
        # What was learned, and what is paid.
        rates = dict(hub.sql("select p.code, r.rate from demand_resource r join point p on p.id = r.point"))
        assert rates["p-b13"] < 600000 < min(rates[p] for p, o in orders.items() if o["state"] == "ordered" and o["round"] == 1)
        if "p-b5" in results:
            (credit,) = hub.sql("select credit from demand_result r join point p on p.id = r.point where p.code = 'p-b5'")[0]
            assert credit == max(0, results["p-b5"]) * 35000 // 3600000 // 100
            cycle = starts.strftime("%Y-%m")
            hub.ctl("demand", "settle", "summer", "--cycle", cycle)
            assert hub.sql("select amount, reference from bill_import") == ([(-credit, "demand/summer")] if credit else [])


@pytest.mark.thorough
def test_a_person_lets_it_go_and_takes_it_back(hub):
    pytest.importorskip("pymodbus.server")
    names = [f"b{i}" for i in range(COUNT)]
    with city() as address:
        prepare(hub, address, names)
        token = hub.ctl("party", "token", "grid").strip()
        hub.ctl("subscription", "add", "grid")
        starts = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=3)
        remember(hub, token, names, starts)
        hub.ctl("demand", "opt", "p-b3", "out", "--programme", "summer")
        event = hub.json("demand", "call", "summer", "--target", 5, "--from", stamp(starts), "--to",
                         stamp(starts + datetime.timedelta(minutes=10)), "--semi", "--by", "zhang")["event"]
        state = lambda: report(hub, event)["state"]
        wait_until(lambda: datetime.datetime.now(datetime.timezone.utc) > starts + datetime.timedelta(seconds=2) and state() == "told", 30, "told")
        assert report(hub, event)["orders"] == []
        assert hub.sql("select count(*) from message where body->>'code' = 'demand.notice'")[0][0] == COUNT - 3
        hub.ctl("demand", "approve", event)
        # the database's clock went back by an hour just now
        hub.sql("update demand_event set lease_until = now() + interval '1 hour'; commit; select 1")
        (one,) = wait_until(lambda: report(hub, event)["orders"], 30, "let go")
        assert one["point"] != "p-b3" and ended(hub, one["command"])["state"] in ("confirmed", "refused")
        hub.ctl("demand", "cancel", event)
        wait_until(lambda: state() == "over", 60, "taken back")
        assert hub.run("demand", "cancel", event).returncode != 0


@pytest.mark.thorough
def test_days_compare_with_their_like_and_a_second_event_waits_for_the_next_cycle(hub):
    """Workdays use 20 kW, days of rest 5; a holiday is one of rest, and a Sunday that is worked on is none."""
    place(hub, "grid", ["m0"])
    token = hub.ctl("party", "token", "grid").strip()
    hub.ctl("account", "add", "a0", "--kind", "enterprise")
    hub.ctl("account", "supply", "a0", "--point", "p-m0", "--party", "grid", "--from", "2026-01-01T00:00:00Z")
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    local = lambda when: (when + datetime.timedelta(hours=8)).date()  # noqa: E731
    past = [now - datetime.timedelta(days=n) for n in range(0, 40)]
    holidays = [local(d) for d in past[1:] if local(d).weekday() < 5][1:3]
    worked = [local(d) for d in past[1:] if local(d).weekday() == 6][0]
    rests = lambda when: local(when) != worked and (local(when) in holidays or local(when).weekday() > 4)  # noqa: E731
    tariff = hub.data.parent / "days.json"
    tariff.write_text(json.dumps({"tariff": "days", "currency": "CNY", "zone": "Asia/Shanghai", "calendar": {
        "periods": {"flat": "平"}, "default": "flat", "holidays": [str(d) for d in sorted(holidays)], "workdays": [str(worked)]}, "charges": [
            {"code": "energy", "text": "电", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh", "prices": {"flat": "1"}}]}))
    hub.ctl("tariff", "add", tariff)
    assert "demand.calendar" in hub.run("demand", "programme", "x", "--party", "grid", "--calendar", "none").stderr
    base = ["--party", "grid", "--price", "3.5", "--settle", 5, "--stagger", 0, "--method", "10of10"]
    hub.ctl("demand", "programme", "alike", *base)
    hub.ctl("demand", "programme", "told", *base, "--calendar", "days")
    for programme in ("alike", "told"):
        hub.ctl("demand", "resource", "p-m0", "--programme", programme, "--cost", 1, "--most", 3, "--keep", 1, "--normal", 50)
    watts = lambda when: 5000 if rests(when) else 20000  # noqa: E731

    def event(programme):
        starts = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=2)
        number = hub.json("demand", "call", programme, "--target", 2, "--from", stamp(starts), "--to", stamp(starts + datetime.timedelta(seconds=10)))["event"]
        return number, starts

    def spent(number):
        """It uses a kW until the event is over."""
        def over():
            hub.request("/v1/readings", token, "POST", [kw("m0", 1000, datetime.datetime.now(datetime.timezone.utc))])
            return report(hub, number)["state"] == "over"
        wait_until(over, 60, "over")
        return report(hub, number)
    # An event of ten seconds falls upon some of these.
    rows = [kw("m0", watts(d), d + datetime.timedelta(seconds=s)) for d in past[1:] for s in (-7200, -5400, *range(0, 360, 8))]
    rows += [kw("m0", watts(now), now - datetime.timedelta(minutes=m)) for m in (120, 90)]
    status, receipt = hub.request("/v1/readings", token, "POST", rows)
    assert status == 202 and receipt["stored"] == len(rows), receipt
    wait = lambda n: wait_until(lambda: report(hub, n)["orders"], 30, "ordered")  # noqa: E731
    first, _ = event("told")
    assert wait(first)[0]["baseline"] == watts(now)
    assert spent(first)["delivered_ws"] > 0
    mixed, _ = event("alike")
    assert 5000 < wait(mixed)[0]["baseline"] < 20000
    hub.ctl("demand", "cancel", mixed)
    # Settled by the month; what comes after that waits for the next one, and nothing is credited twice.
    cycle, after = now.strftime("%Y-%m"), (now.replace(day=1) + datetime.timedelta(days=40)).strftime("%Y-%m")
    credits = lambda: hub.sql("select cycle, -amount from bill_import where reference = 'demand/told' order by cycle")  # noqa: E731
    settle = lambda c: [json.loads(line) for line in hub.ctl("demand", "settle", "told", "--cycle", c).splitlines()]  # noqa: E731
    (one,) = settle(cycle)
    assert credits() == [(int(cycle.replace("-", "")), one["credit"])] and one["credit"] > 0 and settle(cycle) == []
    second, _ = event("told")
    wait(second)
    spent(second)
    (late,) = settle(cycle)
    assert late["waits"] and credits() == [(int(cycle.replace("-", "")), one["credit"])]
    (then,) = settle(after)
    assert then["credit"] == late["credit"] and [amount for _, amount in credits()] == [one["credit"], late["credit"]] and settle(after) == []
