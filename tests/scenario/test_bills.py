"""From files and contracts to posted unified bills, on the command line of one running hub, each test with homes of its own."""
import datetime
import json

import pytest

from hub import Hub, directory

TARIFF = {"tariff": "grid/home", "currency": "CNY", "zone": "Asia/Shanghai",
          "calendar": {"periods": ["peak", "valley"], "rules": [
              {"from": "08:00", "to": "22:00", "period": "peak"}, {"from": "22:00", "to": "08:00", "period": "valley"}]},
          "charges": [{"code": "energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh",
                       "prices": {"peak": "0.6", "valley": "0.3"}}]}
MONTH = datetime.datetime(2026, 10, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))


def readings(path, meters):
    """An hour of 1 kWh each through October, local time."""
    rows = ["meter,start,value"]
    for meter in meters:
        for hour in range(31 * 24):
            rows.append(f"{meter},{(MONTH + datetime.timedelta(hours=hour)).isoformat()},1")
    path.write_text("\n".join(rows) + "\n")
    path.chmod(0o644)


def household(hub, code):
    hub.ctl("point", "add", f"{code}/e", "--commodity", "electricity", "--interval", "3600", "--supplier", "grid")
    hub.ctl("point", "add", f"{code}/g", "--commodity", "gas")
    hub.ctl("point", "bind", f"{code}/e", "--party", "grid", "--meter", f"M{code}")
    hub.ctl("account", "add", code, "--name-zh", "住户")
    hub.ctl("account", "supply", code, "--point", f"{code}/e", "--party", "grid", "--tariff", "grid/home", "--from", "2026-01-01")
    hub.ctl("account", "supply", code, "--point", f"{code}/g", "--party", "gas", "--from", "2026-01-01")


def take(hub, path, party="grid", quantity="active_energy_import", unit="kWh", interval="60", kind="interval"):
    stamp = ["--option", "stamp=start", "--option", f"interval={interval}"] if kind == "interval" else ["--option", f"kind={kind}"]
    hub.ctl("import", "--adapter", "csv", "--party", party, "--option", "meter_column=meter", "--option", "time_column=start", *stamp,
            "--option", "value_column=value", "--option", f"quantity={quantity}", "--option", f"unit={unit}", path)


