"""The pull door: peek and dequeue by position, each party its own; and what the HTTP door refuses."""
import http.client
import json
import socket
import time

import pytest

from feeds import hours_ago, items, party, peek, stamp, wait_items
from hub import kill, wait_until


def reading(meter, value, hours=1, **more):
    return {"meter": meter, "quantity": "water_volume", "kind": "register", "unit": "m3", "value": str(value),
            "time": stamp(hours_ago(hours)), **more}


@pytest.fixture(scope="module")
def water(shared_hub):
    return party(shared_hub, "water", ("W1", "water", "7001"), ("W2", "water", "7002"))


@pytest.fixture(scope="module")
def gas(shared_hub):
    return party(shared_hub, "gas", ("G1", "gas", "8001"))


def post(hub, token, body, **headers):
    return hub.request("/v1/readings", token, "POST", body, headers)


def test_positions_rise_without_gaps_and_dequeue_moves_forward(hub):
    token = party(hub, "water", ("W1", "water", "7001"))
    for n in range(5):
        assert post(hub, token, [reading("7001", n, 10 - n)])[0] == 202
    wait_items(hub, token, 5)
    page = peek(hub, token)
    assert [e["position"] for e in page["entries"]] == [1, 2, 3, 4, 5]
    assert page["next"] == page["last"] == 5 and page["acknowledged"] == 0
    assert all(len(e["trace"]) == 32 and e["receipt"] > 0 for e in page["entries"])
    assert [e["position"] for e in peek(hub, token, 3)["entries"]] == [4, 5]
    assert [e["position"] for e in peek(hub, token, 0, 2)["entries"]] == [1, 2]
    assert hub.request("/v1/feed/dequeue", token, "POST", {"position": 3}) == (200, {"acknowledged": 3, "last": 5})
    assert hub.request("/v1/feed/dequeue", token, "POST", {"position": 3})[0] == 200
    status, problem = hub.request("/v1/feed/dequeue", token, "POST", {"position": 2})
    assert (status, problem["code"]) == (409, "feed.back")
    status, problem = hub.request("/v1/feed/dequeue", token, "POST", {"position": 6})
    assert (status, problem["code"]) == (409, "feed.ahead")
    status, page = hub.request("/v1/feed", token)
    assert [e["position"] for e in page["entries"]] == [4, 5]
    # what was given survives the core's death
    pid = hub.pid("hubd")
    kill(pid)
    wait_until(lambda: hub.pid("hubd") not in (0, pid), 30)
    wait_until(lambda: hub.request("/v1/feed", token)[0] == 200, 30)
    assert hub.request("/v1/feed", token)[1] == page


@pytest.mark.thorough
def test_a_large_receipt_is_handed_out_whole(hub):
    token = party(hub, "water", ("W1", "water", "7001"))
    many = [{**reading("7001", n), "time": stamp(hours_ago(8000 - n))} for n in range(7000)]
    for part in range(0, 7000, 3500):
        status, receipt = post(hub, token, many[part:part + 3500])
        assert (status, receipt["stored"]) == (202, 3500), receipt
    got = wait_items(hub, token, 7000)
    assert [i["value"] for i in got] == [str(n) for n in range(7000)]
    # the last entry of a page may be longer than a part of its answer
    page = peek(hub, token, 0, 1)
    assert [len(e["items"]) for e in page["entries"]] == [3500] and page["next"] == 1 and page["last"] == 2
    assert [len(e["items"]) for e in peek(hub, token, 1, 1)["entries"]] == [3500]


