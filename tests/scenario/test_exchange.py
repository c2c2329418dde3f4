"""Notices by area, requests between parties with their trail, and who read a home's data: over the doors of all concerned."""
import datetime
import json

import pytest

from city import City, reading
from feeds import peek
from hub import wait_until


@pytest.fixture(scope="module")
def city(shared_hub):
    city = City(shared_hub)
    hub = shared_hub
    for code in ("home-12", "home-13", "estate", "grid", "water"):
        hub.ctl("subscription", "add", code)
    city.point("S1", "electricity", "east", "9901", "grid", operator="grid", owner="estate")
    places = hub.data.parent / "manager.csv"
    places.write_text("code,kind,parent,manager\ncourt,estate,east,estate\ncourt/14,home,court,\n")
    hub.ctl("load", "premises", places)
    hub.ctl("party", "add", "home-14", "--kind", "household", "--role", "resident")
    hub.ctl("subscription", "add", "home-14")
    city.tokens["home-14"] = hub.ctl("party", "token", "home-14").strip()
    city.point("E14", "electricity", "court/14", "9914", "grid", operator="grid", occupant="home-14")
    return city


def stamp(hours):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def notice(**more):
    return {"commodity": "water", "severity": "warning", "premises": ["east"], "title_zh": "计划停水", "title_en": "Water off",
            "text_zh": "周六检修，八点到十二点停水。", "text_en": "Off on Saturday from eight to twelve.", "valid_to": stamp(48), **more}


def told(city, who, words):
    """How many items with these words are in a party's feed, once there is one: positions are given after the commit."""
    def count():
        entries = peek(city.hub, city.tokens[who], limit=1000)["entries"]
        return sum(words in str(item) for entry in entries for item in entry["items"])
    return wait_until(count, 20, f"{words} in the feed of {who}")


def nothing_told(city, who, words, like):
    """Not even when another, sent later, came."""
    assert told(city, who, like)
    assert words not in str(peek(city.hub, city.tokens[who], limit=1000))


def seen(city, who):
    status, answer = city.ask(who, "GET", "/v1/notices")
    assert status == 200, answer
    return {one["id"]: one for one in answer["notices"]}


def test_a_notice_reaches_those_it_is_for_while_it_holds(city):
    status, made = city.ask("water", "POST", "/v1/notices", notice())
    assert status == 201 and made["places"] == ["east"] and made["told"] == 3, made  # two homes with water there, and the estate
    status, one = city.ask("water", "POST", "/v1/notices", notice(premises=["east/12"], title_zh="只有十二号"))
    assert status == 201 and one["told"] == 1
    status, west = city.ask("water", "POST", "/v1/notices", notice(premises=["west"]))
    assert status == 201 and west["told"] == 0
    assert set(seen(city, "home-12")) == {made["id"], one["id"]} and set(seen(city, "home-13")) == {made["id"]}
    assert seen(city, "home-13")[made["id"]]["title_zh"] == "计划停水"
    for stranger in ("cloud", "shop", "gas"):
        assert seen(city, stranger) == {}
    assert told(city, "home-13", "计划停水") == 1 and told(city, "estate", "计划停水") == 1
    assert told(city, "home-12", "只有十二号") == 1
    # gas stands for no water, a stranger cannot take back, and a withdrawn notice is gone, and told so
    assert city.ask("gas", "POST", "/v1/notices", notice())[0] == 403
    assert city.ask("gas", "POST", f"/v1/notices/{made['id']}/withdraw")[0] == 404
    status, gone = city.ask("water", "POST", f"/v1/notices/{made['id']}/withdraw")
    assert status == 200 and gone["withdrawn"] is True
    assert city.ask("water", "POST", f"/v1/notices/{made['id']}/withdraw")[0] == 200
    assert set(seen(city, "home-13")) == set() and told(city, "home-13", "'withdrawn': True") == 1
    nothing_told(city, "home-13", "只有十二号", "'withdrawn': True")
    assert len(city.hub.ctl("notice", "list", "--party", "water").splitlines()) == 3
    status, sent = city.ask("water", "GET", "/v1/notices?sent=true")
    assert {n["id"]: n["withdrawn"] for n in sent["notices"]} == {made["id"]: True, one["id"]: False, west["id"]: False}


def security(**more):
    return notice(kind="security_notice", commodity="", premises=["court"], title_zh="东门门禁更换", text_zh="今晚十点起走西门。", **more)


