"""Identities: certificates at the party port, access tokens, and everything that is not one of them."""
import base64
import contextlib
import datetime
import hashlib
import http.client
import json
import pathlib
import shutil
import ssl
import subprocess
import time
import urllib.parse

import pytest

from feeds import party
from hub import Hub, directory, free_port, wait_until


def openssl(*words, **more):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Client:
    """A key, and the certificate that was given for it."""

    def __init__(self, place, name):
        self.key, self.csr, self.crt = (place / f"{name}.{end}" for end in ("key", "csr", "crt"))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
                "-subj", "/CN=whatever", "-out", self.csr)

    def enrol(self, hub, code, *more):
        self.crt.write_text(hub.ctl("party", "enrol", code, "--csr", "-", *more, input=self.csr.read_text()))
        return self

    @property
    def der(self):
        return ssl.PEM_cert_to_DER_cert(self.crt.read_text())

    @property
    def thumbprint(self):
        return b64(hashlib.sha256(self.der).digest())


class Door:
    """The party port of a hub."""

    def __init__(self, hub, port, place):
        self.hub, self.port, self.place = hub, port, place
        self.ca = place / "ca.pem"
        self.ca.write_bytes((hub.data / "zone/state/ca.pem").read_bytes())

    def context(self, client=None, newest=None):
        context = ssl.create_default_context(cafile=str(self.ca))
        if newest:
            context.minimum_version, context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
        if client:
            context.load_cert_chain(client.crt, client.key)
        return context

    def request(self, path, client=None, method="GET", body=None, headers=None, **more):
        """(status, JSON), or an OSError where TLS ends it."""
        call = http.client.HTTPSConnection("localhost", self.port, timeout=20, context=self.context(client, **more))
        with contextlib.closing(call):
            call.request(method, path, body, headers or {})
            answer = call.getresponse()
            content = answer.read()
            return answer.status, json.loads(content)

    def refused(self, client=None, **more):
        try:
            self.request("/v1/feed", client, **more)
        except (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected):
            return True
        return False

    def token(self, client=None, url="/oauth2/token", headers=None, **fields):
        form = urllib.parse.urlencode({"grant_type": "client_credentials", **fields})
        kind = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.request(url, client, "POST", form, kind)


@pytest.fixture(scope="module")
def door():
    with directory() as place:
        hub = Hub(place / "data")
        port = free_port()
        hub.arguments += ["--party-listen", f"127.0.0.1:{port}"]
        try:
            hub.up()
            keep = place / "client"
            keep.mkdir()
            yield Door(hub, port, keep)
        finally:
            hub.end()


@pytest.fixture(scope="module")
def water(door):
    """Its certificate; its token as .token."""
    token = party(door.hub, "water", ("W1", "water", "7001"))
    client = Client(door.place, "water").enrol(door.hub, "water")
    client.token = token
    return client


@pytest.fixture(scope="module")
def gas(door):
    token = party(door.hub, "gas", ("G1", "gas", "8001"))
    client = Client(door.place, "gas").enrol(door.hub, "gas")
    client.token = token
    return client


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def plain_token(hub, headers=None, kind="application/x-www-form-urlencoded", **fields):
    form = urllib.parse.urlencode({"grant_type": "client_credentials", **fields}).encode()
    return hub.request("/oauth2/token", None, "POST", form, {"Content-Type": kind, **(headers or {})})


def reading(meter, value):
    when = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    return [{"meter": meter, "quantity": "water_volume", "kind": "register", "unit": "m3", "value": str(value),
             "time": when.strftime("%Y-%m-%dT%H:%M:%SZ")}]


def test_a_certificate_is_enough(door, water):
    status, receipt = door.request("/v1/readings", water, "POST", json.dumps(reading("7001", 5)),
                                   {"Content-Type": "application/json"})
    assert (status, receipt["stored"]) == (202, 1), receipt
    assert door.request("/v1/feed", water)[0] == 200
    row = json.loads(door.hub.ctl("party", "certificates", "water").splitlines()[0])
    assert row["thumbprint"] == water.thumbprint and row["name"] == "water"


