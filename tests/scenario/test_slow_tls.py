"""Slow clients at the ports with TLS: before the handshake is done, within it, and behind it; others are served meanwhile."""
import contextlib
import shutil
import socket
import ssl
import subprocess
import time

import pytest

from hub import Hub, directory, free_port, wait_until
from people import Portal
from test_identity import Client, Door
from test_limits import ended


@pytest.fixture(scope="module")
def doors():
    with directory() as place:
        hub = Hub(place / "data")
        portal, port = Portal(hub), free_port()
        try:
            hub.up(*portal.arguments, "--party-listen", f"127.0.0.1:{port}")
            hub.ctl("party", "add", "water", "--kind", "utility", "--role", "water")
            (place / "client").mkdir()
            party = Door(hub, port, place / "client")
            hub.client = Client(place / "client", "water").enrol(hub, "water")
            yield {"public": (portal.port, lambda: portal.request("GET", "/v1/health")[0]),
                   "party": (port, lambda: party.request("/v1/health", hub.client)[0])}
        finally:
            hub.end()


def hello():
    """What a client says first, whole."""
    out = ssl.MemoryBIO()
    one = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        one.do_handshake()
    return out.read()


@pytest.mark.thorough
@pytest.mark.parametrize("door", ["public", "party"])
@pytest.mark.parametrize("said", ["nothing", "half", "whole"])
def test_a_handshake_that_does_not_go_on_is_ended(doors, door, said):
    port, serve = doors[door]
    first = {"nothing": b"", "half": hello()[:60], "whole": hello()}[said]
    with contextlib.ExitStack() as stack:
        open_ones = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(20)]
        for one in open_ones:
            one.sendall(first)
        begun = time.monotonic()
        assert serve() == 200 and time.monotonic() - begun < 5, "others are served meanwhile"
        took = [ended(one, 60) for one in open_ones]
        assert None not in took and time.monotonic() - begun < 60, took
    assert serve() == 200


@pytest.mark.thorough
@pytest.mark.skipif(not shutil.which("slowhttptest"), reason="no slowhttptest")
def test_slow_heads_behind_tls_are_cut_off(doors):
    """The party port asks for a certificate, which that tool has not; there the handshakes above are what it could do."""
    port, serve = doors["public"]
    slow = subprocess.Popen(["slowhttptest", "-H", "-c", "60", "-r", "60", "-i", "2", "-x", "10", "-p", "3", "-l", "60", "-u",
                             f"https://localhost:{port}/v1/health"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        worst, begun = 0.0, time.monotonic()
        while slow.poll() is None and time.monotonic() - begun < 58:
            asked = time.monotonic()
            assert serve() == 200
            worst = max(worst, time.monotonic() - asked)
            time.sleep(0.2)
        said = slow.communicate(timeout=20)[0]
    finally:
        if slow.poll() is None:
            slow.kill()
    assert "No open connections left" in said, said[-1500:]
    assert worst < 5
    wait_until(lambda: serve() == 200, 20)