@pytest.mark.thorough
def test_each_reading_that_is_refused_has_its_code(shared_hub, water, gas):
    cases = [
        (reading("7001", "1.5", 3), None),
        (reading("9999", 1), "reading.unknown_meter"),
        (reading("8001", 1), "reading.wrong_party"),
        (reading("7001", 1, unit="kWh"), "reading.unit"),
        (reading("7001", 1, quantity="nonsense"), "reading.unknown_quantity"),
        (reading("7001", 1, kind="state"), "reading.kind"),
        (reading("7001", 1, quantity="active_energy_import", unit="kWh"), "reading.commodity"),
        (reading("7001", 1, -24), "reading.future"),
        (reading("7001", 1, 24 * 1100), "reading.ancient"),
        (reading("7001", 1, time=None), "reading.no_time"),
        ({**reading("7001", 1), "value": 1.5}, "reading.json"),
        ({**reading("7001", 1), "value": "1,5"}, "reading.json"),
        ({**reading("7001", 1), "time": "noon"}, "reading.json"),
        ({**reading("7001", 1), "flags": ["nonsense"]}, "reading.json"),
        ("no object", "reading.json"),
        (reading("7001", "2.5", 2), None),
    ]
    status, receipt = post(shared_hub, water, [case for case, _ in cases])
    assert status == 202
    codes = {e["index"]: e["code"] for e in receipt["errors"]}
    assert codes == {n: code for n, (_, code) in enumerate(cases) if code}
    assert receipt["stored"] == 2 and receipt["quarantined"] == len(cases) - 2
    assert all(e["message"] and e["field"] for e in receipt["errors"])
    status, again = shared_hub.request(f"/v1/receipts/{receipt['receipt']}", water)
    assert status == 200 and again["errors"] == receipt["errors"]
    assert shared_hub.request(f"/v1/receipts/{receipt['receipt']}", gas)[0] == 404


def test_a_key_that_comes_again_is_answered_as_the_first_time(shared_hub, water):
    key = {"Idempotency-Key": f"key-{time.time()}"}
    body = [reading("7002", 5, 5)]
    first = post(shared_hub, water, body, **key)
    assert first[0] == 202 and first[1]["stored"] == 1
    assert post(shared_hub, water, body, **key) == first
    status, problem = post(shared_hub, water, [reading("7002", 6, 4)], **key)
    assert (status, problem["code"]) == (409, "call.idempotency")


def test_a_party_sees_nothing_of_others(shared_hub, water, gas):
    post(shared_hub, water, [reading("7001", 77, 30)])
    wait_until(lambda: any(i["value"] == "77" for i in items(shared_hub, water)), 20)
    assert items(shared_hub, gas) == []
    for code in ("W1", "nothing"):
        status, problem = shared_hub.request(f"/v1/readings?point={code}&quantity=water_volume", gas)
        assert (status, problem["code"]) == (404, "point.unknown")
        assert "W1" not in problem["detail"].replace(f"'{code}'", "")
    status, page = shared_hub.request("/v1/readings?point=W1&quantity=water_volume", water)
    assert status == 200 and any(r["value"] == "77" and r["point"] == "W1" and r["meter"] == "7001" for r in page["readings"])


def test_pages_of_readings_are_joined_by_their_cursor(shared_hub, water):
    post(shared_hub, water, [reading("7002", n, 200 - n) for n in range(25)])
    path = f"/v1/readings?point=W2&quantity=water_volume&limit=10&from={stamp(hours_ago(201))}&to={stamp(hours_ago(175))}"
    got, cursor = [], ""
    for _ in range(9):
        status, page = shared_hub.request(path + (f"&cursor={cursor}" if cursor else ""), water)
        assert status == 200, page
        got += [r["value"] for r in page["readings"]]
        cursor = page["cursor"]
        if not cursor:
            break
    assert got == [str(n) for n in range(25)]
    for bad, code in (("&cursor=abc", None), ("&limit=0", "call.number"), ("&from=yesterday", "call.time"), ("&step=year", "readings.step")):
        status, problem = shared_hub.request(f"/v1/readings?point=W2&quantity=water_volume{bad}", water)
        assert status == 400 and (not code or problem["code"] == code), (bad, problem)


TOKENS = ["", "Bearer", "Bearer x", "Bearer hub_" + "A" * 43, "Basic dTpw", "bearer " + "x" * 5000]


def test_wrong_tokens_are_refused(shared_hub, water):
    for token in TOKENS:
        status, problem = shared_hub.request("/v1/feed", headers={"Authorization": token})
        assert (status, problem["code"]) == (401, "call.token"), token


PATHS = [
    ("/v1/%252e%252e/feed", 400, "gateway.path"), ("/v1/feed%255c", 400, "gateway.path"), ("/v1/feed%5c", 400, "gateway.path"),
    ("/v1\\feed", 400, "gateway.path"), ("/v1/%ff", 400, "gateway.path"),
    ("/V1/feed", 404, "call.path"), ("/v1/Feed", 404, "call.path"), ("/v1/feed/", 404, "call.path"),
    ("/v1/feed/dequeue/x", 404, "call.path"), ("/v2/feed", 404, "call.path"), ("/", 404, "call.path"),
    ("/v1/receipts/", 404, "call.path"), ("/v1/../../etc/passwd", 404, "call.path"),
]


