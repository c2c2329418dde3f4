"""URDB records of the reference data: imported as they are, and the published demand charge."""
import json
from decimal import Decimal

import pytest

from rated import Refused, rate, reference

FOLDER = reference() and reference().parent / "data/tariff/urdb"
RECORDS = sorted(FOLDER.glob("*.urdb.json")) if FOLDER and FOLDER.is_dir() else []


def year(value, zone="America/Denver"):
    return {"zone": zone, "start": "2018-01-01", "end": "2019-01-01", "facts": {}, "series": [
        {"quantity": "active_energy_import", "unit": "kWh", "start": "2018-01-01", "step": 3600, "values": [value] * 8760}]}


@pytest.mark.skipif(not RECORDS, reason="no reference data")
@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.name)
def test_a_record_is_rated(path):
    record = json.loads(path.read_text())
    bill = rate(record, year("100"))
    assert len(bill["cycles"]) == 12
    # A flat load meets every period's price for exactly the hours the schedule gives it.
    energy = sum(Decimal(line["quantity"]) for line in bill["lines"] if line["code"].startswith("energy"))
    assert energy == 876000


@pytest.mark.skipif(not RECORDS, reason="no reference data")
def test_the_published_demand_charge():
    for case in json.loads((FOLDER / "expected.json").read_text())["cases"]:
        if "numeric" not in case:
            continue
        record = json.loads((FOLDER / f"{case['rate']}.urdb.json").read_text())
        bill = rate(record, year("114.155251142"))
        demand = sum(Decimal(line["amount"]) for line in bill["lines"] if line["code"].startswith("demand"))
        assert abs(demand - Decimal(str(case["numeric"]))) < Decimal("0.00001")


def test_periods_of_one_month_with_other_limits_are_refused():
    record = {"label": "x", "energyratestructure": [[{"rate": 0.1, "max": 100}, {"rate": 0.2}], [{"rate": 0.1, "max": 50}, {"rate": 0.2}]],
              "energyweekdayschedule": [[0] * 12 + [1] * 12] * 12, "energyweekendschedule": [[0] * 24] * 12}
    with pytest.raises(Refused, match="urdb.tiers"):
        rate(record, year("1"))


def hours(kwh_by_month, peaks):
    """A year's load: the month's energy in its first hour but one, its peak in the first."""
    import datetime
    values = ["0"] * 8760
    for month, (kwh, peak) in enumerate(zip(kwh_by_month, peaks), 1):
        first = (datetime.datetime(2018, month, 1) - datetime.datetime(2018, 1, 1)).days * 24
        values[first], values[first + 1] = str(peak), str(kwh - peak)
    return {"zone": "UTC", "start": "2018-01-01", "end": "2019-01-01", "facts": {}, "series": [
        {"quantity": "active_energy_import", "unit": "kWh", "start": "2018-01-01", "step": 3600, "values": values}]}


FLAT = {"label": "x", "energyratestructure": [[{"rate": 0}]], "energyweekdayschedule": [[0] * 24] * 12, "energyweekendschedule": [[0] * 24] * 12,
        "flatdemandstructure": [[{"rate": 10}]], "flatdemandmonths": [0] * 12}


def test_earlier_peaks_raise_the_flat_demand_of_a_record():
    """July's 100 kW counts 80 % for eleven months after it; marked months alone count where they are marked."""
    peaks = [20, 20, 20, 20, 20, 20, 100, 20, 20, 90, 20, 20]
    load = hours([p + 1 for p in peaks], peaks)
    for record, least in (({"lookbackPercent": 0.8, "lookbackRange": 11}, 80), ({"lookbackPercent": 80, "lookbackRange": 11}, 80),
                          ({"lookbackPercent": 0.5, "lookbackRange": 11, "lookbackMonths": [0] * 9 + [1, 0, 0]}, 45),
                          ({"demandratchetpercentage": [80] * 12, "lookbackRange": 2}, 80)):
        bill = rate({**FLAT, **record}, load)
        months = {line["start"][:7]: Decimal(line["quantity"]) for line in bill["lines"] if line["code"].startswith("demand")}
        assert months["2018-06"] == 20 and months["2018-11"] == (least if record.get("lookbackRange") != 2 else 72)
        assert months["2018-08"] == (20 if "lookbackMonths" in record else 80)


def test_fuel_is_added_month_by_month():
    load = hours([100] * 12, [1] * 12)
    bill = rate({**FLAT, "fueladjustmentsmonthly": [0.01, 0.02, -0.005] + [0] * 9}, load)
    fuel = {line["start"][:7]: Decimal(line["amount"]) for line in bill["lines"] if line["code"] == "fuel" and Decimal(line["quantity"])}
    assert [fuel.get(f"2018-0{m}") for m in (1, 2, 3, 4)] == [1, 2, Decimal("-0.5"), 0]
    with pytest.raises(Refused, match="urdb.fuel"):
        rate({**FLAT, "fueladjustmentsmonthly": [0.01]}, load)


def power(quantity, unit, values, step=900, **more):
    return {"quantity": quantity, "unit": unit, "start": "2018-01-01", "step": step, "values": values, **more}


def month(*series, **facts):
    return {"zone": "UTC", "start": "2018-01-01", "end": "2018-02-01", "facts": facts, "series": [
        power("active_energy_import", "kWh", ["1"] * 10 + ["9", "3"] + ["1"] * (31 * 96 - 12)), *series]}


def amounts(bill):
    return {line["code"]: Decimal(line["amount"]) for line in bill["lines"] if Decimal(line["amount"])}


