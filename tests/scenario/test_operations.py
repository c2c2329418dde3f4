"""Every operation that the hub describes, asked by every role, about its own and about others' things.

The operations come from GET /v1/openapi.json: one that has no row in CASES fails the test, so that none is forgotten. A row says
for each thing that is asked about who gets it; everybody else must be refused as if it were not there (404), or told that it
is not theirs (403). Every answer is held against the schema that the description promises for its status.
"""
import urllib.parse

import jsonschema
import pytest

from city import City, ROLES, described, reading

ALL = set(ROLES)
PRIVATE = {"home-12", "home-13", "cloud", "app", "estate", "shop"}  # whose party is not shown to everybody


class Case:
    """allowed: who gets a 2xx, or what `reaches` says. body: None, a document or a function of (city, role). shows: what of the answer whom."""

    def __init__(self, name, allowed, values=None, query="", body=None, prepare=None, shows=None, refused=(403, 404), bare=False, reaches=()):
        self.name, self.allowed, self.values, self.query, self.bare = name, allowed, values or {}, query, bare
        self.body, self.prepare, self.shows, self.refused, self.reaches = body, prepare, shows, refused, reaches


def anybody(**more):
    return [Case("all", ALL, **more)]


def codes(key, name="code"):
    return lambda answer: {item[name] for item in answer[key]}


def by_point(query=""):
    """Reading what is measured: W1's people, its company and its reader; never the neighbour."""
    return [Case("W1", {"water", "home-12", "cloud", "hub"}, query="point=W1&quantity=water_volume" + query),
            Case("W2", {"water", "home-13", "hub"}, query="point=W2&quantity=water_volume" + query),
            Case("E1", {"grid", "home-12", "hub"}, query="point=E1&quantity=active_energy_import" + query),
            Case("nowhere", set(), query="point=nowhere&quantity=water_volume" + query)]


def own_and_operator(make, **more):
    """Something of the water company's: shown to it and to the operators."""
    return [Case("water's", {"water", "hub"}, prepare=lambda city: {"id": make(city, "water")}, **more),
            Case("home-13's", {"home-13", "hub"}, prepare=lambda city: {"id": make(city, "home-13")}, **more),
            Case("nobody's", set(), values={"id": 999999999}, **more)]


def own_only(make, operator=(), **more):
    return [Case(f"{who}'s", {who, *operator}, prepare=lambda city, who=who: {"id": make(city, who)}, **more)
            for who in ("water", "home-13")] + [Case("nobody's", set(), values={"id": 999999999}, **more)]


def of_party(key):
    return [Case("own", ALL), Case("water's", {"water", "hub"}, query="party=water"),
            Case("home-12's", {"home-12", "hub"}, query="party=home-12")]


CONSENT = {"point": "W1", "grantee": "partner", "purpose": "energy_advice", "granularity": "hour"}
NOTICE = {"premises": ["east"], "title_zh": "停水", "text_zh": "检修", "valid_to": "2099-01-01T00:00:00Z"}
ASKED = {"of": "grid", "commodity": "water", "purpose": "losses in the net", "what": "water readings of east"}
CALLBACK = {"order": "none", "reference": "r", "currency": "CNY", "amount": "1.00", "time": "2026-11-20T00:00:00Z",
            "signature": "0" * 64}

