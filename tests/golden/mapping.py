"""
Published cases as documents of our schema, by file and kind. A mapping knows the form of a kind, never
an answer. It yields checks: (what, expected, tolerance or None, function that computes it).
docs/golden.md describes each.
"""
import re
from decimal import Decimal, ROUND_HALF_UP

from rated import lines, rate, total

MODES = {"half-up": "half_up", "half-even": "half_even", "floor": "floor", "ceil": "ceiling", "ceiling": "ceiling",
         "up": "up", "down": "down", "truncate": "down", "half_up": "half_up", "half_even": "half_even"}
MONTH = {"zone": "UTC", "start": "2026-01-01", "end": "2026-02-01"}


class NotComputable(Exception):
    """The case leaves out something that its answer depends on."""


def text(value):
    return value if isinstance(value, str) else str(value)


def tariff(charges, currency="CNY", zone="UTC", **more):
    return {"tariff": "case", "currency": currency, "zone": zone, "charges": charges, **more}


def amount(quantity, use, unit):
    return {"quantity": quantity, "unit": unit, "start": MONTH["start"], "step": "month", "values": [text(use)]}


def usage(series=(), facts=None):
    return {**MONTH, "series": list(series), "facts": facts or {}}


def rounding(spec):
    """"half-up 0.01", "floor 10", {"mode", "to"}; None for none."""
    if isinstance(spec, dict):
        return {"unit": text(spec["to"]), "mode": MODES[spec.get("mode", "half-up")]}
    match = re.match(r"([a-z_-]+)\s+([0-9.]+)", text(spec or ""))
    return {"unit": match[2], "mode": MODES[match[1]]} if match and match[1] in MODES else None


def ladder(tiers, **more):
    blocks = []
    for tier in tiers:
        block = {}
        if tier.get("upto") is not None:
            block["upto"] = text(tier["upto"])
        if "price" in tier:
            block["price"] = text(tier["price"])
        if tier.get("flat") is not None:
            block["flat"] = text(tier["flat"])
        blocks.append(block)
    return {"blocks": blocks, **more}


def base_of(spec):
    parts = text(spec or "all").split("+")
    return "all" if parts == ["all"] else parts


# --- block tariffs -----------------------------------------------------------------------------------------------

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


def prior(case):
    return {"prior_usage": text(case["prior_usage"])} if case.get("prior_usage") not in (None, "0", 0) else {}


def tolerance(case):
    return case.get("tol", case.get("tolerance"))


# --- usage engines -----------------------------------------------------------------------------------------------

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
    document, use = tariff(charges), usage([amount("calls", case["usage"], "1")])
    yield "total", case["expected"], tolerance(case), lambda: total(rate(document, use))


def commitment(case):
    charges = [{"code": "billed", "kind": "fixed", "amount": text(case["billed"])}]
    bounds(case, charges)
    document = tariff(charges)
    if "expected_adjust" in case:
        yield "adjustment", case["expected_adjust"], tolerance(case), \
            lambda: sum(lines(rate(document, usage()), "minimum", "maximum"), Decimal(0))
    if "expected" in case:
        yield "total", case["expected"], tolerance(case), lambda: total(rate(document, usage()))


def unit_price(case):
    charges = [{"code": "use", "kind": "usage", "quantity": "calls", "unit": "1", "price": text(case["price"])}]
    bounds(case, charges)
    document, use = tariff(charges), usage([amount("calls", case["usage"], "1")])
    yield "total", case["expected"], tolerance(case), lambda: total(rate(document, use))


# --- water (OWRS) ------------------------------------------------------------------------------------------------

def owrs(case):
    """Tiers begin at whole units, so a tier ends one unit below the next one's start."""
    starts = [Decimal(x) for x in case["tier_starts"]]
    blocks = [{"price": text(price)} for price in case["tier_prices"]]
    for block, after in zip(blocks, starts[1:]):
        block["upto"] = text(after - 1)
    charges = [{"code": "service", "kind": "fixed", "amount": text(case["service"])},
               {"code": "water", "kind": "usage", "quantity": "water_ccf", "unit": "ccf", "ladder": {"blocks": blocks}}]
    sewer = case.get("sewer") or {}
    if Decimal(text(sewer.get("price") or "0")):
        charge = {"code": "sewer", "kind": "usage", "quantity": "water_ccf", "unit": "ccf", "price": text(sewer["price"])}
        if sewer.get("cap") is not None:
            charge["cap"] = text(sewer["cap"])
        charges.append(charge)
    if Decimal(text(sewer.get("fixed") or sewer.get("flat") or "0")):
        charges.append({"code": "sewer_fixed", "kind": "fixed", "amount": text(sewer.get("fixed") or sewer.get("flat"))})
    document = tariff(charges, "USD")
    use = usage([amount("water_ccf", case["usage_ccf"], "ccf")])
    yield "total", case["expected"], tolerance(case), lambda: total(rate(document, use))


# --- time-of-use with capacity blocks -------------------------------------------------------------------------------

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


# --- proration and correction ---------------------------------------------------------------------------------------

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


# --- billing cycles (Kill Bill) -------------------------------------------------------------------------------------

PERIODS = {"monthly": "month", "quarterly": "quarter", "annual": "year", "biannual": "half_year", "semi_annual": "half_year"}


