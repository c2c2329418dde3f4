"""A set-point over Modbus that ends: the hub writes back what was before, whatever died in between, and not if somebody set it anew."""
import datetime

import pytest

from hub import kill, wait_until
from test_command import ended, place, send, states, trace
from test_demand import MAP, city, stamp


def utc():
    return datetime.datetime.now(datetime.timezone.utc)


def registers(address, unit):
    """Set-point in 0.1 kW, and how often it was written, by a client of its own."""
    from pymodbus.client import ModbusTcpClient
    host, port = address.rsplit(":", 1)
    client = ModbusTcpClient(host, port=int(port))
    assert client.connect()
    try:
        return client.read_holding_registers(100, 2, slave=unit).registers
    finally:
        client.close()


def order(hub, name, value, until=None):
    words = ["--argument", f"value={value}"] + (["--argument", f"until={stamp(until)}", "--argument", "then=50"] if until else [])
    return send(hub, "grid", f"p-{name}", "set_point", None, *words)[0]["id"]


def backs(hub, number):
    return [n for (n,) in hub.sql("select id from command where key = %s", f"back-{number}")]


@pytest.mark.thorough
def test_a_set_point_ends_whatever_dies(hub):
    pytest.importorskip("pymodbus.server")
    names = ["b0", "b1", "b2"]
    with city(["20000:" for _ in names]) as address:
        place(hub, "grid", names)
        path = hub.data.parent / "building.json"
        path.write_text(MAP)
        path.chmod(0o644)
        hub.ctl("instance", "add", "buildings", "--party", "grid", "--adapter", "modbus", "--option", f"map={path}",
                "--option", "devices=" + ",".join(f"{i + 1}={n}" for i, n in enumerate(names)), "--transport", "kind=tcp_client",
                "--transport", f"dial={address}", "--promise", "journalled")
        alone = hub.run("command", "send", "--party", "grid", "--point", "p-b0", "--kind", "set_point", "--reason", "test", "--by", "li",
                        "--argument", "value=5", "--argument", f"until={stamp(utc())}")
        assert alone.returncode and "command.argument" in alone.stderr
        until = utc().replace(microsecond=0) + datetime.timedelta(seconds=30)
        one, other = order(hub, "b0", 5, until), order(hub, "b1", 6, until)
        assert ended(hub, one)["state"] == ended(hub, other)["state"] == "confirmed"
        (back,), (gone,) = backs(hub, one), backs(hub, other)
        # Somebody sets it anew, for good: the end of the first is no longer meant.
        assert ended(hub, order(hub, "b1", 7))["state"] == "confirmed"
        assert (trace(hub, gone)["state"], trace(hub, gone)["cause"]) == ("refused", "superseded")
        for victim in ("hubd", "adapterd", "postgres"):
            kill(hub.pid(victim))
        assert registers(address, 1) == [50, 1]
        wait_until(lambda: hub.run("doctor").returncode == 0, 60, "the hub is well")
        done = ended(hub, back, 90)
        assert (done["state"], done["arguments"], done["reason"]) == ("confirmed", {"value": "50"}, "until") and states(done)[0] == "requested"
        assert registers(address, 1) == [500, 2] and registers(address, 2) == [70, 2] and registers(address, 3) == [0, 0]
        assert utc() >= until
        assert [backs(hub, n) for n in (back, gone)] == [[], []]