CASES = {
    "getDescription": lambda c: anybody(),
    "getHealth": lambda c: anybody(),
    "listKeys": lambda c: anybody(),
    "issueToken": lambda c: [Case("own secret", ALL, body=lambda c, who: urllib.parse.urlencode(
        {"grant_type": "client_credentials", "client_id": who, "client_secret": c.tokens[who]}), bare=True),
        Case("water's id", {"water"}, body=lambda c, who: urllib.parse.urlencode(
            {"grant_type": "client_credentials", "client_id": "water", "client_secret": c.tokens[who]}), bare=True, refused=(401,))],
    "evaluateAccess": lambda c: [Case(f"about {who}", {who, "hub"}, body={
        "subject": {"type": "Party", "id": who}, "action": {"name": "read"}, "resource": {"type": "Point", "id": "W1"}})
        for who in ("water", "home-13")],
    "evaluateAccesses": lambda c: [Case(f"about {who}", {who, "hub"}, body={
        "subject": {"type": "Party", "id": who}, "action": {"name": "read"},
        "evaluations": [{"resource": {"type": "Point", "id": p}} for p in ("W1", "W2")]}) for who in ("water", "home-13")],

    "peekFeed": lambda c: anybody(shows=(lambda a: {a["party"]}, lambda who: {who})),
    "dequeueFeed": lambda c: anybody(body={"position": 0}),
    "listReadings": lambda c: by_point(),
    "completeness": lambda c: by_point("&from=2026-11-01T00:00:00Z&step=month"),
    # Readings enter for the caller's own meters alone; what is foreign is refused in its place, never stored.
    "submitReadings": lambda c: [Case("7001", ALL, body=lambda c, who: [reading("7001", 100, 1)], shows=(
        lambda a: {e["code"] for e in a["errors"]},
        lambda who: set() if who == "water" else {"reading.wrong_party"}))],
    "listReceipts": lambda c: of_party("receipts"),
    "getReceipt": lambda c: own_and_operator(lambda c, who: c.receipt(who)["receipt"]),
    "listQuarantine": lambda c: of_party("entries"),
    "getQuarantine": lambda c: own_and_operator(City.refused),
    "replayQuarantine": lambda c: [
        Case("water's", {"water", "hub"}, prepare=lambda c: {"id": c.refused("water")}, body=lambda c, who: {
            "reading": reading("7001", 100, 1)}), Case("nobody's", set(), values={"id": 999999999})],
    "dropQuarantine": lambda c: own_and_operator(City.refused),

    "listParties": lambda c: anybody(shows=(codes("parties"), lambda who: ALL | {"pay", "partner"} if who == "hub" else (ALL - PRIVATE) | {who})),
    "getParty": lambda c: [Case("self", ALL, values={"code": "self"}), Case("water", ALL, values={"code": "water"}),
                           Case("home-12", {"home-12", "hub"}, values={"code": "home-12"}),
                           Case("nobody", set(), values={"code": "no-such"})],
    "listPremises": lambda c: [Case("own", ALL, shows=(codes("premises"), premises_of)),
                               Case("all", ALL, query="all=true", shows=(codes("premises"), lambda who: (
                                   {"east", "east/12", "east/13", "west"} if who == "hub" else premises_of(who))))],
    "getPremise": lambda c: [Case(code, {who for who in ALL if code in premises_of(who)} | {"hub"}, values={"code": code})
                             for code in ("east", "east/12", "east/13", "west")] + [Case("nowhere", set(), values={"code": "x/y"})],
    "listPoints": lambda c: [Case("own", ALL, shows=(codes("points"), points_of)),
                             Case("all", ALL, query="all=true", shows=(codes("points"), lambda who: (
                                 {"W1", "W2", "E1"} if who == "hub" else points_of(who))))],
    "getPoint": lambda c: [Case(code, {who for who in ALL if code in points_of(who)} | {"hub"}, values={"code": code})
                           for code in ("W1", "W2", "E1")] + [Case("nowhere", set(), values={"code": "nowhere"})],

    "listSubscriptions": lambda c: of_party("subscriptions"),
    "addSubscription": lambda c: anybody(body={"name": "mine"}),
    "getSubscription": lambda c: own_and_operator(City.subscription),
    "replaceSubscription": lambda c: own_only(City.subscription, body={"name": "other"}),
    "endSubscription": lambda c: own_only(City.subscription),
    # These subscriptions are pulled, which has no state to steer: whoever may is told so, a stranger hears of nothing.
    "getSubscriptionState": lambda c: own_and_operator(City.subscription, reaches=(409,)),
    "pauseSubscription": lambda c: own_only(City.subscription, body={}, reaches=(409,)),
    "resumeSubscription": lambda c: own_only(City.subscription, body={}, reaches=(409,)),
    "replaySubscription": lambda c: own_only(City.subscription, body={"from": "2026-11-01T00:00:00Z"}, reaches=(409,)),
    "testSubscription": lambda c: own_only(City.subscription, body={}, reaches=(409,)),
    "listDeliveries": lambda c: of_party("deliveries"),
    "getDelivery": lambda c: [Case("nobody's", set(), values={"id": 999999999})],
    "listDeadLetters": lambda c: of_party("dead letters"),
    "listReceiptDeliveries": lambda c: own_and_operator(lambda c, who: c.receipt(who)["receipt"]),
    "listPolicies": lambda c: anybody(),
    "explainDecision": lambda c: anybody(body={"action": "read", "point": "W1"}, shows=(
        lambda a: {a["decision"]}, lambda who: {"allow"} if who == "hub" or "W1" in points_of(who) else {"deny"})),

    # A company tells of its own commodity, the government of any; whom it reaches is test_exchange.py's.
    "listNotices": lambda c: anybody(),
    "sendNotice": lambda c: [Case("of water", {"water", "city"}, body={**NOTICE, "commodity": "water"}),
                             Case("of gas", {"gas", "city"}, body={**NOTICE, "commodity": "gas"}), Case("of all", {"city"}, body=NOTICE)],
    "withdrawNotice": lambda c: [Case("water's", {"water"}, prepare=lambda c: {"id": c.notice()}),
                                 Case("nobody's", set(), values={"id": 999999999})],
    "listDataRequests": lambda c: anybody(),
    "askForData": lambda c: [Case("of the grid", {"water"}, body=ASKED), Case("of a home", set(), body={**ASKED, "of": "home-12"}),
                             Case("to be shown", {"city"}, body={**ASKED, "kind": "view_command", "commodity": ""})],
    "getDataRequest": lambda c: [Case("water's of the grid", {"water", "grid", "hub"}, prepare=lambda c: {"id": c.request()}),
                                 Case("nobody's", set(), values={"id": 999999999})],
    "stepDataRequest": lambda c: [Case("water's of the grid", {"grid"}, prepare=lambda c: {"id": c.request()}, body={"state": "granted"}),
                                  Case("nobody's", set(), values={"id": 999999999}, body={"state": "granted"})],
    "listViewings": lambda c: anybody(),

    "listConsents": lambda c: anybody(),
    # Only who lives there lets others see it.
    "grantConsent": lambda c: [Case("W1", {"home-12"}, body=CONSENT), Case("W2", {"home-13"}, body={**CONSENT, "point": "W2"})],
    "getConsent": lambda c: [Case("home-12's", {"home-12"}, prepare=lambda c: {"id": c.consent("home-12", "W1")}),
                             Case("nobody's", set(), values={"id": 999999999})],
    "withdrawConsent": lambda c: [Case("home-12's", {"home-12"}, prepare=lambda c: {"id": c.consent("home-12", "W1")}),
                                  Case("nobody's", set(), values={"id": 999999999})],
    "chooseComparison": lambda c: [Case("W1", {"home-12"}, body={"point": "W1", "out": True})],

    "listAccounts": lambda c: anybody(shows=(codes("accounts", "account"), lambda who: {"home-12": {"a12"}, "home-13": {"a13"}}.get(who, set()))),
    "listBills": lambda c: [Case("a12", {"home-12"}, query="account=a12"), Case("a13", {"home-13"}, query="account=a13")],
    "getBill": lambda c: [Case("a12's", {"home-12", "water"}, values={"id": c.bills["a12"]}),
                          Case("a13's", {"home-13", "water"}, values={"id": c.bills["a13"]}),
                          Case("nobody's", set(), values={"id": 999999999})],
    # A company bills its own customers; a line about another's is refused in its place.
    "explainBill": lambda c: [Case("a12's", {"home-12", "water"}, values={"id": c.bills["a12"]}),
                              Case("a13's", {"home-13", "water"}, values={"id": c.bills["a13"]})],
    "forecastAccount": lambda c: [Case("a12", {"home-12"}, query="account=a12"), Case("a13", {"home-13"}, query="account=a13")],
    "getAdvice": lambda c: [Case("a12", {"home-12"}, query="account=a12"), Case("a13", {"home-13"}, query="account=a13")],
    "getComparison": lambda c: [Case("a12", {"home-12"}, query="account=a12"), Case("a13", {"home-13"}, query="account=a13")],
    # Open to everybody, and nothing is got without the secret that they ask for.
    "logIn": lambda c: [Case("wrong", set(), body={"login": "nobody", "password": "wrong"}, refused=(400, 401, 403, 404, 429))],
    "joinHousehold": lambda c: [Case("wrong", set(), body={"code": "x", "login": "somebody", "password": "long enough 1"},
                                     refused=(400, 401, 403, 404, 429))],
    "startAuthorization": lambda c: [Case("no app", set(), refused=(302, 303, 400, 403, 404))],
    "revokeToken": lambda c: anybody(body="token=x&client_id=none", bare=True),
    "importBills": lambda c: [Case("W1", {"water", "gas", "grid"}, body=lambda c, who: BILLS, shows=(
        lambda a: {str(a["taken"])}, lambda who: {"1"} if who == "water" else {"0"}))],
    "disputeBill": lambda c: [Case("a12's", {"home-12"}, values={"id": c.bills["a12"]}, body={"part": 0, "reason": "too much"}),
                              Case("nobody's", set(), values={"id": "999-202610-0"}, body={"part": 0, "reason": "too much"})],
    # Only the company whose part it is; it is settled once, so that the rest are told there is nothing to settle.
    "settleDispute": lambda c: [Case("a12's", {"water"}, values={"id": c.bills["a12"]}, body={"part": 0, "answer": "read again"}, prepare=c.contest)],
    "listDisputes": lambda c: anybody(),
    "listPayments": lambda c: [Case("a12", {"home-12"}, query="account=a12"), Case("a13", {"home-13"}, query="account=a13")],
    "orderPayment": lambda c: [Case("a12", {"home-12"}, body=lambda c, who: {
        "id": f"p{next(c.serial)}", "provider": "pay", "amount": "0.01", "account": "a12"})],
    "getPayment": lambda c: [Case("home-12's", {"home-12"}, values={"order": c.order}), Case("nobody's", set(), values={"order": "x"})],
    "notifyPayment": lambda c: [Case("foreign", set(), body=CALLBACK, refused=(400, 403, 404, 409))],
    "refundPayment": lambda c: [Case("not paid", set(), values={"order": c.order}, refused=(403, 404, 409)),
                                Case("nobody's", set(), values={"order": "x"})],
    "getReconciliation": lambda c: anybody(),
    # The caller's own: nobody is told of another's.
    "getSales": lambda c: anybody(),
    "getSalesWorkbook": lambda c: anybody(),
    "listProviders": lambda c: anybody(),

    # Sums of areas are the government's; nothing is published of this small city, and that is an answer.
    "listAreas": lambda c: anybody(shows=(lambda a: {f["properties"]["code"] for f in a["features"]},
                                          lambda who: {"east", "west"} if who == "city" else set())),
    "getAggregates": lambda c: [Case("east", {"city"}, query="area=east&commodity=water"), Case("nowhere", set(), query="area=nowhere")],
    "getAggregatesWorkbook": lambda c: [Case("east", {"city"}, query="area=east&step=day&below=true")],
    "listAggregateQuestions": lambda c: of_party("questions"),

    "getBoard": lambda c: of_party("figures"),
    "listCredentials": lambda c: of_party("credentials"),
    "listImportedBills": lambda c: of_party("imports"),
    "listPaymentShares": lambda c: of_party("shares"),

    # Whoever operates a point commands it; test_command.py goes on from there, with devices.
    "listAlarms": lambda c: anybody(),
    "listAlarmRules": lambda c: anybody(),
    "setAlarmRule": lambda c: [Case("E1's own value", {"grid", "home-12", "hub"}, body={
        "point": "E1", "kind": "value_over", "quantity": "active_power", "raise": "9", "by": "zhang"}),
        Case("E1's safe value", {"grid"}, body={"point": "E1", "kind": "value_over", "standing": "safe", "quantity": "active_power",
                                               "raise": "9", "by": "zhang"})],
    "acknowledgeAlarm": lambda c: [Case("nobody's", set(), values={"id": 999999999}, body={"by": "zhang"})],
    "approveAlarmRule": lambda c: [Case("nobody's", set(), values={"id": 999999999}, body={"by": "zhang"})],
    "endAlarmRule": lambda c: [Case("nobody's", set(), values={"id": 999999999})],
    "listDemandEvents": lambda c: anybody(),
    "callDemandEvent": lambda c: [Case("nobody's", set(), body={"programme": "none", "target": "1", "starts": "2099-01-01T00:00:00Z",
                                                               "ends": "2099-01-01T01:00:00Z"})],
    "getDemandEvent": lambda c: [Case("nobody's", set(), values={"id": 999999999})],
    "approveDemandEvent": lambda c: [Case("nobody's", set(), values={"id": 999999999})],
    "cancelDemandEvent": lambda c: [Case("nobody's", set(), values={"id": 999999999})],
    "chooseDemand": lambda c: [Case("E1 in none", set(), body={"programme": "none", "point": "E1", "in": True})],
    "listCommands": lambda c: anybody(),
    "listChargers": lambda c: of_party("chargers"),
    "listChargingSessions": lambda c: anybody(),
    # Who is told of what, and a session begun and ended: test_charging_places.py.
    "listChargingPlaces": lambda c: anybody(),
    "startCharging": lambda c: [Case("at nowhere", set(), body={"station": "nowhere"})],
    "stopCharging": lambda c: [Case("nobody's", set(), values={"id": 999999999})],
    "getChargingSession": lambda c: [Case("nobody's", set(), values={"id": 999999999})],
    "orderCommand": lambda c: [Case("E1", {"grid"}, reaches=(400, 409), body={
        "point": "E1", "kind": "switch", "arguments": {"state": "off"}, "reason": "test", "by": "zhang"})],
    "getCommand": lambda c: [Case("nobody's", set(), values={"id": 999999999})],
    "approveCommand": lambda c: [Case("nobody's", set(), values={"id": 999999999}, body={"by": "zhang"})],
    "cancelCommand": lambda c: [Case("nobody's", set(), values={"id": 999999999}, body={"by": "zhang"})],
}

