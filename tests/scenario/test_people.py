"""People at the public port: portal files, logins and what ends them, households, meters bound by code."""
import concurrent.futures
import datetime
import gzip
import re
import subprocess

import pytest

from feeds import hours_ago, stamp
from hub import Hub, directory
from people import PASSWORD, Person, Portal


@pytest.fixture(scope="module")
def portal():
    with directory() as place:
        hub = Hub(place / "data")
        portal = Portal(hub)
        try:
            hub.up(*portal.arguments)
            hub.ctl("party", "add", "water", "--kind", "utility", "--role", "supplier")
            for home in ("home-1", "home-2", "home-3", "home-4"):
                hub.ctl("party", "add", home, "--kind", "household", "--role", "resident", "--name-zh", f"{home} 住户")
            hub.ctl("point", "add", "w1", "--commodity", "water", "--supplier", "water", "--occupant", "home-1")
            hub.ctl("point", "add", "w2", "--commodity", "water", "--supplier", "water", "--occupant", "home-2")
            yield portal
        finally:
            hub.end()


@pytest.fixture
def sql(portal):
    return portal.hub.sql


def test_the_portal_is_files_with_a_strict_policy_and_tags(portal):
    status, headers, content = portal.request("GET", "/")
    assert status == 200 and headers["Content-Type"].startswith("text/html")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
    page = content.decode()
    for name in set(re.findall(r'(?:src|href)="(/[^"#]+)"', page)) | {"/hub.js", "/page-login.js"}:
        status, headers, plain = portal.request("GET", name)
        assert status == 200 and plain and "Content-Encoding" not in headers
        status, headers, packed = portal.request("GET", name, headers={"Accept-Encoding": "gzip"})
        assert headers["Content-Encoding"] == "gzip" and gzip.decompress(packed) == plain
        status, _, nothing = portal.request("GET", name, headers={"Accept-Encoding": "gzip", "If-None-Match": headers["ETag"]})
        assert (status, nothing) == (304, b"")
    assert not re.search(r"<script(?![^>]*src=)|\son[a-z]+=|style=", page), "nothing inline"
    assert portal.request("GET", "/../../etc/passwd")[0] in (400, 404)
    assert portal.request("GET", "/hub.js/")[0] == 404
    assert portal.request("GET", "/HUB.JS")[0] == 404
    assert portal.request("POST", "/hub.js", b"", {"Content-Length": "0"})[0] == 404


