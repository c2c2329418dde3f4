"""What an attacker tries at the HTTP door, each with the refusal that is expected, and nothing else reached or harmed."""
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.parse

import pytest

from city import City, described, reading
from hub import wait_until

JSON = "Content-Type: application/json\r\n"


@pytest.fixture(scope="module")
def city(shared_hub):
    return City(shared_hub)


def raw(hub, head, body=b"", wait=10):
    """(status, code or body) of bytes sent as they are; status 0: the connection was closed without an answer."""
    with socket.create_connection(("127.0.0.1", hub.port), wait) as s:
        s.settimeout(wait)
        s.sendall(head.encode("latin-1"))
        with contextlib.suppress(OSError):  # an answer may come, and the door close, before all is sent
            s.sendall(body)
        got = b""
        with contextlib.suppress(OSError):
            while b"\r\n\r\n" not in got or not complete(got):
                piece = s.recv(65536)
                if not piece:
                    break
                got += piece
    if not got:
        return 0, ""
    head, _, content = got.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    with contextlib.suppress(ValueError):
        said = json.loads(content)
        return status, said.get("code", said)
    return status, content


def complete(got):
    head, _, content = got.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.I)
    return length and len(content) >= int(length[1])


def get(hub, path, more=""):
    return raw(hub, f"GET {path} HTTP/1.1\r\nHost: hub\r\n{more}\r\n")


HEALTH = (200, {"status": "ok"})
# What is decoded once and collapsed reaches the one route that it names, and it alone; all else is refused.
PATHS = [
    ("/v1/health", HEALTH), ("/v1/%68ealth", HEALTH), ("/v1/health?x=%2e%2e", HEALTH), ("/v1/feed/../health", HEALTH),
    ("/v1/health/", (404, "call.path")), ("/V1/health", (404, "call.path")), ("/v1/HEALTH", (404, "call.path")),
    ("/v1/health%2f", (404, "call.path")), ("/v1/health.json", (404, "call.path")),
    ("/v1/%2568ealth", (400, "gateway.path")), ("/v1/health%25", (400, "gateway.path")), ("/v1/health%5c", (400, "gateway.path")),
    ("/v1\\health", (400, "gateway.path")), ("/v1/health%7f", (400, "gateway.path")),
    ("/v1/health%0a", (400, "gateway.path")), ("/v1/health%0d%0ax", (400, "gateway.path")), ("/v1/health?a%0a=b", (400, "gateway.path")),
    ("/v1/%c0%ae%c0%ae/health", (400, "gateway.path")), ("/v1/%ff", (400, "gateway.path")), ("/" + "a" * 1100, (400, "gateway.path")),
    ("/v1/receipts/%2e%2e/health", None), ("/v1/%2e%2e/v1/health", None), ("/v1//health", None), ("//v1/health", None),
    ("/v1/health;a=b", None), ("/v1/health%0d%0aX:%20y", None), ("/v1/health%00", None), ("/v1/health%00.png", None), ("/../../etc/passwd", None), ("/v1/health%", None), ("/v1/health%2", None),
    ("/v1/health%zz", None), ("http://other/v1/health", None), ("*", None), ("", None), ("/v1/feed/%2e%2e%2fhealth", None),
    ("/healthz/..%2fv1/feed", None), ("/v1/health/%2e%2e/feed", None), ("/v1/health/../feed", None), ("/v1/health\t", None),
]


@pytest.mark.parametrize("path,expected", PATHS, ids=[p[:30] for p, _ in PATHS])
def test_a_path_reaches_one_route_or_none(city, path, expected):
    got = get(city.hub, path)
    if expected:
        assert got == expected
    else:
        # Either refused, or the very resource that the collapsed path names: health is open, all else wants a token.
        assert got == HEALTH or got[0] in (0, 400, 401, 403, 404), got
        assert got[0] != 401 or path.endswith("feed") or "%2fv1/feed" in path, got


