"""The limits that are published, met at real daemons: requests and connections of an address, calls of a party, and time."""
import contextlib
import http.client
import os
import pwd
import select
import shutil
import socket
import subprocess
import time

import pytest

from hub import directory, free_port, programs, wait_until


def open_to(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def daemon(name, *arguments, **more):
    with subprocess.Popen([programs() / name, *arguments], stdout=subprocess.DEVNULL, **more) as process:
        try:
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


@pytest.fixture
def gate():
    """A gateway alone, with small limits; without a core it answers 503 to what it lets through. Gives its port."""
    with directory() as place:
        (place / "run").mkdir()
        port = free_port()
        with daemon("dmzd", f"--data={place}", f"--http-listen=127.0.0.1:{port}", "--rate=1", "--burst=5", "--connections=4",
                    "--header-time=2s", "--body-time=2s"):
            wait_until(lambda: open_to(port), 20, "the gateway listens")
            yield port


def statuses(port, count, source="127.0.0.1", path="/v1/health"):
    """Of so many requests on one connection: (status, Retry-After)."""
    call = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(source, 0))
    with contextlib.closing(call):
        for _ in range(count):
            call.request("GET", path)
            answer = call.getresponse()
            answer.read()
            yield answer.status, answer.headers["Retry-After"]


def test_an_address_that_asks_too_fast_is_told_when_to_come_again(gate):
    got = [status for status, _ in statuses(gate, 12)]
    assert got[:5] == [503] * 5, "the burst is let through"
    assert got.count(429) >= 5, got
    refused = [after for status, after in statuses(gate, 3) if status == 429]
    assert refused and set(refused) == {"1"}
    assert [s for s, _ in statuses(gate, 1, "127.0.0.2")] == [503], "another address has its own"
    # it comes back as the second goes by
    wait_until(lambda: [s for s, _ in statuses(gate, 1)] == [503], 10)


def ended(s, deadline=10):
    """Seconds until the other end closes; None if it does not."""
    begun = time.monotonic()
    while time.monotonic() - begun < deadline:
        if select.select([s], [], [], 0.1)[0]:
            with contextlib.suppress(OSError):
                if s.recv(4096):
                    continue
            return time.monotonic() - begun
    return None


def test_an_address_has_so_many_connections(gate):
    with contextlib.ExitStack() as stack:
        # An address of its own: what asked whether the gateway listens may not have been seen to leave.
        def connect():
            return stack.enter_context(socket.create_connection(("127.0.0.1", gate), source_address=("127.0.0.2", 0)))
        open_ones = [connect() for _ in range(4)]
        one_more = connect()
        took = ended(one_more, 1.5)
        assert took is not None, "the fifth is closed at once"
        assert [s for s, _ in statuses(gate, 1, "127.0.0.3")] == [503]
        open_ones[0].close()
        wait_until(lambda: [s for s, _ in retry(gate, "127.0.0.2")] in ([503], [429]), 10, "a place is free again")


def retry(port, source):
    with contextlib.suppress(OSError, http.client.HTTPException):
        return list(statuses(port, 1, source))
    return []


@pytest.mark.parametrize("head", [b"", b"POST /v1/readings HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"],
                         ids=["header", "body"])
def test_a_client_that_trickles_is_cut_off(gate, head):
    """Each byte comes in good time, the whole does not: what counts is the whole."""
    with socket.create_connection(("127.0.0.1", gate)) as s:
        s.sendall(head)
        begun, sent = time.monotonic(), 0
        text = b"GET /v1/health HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 4000 if not head else b"[" + b"1," * 2000
        with contextlib.suppress(OSError):
            while time.monotonic() - begun < 15:
                if select.select([s], [], [], 0.2)[0] and not s.recv(4096):
                    break
                s.sendall(text[sent:sent + 1])
                sent += 1
        took = time.monotonic() - begun
    assert sent > 3 and 1 < took < 12, (sent, took)


def test_a_party_is_limited_over_all_its_connections(hub):
    """By the core, whatever gateway or address the calls come from; others are served."""
    tokens = {}
    for code in ("busy", "calm"):
        hub.ctl("party", "add", code, "--kind", "service")
        tokens[code] = hub.ctl("party", "token", code).strip()
    user = "uhub" if os.geteuid() == 0 else None
    with directory() as place:
        run = place / "run"
        run.mkdir()
        if user:
            for part in (place, run):
                shutil.chown(part, user, user)
        port = free_port()
        more = {"user": pwd.getpwnam(user).pw_uid, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
        with daemon("dmzd", f"--data={place}", f"--http-listen=127.0.0.1:{port}", **more), \
                daemon("hubd", f"--database=host={hub.data}/core/pgrun user=uhub dbname=uhub", f"--zone-base=ipc://{run}", "--adapters=",
                       "--egresses=", "--party-rate=1", "--party-burst=6", **more):
            def ask(code):
                call = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                with contextlib.closing(call):
                    call.request("GET", "/v1/parties/self", headers={"Authorization": f"Bearer {tokens[code]}"})
                    answer = call.getresponse()
                    return answer.status, answer.headers["Retry-After"], answer.read()
            wait_until(lambda: open_to(port), 20)
            wait_until(lambda: ask("calm")[0] == 200, 30, "the second core answers")
            got = [ask("busy") for _ in range(15)]
            assert [g[0] for g in got[:6]] == [200] * 6
            refused = [g for g in got if g[0] == 429]
            assert refused and all(g[1] == "1" and b"call.rate" in g[2] for g in refused), got
            wait_until(lambda: ask("calm")[0] == 200, 10)
            wait_until(lambda: ask("busy")[0] == 200, 10, "and it may again")