@pytest.fixture(scope="module")
def town():
    with directory() as place:
        hub = Hub(place / "data")
        try:
            hub.up()
            hub.ctl("party", "add", "grid", "--kind", "grid", "--role", "grid")
            hub.ctl("party", "add", "gas")
            hub.ctl("party", "add", "home", "--kind", "household", "--role", "resident")
            hub.ctl("party", "add", "estate", "--kind", "community", "--role", "estate")
            yield hub
        finally:
            hub.end()


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_cycle_from_files_to_posted_bills(town):
    hub, place = town, town.data.parent
    (place / "tariff.json").write_text(json.dumps(TARIFF))
    assert "stored" in hub.ctl("tariff", "add", place / "tariff.json")
    assert "unchanged" in hub.ctl("tariff", "add", place / "tariff.json")
    changed = json.loads(json.dumps(TARIFF).replace("0.6", "0.7"))
    (place / "tariff2.json").write_text(json.dumps(changed))
    refused = hub.run("tariff", "add", place / "tariff2.json")
    assert refused.returncode == 1 and "tariff.version" in refused.stderr
    for code in ("h1", "h2"):
        household(hub, code)
    readings(place / "october.csv", ["Mh1", "Mh2"])
    take(hub, place / "october.csv")
    (place / "gas.csv").write_text("account,cycle,point,amount,start,end,quantity,unit,reference\n"
                                   "h1,2026-10,h1/g,31.50,2026-10-01,2026-11-01,12.5,m3,G1\n"
                                   "h9,2026-10,h1/g,31.50,2026-10-01,2026-11-01,12.5,m3,G2\n"
                                   "h2,2026-10,h2/g,31.505,2026-10-01,2026-11-01,12.5,m3,G3\n")
    imported = hub.run("bill", "import", "--party", "gas", place / "gas.csv")
    assert imported.stdout == "1 bills taken, 2 rows refused\n"
    assert ":3: account" in imported.stderr and ":4: amount" in imported.stderr

    preview = lines(hub.run("bill", "run", "--cycle", "2026-10", "--preview").stdout)
    assert (preview[-1]["posted"], preview[-1]["held"]) == (1, 1)
    assert preview[0]["account"] == "h2" and preview[0]["flags"] == ["missing", "imported"]
    run = hub.run("bill", "run", "--cycle", "2026-10")
    # 31 days of 14 peak hours at 0.6 and 10 valley hours at 0.3, and the gas
    expected = 31 * (14 * 60 + 10 * 30) + 3150
    assert run.returncode == 2 and lines(run.stdout)[-1]["total"] == expected
    again = lines(hub.run("bill", "run", "--cycle", "2026-10").stdout)[-1]
    assert (again["posted"], again["there"], again["held"]) == (0, 1, 1)

    bill = hub.json("bill", "show", "h1", "--cycle", "2026-10")
    assert bill["total"] == expected == sum(part["amount"] for part in bill["parts"])
    assert bill["due"] == "2026-11-15T16:00:00Z"
    power = bill["parts"][0]
    assert power["rated"]["total"] == f"{power['amount'] / 100:.1f}"
    assert {line["price"] for line in power["rated"]["lines"]} == {"0.6", "0.3"}
    account = hub.json("account", "show", "h1")
    assert account["owes"] == {"grid": expected - 3150, "gas": 3150}
    assert len(account["contracts"]) == 2

    before = hub.json("ledger", "verify")
    hub.ctl("bill", "cancel", "h1", "--cycle", "2026-10")
    assert hub.json("account", "show", "h1")["owes"] == {"grid": 0, "gas": 0}
    hub.run("bill", "run", "--cycle", "2026-10")
    anew = hub.json("bill", "show", "h1", "--cycle", "2026-10")
    assert anew["revision"] == 1 and [change["difference"] for change in anew["changes"]] == [0, 0]
    after = hub.json("ledger", "verify")
    assert after["entries"] == before["entries"] + 2 and after["digest"] != before["digest"]


def hours(path, meters):
    """Of each meter (first day, days, kWh an hour); the hour's kWh may be a function of day and hour."""
    rows = ["meter,start,value"]
    for meter, spans in meters.items():
        for first, days, amount in spans:
            start = datetime.datetime.fromisoformat(first + "T00:00:00+08:00")
            rows += [f"{meter},{(start + datetime.timedelta(hours=h)).isoformat()},{amount(h // 24, h % 24) if callable(amount) else amount}"
                     for h in range(24 * days)]
    path.write_text("\n".join(rows) + "\n")
    path.chmod(0o644)


