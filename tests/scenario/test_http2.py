"""HTTP/2 at the party port: the same resources, headers and refusals as over HTTP/1.1, many requests on one connection."""
import json
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest

h2_connection = pytest.importorskip("h2.connection")
h2_config = pytest.importorskip("h2.config")
h2_errors = pytest.importorskip("h2.errors")
h2_events = pytest.importorskip("h2.events")

from city import reading
from hub import Hub, directory, free_port, wait_until


class Door:
    def __init__(self, hub, port, place, public):
        self.hub, self.port, self.place, self.public = hub, port, place, public
        self.key, self.crt = place / "key", place / "crt"
        csr = subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                              self.key, "-subj", "/CN=x"], check=True, capture_output=True, text=True).stdout
        self.crt.write_text(hub.ctl("party", "enrol", "water", "--csr", "-", input=csr))
        self.ca = place / "ca.pem"
        self.ca.write_bytes((hub.data / "zone/state/ca.pem").read_bytes())

    def curl(self, path, *more, version="--http2"):
        """(status, headers, body)."""
        done = subprocess.run(["curl", "-sS", version, "--cacert", self.ca, "--cert", self.crt, "--key", self.key, "-D", "-",
                               *map(str, more), f"https://localhost:{self.port}{path}"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
        lines = head.split("\n")
        assert lines[0].startswith("HTTP/2 " if version == "--http2" else "HTTP/1.1 "), head
        headers = {n.lower(): v for n, v in (line.split(": ", 1) for line in lines[1:] if ": " in line)}
        return int(lines[0].split()[1]), headers, body

    def context(self, *protocols):
        context = ssl.create_default_context(cafile=str(self.ca))
        context.load_cert_chain(self.crt, self.key)
        context.set_alpn_protocols(list(protocols))
        return context

    def connect(self, **more):
        return Session(self, **more)


class Session:
    """One HTTP/2 connection, frame by frame. strict: refuse to send what is no HTTP/2."""

    def __init__(self, door, strict=True):
        plain = socket.create_connection(("127.0.0.1", door.port), 20)
        self.s = door.context("h2").wrap_socket(plain, server_hostname="localhost")
        assert self.s.selected_alpn_protocol() == "h2"
        config = h2_config.H2Configuration(client_side=True, header_encoding="utf-8", validate_outbound_headers=strict,
                                           normalize_outbound_headers=strict)
        self.c = h2_connection.H2Connection(config=config)
        self.c.initiate_connection()
        self.answers, self.gone = {}, False
        self.flush()

    def flush(self):
        self.s.sendall(self.c.data_to_send())

    def start(self, path, method="GET", body=None, end=True, **headers):
        number = self.c.get_next_available_stream_id()
        fields = [(":method", method), (":path", path), (":scheme", "https"), (":authority", "localhost")]
        self.c.send_headers(number, fields + [(n.replace("_", "-"), v) for n, v in headers.items()], end_stream=body is None and end)
        self.answers[number] = {"headers": {}, "body": b"", "ended": False, "reset": None}
        if body is not None:
            self.c.send_data(number, body, end_stream=end)
        self.flush()
        return number

    def hear(self, wait):
        if not self.s.pending() and not select.select([self.s], [], [], wait)[0]:
            return False
        try:
            data = self.s.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.gone = True
            return False
        for event in self.c.receive_data(data):
            mine = self.answers.get(getattr(event, "stream_id", 0))
            if isinstance(event, h2_events.ConnectionTerminated):
                self.gone = True
            elif mine is None:
                continue
            elif isinstance(event, h2_events.ResponseReceived):
                mine["headers"] = dict(event.headers)
            elif isinstance(event, h2_events.DataReceived):
                mine["body"] += event.data
                self.c.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2_events.StreamEnded):
                mine["ended"] = True
            elif isinstance(event, h2_events.StreamReset):
                mine["reset"] = event.error_code
        self.flush()
        return True

    def wait(self, number, deadline=20):
        """(status, headers, body); status 0: the stream, or all of them, ended without an answer."""
        end, a = time.monotonic() + deadline, self.answers[number]
        while not a["ended"] and a["reset"] is None and not self.gone and time.monotonic() < end:
            self.hear(1)
        assert a["ended"] or a["reset"] is not None or self.gone, "no answer"
        return (int(a["headers"].get(":status", 0)) if a["ended"] else 0), a["headers"], a["body"]

    def ask(self, path, *words, **more):
        status, headers, body = self.wait(self.start(path, *words, **more))
        return status, headers, json.loads(body) if body and "json" in headers.get("content-type", "") else body


@pytest.fixture(scope="module")
def door():
    with directory() as place:
        hub, port, public = Hub(place / "data"), free_port(), free_port()
        try:
            hub.up("--party-listen", f"127.0.0.1:{port}", "--public-listen", f"127.0.0.1:{public}")
            hub.ctl("party", "add", "water", "--kind", "utility", "--role", "water")
            hub.ctl("point", "add", "W1", "--commodity", "water", "--operator", "water")
            hub.ctl("point", "bind", "W1", "--party", "water", "--meter", "7001", "--modulus", "1000000")
            yield Door(hub, port, place, public)
        finally:
            hub.end()


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl")
@pytest.mark.parametrize("version", ["--http2", "--http1.1"])
def test_headers_that_matter_arrive(door, version):
    def curl(*words):
        return door.curl(*words, version=version)
    more = ["-H", "Content-Type: application/json", "-H", f"Idempotency-Key: key-{version}", "-d", json.dumps({"name": "once"})]
    status, headers, first = curl("/v1/subscriptions", *more)
    assert status == 201, first
    status, headers, again = curl("/v1/subscriptions", *more)
    assert (status, json.loads(again)["id"]) == (201, json.loads(first)["id"])
    status, headers, _ = curl("/v1/openapi.json", "-o", "/dev/null")
    assert status == 200 and headers["etag"] and headers["x-content-type-options"] == "nosniff" and headers["strict-transport-security"]
    status, headers, body = curl("/v1/openapi.json", "-H", f"If-None-Match: {headers['etag']}")
    assert (status, body) == (304, "")
    question = {"subject": {"type": "Party", "id": "water"}, "action": {"name": "read"}, "resource": {"type": "Point", "id": "W1"}}
    status, headers, _ = curl("/access/v1/evaluation", "-H", "Content-Type: application/json", "-H", "X-Request-Id: seven",
                              "-d", json.dumps(question))
    assert (status, headers.get("x-request-id")) == (200, "seven")


def test_a_batch_goes_in_and_comes_out(door):
    s = door.connect()
    status, _, receipt = s.ask("/v1/readings", "POST", json.dumps([reading("7001", 7)]).encode(), content_type="application/json",
                               content_length=str(len(json.dumps([reading("7001", 7)]))))
    assert (status, receipt["stored"]) == (202, 1), receipt
    status, _, got = s.ask("/v1/readings?point=W1&quantity=water_volume")
    assert (status, [r["value"] for r in got["readings"]]) == (200, ["7"])


def test_many_requests_on_one_connection(door):
    s = door.connect()
    numbers = [s.start("/v1/openapi.json" if n % 10 == 0 else "/v1/points") for n in range(60)]
    whole = None
    for n, number in enumerate(numbers):
        status, headers, body = s.wait(number)
        assert status == 200 and len(body) == int(headers["content-length"])
        if n % 10 == 0:
            whole = whole or body
            assert body == whole and len(body) > 65536  # longer than a window
        else:
            assert [p["code"] for p in json.loads(body)["points"]] == ["W1"]
    assert s.ask("/v1/health")[0] == 200


def test_a_slow_reader_holds_nobody_up(door):
    """A stream whose window is never opened ends by itself; its neighbours on the connection go on."""
    s = door.connect()
    s.c.update_settings({4: 100})  # INITIAL_WINDOW_SIZE
    s.flush()
    wait_until(lambda: not s.hear(0.2), 10)
    stuck = s.start("/v1/openapi.json")
    assert s.ask("/v1/health")[0] == 200
    assert not s.answers[stuck]["ended"]
    assert door.curl("/v1/health")[0] == 200


def test_what_is_refused(door):
    s = door.connect()
    assert s.ask("/v1/nothing")[0] == 404
    assert s.ask("/V1/health")[0] == 404
    assert s.ask("/v1/%2568ealth")[2]["code"] == "gateway.path"
    assert s.ask("/v1/health", "PUT", b"", content_length="0")[0] == 405
    status, headers, said = s.ask("/v1/readings", "POST", b"[1]" * 10, content_type="text/plain", content_length="30")
    assert (status, said["code"]) == (415, "gateway.type")
    status, _, said = s.ask("/v1/readings", "POST", b"[", content_type="application/json", content_length=str(1 << 21), end=False)
    assert (status, said["code"]) == (413, "gateway.too_large")
    # a body without a length: what it holds is never read as another request
    status, _, said = s.ask("/v1/readings", "POST", b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n" * 3, content_type="application/json")
    assert (status, said["code"]) == (411, "gateway.length")
    assert s.ask("/v1/health", "HEAD")[2] == b""
    assert s.ask("/v1/health")[0] == 200


BAD = [{"x_a": "b\r\nx-c: d"}, {"x_a": "b\nGET /v1/feed HTTP/1.1"}, {"transfer_encoding": "chunked"}, {"connection": "close"},
       {"content_length": "-1"}, {"x a": "b"}, {"x:a": "b"}, {"upgrade": "h2c"}, {"host": "other\r\nx: y"}]


@pytest.mark.parametrize("headers", BAD, ids=lambda h: repr(h)[:30])
def test_headers_that_are_no_headers_reach_nobody(door, headers):
    s = door.connect(strict=False)
    status = s.ask("/v1/health", **headers)[0]
    assert status in (0, 400), status
    assert door.curl("/v1/health")[0] == 200


@pytest.mark.parametrize("path", ["/v1/health HTTP/1.1\r\nX: y", "v1/health", "*", "", "/v1/ health", "/v1/health\x00", "http://x/v1/health"])
def test_paths_that_are_no_paths_reach_nobody(door, path):
    s = door.connect(strict=False)
    assert s.ask(path)[0] in (0, 400, 403, 404)
    assert door.curl("/v1/health")[0] == 200


@pytest.mark.parametrize("version", ["--http2", "--http1.1"])
@pytest.mark.parametrize("host", ["localhost", "public_listen", "party_listen", "http_listen"])
def test_a_door_is_where_the_connection_came_in(door, version, host):
    """Not what its Host says: the pages are at the public port and nowhere else."""
    def status(port, *more):
        return subprocess.run(["curl", "-sS", version, "--cacert", door.ca, *map(str, more), "-H", f"Host: {host}", "-o", "/dev/null", "-w",
                               "%{http_code}", f"https://localhost:{port}/"], capture_output=True, text=True, timeout=60).stdout
    assert status(door.public) == "200"
    assert status(door.port, "--cert", door.crt, "--key", door.key) == "404"


def test_an_answer_goes_out_when_it_is_there(door):
    """Not when the client happens to say something next, nor when a second is over."""
    s = door.connect()
    s.ask("/v1/health")
    wait_until(lambda: not s.hear(0.1), 10, "all was heard")
    took = []
    for _ in range(20):
        begun = time.monotonic()
        assert s.ask("/v1/health")[0] == 200
        took.append(time.monotonic() - begun)
    assert sorted(took)[10] < 0.4, took


def test_streams_opened_and_dropped_without_end(door):
    """CVE-2023-44487: whoever does so is let go."""
    s = door.connect()
    try:
        for _ in range(3000):
            s.c.reset_stream(s.start("/v1/points"), h2_errors.ErrorCodes.CANCEL)
            s.flush()
            s.hear(0)
            if s.gone:
                break
        wait_until(lambda: s.gone or not s.hear(0.5) and s.gone, 20, "the connection is ended")
    except OSError:
        pass  # closed while we sent
    assert door.curl("/v1/health")[0] == 200


@pytest.mark.thorough
def test_a_connection_that_says_nothing_ends(door):
    s = door.connect()
    assert s.ask("/v1/health")[0] == 200
    begun = time.monotonic()
    wait_until(lambda: s.hear(0.5) or s.gone and True, 30, "the idle connection is ended")
    assert s.gone and 5 < time.monotonic() - begun < 25


@pytest.mark.thorough
def test_a_renewed_certificate_is_taken_while_it_runs(door):
    """Renewed by its owner, as certbot does; a damaged one changes nothing; nobody is cut off."""
    kept = door.connect()
    assert kept.ask("/v1/health")[0] == 200

    def shown():
        with socket.create_connection(("127.0.0.1", door.port), 20) as plain, \
                door.context("http/1.1").wrap_socket(plain, server_hostname="localhost") as s:
            return s.getpeercert(True)
    before = shown()
    state = door.hub.data / "zone/state"
    (state / "server.crt").unlink()
    door.hub.ctl("ca", "publish", "--host", "localhost")
    os.kill(door.hub.pid("dmzd"), signal.SIGHUP)
    wait_until(lambda: shown() != before, 10, "the new certificate is shown")
    assert kept.ask("/v1/health")[0] == 200
    now, good = shown(), (state / "server.crt").read_bytes()
    (state / "server.crt").write_bytes(b"nonsense")
    os.kill(door.hub.pid("dmzd"), signal.SIGHUP)
    assert shown() == now
    (state / "server.crt").write_bytes(good)
    assert shown() == now and door.hub.pid("dmzd")
