"""
Real data through the real intake to bills: docs/walkthrough.md tells the story, this makes its figures. With
HUB_WALKTHROUGH=FOLDER the plots and figures are written there.
"""
import csv
import datetime
import gzip
import json
import os
import pathlib
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
import zoneinfo

import walkthrough_plots as plots
from test_bills import lines

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("HUB_REFERENCE_DATA", ROOT.parent / "shared"))
FULL = os.environ.get("HUB_TEST_FORM") == "full"
pytestmark = pytest.mark.skipif(not (DATA / "data").is_dir(), reason="no reference data")

UTC = datetime.timezone.utc
VANCOUVER = zoneinfo.ZoneInfo("America/Vancouver")
LONDON = zoneinfo.ZoneInfo("Europe/London")
CYCLES = [f"{2012 + (m > 12)}-{(m - 1) % 12 + 1:02}" for m in range(4, 16)]


def rows(path):
    with gzip.open(DATA / "data" / path, "rt") as file:
        yield from csv.DictReader(file)


def table(path, header, values):
    path.write_text("\n".join([header, *values]) + "\n")
    path.chmod(0o644)
    return path


def take(hub, party, path, timeout=600, **options):
    words = [w for key, value in options.items() for w in ("--option", f"{key}={value}")]
    return hub.ctl("import", "--adapter", "csv", "--party", party, "--ancient", "10000", *words, path, timeout=timeout)


def tariff(hub, document):
    path = hub.data.parent / f"tariff-{document['tariff'].replace('/', '-')}.json"
    path.write_text(json.dumps(document))
    hub.ctl("tariff", "add", path)
    return path


def rate(hub, document, usage):
    place = hub.data.parent
    (place / "t.json").write_text(json.dumps(document))
    (place / "u.json").write_text(json.dumps(usage))
    return hub.run("rate", "--tariff", place / "t.json", "--usage", place / "u.json")


def beijing(which, zone="America/Vancouver"):
    """The published table as our tariff; gas by the group `boiler`."""
    cases = {c["id"]: c for c in json.loads((DATA / "golden/tariff_tables.json").read_text())["cases"]}
    tiers = {"water": cases["bj-water"]["tiers"], "gas": cases["bj-gas"]["groups"]["boiler"], "electricity": cases["bj-elec"]["tiers"]}
    quantity, unit = {"water": ("water_volume", "m3"), "gas": ("gas_volume", "m3"), "electricity": ("active_energy_import", "kWh")}[which]
    blocks = [{k: v for k, v in tier.items() if v is not None} for tier in tiers[which]]
    return {"tariff": f"beijing/{which}", "currency": "CNY", "zone": zone, "charges": [
        {"code": which, "kind": "usage", "quantity": quantity, "unit": unit,
         "ladder": {"period": {"months": 12, "reset": "01-01"}, "blocks": blocks}}]}


def ladder_total(document, used, amount):
    """The table by hand: what `amount` more costs when `used` were used in the year."""
    sum_, low = Decimal(0), Decimal(0)
    for block in document["charges"][0]["ladder"]["blocks"]:
        high = Decimal(block.get("upto", "1e12"))
        sum_ += max(Decimal(0), min(high, used + amount) - max(low, used)) * Decimal(block["price"])
        low = high
    return sum_