BILLS = ("account,cycle,point,amount,start,end,quantity,unit,reference\n"
         "a12,2026-08,W1,1.00,2026-08-01,2026-09-01,1,m3,S12\n")


# Whose own things need devices or deliveries: test_command.py, test_webhook.py, test_payments.py.
SEEN_ELSEWHERE = ("refundPayment", "getDelivery", "getCommand", "approveCommand", "cancelCommand", "getChargingSession", "startCharging", "stopCharging",
                  "acknowledgeAlarm",
                  "getDemandEvent", "approveDemandEvent", "cancelDemandEvent", "callDemandEvent", "chooseDemand", "approveAlarmRule", "endAlarmRule")


def points_of(who):
    return {"water": {"W1", "W2"}, "grid": {"E1"}, "home-12": {"W1", "E1"}, "home-13": {"W2"}, "cloud": {"W1"}}.get(who, set())


def premises_of(who):
    at = {"W1": "east/12", "E1": "east/12", "W2": "east/13"}
    return {place for point in points_of(who) for place in ("east", at[point])}


class Town(City):
    """With accounts, bills and an order."""

    def __init__(self, hub):
        super().__init__(hub)
        place = hub.data.parent
        hub.ctl("party", "add", "pay", "--kind", "service", "--role", "payment")
        hub.ctl("party", "add", "partner", "--kind", "service", "--role", "third_party")
        (place / "providerkey").write_text("0" * 64 + "\n")
        (place / "providerkey").chmod(0o644)
        hub.ctl("payment", "provider", "pay", "--key", place / "providerkey", "--url", "http://127.0.0.1/pay")
        rows = ["account,cycle,point,amount,start,end,quantity,unit,reference"]
        for account, home, point in (("a12", "home-12", "W1"), ("a13", "home-13", "W2")):
            hub.ctl("account", "add", account, "--holder", home)
            hub.ctl("account", "supply", account, "--point", point, "--party", "water", "--from", "2026-01-01")
            rows.append(f"{account},2026-09,{point},30.00,2026-09-01,2026-10-01,12,m3,Q{account}")
            rows.append(f"{account},2026-10,{point},31.50,2026-10-01,2026-11-01,12.5,m3,R{account}")
        status, taken = self.ask("water", "POST", "/v1/bills/import", "\n".join(rows).encode() + b"\n", {"Content-Type": "text/csv"})
        assert (status, taken["taken"]) == (200, 4), taken
        hub.ctl("bill", "run", "--cycle", "2026-09")
        hub.ctl("bill", "run", "--cycle", "2026-10")
        hub.ctl("compare", "run", "--cycle", "2026-10")
        self.bills = {}
        for account, home in (("a12", "home-12"), ("a13", "home-13")):
            self.bills[account] = next(b["id"] for b in self.ask(home, "GET", "/v1/bills")[1]["bills"] if b["cycle"] == "2026-10")
        status, made = self.ask("home-12", "POST", "/v1/payments", {"id": "first", "provider": "pay", "amount": "1.00"})
        assert status == 201, made
        self.order = made["order"]

    def contest(self, c):
        assert self.ask("home-12", "POST", f"/v1/bills/{self.bills['a12']}/disputes", {"part": 0, "reason": f"again {next(self.serial)}"})[0] == 200
        return {"id": self.bills["a12"]}

    def notice(self):
        status, made = self.ask("water", "POST", "/v1/notices", {**NOTICE, "commodity": "water"})
        assert status == 201, made
        return made["id"]

    def request(self):
        status, made = self.ask("water", "POST", "/v1/data-requests", ASKED)
        assert status == 201, made
        return made["id"]

    def consent(self, home, point):
        status, made = self.ask(home, "POST", "/v1/consents", {**CONSENT, "point": point})
        assert status == 201, made
        return made["id"]


