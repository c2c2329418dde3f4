"""A small city for the tests of the API: every role once, homes that do not know each other, and something of everybody's own.

    water  supplies W1 and W2, grid operates E1, gas supplies nothing; home-12 lives at W1 and E1, home-13 at W2;
    cloud reads W1 for its company, app reads nothing without a consent; city governs, hub operates the hub, shop has nothing to do with any of it.
"""
import itertools
import json

from feeds import hours_ago, stamp

ROLES = {
    "water": ("utility", "water"), "gas": ("utility", "gas"), "grid": ("grid", "grid"), "home-12": ("household", "resident"),
    "home-13": ("household", "resident"), "cloud": ("service", None), "app": ("service", "third_party"), "city": ("government", "government"),
    "estate": ("community", "estate"), "hub": ("operator", "operator"), "shop": ("enterprise", None),
}


class City:
    def __init__(self, hub):
        self.hub = hub
        self.serial = itertools.count(1)
        for code, (kind, role) in ROLES.items():
            hub.ctl("party", "add", code, "--kind", kind, "--name-en", code.title(), *(["--role", role] if role else []))
        self.tokens = {code: hub.ctl("party", "token", code).strip() for code in ROLES}
        self.tokens["nobody"] = None
        place = hub.data.parent / "premises.csv"
        place.write_text("code,kind,parent\neast,city,\neast/12,home,east\neast/13,home,east\nwest,city,\n")
        hub.ctl("load", "premises", place)
        self.point("W1", "water", "east/12", "7001", "water", supplier="water", operator="water", occupant="home-12", reader="cloud")
        self.point("W2", "water", "east/13", "7002", "water", supplier="water", operator="water", occupant="home-13")
        self.point("E1", "electricity", "east/12", "9001", "grid", operator="grid", occupant="home-12")
        # reference data is cached for a moment; the first reading of each owner fills it
        for owner, meter, quantity, unit in (("water", "7001", "water_volume", "m3"), ("water", "7002", "water_volume", "m3"),
                                             ("grid", "9001", "active_energy_import", "kWh")):
            for hour in (5, 4, 3):
                status, receipt = self.ask(owner, "POST", "/v1/readings", [reading(meter, 10 - hour, hour, quantity, unit)])
                assert (status, receipt["stored"]) == (202, 1), receipt

    def point(self, code, commodity, premise, meter, reader_party, **roles):
        words = [w for role, party in roles.items() for w in (f"--{role}", party)]
        self.hub.ctl("point", "add", code, "--commodity", commodity, "--premise", premise, *words)
        self.hub.ctl("point", "bind", code, "--party", reader_party, "--meter", meter, "--modulus", "1000000")

    def ask(self, who, method, path, body=None, headers=None):
        return self.hub.request(path, self.tokens[who], method, body, headers)

    def subscription(self, owner):
        status, made = self.ask(owner, "POST", "/v1/subscriptions", {"name": f"s{next(self.serial)}"})
        assert status == 201, made
        return made["id"]

    def receipt(self, owner):
        """Of a batch with one reading that is refused, as no meter of this name is anybody's."""
        name = f"X{next(self.serial)}"
        status, receipt = self.ask(owner, "POST", "/v1/readings", [reading(name, 1)])
        assert status == 202 and receipt["quarantined"] == 1, receipt
        return receipt

    def refused(self, owner):
        return self.receipt(owner)["errors"][0]["quarantine"]


def reading(meter, value, hours=1, quantity="water_volume", unit="m3", **more):
    return {"meter": meter, "quantity": quantity, "kind": "register", "unit": unit, "value": str(value),
            "time": stamp(hours_ago(hours)), **more}


def described(hub):
    """(operationId, method, path, operation) of all that is served, references resolved where they stand."""
    status, whole = hub.request("/v1/openapi.json")
    assert status == 200
    for path, item in whole["paths"].items():
        for method, operation in item.items():
            yield operation["operationId"], method.upper(), path, resolve(whole, operation)


def resolve(whole, part, depth=24):
    if isinstance(part, list):
        return [resolve(whole, p, depth - 1) for p in part]
    if not isinstance(part, dict) or depth == 0:
        return part
    if "$ref" in part:
        at = whole
        for step in part["$ref"][2:].split("/"):
            at = at[step]
        more = {k: v for k, v in part.items() if k != "$ref"}
        return resolve(whole, {**at, **more}, depth - 1)
    return {k: resolve(whole, v, depth - 1) for k, v in part.items()}


def text(body):
    return json.dumps(body, ensure_ascii=False)
