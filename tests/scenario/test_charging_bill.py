"""A charging session becomes a line of its driver's bill: by time of use, once, whatever is told again or killed; and who sees it."""
import json

import pytest

from hub import directory, free_port, kill, wait_until
from station import Closed, Station
from test_charger import join

TARIFF = {"tariff": "ev/tou", "text": "公共充电 public charging", "currency": "CNY", "zone": "Asia/Shanghai",
          "calendar": {"periods": ["peak", "valley"], "rules": [
              {"from": "08:00", "to": "22:00", "period": "peak"}, {"from": "22:00", "to": "08:00", "period": "valley"}]},
          "charges": [{"code": "energy", "text": "电费 energy", "kind": "usage", "quantity": "ev_energy", "unit": "kWh",
                       "prices": {"peak": "1.2", "valley": "0.4"}},
                      {"code": "service", "text": "服务费 service", "kind": "usage", "quantity": "ev_energy", "unit": "kWh", "price": "0.5"}]}


def build(hub, *arguments):
    place = hub.data.parent
    hub.charger_port = free_port()
    hub.up("--charger-plain", f"127.0.0.1:{hub.charger_port}", *arguments)
    for code, kind, role in (("evco", "charging", ""), ("grid", "grid", "grid"), ("home", "household", "resident"),
                             ("next-door", "household", "resident")):
        hub.ctl("party", "add", code, "--kind", kind, *(["--role", role] if role else []))
    hub.tokens = {p: hub.ctl("party", "token", p).strip() for p in ("evco", "grid", "home", "next-door")}
    (place / "ev.json").write_text(json.dumps(TARIFF))
    (place / "ev.json").chmod(0o644)
    hub.ctl("tariff", "add", place / "ev.json")
    hub.ctl("instance", "add", "chargers", "--party", "evco", "--adapter", "ocpp16", "--promise", "journalled", "--transport", "kind=websocket")
    hub.words = {}
    for name, tariff in (("B1", ["--tariff", "ev/tou"]), ("B2", []), ("HOME", ["--tariff", "ev/tou"])):
        hub.ctl("point", "add", f"EV-{name}", "--commodity", "ev", "--owner", "evco", "--operator", "evco", "--supplier", "grid")
        hub.ctl("charger", "add", name, "--party", "evco", "--instance", "chargers", "--point", f"EV-{name}", *tariff)
        hub.words[name] = hub.ctl("charger", "password", name).strip()
    hub.ctl("account", "add", "h1", "--name-zh", "李明", "--holder", "home")
    hub.ctl("account", "supply", "h1", "--point", "EV-HOME", "--party", "evco", "--tariff", "ev/tou", "--from", "2026-01-01")
    hub.ctl("charger", "tag", "CAR", "--party", "evco", "--account", "h1")
    hub.ctl("charger", "tag", "OPEN", "--party", "evco")


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    from hub import Hub
    with directory() as place:
        one = Hub(place / "data")
        try:
            build(one)
            yield one
        finally:
            one.end()


def ask(hub, who, path="", headers=None):
    return hub.request(f"/v1/charging-sessions{path}", hub.tokens[who], headers=headers)


def sessions(hub, who, query=""):
    status, body = ask(hub, who, query)
    assert status == 200, body
    return body["sessions"]


def settled(hub, station, count=1):
    """The station's sessions, once each has come to an end."""
    return wait_until(lambda: (rows := [s for s in sessions(hub, "evco", f"?station={station}") if s["charge"]["state"] != "waiting"])
                      and len(rows) >= count and rows, 30, f"{count} sessions of {station} are settled")


def charge(station, tag, day, samples, wh=0, begin="13:00:00", end="15:00:00", total=10000):
    """21:00 to 23:00 in Shanghai."""
    number = station.start(tag, wh, f"{day}T{begin}Z")["transactionId"]
    for time, used in samples:
        station.meter(number, wh + used, f"{day}T{time}Z")
    station.stop(number, wh + total, f"{day}T{end}Z")
    return number