def test_only_tls_of_today_at_the_public_port(portal):
    done = subprocess.run(["openssl", "s_client", "-connect", f"localhost:{portal.port}", "-tls1_1", "-cipher",
                           "DEFAULT:@SECLEVEL=0"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    assert done.returncode != 0 and "alert protocol version" in done.stderr, done.stderr


def test_a_person_logs_in_reads_the_own_points_and_no_others(portal):
    alice = portal.person("alice", "home-1", "--name", "Alice", "--head")
    assert alice.get("/v1/me")[0] == 401
    me = alice.log_in()
    assert me["login"] == "alice" and me["party"]["code"] == "home-1" and me["head"] is True
    assert [p["code"] for p in me["points"]] == ["w1"]
    window = "&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"
    assert alice.get("/v1/readings?point=w1&quantity=water_volume" + window)[0] == 200
    status, problem = alice.get("/v1/readings?point=w2&quantity=water_volume" + window)
    assert (status, problem["code"]) == (404, "point.unknown")
    status, problem = alice.get("/v1/feed")
    assert (status, problem["code"]) == (403, "call.kind")
    assert alice.delete("/v1/session")[0] == 200 and alice.cookie is None
    assert alice.get("/v1/me")[0] == 401


def test_staff_see_by_kind_and_area(portal):
    hub = portal.hub
    hub.ctl("load", "premises", "-", input="code,kind,parent\ncity-1,city,\nnorth,district,city-1\nsouth,district,city-1\n")
    hub.ctl("point", "add", "wn", "--commodity", "water", "--supplier", "water", "--premise", "north")
    hub.ctl("point", "add", "ws", "--commodity", "water", "--supplier", "water", "--premise", "south")
    window = "&quantity=water_volume&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"
    reader = portal.person("reader", "water", "--kind", "reading", "--area", "north")
    clerk = portal.person("clerk", "water", "--kind", "bill")
    for one in (reader, clerk):
        one.log_in()
    assert reader.get("/v1/readings?point=wn" + window)[0] == 200
    assert reader.get("/v1/readings?point=ws" + window)[0] == 404
    assert clerk.get("/v1/readings?point=wn" + window)[0] == 404


@pytest.mark.thorough
def test_wrong_passwords_lock_with_back_off_per_login(portal, sql):
    bob = portal.person("bob", "home-2")
    for _ in range(4):
        status, problem = bob.try_log_in("wrong password 1")
        assert (status, problem["code"]) == (401, "login.wrong")
    bob.log_in()
    for _ in range(5):
        assert bob.try_log_in("wrong password 1")[0] == 401
    status, problem = bob.another().try_log_in()
    assert (status, problem["code"]) == (429, "login.locked"), "the right one is not looked at either"
    assert bob.get("/v1/me")[0] == 200, "who is in stays in"
    first = sql("select until - last from guess where key = 'login:bob'")[0][0].total_seconds()
    sql("update guess set until = last - interval '1 minute', last = last - interval '1 minute' where key = 'login:bob'")
    assert bob.another().try_log_in("wrong password 1")[0] == 401
    assert sql("select until - last from guess where key = 'login:bob'")[0][0].total_seconds() == 2 * first == 60
    portal.hub.ctl("person", "enable", "bob")
    bob.log_in()


def test_guesses_at_once_count_as_many(portal, sql):
    carl = portal.person("carl", "home-2")
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: carl.another().try_log_in(f"wrong password {n}")[0], range(20)))
    assert answers.count(401) <= 5 and set(answers) <= {401, 429, 503}, answers
    portal.hub.ctl("person", "enable", "carl")
    sql("delete from guess where key like 'address:%%'")


@pytest.mark.thorough
def test_an_address_that_guesses_at_everybody_is_locked(portal, sql):
    sql("delete from guess where key like 'address:%%'")
    guess = lambda n: Person(portal, f"nobody-{n}", "").try_log_in("wrong password 1")[0]
    assert guess(0) == 401
    # As if it had gone on; each try takes the time that a password takes.
    assert sql("update guess set failures = 28 where key like 'address:%%' returning failures") == [(28,)]
    assert [guess(n) for n in range(1, 4)] == [401, 401, 429]
    sql("delete from guess where key like 'address:%%'")


@pytest.mark.thorough
def test_a_new_password_ends_other_sessions_and_the_old_cookie(portal):
    dora = portal.person("dora", "home-3", "--head")
    phone = dora.another()
    dora.log_in(), phone.log_in()
    status, problem = dora.post("/v1/me/password", {"old": "not this one", "new": "a better one 2"})
    assert (status, problem["code"]) == (403, "password.wrong")
    status, problem = dora.post("/v1/me/password", {"old": PASSWORD, "new": "short"})
    assert (status, problem["code"], problem["field"]) == (400, "password.length", "new")
    assert dora.post("/v1/me/password", {"old": PASSWORD, "new": PASSWORD})[1]["code"] == "password.same"
    old = dora.cookie
    assert dora.post("/v1/me/password", {"old": PASSWORD, "new": "a better one 2"})[0] == 200
    assert dora.cookie != old and dora.get("/v1/me")[0] == 200
    assert phone.get("/v1/me")[0] == 401
    stale = dora.another()
    stale.cookie = old
    assert stale.get("/v1/me")[0] == 401
    assert dora.another().try_log_in()[0] == 401
    dora.password = "a better one 2"
    dora.another().log_in()


