"""
Further cases in the forms of the published ones, so that the mappings hold for more than the samples: the worked
examples of the OCPI 2.2.1 tariffs module and what follows from the rule that an engine's vector states.
"""
from decimal import Decimal

import pytest

from mapping import mapping_of
from rated import rate
from test_golden import same

FLAT, KWH = {"type": "FLAT", "price": "0.50", "vat": "20", "step": 1}, {"type": "ENERGY", "price": "0.25", "vat": "10", "step": 1}


def part(kind, price, vat, step, **more):
    return {"type": kind, "price": price, "vat": vat, "step": step, **more}


def ev(name, components, session, excl, incl, **more):
    return {"id": name, "kind": "ocpi", "components": components, "session": session, "expected_excl": excl, "expected_incl": incl, **more}


HOUR_FEE = part("TIME", "5.00", "20", 60, reservation="RESERVATION")
EV = [
    ev("start fee", [FLAT, KWH], {"wh": 20000}, "5.50", "6.10"),
    ev("least price not reached", [KWH], {"wh": 20000}, "5.00", "5.50", min_price=["0.50", "0.55"]),
    ev("parking by the quarter", [FLAT, KWH, part("PARKING_TIME", "2.00", "20", 900)], {"wh": 20000, "parking_s": 2400}, "7.00", "7.90"),
    ev("parking in minutes", [FLAT, KWH, part("PARKING_TIME", "2.00", "20", 900)], {"wh": 20000, "parked_min": 40}, "7.00", "7.90"),
    ev("below the highest price", [FLAT, KWH], {"wh": 30000}, "8.00", "8.85", max_price=["10", "11"]),
    ev("charging and parking", [part("TIME", "3.00", "10", 60), part("PARKING_TIME", "5.00", "20", 300)],
       {"time_s": 9000, "parking_s": 2520}, "11.25", "12.75"),
    ev("monday", [part("FLAT", "2.50", "15", 1), part("TIME", "1.00", "20", 900), part("PARKING_TIME", "5.00", "10", 300)],
       {"time_s": 8820, "parking_s": 2520}, "8.75", "10.00"),
    ev("saturday", [part("FLAT", "2.50", "15", 1), part("TIME", "1.25", "20", 600), part("PARKING_TIME", "6.00", "10", 300)],
       {"time_s": 6840, "parking_s": 4260}, "12.50", "14.13"),
    ev("reservation", [HOUR_FEE, FLAT, KWH], {"wh": 20000, "reservation_s": 900}, "6.75", "7.60"),
    ev("reservation with a fee", [part("FLAT", "2.00", "20", 1), part("TIME", "5.00", "20", 300, reservation="RESERVATION"), FLAT, KWH],
       {"wh": 20000, "reservation_s": 780}, "8.75", "10.00"),
    ev("free", [part("FLAT", "0.00", None, 1)], {"wh": 20000}, "0.00", None),
    *(ev(f"steps of {step} Wh", [part("ENERGY", "0.25", None, step)], {"wh": "115.2"}, excl, None)
      for step, excl in ((1, "0.029"), (25, "0.031"), (500, "0.125"))),
]

GRACE = [{"price_components": [part("PARKING_TIME", "0.0", "0", None)], "restrictions": {"min_duration": 0, "max_duration": 1800}},
         {"price_components": [part("PARKING_TIME", "3.0", "0", None)], "restrictions": {"min_duration": 1800}},
         {"price_components": [part("ENERGY", "0.25", "10", None)]}]
for component in (c for element in GRACE for c in element["price_components"]):
    component["step_size"] = component.pop("step") or 1
PERIODS = [("15:00", {"PARKING_TIME": 0.5}), ("15:30", {"PARKING_TIME": 0.25}), ("15:45", {"ENERGY": 10})]
EV.append({"id": "grace for parking", "kind": "ocpi", "elements": GRACE, "expected_excl": "3.25", "expected_incl": "3.50", "cdr": {
    "start_date_time": "2015-06-29T15:00:00Z", "end_date_time": "2015-06-29T16:15:00Z", "currency": "EUR", "charging_periods": [
        {"start_date_time": f"2015-06-29T{at}:00Z", "dimensions": [{"type": k, "volume": v} for k, v in what.items()]} for at, what in PERIODS]}})

