"""The resources of the API: what is shown, changed once, paged, tagged, refused with its code."""
import base64
import json

import pytest

from city import City, reading
from feeds import hours_ago, stamp


@pytest.fixture(scope="module")
def city(shared_hub):
    return City(shared_hub)


def test_the_description_is_served_with_its_tag(city):
    status, whole = city.ask("nobody", "GET", "/v1/openapi.json")
    assert (status, whole["openapi"]) == (200, "3.1.0") and "/v1/readings" in whole["paths"]
    tag = headers_of(city, "nobody", "/v1/openapi.json")["ETag"]
    assert city.ask("nobody", "GET", "/v1/openapi.json", headers={"If-None-Match": tag}) == (304, b"")
    assert city.ask("nobody", "GET", "/v1/openapi.json", headers={"If-None-Match": '"other"'})[0] == 200


def headers_of(city, who, path):
    import urllib.request
    ask = urllib.request.Request(city.hub.url + path, headers={"Authorization": f"Bearer {city.tokens[who]}"} if city.tokens[who] else {})
    with urllib.request.urlopen(ask, timeout=30) as answer:
        return answer.headers


def test_a_point_is_shown_as_far_as_the_caller_may_know_it(city):
    status, point = city.ask("water", "GET", "/v1/points/W1")
    assert status == 200 and point["premise"] == "east/12" and point["commodity"] == "water"
    assert [(m["meter"], m["channel"]) for m in point["meters"]] == [("7001", "")]
    assert {(p["role"], p["party"]) for p in point["parties"]} == {
        ("supplier", "water"), ("operator", "water"), ("occupant", "home-12"), ("reader", "cloud")}
    status, seen = city.ask("cloud", "GET", "/v1/points/W1")
    assert status == 200 and {p["party"] for p in seen["parties"]} == {"water", "cloud"}
    assert city.ask("cloud", "GET", "/v1/points/W2")[1]["code"] == "point.unknown"
    tag = headers_of(city, "water", "/v1/points/W1")["ETag"]
    assert city.ask("water", "GET", "/v1/points/W1", headers={"If-None-Match": f'"x", {tag}'})[0] == 304


def test_codes_with_slashes_are_one_path(city):
    status, place = city.ask("home-12", "GET", "/v1/premises/east/12")
    assert (status, place["code"], place["parent"]) == (200, "east/12", "east")
    # the door decodes once: an encoded slash is the same path, and so the same decision
    assert city.ask("home-12", "GET", "/v1/premises/east%2F12")[1] == place
    assert city.ask("home-12", "GET", "/v1/premises/east%2F13")[0] == 404
    assert city.ask("home-12", "GET", "/v1/premises/east%252F12")[1]["code"] == "gateway.path"


def test_lists_are_filtered_and_paged_by_cursor(city):
    codes = lambda page, key: [x["code"] for x in page[key]]
    assert codes(city.ask("water", "GET", "/v1/points")[1], "points") == ["W1", "W2"]
    assert codes(city.ask("home-12", "GET", "/v1/points")[1], "points") == ["W1", "E1"]
    assert codes(city.ask("home-12", "GET", "/v1/points?commodity=water")[1], "points") == ["W1"]
    assert codes(city.ask("home-12", "GET", "/v1/points?premise=west")[1], "points") == []
    assert codes(city.ask("hub", "GET", "/v1/points")[1], "points") == []
    assert codes(city.ask("hub", "GET", "/v1/points?all=true")[1], "points") == ["W1", "W2", "E1"]
    assert codes(city.ask("shop", "GET", "/v1/points?all=true")[1], "points") == []
    seen, cursor = [], ""
    while True:
        page = city.ask("hub", "GET", f"/v1/parties?limit=3&cursor={cursor}")[1]
        assert len(page["parties"]) <= 3
        seen += codes(page, "parties")
        cursor = page["cursor"]
        if not cursor:
            break
    assert seen == sorted(set(seen), key=seen.index) and set(seen) >= set(city.tokens) - {"nobody"}
    assert codes(city.ask("home-12", "GET", "/v1/premises")[1], "premises") == ["east", "east/12"]
    assert codes(city.ask("hub", "GET", "/v1/premises?all=true")[1], "premises") == ["east", "east/12", "east/13", "west"]
    for bad, code in (("limit=0", "call.number"), ("limit=x", "call.number"), ("cursor=x", "call.cursor"), ("all=yes", "call.truth")):
        status, problem = city.ask("water", "GET", f"/v1/points?{bad}")
        assert (status, problem["code"]) == (400, code)