def test_one_connection_takes_many_calls(door, water):
    call = http.client.HTTPSConnection("localhost", door.port, timeout=20, context=door.context(water))
    with contextlib.closing(call):
        for _ in range(5):
            call.request("GET", "/v1/feed")
            answer = call.getresponse()
            assert answer.status == 200 and answer.read()


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl")
@pytest.mark.parametrize("version", ["1.1", "2"])
def test_both_versions_of_http_are_spoken(door, water, version):
    url = f"https://localhost:{door.port}/v1"
    once = ["--cacert", door.ca, "--cert", water.crt, "--key", water.key, "-sS", "-m", "20", f"--http{version}"]
    shown = ["-o", "-", "-w", " %{http_version} %{http_code}\n"]
    done = subprocess.run(["curl", *once, *shown, f"{url}/feed", "--next", *once, *shown, f"{url}/feed?limit=1", "--next",
                           *once, *shown, "-H", "Content-Type: application/json", "-d",
                           json.dumps(reading("7001", 6)), f"{url}/readings", "--next", *once, *shown, f"{url}/nothing"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    ends = [line.rsplit(" ", 2)[1:] for line in done.stdout.splitlines() if line.startswith(" ")]
    assert ends == [[version, "200"], [version, "200"], [version, "202"], [version, "404"]], done.stdout


def test_who_shows_no_certificate_gets_no_answer(door, water):
    assert door.refused()
    assert not door.refused(water)


def test_old_tls_is_refused(door, water):
    assert door.refused(water, newest=ssl.TLSVersion.TLSv1_1)
    assert not door.refused(water, newest=ssl.TLSVersion.TLSv1_2)


def test_a_certificate_of_another_authority_is_refused(door, water):
    place = door.place
    key, crt = place / "foreign-ca.key", place / "foreign-ca.crt"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
            "-subj", "/CN=Utility Hub Authority", "-out", crt, "-days", "2")
    foreign = Client(place, "foreign")
    names = place / "names"
    names.write_text("subjectAltName=URI:urn:uhub:party:water\nextendedKeyUsage=clientAuth\n")
    openssl("x509", "-req", "-in", foreign.csr, "-CA", crt, "-CAkey", key, "-CAcreateserial", "-days", "2",
            "-extfile", names, "-out", foreign.crt)
    assert door.refused(foreign)
    openssl("x509", "-req", "-in", foreign.csr, "-signkey", foreign.key, "-days", "2", "-extfile", names,
            "-out", foreign.crt)
    assert door.refused(foreign)


def test_the_doors_own_certificate_speaks_for_no_party(door):
    server = Client(door.place, "server")
    server.crt.write_bytes((door.hub.data / "zone/state/server.crt").read_bytes())
    server.key.write_bytes((door.hub.data / "zone/state/server.key").read_bytes())
    assert door.refused(server)


def test_what_is_revoked_is_refused_by_the_core_at_once_and_by_the_door_soon(door):
    party(door.hub, "steam")
    client = Client(door.place, "steam").enrol(door.hub, "steam")
    call = http.client.HTTPSConnection("localhost", door.port, timeout=20, context=door.context(client))
    with contextlib.closing(call):
        call.request("GET", "/v1/feed")
        answer = call.getresponse()
        answer.read()
        assert answer.status == 200
        serial = json.loads(door.hub.ctl("party", "certificates", "steam"))["serial"]
        assert door.hub.run("party", "revoke", "steam", "--serial", "00").returncode == 1
        door.hub.ctl("party", "revoke", "steam", "--serial", serial)
        # the connection is older than the list
        call.request("GET", "/v1/feed")
        answer = call.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (401, "certificate.revoked")
    wait_until(lambda: door.refused(client), 20, "the door reads the list again")
    again = Client(door.place, "steam2").enrol(door.hub, "steam")
    assert door.request("/v1/feed", again)[0] == 200


def test_a_certificate_that_the_store_does_not_know_is_refused(door):
    party(door.hub, "ghost")
    client = Client(door.place, "ghost").enrol(door.hub, "ghost")
    door.hub.sql("delete from party_certificate where name = 'ghost'")
    status, problem = door.request("/v1/feed", client)
    assert (status, problem["code"]) == (401, "certificate.unknown")


def test_a_certificate_ends(door):
    party(door.hub, "brief")
    client = Client(door.place, "brief").enrol(door.hub, "brief", "--days", "1")
    door.hub.sql("update party_certificate set valid_to = now() where name = 'brief'")
    status, problem = door.request("/v1/feed", client)
    assert (status, problem["code"]) == (401, "certificate.expired")
    assert door.hub.run("party", "enrol", "brief", "--csr", "-", "--days", "826",
                        input=client.csr.read_text()).returncode == 2


def test_certificate_and_token_name_one_party(door, water, gas):
    assert door.request("/v1/feed", water, headers=bearer(water.token))[0] == 200
    status, problem = door.request("/v1/feed", water, headers=bearer(gas.token))
    assert (status, problem["code"]) == (403, "call.two_callers")
    status, problem = door.request("/v1/feed", water, headers=bearer("hub_" + "A" * 43))
    assert (status, problem["code"]) == (401, "call.token")


def test_keys_lie_where_only_their_users_read_them(door):
    keys, state = door.hub.data / "core/keys", door.hub.data / "zone/state"
    assert (keys / "ca.key").stat().st_mode & 0o777 == 0o600
    assert (keys / "jwt.json").stat().st_mode & 0o777 == 0o600
    assert (state / "server.key").stat().st_mode & 0o777 == 0o640
    assert not (state.stat().st_mode & 0o027) or not (state.stat().st_mode & 0o007)
    before = (keys / "ca.crt").read_bytes()
    assert "unchanged" in door.hub.ctl("ca", "init")
    assert (keys / "ca.crt").read_bytes() == before


def test_a_token_of_a_certificate_is_bound_to_it(door, water, gas):
    status, answer = door.token(water)
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 3600), answer
    token = answer["access_token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["cnf"]["x5t#S256"] == water.thumbprint
    assert (claims["sub"], claims["aud"], claims["iss"]) == ("water", "api", "hub")
    assert door.request("/v1/feed", water, headers=bearer(token))[0] == 200
    for status, problem in (door.request("/v1/feed", gas, headers=bearer(token)),
                            door.hub.request("/v1/feed", token)):
        assert (status, problem["code"]) == (401, "token.binding")


def test_a_party_token_is_a_client_secret(door, water, gas):
    hub = door.hub
    status, answer = plain_token(hub, client_id="water", client_secret=water.token)
    assert status == 200 and hub.request("/v1/feed", answer["access_token"])[0] == 200
    basic = base64.b64encode(f"water:{water.token}".encode()).decode()
    status, second = plain_token(hub, {"Authorization": f"Basic {basic}"})
    assert status == 200 and second["access_token"] != answer["access_token"]
    wrong = [
        ({"client_id": "gas", "client_secret": water.token}, 401, "invalid_client"),
        ({"client_id": "water", "client_secret": "hub_" + "A" * 43}, 401, "invalid_client"),
        ({"client_id": "water"}, 401, "invalid_client"),
        ({"client_secret": water.token}, 401, "invalid_client"),
        ({"client_id": "water", "client_secret": answer["access_token"]}, 401, "invalid_client"),
        ({"client_id": "water' or '1'='1", "client_secret": water.token}, 401, "invalid_client"),
        ({"client_id": "water", "client_secret": water.token, "grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_id": "water", "client_secret": water.token, "audience": "billing"}, 400, "invalid_target"),
        ({}, 401, "invalid_client"),
    ]
    for fields, code, error in wrong:
        status, problem = plain_token(hub, **fields)
        assert (status, problem["error"]) == (code, error), fields
    status, problem = plain_token(hub, kind="application/json")
    assert (status, problem["code"]) == (415, "gateway.type")
    status, problem = door.token(gas, client_id="water", client_secret=water.token)
    assert (status, problem["error"]) == (401, "invalid_client")


def sign(keys, claims, **head):
    """A compact JWS by a private JWK, made with nothing but openssl."""
    key = keys["keys"][0]
    head = {"alg": "ES256", "typ": "at+jwt", "kid": key["kid"], **head}
    text = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
    d, x, y = (base64.urlsafe_b64decode(key[n] + "==") for n in "dxy")
    # SEC 1's ECPrivateKey on prime256v1
    der = bytes.fromhex("30770201010420") + d.rjust(32, b"\0") + bytes.fromhex("a00a06082a8648ce3d030107a14403420004") + \
        x.rjust(32, b"\0") + y.rjust(32, b"\0")
    with directory() as place:
        (place / "key").write_bytes(der)
        signature = openssl("dgst", "-sha256", "-keyform", "DER", "-sign", place / "key", input=text.encode())
    n = signature[3]
    r, s = signature[4:4 + n], signature[6 + n:]
    return f"{text}.{b64(r.lstrip(bytes(1)).rjust(32, bytes(1)) + s.lstrip(bytes(1)).rjust(32, bytes(1)))}"


def test_tokens_that_are_not_ours_are_refused_with_their_code(door, water):
    hub = door.hub
    keys = json.loads((hub.data / "core/keys/jwt.json").read_text())
    now = int(time.time())
    good = {"iss": "hub", "sub": "water", "aud": "api", "iat": now, "exp": now + 600, "jti": "1", "client_id": "water"}
    assert hub.request("/v1/feed", sign(keys, good))[0] == 200
    foreign = json.loads(json.dumps(keys))
    with directory() as place:
        pem = openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-outform", "DER")
        foreign["keys"][0].update(d=b64(pem[7:39]), x=b64(pem[-64:-32]), y=b64(pem[-32:]))
    head, body, signature = sign(keys, good).split(".")
    none = b64(json.dumps({"alg": "none", "typ": "at+jwt", "kid": keys["keys"][0]["kid"]}).encode())
    cases = [
        (sign(keys, {**good, "exp": now - 60}), "token.expired"),
        (sign(keys, {k: v for k, v in good.items() if k != "exp"}), "token.expired"),
        (sign(keys, {**good, "nbf": now + 600}), "token.early"),
        (sign(keys, {**good, "aud": "mqtt"}), "token.audience"),
        (sign(keys, {**good, "iss": "other"}), "token.issuer"),
        (sign(keys, {**good, "sub": "nobody"}), "token.subject"),
        (sign(keys, {**good, "cnf": {"x5t#S256": water.thumbprint}}), "token.binding"),
        (sign(keys, {**good, "cnf": {"jkt": "x"}}), "token.binding"),
        (sign(keys, good, kid="other"), "token.key"),
        (sign(keys, good, typ="JWT"), "token.type"),
        (sign(foreign, good), "token.signature"),
        (f"{head}.{b64(json.dumps({**good, 'sub': 'gas'}).encode())}.{signature}", "token.signature"),
        (f"{none}.{body}.", None),
        (sign(keys, good, alg="HS256"), None),
        ("a.b.c", "token.form"),
    ]
    for token, code in cases:
        status, problem = hub.request("/v1/feed", token)
        assert status == 401 and problem["code"].startswith("token."), (token, problem)
        assert code is None or problem["code"] == code, (token, problem)


def test_the_published_keys_hold_nothing_private(door):
    status, shown = door.hub.request("/oauth2/jwks")
    assert status == 200 and [k["kty"] for k in shown["keys"]] == ["EC"]
    assert all("d" not in k for k in shown["keys"])
    kept = json.loads((door.hub.data / "core/keys/jwt.json").read_text())
    assert [k["kid"] for k in shown["keys"]] == [k["kid"] for k in kept["keys"]]
