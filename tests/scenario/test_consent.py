"""Consent: a home lets a third party see what is measured there, as finely and as long as it says, and not a reading longer."""
import concurrent.futures
import threading
import time

import pytest

from feeds import hours_ago, items, peek, stamp, wait_items
from hub import wait_until

METERS = {"W12": ("water", "7012", "water_volume", "m3"), "E12": ("electricity", "8012", "active_energy_import", "kWh"),
          "W13": ("water", "7013", "water_volume", "m3")}


def reading(point, value, hours=1, **more):
    _, meter, quantity, unit = METERS[point]
    return {"meter": meter, "quantity": quantity, "kind": "register", "unit": unit, "value": str(value),
            "time": stamp(hours_ago(hours)), **more}


def town(hub):
    """A water and a grid company, two homes with meters, two third parties with subscriptions; tokens by name."""
    parties = {"water": ("utility", "water"), "grid": ("grid", "grid"), "home12": ("household", "resident"),
               "home13": ("household", "resident"), "cloud": ("service", "third_party"), "rival": ("service", "third_party"),
               "city": ("government", "government")}
    for code, (kind, role) in parties.items():
        hub.ctl("party", "add", code, "--kind", kind, "--role", role)
    for point, (commodity, meter, *_) in METERS.items():
        utility = {"water": "water", "electricity": "grid"}[commodity]
        home = f"home{point[1:]}"
        hub.ctl("point", "add", point, "--commodity", commodity, "--supplier", utility, "--operator", utility,
                "--occupant", home, "--interval", "3600")
        hub.ctl("point", "bind", point, "--party", utility, "--meter", meter, "--modulus", "1000000")
    for code in parties:
        hub.ctl("subscription", "add", code)
    return {code: hub.ctl("party", "token", code).strip() for code in parties}


@pytest.fixture(scope="module")
def tokens(shared_hub):
    return town(shared_hub)


def ask(hub, token, point="W12", step="raw", **more):
    quantity = METERS[point][2]
    query = "&".join(f"{k}={v}" for k, v in {"point": point, "quantity": quantity, "step": step, **more}.items())
    return hub.request(f"/v1/readings?{query}", token)


def grant(hub, token, point="W12", grantee="cloud", granularity="hour", purpose="energy_advice", **more):
    headers = more.pop("headers", {})
    return hub.request("/v1/consents", token, "POST",
                       {"point": point, "grantee": grantee, "granularity": granularity, "purpose": purpose, **more}, headers)


def end(hub, token, consent):
    status, body = hub.request(f"/v1/consents/{consent['id']}/withdraw", token, "POST")
    assert status == 200 and body["state"] == "withdrawn", body
    return body


def test_a_third_party_sees_what_was_consented_to_and_no_more(shared_hub, tokens):
    hub = shared_hub
    for n in range(5):
        assert hub.request("/v1/readings", tokens["water"], "POST", [reading("W12", n, 10 - n)])[0] == 202
    assert hub.request("/v1/readings", tokens["grid"], "POST", [reading("E12", 7)])[0] == 202
    wait_items(hub, tokens["home12"], 6)
    assert ask(hub, tokens["cloud"])[0] == 404
    assert items(hub, tokens["cloud"]) == []
    status, consent = grant(hub, tokens["home12"])
    assert status == 201 and consent["state"] == "active" and consent["grantor"] == "home12"
    receipt = consent["receipt"]
    assert "W12" in receipt["text_zh"] and "cloud" in receipt["text_en"] and len(receipt["digest"]) == 64
    # now by its purpose, at its granularity, at its point
    status, page = ask(hub, tokens["cloud"], purpose="energy_advice")
    assert status == 200 and [r["value"] for r in page["readings"]] == ["0", "1", "2", "3", "4"]
    assert ask(hub, tokens["cloud"], step="day", purpose="energy_advice")[0] == 200
    assert ask(hub, tokens["cloud"])[1]["code"] == "consent.purpose"
    assert ask(hub, tokens["cloud"], purpose="research")[0] == 404
    assert ask(hub, tokens["cloud"], "E12", purpose="energy_advice")[0] == 404
    assert ask(hub, tokens["rival"], purpose="energy_advice")[0] == 404
    assert ask(hub, tokens["city"], purpose="energy_advice")[0] == 404
    assert [i["point"] for i in items(hub, tokens["cloud"])] == ["W12"] * 5
    assert items(hub, tokens["rival"]) == items(hub, tokens["city"]) == []
    end(hub, tokens["home12"], consent)
    assert items(hub, tokens["cloud"]) == []
    assert ask(hub, tokens["cloud"], purpose="energy_advice")[0] == 404


