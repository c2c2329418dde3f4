"""Vectors of usage billing engines, and prepayment."""
from decimal import Decimal

from forms import amount, ladder, prior, tariff, text, tolerance, usage
from rated import lines, rate, total


def bounds(case, charges):
    for kind in ("minimum", "maximum"):
        if case.get(kind) is not None:
            charges.append({"code": kind, "kind": kind, "amount": text(case[kind])})


def graduated_flat(case):
    rule = ladder(case["tiers"], flat_at_zero=bool(case.get("charge_first_flat_at_zero")))
    charges = [{"code": "use", "kind": "usage", "quantity": "calls", "unit": "1", "ladder": rule}]
    bounds(case, charges)
    document, use = tariff(charges), usage([amount("calls", case["usage"], "1")], prior(case))
    yield "total", case["expected"], tolerance(case), lambda: total(rate(document, use))
    if "expected_lines" in case:
        wanted = [Decimal(x) for x in case["expected_lines"]]
        yield "lines", wanted, None, lambda: [x for x in lines(rate(document, use)) if x]


def package(case):
    charges = [{"code": "use", "kind": "usage", "quantity": "calls", "unit": "1", "price": text(case["price"]),
                "step": text(case["size"]), "free": text(case.get("free", "0")), "package": True}]
    bounds(case, charges)
    before = {"prior_usage": {"use": prior(case)["prior_usage"]}} if prior(case) else {}
    document, use = tariff(charges), usage([amount("calls", case["usage"], "1")], before)
    yield "total", case["expected"], tolerance(case), lambda: total(rate(document, use))


def commitment(case):
    """What was billed before in the period counts for the bound, and is no part of what is left to pay."""
    before = Decimal(text(next((case[k] for k in ("previous", "previously_billed", "previous_billed") if k in case), "0")))
    charges = [{"code": "billed", "kind": "fixed", "amount": text(case["billed"])}]
    if before:
        charges.append({"code": "before", "kind": "fixed", "amount": text(before)})
    bounds(case, charges)
    document = tariff(charges)
    if "expected_adjust" in case:
        yield "adjustment", case["expected_adjust"], tolerance(case), \
            lambda: sum(lines(rate(document, usage()), "minimum", "maximum"), Decimal(0))
    if "expected" in case:
        yield "total", case["expected"], tolerance(case), lambda: total(rate(document, usage())) - before


def unit_price(case):
    charges = [{"code": "use", "kind": "usage", "quantity": "calls", "unit": "1", "price": text(case["price"])}]
    bounds(case, charges)
    document, use = tariff(charges), usage([amount("calls", case["usage"], "1")])
    yield "total", case["expected"], tolerance(case), lambda: total(rate(document, use))


def prepaid(case):
    if "balance" in case:
        document = tariff([{"code": "use", "kind": "fixed", "amount": "0"}],
                          prepaid={"first": text(case["first"]), "second": text(case["second"])})
        yield "level", case["expected"], None, lambda: rate(document, usage(facts={"balance": text(case["balance"])}))[
            "prepaid"]["level"].upper()
    else:
        charge = {"code": "use", "kind": "usage", "quantity": "calls", "unit": "1", "price": "1"}
        document = tariff([charge], rounding={"total": {"unit": "0.01", "mode": "floor"}})
        yield "amount", case["expected"], None, lambda: total(rate(document, usage([amount("calls", case["value"], "1")])))


def crossing(case):
    charge = {"code": "energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh",
              "ladder": ladder(case["tiers"])}
    use = usage([amount("active_energy_import", case["usage"], "kWh")], {"prior_usage": text(case["prior"])})
    yield "total", case["correct"], None, lambda: total(rate(tariff([charge]), use))
