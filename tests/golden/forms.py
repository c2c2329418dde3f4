"""What mappings of published cases share: documents of our schema from small parts."""
import re

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


def prior(case):
    return {"prior_usage": text(case["prior_usage"])} if case.get("prior_usage") not in (None, "0", 0) else {}


def tolerance(case):
    return case.get("tol", case.get("tolerance"))