def test_an_estate_warns_the_homes_that_it_manages_and_no_others(city):
    status, made = city.ask("estate", "POST", "/v1/notices", security(purpose="更换门禁"))
    assert status == 201 and made["kind"] == "security_notice" and made["told"] == 1, made
    assert [(s["state"], s["party"], s.get("note")) for s in made["trail"]] == [("sent", "estate", "更换门禁")]
    assert seen(city, "home-14")[made["id"]]["kind"] == "security_notice" and "trail" not in seen(city, "home-14")[made["id"]]
    assert told(city, "home-14", "东门门禁更换") == 1
    for other in ("home-12", "home-13", "water", "city", "app", "estate"):
        assert made["id"] not in seen(city, other), other
    # an app hears of it as soon as a home there lets it see something, and no longer than that
    status, consent = city.ask("home-14", "POST", "/v1/consents", {"point": "E14", "grantee": "app", "purpose": "energy_advice", "granularity": "day"})
    assert status == 201, consent
    assert made["id"] in seen(city, "app")
    assert city.ask("home-14", "POST", f"/v1/consents/{consent['id']}/withdraw")[0] == 200
    assert made["id"] not in seen(city, "app")
    # beyond its places, or of another kind, or by another party: refused, with the rule
    for who, change in (("estate", {"premises": ["east"]}), ("estate", {"premises": ["court", "east/12"]}), ("estate", {"kind": "notice"}),
                        ("water", {"commodity": "water"}), ("city", {}), ("home-14", {})):
        status, problem = city.ask(who, "POST", "/v1/notices", {**security(), **change})
        assert (status, problem["code"]) == (403, "notice.send") and "places that it manages" in problem["detail"], (who, problem)
    assert city.ask("estate", "POST", "/v1/notices", {**security(), "kind": "rumour"})[1]["code"] == "notice.rule"
    # a company's notice for the district reaches who manages an estate in it
    status, off = city.ask("city", "POST", "/v1/notices", notice(commodity="", premises=["court/14"], title_zh="抢修"))
    assert status == 201 and off["id"] in seen(city, "estate") and off["id"] in seen(city, "home-14") and off["id"] not in seen(city, "home-12")
    status, gone = city.ask("estate", "POST", f"/v1/notices/{made['id']}/withdraw", {"note": "已完工"})
    assert status == 200 and [(s["state"], s.get("note")) for s in gone["trail"]] == [("sent", "更换门禁"), ("withdrawn", "已完工")]
    assert made["id"] not in seen(city, "home-14") and told(city, "home-14", "'withdrawn': True") == 1
    # who manages no more, tells no more
    places = city.hub.data.parent / "manager.csv"
    places.write_text("code,kind,parent,manager\ncourt,estate,east,-\n")
    city.hub.ctl("load", "premises", "--update", places)
    assert city.ask("estate", "POST", "/v1/notices", security())[0] == 403


@pytest.mark.parametrize("change, code", [({"premises": []}, 400), ({"premises": ["mars"]}, 404), ({"valid_to": "2020-01-01T00:00:00Z"}, 400),
                                          ({"severity": "loud"}, 400), ({"title_zh": ""}, 400), ({"colour": "red"}, 400)])
def test_a_notice_that_breaks_a_rule_is_refused(city, change, code):
    status, problem = city.ask("water", "POST", "/v1/notices", notice(**change))
    assert status == code and problem["code"], problem


def by_command(city, noun, verb, who, *words):
    """What it printed, or the refusal."""
    done = city.hub.run(noun, verb, "--party", who, "--by", "wang", *words)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def test_a_notice_by_command_follows_the_rules_of_the_api(city):
    words = ("--place", "east", "--title-zh", "管道冲洗", "--title-en", "Flushing", "--text-zh", "今晚水黄，请先放水。", "--severity", "warning", "--to", stamp(6))
    made = by_command(city, "notice", "send", "water", "--commodity", "water", *words, "--purpose", "水质")
    assert made["told"] == 3 and made["places"] == ["east"] and made["severity"] == "warning", made
    assert [(s["state"], s["party"], s["by"], s["note"]) for s in made["trail"]] == [("sent", "water", "wang", "水质")]
    assert seen(city, "home-12")[made["id"]]["text_zh"] == "今晚水黄，请先放水。" and made["id"] in seen(city, "home-13")
    assert all(made["id"] not in seen(city, who) for who in ("home-14", "gas", "app", "shop"))
    assert told(city, "home-12", "管道冲洗") == 1
    shown = [json.loads(line) for line in city.hub.ctl("notice", "list", "--party", "home-12", "--shown").splitlines()]
    assert {n["id"]: n for n in shown} == seen(city, "home-12")
    # the same refusals, each with the rule and what to do
    for who, more, code in (("gas", ("--commodity", "water"), "notice.send"), ("water", ("--commodity", ""), "notice.send"),
                            ("water", ("--commodity", "water", "--severity", "loud"), "notice.rule"), ("water", ("--kind", "rumour"), "notice.rule"),
                            ("estate", ("--kind", "security_notice"), "notice.send")):
        assert f"({code})" in by_command(city, "notice", "send", who, *[w for w in words if w not in ("--severity", "warning")], *more), (who, more)
    assert "a utility tells of its own commodity" in by_command(city, "notice", "send", "gas", *words, "--commodity", "water")
    assert "(premise.unknown)" in by_command(city, "notice", "send", "water", "--commodity", "water", *words, "--place", "mars")
    late = [w if w != words[-1] else "2020-01-01" for w in words]
    assert "ahead of now" in by_command(city, "notice", "send", "water", "--commodity", "water", *late)
    assert "(notice.unknown)" in by_command(city, "notice", "withdraw", "gas", made["id"])
    assert made["id"] in seen(city, "home-12")
    gone = by_command(city, "notice", "withdraw", "water", made["id"], "--note", "已冲洗完")
    assert gone["withdrawn"] and made["id"] not in seen(city, "home-12")
    wait_until(lambda: told(city, "home-12", "管道冲洗") == 2, 20, "home-12 is told that it is over")
    assert "已冲洗完" not in str(peek(city.hub, city.tokens["home-12"], limit=1000))  # why is the sender's own
    assert [(s["state"], s["by"]) for s in gone["trail"]] == [("sent", "wang"), ("withdrawn", "wang")] and gone["trail"][1]["note"] == "已冲洗完"
    assert city.hub.json("notice", "show", made["id"]) == gone == next(n for n in city.ask("water", "GET", "/v1/notices?sent=true")[1]["notices"] if n["id"] == made["id"])