@pytest.mark.thorough
def test_idle_and_old_sessions_end_and_logout_everywhere(portal, sql):
    erik = portal.person("erik", "home-3")
    devices = [erik.another() for _ in range(3)]
    for device in devices:
        device.log_in()
    listed = devices[0].get("/v1/sessions")[1]["sessions"]
    assert len(listed) == 3 and sum(s["current"] for s in listed) == 1
    of_erik = "person = (select id from person where login = 'erik')"
    sql(f"update person_session set seen = seen - interval '31 minutes' where {of_erik}")
    assert devices[0].get("/v1/me")[0] == 401, "idle"
    devices[0].log_in()
    sql(f"update person_session set started = started - interval '12 hours 1 minute' where {of_erik}")
    assert devices[0].get("/v1/me")[0] == 401, "absolute"
    for device in devices:
        device.log_in()
    assert devices[1].delete("/v1/sessions")[0] == 200
    assert [d.get("/v1/me")[0] for d in devices] == [401] * 3
    assert sql(f"select count(*) from person_session where {of_erik}")[0][0] == 0


@pytest.mark.thorough
def test_a_disabled_person_is_out_at_once(portal):
    fay = portal.person("fay", "home-3")
    fay.log_in()
    portal.hub.ctl("person", "disable", "fay")
    assert fay.get("/v1/me")[0] == 401
    assert fay.another().try_log_in()[0] == 401
    portal.hub.ctl("person", "enable", "fay")
    fay.log_in()


@pytest.mark.thorough
def test_a_second_member_is_invited_joins_and_is_removed(portal):
    head = portal.person("gail", "home-4", "--head")
    head.log_in()
    status, made = head.post("/v1/members/invitations")
    assert status == 201
    new = Person(portal, "hugo", "another good one")
    join = {"code": made["code"], "login": "gail", "name": "Hugo", "password": "another good one"}
    assert new.post("/v1/invitations", join)[1]["code"] == "person.taken"
    assert new.post("/v1/invitations", {**join, "login": "Hugo X"})[1]["code"] == "person.login"
    status, me = new.post("/v1/invitations", {**join, "login": "hugo"})
    assert status == 201 and me["party"]["code"] == "home-4" and me["head"] is False, "the invitation survived both refusals"
    assert portal.stranger().post("/v1/invitations", {**join, "login": "ivan"})[1]["code"] == "invitation.code", "once"
    assert [m["login"] for m in new.get("/v1/members")[1]["members"]] == ["gail", "hugo"]
    assert new.post("/v1/members/invitations")[1]["code"] == "member.head"
    assert new.delete("/v1/members/gail")[1]["code"] == "member.head"
    assert head.delete("/v1/members/gail")[1]["code"] == "member.last"
    assert head.delete("/v1/members/alice")[0] == 404, "another household's"
    assert head.delete("/v1/members/hugo")[0] == 200
    assert new.get("/v1/me")[0] == 401 and new.another().try_log_in()[0] == 401
    kinds = [n["kind"] for n in head.get("/v1/me")[1]["notes"]]
    assert kinds[:2] == ["member.removed", "member.joined"]
    status, problem = portal.stranger().post("/v1/invitations", {**join, "code": "hubi_1_" + "A" * 43, "login": "ivan"})
    assert (status, problem["code"]) == (403, "invitation.code")


@pytest.mark.thorough
def test_a_meter_is_bound_by_its_code_once_and_the_other_household_is_told(portal, sql):
    hub = portal.hub
    before, after = portal.person("jane", "home-3"), portal.person("kurt", "home-4")
    hub.ctl("point", "add", "w9", "--commodity", "water", "--supplier", "water", "--occupant", "home-3")
    before.log_in(), after.log_in()
    printed = hub.ctl("point", "code", "w9", "--url", portal.url)
    code = printed.split()[-1]
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", code) and "█" in printed
    status, what = after.post("/v1/bindings", {"code": code})
    assert (status, what["taken"], what["bound"]) == (200, True, False)
    assert "w9" in [p["code"] for p in before.get("/v1/me")[1]["points"]], "a look changes nothing"
    status, what = after.post("/v1/bindings", {"code": code.lower().replace("-", " "), "confirm": True})
    assert (status, what["point"], what["bound"]) == (200, "w9", True)
    assert "w9" in [p["code"] for p in after.get("/v1/me")[1]["points"]]
    me = before.get("/v1/me")[1]
    assert "w9" not in [p["code"] for p in me["points"]]
    assert (me["notes"][0]["kind"], me["notes"][0]["point"]) == ("point.taken", "w9")
    status, problem = before.post("/v1/bindings", {"code": code, "confirm": True})
    assert (status, problem["code"]) == (403, "binding.code"), "once"
    expired = hub.ctl("point", "code", "w9").split()[-1]
    sql("update point_code set expires = now() where used is null")
    assert before.post("/v1/bindings", {"code": expired})[1]["code"] == "binding.code"
    replaced = hub.ctl("point", "code", "w9").split()[-1]
    hub.ctl("point", "code", "w9")
    assert before.post("/v1/bindings", {"code": replaced})[1]["code"] == "binding.code"
    for _ in range(2):
        before.post("/v1/bindings", {"code": "0000-0000-0000"})
    assert before.post("/v1/bindings", {"code": "0000-0000-0000"})[1]["code"] == "binding.locked"


