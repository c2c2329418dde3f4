"""Modbus: peers that nobody here wrote against the simulated device and the adapter; a thousand slow meters."""
import contextlib
import os
import re
import shutil
import subprocess
import time

import pytest

from hub import PRESET, ROOT, wait_until

BUILT = ROOT / "build" / PRESET / "bin"
UNITS, PERIOD = 25, 5
LINES, ROUNDS = (40, 6) if os.environ.get("HUB_TEST_FORM") == "full" else (8, 3)


@contextlib.contextmanager
def process(*words):
    """A program whose first words on standard output are its addresses, one a line."""
    done = subprocess.Popen([str(w) for w in words], stdout=subprocess.PIPE, text=True)
    try:
        yield done
    finally:
        done.kill()
        done.wait()


@contextlib.contextmanager
def sim(*words, lines=1):
    with process(BUILT / "sim_modbus", *words, "--lines", lines) as p:
        yield [p.stdout.readline().strip() for _ in range(lines)]


def peer(*words):
    if not (BUILT / "peer_libmodbus").exists():
        pytest.skip("libmodbus is not installed")
    return [BUILT / "peer_libmodbus", *words]


@pytest.mark.parametrize("line", ["tcp", "rtu"])
def test_libmodbus_speaks_with_the_simulated_device(line):
    words = ["--listen", 0] if line == "tcp" else ["--pty"]
    with sim(*words) as (address,):
        done = subprocess.run([*peer("check"), *(address.split(":") if line == "tcp" else [address])],
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        assert re.fullmatch(r"voltage 23\d\d energy \d+\n", done.stdout)


def test_mbpoll_reads_and_writes_the_simulated_device():
    if not shutil.which("mbpoll"):
        pytest.skip("mbpoll is not installed")
    with sim("--listen", 0) as (address,):
        host, port = address.split(":")
        say = lambda *words: subprocess.run(["mbpoll", "-m", "tcp", "-a", "1", "-p", port, "-0", *words], text=True,
                                            capture_output=True, timeout=30)
        done = say("-t", "4", "-r", "20", "-c", "3", "-1", host)
        assert re.findall(r"\[2[012]\]:\s+23\d\d", done.stdout), done.stdout + done.stderr
        assert say("-t", "0", "-r", "4", host, "1").returncode == 0
        assert re.search(r"\[4\]:\s+1", say("-t", "0", "-r", "4", "-1", host).stdout)
        assert "Illegal data address" in say("-t", "4", "-r", "500", "-1", host).stderr


def test_pymodbus_reads_and_writes_the_simulated_device():
    client_module = pytest.importorskip("pymodbus.client")
    with sim("--listen", 0, "--units", 3) as (address,):
        host, port = address.split(":")
        client = client_module.ModbusTcpClient(host, port=int(port))
        assert client.connect()
        for unit in (1, 2, 3):
            assert 2300 <= client.read_holding_registers(20, 18, slave=unit).registers[0] < 2330
            assert not client.write_registers(102, [1, 2], slave=unit).isError()
            assert client.read_holding_registers(102, 2, slave=unit).registers == [1, 2]
            assert client.write_coil(7, True, slave=unit).address == 7
            assert client.read_coils(0, 8, slave=unit).bits[7]
        assert client.read_holding_registers(127, 2, slave=1).isError()
        client.close()


def meters(hub, owner, names):
    """The party with a point for each of these meters."""
    hub.ctl("party", "add", owner)
    place = hub.data.parent / "load"
    place.mkdir(exist_ok=True)
    (place / "points.csv").write_text("code,commodity,zone,operator,supplier\n" +
                                      "".join(f"p-{n},electricity,Asia/Shanghai,{owner},{owner}\n" for n in names))
    (place / "devices.csv").write_text("party,meter,point,valid_from,modulus\n" +
                                       "".join(f"{owner},{n},p-{n},2026-01-01T00:00:00Z,10000000\n" for n in names))
    hub.ctl("load", "points", place / "points.csv")
    hub.ctl("load", "devices", place / "devices.csv")


def instance(hub, name, owner, addresses, devices, **options):
    """devices: a list of '[LINE/]UNIT=METER', given as a file."""
    path = hub.data.parent / f"{name}.devices"
    path.write_text("\n".join(devices) + "\n")
    path.chmod(0o644)
    words = [w for key, value in options.items() for w in ("--option", f"{key}={value}")]
    hub.ctl("instance", "add", name, "--party", owner, "--adapter", "modbus", "--option", f"devices=@{path}", *words,
            "--transport", "kind=tcp_client", *[w for a in addresses for w in ("--transport", f"dial={a}")],
            "--promise", "journalled")


@contextlib.contextmanager
def pymodbus_server():
    """pymodbus as the device, in a process of its own."""
    pytest.importorskip("pymodbus")
    program = """
import asyncio, socket
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartAsyncTcpServer
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
words = [0] * 128
words[20], words[37], words[63] = 2301, 1234, 54321
block = ModbusSequentialDataBlock(1, words)
context = ModbusServerContext(slaves={9: ModbusSlaveContext(hr=block)}, single=False)
print(f"127.0.0.1:{port}", flush=True)
asyncio.run(StartAsyncTcpServer(context=context, address=("127.0.0.1", port)))
"""
    with process("/usr/bin/python3", "-c", program) as p:
        yield p.stdout.readline().strip()


def test_the_adapter_polls_servers_of_libmodbus_and_pymodbus(hub):
    with process(*peer("serve")) as p, pymodbus_server() as python:
        c_peer = p.stdout.readline().strip()
        meters(hub, "power", ["of-libmodbus", "of-pymodbus"])
        instance(hub, "peers", "power", [c_peer, python], [f"{c_peer}/1=of-libmodbus", f"{python}/9=of-pymodbus"])
        newest = lambda meter: {(q, d, s) for q, d, s in hub.sql(
            "select r.quantity, r.digits, r.scale from reading r join point p on p.id = r.point where p.code = %s",
            f"p-{meter}")}
        values = lambda meter: {round(d / 10 ** s, 3) for _, d, s in newest(meter)}
        wait_until(lambda: {234.5, 4.321, 654.32} <= values("of-libmodbus"), 30, "libmodbus is read")
        wait_until(lambda: {230.1, 1.234, 543.21} <= values("of-pymodbus"), 30, "pymodbus is read")


@pytest.mark.thorough
def test_slow_meters_within_five_seconds(hub):
    """A thousand in the full form. One in ten never answers, every other thinks for 400 ms; each living one gives its ten values every 5 s."""
    with sim("--listen", 0, "--units", UNITS, "--delay", 400, "--fault", "silent", "--fault-every", 10, lines=LINES) as addresses:
        names = [f"{line}-{unit}" for line in range(LINES) for unit in range(1, UNITS + 1)]
        dead = {n for i, n in enumerate(names) if (i + 1) % 10 == 0}
        meters(hub, "power", names)
        devices = [f"{addresses[line]}/{unit}={line}-{unit}" for line in range(LINES) for unit in range(1, UNITS + 1)]
        instance(hub, "city", "power", addresses, devices, in_flight=8, timeout=1000)
        full = lambda: len(hub.sql("select distinct point from reading")) == len(names) - len(dead)
        wait_until(full, 120, "every living meter was read")
        rounds = lambda: hub.sql("select min(n) from (select count(distinct time) as n from reading group by point, quantity "
                                 "having max(kind) = 3) as each")[0][0]
        wait_until(lambda: rounds() > ROUNDS, 20 * PERIOD, "every living meter was read in so many rounds")
        worst = hub.sql("""with voltage as (select point, time, lag(time) over (partition by point order by time) as before
              from reading where kind = 3 and quantity = (select min(quantity) from reading where kind = 3)
              and time > now() - interval '20 s')
            select count(distinct point), max(extract(epoch from time - before))::float8,
              percentile_cont(0.99) within group (order by extract(epoch from time - before))::float8
            from voltage where before is not null""")[0]
        print(f"{worst[0]} living meters; from poll to poll at most {worst[1]:.2f} s, p99 {worst[2]:.2f} s")
        assert worst[0] == len(names) - len(dead)
        # Every 5 s, and no dead one delays another: the interval is the period and not the period and a timeout.
        assert worst[2] < PERIOD + 1.0
        assert not [c for (c,) in hub.sql("select distinct p.code from reading r join point p on p.id = r.point")
                    if c[2:] in dead]
