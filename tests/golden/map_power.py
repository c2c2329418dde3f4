"""Time of use with capacity blocks, and the power factor table."""
import re
from decimal import Decimal

from forms import MODES, amount, tariff, text, tolerance, usage
from rated import lines, rate, total


def tou_plus_capacity(case):
    """Registers by period and by block: a register of its own each. Capacity is a fact times a price."""
    charges, series, facts = [], [], {}
    for part in case.get("energy", []):
        name = f"energy{part['name']}"
        series.append(amount(name, part["kwh"], "kWh"))
        charges.append({"code": name, "kind": "usage", "quantity": name, "unit": "kWh", "price": text(part["price"])})
    blocks = []
    for number, block in enumerate(case.get("blocks", []), 1):
        use, power = f"block_energy_{number}", f"block_power_{number}"
        blocks += [use, power]
        series.append(amount(use, block["kwh"], "kWh"))
        facts[power] = {"value": text(block["agreed_kw"]), "unit": "kW"}
        charges.append({"code": use, "kind": "usage", "quantity": use, "unit": "kWh", "price": text(block["price"])})
        charges.append({"code": power, "kind": "usage", "quantity": power, "unit": "kW", "price": text(block["kw_price"])})
    adders = []
    for number, value in enumerate(case.get("adders", []), 1):
        adders.append(f"adder_{number}")
        charges.append({"code": f"adder_{number}", "kind": "fixed", "amount": text(value)})
    for name in ("vat", "excise"):
        if case.get(name) is not None:
            share = Decimal(text(case[name]))
            charges.append({"code": name, "kind": "percent", "rate": text(share / 100 if share >= 1 else share)})
    document = tariff(charges, case.get("currency", "EUR"))
    match = re.search(r"(half-up|half-even|floor)[^0-9]*([0-9.]+)", case.get("rounding", ""))
    if match:
        document["rounding"] = {"line": {"unit": match[2], "mode": MODES[match[1]]}}
    use = usage(series, facts)
    groups = {"blocks": blocks, "adders": adders, "total": []}
    for what, expected in case["expected"].items():
        codes = groups.get(what, [what])
        yield what, expected, tolerance(case), lambda codes=codes: sum(lines(rate(document, use), *codes), Decimal(0))


def cn_table(standard):
    """功率因数调整电费办法 (83)水电财字第215号: the table of one standard."""
    rewards = {"0.90": ["0.15", "0.30", "0.45", "0.60", "0.75"],
               "0.85": ["0.10", "0.20", "0.30", "0.40", "0.50", "0.65", "0.80", "0.95", "1.10"],
               "0.80": ["0.10", "0.20", "0.30", "0.40", "0.50", "0.60", "0.70", "0.80", "0.90", "1.00", "1.15", "1.30"]}[standard]
    at = int(Decimal(standard) * 100)
    rows = [(at + i + 1, -Decimal(r)) for i, r in enumerate(rewards)][::-1] + [(at, Decimal(0))]
    percent = Decimal(0)
    for k in range(1, at + 1):
        percent += Decimal("0.5") if k <= 20 else Decimal(1) if k <= 25 else Decimal(2)
        rows.append((at - k, percent))
    return [{"from": text(Decimal(k) / 100), "percent": text(p)} for k, p in rows]


def power_factor(case, standard="0.90"):
    charges = [{"code": "energy", "kind": "fixed", "amount": "100"},
               {"code": "adjust", "kind": "power_factor", "base": ["energy"],
                "table": cn_table(f'{Decimal(text(case.get("standard", standard))):.2f}')}]
    facts = {"power_factor": text(case["pf"])} if "pf" in case else {
        "active_energy_import": text(case["kwh"]), "reactive_energy_import": text(case["kvarh"])}
    yield "percent", case["expected_percent"], tolerance(case), \
        lambda: sum(lines(rate(tariff(charges), usage(facts=facts)), "adjust"), Decimal(0))