@pytest.mark.thorough
def test_each_household_sees_its_own_time_at_a_meter(portal, sql):
    """Who comes sees nothing of who lived there before; who went keeps what was measured then, and gets nothing new."""
    hub = portal.hub
    before, after = portal.person("lena", "home-3"), portal.person("mark", "home-4")
    hub.ctl("point", "add", "w10", "--commodity", "water", "--supplier", "water", "--operator", "water", "--occupant", "home-3")
    hub.ctl("point", "bind", "w10", "--party", "water", "--meter", "M10", "--modulus", "1000000")
    token = hub.ctl("party", "token", "water").strip()

    def send(value, when):
        row = {"meter": "M10", "quantity": "water_volume", "kind": "register", "unit": "m3", "value": value, "time": stamp(when)}
        status, receipt = hub.request("/v1/readings", token, "POST", [row])
        assert (status, receipt["stored"]) == (202, 1), receipt

    def seen(who):
        status, page = who.get("/v1/readings?point=w10&quantity=water_volume&to=2099-01-01T00:00:00Z")
        return [r["value"] for r in page["readings"]] if status == 200 else status
    before.log_in(), after.log_in()
    send("1", hours_ago(5))
    send("2", hours_ago(2))
    assert (seen(before), seen(after)) == (["1", "2"], 404)
    code = hub.ctl("point", "code", "w10").split()[-1]
    status, _ = after.post("/v1/bindings", {"code": code, "confirm": True})
    assert status == 200
    assert (seen(before), seen(after)) == (["1", "2"], [])
    send("3", datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2))
    assert (seen(before), seen(after)) == (["1", "2"], ["3"])
    assert "w10" not in [p["code"] for p in before.get("/v1/me")[1]["points"]], "nothing else of the point is the former household's"
    whole = hub.request("/v1/readings?point=w10&quantity=water_volume&to=2099-01-01T00:00:00Z", token)[1]
    assert [r["value"] for r in whole["readings"]] == ["1", "2", "3"]
    assert sql("select count(*) from point_party where role = 'occupant' and point = (select id from point where code = 'w10')") == [(2,)]


def test_a_code_is_printed_as_a_picture(portal):
    done = portal.hub.run("point", "code", "w2", "--format", "svg")
    assert done.returncode == 0 and done.stdout.startswith("<svg") and done.stderr.strip() in done.stdout
    for more in (["--format", "gif"], ["--file", "x.png"]):
        assert portal.hub.run("point", "code", "w2", *more).returncode == 2


@pytest.mark.thorough
def test_a_printed_code_can_be_scanned(portal):
    """By another reader of QR codes than ours."""
    place = portal.hub.data.parent / "print"
    place.mkdir()
    place.chmod(0o777)
    picture = place / "w2.png"
    code = portal.hub.ctl("point", "code", "w2", "--url", "https://portal.example", "--format", "png", "--file", picture).strip()
    assert picture.read_bytes().startswith(b"\x89PNG")
    scanned = subprocess.run(["zbarimg", "--raw", "-q", str(picture)], capture_output=True, text=True)
    assert scanned.stdout.strip() == f"https://portal.example/#bind={code}"