def raw(hub, request):
    """The first line and body of an answer to bytes as they are; None if the connection was closed without one."""
    with socket.create_connection(("127.0.0.1", hub.port), 10) as s:
        s.settimeout(20)
        s.sendall(request)
        answer = http.client.HTTPResponse(s)
        try:
            answer.begin()
            return answer.status, answer.read(), dict((k.lower(), v) for k, v in answer.getheaders())
        except (http.client.HTTPException, ConnectionError, socket.timeout):
            return None


def test_path_tricks_reach_nothing(shared_hub, water):
    head = f" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {water}\r\n\r\n".encode()
    for path, want, code in PATHS:
        status, body, headers = raw(shared_hub, b"GET " + path.encode() + head)
        assert (status, json.loads(body).get("code")) == (want, code), (path, body)
        assert headers["x-content-type-options"] == "nosniff" and headers["content-type"] == "application/problem+json"
    # a NUL ends the connection; nothing is answered from behind it
    assert raw(shared_hub, b"GET /v1/feed%00" + head) is None
    # what is one path after decoding once is that path, for routes and policies alike
    assert raw(shared_hub, b"GET /v1/x/%2e%2e/health" + head)[0] == 200


REQUESTS = [
    (b"POST /v1/readings HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n", 413, "gateway.too_large"),
    (b"POST /v1/readings HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 413, "gateway.too_large"),
    (b"POST /v1/readings HTTP/1.1\r\nHost: x\r\n\r\n", 411, "gateway.length"),
    (b"POST /v1/readings HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, "gateway.length"),
    (b"POST /v1/readings HTTP/1.1\r\nHost: x\r\nContent-Length: 2x\r\n\r\n", 400, "gateway.length"),
    (b"GET /v1/feed HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab", 400, "gateway.length"),
    (b"OPTIONS /v1/feed HTTP/1.1\r\nHost: x\r\n\r\n", 405, "gateway.method"),
    (b"DELETE /v1/feed HTTP/1.1\r\nHost: x\r\n\r\n", 405, "call.method"),
]


def test_malformed_requests_have_their_codes(shared_hub):
    for request, want, code in REQUESTS:
        answer = raw(shared_hub, request)
        assert answer, request
        assert (answer[0], json.loads(answer[1])["code"]) == (want, code), request
    assert raw(shared_hub, b"GET /v1/health HTTP/1.1\r\nX: " + b"a" * 70000 + b"\r\n\r\n") is None
    assert raw(shared_hub, b"\x16\x03\x01\x02\x00\x01\x00") is None or True
    assert shared_hub.request("/v1/health") == (200, {"status": "ok"})


BODIES = [(b"", None), (b"{", "call.json"), (b"[]", "readings.count"), (b"{}", "readings.count"), (b"\xff", "call.json"),
          (b"[" * 5000, "gateway.depth"), (b"null", "call.json")]


def test_bodies_that_are_no_readings(shared_hub, water):
    for body, code in BODIES[1:]:
        status, problem = shared_hub.request("/v1/readings", water, "POST", body)
        assert (status, problem["code"]) == (400, code), body[:20]


@pytest.mark.slow
def test_a_slow_client_is_cut_off_and_others_are_served(shared_hub):
    with socket.create_connection(("127.0.0.1", shared_hub.port), 10) as slow:
        slow.settimeout(30)
        begun = time.monotonic()
        closed = False
        while not closed and time.monotonic() - begun < 25:
            try:
                slow.sendall(b"G")
                slow.settimeout(0.5)
                closed = slow.recv(100) == b""
            except socket.timeout:
                pass
            except OSError:
                closed = True
            if int(time.monotonic() - begun) % 3 == 0:
                assert shared_hub.request("/v1/health")[0] == 200
        assert closed and time.monotonic() - begun < 25


@pytest.mark.thorough
@pytest.mark.slow
def test_without_a_core_the_gateway_says_when_to_come_again(cold_hub):
    hub = cold_hub
    hub.up()
    import os
    import signal
    pid = hub.pid("hubd")
    os.kill(pid, signal.SIGSTOP)
    try:
        status, problem = hub.request("/v1/health")
        assert (status, problem["code"]) == (503, "gateway.core_away")
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: hub.request("/v1/health")[0] == 200, 30)