def test_why_it_is_higher_and_what_it_will_come_to(town):
    hub, place = town, town.data.parent
    ladder = {"tariff": "grid/ladder", "currency": "CNY", "zone": "Asia/Shanghai", "calendar": TARIFF["calendar"],
              "charges": [{"code": "energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh", "ladder": {
                  "period": {"months": 12}, "blocks": [{"upto": "1300", "prices": {"peak": "0.6", "valley": "0.3"}},
                                                       {"prices": {"peak": "0.7", "valley": "0.4"}}]}}]}
    dearer = json.loads(json.dumps(ladder).replace('"0.6"', '"0.65"').replace('"0.7"', '"0.75"'))
    for name, document, start in (("a", ladder, "2026-01-01T00:00:00+08:00"), ("b", dearer, "2026-10-01T00:00:00+08:00")):
        (place / f"{name}.json").write_text(json.dumps(document))
        hub.ctl("tariff", "add", "--from", start, place / f"{name}.json")
    hub.ctl("point", "add", "home/e", "--commodity", "electricity", "--interval", "3600", "--occupant", "home", "--supplier", "grid")
    hub.ctl("point", "bind", "home/e", "--party", "grid", "--meter", "M1")
    hub.ctl("account", "add", "home", "--holder", "home")
    hub.ctl("account", "supply", "home", "--point", "home/e", "--party", "grid", "--tariff", "grid/ladder",
            "--from", "2026-09-01T00:00:00+08:00")
    hours(place / "use.csv", {"M1": [("2026-09-01", 30, 1), ("2026-10-01", 31, 1.2), ("2026-11-01", 10, 1)]})
    take(hub, place / "use.csv")
    for cycle in ("2026-09", "2026-10"):
        hub.ctl("bill", "run", "--cycle", cycle, "--account", "home")
    assert hub.run("bill", "why", "home", "--cycle", "2026-09").returncode == 1
    why = hub.json("bill", "why", "home", "--cycle", "2026-10")
    bills = [hub.json("bill", "show", "home", "--cycle", c)["total"] for c in ("2026-09", "2026-10")]
    assert why["with"] == "2026-09" and why["change"] == bills[1] - bills[0] == sum(why["causes"].values())
    # September: 720 kWh. A 31st day; 892.8 kWh of which 520.8 at peak, 5 分 dearer; 312.8 of them beyond 1,300, 10 分 dearer.
    assert bills[0] == 720 * (14 * 60 + 10 * 30) // 24
    assert why["causes"]["days"] == bills[0] // 30 and abs(why["causes"]["price"] - 2604) <= 1
    assert abs(why["causes"]["tier"] - 3128) <= 1 and why["causes"]["estimate"] == why["causes"]["weather"] == 0

    # The last of ten days is over: 240 kWh so far, 720 by the end, all in the dear block.
    now = hub.json("account", "forecast", "home", "--at", "2026-11-11T00:00:00+08:00", "--shift", "peak:valley:0.5", "--power", "2")
    part = now["parts"][0]
    assert part["so_far"] == 10 * (14 * 75 + 10 * 40) and part["forecast"] == 30 * (14 * 75 + 10 * 40) == now["forecast"]
    assert part["what_if"]["saving"] == 30 * 7 * 35
    assert part["live"]["per_hour"] == "0.8"  # midnight, the valley
    # Why a part cannot be reckoned, in both languages: nothing read, no tariff then, billed by the company itself.
    early = hub.json("account", "forecast", "home", "--at", "2026-11-01T03:00:00+08:00")["parts"][0]
    assert early["code"] == "forecast.readings" and "不满一整天" in early["why_zh"] and "forecast" not in early, early
    later = hub.json("account", "forecast", "home", "--at", "2027-06-11T00:00:00+08:00")["parts"][0]
    assert (later["code"], later["why_zh"]) == ("forecast.none", "本期还没有收到读数"), later
    token = hub.ctl("party", "token", "home").split()[-1]
    status, same = hub.request("/v1/forecast?at=2026-11-10T16:00:00Z&shift_from=peak&shift_to=valley&shift_part=0.5&power=2", token)
    assert status == 200 and same["parts"] == now["parts"]
    status, said = hub.request(f"/v1/bills/{hub.json('bill', 'show', 'home', '--cycle', '2026-10')['id']}/why", token)
    assert status == 200 and said["causes"] == why["causes"]