def test_what_is_forbidden_stays_so_however_it_is_written(city):
    """A policy sees the same path and code as the route: no way of writing shows home-13's point to home-12."""
    token = f"Authorization: Bearer {city.tokens['home-12']}\r\n"
    for path in ("/v1/points/W2", "/v1/points/%572", "/v1/points/W1/../W2", "/v1/points/./W2", "/v1/points/W1%2f..%2fW2",
                 "/v1/premises/east%2f13", "/v1/premises/east/12/../13", "/v1/premises/east//13", "/v1/points/w2", "/v1/points/W2%20"):
        status, said = get(city.hub, path, token)
        assert status in (0, 400, 404) and "W2" not in str(said if status == 200 else ""), (path, status, said)


def post(hub, body, more="", path="/v1/readings", length=None, kind=JSON):
    return raw(hub, f"POST {path} HTTP/1.1\r\nHost: hub\r\n{kind}Content-Length: {len(body) if length is None else length}\r\n{more}\r\n", body)


def test_bodies_that_are_made_to_hurt(city):
    hub, auth = city.hub, f"Authorization: Bearer {city.tokens['water']}\r\n"
    row = json.dumps(reading("7001", 50)).encode()
    cases = [
        (b"[" * 500000, (400, "gateway.depth")), (b'{"a":' * 100000, (400, "gateway.depth")),
        (b"[" * 33 + b"]" * 33, (400, "gateway.depth")), (b"[" + b"[]," * 8192 + b"[]]", (400, "readings.count")),
        (b"[" + b",".join([b"1"] * 9000) + b"]", (400, "readings.count")), (b"", (411, "gateway.length")),
        (b"\xff\xfe[]", (400, "call.json")), (b"[1,]", (400, "call.json")), (b"[" + row, (400, "call.json")),
        (b'["\\ud800"]', (400, "call.json")), (b"[1e999999]", (400, "call.json")), (b"\x00" * 100, (400, "call.json")),
        (b'"' + b"a" * 900000 + b'"', (400, "call.json")), (b"[]", (400, "readings.count")), (b"null", (400, "call.json")),
    ]
    for body, expected in cases:
        got = post(hub, body, auth) if body else raw(hub, f"POST /v1/readings HTTP/1.1\r\nHost: h\r\n{JSON}{auth}\r\n")
        assert got[0] == expected[0] and (got[1] == expected[1] or expected[1] == "call.json" and got[1] in ("call.json", "readings.count")), (body[:30], got)
    assert city.ask("water", "GET", "/v1/health")[0] == 200