def out(name, text):
    if "HUB_WALKTHROUGH" in os.environ:
        path = pathlib.Path(os.environ["HUB_WALKTHROUGH"]) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_house_of_twelve_unified_bills(shared_hub):
    """AMPds2: water and gas by Beijing's tables, power that is no kWh, and the grid's own bill in its place."""
    hub = shared_hub
    place = hub.data.parent
    for party, kind in (("grid", "grid"), ("water", "utility"), ("gas", "utility")):
        hub.ctl("party", "add", party, "--kind", kind, "--role", party)
    for commodity, party in (("electricity", "grid"), ("water", "water"), ("gas", "gas")):
        hub.ctl("point", "add", f"house/{commodity}", "--commodity", commodity, "--zone", "America/Vancouver", "--supplier", party)
        hub.ctl("point", "bind", f"house/{commodity}", "--party", party, "--meter", f"AMP-{commodity}", "--from", "2012-01-01")
        tariff(hub, beijing(commodity))
    hub.ctl("account", "add", "house", "--zone", "America/Vancouver", "--name-zh", "一户", "--name-en", "one house")
    hub.ctl("account", "add", "trial", "--zone", "America/Vancouver")
    first, second = "2012-04-01T07:00:00Z", "2012-04-02T07:00:00Z"
    hub.ctl("account", "supply", "trial", "--point", "house/electricity", "--party", "grid", "--tariff", "beijing/electricity", "--from", first)
    hub.ctl("account", "leave", "trial", "--at", second)
    hub.ctl("account", "supply", "house", "--point", "house/electricity", "--party", "grid", "--from", second)
    for commodity in ("water", "gas"):
        hub.ctl("account", "supply", "house", "--point", f"house/{commodity}", "--party", commodity, "--tariff", f"beijing/{commodity}",
                "--from", first)

    # The minute counter is a register in litres; every minute in the full form, else the one on the hour.
    step = 1 if FULL else 60
    water = [(int(r["unix_ts"]), r["counter"]) for i, r in enumerate(rows("consumption/ampds2_house/minute_Water_WHW.csv.gz")) if i % step == 0]
    take(hub, "water", table(place / "water.csv", "time,value", (
        f"{datetime.datetime.fromtimestamp(t, UTC):%Y-%m-%dT%H:%M:%SZ},{v}" for t, v in water)),
        meter="AMP-water", time_column="time", value_column="value", quantity="water_volume", unit="m3", kind="register", factor="0.001")
    # An hourly mean of the counter is its standing in the middle of the hour.
    gas = [(datetime.datetime.fromisoformat(r["DateTime"]).replace(tzinfo=UTC) + datetime.timedelta(minutes=30), r["counter"])
           for r in rows("consumption/ampds2_house/hourly_gas_WHG.csv.gz")]
    gas = [(t, Decimal(v).quantize(Decimal("0.001"))) for t, v in gas]
    take(hub, "gas", table(place / "gas.csv", "time,value", (f"{t:%Y-%m-%dT%H:%M:%SZ},{v}" for t, v in gas)),
         meter="AMP-gas", time_column="time", value_column="value", quantity="gas_volume", unit="m3", kind="register", factor="0.001")
    power = [(r["DateTime"].replace(" ", "T") + "Z", (Decimal(r["WHE"]) / 60000).quantize(Decimal("0.000001"), ROUND_HALF_EVEN))
             for r in rows("consumption/ampds2_house/hourly_electricity_S_and_weather.csv.gz")]
    take(hub, "grid", table(place / "power.csv", "time,value", (f"{t},{v}" for t, v in power)), meter="AMP-electricity",
         time_column="time", stamp="start", interval="60", value_column="value", quantity="apparent_energy_import", unit="kVAh")

    # Volt-ampere hours are shown, and rated by nobody: not by the bill, not by the rating itself.
    shown = hub.ctl("readings", "--point", "house/electricity", "--quantity", "apparent_energy_import", "--step", "month")
    assert "kVAh" in shown
    usage = {"zone": "America/Vancouver", "start": "2012-04-01", "end": "2012-05-01", "facts": {}, "series": [
        {"quantity": "active_energy_import", "unit": "kVAh", "start": "2012-04-01", "step": 3600, "values": ["1"] * 720}]}
    refused = rate(hub, beijing("electricity"), usage)
    assert refused.returncode and "usage.unit" in refused.stderr
    held = lines(hub.run("bill", "run", "--cycle", "2012-04", "--account", "trial", "--preview").stdout)
    assert held[-1]["held"] == 1 and "no readings of active_energy_import" in held[0]["why"]

    # So the grid sends its own bill, of what its meter of kWh said: here 0.95 of the kVAh, at the first tier.
    month = {}
    for t, v in power:
        local = datetime.datetime.fromisoformat(t.replace("Z", "+00:00")).astimezone(VANCOUVER)
        month[f"{local:%Y-%m}"] = month.get(f"{local:%Y-%m}", Decimal(0)) + v
    own = []
    for cycle in CYCLES:
        kwh = (month[cycle] * Decimal("0.95")).quantize(Decimal("0.1"))
        after = (datetime.date.fromisoformat(cycle + "-01") + datetime.timedelta(days=32)).replace(day=1)
        own.append(f"house,{cycle},house/electricity,{(kwh * Decimal('0.4883')).quantize(Decimal('0.01'))},{cycle}-01,{after},{kwh},kWh,G-{cycle}")
    table(place / "grid.csv", "account,cycle,point,amount,start,end,quantity,unit,reference", own)
    hub.ctl("bill", "import", "--party", "grid", place / "grid.csv")
    bills = []
    for cycle in CYCLES:
        run = lines(hub.run("bill", "run", "--cycle", cycle, "--account", "house", "--accept").stdout)
        assert run[-1]["posted"] == 1, run
        bills.append(hub.json("bill", "show", "house", "--cycle", cycle))
    assert len(bills) == 12 and all(len({p["commodity"] for p in b["parts"]}) == 3 for b in bills)

    # By hand: the last standing up to each month's edge, and the table.
    def standing(series, at):
        return Decimal(next((v for t, v in reversed(series) if t <= at), series[0][1]))
    water = [(datetime.datetime.fromtimestamp(t, UTC), v) for t, v in water]
    for commodity, series in (("water", water), ("gas", gas)):
        used, year = Decimal(0), 0
        for bill in bills:
            part = next(p for p in bill["parts"] if p["commodity"] == commodity)
            start, end = (datetime.datetime.fromisoformat(part[k].replace("Z", "+00:00")) for k in ("start", "end"))
            used = used if start.astimezone(VANCOUVER).year == year else Decimal(0)
            year = start.astimezone(VANCOUVER).year
            amount = (standing(series, end) - standing(series, start)) / 1000
            expected = ladder_total(beijing(commodity), used, amount) * 100
            assert abs(expected - part["amount"]) <= Decimal("0.5"), (bill["cycle"], commodity, expected, part)
            used += amount
    for row in lines(hub.ctl("ledger", "reconcile")):
        assert row["agrees"]
    why = hub.json("bill", "why", "house", "--cycle", "2012-12")
    assert sum(why["causes"].values()) == why["change"]
    out("house.svg", plots.stacked([b["cycle"] for b in bills], {
        c: [sum(p["amount"] for p in b["parts"] if p["commodity"] == c) / 100 for b in bills] for c in ("electricity", "water", "gas")},
        "One house, twelve unified bills (CNY)"))
    out("house.json", json.dumps({"bills": [{"cycle": b["cycle"], "total": b["total"], "parts": {
        p["commodity"]: [p["amount"], p["quantity"], p["unit"]] for p in b["parts"]}} for b in bills], "why": why["causes"]}, indent=1))


