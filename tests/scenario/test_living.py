"""The living city: after quickstart its devices go on where the history ended, its chargers obey, and its faults are seen."""
import json
import os
import pathlib
import secrets
import signal
import time

import pytest

from living import begin, day, living_city, registers, wait_until

PLAIN = "00020"  # a home of the small city
OWN_WATER = "00024"  # one of West Hills, where the water company makes its bills itself
ROLLED = "00023"  # its water register began anew in the history
BILL = "i.amount, i.quantity, i.unit, i.reference, i.cycle, i.period_start, i.period_end"


def lose_a_bill(hub):
    """As if it had never been handed in: a company that comes to the hub's door with its bills makes it good."""
    hub.lost = hub.sql(f"""delete from bill_import i using party p, point t where p.id = i.party and p.code = 'water'
                           and t.id = i.point and t.code = 'w-{OWN_WATER}' returning {BILL}""")
    assert len(hub.lost) == 1, hub.lost


@pytest.fixture(scope="module")
def city():
    with living_city(faults=f"{int(ROLLED)}:rollover,25:late", between=lose_a_bill) as hub:
        hub.charge = hub.ctl("party", "token", "charge").split()[-1]
        yield hub


def grown(hub, point, quantity, count=2):
    """Its register's readings, once the history's and `count` live ones are there."""
    return wait_until(lambda: (r := registers(hub, point, quantity)) and len(r) > count and r, 120, f"live readings of {point}")


@pytest.mark.thorough
@pytest.mark.parametrize("point, quantity", [(f"e-{PLAIN}", "active_energy_import"), ("b-01", "active_energy_import")])
def test_registers_go_on_where_the_history_ended(city, point, quantity):
    told = grown(city, point, quantity, 1)
    values = [float(r["value"]) for r in told]
    assert values == sorted(values) and not any("decrease" in r["flags"] or "spike" in r["flags"] for r in told), told
    # What a home or building uses in the minutes since the city was made, not more.
    assert values[0] > 20 and values[-1] - values[0] < 400, values


@pytest.mark.parametrize("letter, quantity", [("w", "water_volume"), ("g", "gas_volume")])
def test_water_and_gas_go_on_too(city, letter, quantity):
    told = grown(city, f"{letter}-{PLAIN}", quantity, 1)
    assert float(told[1]["value"]) >= float(told[0]["value"]) > 0.5 and "decrease" not in told[1]["flags"], told


@pytest.mark.thorough
def test_a_water_register_that_began_anew_goes_on_too(city):
    told = grown(city, f"w-{ROLLED}", "water_volume", 2)
    values = [float(r["value"]) for r in told]
    assert values == sorted(values) and not any(r["flags"] for r in told[-2:]), told
    # What a home uses in a day or two, of a register that turned over two weeks ago.
    assert values[-1] - values[0] < 5 and values[0] < 100, values


@pytest.mark.thorough
def test_meters_with_an_odd_history_go_on_too(city):
    """The register where the history ended is told, and no use is lost behind it."""
    told = grown(city, "e-00025", "active_energy_import", 1)
    assert 20 < float(told[0]["value"]) <= float(told[1]["value"]) < float(told[0]["value"]) + 20, told
    assert not any("decrease" in r["flags"] or "spike" in r["flags"] for r in told), told


def test_a_month_counts_both_and_nothing_twice(city):
    told = grown(city, f"e-{PLAIN}", "active_energy_import", 1)
    amount = lambda: [float(r["value"]) for r in map(json.loads, city.ctl(
        "readings", "--point", f"e-{PLAIN}", "--quantity", "active_energy_import", "--from", "2020-01-01T00:00:00Z", "--to", "2099-01-01T00:00:00Z",
        "--step", "month", "--json").splitlines())]
    told, months = registers(city, f"e-{PLAIN}", "active_energy_import"), amount()
    # The register stood at nought when the history began.
    assert abs(sum(months) - float(told[-1]["value"])) < 1.0, (months, told[-1])


