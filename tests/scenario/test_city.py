"""The simulated city as quickstart makes it, small: a resident logs in and finds her bill; odd meters fill the quarantine."""
import json
import pathlib
import re
import signal
import subprocess

import pytest

from hub import Hub, directory, wait_until
from people import Person, Portal

pytestmark = pytest.mark.thorough  # test_living.py makes such a city, too

MONTHS = 3
MAKE = ["city", "make", "--homes", "24", "--months", str(MONTHS), "--seed", "5", "--faults", "13:spike"]


@pytest.fixture(scope="module")
def city():
    with directory() as place:
        hub = Hub(place / "data")
        hub.portal = Portal(hub)
        try:
            hub.up(*hub.portal.arguments)
            begin_and_kill(hub)
            hub.said = hub.run(*MAKE)
            assert hub.said.returncode == 0, hub.said.stderr
            hub.logins = {line.split()[0]: line.split()[1] for line in
                          (hub.data / "core/city-logins.txt").read_text().splitlines()}
            yield hub
        finally:
            hub.end()


def begin_and_kill(hub):
    """Killed in the middle of its readings, it is to go on where it was."""
    with open(hub.data.parent / "killed.log", "wb") as log:
        first = subprocess.Popen([hub.bin / "hubctl", "--data", hub.data, *MAKE], stdin=subprocess.DEVNULL, stderr=log)
    said = pathlib.Path(hub.data.parent / "killed.log")
    wait_until(lambda: "readings: " in said.read_text() or first.poll() is not None, 60, "readings begin")
    first.send_signal(signal.SIGKILL)
    assert first.wait(20) == -signal.SIGKILL, "the whole city was made before it could be killed"


def entry(hub, name):
    person = Person(hub.portal, name, hub.logins[name])
    person.log_in()
    return person


def rows(hub, query):
    return hub.sql(query)[0][0]


def test_what_was_killed_went_on(city):
    """No reading twice: what was stored before the kill is not stored again, and nothing is missing."""
    stored = int(re.search(r"readings: (\d+) in", city.said.stderr)[1])
    told = rows(city, "select sum(count) from receipt where source like 'city-%' and source <> 'city-charging'")
    assert told == stored
    kept = rows(city, "select count(*) from reading") + rows(
        city, "select count(*) from message where receipt in (select id from receipt where source = 'city-charging')")
    assert rows(city, "select sum(stored) from receipt where source like 'city-%'") == kept
    again = city.run(*MAKE)
    assert again.returncode == 0 and "is there" in again.stderr


def test_people_have_names(city):
    """The list says what a login is for; whoever logs in is called as a person is."""
    names = dict(city.sql("select login, name from person"))
    assert set(names) == set(city.logins) and len(set(names.values())) == len(names)
    assert all(re.fullmatch("[\u4e00-\u9fff]{2,4}", name) for name in names.values()), names
    assert "柳岸小区物业" in (city.data / "core/city-logins.txt").read_text()


def test_a_resident_sees_her_bill(city):
    resident = entry(city, "resident")
    status, listed = resident.get("/v1/bills")
    assert status == 200 and len(listed["bills"]) == MONTHS, listed
    bill = listed["bills"][0]
    status, whole = resident.get(f"/v1/bills/{bill['id']}")
    assert status == 200
    parts = {part["commodity"]: part["amount"] for part in whole["parts"]}
    assert set(parts) == {"electricity", "water", "gas"} and all(parts.values())
    assert sum(parts.values()) == whole["total"]
    other = [b for b in city.sql("select account, cycle, revision from bill where account <> %s limit 1", int(bill["id"].split("-")[0]))]
    assert resident.get("/v1/bills/" + "-".join(map(str, other[0])))[0] == 404


