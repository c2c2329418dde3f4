"""The examples of docs/tariffs.md give the totals they state, and the schema admits them."""
import json
import re

import pytest

from rated import ROOT, Refused, rate

PAGE = (ROOT / "docs/tariffs.md").read_text()
EXAMPLES = re.findall(r"^```json tariff=(\w+) usage=(\w+) total=(\S+)\n(.*?)^```", PAGE, re.M | re.S)


def month(start, end, *series, zone="Asia/Shanghai", **facts):
    return {"zone": zone, "start": start, "end": end, "series": list(series), "facts": facts}


def values(quantity, unit, start, step, *rows):
    return {"quantity": quantity, "unit": unit, "start": start, "step": step, "values": list(rows)}


ENERGY = ("active_energy_import", "kWh")
USAGES = {
    # A holiday Thursday, Friday, Saturday: 1 kWh an hour.
    "tou": month("2026-01-01", "2026-01-04", values(*ENERGY, "2026-01-01", 3600, *["1"] * 72)),
    "year": month("2026-01-01", "2026-02-01", values(*ENERGY, "2026-01-01", "P1M", "3412"), prior_usage="0", since="2025-05-01",
                  persons=4),
    "halves": month("2026-01-01", "2026-01-02", values(*ENERGY, "2026-01-01", 43200, "12", "12")),
    "water": month("2026-01-01", "2026-02-01", values("water_volume", "m3", "2026-01-01", "P1M", "25")),
    "gas": month("2026-01-01", "2026-02-01", values("gas_volume", "m3", "2026-01-01", "P1M", "2.83"), zone="Europe/London"),
    "ev": month("2026-01-01", "2026-01-02", values("ev_energy", "kWh", "2026-01-01", "1d", "20"),
                charging_time={"value": "4500", "unit": "s"}, parking_time={"value": "65", "unit": "min"}),
    "ocpi": {"currency": "EUR", "start_date_time": "2026-01-01T10:00:00Z", "end_date_time": "2026-01-01T11:00:00Z", "charging_periods": [
        {"start_date_time": "2026-01-01T10:00:00Z", "dimensions": [{"type": "TIME", "volume": 1}, {"type": "ENERGY", "volume": 20}]}]},
    "calls": month("2026-01-01", "2026-02-01", values("calls", "1", "2026-01-01", "P1M", "100.5"), zone="UTC"),
    "market": month("2026-01-01T00:00:00Z", "2026-01-01T03:00:00Z", values(*ENERGY, "2026-01-01T00:00:00Z", 3600, "1", "1", "1"),
                    values("day_ahead", "GBP/kWh", "2026-01-01T00:00:00Z", 3600, "0.1", "0.05", "0.4")),
    "demand": month("2026-01-01", "2026-02-01", values(*ENERGY, "2026-01-01", 1800, *["2"] * 10, "6", *["2"] * 1477),
                    contract_kw="20", peaks=[{"at": "2025-11-01", "value": "18.125"}]),
    "hundred": month("2026-01-01", "2026-02-01", values(*ENERGY, "2026-01-01", "P1M", "100"), zone="UTC",
                     reactive_energy_import="50"),
    "feedin": month("2026-01-01", "2026-01-02", values(*ENERGY, "2026-01-01", 21600, "3", "0", "1", "2"),
                    values("active_energy_export", "kWh", "2026-01-01", 21600, "0", "4", "1", "0")),
    "change": month("2019-03-10", "2019-04-10", {"quantity": "active_energy_import", "unit": "kWh", "registers": [
        {"time": "2019-03-10", "value": "0"}, {"time": "2019-03-20", "value": "150"},
        {"time": "2019-04-10", "value": "400"}]}, zone="Asia/Ho_Chi_Minh"),
}


@pytest.mark.parametrize("name,usage,total,text", EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_example(name, usage, total, text):
    bill = rate(json.loads(text), USAGES[usage])
    assert bill["total"] == total, json.dumps(bill["lines"], ensure_ascii=False, indent=1)


def test_every_feature_is_shown():
    assert len(EXAMPLES) >= 12


def test_the_usage_example_is_accepted():
    text = re.search(r"^```json usage=example\n(.*?)^```", PAGE, re.M | re.S)[1]
    tariff = json.loads(EXAMPLES[1][3])
    assert float(rate(tariff, json.loads(text))["total"]) > 0


def test_an_unknown_field_is_refused_by_name():
    with pytest.raises(Refused, match="colour"):
        rate({**json.loads(EXAMPLES[1][3]), "colour": 1}, USAGES["year"])


def test_schema_names_what_the_parser_knows():
    """Fields of the schema and of the parser's tables are the same."""
    schema = json.loads((ROOT / "schemas/tariff.schema.json").read_text())
    source = "".join((ROOT / "hub/billing" / name).read_text()
                     for name in ("tariff.c", "tariff_charge.c", "tariff_ladder.c", "tariff_calendar.c"))
    fields = set()

    def walk(node):
        if isinstance(node, dict):
            fields.update(node.get("properties", {}))
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(schema)
    assert {f for f in fields if f'"{f}"' not in source} == set()