def chargers(hub):
    status, told = hub.request("/v1/chargers", hub.charge)
    assert status == 200, told
    return {c["name"]: c for c in told["chargers"]}


def order(hub, name, kind, **arguments):
    words = {k: v if isinstance(v, str) else json.dumps(v) for k, v in arguments.items()}
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 300))
    status, body = hub.request("/v1/commands", hub.charge, "POST", {
        "point": f"c-{name[-2:]}", "kind": kind, "channel": "1", "arguments": words, "reason": "test", "by": "zhang", "expires": expires},
        {"Idempotency-Key": secrets.token_hex(8)})
    assert status == 202, body
    number = body["commands"][0]["id"]

    def over():
        status, body = hub.request(f"/v1/commands/{number}", hub.charge)
        return status == 200 and body["state"] in ("confirmed", "refused", "expired", "failed") and body
    return wait_until(over, 60, f"{kind} at {name} ends")


def sessions(hub, name):
    return [json.loads(line) for line in hub.ctl("charger", "sessions", "--station", name).splitlines()]


def running(hub, name):
    return [s for s in sessions(hub, name) if not s.get("ended")]


def idle(hub):
    """A station at which no car stands."""
    return next(name for name in ("BHC01", "BHC02", "BHC03", "BHC04", "BHC06", "BHC07", "BHC08", "BHC09") if not running(hub, name))


def test_chargers_obey(city):
    name = wait_until(lambda: idle(city), 60, "an idle station")
    done = wait_until(lambda: (d := order(city, name, "charger_start", tag="GUEST")) and d["state"] == "confirmed" and d, 120, "it starts")
    assert done["state"] == "confirmed"
    session = wait_until(lambda: running(city, name), 60, "a session runs")[0]
    limited = order(city, name, "charger_limit", limit="2000")
    assert limited["state"] == "confirmed", limited
    assert order(city, name, "charger_stop", transaction=session["transaction"])["state"] == "confirmed"
    wait_until(lambda: not running(city, name), 60, "it stopped")
    assert not sessions(city, name)[0]["problem"]


def test_a_stuck_charger_is_found_out(city):
    name = wait_until(lambda: idle(city), 60, "an idle station")
    city.ctl("city", "fault", "charger", int(name[-2:]), "stuck")
    assert city.ctl("city", "fault") == f"charger {int(name[-2:])} stuck\n"
    assert order(city, name, "charger_start", tag="GUEST")["state"] == "confirmed"
    session = wait_until(lambda: running(city, name), 60, "a session runs")[0]
    order(city, name, "charger_stop", transaction=session["transaction"])
    assert running(city, name), "a stuck station stopped"
    city.ctl("city", "fault", "charger", int(name[-2:]), "none")
    assert city.ctl("city", "fault") == ""


def test_faults_to_order_are_seen(city):
    point = "e-00021"
    grown(city, point, "active_energy_import", 1)
    city.ctl("city", "fault", "home", 21, "spike")
    wait_until(lambda: "spike" in registers(city, point, "active_energy_import")[-1]["flags"], 150, "the spike is flagged")
    city.ctl("city", "fault", "home", 21, "none")
    wait_until(lambda: "decrease" in registers(city, point, "active_energy_import")[-1]["flags"], 150, "its end is flagged")


@pytest.mark.thorough
def test_a_register_passes_its_end_while_it_lives(city):
    """A new counter close to its digits' end, told as an exchange; the fall is a rollover, and use goes on as if nothing were."""
    home = 22
    point, quantity = f"e-{home:05}", "active_energy_import"
    grown(city, point, quantity, 1)
    said = city.run("city", "fault", "home", 3, "rollover")
    assert said.returncode and "city.rollover" in said.stderr, said
    begun = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    city.ctl("city", "fault", "home", home, "rollover", "--within", 20)
    rolled = lambda: [r for r in registers(city, point, quantity) if r["time"] >= begun and "rollover" in r["flags"]]
    first = wait_until(rolled, 300, "the register passes its end")[0]
    told = [r for r in registers(city, point, quantity)]
    at = told.index(first)
    assert float(told[at - 1]["value"]) > 999999 and float(first["value"]) < 1, (told[at - 1], first)
    assert not any("decrease" in r["flags"] or "spike" in r["flags"] for r in told), told
    # What the register rose before, between and after is what was used: not a million more, and nothing lost.
    old = [float(r["value"]) for r in told if float(r["value"]) < 999000 and r["time"] < begun]
    used = sum(float(json.loads(line)["value"]) for line in city.ctl(
        "readings", "--point", point, "--quantity", quantity, "--from", "2020-01-01T00:00:00Z", "--to", "2099-01-01T00:00:00Z",
        "--step", "month", "--json").splitlines())
    assert 0 <= used - max(old) < 1.0, (used, old[-1])


