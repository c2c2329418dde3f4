"""
OCPI 2.2.1 Tariff objects and CDRs: the worked examples of the specification (mod_tariffs 11.3.1.1 and 11.4, mod_cdrs
10.3.1.2), written from its text, and what its rules say beside them.

Not followed: the example of free parking after 20:00, whose breakdown (12 minutes at 1.20, parking at 2.40) contradicts the
tariff above it (2.40 and 1.00): the tariff wins, 0.73 instead of 0.80. The Saturday, where 114 minutes at 1.25 are printed
as 2.28 and are 2.375. The steps of 0.1 kWh, which older texts print as 5.50 for 20.45 kWh. A duration counts from the
session's start, so that the first free hour gives the printed 7.30 where charging itself takes no time.
"""
import datetime
from decimal import Decimal

import pytest

from rated import Refused, rate

START = datetime.datetime(2019, 1, 7, 9, 30, tzinfo=datetime.timezone.utc)  # a Monday


def part(kind, price, step=1, vat=None):
    return {"type": kind, "price": price, "step_size": step, **({} if vat is None else {"vat": vat})}


def tariff(*elements, **more):
    """Each element: a list of components, or (components, restrictions)."""
    made = [{"price_components": e} if isinstance(e, list) else {"price_components": e[0], "restrictions": e[1]} for e in elements]
    return {"country_code": "DE", "party_id": "ALL", "id": "12", "currency": "EUR", "elements": made,
            "last_updated": "2018-12-17T17:00:43Z", **more}


def cdr(*periods, start=START, **more):
    """Each period: (minutes it lasts, its dimensions)."""
    out, at = [], start
    for minutes, dimensions in periods:
        out.append({"start_date_time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "dimensions": [{"type": k, "volume": v} for k, v in dimensions.items()]})
        at += datetime.timedelta(minutes=minutes)
    return {"country_code": "BE", "party_id": "BEC", "id": "12345", "currency": "EUR", "charging_periods": out,
            "start_date_time": start.strftime("%Y-%m-%dT%H:%M:%SZ"), "end_date_time": at.strftime("%Y-%m-%dT%H:%M:%SZ"), **more}


def charging(minutes, kwh=0, **more):
    return (minutes, {"TIME": str(Decimal(minutes) / 60) if minutes % 3 == 0 else minutes / 60, **({"ENERGY": kwh} if kwh else {}), **more})


def parking(minutes):
    return (minutes, {"PARKING_TIME": minutes / 60})


def cost(document, session):
    bill = rate(document, session)
    assert sum(Decimal(line["amount"]) for line in bill["lines"]) == Decimal(bill["total"])
    total = bill["ocpi"]["total_cost"]
    if "incl_vat" in total:
        assert Decimal(total["incl_vat"]) == Decimal(bill["total"])
    return Decimal(total["excl_vat"]), Decimal(total["incl_vat"]) if "incl_vat" in total else None, bill


FEE, KWH = part("FLAT", 0.50, 1, 20.0), part("ENERGY", 0.25, 1, 10.0)
LEAST = {"min_price": {"excl_vat": 0.50, "incl_vat": 0.55}}
MOST = {"max_price": {"excl_vat": 10.00, "incl_vat": 11.00}}
COMPLEX = tariff([part("FLAT", 2.50, 1, 15.0)],
                 ([part("TIME", 1.00, 900, 20.0)], {"max_current": 32.00}),
                 ([part("TIME", 2.00, 600, 20.0)], {"min_current": 32.00, "day_of_week": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]}),
                 ([part("TIME", 1.25, 600, 20.0)], {"min_current": 32.00, "day_of_week": ["SATURDAY", "SUNDAY"]}),
                 ([part("PARKING_TIME", 5.00, 300, 10.0)],
                  {"start_time": "09:00", "end_time": "18:00", "day_of_week": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]}),
                 ([part("PARKING_TIME", 6.00, 300, 10.0)], {"start_time": "10:00", "end_time": "17:00", "day_of_week": ["SATURDAY"]}))