def test_a_session_is_charged_once_by_the_periods_in_which_it_flowed(hub):
    station = join(hub, "B1")
    number = station.start("CAR", 0, "2026-09-02T13:00:00Z")["transactionId"]
    station.meter(number, 3000, "2026-09-02T13:30:00Z")
    running = wait_until(lambda: [s for s in sessions(hub, "home") if s["problem"] == "open" and "energy_wh" in s], 20, "it is seen while it runs")
    assert running[0]["energy_wh"] == 3000 and running[0]["charge"]["state"] == "waiting"
    station.meter(number, 6000, "2026-09-02T14:00:00Z")
    kill(hub.pid("hubd"))
    station.stop(number, 10000, "2026-09-02T15:00:00Z")
    station.close()
    again = join(hub, "B1")
    # what it is not sure of, a station tells again
    assert again.start("CAR", 0, "2026-09-02T13:00:00Z")["transactionId"] == number
    again.stop(number, 10000, "2026-09-02T15:00:00Z")
    wait_until(lambda: ask(hub, "home")[0] == 200, 30, "the core is back")
    (one,) = settled(hub, "B1")
    # 6 kWh before 22:00 at 1.2, 4 after at 0.4, and 10 at 0.5
    assert one["charge"] == {"state": "charged", "cause": "", "tariff": "ev/tou", "currency": "CNY", "amount": 720 + 160 + 500}, one
    status, whole = ask(hub, "home", f"/{one['id']}")
    assert status == 200
    lines = {(line["code"], line.get("period", "")): (line["quantity"], line["amount"]) for line in whole["charge"]["lines"]}
    assert {k[0] for k in lines} == {"energy", "service"} and len(lines) == 3, lines
    # without a reading in between the energy is divided by time: 5 and 5
    charge(again, "CAR", "2026-09-03", [], wh=10000)
    assert settled(hub, "B1", 2)[0]["charge"]["amount"] == 600 + 200 + 500
    kill(hub.pid("hubd"))
    wait_until(lambda: ask(hub, "home")[0] == 200, 30, "the core is back")
    assert hub.sql("select count(*), sum(amount) from charging_charge") == [(2, 1380 + 1300)]
    again.close()


def test_who_sees_what(hub):
    mine, operators, suppliers = (sessions(hub, who, "?station=B1") for who in ("home", "evco", "grid"))
    assert len(mine) == len(operators) == len(suppliers) == 2
    assert all(s["tag"] == "CAR" and s["account"] == "h1" for s in mine + operators)
    assert not any(k in s for s in suppliers for k in ("tag", "account", "charge")) and suppliers[0]["energy_wh"] == 10000
    assert sessions(hub, "next-door") == []
    assert ask(hub, "next-door", f"/{mine[0]['id']}")[0] == 404
    status, first = ask(hub, "home", "?limit=1")
    assert len(first["sessions"]) == 1 and first["cursor"]
    status, second = ask(hub, "home", f"?limit=1&cursor={first['cursor']}")
    assert second["sessions"][0]["id"] < first["sessions"][0]["id"]
    assert ask(hub, "home", "?state=nonsense")[0] == 400


def test_what_cannot_be_charged_says_why(hub):
    station, own = join(hub, "B2"), join(hub, "HOME")
    charge(station, "OPEN", "2026-09-04", [])
    charge(station, "CAR", "2026-09-05", [], wh=10000)
    number = station.start("CAR", 20000, "2026-09-06T13:00:00Z")["transactionId"]
    station.stop(number, 19000, "2026-09-06T15:00:00Z")
    charge(own, "CAR", "2026-09-07", [])
    rows = settled(hub, "B2", 3) + settled(hub, "HOME")
    assert [(s["charge"]["state"], s["charge"]["cause"]) for s in rows] == [
        ("held", "register_fell"), ("held", "no_tariff"), ("free", "no_account"), ("free", "by_meter")], rows
    assert {s["problem"] for s in sessions(hub, "evco", "?state=problem")} == {"register_fell"}
    # a tariff that comes later charges what waited for it
    hub.ctl("charger", "add", "B2", "--party", "evco", "--instance", "chargers", "--point", "EV-B2", "--tariff", "ev/tou")
    wait_until(lambda: [s for s in sessions(hub, "evco", "?station=B2") if s["charge"].get("amount") == 1300], 30, "it is charged")
    station.close()
    own.close()


def test_one_that_never_closes_is_found_and_told(hub):
    station = join(hub, "B1")
    station.start("CAR", 50000, "2026-09-08T13:00:00Z")
    station.close()
    found = wait_until(lambda: sessions(hub, "evco", "?state=open&silent_hours=24"), 20)
    assert found[0]["started"] == "2026-09-08T13:00:00Z"
    hub.ctl("subscription", "add", "evco", "--type", "event")
    wait_until(lambda: hub.sql("select count(*) from message where key = 'session_open|B1|' || %s", found[0]["transaction"]) == [(1,)], 20,
               "the operator is told")