@pytest.mark.thorough
def test_buildings_by_the_market_through_both_changes_of_the_clock(shared_hub):
    """Cambridge under Agile: every hour of 2019 at that hour's price, in the local time of London."""
    hub = shared_hub
    place = hub.data.parent
    hub.ctl("party", "add", "estate", "--kind", "enterprise")
    prices = [r["Electricity Pricing [£/kWh]"] for r in rows("tariff/agile_octopus_eastern/2019.csv.gz")]
    agile = {"tariff": "agile", "currency": "GBP", "zone": "Europe/London", "cycle": {"months": 1}, "charges": [
        {"code": "energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh", "market": {"series": "agile"}}],
        "rounding": {"total": {"unit": "0.01"}}}
    found = sorted((DATA / "data/consumption/cambridge_e_g").glob("UCam_Building_*/electricity/2019.csv.gz"))
    figures = {}
    for path in found if FULL else found[:2]:
        name = path.parts[-3]
        hub.ctl("point", "add", name, "--commodity", "electricity", "--interval", "3600", "--zone", "Europe/London", "--supplier", "estate")
        hub.ctl("point", "bind", name, "--party", "estate", "--meter", name, "--from", "2018-01-01")
        source = list(rows(path.relative_to(DATA / "data")))
        take(hub, "estate", table(place / "b.csv", "time,value", (f"{r['datetime'].replace(' ', 'T')}Z,{r['equipment load [kWh]']}" for r in source)),
             meter=name, time_column="time", stamp="start", interval="60", value_column="value")
        stored = [json.loads(line) for line in hub.ctl("readings", "--point", name, "--quantity", "active_energy_import", "--from",
                                                       "2019-01-01", "--to", "2020-01-01", "--json").splitlines()]
        stored = [r for r in stored if "value" in r]
        assert len(stored) == 8760
        bill = json.loads(rate(hub, agile, {"zone": "UTC", "start": "2019-01-01", "end": "2020-01-01", "facts": {}, "series": [
            {"quantity": "active_energy_import", "unit": "kWh", "start": "2019-01-01", "step": 3600, "values": [r["value"] for r in stored]},
            {"quantity": "agile", "unit": "GBP/kWh", "start": "2019-01-01", "step": 3600, "values": prices}]}).stdout)
        months, hours = {}, {}
        for n, (r, price) in enumerate(zip(source, prices)):
            local = (datetime.datetime(2019, 1, 1, tzinfo=UTC) + datetime.timedelta(hours=n)).astimezone(LONDON)
            months[local.month] = months.get(local.month, Decimal(0)) + Decimal(r["equipment load [kWh]"]) * Decimal(price)
            hours[local.month] = hours.get(local.month, 0) + 1
        assert (hours[3], hours[10]) == (31 * 24 - 1, 31 * 24 + 1)
        assert [Decimal(c["total"]) for c in bill["cycles"]] == [months[m].quantize(Decimal("0.01"), "ROUND_HALF_UP") for m in range(1, 13)]
        assert bill["cycles"][3]["start"] == "2019-03-31T23:00:00Z" and bill["cycles"][10]["start"] == "2019-11-01T00:00:00Z"
        figures[name] = [c["total"] for c in bill["cycles"]]
    out("agile.json", json.dumps(figures, indent=1))
    out("agile.svg", plots.curves([str(m) for m in range(1, 13)], {n: [float(v) for v in f] for n, f in list(figures.items())[:5]},
                                  "Cambridge buildings under Agile, 2019 (GBP a month)"))


