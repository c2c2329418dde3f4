"""Apps that people authorize (code with PKCE), and every token, code, cookie and page that is not what it should be."""
import base64
import hashlib
import hmac
import json
import secrets
import urllib.parse

import pytest

from hub import Hub, directory, wait_until
from people import Person, Portal

REDIRECT = "http://127.0.0.1:7777/back"
WINDOW = "&quantity=water_volume&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpack(token):
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


@pytest.fixture(scope="module")
def portal():
    with directory() as place:
        hub = Hub(place / "data")
        portal = Portal(hub)
        try:
            hub.up(*portal.arguments)
            hub.ctl("party", "add", "water", "--kind", "utility", "--role", "supplier")
            hub.ctl("party", "add", "cloud", "--kind", "service", "--role", "third_party")
            for home in ("home-1", "home-2"):
                hub.ctl("party", "add", home, "--kind", "household", "--role", "resident")
                hub.ctl("point", "add", f"w-{home}", "--commodity", "water", "--supplier", "water", "--occupant", home)
            hub.ctl("app", "add", "watcher", "--party", "cloud", "--redirect", REDIRECT, "--scope", "profile", "--scope", "readings",
                    "--name-zh", "能源管家", "--name-en", "Energy Watcher")
            hub.ctl("app", "add", "other", "--party", "cloud", "--redirect", "https://other.example/cb", "--scope", "profile")
            yield portal
        finally:
            hub.end()


@pytest.fixture(scope="module")
def alice(portal):
    alice = portal.person("alice", "home-1")
    alice.log_in()
    return alice


class Flow:
    """An app's side of RFC 6749 4.1 with RFC 7636."""

    def __init__(self, portal, client="watcher", redirect=REDIRECT, scope="profile readings"):
        self.portal, self.verifier = portal, secrets.token_urlsafe(48)
        self.asked = {"response_type": "code", "client_id": client, "redirect_uri": redirect, "scope": scope, "state": "s-1",
                      "code_challenge": b64(hashlib.sha256(self.verifier.encode()).digest()), "code_challenge_method": "S256"}

    def decide(self, person, decision="allow", **other):
        status, answer = person.post("/v1/authorization", {**self.asked, **other, "decision": decision})
        if status != 200 or "redirect" not in answer:
            return status, answer
        return status, dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer["redirect"]).query))

    def token(self, **fields):
        status, headers, content = self.portal.request(
            "POST", "/oauth2/token", urllib.parse.urlencode(fields),
            {"Content-Type": "application/x-www-form-urlencoded"})
        assert headers["Cache-Control"] == "no-store"
        return status, json.loads(content)

    def exchange(self, code, **other):
        return self.token(**{"grant_type": "authorization_code", "code": code, "client_id": self.asked["client_id"],
                             "redirect_uri": self.asked["redirect_uri"], "code_verifier": self.verifier, **other})

    def refresh(self, token, **other):
        return self.token(**{"grant_type": "refresh_token", "refresh_token": token, "client_id": self.asked["client_id"], **other})

    def tokens(self, person):
        status, back = self.decide(person)
        assert status == 200 and back["state"] == "s-1" and back["iss"] == "hub", back
        status, tokens = self.exchange(back["code"])
        assert status == 200, tokens
        return tokens


def as_app(portal, token, path, method="GET", body=None):
    status, _, content = portal.request(method, path, body, {"Authorization": f"Bearer {token}"})
    return status, json.loads(content)


def test_an_app_acts_for_a_person_within_its_scope(portal, alice):
    flow = Flow(portal)
    status, what = flow.decide(alice, "ask")
    assert status == 200 and what["name_en"] == "Energy Watcher" and what["scope"] == "profile readings"
    tokens = flow.tokens(alice)
    assert tokens["token_type"] == "Bearer" and tokens["expires_in"] <= 3600
    assert as_app(portal, tokens["access_token"], "/v1/me")[1]["login"] == "alice"
    assert as_app(portal, tokens["access_token"], "/v1/readings?point=w-home-1" + WINDOW)[0] == 200
    assert as_app(portal, tokens["access_token"], "/v1/readings?point=w-home-2" + WINDOW)[0] == 404
    for path in ("/v1/members", "/v1/sessions", "/v1/grants"):
        assert as_app(portal, tokens["access_token"], path)[1]["code"] == "call.scope"
    narrow = Flow(portal, scope="profile").tokens(alice)
    assert as_app(portal, narrow["access_token"], "/v1/readings?point=w-home-1" + WINDOW)[1]["code"] == "call.scope"
    assert Flow(portal).decide(alice, "deny")[1]["error"] == "access_denied"