SATURDAY = datetime.datetime(2019, 1, 12, 13, 30, tzinfo=datetime.timezone.utc)
RESERVE = tariff(([part("TIME", 5.00, 60, 20.0)], {"reservation": "RESERVATION"}), [FEE, KWH])
RESERVE_FEE = tariff(([part("FLAT", 2.00, 1, 20.0), part("TIME", 5.00, 300, 20.0)], {"reservation": "RESERVATION"}), [FEE, KWH])
EXPIRE_FEE = tariff(([part("FLAT", 4.00, 1, 20.0)], {"reservation": "RESERVATION_EXPIRES"}),
                    ([part("TIME", 2.00, 600, 20.0)], {"reservation": "RESERVATION"}), [FEE, KWH])
EXPIRE_TIME = tariff(([part("TIME", 6.00, 600, 20.0)], {"reservation": "RESERVATION_EXPIRES"}),
                     ([part("TIME", 3.00, 600, 20.0)], {"reservation": "RESERVATION"}), [FEE, KWH])
STEPS = tariff(([part("TIME", 1.20, 1800), part("PARKING_TIME", 1.00, 900)], {"start_time": "00:00", "end_time": "17:00"}),
               ([part("TIME", 2.40, 900), part("PARKING_TIME", 1.00, 900)], {"start_time": "17:00", "end_time": "20:00"}),
               ([part("TIME", 2.40, 900)], {"start_time": "20:00", "end_time": "00:00"}))
POWER = tariff(([part("ENERGY", 0.20, 1, 20.0)], {"max_power": 16.00}), ([part("ENERGY", 0.35, 1, 20.0)], {"max_power": 32.00}),
               [part("ENERGY", 0.50, 1, 20.0)])
MARKET = tariff(([part("ENERGY", 0.00, 1, 20.0)], {"max_duration": 1800}), ([part("ENERGY", 0.25, 1, 20.0)], {"max_duration": 3600}),
                [part("ENERGY", 0.40, 1, 20.0)])
FIRST_FREE = tariff(([part("PARKING_TIME", 0.0, 60)], {"max_duration": 3600}),
                    ([part("PARKING_TIME", 2.0, 60)], {"min_duration": 3600, "max_duration": 10800}),
                    ([part("PARKING_TIME", 3.0, 60)], {"min_duration": 10800}),
                    ([part("ENERGY", 0.0)], {"max_kwh": 1.0}), ([part("ENERGY", 0.2)], {"min_kwh": 1.0}))


def at(hour, minute):
    return START.replace(hour=hour, minute=minute)


def hour_of(minutes, reserved):
    return (minutes, {"RESERVATION_TIME": str(Decimal(reserved) / 60)})