@pytest.mark.thorough
def test_weather_and_charging_are_told_apart(town):
    """A home whose use follows the heat, that begins to charge a car in October, at home and at a pile of its own."""
    hub, place = town, town.data.parent
    flat = {"tariff": "grid/flat", "currency": "CNY", "zone": "Asia/Shanghai", "charges": [
        {"code": "energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh", "price": "0.5"}]}
    pile = {"tariff": "grid/pile", "currency": "CNY", "zone": "Asia/Shanghai", "charges": [
        {"code": "energy", "kind": "usage", "quantity": "ev_energy", "unit": "kWh", "price": "0.9"}]}
    for document in (flat, pile):
        (place / "t.json").write_text(json.dumps(document))
        hub.ctl("tariff", "add", place / "t.json")
    for code, commodity, meter in (("warm/e", "electricity", "W1"), ("warm/car", "ev", "W2"), ("warm/pile", "ev", "W3"), ("city/air", "any", "W4")):
        hub.ctl("point", "add", code, "--commodity", commodity, *(["--interval", "3600"] if commodity != "any" else []), "--supplier", "grid")
        hub.ctl("point", "bind", code, "--party", "grid", "--meter", meter)
    hub.ctl("account", "add", "warm")
    hub.ctl("account", "supply", "warm", "--point", "warm/e", "--party", "grid", "--tariff", "grid/flat", "--from", "2026-09-01T00:00:00+08:00",
            "--fact", "weather=city/air", "--fact", "charging=warm/car")
    hub.ctl("account", "supply", "warm", "--point", "warm/pile", "--party", "grid", "--tariff", "grid/pile", "--from", "2026-10-01T00:00:00+08:00")
    # Every other day of September has 30 °C, all of October: 4 degree-days, and on each 12 kWh more. In October 2 kWh a day into the car.
    hours(place / "warm.csv", {"W1": [("2026-09-01", 30, lambda day, hour: 1 + day % 2 * 0.5), ("2026-10-01", 31, lambda day, hour: 1.5 + (hour == 0) * 2)]})
    hours(place / "car.csv", {"W2": [("2026-10-01", 31, lambda day, hour: (hour == 0) * 2)], "W3": [("2026-10-01", 31, lambda day, hour: (hour == 1) * 4)]})
    hours(place / "air.csv", {"W4": [("2026-09-01", 30, lambda day, hour: 20 + day % 2 * 10), ("2026-10-01", 31, 30)]})
    take(hub, place / "warm.csv")
    take(hub, place / "car.csv", quantity="ev_energy")
    take(hub, place / "air.csv", quantity="ambient_temperature", unit="Cel", kind="instant")
    for cycle in ("2026-09", "2026-10"):
        assert lines(hub.run("bill", "run", "--cycle", cycle, "--account", "warm").stdout)[-1]["posted"] == 1
    why = hub.json("bill", "why", "warm", "--cycle", "2026-10")
    home, charger = why["parts"]
    # 900 kWh, then 1,178: a day more 30, the heat of 62 degree-days more at 3 kWh each 186, the car 62; nothing is left
    assert home["change"] == (1178 - 900) * 50
    assert home["causes"] == {"days": 1500, "price": 0, "tier": 0, "weather": 9300, "charging": 3100, "estimate": 0, "use": 0}
    assert charger["change"] == 31 * 4 * 90 == charger["causes"]["charging"] and not charger["causes"]["days"]
    assert why["change"] == sum(why["causes"].values()) == home["change"] + charger["change"]