def test_a_home_gateway_speaks_by_mqtt(city):
    """And its faults are seen: a clock that is ahead, what comes twice, what comes late, another unit."""
    home = int((city.data / "zone/state/city-gateways").read_text().split()[2])
    point = f"e-{home:05}"
    told = grown(city, point, "active_energy_import", 1)
    values = [float(r["value"]) for r in told]
    assert values == sorted(values) and values[0] > 20, told
    city.ctl("city", "fault", "home", home, "clock_drift")
    wait_until(lambda: "clock_drift" in registers(city, point, "active_energy_import")[-1]["flags"], 60, "the clock that is ahead is seen")
    city.ctl("city", "fault", "home", home, "twice")
    twice = lambda: city.sql("select coalesce(sum(r.duplicates), 0) from receipt r join party p on p.id = r.party where p.code = 'power' and r.source like '%gateways%'")
    before = twice()[0][0]
    wait_until(lambda: twice()[0][0] > before, 60, "what came twice is counted once")
    city.ctl("city", "fault", "home", home, "unit")
    wait_until(lambda: "reading.unit" in city.ctl("quarantine", "list"), 60, "another unit is refused")
    city.ctl("city", "fault", "home", home, "none")


def ask(hub, party, path):
    status, answer = hub.request(path, hub.ctl("party", "token", party).split()[-1])
    assert status == 200, answer
    return answer


def test_the_grid_hands_in_three_meters_by_its_certificate(city):
    """The last hour again, stored once, and what ended since."""
    receipts = lambda: city.sql("""select stored, quarantined, source from receipt where duplicates >= 3 and source not like 'city-%%'
                                   and source <> all(select name from instance) order by id""")
    stored, quarantined, source = wait_until(receipts, 120, "a batch by certificate")[0]
    assert quarantined == 0 and stored >= 3, source  # an hour of gas, of which the history has days


def test_the_water_company_bills_what_the_hub_reads_for_it(city):
    """As CSV, West Hills alone: it asks for the month's volumes, and its bills are those of the history."""
    bills = lambda: city.sql(f"""select {BILL} from bill_import i join party p on p.id = i.party join point t on t.id = i.point
                                 where p.code = 'water' and t.code = 'w-{OWN_WATER}'""")
    assert wait_until(bills, 120, "the bill that was lost") == city.lost
    homes = [line.split() for line in city.ctl("city", "homes").splitlines()]
    hills = sorted(f"w-{int(number):05}" for number, district, *_ in homes if district == "4")
    billed = city.sql("select distinct t.code from bill_import i join party p on p.id = i.party join point t on t.id = i.point where p.code = 'water'")
    assert sorted(code for code, in billed) == hills and f"w-{OWN_WATER}" in hills
    assert not city.sql("""select 1 from contract c join party p on p.id = c.party join point t on t.id = c.point
                           where p.code = 'water' and (c.tariff = '') <> (t.code = any(%s))""", hills)


def test_companies_talk(city):
    """Notices reach the homes; a request is asked, granted and fulfilled; the gas company's bills are there; a payment is made."""
    wait_until(lambda: len(ask(city, "home-00013", "/v1/notices")["notices"]) >= 1, 120, "a notice reaches a home")
    state = lambda: [r["state"] for r in ask(city, "power", "/v1/data-requests")["requests"]]
    wait_until(lambda: state() == ["fulfilled"], 120, "the water company's request is fulfilled")