def test_the_window_of_a_demand():
    """9 and 3 kWh in two quarters: 36 kW in one of them, 24 in the half hour, 14 in the hour."""
    for window, kw in ((None, 36), (15, 36), (30, 24), (60, 14)):
        assert amounts(rate({**FLAT, **({"demandwindow": window} if window else {})}, month())) == {"demand_flat": kw * 10}
    with pytest.raises(Refused, match="usage.demand.step"):
        rate({**FLAT, "demandwindow": 10}, month())


def test_demand_in_kva_and_reactive_demand():
    record = {**FLAT, "flatdemandunit": "kVA", "demandreactivepowercharge": 0.25}
    load = month(power("apparent_energy_import", "kVAh", ["10"] + ["1"] * (31 * 96 - 1)), power("reactive_energy_import", "kvarh", ["0.5", "2"] * (31 * 48)))
    assert amounts(rate(record, load)) == {"demand_flat": 400, "demand_reactive": 2}
    for missing in ("apparent_energy_import", "reactive_energy_import"):
        with pytest.raises(Refused, match=missing):
            rate(record, {**load, "series": [s for s in load["series"] if s["quantity"] != missing]})
    for unit in ("hp", "kW daily"):
        with pytest.raises(Refused, match="urdb.demand_unit"):
            rate({**FLAT, "flatdemandunit": unit}, month())


def test_demand_at_the_utilitys_peak():
    record = {**FLAT, "flatdemandstructure": [[{"rate": 0}]], "coincidentratestructure": [[{"rate": 0}], [{"rate": 4, "adj": 1}]],
              "coincidentschedule": [[0] * 14 + [1] * 6 + [0] * 4] * 12, "coincidentrateunit": "kW"}
    assert amounts(rate(record, month(coincident_demand={"value": "12.5", "unit": "kW"}))) == {"coincident": Decimal("62.5")}
    # a series of the power then: at three in the afternoon it counts, at three in the night it does not
    told = power("coincident_demand", "kW", ["0"] * 3 + ["99"] + ["0"] * 11 + ["7"] + ["0"] * (31 * 24 - 16), 3600, instant=True)
    assert amounts(rate(record, month(told))) == {"coincident": 35}
    with pytest.raises(Refused, match="coincident_demand"):
        rate(record, month())


def test_prices_of_every_hour_stand_for_the_records_own():
    record = {**FLAT, "flatdemandstructure": [[{"rate": 0}]], "energyratestructure": [[{"rate": 0.5, "sell": 0.1}]], "netting": {"mode": "step"},
              "market": {"buy": "buy_price", "sell": "sell_price"}}
    load = {"zone": "UTC", "start": "2018-01-01", "end": "2018-01-01T04:00:00Z", "facts": {}, "series": [
        power("active_energy_import", "kWh", ["3", "1", "2", "0"], 3600), power("active_energy_export", "kWh", ["1", "4", "0", "5"], 3600),
        power("buy_price", "USD/kWh", ["0.1", "0.2", "0.3", "0.4"], 3600, instant=True),
        power("sell_price", "USD/kWh", ["0.01", "0.02", "0.03", "-0.04"], 3600, instant=True)]}
    assert amounts(rate(record, load)) == {"energy": Decimal("0.8"), "sell": Decimal("0.14")}
    assert amounts(rate({**record, "market": {"sell": "sell_price"}}, load)) == {"energy": 2, "sell": Decimal("0.14")}
    with pytest.raises(Refused, match="usage.market"):
        rate(record, {**load, "series": load["series"][:3]})


def test_an_unknown_rule_of_feed_in_is_refused():
    with pytest.raises(Refused, match="urdb.dgrules"):
        rate({**FLAT, "dgrules": "Barter"}, month())


def notes(record):
    return {n["field"]: n["text"] for n in rate({**FLAT, **record}, hours([1] * 12, [1] * 12)).get("notes", [])}


def test_what_is_not_taken_of_a_record_is_told_by_name():
    told = notes({"energycomments": "A franchise fee of 2 % is added", "fixedchargeeaaddl": 3.5, "voltageminimum": 2000, "surcharge": [1],
                  "fixedattrs": [{"Franchise": "2 %"}], "servicetype": "Delivery"})
    assert set(told) == {"energycomments", "fixedchargeeaaddl", "voltageminimum", "surcharge", "fixedattrs", "servicetype"}
    assert "words" in told["energycomments"] and "further meter" in told["fixedchargeeaaddl"] and "knows" in told["surcharge"]
    # What says nothing, or nothing about money, is not told.
    assert not notes({"energycomments": "", "fixedchargeeaaddl": 0, "fixedattrs": [], "servicetype": "Bundled", "utility": "A", "approved": True})


def test_an_unknown_field_of_a_tier_is_refused_by_name():
    with pytest.raises(Refused, match="surcharge"):
        rate({**FLAT, "energyratestructure": [[{"rate": 0.1, "surcharge": 0.01}]]}, year("1"))


def test_net_metering_of_older_records():
    """`usenetmetering` is what `dgrules` was before; the newer field wins."""
    load = year("2", "UTC")
    load["series"].append({**load["series"][0], "quantity": "active_energy_export", "values": ["0"] * 4380 + ["1"] * 4380})
    record = {**FLAT, "flatdemandstructure": [[{"rate": 0}]], "energyratestructure": [[{"rate": 1}]]}
    bill = lambda more: Decimal(rate({**record, **more}, load)["total"])
    assert bill({}) == bill({"usenetmetering": False}) == 2 * 8760
    assert bill({"usenetmetering": True}) == bill({"dgrules": "Net Metering"}) == 2 * 8760 - 4380
    assert bill({"usenetmetering": True, "dgrules": "Buy All Sell All"}) == 2 * 8760