def test_sizes_types_and_framing(city):
    hub, auth = city.hub, f"Authorization: Bearer {city.tokens['water']}\r\n"
    ok = json.dumps([reading("7001", 51)]).encode()
    assert post(hub, ok, auth, kind="Content-Type: text/plain\r\n") == (415, "gateway.type")
    assert post(hub, ok, auth, kind="") == (415, "gateway.type")
    assert post(hub, ok, auth, kind="Content-Type: application/json, text/html\r\n") == (415, "gateway.type")
    assert post(hub, b"x", auth, length=1024 * 1024 + 1) == (413, "gateway.too_large")
    assert post(hub, b"x", auth, length=99999999999999999999) == (413, "gateway.too_large")
    assert post(hub, b"{}", auth, path="/v1/feed/dequeue", length=5000) == (413, "gateway.too_large")
    assert post(hub, ok, auth, length=-1)[0] in (0, 400)
    assert post(hub, ok, auth, length="0x10")[0] in (0, 400)
    assert post(hub, ok, auth + "Content-Length: 5\r\n")[0] in (0, 400)
    chunked = f"POST /v1/readings HTTP/1.1\r\nHost: h\r\n{JSON}{auth}Transfer-Encoding: chunked\r\n\r\n"
    assert raw(hub, chunked, b"5\r\nhello\r\n0\r\n\r\n")[0] in (0, 411)
    both = f"POST /v1/readings HTTP/1.1\r\nHost: h\r\n{JSON}{auth}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert raw(hub, both, b"0\r\n\r\nGET /v1/health HTTP/1.1\r\nHost: h\r\n\r\n")[0] in (0, 400, 411)
    assert raw(hub, f"GET /v1/feed HTTP/1.1\r\nHost: h\r\n{auth}Content-Length: 2\r\n\r\n", b"{}") == (400, "gateway.length")
    assert raw(hub, f"BREW /v1/feed HTTP/1.1\r\nHost: h\r\n\r\n")[0] in (0, 400, 403, 405)
    assert raw(hub, f"PATCH /v1/feed HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n") == (405, "call.method")
    assert get(hub, "/v1/health", "X: " + "a" * 40000 + "\r\n")[0] in (0, 400, 403, 431)
    for bad in ("party=water%0A", "party=%0d%0aX:%20y", "point=W1%00", "point=%7f", "a%01=b"):
        assert get(hub, f"/v1/receipts?{bad}", auth)[0] in (0, 400), bad
    assert get(hub, "/v1/health?" + "&".join(f"a{i}=1" for i in range(100)))[0] in (0, 400, 403)
    assert get(hub, "/v1/health", "Authorization: Bearer " + "A" * 9000 + "\r\n")[0] in (0, 200, 400, 403, 431)
    assert get(hub, "/v1/health") == HEALTH


def test_every_answer_carries_the_headers_of_safety(city):
    import urllib.request
    for path in ("/v1/health", "/v1/openapi.json"):
        with urllib.request.urlopen(city.hub.url + path, timeout=20) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"


# In every place where a text may stand, of every operation that is described.
TEXTS = ["' or '1'='1", "'; drop table party; --", "\\'; select pg_sleep(9); --", "$1", "%' or code like '%", "1); delete from reading; --",
         "\"; drop table reading; --", "𐀀'||chr(39)", "{{7*7}}", "../../etc/passwd", "water\n", "a" * 3000]