def test_no_finer_than_was_said(shared_hub, tokens):
    hub = shared_hub
    _, consent = grant(hub, tokens["home12"], granularity="day")
    assert items(hub, tokens["cloud"]) == []
    status, problem = ask(hub, tokens["cloud"], step="hour", purpose="energy_advice")
    assert (status, problem["code"]) == (403, "consent.granularity") and "day" in problem["detail"]
    status, page = ask(hub, tokens["cloud"], purpose="energy_advice")
    assert status == 200 and page["readings"] == []
    status, page = ask(hub, tokens["cloud"], step="day", purpose="energy_advice")
    assert status == 200 and page["readings"]
    end(hub, tokens["home12"], consent)


def test_only_of_the_time_that_was_said(shared_hub, tokens):
    hub = shared_hub
    _, consent = grant(hub, tokens["home12"], data_from=stamp(hours_ago(8)), data_to=stamp(hours_ago(7)))
    status, page = ask(hub, tokens["cloud"], purpose="energy_advice")
    assert status == 200 and [r["value"] for r in page["readings"]] == ["2", "3"]
    end(hub, tokens["home12"], consent)


def test_it_expires_by_itself(shared_hub, tokens):
    hub = shared_hub
    soon = time.time() + 2
    zulu = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(soon))
    status, consent = grant(hub, tokens["home12"], valid_to=zulu)
    assert status == 201 and consent["valid_to"] == zulu
    wait_until(lambda: hub.request(f"/v1/consents/{consent['id']}", tokens["home12"])[1]["state"] == "expired", 10)
    assert ask(hub, tokens["cloud"], purpose="energy_advice")[0] == 404
    assert items(hub, tokens["cloud"]) == []


def test_only_who_lives_there_consents(shared_hub, tokens):
    hub = shared_hub
    for who in ("home13", "water", "cloud", "city"):
        grantee = "rival" if who == "cloud" else "cloud"
        status, problem = grant(hub, tokens[who], grantee=grantee)
        assert (status, problem["code"]) == (403, "consent.grantor"), who
    cases = [({"point": "nowhere"}, 403, "consent.grantor"), ({"grantee": "nobody"}, 404, "party.unknown"),
             ({"grantee": "home12"}, 400, "consent.self"), ({"granularity": "second"}, 400, "consent.granularity"),
             ({"purpose": ""}, 400, "consent.member"), ({"purpose": "For Fun"}, 400, "consent.purpose"),
             ({"commodity": "coal"}, 400, "consent.commodity"), ({"valid_to": "2020-01-01T00:00:00Z"}, 400, "consent.period"),
             ({"valid_to": "2099-01-01T00:00:00Z"}, 400, "consent.period"), ({"valid_from": "noon"}, 400, "call.time"),
             ({"point": 5}, 400, "consent.member")]
    for change, status, code in cases:
        got = grant(hub, tokens["home12"], **change)
        assert (got[0], got[1]["code"]) == (status, code), change
    status, problem = hub.request("/v1/consents", tokens["home12"], "POST", ["no object"])
    assert (status, problem["code"]) == (400, "call.json")


def test_either_side_sees_it_and_nobody_else(shared_hub, tokens):
    hub = shared_hub
    _, consent = grant(hub, tokens["home12"], purpose="research")
    path = f"/v1/consents/{consent['id']}"
    for who, status in (("home12", 200), ("cloud", 200), ("rival", 404), ("water", 404), ("home13", 404)):
        assert hub.request(path, tokens[who])[0] == status, who
        seen = [c["id"] for c in hub.request("/v1/consents", tokens[who])[1]["consents"]]
        assert (consent["id"] in seen) == (status == 200), who
    assert hub.request("/v1/consents?role=grantee", tokens["home12"])[1]["consents"] == []
    active = hub.request("/v1/consents?role=grantee&active=true", tokens["cloud"])[1]["consents"]
    assert [c["id"] for c in active] == [consent["id"]]
    status, problem = hub.request(f"{path}/withdraw", tokens["rival"], "POST")
    assert (status, problem["code"]) == (404, "consent.unknown")
    # page by page, newest first
    page = hub.request("/v1/consents?limit=1", tokens["home12"])[1]
    assert [c["id"] for c in page["consents"]] == [consent["id"]]
    older = hub.request(f"/v1/consents?limit=1&cursor={page['cursor']}", tokens["home12"])[1]
    assert older["consents"][0]["id"] < consent["id"]
    # the grantee may give it up; the receipt stays as it was
    ended = end(hub, tokens["cloud"], consent)
    assert ended["withdrawn_by"] == "cloud" and ended["receipt"] == consent["receipt"]