def test_a_request_by_command_follows_the_rules_of_the_api(city):
    words = ("--of", "grid", "--commodity", "water", "--what", "东区水表日读数", "--place", "east")
    asked = by_command(city, "request", "ask", "water", *words, "--purpose", "夜间漏损")
    assert asked["state"] == "asked" and asked["from"] == "water" and told(city, "grid", "夜间漏损") == 1, asked
    assert "(exchange.text)" in by_command(city, "request", "ask", "water", *words)                      # what for?
    assert "companies ask for data of their own commodity" in by_command(city, "request", "ask", "gas", *words, "--purpose", "漏损")
    assert "(exchange.send)" in by_command(city, "request", "ask", "water", *words, "--purpose", "漏损", "--kind", "view_command")
    number = asked["id"]
    assert "(exchange.side)" in by_command(city, "request", "grant", "water", number)
    assert "(exchange.side)" in by_command(city, "request", "fulfil", "gas", number, "--reference", "x")
    assert "(exchange.rule)" in by_command(city, "request", "fulfil", "grid", number)
    assert by_command(city, "request", "grant", "grid", number, "--note", "明日给出")["state"] == "granted"
    assert "cannot become granted" in by_command(city, "request", "grant", "grid", number)
    done = by_command(city, "request", "fulfil", "grid", number, "--reference", "receipt 99")
    assert [(s["state"], s["party"], s.get("by"), s.get("note")) for s in done["trail"]] == [
        ("asked", "water", "wang", None), ("granted", "grid", "wang", "明日给出"), ("fulfilled", "grid", "wang", None)]
    assert done == city.hub.json("request", "show", number) == city.ask("grid", "GET", f"/v1/data-requests/{number}")[1]
    assert told(city, "water", "receipt 99") == 1
    # asked at the API, refused by command; asked by command, taken back
    status, shown = ask(city, "city", kind="view_command", commodity="", of="water", purpose="抗旱")
    assert status == 201 and by_command(city, "request", "refuse", "water", shown["id"], "--note", "数据未备")["state"] == "refused"
    again = by_command(city, "request", "ask", "water", *words, "--purpose", "误提")
    assert by_command(city, "request", "withdraw", "water", again["id"])["state"] == "withdrawn"
    assert "(exchange.unknown)" in by_command(city, "request", "withdraw", "water", 999999)


def ask(city, who="water", **more):
    return city.ask(who, "POST", "/v1/data-requests", {"of": "grid", "commodity": "water", "purpose": "管网漏损分析",
                                                      "what": "东区水表日读数", "premises": ["east"], **more})


def step(city, who, request, state, **more):
    return city.ask(who, "POST", f"/v1/data-requests/{request['id']}/steps", {"state": state, **more})