def places(operation):
    """(where, name) of each text that a caller of the operation chooses."""
    for p in operation.get("parameters", []):
        yield p["in"], p["name"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield from (("body", "/".join(path)) for path in leaves(content["schema"]))


def leaves(schema, path=()):
    for part in schema.get("oneOf", []) + schema.get("allOf", []) + schema.get("anyOf", []):
        yield from leaves(part, path)
    kind = schema.get("type")
    for name, inner in schema.get("properties", {}).items():
        yield from leaves(inner, (*path, name))
    if kind == "array" or "items" in schema:
        yield from leaves(schema["items"], (*path, "[]"))
    if kind == "string" or "enum" in schema or "const" in schema:
        yield path


def sample(schema, path):
    """A plain document of the schema with all that it requires, and with the way to the path."""
    for key in ("oneOf", "anyOf", "allOf"):
        for part in schema.get(key, []):
            if not path or tuple(path) in set(leaves(part)):
                return sample(part, path)
    if "properties" in schema:
        wanted = set(schema.get("required", [])) | ({path[0]} if path else set())
        return {name: sample(schema["properties"].get(name, {}), path[1:] if path and path[0] == name else ()) for name in wanted}
    if schema.get("type") == "array" or "items" in schema:
        return [sample(schema["items"], path[1:] if path else ())]
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", ["a"])[0])
    return {"integer": 1, "boolean": True, "object": {}}.get(schema.get("type"), "a")


def document(operation, where, name, value):
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        path = tuple(name.split("/")) if where == "body" and name else ()
        if kind == "application/json":
            body = build(content["schema"], path, value, where == "body")
            return kind, json.dumps(body).encode()
        fields = {n: "a" for n in content["schema"].get("properties", {})}
        if where == "body" and name:
            fields[name] = value
        if kind.endswith("urlencoded"):
            return kind, urllib.parse.urlencode(fields).encode()
        return kind, (value if where == "body" else "a").encode()
    return None, None


def build(schema, path, value, at):
    plain = sample(schema, path)
    if not at:
        return plain

    def put(part, steps):
        if not steps:
            return value
        if steps[0] == "[]":
            return [put(part[0] if isinstance(part, list) and part else None, steps[1:])]
        part = dict(part) if isinstance(part, dict) else {}
        part[steps[0]] = put(part.get(steps[0]), steps[1:])
        return part
    return put(plain, list(path))


def send(city, method, path, operation, where, name, value):
    values, query, headers = {}, {}, {"Authorization": f"Bearer {city.tokens['gas']}", "Idempotency-Key": f"k{next(city.serial)}"}
    for p in operation.get("parameters", []):
        chosen = value if (where, name) == (p["in"], p["name"]) else None
        if p["in"] == "path":
            values[p["name"]] = chosen if chosen is not None else "1"
        elif p["in"] == "query" and (chosen is not None or p.get("required")):
            query[p["name"]] = chosen if chosen is not None else "W1"
        elif p["in"] == "header" and chosen is not None:
            headers[p["name"]] = chosen.replace("\n", " ").encode().decode("latin-1")[:2000]
    kind, body = document(operation, where, name, value)
    if kind:
        headers["Content-Type"] = kind
    for n, v in values.items():
        path = path.replace("{%s}" % n, urllib.parse.quote(v, safe=""))
    return city.hub.request(path + ("?" + urllib.parse.urlencode(query) if query else ""), None, method, body, headers)


def counts(hub):
    return {table: hub.sql(f"select count(*) from {table}")[0][0] for table in ("party", "party_token", "point", "premise", "reading", "point_party")}


@pytest.mark.thorough
def test_sql_in_every_text_of_every_operation(city):
    before, begun, tried = counts(city.hub), time.monotonic(), 0
    for operation_id, method, path, operation in described(city.hub):
        for n, (where, name) in enumerate(places(operation)):
            for value in TEXTS[n % 3::3]:
                status, answer = send(city, method, path, operation, where, name, value)
                tried += 1
                assert status < 500, (operation_id, where, name, value, answer)
                # the gas company has nothing to do with any home or point here
                assert not re.search(r"home-1[23]|'W[12]'|'E1'", str(answer)) or status >= 400, (operation_id, name, value, answer)
    assert tried > 300
    assert counts(city.hub) == before
    assert time.monotonic() - begun < 300  # no pg_sleep came through


@pytest.mark.thorough
@pytest.mark.skipif(not shutil.which("slowhttptest"), reason="no slowhttptest")
@pytest.mark.parametrize("kind,more", [("headers", ["-H"]), pytest.param(
    "body", ["-B", "-s", "4096", "-t", "POST", "-f", "application/json"],
    marks=pytest.mark.skipif(os.environ.get("HUB_TEST_FORM") != "full", reason="takes half a minute: in the full form"))])
def test_slow_clients_are_cut_off_and_others_served(city, kind, more):
    hub = city.hub
    url = hub.url + ("/v1/health" if kind == "headers" else "/v1/feed/dequeue")
    slow = subprocess.Popen(["slowhttptest", *more, "-c", "100", "-r", "100", "-i", "2", "-x", "10", "-p", "2", "-l", "60", "-u", url],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        worst, begun = 0.0, time.monotonic()
        while slow.poll() is None and time.monotonic() - begun < 58:
            asked = time.monotonic()
            assert hub.request("/v1/health")[0] == 200
            worst = max(worst, time.monotonic() - asked)
            time.sleep(0.2)
        said = slow.communicate(timeout=20)[0]
    finally:
        if slow.poll() is None:
            slow.kill()
    # every connection was closed by the hub before the tool's own time was up
    assert "No open connections left" in said, said[-1500:]
    assert worst < 5
    wait_until(lambda: hub.request("/v1/health")[0] == 200, 20)