STEPS = [{"upto": "5", "flat": "100", "price": "0"}, {"upto": "10", "flat": "50", "price": "0"}, {"upto": "15", "flat": "0", "price": "5"},
         {"upto": None, "flat": "0", "price": "1"}]
LAGO = [{"upto": "10", "flat": "2", "price": "10"}, {"upto": "20", "flat": "3", "price": "5"}, {"upto": None, "flat": "3", "price": "5"}]


def tiers(kind, rows, use, expected, **more):
    return {"id": f"{kind} {use}", "kind": kind, "usage": use, "tiers": rows, "expected": expected, **more}


ENGINES = [
    tiers("graduated_flat", STEPS, "10", "22", prior_usage="12"),   # 3 at 5, 7 at 1; the flat fees were charged before
    tiers("graduated_flat", STEPS, "2", "50", prior_usage="5"),     # the second tier begins with this use
    tiers("graduated_flat", STEPS, "2", "0", prior_usage="1"),
    tiers("graduated_flat", STEPS, "0", "0"),
    tiers("graduated_flat", STEPS, "22", "150", maximum="150"),
    tiers("graduated_flat", STEPS, "22", "500", minimum="500"),
    tiers("graduated_flat", LAGO, "0", "2", charge_first_flat_at_zero=True),
    tiers("graduated_flat", LAGO, "10.5", "107.5", charge_first_flat_at_zero=True),
    tiers("volume", LAGO, "11", "58"),
    tiers("volume", LAGO, "10", "102"),
    {"id": "package 100.5", "kind": "package", "usage": "100.5", "size": "10", "price": "3", "expected": "33"},
    {"id": "package at its edge", "kind": "package", "usage": "120", "size": "10", "free": "20", "price": "3", "expected": "30"},
    {"id": "package free", "kind": "package", "usage": "20", "size": "10", "free": "20", "price": "3", "expected": "0"},
    # openmeterio/openmeter, billing/rating/service/rate/package_test.go: 17 used before have begun the second packet.
    {"id": "package begun before", "kind": "package", "usage": "5", "prior_usage": "17", "size": "10", "price": "15", "expected": "15"},
    {"id": "package within one begun before", "kind": "package", "usage": "3", "prior_usage": "17", "size": "10", "price": "15", "expected": "0"},
    # dynamic_test.go of the same: 93.33 billed before, 66.67 now, never more than 100.
    {"id": "most of a period in parts", "kind": "commitment", "billed": "66.67", "previous": "93.33", "maximum": "100",
     "expected_adjust": "-60", "expected": "6.67"},
    {"id": "dynamic", "kind": "unit", "usage": "10", "price": "1.33333", "expected": "13.33", "tolerance": "0.005"},
    {"id": "most", "kind": "commitment", "billed": "1200", "maximum": "1000", "expected_adjust": "-200", "expected": "1000"},
    {"id": "neither", "kind": "commitment", "billed": "800", "minimum": "500", "maximum": "1000", "expected_adjust": "0"},
]
OTHERS = [
    {"id": "rollover", "kind": "register_diff", "previous": "99990", "current": "15", "digits": 5, "expected": "25"},
    # California-Data-Collaborative/RateParser, tests/testthat/test_calculate_bills.R: the household of the four bills.
    *({"id": f"owrs residential{name}", "usage_ccf": "27.3", "meter_size": '5/8"', "service": service, "tier_starts": ["0", "15", "21", "26"],
       "tier_prices": ["2.87", "4.29", "6.44", "10.07"], "sewer": sewer, "expected": "152.281"}
      for name, service, sewer in (("", "11", {"cap": "10", "price": "2"}),
                                   (" by tables", {'5/8"': "11", '1"': "22"}, {"tier_starts": ["0", "11"], "tier_prices": ["2", "0"]}))),
    {"id": "multiplier", "kind": "register_diff", "previous": "10.5", "current": "12.0", "multiplier": "40", "expected": "60"},
    {"id": "half of a month", "kind": "money_proration", "amount": "19.95", "num": 15, "den": 31, "expected": "9.65"},
    {"id": "power factor of energies", "kwh": "80", "kvarh": "60", "expected_percent": "5"},
    {"id": "power factor 0.85, above", "pf": "0.97", "standard": "0.85", "expected_percent": "-1.1"},
    {"id": "power factor 0.80", "pf": "0.91", "standard": "0.80", "expected_percent": "-1.15"},
]