PLACE = {"time_zone": "UTC"}
EXAMPLES = {
    "0.25 per kWh": (tariff([KWH]), cdr(charging(60, 20)), "5.00", "5.50"),
    "with a start fee": (tariff([FEE, KWH]), cdr(charging(60, 20)), "5.50", "6.10"),
    "minimum, not reached": (tariff([KWH], **LEAST), cdr(charging(60, 20)), "5.00", "5.50"),
    "minimum": (tariff([KWH], **LEAST), cdr(charging(60, 1.2)), "0.50", "0.55"),
    "parking by the quarter": (tariff([FEE, KWH, part("PARKING_TIME", 2.00, 900, 20.0)]), cdr(charging(60, 20), parking(40)), "7.00", "7.90"),
    "maximum": (tariff([FEE, KWH], **MOST), cdr(charging(60, 50)), "10.00", "11.00"),
    "maximum, not reached": (tariff([FEE, KWH], **MOST), cdr(charging(60, 30)), "8.00", "8.85"),
    "2 per hour": (tariff([part("TIME", 2.00, 60, 10.0)]), cdr(charging(150), parking(30)), "5.00", "5.50"),
    "3 per hour, 5 parking": (tariff([part("TIME", 3.00, 60, 10.0), part("PARKING_TIME", 5.00, 300, 20.0)]),
                              cdr(charging(150), parking(42)), "11.25", "12.75"),
    "1.90 per hour": (tariff([part("TIME", 1.90, 300, 5.2)]), cdr(charging(150)), "4.75", "4.997"),
    "steps of 0.1 kWh": (tariff([FEE, part("ENERGY", 0.25, 100, 10.0)]), cdr(charging(60, 20.45)), "5.625", "6.2375"),
    "a Monday": (COMPLEX, cdr(charging(165, 0, MAX_CURRENT=16), parking(42), **PLACE), "9.00", "10.30"),
    "a Saturday": (COMPLEX, cdr(charging(114, 0, MIN_CURRENT=43), parking(71), start=SATURDAY, **PLACE), "12.375", "13.975"),
    "free": (tariff([part("FLAT", 0.00, 0)]), cdr(charging(60, 20)), "0", None),
    "first hour and kWh free": (FIRST_FREE, cdr((0, {"ENERGY": 20}), parking(165)), "7.30", None),
    "reservation": (RESERVE, cdr(hour_of(15, 15), charging(60, 20)), "6.75", "7.60"),
    "reservation with a fee": (RESERVE_FEE, cdr(hour_of(13, 13), charging(60, 20)), "8.75", "10.00"),
    "reservation, used, with an expiry fee": (EXPIRE_FEE, cdr(hour_of(22, 22), charging(60, 20)), "6.50", "7.30"),
    "reservation, expired, with a fee": (EXPIRE_FEE, cdr(hour_of(60, 60)), "6.00", "7.20"),
    "reservation, used, with an expiry price": (EXPIRE_TIME, cdr(hour_of(22, 22), charging(60, 20)), "7.00", "7.90"),
    "reservation, expired, with its price": (EXPIRE_TIME, cdr(hour_of(90, 90)), "9.00", "10.80"),
    "steps, then parking": (STEPS, cdr(charging(10), parking(2), start=at(16, 55), **PLACE), "0.55", None),
    "steps over a switch": (STEPS, cdr(charging(35), start=at(16, 35), **PLACE), "1.30", None),
    "steps, then free": (STEPS, cdr(charging(12), parking(20), start=at(19, 40), **PLACE), "0.73", None),
    "max_power": (POWER, cdr(charging(10, 1), charging(50, 40), charging(7.5, 0.5)), "20.30", "24.36"),
    "max_power, told": (POWER, cdr(charging(60, 1, MAX_POWER=6), charging(60, 40, MAX_POWER=48, MIN_POWER=1), charging(60, 0.5, MAX_POWER=4)),
                        "20.30", "24.36"),
    "max_duration": (MARKET, cdr(charging(30, 5), charging(10, 1.2)), "0.30", "0.36"),
    "5.4 kWh in steps over a switch": (tariff(([part("ENERGY", 0.20, 500)], {"end_time": "17:00"}), [part("ENERGY", 0.27, 500)]),
                                       cdr(charging(30, 4.3), charging(10, 1.1), start=at(16, 30), **PLACE), "1.184", None),
    "28 minutes in steps over a switch": (tariff(([part("TIME", 5, 600)], {"end_time": "17:00"}), [part("TIME", 7, 600)]),
                                          cdr(charging(28), start=at(16, 54), **PLACE), "3.30", None),
    "21 minutes, then 16 of parking": (tariff([part("TIME", 1, 600), part("PARKING_TIME", 2, 600)]), cdr(charging(21), parking(16)),
                                       str(Decimal(21) / 60 + Decimal(40) / 60), None),
    "115.2 Wh by the Wh": (tariff([part("ENERGY", 0.25)]), cdr(charging(6, "0.1152")), "0.029", None),
    "115.2 Wh by 25 Wh": (tariff([part("ENERGY", 0.25, 25)]), cdr(charging(6, "0.1152")), "0.03125", None),
    "115.2 Wh by 500 Wh": (tariff([part("ENERGY", 0.25, 500)]), cdr(charging(6, "0.1152")), "0.125", None),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_of_the_specification(name):
    document, session, excl, incl = EXAMPLES[name]
    got_excl, got_incl, bill = cost(document, session)
    assert abs(got_excl - Decimal(excl)) < Decimal("0.0000001"), bill
    assert (got_incl is None) == (incl is None), bill
    assert incl is None or abs(got_incl - Decimal(incl)) < Decimal("0.0000001"), bill


def test_the_last_step_rounds_the_total_of_the_session():
    """Three periods of 5, 2 and 5 kWh over 17:00, steps of 8 and 5 kWh: 12 become 15."""
    document = tariff(([part("ENERGY", 2, 8000)], {"start_time": "00:00", "end_time": "17:00"}),
                      ([part("ENERGY", 2, 5000)], {"start_time": "17:00", "end_time": "20:00"}))
    excl, incl, bill = cost(document, cdr((5, {"ENERGY": 5}), (2, {"ENERGY": 2}), (5, {"ENERGY": 5}), start=at(16, 55), **PLACE))
    assert (excl, incl) == (30, None) and [line["quantity"] for line in bill["lines"]] == ["5", "10"]


def test_a_rounded_volume_is_taken_as_told():
    """0.0834 h of charging, twice, and 0.0334 h of parking: 0.10008 + 0.20016 + a quarter of an hour."""
    excl, _, _ = cost(STEPS, cdr((5, {"TIME": 0.0834}), (2, {"TIME": 0.0834}), (5, {"PARKING_TIME": 0.0334}), start=at(16, 55), **PLACE))
    assert excl == Decimal("0.55024")


def test_a_period_is_cut_where_the_price_changes():
    """Whether the CDR cuts at an edge or not: in proportion to time and energy; local time through a change of clock."""
    document = tariff(([part("ENERGY", 0.10)], {"start_time": "22:00", "end_time": "06:00"}), [part("ENERGY", 0.30)])
    night = datetime.datetime(2026, 3, 29, 0, 0, tzinfo=datetime.timezone.utc)   # 01:00 in Berlin, 02:00 becomes 03:00
    berlin = {"time_zone": "Europe/Berlin"}
    excl, _, bill = cost(document, cdr(charging(360, 36), start=night, **berlin))
    assert excl == Decimal("24") * Decimal("0.10") + Decimal("12") * Decimal("0.30"), bill
    assert cost(document, cdr(charging(240, 24), charging(120, 12), start=night, **berlin))[0] == excl
    kwh = tariff(([part("ENERGY", 0.10)], {"max_kwh": 7}), [part("ENERGY", 0.30)])
    assert cost(kwh, cdr(charging(60, 20)))[0] == Decimal("0.7") + 13 * Decimal("0.3")


def test_restrictions_hold_together_and_the_first_element_counts():
    document = tariff(([part("ENERGY", 0.10)], {"start_date": "2019-01-07", "end_date": "2019-01-08", "day_of_week": ["MONDAY"], "min_kwh": 2, "max_kwh": 5}),
                      ([part("ENERGY", 0.20), part("TIME", 1.00)], {"max_duration": 1800}), [part("ENERGY", 0.40)])
    excl, _, bill = cost(document, cdr(charging(60, 10), **PLACE))
    # 2 kWh at 0.20, 3 at 0.10, 5 at 0.40; half an hour of time, and none behind it.
    assert excl == Decimal("0.40") + Decimal("0.30") + Decimal("2.00") + Decimal("0.50"), bill
    assert cost(document, cdr(charging(60, 10), start=START + datetime.timedelta(days=1), **PLACE))[0] == 1 + 2 + Decimal("0.50")


def test_what_a_cdr_sums_up():
    _, _, bill = cost(tariff([FEE, KWH, part("PARKING_TIME", 2.00, 900, 20.0)]), cdr(charging(60, 20), parking(40)))
    assert bill["ocpi"] == {
        "total_cost": {"excl_vat": "7", "incl_vat": "7.9"}, "total_fixed_cost": {"excl_vat": "0.5", "incl_vat": "0.6"},
        "total_energy_cost": {"excl_vat": "5", "incl_vat": "5.5"}, "total_time_cost": {"excl_vat": "0", "incl_vat": "0"},
        "total_parking_cost": {"excl_vat": "1.5", "incl_vat": "1.8"}, "total_reservation_cost": {"excl_vat": "0", "incl_vat": "0"},
        "total_energy": "20", "total_time": "1.666666666667", "total_parking_time": "0.666666666667"}


def test_a_session_of_ours_is_rated_too():
    """Standings of a station's meter: what stands still is parking; or facts alone."""
    document = tariff([FEE, KWH, part("PARKING_TIME", 2.00, 900, 20.0)], zone="Asia/Shanghai")
    session = {"zone": "Asia/Shanghai", "start": "2026-01-01T10:00:00Z", "end": "2026-01-01T11:40:00Z", "series": [
        {"quantity": "ev_energy", "unit": "kWh", "registers": [
            {"time": "2026-01-01T10:00:00Z", "value": "100"}, {"time": "2026-01-01T10:30:00Z", "value": "112"},
            {"time": "2026-01-01T11:00:00Z", "value": "120"}, {"time": "2026-01-01T11:40:00Z", "value": "120"}]}]}
    assert cost(document, session)[:2] == (Decimal("7.0"), Decimal("7.9"))
    facts = {**session, "series": [], "facts": {"charging_time": {"value": "150", "unit": "min"}, "parking_time": {"value": "42", "unit": "min"}}}
    assert cost(EXAMPLES["3 per hour, 5 parking"][0], facts)[:2] == (Decimal("11.25"), Decimal("12.75"))
    expired = {**session, "series": [], "facts": {"reservation_time": {"value": "1", "unit": "h"}, "reservation_expired": "yes"}}
    assert cost(EXPIRE_FEE, expired)[:2] == (Decimal("6.00"), Decimal("7.20"))


REFUSED = {
    "ocpi.elements": (tariff(), cdr(charging(60, 1))),
    "ocpi.components": (tariff([]), cdr(charging(60, 1))),
    "form.unknown": (tariff(([KWH], {"min_soc": 5})), cdr(charging(60, 1))),
    "form.choice": (tariff([part("ENERGIE", 1)]), cdr(charging(60, 1))),
    "ocpi.time": (tariff(([KWH], {"start_time": "24:00"})), cdr(charging(60, 1))),
    "ocpi.date": (tariff(([KWH], {"start_date": "2019-7-1"})), cdr(charging(60, 1))),
    "ocpi.day_of_week": (tariff(([KWH], {"day_of_week": ["FUNDAY"]})), cdr(charging(60, 1))),
    "ocpi.vat": (tariff([part("ENERGY", 1, 1, -5)]), cdr(charging(60, 1))),
    "ocpi.reservation": (tariff(([KWH], {"reservation": "RESERVATION"})), cdr(charging(60, 1))),
    "ocpi.tax_included": (tariff([KWH], tax_included="YES"), cdr(charging(60, 1))),
    "ocpi.price": (tariff([KWH], min_price={"excl_vat": 5}, max_price={"excl_vat": 4}), cdr(charging(60, 1))),
    "ocpi.validity": (tariff([KWH], end_date_time="2018-06-30T23:59:59Z"), cdr(charging(60, 1))),
    "usage.zone": (STEPS, cdr(charging(60, 1))),
    "usage.ocpi.level": (COMPLEX, cdr(charging(60, 1), **PLACE)),
    "usage.ocpi.credit": (tariff([KWH]), cdr(charging(60, 1), credit=True)),
    "usage.ocpi.periods": (tariff([KWH]), cdr()),
    "usage.ocpi.volume": (tariff([KWH]), cdr(charging(60, -1))),
    "tariff.currency.mix": (tariff([KWH]), {**cdr(charging(60, 1)), "currency": "CNY"}),
    "usage.ocpi.tariff": (tariff([KWH]), {**cdr(charging(60, 1)), "charging_periods": [
        {"start_date_time": "2019-01-07T09:30:00Z", "tariff_id": "13", "dimensions": [{"type": "ENERGY", "volume": 1}]}]}),
    "usage.ocpi.order": (tariff([KWH]), {**cdr(charging(60, 1)), "end_date_time": "2019-01-07T09:00:00Z", "start_date_time": "2019-01-07T08:00:00Z"}),
}


@pytest.mark.parametrize("code", REFUSED)
def test_refused(code):
    with pytest.raises(Refused, match=code.replace(".", r"\.")):
        rate(*REFUSED[code])


def test_a_cdr_needs_a_tariff_of_ocpi():
    ours = {"tariff": "t", "currency": "EUR", "zone": "UTC", "charges": [{"code": "start", "kind": "fixed", "amount": "1"}]}
    with pytest.raises(Refused, match=r"usage\.ocpi"):
        rate(ours, cdr(charging(60, 1)))
