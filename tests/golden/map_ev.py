"""Charging sessions: components as OCPI has them, and prices of the pile fee model."""
import re
from decimal import Decimal

from forms import NotComputable, tariff, text, tolerance, usage
from rated import rate, total


# type → (words of the session's field, session unit, unit it is priced in, session units in one priced unit)
COMPONENTS = {"ENERGY": (("wh", "energy"), "Wh", "kWh", 1000), "RESERVATION": (("reserv",), "s", "h", 3600),
              "PARKING_TIME": (("park", "idle"), "s", "h", 3600), "TIME": (("time", "charging", "duration"), "s", "h", 3600)}
ENDINGS = {"kwh": 1000, "wh": 1, "s": 1, "sec": 1, "seconds": 1, "min": 60, "minutes": 60, "h": 3600, "hours": 3600}


def kind_of(part):
    """A TIME under a restriction to reservations is a type of its own."""
    reserved = part.get("reservation") or (part.get("restrictions") or {}).get("reservation") or "RESERV" in part["type"]
    return "RESERVATION" if reserved and part["type"] != "FLAT" else part["type"]


def measured(session, kind):
    """The session's value in its unit; a field belongs to the first type that its name says."""
    for name, value in session.items():
        words = name.lower()
        owner = next((k for k in ("RESERVATION", "PARKING_TIME", "ENERGY", "TIME") if any(w in words for w in COMPONENTS[k][0])), None)
        if owner == kind and re.fullmatch(r"[0-9.]+", text(value)):
            return text(Decimal(text(value)) * ENDINGS.get(words.rsplit("_", 1)[-1], 1))
    if "note" in session and len(session) == 1:
        raise NotComputable("session in words")
    return "0"


def documents(case):
    """A case that holds the Tariff object and the CDR themselves is rated as they are."""
    document = case.get("tariff") if isinstance(case.get("tariff"), dict) else {"id": case["id"], "currency": "EUR", "elements": case["elements"]}
    document = {**document, **{k: case[k] for k in ("min_price", "max_price") if isinstance(case.get(k), dict)}}
    session = case.get("cdr") or case["session"]
    known = {k: document[k] for k in ("id", "currency", "elements", "min_price", "max_price", "start_date_time", "end_date_time") if k in document}
    zone = {"time_zone": case.get("time_zone", "UTC")}
    for what, field in (("expected_excl", "excl_vat"), ("expected_incl", "incl_vat")):
        if case.get(what) is not None:
            yield what, case[what], tolerance(case) or published(case[what]), lambda f=field: cost_of(rate(known, {**zone, **session}), f)


def cost_of(bill, field):
    """Where no VAT is told at all, what is without and with it are one."""
    total = bill["ocpi"]["total_cost"]
    return Decimal(total.get(field, total["excl_vat"]))


def ocpi(case):
    """Documents as OCPI has them; or prices and their bounds, then VAT per component, then the bounds with VAT; steps round the session's own units."""
    if "elements" in case or isinstance(case.get("tariff"), dict):
        yield from documents(case)
        return
    charges, facts, taxes = [], {}, []
    session = case["session"]
    for number, part in enumerate(case["components"]):
        code, price = f"{part['type'].lower()}_{number}", text(part["price"])
        if not re.fullmatch(r"[0-9.]+", price):
            raise NotComputable("price in words")
        if part["type"] == "FLAT":
            charges.append({"code": code, "kind": "fixed", "amount": price})
        elif (kind := kind_of(part)) in COMPONENTS:
            _, key, unit, per = COMPONENTS[kind]
            facts[code] = {"value": measured(session, kind), "unit": key}
            charges.append({"code": code, "kind": "usage", "quantity": code, "unit": unit, "divide": text(per), "price": price,
                            "raw_round": {"unit": text(part.get("step") or part.get("step_size") or 1), "mode": "ceiling"}})
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
