"""
Published tables with what they say beside their prices (tariff_tables.json of the reference data names the notices): how
many persons, which heating, since when, how many months. Each is a rule of the schema, and each amount follows by hand.
"""
from decimal import Decimal

import pytest

from rated import Refused, rate, total

SHANGHAI = [{"upto": "3120", "price": "0.617"}, {"upto": "4800", "price": "0.677"}, {"price": "0.977"}]
GAS = [{"upto": {"general": "350", "boiler": "1500"}, "price": "2.61"}, {"upto": {"general": "500", "boiler": "2500"}, "price": "2.83"},
       {"price": "4.23"}]
HONG_KONG = [{"upto": "12", "price": "0"}, {"upto": "43", "price": "4.16"}, {"upto": "62", "price": "6.45"}, {"price": "9.05"}]
YEAR = {"period": {"months": 12, "reset": "01-01"}}


def charge(quantity="use", unit="1", **more):
    return {"code": "c", "kind": "usage", "quantity": quantity, "unit": unit, **more}


def ladder(blocks, **more):
    return {"ladder": {"blocks": blocks, **more}}


def bill(charges, use, start="2026-01-01", end="2027-01-01", cycle=None, **facts):
    document = {"tariff": "t", "currency": "CNY", "zone": "Asia/Shanghai", "charges": charges if isinstance(charges, list) else [charges]}
    if cycle:
        document["cycle"] = {"months": cycle}
    registers = use if isinstance(use, list) else [{"time": start, "value": "0"}, {"time": end, "value": str(use)}]
    return rate(document, {"zone": "Asia/Shanghai", "start": start, "end": end, "facts": facts, "series": [
        {"quantity": "use", "unit": "1", "registers": registers}]})


def by_hand(use, *blocks):
    """(limit, price) rows; the last limit None."""
    paid, low = Decimal(0), Decimal(0)
    for limit, price in blocks:
        high = Decimal(use) if limit is None else min(Decimal(use), Decimal(str(limit)))
        paid += max(high - low, Decimal(0)) * Decimal(price)
        low = max(low, high)
    return paid


@pytest.mark.parametrize("since,share", [("2026-07-01", Decimal("0.5")), ("2026-07-31", Decimal("0.5")), ("2025-03-01", 1)])
def test_half_a_year_has_half_the_quota(since, share):
    """Shanghai began on 1 July 2012 with 1,560 kWh for the half year: the month of moving in counts whole."""
    got = total(bill(charge(**ladder(SHANGHAI, **YEAR, part_year="months")), 3000, since=since))
    assert got == by_hand(3000, (3120 * share, "0.617"), (4800 * share, "0.677"), (None, "0.977"))


def test_part_of_a_year_by_days():
    """73 of 365 days: a fifth."""
    got = total(bill(charge(**ladder(SHANGHAI, **YEAR, part_year="days")), 1000, start="2026-10-20", since="2026-10-20"))
    assert got == by_hand(1000, (624, "0.617"), (960, "0.677"), (None, "0.977"))


@pytest.mark.parametrize("persons,more", [(4, 0), (5, 1200), (7, 1200)])
def test_a_large_household_has_more_once(persons, more):
    """Shanghai: five or more persons have 100 kWh a month more, however many they are."""
    rule = ladder(SHANGHAI, **YEAR, persons={"fact": "persons", "over": 4, "add": ["1200", "1200"], "once": True})
    got = total(bill(charge(**rule), 6500, persons=persons))
    assert got == by_hand(6500, (3120 + more, "0.617"), (4800 + more, "0.677"), (None, "0.977"))


def test_each_further_person_has_more():
    """Guangzhou: the quota rises per person beyond four; Shenzhen's collective households have all of theirs per person."""
    panyu = [{"upto": "26", "price": "1.75"}, {"upto": "34", "price": "2.63"}, {"price": "5.25"}]
    rule = ladder(panyu, persons={"fact": "persons", "over": 4, "add": ["6", "8"]})
    got = total(bill(charge(**rule), 60, end="2026-02-01", persons=6))
    assert got == by_hand(60, (38, "1.75"), (50, "2.63"), (None, "5.25"))
    shared = [{"upto": "5", "times": ["persons"], "price": "2.67"}, {"upto": "7", "times": ["persons"], "price": "4.01"}, {"price": "8.01"}]
    got = total(bill(charge(**ladder(shared)), 100, end="2026-02-01", persons=12))
    assert got == by_hand(100, (60, "2.67"), (84, "4.01"), (None, "8.01"))