def test_every_month_of_a_history_is_there(city):
    """A home whose water company bills by itself: each month's use and bill of each commodity, its own bills with their reference."""
    homes = [line.split() for line in city.ctl("city", "homes").splitlines()]
    code = next(f"{int(h[0]):05}" for h in homes if h[1] == "4" and "vacant" not in h and int(h[0]) > 13)
    token = city.ctl("party", "token", f"home-{code}").split()[-1]
    told = {}
    for bill in city.request("/v1/bills", token)[1]["bills"]:
        status, whole = city.request(f"/v1/bills/{bill['id']}", token)
        assert status == 200 and sum(p["amount"] for p in whole["parts"]) == whole["total"]
        told[bill["cycle"]] = {p["commodity"]: p for p in whole["parts"]}
    assert len(told) == MONTHS, sorted(told)
    assert all(set(parts) == {"electricity", "water", "gas"} for parts in told.values())
    for letter, commodity, quantity in (("e", "electricity", "active_energy_import"), ("w", "water", "water_volume"), ("g", "gas", "gas_volume")):
        status, use = city.request(f"/v1/readings?point={letter}-{code}&quantity={quantity}&step=month&from=2020-01-01T00:00:00Z", token)
        used = {r["start"]: float(r["value"]) for r in use["readings"]}
        assert status == 200 and len(used) >= MONTHS, used  # and the one that runs
        assert [used[p[commodity]["start"]] for p in told.values()] == [float(p[commodity]["quantity"]) for p in told.values()]
    for cycle, parts in told.items():
        assert parts["water"]["reference"] == f"SW-{cycle.replace('-', '')}-{code}" and "imported" in parts["water"]["flags"]
        assert parts["gas"]["reference"] == f"RQ-{cycle.replace('-', '')}-{code}" and parts["electricity"]["tariff"] == "binhai/power"


def test_cars_were_charged(city):
    """A household's sessions at public stations are in its bill, a stranger's in nobody's."""
    sessions = [json.loads(line) for line in city.ctl("charger", "sessions").splitlines()]
    assert len(sessions) > 50 and not [s for s in sessions if s["problem"]]
    charged = city.sql("select count(*), sum(energy_wh) from charging_charge")[0]
    assert charged[0] == len([s for s in sessions if s["tag"] != "GUEST"]) > 0
    assert charged[1] == sum(s["energy_wh"] for s in sessions if s["tag"] != "GUEST")
    assert rows(city, "select count(*) from charging_charge where cycle > 0") > 0


def test_homes_stand_somewhere_and_districts_have_outlines(city):
    assert rows(city, "select count(*) from premise_outline") == 6
    assert rows(city, "select count(*) from premise where kind = 'home' and dwelling <> '' and heating <> '' and lon_e7 is not null") == 24


def test_sums_of_areas_are_published_or_say_why_not(city):
    """The two small districts never are."""
    few = city.sql("select distinct m.code, d.verdict from aggregate_day d join premise m on m.id = d.premise where m.code in ('bh-d5', 'bh-d6')")
    assert {code for code, _ in few} == {"bh-d5", "bh-d6"} and {verdict for _, verdict in few} <= {"count", "none"}, few


def test_the_bureau_sees_no_home(city):
    bureau = entry(city, "bureau")
    status, _ = bureau.get("/v1/readings?point=e-00002&quantity=active_energy_import")
    assert status in (403, 404)


def test_odd_meters_are_told(city):
    """A fault of each kind is where it belongs: quarantine, flags, a bill that waits."""
    codes = {line.split()[4].rstrip(":") for line in city.ctl("quarantine", "list").splitlines()}
    assert {"reading.future", "reading.unit", "reading.unknown_meter"} <= codes, codes
    flags = {}
    for flag, bit in (("late", 5), ("clock_drift", 4), ("spike", 7), ("rollover", 8), ("misaligned", 10), ("decrease", 9)):
        flags[flag] = rows(city, f"select count(*) from reading where flags & {1 << bit} <> 0")
    assert flags["late"] and flags["clock_drift"] and flags["rollover"], flags
    # Home 4 has one always, home 13 by order.
    assert flags["spike"] == 2 and not flags["misaligned"] and not flags["decrease"], flags
    assert rows(city, "select sum(duplicates) from receipt") >= 96
    assert "1 held" in city.said.stderr
    assert json.loads(city.ctl("ledger", "reconcile", "--party", "water").splitlines()[-1])