def test_a_request_from_asked_to_fulfilled_with_its_trail(city):
    status, asked = ask(city)
    assert status == 201 and asked["state"] == "asked", asked
    assert told(city, "grid", "管网漏损分析") == 1
    assert city.ask("gas", "GET", f"/v1/data-requests/{asked['id']}")[0] == 404
    assert step(city, "gas", asked, "granted")[0] == 404
    assert step(city, "water", asked, "granted")[1]["code"] == "exchange.side"
    assert step(city, "grid", asked, "withdrawn")[1]["code"] == "exchange.side"
    assert step(city, "grid", asked, "fulfilled")[0] == 400  # by what?
    assert step(city, "grid", asked, "granted", note="按日提供")[1]["state"] == "granted"
    assert step(city, "grid", asked, "granted")[1]["code"] == "exchange.over"
    status, done = step(city, "grid", asked, "fulfilled", reference="receipt 12")
    assert status == 200 and done["reference"] == "receipt 12"
    assert [(s["state"], s["party"]) for s in done["trail"]] == [("asked", "water"), ("granted", "grid"), ("fulfilled", "grid")]
    assert done["trail"][1]["note"] == "按日提供"
    assert step(city, "water", asked, "withdrawn")[1]["code"] == "exchange.over"
    assert told(city, "water", "按日提供") == 1 and told(city, "water", "receipt 12") == 1
    shown = [json.loads(line) for line in city.hub.ctl("request", "list", "--party", "grid").splitlines()]
    assert next(one for one in shown if one["id"] == asked["id"]) == done
    assert city.ask("water", "GET", "/v1/data-requests")[1]["requests"][0] == done == city.ask("hub", "GET", f"/v1/data-requests/{asked['id']}")[1]


def test_requests_end_refused_withdrawn_or_expired(city):
    refused, withdrawn = ask(city)[1], ask(city)[1]
    assert step(city, "grid", refused, "refused", note="没有用途说明")[1]["state"] == "refused"
    assert step(city, "water", withdrawn, "withdrawn")[1]["state"] == "withdrawn"
    late = ask(city, expires=stamp(1))[1]
    city.hub.sql("update exchange_request set expires = now() - interval '1 second' where id = %s", late["id"])
    assert city.ask("grid", "GET", f"/v1/data-requests/{late['id']}")[1]["state"] == "expired"
    status, problem = step(city, "grid", late, "granted")
    assert status == 409 and "expired" in problem["detail"]


def test_a_view_command_says_what_for_and_goes_to_companies_alone(city):
    status, shown = ask(city, "city", kind="view_command", commodity="", of="water", what="东区用水", purpose="抗旱会商")
    assert status == 201 and shown["kind"] == "view_command"
    assert told(city, "water", "抗旱会商") == 1
    assert step(city, "water", shown, "fulfilled", reference="aggregate east 2026-10")[1]["state"] == "fulfilled"
    assert ask(city, "city", kind="view_command", commodity="", of="water", purpose="")[0] == 400
    assert ask(city, "water", kind="view_command", of="grid")[0] == 403
    assert ask(city, "city", kind="view_command", commodity="", of="estate")[0] == 403
    assert ask(city, "gas", commodity="water")[0] == 403
    assert ask(city, of="home-12")[0] in (403, 404)


def test_a_home_sees_who_read_its_data_and_what_for(city):
    status, consent = city.ask("home-12", "POST", "/v1/consents", {"point": "W1", "grantee": "app", "purpose": "energy_advice",
                                                                  "granularity": "day"})
    assert status == 201, consent

    def read(who, more=""):
        return city.ask(who, "GET", f"/v1/readings?point=W1&quantity=water_volume{more}")[0]
    assert read("app", "&step=day&purpose=energy_advice") == 200 and read("app", "&step=day&purpose=energy_advice") == 200
    assert read("water") == 200 and read("home-12") == 200
    assert read("shop") == 404
    found = city.ask("home-12", "GET", "/v1/viewings")[1]["viewings"]
    assert {v["what"] for v in found} == {"readings"}
    assert {(v["point"], v["party"], v["purpose"], v["granularity"]) for v in found} == {
        ("W1", "app", "energy_advice", "day"), ("W1", "water", "", "raw")} and len(found) == 2
    assert city.ask("home-13", "GET", "/v1/viewings")[1]["viewings"] == []
    lines = [json.loads(line) for line in city.hub.ctl("exchange", "viewings", "--party", "app").splitlines()]
    assert [(v["point"], v["granularity"], v["purpose"]) for v in lines] == [("W1", "day", "energy_advice")]
    own = city.ask("app", "GET", "/v1/viewings")[1]["viewings"]
    assert [v["purpose"] for v in own] == ["energy_advice"]
    # what an estate has of its own is nobody's home
    status, receipt = city.ask("grid", "POST", "/v1/readings", [reading("9901", 5, 1, "active_energy_import", "kWh")])
    assert status == 202 and receipt["stored"] == 1, receipt
    assert city.ask("grid", "GET", "/v1/readings?point=S1&quantity=active_energy_import")[0] == 200
    assert "S1" not in str(city.ask("grid", "GET", "/v1/viewings")[1])