@pytest.mark.thorough
def test_buildings_beside_one_another_by_area(shared_hub):
    """What Cambridge buildings used a square metre in 2019, the archive's floor areas with them."""
    hub = shared_hub
    place, folder = hub.data.parent, DATA / "data/consumption/cambridge_e_g"
    with open(folder / "building_floor_roof_areas.csv") as file:
        areas = {r["Building ID"]: r["GIA (m2)"] for r in csv.DictReader(file)}
    found = sorted(folder.glob("UCam_Building_*/electricity/2019.csv.gz"), key=lambda path: float(areas[path.parts[-3].rpartition("_")[2]]))
    codes = [path.parts[-3].rpartition("_")[2] for path in (found if FULL else found[:6])]
    hub.ctl("party", "add", "university", "--kind", "enterprise")
    hub.ctl("load", "premises", table(place / "premises.csv", "code,parent,kind,area,dwelling", [
        "cam,,city,,", *(f"cam/{c},cam,building,{areas[c]},university" for c in codes)]))
    hub.ctl("load", "points", table(place / "points.csv", "code,commodity,premise,interval,zone,operator", (
        f"cam-{c},electricity,cam/{c},3600,Europe/London,university" for c in codes)))
    hub.ctl("load", "devices", table(place / "devices.csv", "party,meter,point,valid_from", (
        f"university,cam-{c},cam-{c},2018-01-01T00:00:00Z" for c in codes)))
    figures = {}
    for code in codes:
        source = list(rows(f"consumption/cambridge_e_g/UCam_Building_{code}/electricity/2019.csv.gz"))
        take(hub, "university", table(place / "b.csv", "time,value", (f"{r['datetime'].replace(' ', 'T')}Z,{r['equipment load [kWh]']}" for r in source)),
             meter=f"cam-{code}", time_column="time", stamp="start", interval="60", value_column="value")
        figures[code] = sum(Decimal(r["equipment load [kWh]"]) for r in source) / Decimal(areas[code])
    answer = json.loads(hub.ctl("compare", "buildings", "--year", 2019, "--under", "cam"))
    told = {b["building"].removeprefix("cam/"): b for b in answer["buildings"]}
    exact = Decimal("0.001")
    rising = sorted(f.quantize(exact, "ROUND_HALF_UP") for f in figures.values())
    n = len(rising)
    for code, figure in figures.items():
        b = told[code]
        assert Decimal(b["per_area"]) == figure.quantize(exact, "ROUND_HALF_UP"), code
        assert (b["of"], b["rank"]) == (n, 1 + sum(f < Decimal(b["per_area"]) for f in rising))
        assert abs(Decimal(b["median"]) - (rising[(n - 1) // 2] + rising[n // 2]) / 2) <= exact
        assert Decimal(b["best_fifth"]) == rising[-(-n // 5) - 1]
    out("buildings.json", json.dumps(answer, indent=1))
    order = sorted(codes, key=lambda c: figures[c])
    out("buildings.svg", plots.stacked(order, {"kWh/m2": [float(told[c]["per_area"]) for c in order]},
                                       "Cambridge buildings, electricity a square metre in 2019 (kWh/m2)"))


@pytest.mark.thorough
def test_a_gas_column_divided_by_35_is_seen_and_not_billed(shared_hub):
    """As happens unmarked in buildings of that archive: the unit of a column changes on one day."""
    hub = shared_hub
    place = hub.data.parent
    hub.ctl("party", "add", "gas", "--kind", "utility", "--role", "gas")
    tariff(hub, {"tariff": "heat", "currency": "CNY", "zone": "Europe/London", "charges": [
        {"code": "gas", "kind": "usage", "quantity": "gas_energy", "unit": "kWh", "price": "0.3"}]})
    path = sorted((DATA / "data/consumption/cambridge_e_g").glob("UCam_Building_*/gas/2019.csv.gz"))
    values = {p.parts[-3]: list(rows(p.relative_to(DATA / "data"))) for p in path}
    # A building that heats all through the winter.
    name = max(values, key=lambda n: min(sum(Decimal(r["heating load [kWh]"]) for r in values[n][d * 24:d * 24 + 24]) for d in range(59)))
    days = [datetime.date(2019, 1, 25), datetime.date(2019, 2, 12)] if not FULL else [
        datetime.date(2019, 1, 4) + datetime.timedelta(days=3 * k) for k in range(17)]
    broken = {}
    for number, day in enumerate([None, *days]):
        code = f"b{number}"
        hub.ctl("point", "add", code, "--commodity", "gas", "--interval", "3600", "--zone", "Europe/London", "--supplier", "gas")
        hub.ctl("point", "bind", code, "--party", "gas", "--meter", code, "--from", "2018-01-01")
        hub.ctl("account", "add", code, "--zone", "Europe/London", "--kind", "public")
        hub.ctl("account", "supply", code, "--point", code, "--party", "gas", "--tariff", "heat", "--from", "2019-01-01T00:00:00Z")
        column = []
        for r in values[name]:
            value = Decimal(r["heating load [kWh]"])
            if day and r["datetime"][:10] >= str(day):
                value = (value / 35).quantize(Decimal("0.0001"))
            column.append(f"{r['datetime'].replace(' ', 'T')}Z,{value}")
        take(hub, "gas", table(place / "g.csv", "time,value", column), meter=code, time_column="time", stamp="start",
             interval="60", value_column="value", quantity="gas_energy")
        for cycle in ("2019-01", "2019-02"):
            said = lines(hub.run("bill", "run", "--cycle", cycle, "--account", code).stdout)
            if said[-1]["held"]:
                assert "jump" in said[0]["flags"]
                broken[code] = cycle
                break
        if day is None:
            assert code not in broken, said
            continue
        # Held in the cycle of the day, or, where the day is one of its last two, in the next.
        late = (day + datetime.timedelta(days=2)).month != day.month
        assert broken[code] == f"{day:%Y-%m}" or (late and code in broken), (day, broken)
    show = [sum(Decimal(r["heating load [kWh]"]) / (35 if r["datetime"][:10] >= str(days[-1]) else 1)
                for r in values[name][d * 24:d * 24 + 24]) for d in range(59)]
    out("divided.svg", plots.curves([str(d + 1) for d in range(59)], {f"{name}, kWh a day": [float(v) for v in show]},
                                    f"A gas column divided by 35 from {days[-1]} on: the bill is held"))


@pytest.mark.thorough
def test_charging_sessions_as_bills_of_a_pile(shared_hub):
    """ACN sessions through the intake, each rated by the pile fee model: (energy + service) × kWh × (1 + loss)."""
    hub = shared_hub
    place = hub.data.parent
    hub.ctl("party", "add", "piles", "--kind", "service")
    model = json.loads((DATA / "golden/ev_ocpi.json").read_text())["ykc"]
    price = [Decimal(int.from_bytes(bytes.fromhex(v["hex_le"]), "little")) / 100000 for v in model["decode_vectors"]]
    energy, service, loss = [price[1] + n for n in (3, 2, 1, 0)], price[1], Decimal("0.02")
    names = ["sharp", "peak", "flat", "valley"]
    halves = [3] * 14 + [2] * 6 + [1] * 8 + [2] * 6 + [0] * 6 + [1] * 4 + [2] * 2 + [3] * 2  # 48 period numbers, one each half hour
    rules = []
    for n, period in enumerate(halves):
        rules.append({"from": f"{n // 2:02}:{n % 2 * 30:02}", "to": f"{(n + 1) // 2:02}:{(n + 1) % 2 * 30:02}", "period": names[period]})
    pile = {"tariff": "pile", "currency": "CNY", "zone": "America/Los_Angeles", "calendar": {"periods": names, "rules": rules}, "charges": [
        {"code": "energy", "kind": "usage", "quantity": "ev_energy", "unit": "kWh", "prices": {n: str(p) for n, p in zip(names, energy)}},
        {"code": "service", "kind": "usage", "quantity": "ev_energy", "unit": "kWh", "price": str(service)},
        {"code": "loss", "kind": "percent", "rate": str(loss)}], "rounding": {"total": {"unit": "0.01"}}}
    sessions = json.loads(gzip.open(next((DATA / "data/ev/acn_site0002").glob("*.json.gz"))).read())
    at = lambda text: datetime.datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    rows_, kept = [], []
    for s in sessions if FULL else sessions[:12]:
        start, end = at(s["connectionTime"]), at(s["doneChargingTime"] or s["disconnectTime"])
        if end <= start:
            continue
        kept.append((s["stationID"], start, end, Decimal(str(s["kWhDelivered"]))))
        rows_.append(f"{s['stationID']},{start:%Y-%m-%dT%H:%M:%SZ},{end:%Y-%m-%dT%H:%M:%SZ},{s['kWhDelivered']}")
    for station in sorted({k[0] for k in kept}):
        hub.ctl("point", "add", station, "--commodity", "ev", "--zone", "America/Los_Angeles", "--supplier", "piles")
        hub.ctl("point", "bind", station, "--party", "piles", "--meter", station, "--from", "2021-01-01")
    take(hub, "piles", table(place / "s.csv", "meter,start,end,kwh", sorted(rows_)), meter_column="meter", start_column="start",
         end_column="end", value_column="kwh", quantity="ev_energy")
    totals = []
    pacific = zoneinfo.ZoneInfo("America/Los_Angeles")
    for station, start, end, kwh in kept:
        stored = [json.loads(line) for line in hub.ctl("readings", "--point", station, "--quantity", "ev_energy", "--json", "--from",
                                                       f"{start:%Y-%m-%dT%H:%M:%SZ}", "--to", f"{end:%Y-%m-%dT%H:%M:%SZ}").splitlines()]
        assert [Decimal(r["value"]) for r in stored if "value" in r] == [kwh]
        seconds = int((end - start).total_seconds())
        usage = {"zone": "UTC", "start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{end:%Y-%m-%dT%H:%M:%SZ}", "facts": {}, "series": [
            {"quantity": "ev_energy", "unit": "kWh", "start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "step": seconds, "values": [str(kwh)]}]}
        bill = json.loads(rate(hub, pile, usage).stdout)
        # By hand: the energy is taken evenly over the session, so each half hour has its seconds.
        cost, t = Decimal(0), start
        while t < end:
            local = t.astimezone(pacific)
            half = local.hour * 2 + local.minute // 30
            edge = min(end, t + datetime.timedelta(seconds=1800 - (local.minute % 30 * 60 + local.second)))
            cost += kwh * Decimal(int((edge - t).total_seconds())) / seconds * (energy[halves[half]] + service)
            t = edge
        expected = cost * (1 + loss)
        assert abs(Decimal(bill["total"]) - expected) <= Decimal("0.0051"), (station, start, bill["total"], expected)
        assert sum(Decimal(line["amount"]) for line in bill["lines"]) == Decimal(bill["total"])
        totals.append((f"{start.astimezone(pacific):%m-%d %H:%M}", float(bill["total"]), float(kwh)))
    out("charging.json", json.dumps({"sessions": len(totals), "kWh": sum(t[2] for t in totals), "CNY": sum(t[1] for t in totals)}))
    out("charging.svg", plots.stacked([t[0] for t in totals[:12]], {"CNY": [t[1] for t in totals[:12]]},
                                      "Charging sessions by the pile fee model (CNY each)"))