def cycles(case):
    if case["period"] not in PERIODS:
        raise NotComputable(f"period {case['period']} is not known")
    charge = {"code": "plan", "kind": "fixed", "amount": "1", "per": PERIODS[case["period"]],
              "day": int(case["bill_cycle_day"]), "prorate": True, "advance": True}
    use = {"zone": "UTC", "start": case["start"], "end": case["end"] or "2040-01-01", "facts": {"as_of": case["target"]}}
    document = tariff([charge], "USD", rounding={"total": {"unit": "0.000000001", "mode": "half_up"}})
    yield "cycles", case["expected_cycles"], tolerance(case), lambda: total(rate(document, use))


# --- charging (OCPI) ------------------------------------------------------------------------------------------------

# component → fact, unit it is priced in, unit of the session, session units in one priced unit
COMPONENTS = {"ENERGY": ("wh", "kWh", 1000), "TIME": ("time_s", "h", 3600), "PARKING_TIME": ("parking_s", "h", 3600)}
SESSION = {"wh": ("wh", "energy_wh"), "time_s": ("time_s", "charging_s", "duration_s"),
           "parking_s": ("parking_s", "parking_time_s", "idle_s")}


def ocpi(case):
    """Prices and their bounds, then VAT per component, then the bounds with VAT; steps round the session's own units."""
    charges, facts, taxes = [], {}, []
    session = case["session"]
    for number, part in enumerate(case["components"]):
        code, price = f"{part['type'].lower()}_{number}", text(part["price"])
        if not re.fullmatch(r"[0-9.]+", price):
            raise NotComputable("price in words")
        if part["type"] == "FLAT":
            charges.append({"code": code, "kind": "fixed", "amount": price})
        elif part["type"] in COMPONENTS:
            key, unit, per = COMPONENTS[part["type"]]
            value = next((text(session[name]) for name in SESSION[key] if name in session), None)
            if value is None:
                if "note" in session and len(session) == 1:
                    raise NotComputable("session in words")
                value = "0"
            facts[code] = {"value": value, "unit": key}
            charges.append({"code": code, "kind": "usage", "quantity": code, "unit": unit, "divide": text(per), "price": price,
                            "raw_round": {"unit": text(part.get("step") or 1), "mode": "ceiling"}})
        else:
            raise NotComputable(f"component {part['type']}")
        if part.get("vat") not in (None, "0"):
            taxes.append({"code": f"vat_{number}", "kind": "percent", "rate": text(Decimal(text(part["vat"])) / 100),
                          "base": [code]})
    excl = list(charges)
    bounds_of = {kind: case[field] if isinstance(case[field], list) else [case[field]]
                 for field, kind in (("min_price", "minimum"), ("max_price", "maximum")) if case.get(field)}
    for kind, bound in bounds_of.items():
        excl.append({"code": f"{kind}_excl", "kind": kind, "amount": text(bound[0])})
    incl = excl + taxes
    for kind, bound in bounds_of.items():
        if len(bound) > 1 and bound[1] is not None:
            incl = incl + [{"code": f"{kind}_incl", "kind": kind, "amount": text(bound[1])}]
    use = usage(facts=facts)
    for what, charges_of in (("expected_excl", excl), ("expected_incl", incl)):
        if case.get(what) is not None:
            yield what, case[what], tolerance(case) or published(case[what]), \
                lambda c=charges_of: total(rate(tariff(c, "EUR"), use))


def published(value):
    """The specification prints its answers rounded: equal at the printed digits."""
    return ("digits", max(2, -Decimal(value).as_tuple().exponent))


def ykc_decode(vector):
    """Prices of the pile fee model: uint32, little endian, in 1e-5 CNY."""
    raw = int.from_bytes(bytes.fromhex(vector["hex_le"]), "little")
    charge = {"code": "price", "kind": "usage", "quantity": "raw", "unit": "CNY", "divide": "100000", "price": "1"}
    yield "price", vector["value"], None, lambda: total(rate(tariff([charge]), usage(facts={"raw": text(raw)})))


# --- power factor ---------------------------------------------------------------------------------------------------

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


# --- prepayment -----------------------------------------------------------------------------------------------------

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


# --- published tables -----------------------------------------------------------------------------------------------

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


BY_KIND = {
    "graduated": graduated, "volume": graduated, "graduated_flat": graduated_flat, "package": package,
    "commitment": commitment, "unit": unit_price, "tou_plus_capacity": tou_plus_capacity, "day_proration": day_proration,
    "money_proration": money_proration, "reversal": reversal,
    "register_diff": register_diff, "gas_energy": gas_energy, "ocpi": ocpi,
}
BY_FIELD = [("expected_cycles", cycles), ("expected_percent", power_factor), ("usage_ccf", owrs), ("hex_le", ykc_decode),
            ("balance", prepaid), ("correct", crossing)]


def mapping_of(file, case):
    if str(case.get("kind", "")).startswith("two_regimes"):
        return two_regimes
    if case.get("kind") in BY_KIND:
        return BY_KIND[case["kind"]]
    for field, function in BY_FIELD:
        if field in case:
            return function
    if file.startswith("prepaid"):
        return prepaid
    if file.startswith("tariff_tables"):
        return table
    return None