@pytest.mark.thorough
def test_the_cycles_bill_takes_them_up_once(hub):
    run = lambda cycle: hub.ctl("bill", "run", "--cycle", cycle, "--accept", "--account", "h1")
    # the home's own charger is billed by its meter, which has no readings of those days
    hub.ctl("account", "leave", "h1", "--point", "EV-HOME", "--at", "2026-08-31T16:00:00Z")
    run("2026-09")
    bill = hub.json("bill", "show", "h1", "--cycle", "2026-09")
    (part,) = [p for p in bill["parts"] if p["party"] == "evco"]
    assert part["amount"] == 1380 + 1300 + 1300 and float(part["quantity"]) == 30 and part["reference"] == "charging 3", part
    assert [s["amount"] for s in part["sessions"]] == [1380, 1300, 1300]
    assert sum(len(s["lines"]) for s in part["sessions"]) == 9
    run("2026-09")
    assert hub.json("account", "show", "h1")["owes"]["evco"] == 3980
    # told late, after the bill: in the next one
    station = join(hub, "B1")
    charge(station, "CAR", "2026-09-20", [("14:00:00", 10000)], wh=60000)
    wait_until(lambda: hub.sql("select count(*) from charging_charge") == [(4,)], 30)
    run("2026-09")
    assert hub.json("account", "show", "h1")["owes"]["evco"] == 3980
    run("2026-10")
    (late,) = hub.json("bill", "show", "h1", "--cycle", "2026-10")["parts"]
    assert late["amount"] == 1200 + 500
    # cancelled and made anew it has the same sessions
    hub.ctl("bill", "cancel", "h1", "--cycle", "2026-09")
    run("2026-09")
    assert hub.json("bill", "show", "h1", "--cycle", "2026-09")["total"] == 3980
    assert hub.sql("select cycle, count(*) from charging_charge group by 1 order by 1") == [(202609, 3), (202610, 1)]
    station.close()


@pytest.mark.thorough
def test_a_tariff_of_ocpi_rates_a_session_of_ours(hub):
    """A start fee, energy by the half day, parking by the quarter from when the meter stands still; not for a meter's cycle."""
    part = lambda kind, price, step: {"type": kind, "price": price, "step_size": step}
    document = {"country_code": "CN", "party_id": "EVC", "id": "ev/ocpi", "currency": "CNY", "zone": "Asia/Shanghai", "elements": [
        {"price_components": [part("FLAT", 1, 1), part("PARKING_TIME", 6, 900)]},
        {"price_components": [part("ENERGY", 0.4, 1)], "restrictions": {"start_time": "22:00", "end_time": "08:00"}},
        {"price_components": [part("ENERGY", 1.2, 1)]}], "last_updated": "2026-01-01T00:00:00Z"}
    path = hub.data.parent / "ocpi.json"
    path.write_text(json.dumps(document))
    path.chmod(0o644)
    hub.ctl("tariff", "add", path)
    hub.ctl("point", "add", "EV-B3", "--commodity", "ev", "--owner", "evco", "--operator", "evco", "--supplier", "grid")
    hub.ctl("charger", "add", "B3", "--party", "evco", "--instance", "chargers", "--point", "EV-B3", "--tariff", "ev/ocpi")
    hub.words["B3"] = hub.ctl("charger", "password", "B3").strip()
    hub.ctl("account", "add", "h2", "--name-zh", "王芳", "--holder", "next-door")
    hub.ctl("charger", "tag", "CAR2", "--party", "evco", "--account", "h2")
    station = join(hub, "B3")
    # 6 kWh before 22:00, 4 after it, and 50 minutes of parking: an hour
    charge(station, "CAR2", "2026-09-10", [("14:00:00", 6000), ("14:10:00", 10000), ("14:30:00", 10000)])
    (one,) = settled(hub, "B3")
    assert one["charge"]["amount"] == 100 + 720 + 160 + 600, one
    status, whole = ask(hub, "next-door", f"/{one['id']}")
    assert [(line["code"], line["amount"]) for line in whole["charge"]["lines"]] == [
        ("flat", "1"), ("energy_2", "7.2"), ("energy", "1.6"), ("parking_time", "6")], whole
    station.close()
    hub.ctl("account", "supply", "h2", "--point", "EV-B3", "--party", "evco", "--tariff", "ev/ocpi", "--from", "2026-10-01")
    done = hub.run("bill", "run", "--cycle", "2026-10", "--account", "h2")
    assert "rates charging sessions" in done.stdout + done.stderr, done