@pytest.mark.parametrize("heating,limits", [("general", (350, 500)), ("boiler", (1500, 2500))])
def test_limits_by_heating(heating, limits):
    rule = ladder(GAS, **YEAR, groups={"fact": "heating", "names": ["general", "boiler"]})
    got = total(bill(charge(**rule), 2600, heating=heating))
    assert got == by_hand(2600, (limits[0], "2.61"), (limits[1], "2.83"), (None, "4.23"))
    for other in ({}, {"heating": "oven"}):
        with pytest.raises(Refused, match="heating"):
            bill(charge(**rule), 2600, **other)


def test_four_months_of_hong_kong():
    """The ladder fills anew every four months; sewage is free for the first twelve of each."""
    registers = [{"time": f"{2026 + m // 12}-{m % 12 + 1:02}-01", "value": str(20 * m)} for m in range(13)]
    charges = [charge(**ladder(HONG_KONG)), {**charge(price="2.92", free="12"), "code": "sewage"}]
    four = by_hand(80, (12, "0"), (43, "4.16"), (62, "6.45"), (None, "9.05")) + 68 * Decimal("2.92")
    year = bill(charges, registers, cycle=4)
    assert [Decimal(c["total"]) for c in year["cycles"]] == [four] * 3
    # The same where bills are made each month and the ladder alone is of four months.
    monthly = bill(charge(**ladder(HONG_KONG, period={"months": 4, "reset": "01-01"})), registers, cycle=1)
    assert len(monthly["cycles"]) == 12 and total(monthly) == 3 * (four - 68 * Decimal("2.92"))


@pytest.mark.parametrize("months,reset,fills", [(2, "02-01", 7), (3, "01-01", 4), (6, "04-01", 3), (12, "07-01", 2)])
def test_tier_periods_begin_at_their_reset(months, reset, fills):
    """10 a month, the first 10 of each tier period at 1 and the rest at 2: every period that begins gives 10 at 1."""
    registers = [{"time": f"{2026 + m // 12}-{m % 12 + 1:02}-01", "value": str(10 * m)} for m in range(13)]
    rule = ladder([{"upto": "10", "price": "1"}, {"price": "2"}], period={"months": months, "reset": reset})
    assert total(bill(charge(**rule), registers, cycle=1)) == 10 * fills + 2 * (120 - 10 * fills)


def test_a_water_bill_is_its_parts():
    """Beijing: 2.07, 4.07 and 6.07 for water, 1.57 resource and 1.36 sewage make 5, 7 and 9; refuse is by the month."""
    rows = [("180", "2.07"), ("260", "4.07"), (None, "6.07")]
    blocks = [{**({"upto": upto} if upto else {}), "price": price} for upto, price in rows]
    parts = [{**charge(**ladder(blocks, **YEAR)), "code": "water"}, {**charge(price="1.57"), "code": "resource"},
             {**charge(price="1.36"), "code": "sewage"}, {"code": "refuse", "kind": "fixed", "amount": "3", "per": "month"}]
    year = bill(parts, 300)
    sums = {p["code"]: sum(Decimal(x["amount"]) for x in year["lines"] if x["code"] == p["code"]) for p in parts}
    assert sums["refuse"] == 36 and total(year) - 36 == by_hand(300, (180, "5"), (260, "7"), (None, "9"))


def test_exchanged_meters_of_the_series_digits_and_multiplier():
    """Both registers pass over their end; what the series says holds for the segments, unless one says otherwise."""
    segments = [{"meter": "old", "registers": [{"time": "2026-01-01", "value": "99990"}, {"time": "2026-01-20", "value": "12"}]},
                {"meter": "new", "multiplier": "10", "registers": [{"time": "2026-01-20", "value": "99999"}, {"time": "2026-02-01", "value": "9"}]}]
    document = {"tariff": "t", "currency": "CNY", "zone": "UTC", "charges": [charge(price="1")]}
    use = {"zone": "UTC", "start": "2026-01-01", "end": "2026-02-01", "facts": {}, "series": [
        {"quantity": "use", "unit": "1", "digits": 5, "multiplier": "40", "segments": segments}]}
    assert total(rate(document, use)) == 22 * 40 + 10 * 10
