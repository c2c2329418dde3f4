"""Buildings beside one another: what each uses a square metre in a year, among those that serve the same."""
import datetime
import json
from decimal import Decimal

from sums_city import put

DAY = datetime.timedelta(days=1)
BEGIN = datetime.datetime(2025, 1, 1)
# code: use, floor area, kWh a day, days that there are readings of
BUILDINGS = {
    "b/east": ("office", "1000", 120, 365), "b/west": ("office", "2000", 180, 365), "b/north": ("office", "500.5", 80, 365),
    "b/south": ("office", "800", 40, 365), "b/mid": ("office", "1200", 150, 365), "b/tower": ("office", "9000", 1500, 365),
    "b/new": ("office", "700", 90, 200), "b/unknown": ("office", "", 10, 365), "b/school": ("school", "3000", 60, 365),
}


def readings():
    for code, (_, _, kwh, days) in BUILDINGS.items():
        for day in range(days):
            # from midnight to midnight in Shanghai
            yield f"{code},{(BEGIN + day * DAY - datetime.timedelta(hours=8)).isoformat()}Z,{kwh}"


def test_buildings_stand_beside_those_that_serve_the_same(shared_hub):
    hub = shared_hub
    hub.ctl("party", "add", "campus", "--kind", "enterprise")
    hub.ctl("load", "premises", put(hub, "premises.csv", ["code,parent,kind,name_zh,name_en,area,dwelling", "b,,city,城,City,,"] + [
        f"{code},b,building,楼{code[2:]},Building {code[2:]},{area},{use}" for code, (use, area, *_) in BUILDINGS.items()]))
    hub.ctl("load", "points", put(hub, "points.csv", ["code,commodity,premise,interval,zone,operator"] + [
        f"p-{code},electricity,{code},86400,Asia/Shanghai,campus" for code in BUILDINGS]))
    hub.ctl("load", "devices", put(hub, "devices.csv", ["party,meter,point,valid_from"] + [
        f"campus,{code},p-{code},2024-01-01T00:00:00Z" for code in BUILDINGS]))
    options = {"meter_column": "meter", "time_column": "time", "value_column": "kwh", "stamp": "start", "interval": "1440",
               "quantity": "active_energy_import", "unit": "kWh"}
    hub.ctl("import", "--adapter", "csv", "--party", "campus", "--ancient", "10000",
            *[w for k, v in options.items() for w in ("--option", f"{k}={v}")], put(hub, "use.csv", ["meter,time,kwh", *readings()]))
    answer = json.loads(hub.ctl("compare", "buildings", "--year", 2025, "--under", "b"))
    assert (answer["unit"], answer["rule"]) == ("kWh/m2", {"same": "use", "at_least": 5, "cover_percent": 95})
    told = {b["building"]: b for b in answer["buildings"]}
    assert list(told) == sorted(BUILDINGS), "each once, by code"
    figures = {code: (Decimal(kwh) * 365 / Decimal(area)).quantize(Decimal("0.001"), "ROUND_HALF_UP")
               for code, (use, area, kwh, days) in BUILDINGS.items() if use == "office" and area and days == 365}
    rising = sorted(figures.values())
    for code, figure in figures.items():
        b = told[code]
        assert Decimal(b["per_area"]) == figure, code
        assert (b["rank"], b["of"]) == (1 + sum(f < figure for f in rising), 6)
        assert abs(Decimal(b["median"]) - (rising[2] + rising[3]) / 2) <= Decimal("0.0005") and Decimal(b["best_fifth"]) == rising[1]
    assert told["b/tower"]["amount"] == "547500" and told["b/tower"]["name_zh"] == "楼tower"
    assert {code: told[code]["reason"] for code in told if "reason" in told[code]} == {
        "b/new": "use", "b/unknown": "area", "b/school": "few"}
    assert "rank" not in told["b/school"] and told["b/school"]["per_area"] == "7.3"
    for words, code in ((("--year", "25x"), "word.number"), (("--year", "25"), "compare.year"), (("--year", "2025", "--under", "nowhere"), "premise.unknown"),
                        (("--year", "2025", "--commodity", "tea"), "compare.commodity")):
        refused = hub.run("compare", "buildings", *words)
        assert refused.returncode != 0 and code in refused.stderr, refused.stderr