def test_a_request_that_breaks_a_rule_leads_nowhere_or_back_with_an_error(portal, alice):
    flow = Flow(portal)
    for wrong, code in (({"client_id": "nobody"}, "oauth.app"), ({"redirect_uri": REDIRECT + "/"}, "oauth.redirect"),
                        ({"redirect_uri": "https://evil.example/"}, "oauth.redirect"),
                        ({"client_id": "other"}, "oauth.redirect")):
        status, problem = flow.decide(alice, **wrong)
        assert (status, problem["code"]) == (400, code), wrong
    for wrong, error in (({"code_challenge_method": "plain"}, "invalid_request"), ({"code_challenge": ""}, "invalid_request"),
                         ({"response_type": "token"}, "unsupported_response_type"), ({"scope": "bills"}, "invalid_scope"),
                         ({"scope": ""}, "invalid_scope"), ({"scope": "profile  readings"}, "invalid_scope")):
        status, back = flow.decide(alice, **wrong)
        assert status == 200 and back["error"] == error and back["state"] == "s-1" and "code" not in back, wrong
    status, headers, _ = portal.request("GET", "/oauth2/authorize?client_id=watcher&state=a%26b%23c")
    assert status == 303 and headers["Location"] == "/?client_id=watcher&state=a%26b%23c#/authorize"


def test_codes_are_used_once_by_whom_they_are_for(portal, alice):
    for wrong in ({"code_verifier": "x" * 43}, {"code_verifier": ""}, {"client_id": "other"}, {"redirect_uri": "https://x.example/"}):
        flow = Flow(portal)
        code = flow.decide(alice)[1]["code"]
        assert flow.exchange(code, **wrong)[1]["error"] == "invalid_grant", wrong
        assert flow.exchange(code)[1]["error"] == "invalid_grant", "whoever stole it has spoilt it"
    flow = Flow(portal)
    code = flow.decide(alice)[1]["code"]
    status, tokens = flow.exchange(code)
    assert status == 200 and as_app(portal, tokens["access_token"], "/v1/me")[0] == 200
    assert flow.exchange(code)[1]["error"] == "invalid_grant"
    assert as_app(portal, tokens["access_token"], "/v1/me")[1]["code"] == "token.withdrawn", "a replayed code ends what it gave"
    code = flow.decide(alice)[1]["code"]
    portal.hub.sql("update app_secret set expires = now() where kind = 'code' and used is null")
    assert flow.exchange(code)[1]["error"] == "invalid_grant"


def test_refresh_tokens_change_and_a_replayed_one_ends_the_family(portal, alice):
    flow = Flow(portal)
    first = flow.tokens(alice)
    status, second = flow.refresh(first["refresh_token"])
    assert status == 200 and second["refresh_token"] != first["refresh_token"]
    assert as_app(portal, second["access_token"], "/v1/me")[0] == 200
    assert flow.refresh(first["refresh_token"])[1]["error"] == "invalid_grant"
    assert flow.refresh(second["refresh_token"])[1]["error"] == "invalid_grant"
    assert as_app(portal, second["access_token"], "/v1/me")[0] == 401
    third = flow.tokens(alice)
    assert flow.refresh(third["refresh_token"], client_id="other")[1]["error"] == "invalid_grant"
    assert flow.refresh(third["refresh_token"])[1]["error"] == "invalid_grant"


def test_a_person_withdraws_and_an_app_gives_up(portal, alice):
    flow = Flow(portal)
    portal.hub.sql("update app_grant set revoked = now() where revoked is null")
    tokens = flow.tokens(alice)
    grants = alice.get("/v1/grants")[1]["grants"]
    assert [g["code"] for g in grants] == ["watcher"]
    bob = portal.person("bob", "home-1")
    bob.log_in()
    assert bob.delete(f"/v1/grants/{grants[0]['grant']}")[0] == 404
    assert alice.delete(f"/v1/grants/{grants[0]['grant']}")[0] == 200
    assert as_app(portal, tokens["access_token"], "/v1/me")[1]["code"] == "token.withdrawn"
    assert flow.refresh(tokens["refresh_token"])[1]["error"] == "invalid_grant"
    tokens = flow.tokens(alice)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    gone = urllib.parse.urlencode({"token": tokens["refresh_token"], "client_id": "watcher"})
    assert portal.request("POST", "/oauth2/revoke", gone, form)[0] == 200
    assert portal.request("POST", "/oauth2/revoke", "token=hubr_1_x&client_id=watcher", form)[0] == 200
    assert as_app(portal, tokens["access_token"], "/v1/me")[0] == 401


