"""Block tariffs: graduated and by volume, with fees, taxes, floors and bounds; water budgets; published tables."""
import re
from decimal import Decimal

from forms import MODES, NotComputable, amount, base_of, ladder, prior, rounding, tariff, text, tolerance, usage
from rated import rate, total


UNITS = {"water": ("water_volume", "m3"), "gas": ("gas_volume", "m3")}


def graduated(case):
    quantity, unit = UNITS.get(case.get("area"), ("active_energy_import", "kWh"))
    mode = "volume" if case["kind"] == "volume" else "graduated"
    charges = []
    if Decimal(text(case.get("fixed") or "0")):
        charges.append({"code": "fixed", "kind": "fixed", "amount": text(case["fixed"])})
    energy = {"code": "energy", "kind": "usage", "quantity": quantity, "unit": unit,
              "ladder": ladder(case["tiers"], mode=mode, flat_at_zero=True if mode == "volume" else False)}
    charges.append(energy)
    document = tariff(charges, case.get("currency", "CNY"))
    total_rule = rounding(case.get("rounding"))
    months = 1
    for place, adder in enumerate(case.get("adders") or []):
        charges.append(adder_charge(place, adder, quantity, unit))
    for place, step in enumerate(case.get("steps") or []):
        op = step["op"]
        mode = step.get("mode", op.split("_")[0].replace("round", "half-up"))
        to = {"unit": text(step["to"]), "mode": MODES[mode]} if "to" in step and mode in MODES else None
        if op.endswith("_each_tier"):
            energy["round"] = to
        elif op.endswith("_total"):
            total_rule = to
        elif re.match(r"min(imum)?(_|$)|max(imum)?(_|$)", op):
            kind = "minimum" if op.startswith("min") else "maximum"
            charges.append({"code": f"{op}_{place}", "kind": kind, "base": base_of(step.get("base")),
                            "amount": text(next(step[k] for k in ("amount", "value", "to", "by") if k in step))})
        elif "rate" in step or "percent" in step:
            rate_of = Decimal(text(step["rate"])) if "rate" in step else Decimal(text(step["percent"])) / 100
            sign = -1 if op in ("discount", "rebate") and rate_of > 0 else 1
            charges.append({"code": f"{op}_{place}", "kind": "percent", "rate": text(sign * rate_of),
                            "base": base_of(step.get("base")), **round_of(step)})
        elif "per_unit" in step:
            charges.append({"code": f"{op}_{place}", "kind": "usage", "quantity": quantity, "unit": unit, "price": text(step["per_unit"]),
                            **round_of(step)})
        elif times := re.fullmatch(r"(?:times|multiply|multiply_by|x|months|year|annual)_?(\d+)?", op):
            months = int(Decimal(text(step.get("by") or step.get("n") or step.get("factor") or step.get("value") or times[1] or 12)))
        elif op in ("add", "fixed") or "amount" in step:
            charges.append({"code": f"{op}_{place}", "kind": "fixed", "amount": text(step["amount"])})
        else:
            raise NotComputable(f"step {op} is not known")
    if total_rule:
        document["rounding"] = {"total": total_rule}
    for charge in charges:
        if isinstance(charge.get("base"), list):
            charge["base"] = [c["code"] for c in charges if c["code"].split("_")[0] in charge["base"]]
    use = usage([amount(quantity, case["usage"], unit)], prior(case))
    if months > 1:
        document["cycle"] = {"months": 1}
        use["end"] = f"{2026 + months // 12}-{months % 12 + 1:02}-01"
        use["series"][0]["values"] *= months
    yield "total", case["expected"], tolerance(case), lambda: total(rate(document, use))


def round_of(step):
    rule = rounding(step.get("round"))
    return {"round": rule} if rule else {}


def adder_charge(place, adder, quantity, unit):
    if not isinstance(adder, dict):
        return {"code": f"adder_{place}", "kind": "usage", "quantity": quantity, "unit": unit, "price": text(adder)}
    price = next((text(adder[k]) for k in ("per_unit", "price", "rate") if k in adder), None)
    name = adder.get("code") or adder.get("name") or f"adder_{place}"
    if price is not None:
        return {"code": name, "kind": "usage", "quantity": quantity, "unit": unit, "price": price, **round_of(adder)}
    if "amount" in adder or "fixed" in adder:
        return {"code": name, "kind": "fixed", "amount": text(adder.get("amount", adder.get("fixed")))}
    raise NotComputable(f"adder {adder} is not known")


def starting(spec):
    """A ladder of tiers that begin at whole units."""
    starts = [Decimal(text(x)) for x in spec["tier_starts"]]
    blocks = [{"price": text(price)} for price in spec["tier_prices"]]
    for block, after in zip(blocks, starts[1:]):
        block["upto"] = text(after - 1)
    return {"blocks": blocks}


def owrs(case):
    """Tiers begin at whole units, so a tier ends one unit below the next one's start."""
    service = case["service"][case["meter_size"]] if isinstance(case["service"], dict) else case["service"]
    charges = [{"code": "service", "kind": "fixed", "amount": text(service)},
               {"code": "water", "kind": "usage", "quantity": "water_ccf", "unit": "ccf", "ladder": starting(case)}]
    sewer = case.get("sewer") or {}
    if "tier_starts" in sewer:
        charges.append({"code": "sewer", "kind": "usage", "quantity": "water_ccf", "unit": "ccf", "ladder": starting(sewer)})
    elif Decimal(text(sewer.get("price") or "0")):
        charge = {"code": "sewer", "kind": "usage", "quantity": "water_ccf", "unit": "ccf", "price": text(sewer["price"])}
        if sewer.get("cap") is not None:
            charge["cap"] = text(sewer["cap"])
        charges.append(charge)
    if Decimal(text(sewer.get("fixed") or sewer.get("flat") or "0")):
        charges.append({"code": "sewer_fixed", "kind": "fixed", "amount": text(sewer.get("fixed") or sewer.get("flat"))})
    document = tariff(charges, "USD")
    use = usage([amount("water_ccf", case["usage_ccf"], "ccf")])
    yield "total", case["expected"], tolerance(case), lambda: total(rate(document, use))


def table(case):
    """No total is published: the table is accepted, and use above its highest limit is priced at the last block."""
    groups = case.get("groups") or {"": case.get("tiers", [])}
    for name, tiers in groups.items():
        if not tiers or any(not re.fullmatch(r"[0-9.]+", text(t.get("price", "x"))) for t in tiers):
            raise NotComputable("prices by period without their hours, or in words")
        charge = {"code": "use", "kind": "usage", "quantity": "use", "unit": "1", "ladder": ladder(tiers)}
        limits = [Decimal(text(t["upto"])) for t in tiers if t.get("upto") is not None]
        last = limits[-1] if limits else Decimal(0)
        use = lambda value: usage([amount("use", value, "1")])
        yield f"last block {name}".strip(), tiers[-1]["price"], None, lambda c=charge, last=last: (
            total(rate(tariff([c]), use(last + 1))) - total(rate(tariff([c]), use(last))))