@pytest.fixture(scope="module")
def town(shared_hub):
    return Town(shared_hub)


def for_people_alone(operation):
    """Its caller is a person who logged in; test_people.py says which. A party's token is nobody there."""
    security = operation.get("security")
    return bool(security) and not any({"token", "certificate"} & set(way) for way in security)


REFUSED_TO_PARTIES = [Case("a person's", set(), values={"login": "somebody", "grant": "1"}, refused=(400, 401, 403, 404))]


def fill(path, values):
    for name, value in values.items():
        path = path.replace("{%s}" % name, urllib.parse.quote(str(value)))
    assert "{" not in path, path
    return path


def types_of(operation):
    return list(operation.get("requestBody", {}).get("content", {}))


def ask(town, who, method, path, operation, case, values):
    body = case.body(town, who) if callable(case.body) else case.body
    headers = {}
    if types_of(operation) and body is not None:
        headers["Content-Type"] = types_of(operation)[0]
    if isinstance(body, str):
        body = body.encode()
    path = fill(path, values)
    return town.ask("nobody" if case.bare else who, method, path + ("?" + case.query if case.query else ""), body, headers)


def check_shape(operation, status, answer):
    """The description keeps its word."""
    said = operation["responses"].get(str(status), operation["responses"]["default"])
    schemas = [c["schema"] for c in said.get("content", {}).values() if "schema" in c]
    if not schemas:
        return
    jsonschema.Draft202012Validator(schemas[0]).validate(answer)


