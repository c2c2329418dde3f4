"""Every operation that the hub describes, asked by people with a session at the public port: residents, staff, an officer, an operator.

What a party's operation gives to whom stands in test_operations.CASES; it holds for the people who act for that party too, where
the description lets people in at all: residents get just what their household gets, and nobody ever gets more than the party.
What is for people alone has a row in PEOPLE. An operation in neither fails the test.
"""
import pytest

from city import described
from hub import Hub, directory
from people import Portal
from test_operations import CASES, Case, Town, check_shape, fill, types_of

# login: party, and what hubctl person add is told beside
PERSONS = {
    "anna": ("home-12", "--head"), "ben": ("home-13",), "dora": ("water", "--kind", "reading"), "carl": ("city",), "otto": ("hub",),
}
RESIDENTS = {"anna", "ben"}
ALL = set(PERSONS)


class Crowd(Town):
    def __init__(self, hub, portal):
        super().__init__(hub)
        self.portal = portal
        self.people = {login: portal.person(login, *more) for login, more in PERSONS.items()}
        for person in self.people.values():
            person.log_in()

    def member(self, party):
        """One more of the household, whom nobody misses."""
        login = f"member{next(self.serial)}"
        self.portal.person(login, party)
        return login


@pytest.fixture(scope="module")
def crowd():
    with directory() as place:
        hub = Hub(place / "data")
        portal = Portal(hub)
        try:
            hub.up(*portal.arguments)
            yield Crowd(hub, portal)
        finally:
            hub.end()


def anybody(**more):
    return [Case("own", ALL, **more)]


def logins(answer):
    return {member["login"] for member in answer["members"]}


# Allowed are logins here. Wrong secrets are refused to everybody, right ones are test_people.py's and test_apps.py's.
PEOPLE = {
    "getMe": lambda c: anybody(shows=(lambda a: {a["login"]}, lambda who: {who})),
    "listSessions": lambda c: anybody(),
    "listGrants": lambda c: anybody(shows=(lambda a: set(map(str, a["grants"])), lambda who: set())),
    "listMembers": lambda c: anybody(shows=(lambda a: logins(a) & ALL, lambda who: {who})),
    "inviteMember": lambda c: [Case("own", {"anna"}, body={})],
    "removeMember": lambda c: [Case("home-12's", {"anna"}, prepare=lambda c: {"login": c.member("home-12")}),
                               Case("home-13's", set(), prepare=lambda c: {"login": c.member("home-13")}),
                               Case("nobody's", set(), values={"login": "no-such"})],
    "changePassword": lambda c: [Case("wrong", set(), body={"old": "wrong", "new": "another long one 7"}, refused=(400, 401, 403, 429))],
    "bindMeter": lambda c: [Case("unknown", set(), body={"code": "0000-0000-0000"}, refused=(403, 429))],
    "authorizeApp": lambda c: [Case("unknown", set(), body={"client_id": "no-such"}, refused=(400, 403, 404))],
    "withdrawGrant": lambda c: [Case("nobody's", set(), values={"grant": "999999"}, refused=(400, 403, 404))],
}
ENDS = ("logOut", "logOutEverywhere")  # below, as they end what the others use


def ask(crowd, login, method, path, case):
    party = PERSONS[login][0]
    values = {**case.values, **(case.prepare(crowd) if case.prepare else {})}
    body = case.body(crowd, party) if callable(case.body) else case.body
    path = fill(path, values) + ("?" + case.query if case.query else "")
    return crowd.people[login].call(method, path, body)


def judge(crowd, login, method, path, operation, case, own, exact):
    """own: who of `allowed` this person counts as. exact: whoever is allowed must get it; else it may be less."""
    status, answer = ask(crowd, login, method, path, case)
    if answer is not None:
        check_shape(operation, status, answer)
    if own not in case.allowed:
        return None if status in case.refused else f"got {status}: {str(answer)[:120]}"
    if status in case.reaches or (not exact and status in case.refused):
        return None
    if status >= 300:
        return f"was refused: {status} {str(answer)[:160]}"
    if case.shows and exact and case.shows[0](answer) != case.shows[1](own):
        return f"sees {sorted(case.shows[0](answer) ^ case.shows[1](own))} wrongly"
    return None


def ways(operation):
    return [set(way) for way in operation.get("security", [{"token": []}])]


def closed_to_people(crowd, method, path, operation):
    """A system's operation: whoever comes with a session is told so, whatever it is about."""
    values = {p["name"]: 1 for p in operation.get("parameters", []) if p["in"] == "path"}
    return {login: person.call(method, fill(path, values), {} if types_of(operation) else None, {"Content-Type": (types_of(operation) or [None])[0]})[0]
            for login, person in crowd.people.items()}


@pytest.mark.thorough
def test_every_operation_by_people(crowd):
    wrong, asked = [], 0
    for name, method, path, operation in described(crowd.hub):
        if operation.get("security") == [] or name in ENDS:
            continue
        if not any("session" in way for way in ways(operation)):
            got = closed_to_people(crowd, method, path, operation)
            asked += len(got)
            wrong += [f"{name} by {who}: got {status}" for who, status in got.items() if status not in (400, 403, 404, 415)]
            continue
        people_alone = not any({"token", "certificate"} & way for way in ways(operation))
        rows = (PEOPLE if people_alone else CASES).get(name)
        if not rows:
            wrong.append(f"{name}: a new operation; say in {'PEOPLE' if people_alone else 'CASES'} who may do it")
            continue
        for login in PERSONS:
            for case in rows(crowd):
                asked += 1
                why = judge(crowd, login, method, path, operation, case, login if people_alone else PERSONS[login][0],
                            people_alone or login in RESIDENTS)
                if why:
                    wrong.append(f"{name} of {case.name} by {login}: {why}")
    assert not wrong, "\n".join(wrong)
    assert asked > 300


def test_those_who_work_there_read_what_their_work_is(crowd):
    """So that less than their party's is not nothing."""
    seen = crowd.people["dora"].get("/v1/readings?point=W1&quantity=water_volume")
    assert seen[0] == 200 and seen[1]["readings"]
    assert crowd.people["dora"].get("/v1/readings?point=E1&quantity=active_energy_import")[0] == 404
    assert crowd.people["carl"].get("/v1/readings?point=W1&quantity=water_volume")[0] == 404


def test_whoever_logs_out_ends_only_the_own_sessions(crowd):
    here, there, other = crowd.people["anna"].another(), crowd.people["anna"].another(), crowd.people["ben"]
    here.log_in(), there.log_in()
    assert here.delete("/v1/session")[0] in (200, 204)
    assert here.get("/v1/me")[0] == 401 and there.get("/v1/me")[0] == 200
    assert there.delete("/v1/sessions")[0] in (200, 204)
    assert there.get("/v1/me")[0] == 401 and other.get("/v1/me")[0] == 200