def test_a_subscription_lives_through_its_changes(city):
    wanted = {"name": "日冻结", "types": ["reading"], "commodities": ["water"], "quantities": ["water_volume"], "points": ["W1"],
              "premises": ["east"]}
    status, made = city.ask("water", "POST", "/v1/subscriptions", wanted, {"Idempotency-Key": "sub-1"})
    assert status == 201 and {k: made[k] for k in wanted} == wanted
    # the same call again is the same subscription, however often; other content under its key is refused
    assert city.ask("water", "POST", "/v1/subscriptions", wanted, {"Idempotency-Key": "sub-1"}) == (201, made)
    status, problem = city.ask("water", "POST", "/v1/subscriptions", {"name": "x"}, {"Idempotency-Key": "sub-1"})
    assert (status, problem["code"]) == (409, "call.idempotency")
    # the key is the party's own
    status, other = city.ask("gas", "POST", "/v1/subscriptions", {"name": "y"}, {"Idempotency-Key": "sub-1"})
    assert status == 201 and other["id"] != made["id"]
    path = f"/v1/subscriptions/{made['id']}"
    tag = headers_of(city, "water", path)["ETag"]
    status, problem = city.ask("water", "PUT", path, {"name": "z"}, {"If-Match": '"stale"'})
    assert (status, problem["code"]) == (412, "call.changed")
    status, changed = city.ask("water", "PUT", path, {"name": "z"}, {"If-Match": tag})
    assert (status, changed["name"], changed["points"]) == (200, "z", [])
    assert city.ask("water", "DELETE", path, None, {"If-Match": tag})[0] == 412
    assert city.ask("water", "DELETE", path, None, {"Idempotency-Key": "end-1"}) == (204, b"")
    assert city.ask("water", "DELETE", path, None, {"Idempotency-Key": "end-1"}) == (204, b"")
    assert made["id"] not in [s["id"] for s in city.ask("water", "GET", "/v1/subscriptions")[1]["subscriptions"]]
    assert made["id"] in [s["id"] for s in city.ask("water", "GET", "/v1/subscriptions?all=true")[1]["subscriptions"]]
    assert city.ask("water", "PUT", path, {"name": "z"})[1]["code"] == "subscription.ended"
    for bad in ({"colour": 1}, {"name": 5}, {"types": ["reading", "smoke"]}, {"points": ["nowhere"]}, {"quantities": ["x"]},
                {"valid_to": "2001-01-01T00:00:00Z"}, {"name": "a\u0007b"}, {"commodities": "water"}):
        status, problem = city.ask("water", "POST", "/v1/subscriptions", bad)
        assert (status, problem["code"]) == (400, "body.member"), bad


def test_a_refused_reading_is_mended_and_taken_in_again(city):
    entry = city.refused("water")
    status, shown = city.ask("water", "GET", f"/v1/quarantine/{entry}")
    assert status == 200 and shown["code"] == "reading.unknown_meter" and shown["state"] == "open"
    original = json.loads(base64.b64decode(shown["original"]))
    assert original["meter"] == shown["reading"]["meter"]
    status, problem = city.ask("water", "POST", f"/v1/quarantine/{entry}/replay")
    assert (status, problem["code"]) == (422, "reading.unknown_meter")
    assert city.ask("water", "GET", f"/v1/quarantine/{entry}")[1]["state"] == "open"
    mended = {**original, "meter": "7001", "value": "11.5"}
    status, done = city.ask("water", "POST", f"/v1/quarantine/{entry}/replay", {"reading": mended}, {"Idempotency-Key": "mend-1"})
    assert (status, done["state"], done["stored"]) == (200, "replayed", 1), done
    assert city.ask("water", "POST", f"/v1/quarantine/{entry}/replay", {"reading": mended}, {"Idempotency-Key": "mend-1"}) == (status, done)
    status, problem = city.ask("water", "POST", f"/v1/quarantine/{entry}/replay")
    assert (status, problem["code"]) == (409, "quarantine.closed")
    status, page = city.ask("water", "GET", "/v1/readings?point=W1&quantity=water_volume")
    assert [r["receipt"] for r in page["readings"] if r["value"] == "11.5"] == [done["receipt"]]
    dropped = city.refused("water")
    assert city.ask("water", "POST", f"/v1/quarantine/{dropped}/drop") == (200, {"id": dropped, "state": "dropped"})
    assert city.ask("water", "POST", f"/v1/quarantine/{dropped}/drop")[0] == 409
    assert dropped not in [e["id"] for e in city.ask("water", "GET", "/v1/quarantine")[1]["entries"]]


