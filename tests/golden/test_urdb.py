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