def judge(town, name, method, path, operation, case, who):
    if for_people_alone(operation) and types_of(operation):
        case = Case(case.name, set(), case.values, body=b"{}", refused=case.refused)
    values = {**case.values, **(case.prepare(town) if case.prepare else {})}
    status, answer = ask(town, who, method, path, operation, case, values)
    check_shape(operation, status, answer)
    if who not in case.allowed:
        return None if status in case.refused else f"got {status}: {str(answer)[:120]}"
    if status in case.reaches:
        return None
    if status >= 300:
        return f"was refused: {status} {str(answer)[:160]}"
    if case.shows:
        found, expected = case.shows[0](answer), case.shows[1](who)
        if found != expected:
            return f"sees {sorted(found ^ expected)} wrongly"
    return None


@pytest.mark.thorough
def test_every_operation_by_every_role(town):
    wrong, asked = [], 0
    for name, method, path, operation in described(town.hub):
        people = for_people_alone(operation)
        if name not in CASES and not people:
            wrong.append(f"{name}: a new operation; say in CASES who may do it")
            continue
        for case in REFUSED_TO_PARTIES if people else CASES[name](town):
            for who in ROLES:
                asked += 1
                why = judge(town, name, method, path, operation, case, who)
                if why:
                    wrong.append(f"{name} of {case.name} by {who}: {why}")
    assert not wrong, "\n".join(wrong)
    assert asked > 400


def test_nobody_gets_anything_that_is_not_open(town):
    for name, method, path, operation in described(town.hub):
        values = {p["name"]: 1 for p in operation.get("parameters", []) if p["in"] == "path"}
        body = b"{}" if types_of(operation) else None
        status, answer = town.ask("nobody", method, fill(path, values), body, {"Content-Type": types_of(operation)[0]} if body else {})
        if operation.get("security") == []:
            assert status in (200, 302, 303, 400, 401, 403, 404), name
        else:
            assert status == 401 or (for_people_alone(operation) and status in (400, 403, 404)), (name, status, answer)


def test_what_is_asked_about_has_an_owner_and_a_stranger(town):
    """A row whose cases allow everybody, or nobody, would prove nothing of an operation that names things."""
    for name, method, path, operation in described(town.hub):
        names = [p for p in operation.get("parameters", []) if p["in"] == "path"]
        if not names or for_people_alone(operation) or name in SEEN_ELSEWHERE:
            continue
        cases = CASES[name](town)
        assert any(case.allowed for case in cases) and any(case.allowed != ALL for case in cases), name