def test_receipts_are_listed_newest_first(city):
    first, second = city.receipt("grid")["receipt"], city.receipt("grid")["receipt"]
    status, page = city.ask("grid", "GET", "/v1/receipts?limit=2")
    assert status == 200 and [r["receipt"] for r in page["receipts"]] == [second, first] and page["cursor"]
    older = city.ask("grid", "GET", f"/v1/receipts?cursor={page['cursor']}")[1]["receipts"]
    assert older and all(r["receipt"] < first for r in older)
    assert city.ask("hub", "GET", "/v1/receipts?party=grid&limit=1")[1]["receipts"][0]["receipt"] == second
    assert city.ask("gas", "GET", "/v1/receipts?party=grid")[1]["code"] == "party.unknown"


def test_completeness_counts_what_is_there_and_what_should_be(city):
    hub = city.hub
    hub.ctl("point", "add", "E9", "--commodity", "electricity", "--operator", "grid", "--interval", "3600", "--zone", "UTC")
    hub.ctl("point", "bind", "E9", "--party", "grid", "--meter", "9009")
    rows = [{"meter": "9009", "quantity": "active_energy_import", "kind": "interval", "unit": "kWh", "value": "1",
             "start": stamp(hours_ago(n + 1)), "time": stamp(hours_ago(n))} for n in (30, 29, 28, 5)]
    status, receipt = city.ask("grid", "POST", "/v1/readings", rows)
    assert (status, receipt["stored"]) == (202, 4), receipt
    query = f"point=E9&quantity=active_energy_import&zone=UTC&from={stamp(hours_ago(31))}&to={stamp(hours_ago(4))}"
    status, found = city.ask("grid", "GET", f"/v1/readings/completeness?{query}&step=hour")
    assert status == 200, found
    point = found["points"][0]
    assert (point["present"], point["expected"], len(point["buckets"])) == (4, 27, 27)
    assert [b["present"] for b in point["buckets"]] == [1, 1, 1] + [0] * 22 + [1, 0]
    status, found = city.ask("grid", "GET", f"/v1/readings/completeness?{query}")
    assert (found["points"][0]["present"], found["points"][0]["expected"]) == (4, 27), found
    assert city.ask("gas", "GET", f"/v1/readings/completeness?{query}")[1]["code"] == "point.unknown"
    status, problem = city.ask("grid", "GET", "/v1/readings/completeness?point=E9&quantity=active_energy_import&step=hour&from=2001-01-01T00:00:00Z")
    assert (status, problem["code"]) == (400, "readings.buckets")


def test_why_says_which_policy_decides(city):
    status, listed = city.ask("home-12", "GET", "/v1/policies")
    assert status == 200 and "point.read.own" in [p["id"] for p in listed["policies"]] and listed["version"]
    why = lambda who, action, point: city.ask(who, "POST", "/v1/policies/why", {"action": action, "point": point})[1]
    allowed = why("home-12", "read", "W1")
    assert (allowed["decision"], allowed["version"]) == ("allow", listed["version"])
    assert [p.split()[0] for p in allowed["reason"]] == ["point.read.own"]
    assert why("home-13", "read", "W1") == {"decision": "deny", "version": listed["version"], "reason": []}
    assert why("home-13", "read", "nowhere") == why("home-13", "read", "W1")


@pytest.mark.thorough
def test_the_answer_comes_after_the_commit(city):
    """202 means that the database has it: it is asked for by another way at once."""
    for n in range(20):
        status, receipt = city.ask("water", "POST", "/v1/readings", [reading("7002", 20 + n, 2)])
        assert status == 202
        rows = city.hub.sql("select count(*) from reading where receipt = %s", receipt["receipt"])
        assert rows == [(receipt["stored"],)] and receipt["stored"] == 1