def test_tokens_that_are_tricks_are_refused(portal, alice):
    good = Flow(portal).tokens(alice)["access_token"]
    head, claims = unpack(good)
    keys = json.loads(portal.request("GET", "/oauth2/jwks")[2])["keys"]
    body, signature = good.split(".")[1:]
    pem = json.dumps(keys[0]).encode()

    def forged(new_head, new_claims=None, key=None):
        first = b64(json.dumps(new_head).encode()) + "." + (b64(json.dumps(new_claims).encode()) if new_claims else body)
        mac = b64(hmac.new(key, first.encode(), hashlib.sha256).digest()) if key else signature
        return first + "." + mac

    tricks = {
        "none": (b64(json.dumps({**head, "alg": "none"}).encode()) + "." + body + ".", None),
        "none with signature": (forged({**head, "alg": "none"}), None),
        "HS256 by the public key": (forged({**head, "alg": "HS256"}, key=pem), None),
        "HS256 by its x": (forged({**head, "alg": "HS256"}, key=keys[0]["x"].encode()), None),
        "RS256 on an EC key": (forged({**head, "alg": "RS256"}), "token.algorithm"),
        "ES384": (forged({**head, "alg": "ES384"}), None),
        "another kid": (forged({**head, "kid": "nobody"}), "token.key"),
        "kid of a path": (forged({**head, "kid": "../../../../dev/null"}), "token.key"),
        "no kid": (forged({k: v for k, v in head.items() if k != "kid"}), "token.key"),
        "a key of its own": (forged({**head, "jwk": keys[0], "jku": "https://evil.example/k", "x5u": "https://e/"},
                                    {**claims, "sub": "water"}), "token.signature"),
        "crit": (forged({**head, "crit": ["exp"]}), None),
        "another type": (forged({**head, "typ": "JWT"}), "token.type"),
        "other claims": (forged(head, {**claims, "exp": claims["exp"] + 9999}), "token.signature"),
        "cut": (good[:-3], None), "doubled": (good + "." + signature, None), "empty parts": ("..", None),
    }
    for name, (token, code) in tricks.items():
        status, problem = as_app(portal, token, "/v1/me")
        assert status == 401 and problem["code"].startswith("token."), (name, problem)
        assert code in (None, problem["code"]), (name, problem)
    assert as_app(portal, good, "/v1/me")[0] == 200


def test_parties_have_no_business_at_the_public_port(portal):
    token = portal.hub.ctl("party", "token", "water").strip()
    assert as_app(portal, token, "/v1/feed")[1]["code"] == "call.door"
    status, answer = Flow(portal).token(grant_type="client_credentials", client_id="water", client_secret=token)
    assert (status, answer["error"]) == (400, "unauthorized_client")
    assert portal.hub.request("/v1/session", method="POST", body={"login": "alice", "password": "x"})[1]["code"] == "call.door"


def test_pages_of_other_sites_can_do_nothing(portal, alice):
    assert alice.post("/v1/members/invitations")[1]["code"] == "member.head", "the own page is heard"
    for name, headers in {"no origin": {"Origin": None}, "another": {"Origin": "https://evil.example"}, "null": {"Origin": "null"},
                          "plain": {"Origin": portal.url.replace("https", "http")}, "another port": {"Origin": "https://localhost"},
                          "a longer name": {"Origin": portal.url + ".evil.example"}}.items():
        for method, path in (("POST", "/v1/members/invitations"), ("POST", "/v1/bindings"), ("DELETE", "/v1/sessions"),
                             ("POST", "/v1/me/password"), ("POST", "/v1/authorization")):
            status, problem = alice.call(method, path, None if method == "DELETE" else {}, headers=headers)
            assert (status, problem["code"]) == (403, "call.foreign_page"), (name, path)
        status, problem = alice.another().post("/v1/session", {"login": "alice", "password": alice.password}, headers=headers)
        assert (status, problem["code"]) == (403, "call.foreign_page"), "nor log somebody in"
    status, headers, _ = portal.request("OPTIONS", "/v1/me/password", headers={
        "Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
    assert status in (404, 405) and not [h for h in headers if h.lower().startswith("access-control")]


def test_a_planted_session_is_not_taken_over(portal, alice):
    """Fixation: whatever cookie was there before the login is worth nothing after it."""
    attacker = portal.person("mallory", "home-2")
    attacker.log_in()
    planted = attacker.cookie
    victim = Person(portal, "alice", alice.password)
    victim.cookie = planted
    victim.log_in()
    assert victim.cookie != planted and victim.get("/v1/me")[1]["login"] == "alice"
    assert attacker.get("/v1/me")[0] == 401
    for made_up in ("hubs_1_" + "A" * 43, "hubs_x", "", "hubs_999999999999999999_" + "A" * 43, "hubs_-1_" + "A" * 43):
        victim.cookie = made_up
        assert victim.get("/v1/me")[0] == 401, made_up
    with_header = portal.request("GET", "/v1/me", headers={"Session": alice.cookie})
    assert with_header[0] == 401, "only the cookie is one"


@pytest.mark.thorough
def test_keys_are_changed_while_the_hub_runs(portal, alice):
    flow = Flow(portal)
    old = flow.tokens(alice)["access_token"]
    before = json.loads(portal.request("GET", "/oauth2/jwks")[2])["keys"]
    portal.hub.ctl("keys", "rotate")
    keys = lambda: json.loads(portal.request("GET", "/oauth2/jwks")[2])["keys"]
    after = wait_until(lambda: (now := keys()) != before and now, what="the running core has the new key")
    assert len(after) == len(before) + 1 and after[1:] == before
    new = flow.tokens(alice)["access_token"]
    assert unpack(new)[0]["kid"] == after[0]["kid"] != unpack(old)[0]["kid"]
    for token in (old, new):
        assert as_app(portal, token, "/v1/me")[0] == 200
    last = None
    for _ in range(4):
        portal.hub.ctl("keys", "rotate")
        last = wait_until(lambda: (now := keys())[0] != (last or after)[0] and now)
    assert len(last) == 4
    status, problem = as_app(portal, old, "/v1/me")
    assert (status, problem["code"]) == (401, "token.key")
