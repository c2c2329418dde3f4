"""AuthZEN's access evaluation over the HTTP door, answered by the policies in force."""
import pytest

from feeds import party


def message(kind, sender, **more):
    def ref(x):
        return {"__entity": {"type": "Hub::Party", "id": x}}
    lists = {k: [ref(x) for x in more.pop(k, [])] for k in ("to", "about", "utilities", "consented", "via")}
    return {"type": "Message", "id": "m", "properties": {
        "kind": {"__entity": {"type": "Hub::Kind", "id": kind}}, "commodity": "", "sender": ref(sender), "personal": False,
        "attached": False, "genuine": False, "expired": False, **lists, **more}}


def question(who, action, resource):
    return {"subject": {"type": "Party", "id": who}, "action": {"name": action}, "resource": resource}


@pytest.fixture(scope="module")
def tokens(shared_hub):
    found = {"water": party(shared_hub, "water", ("W1", "water", "7001"))}
    for name, kind, role in (("ops", "operator", "operator"), ("cloud", "service", "third_party"),
                             ("works", "utility", "water")):
        shared_hub.ctl("party", "add", name, "--kind", kind, "--role", role)
        found[name] = shared_hub.ctl("party", "token", name).strip()
    return found


def ask(hub, token, body, path="evaluation", **headers):
    return hub.request(f"/access/v1/{path}", token, "POST", body, headers)


def test_the_registry_decides_about_points(shared_hub, tokens):
    point = {"type": "Point", "id": "W1"}
    assert ask(shared_hub, tokens["water"], question("water", "read", point)) == (200, {"decision": True})
    assert ask(shared_hub, tokens["cloud"], question("cloud", "read", point)) == (200, {"decision": False})
    # what the question says of a point counts nothing
    lie = {**point, "properties": {"reader": [{"__entity": {"type": "Hub::Party", "id": "cloud"}}]}}
    assert ask(shared_hub, tokens["cloud"], question("cloud", "read", lie)) == (200, {"decision": False})
    assert ask(shared_hub, tokens["water"], question("water", "read", {"type": "Point", "id": "none"})) == \
        (200, {"decision": False})


def test_consent_decides_about_messages(shared_hub, tokens):
    def told(**more):
        return question("cloud", "receive", message("reading", "works", about=["water"], personal=True, **more))
    assert ask(shared_hub, tokens["cloud"], told(consented=["cloud"])) == (200, {"decision": True})
    assert ask(shared_hub, tokens["cloud"], told()) == (200, {"decision": False})
    # half a description permits nothing
    half = told(consented=["cloud"])
    del half["resource"]["properties"]["expired"]
    assert ask(shared_hub, tokens["cloud"], half) == (200, {"decision": False})


def test_a_party_asks_about_itself_and_operators_about_anybody(shared_hub, tokens):
    about_works = question("works", "send", message("bill", "works", commodity="water"))
    status, problem = ask(shared_hub, tokens["cloud"], about_works)
    assert (status, problem["code"]) == (403, "access.subject")
    assert ask(shared_hub, tokens["ops"], about_works) == (200, {"decision": True})
    assert ask(shared_hub, None, about_works)[0] == 401
    assert ask(shared_hub, tokens["ops"], question("nobody", "send", message("bill", "nobody"))) == \
        (200, {"decision": False})


def test_several_questions_share_what_they_leave_out(shared_hub, tokens):
    many = {"subject": {"type": "Party", "id": "works"}, "action": {"name": "send"}, "evaluations": [
        {"resource": message("bill", "works", commodity="gas")}, {"resource": message("bill", "works", commodity="water")}]}
    yes, no = {"decision": True}, {"decision": False}
    assert ask(shared_hub, tokens["works"], many, "evaluations") == (200, {"evaluations": [no, yes]})
    first = {**many, "options": {"evaluations_semantic": "deny_on_first_deny"}}
    assert ask(shared_hub, tokens["works"], first, "evaluations") == (200, {"evaluations": [no]})
    status, problem = ask(shared_hub, tokens["works"], many)
    assert (status, problem["code"]) == (400, "access.evaluations")
    status, problem = ask(shared_hub, tokens["works"], {"subject": {"type": "Party", "id": "works"}})
    assert (status, problem["code"]) == (400, "policy.json")
