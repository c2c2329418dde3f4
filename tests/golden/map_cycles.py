"""Changes inside a cycle, corrections, meter differences, gas energy, cycles of a subscription."""
import re
from decimal import Decimal

from forms import MONTH, NotComputable, amount, ladder, rounding, tariff, text, tolerance, usage
from rated import lines, rate, total


def dates_of(case):
    """Without a year: one in which the days are there, a leap year where 29 February or the case's count of days says so."""
    import datetime
    for year in ("2025", "2024"):
        start, end, change = (case[k] if len(case[k]) == 10 else f"{year}-{case[k]}" for k in ("start", "end", "change"))
        if end < start:
            end = f"{int(start[:4]) + 1}{end[4:]}"
            change = change if change > start else f"{int(start[:4]) + 1}{change[4:]}"
        try:
            days = (datetime.date.fromisoformat(end) - datetime.date.fromisoformat(start)).days
        except ValueError:
            continue
        if int(case.get("days", days)) - days in (0, 1):
            return start, end, change
    raise NotComputable("the days between the dates are not the case's")


def next_day(day):
    import datetime
    return str(datetime.date.fromisoformat(day) + datetime.timedelta(days=1))


def day_proration(case):
    """Use is split over two versions by days, whole units, the rest to the last part. `end` is the last day."""
    start, end, change = dates_of(case)
    import datetime
    days = (datetime.date.fromisoformat(end) - datetime.date.fromisoformat(start)).days
    end = end if days == int(case.get("days", days)) else next_day(end)
    charge = [{"code": "use", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh", "price": "1"}]
    document = {"tariff": "case", "currency": "USD", "zone": "UTC",
                "change": {"usage": "days", "round": {"unit": "1", "mode": "half_up"}},
                "versions": [{"valid_from": "2020-01-01", "charges": charge}, {"valid_from": change, "charges": charge}]}
    use = {"zone": "UTC", "start": start, "end": end, "facts": {}, "series": [
        {"quantity": "active_energy_import", "unit": "kWh",
         "registers": [{"time": start, "value": "0"}, {"time": end, "value": text(case["quantity"])}]}]}
    wanted = [Decimal(x) for x in case["expected"]]
    yield "parts", wanted, None, lambda: [Decimal(line["quantity"]) for line in rate(document, use)["lines"]]


def money_proration(case):
    """An amount for num of den days: a fixed charge prorated over one cycle that the account saw in part."""
    charges = [{"code": "part", "kind": "usage", "quantity": "days", "unit": "d", "price": text(case["amount"]),
                "divide": text(case["den"]), "round": {"unit": text(case.get("unit", "0.01")), "mode": "half_up"}}]
    use = usage(facts={"days": {"value": text(case["num"]), "unit": "d"}})
    yield "amount", case["expected"], tolerance(case), lambda: total(rate(tariff(charges, "USD"), use))


def reversal(case):
    """The opposite of a bill is the same charges as a credit; nothing of the first changes."""
    charge = {"code": "use", "kind": "usage", "quantity": "calls", "unit": "1", "price": text(case["original"])}
    one = usage([amount("calls", "1", "1")])
    first = lambda: total(rate(tariff([charge], "USD"), one))
    back = lambda: total(rate(tariff([{**charge, "credit": True}], "USD"), one))
    expected = case["expected"]
    yield "repair_adj", expected["repair_adj"], None, back
    if "net" in expected:
        yield "net", expected["net"], None, lambda: first() + back()


def two_regimes(case):
    """Each regime's use and ladder as published; with prorated quotas the change falls on its day."""
    parts = case["parts"]
    full = "full" in case["kind"]
    if not full and not all("days" in part for part in parts):
        raise NotComputable("prorated quotas without days")
    total_days = sum(int(part.get("days", 10)) for part in parts)
    import datetime
    at = start = datetime.date(2026, 1, 1)
    versions, series = [], []
    for part in parts:
        days = int(part.get("days", 10))
        charge = {"code": "energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh",
                  "ladder": ladder(part["tiers"])}
        versions.append({"valid_from": str(at), "charges": [charge]})
        series.append((at, at + datetime.timedelta(days=days), part["usage"]))
        at += datetime.timedelta(days=days)
    registers, standing = [{"time": str(start), "value": "0"}], Decimal(0)
    for _, end, use in series:
        standing += Decimal(text(use))
        registers.append({"time": str(end), "value": text(standing)})
    change = {"usage": "readings", "quota": "full" if full else "days"}
    if not full:
        change["round"] = rounding(case.get("quota_rounding")) or {"unit": "1", "mode": "half_up"}
    use = {"zone": "UTC", "start": str(start), "end": str(at), "facts": {}, "series": [
        {"quantity": "active_energy_import", "unit": "kWh", "registers": registers}]}
    document = {"tariff": "case", "currency": "VND", "zone": "UTC", "change": change, "versions": versions}
    for place, part in enumerate(parts):
        if "expected" in part:
            yield f"part {place + 1}", part["expected"], None, lambda place=place: sum(
                (Decimal(line["amount"]) for line in rate(document, use)["lines"]
                 if line["start"][:10] == str(series[place][0])), Decimal(0))
    yield "total", case["expected"], tolerance(case), lambda: total(rate(document, use))
    if "expected_with_vat" in case:
        taxed = {**document, "versions": [{**v, "charges": [*v["charges"], {"code": "vat", "kind": "percent",
                                                                             "rate": text(case.get("vat", "0.10"))}]}
                                          for v in versions]}
        yield "with tax", case["expected_with_vat"], None, lambda: total(rate(taxed, use))


def register_diff(case):
    series = {"quantity": "active_energy_import", "unit": "kWh", "multiplier": text(case.get("multiplier", "1")),
              "registers": [{"time": MONTH["start"], "value": text(case["previous"])},
                            {"time": MONTH["end"], "value": text(case["current"])}]}
    digits = case.get("digits") or case.get("dials")
    modulus = case.get("modulus") or case.get("rollover") or case.get("max")
    if not digits and modulus:
        digits = len(str(int(Decimal(text(modulus))) - (1 if text(modulus).startswith("1") else 0)))
    if digits:
        series["digits"] = int(digits)
    charges = [{"code": "use", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh", "price": "1"}]
    yield "use", case["expected"], tolerance(case), lambda: Decimal(rate(tariff(charges), usage([series]))["lines"][0]["quantity"])


def gas_energy(case):
    """Volume × every factor the case gives / div, to the published digits."""
    skip = {"id", "kind", "expected", "source", "trust", "notes", "div", "rounding", "tol", "tolerance", "price"}
    factors = [text(v) for k, v in case.items() if k not in skip and not k.startswith("volume") and re.fullmatch(r"-?[0-9.]+", text(v))]
    volume = next(text(v) for k, v in case.items() if k.startswith("volume"))
    charge = {"code": "gas", "kind": "usage", "quantity": "gas_volume", "unit": "kWh", "scale": factors,
              "price": "1", "quantity_round": rounding(case.get("rounding")) or {"unit": "0.01", "mode": "half_up"}}
    if case.get("div"):
        charge["divide"] = text(case["div"])
    use = usage([amount("gas_volume", volume, "m3")])
    yield "energy", case["expected"], tolerance(case), lambda: Decimal(rate(tariff([charge], "GBP"), use)["lines"][0]["quantity"])


PERIODS = {"monthly": "month", "quarterly": "quarter", "annual": "year", "biannual": "half_year", "semi_annual": "half_year"}


def cycles(case):
    if case["period"] not in PERIODS:
        raise NotComputable(f"period {case['period']} is not known")
    charge = {"code": "plan", "kind": "fixed", "amount": "1", "per": PERIODS[case["period"]],
              "day": int(case["bill_cycle_day"]), "prorate": True, "advance": True}
    use = {"zone": "UTC", "start": case["start"], "end": case["end"] or "2040-01-01", "facts": {"as_of": case["target"]}}
    document = tariff([charge], "USD", rounding={"total": {"unit": "0.000000001", "mode": "half_up"}})
    yield "cycles", case["expected_cycles"], tolerance(case), lambda: total(rate(document, use))