@pytest.mark.thorough
def test_losses_and_common_energy_are_shared_over_an_estate(town):
    """损耗及物业公摊: a master meter over two homes, a shop and a lift; the resident sees the whole sum."""
    hub, place = town, town.data.parent
    (place / "tariff.json").write_text(json.dumps(TARIFF))
    hub.ctl("tariff", "add", place / "tariff.json")
    (place / "common.json").write_text(json.dumps({"tariff": "common", "currency": "CNY", "zone": "Asia/Shanghai", "charges": [
        {"code": "common", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh", "price": "0.5"}]}))
    hub.ctl("tariff", "add", place / "common.json")
    # 744 hours: homes 1 and 2 kWh, shop 3, lift 1; the master 7.25, of which 0.25 is lost
    use = {"master": 7.25, "e1": 1, "e2": 2, "shop": 3, "lift": 1}
    for code in use:
        hub.ctl("point", "add", f"{code}/e", "--commodity", "electricity", "--interval", "3600", "--supplier", "grid")
        hub.ctl("point", "bind", f"{code}/e", "--party", "grid", "--meter", f"M{code}")
    hours(place / "estate.csv", {f"M{code}": [("2026-10-01", 31, amount)] for code, amount in use.items()})
    take(hub, place / "estate.csv")
    for code in ("e1", "e2", "shop"):
        hub.ctl("account", "add", code, "--kind", "shop" if code == "shop" else "household")
        hub.ctl("account", "supply", code, "--point", f"{code}/e", "--party", "grid", "--tariff", "grid/home",
                "--from", "2026-10-01T00:00:00+08:00")
    plan = {"party": "estate", "master": "master/e", "tariff": "common", "normal_loss": "0.06", "common": ["lift/e"],
            "rules": {"home": {"rule": "area", "factor": "1"}, "shop": {"rule": "use", "factor": "2"}},
            "members": [{"account": "e1", "point": "e1/e", "kind": "home", "area": "87.5"},
                        {"account": "e2", "point": "e2/e", "kind": "home", "area": "62.5"},
                        {"account": "shop", "point": "shop/e", "kind": "shop", "area": "50"}]}
    (place / "plan.json").write_text(json.dumps(plan))
    preview = lines(hub.ctl("bill", "share", place / "plan.json", "--cycle", "2026-10", "--preview"))
    shared = lines(hub.ctl("bill", "share", place / "plan.json", "--cycle", "2026-10"))
    assert preview == shared == lines(hub.ctl("bill", "share", place / "plan.json", "--cycle", "2026-10"))
    # 744 × (1 + 0.25) kWh at 0.5: 465.00; homes 150 m², the shop twice its 50: 279 and 186
    assert [s["amount"] for s in shared] == [16275, 11625, 18600] and {s["shared"]["total"] for s in shared} == {46500}
    assert (shared[0]["shared"]["loss"], shared[0]["shared"]["common"], shared[0]["shared"]["pool"]) == ("186", "744", 27900)
    lost = {**plan, "normal_loss": "0.01"}
    (place / "lost.json").write_text(json.dumps(lost))
    less = lines(hub.ctl("bill", "share", place / "lost.json", "--cycle", "2026-10", "--preview"))
    assert less[0]["shared"]["loss_abnormal"] == "132.06" and sum(s["amount"] for s in less) == 39897
    refused = hub.run("bill", "share", place / "lost.json", "--cycle", "2026-10")
    assert refused.returncode == 1 and "bill.imported" in refused.stderr
    assert lines(hub.run("bill", "run", "--cycle", "2026-10").stdout)[-1]["posted"] == 3
    bill = hub.json("bill", "show", "e1", "--cycle", "2026-10")
    mine = next(p for p in bill["parts"] if p["party"] == "estate")
    assert mine["amount"] == 16275 and mine["shared"]["weight"] == "87.5" and mine["shared"]["total"] == 46500
    assert hub.json("account", "show", "e1")["owes"]["estate"] == 16275


def test_circuits_of_one_meter_are_points_with_tariffs_of_their_own(town):
    """A meter counts light and heating apart: two points, each with its price, two lines of one bill."""
    hub = town
    hub.ctl("account", "add", "circuits")
    for channel, price in (("light", "0.6"), ("heat", "0.25")):
        document = hub.data.parent / f"{channel}.json"
        document.write_text(json.dumps({"tariff": f"grid/{channel}", "currency": "CNY", "zone": "Asia/Shanghai", "charges": [
            {"code": "energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh", "price": price}]}))
        hub.ctl("tariff", "add", document)
        hub.ctl("point", "add", f"circuits/{channel}", "--commodity", "electricity", "--interval", "86400", "--supplier", "grid")
        hub.ctl("point", "bind", f"circuits/{channel}", "--party", "grid", "--meter", "Mcircuits", "--channel", channel)
        hub.ctl("account", "supply", "circuits", "--point", f"circuits/{channel}", "--party", "grid", "--tariff", f"grid/{channel}",
                "--from", "2026-01-01")
    days = [(MONTH + datetime.timedelta(days=d)).isoformat() for d in range(31)]
    path = hub.data.parent / "circuits.csv"
    path.write_text("\n".join(["meter,circuit,start,value", *(f"Mcircuits,{c},{at},{kwh}" for c, kwh in (("light", 2), ("heat", 11)) for at in days)]))
    path.chmod(0o644)
    options = {"meter_column": "meter", "channel_column": "circuit", "time_column": "start", "stamp": "start", "interval": "1440",
               "value_column": "value", "quantity": "active_energy_import", "unit": "kWh"}
    hub.ctl("import", "--adapter", "csv", "--party", "grid", *[w for k, v in options.items() for w in ("--option", f"{k}={v}")], path)
    hub.ctl("bill", "run", "--cycle", "2026-10", "--account", "circuits")
    bill = hub.json("bill", "show", "circuits", "--cycle", "2026-10")
    assert sorted((p["point"], p["amount"]) for p in bill["parts"]) == [("circuits/heat", 8525), ("circuits/light", 3720)]
    assert bill["total"] == 12245