@pytest.mark.parametrize("case", [*EV, *ENGINES, *OTHERS], ids=lambda c: c["id"])
def test_sibling(case):
    checks = list(mapping_of("siblings.json", case)(case))
    assert checks
    for what, expected, tol, compute in checks:
        got = compute()
        assert same(expected, got, tol), f"{what}: {got}, expected {Decimal(expected)}"


def cut(charge, use, days, versions=None, quota=None):
    """A month's use in one piece, and in pieces that end at these days; the totals, one beside the other."""
    document = {"tariff": "t", "currency": "CNY", "zone": "UTC", "cycle": {"months": 1}, "charges": [charge]}
    if versions:
        document = {**document, "versions": [{"valid_from": day, "charges": [charge]} for day in versions]}
        del document["charges"]
    if quota:
        document["change"] = {"quota": quota}
    series = {"quantity": "water_volume", "unit": "m3", "start": "2026-01-01", "step": "1d", "values": [use] * 31}
    facts, pieces, totals = {}, ["2026-01-01", *days, "2026-02-01"], []
    for start, end in zip(pieces, pieces[1:]):
        bill = rate(document, {"zone": "UTC", "start": start, "end": end, "facts": facts, "series": [series]})
        facts = {"state": bill["state"]}
        totals.append(Decimal(bill["total"]))
    return totals


SEWAGE = {"code": "s", "kind": "usage", "quantity": "water_volume", "unit": "m3", "price": "1"}


@pytest.mark.parametrize("limits,month", [({"free": "10"}, 21), ({"cap": "12"}, 12), ({"free": "3", "cap": "20"}, 20), ({"step": "4"}, 32),
                                          ({"free": "1", "step": "7", "package": True}, 5)])
def test_what_is_free_and_capped_is_of_the_cycle_however_it_is_cut(limits, month):
    charge = {**SEWAGE, **limits}
    for days in ([], ["2026-01-05"], ["2026-01-12", "2026-01-13"], [f"2026-01-{n:02}" for n in range(2, 32)]):
        assert sum(cut(charge, "1", days)) == month
    # A price change inside the cycle gives nothing free twice, unless each price has its limits in full.
    assert sum(cut(charge, "1", [], ["2020-01-01", "2026-01-16"])) == month


def test_what_is_free_before_a_ladder_is_of_the_cycle():
    """31 used, 10 free: 15 at 1 and 6 at 2, in a ladder of the cycle and in one of the year."""
    for period in ({}, {"period": {"months": 12, "reset": "01-01"}}):
        charge = {**SEWAGE, "free": "10", "ladder": {"blocks": [{"upto": "15", "price": "1"}, {"price": "2"}], **period}}
        del charge["price"]
        for days in ([], ["2026-01-05"], ["2026-01-12", "2026-01-13"], [f"2026-01-{n:02}" for n in range(2, 32)]):
            assert sum(cut(charge, "1", days)) == 15 + 12, days
        assert sum(cut(charge, "1", [], ["2020-01-01", "2026-01-16"], "shared")) == 15 + 12


def test_a_charge_without_limits_leaves_no_standing():
    """The state is kept with every bill."""
    document = {"tariff": "t", "currency": "CNY", "zone": "UTC", "cycle": {"months": 1}, "charges": [SEWAGE, {**SEWAGE, "code": "f", "free": "1"}]}
    use = {"zone": "UTC", "start": "2026-01-01", "end": "2026-02-01", "facts": {"water_volume": {"value": "5", "unit": "m3"}}, "series": []}
    assert set(rate(document, use)["state"]["ladders"]) == {"f"}


def test_each_price_has_its_limits_in_full_where_the_tariff_says_so():
    assert cut({**SEWAGE, "free": "10"}, "1", [], ["2020-01-01", "2026-01-16"], "full") == [Decimal(5 + 6)]