def test_a_key_and_a_tag_keep_from_doing_it_twice(shared_hub, tokens):
    hub = shared_hub
    key = {"Idempotency-Key": f"consent-{time.time()}"}
    first = grant(hub, tokens["home12"], headers=key)
    again = grant(hub, tokens["home12"], headers=key)
    assert first[0] == again[0] == 201 and first[1] == again[1]
    status, problem = grant(hub, tokens["home12"], granularity="day", headers=key)
    assert (status, problem["code"]) == (409, "call.idempotency")
    path = f"/v1/consents/{first[1]['id']}"
    status, problem = hub.request(f"{path}/withdraw", tokens["home12"], "POST", headers={"If-Match": '"000000000000000000000000"'})
    assert (status, problem["code"]) == (412, "call.changed")
    assert hub.request(path, tokens["home12"])[1]["state"] == "active"
    end(hub, tokens["home12"], first[1])


def test_the_operator_writes_down_what_was_said_on_paper(shared_hub, tokens):
    hub = shared_hub
    consent = hub.json("consent", "grant", "W12", "--grantee", "cloud", "--purpose", "research", "--granularity", "hour")
    assert consent["grantor"] == "home12" and consent["by"] == "operator"
    assert ask(hub, tokens["cloud"], purpose="research")[0] == 200
    listed = hub.json("consent", "list", "--grantee", "cloud", "--active")
    assert listed["id"] == consent["id"]
    ended = hub.json("consent", "withdraw", consent["id"])
    assert ended["state"] == "withdrawn" and ended["withdrawn_by"] == "operator"
    assert hub.run("consent", "list", "--active").stdout == ""
    assert ask(hub, tokens["cloud"], purpose="research")[0] == 404
    assert hub.run("consent", "withdraw", "99999").returncode == 1
    assert hub.run("consent", "grant", "W12", "--grantee", "home12", "--purpose", "research").returncode == 2


@pytest.mark.thorough
def test_out_of_comparisons(shared_hub, tokens):
    hub = shared_hub
    choice = lambda who, out: hub.request("/v1/comparison-choice", tokens[who], "POST", {"point": "W12", "out": out})
    assert choice("home12", True) == (200, {"point": "W12", "out": True})
    assert choice("water", False)[0] == 403
    assert hub.sql("select count(*) from comparison_choice where taken_back is null") == [(1,)]
    assert choice("home12", False)[0] == 200
    assert hub.sql("select count(*) from comparison_choice where taken_back is null") == [(0,)]
    assert "out of" in hub.ctl("consent", "comparison", "W12", "out")
    hub.ctl("consent", "comparison", "W12", "in")


@pytest.mark.thorough
def test_withdrawn_while_the_feed_is_read(shared_hub, tokens):
    """Whoever begins to read after the withdrawal was answered gets nothing, however many read meanwhile."""
    hub = shared_hub
    for n in range(6):
        hub.request("/v1/readings", tokens["water"], "POST", [reading("W13", n, 20 - n)])
    wait_items(hub, tokens["home13"], 6)
    stop = threading.Event()
    without = []  # from a withdrawal's answer to the next grant's call

    def read():
        seen = []
        while not stop.is_set():
            began = time.monotonic()
            got = any(i["point"] == "W13" for i in items(hub, tokens["rival"]))
            if got:
                seen.append((began, time.monotonic()))
        return seen

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for _ in range(5):
                status, consent = grant(hub, tokens["home13"], point="W13", grantee="rival")
                assert status == 201
                wait_until(lambda: any(i["point"] == "W13" for i in items(hub, tokens["rival"])), 20)
                end(hub, tokens["home13"], consent)
                since = time.monotonic()
                for _ in range(3):
                    assert items(hub, tokens["rival"]) == []
                without.append((since, time.monotonic()))
        finally:
            stop.set()
        seen = [span for r in readers for span in r.result()]
    assert seen
    late = [span for span in seen for since, until in without if since < span[0] and span[1] < until]
    assert late == []