def test_an_estate_tells_its_residents_and_nobody_else(city):
    """Of the gate: the homes that it manages, and who lives in the same district's streets or another estate does not hear of it."""
    def heard(who):
        return {n["kind"]: n for n in ask(city, who, "/v1/notices")["notices"] if n["from"] == "estate-1"}
    members = [home for home, in city.sql("""select h.code from premise e join premise t on t.parent = e.id join premise h on h.parent = t.id
        where e.code = 'bh-d1-e' order by 1""")]
    vacant = {f"home-{int(line.split()[0]):05}" for line in city.ctl("city", "homes").splitlines() if line.endswith(" vacant")}
    members = [home for home in members if home not in vacant]
    notice = wait_until(lambda: heard(members[0]), 120, "the estate's notice")["security_notice"]
    assert notice["from_zh"] == "柳岸小区物业" and "门禁" in notice["title_zh"], notice
    assert len(members) > 2 and all(heard(home) for home in members[1:])
    assert "home-00006" not in vacant and ask(city, "home-00006", "/v1/notices")["notices"], "a home in the same district's streets hears of the water"
    assert heard("estate-2") == heard("home-00006") == heard("home-00009") == heard("power") == {}


@pytest.mark.thorough
def test_who_orders_to_pay_has_paid(city):
    account = "home-00013"
    city.ctl("payment", "order", account, "--id", "living-1", "--provider", "pay", "--amount", "10.00")
    wait_until(lambda: any(json.loads(p).get("state") == "paid" for p in city.ctl("payment", "list", account).splitlines() if "living-1" in p), 60,
               "the provider says that it is paid")


def test_the_message_provider_is_told(city):
    log = city.data / "log"
    wait_until(lambda: any("message to home-" in f.read_text(errors="replace") for f in log.glob("simulator*.log")), 120, "a resident's message")


def test_feeds_are_taken(city):
    """What the companies are told they take: nothing piles up."""
    taken = lambda party: city.request("/v1/feed?limit=1", city.ctl("party", "token", party).split()[-1])[1]["acknowledged"]
    wait_until(lambda: all(taken(p) > 0 for p in ("power", "water", "gas")), 120, "feeds are taken")


def peers_of(hub):
    """The process of this hub's companies."""
    found = []
    for task in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (task / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"sim_peers") and str(hub.data / "zone/state").encode() in words:
            found.append(int(task.name))
    return found


@pytest.mark.thorough
def test_companies_go_on_where_they_were(city):
    """After a kill the grid does not hand in again what it did: it has written down how far it came."""
    again = lambda: city.sql("""select count(*) from receipt where duplicates >= 3 and source not like 'city-%%'
                                and source <> all(select name from instance)""")[0][0]
    wait_until(lambda: again() >= 1, 120, "the first batch, with the last hour again")
    memory = city.data / "zone/spool/city-peers"
    wait_until(lambda: memory.exists() and int(dict(line.split() for line in memory.read_text().splitlines())["power"]) > 0, 60, "it is written down")
    before, old = again(), peers_of(city)
    assert len(old) == 1, old
    os.kill(old[0], signal.SIGKILL)
    wait_until(lambda: peers_of(city) not in ([], old), 60, "they are there again")
    # Who orders to pay has paid: the payment provider's turn comes after the grid's.
    city.ctl("payment", "order", "home-00014", "--id", "living-again", "--provider", "pay", "--amount", "5.00")
    wait_until(lambda: any(json.loads(p).get("state") == "paid" for p in city.ctl("payment", "list", "home-00014").splitlines() if "living-again" in p),
               90, "the new process has had its turn")
    assert again() == before


@pytest.mark.thorough
def test_to_begin_again_changes_nothing(city):
    before = city.ctl("instance", "list")
    begin(city)
    assert city.ctl("instance", "list").count("\n") == before.count("\n")
