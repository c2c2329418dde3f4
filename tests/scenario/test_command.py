"""Commands: one life cycle from wish to confirmation, against simulated meters and relays that count what they are told."""
import contextlib
import json
import os
import random
import subprocess
import time

import pytest

from feeds import items
from hub import PRESET, ROOT, descendants, kill, wait_until

BUILT = ROOT / "build" / PRESET / "bin"
KILLS = 20 if os.environ.get("HUB_TEST_FORM") == "full" else 3
ENDS = ("confirmed", "refused", "expired")


@contextlib.contextmanager
def sim(name, *words):
    done = subprocess.Popen([BUILT / f"sim_{name}", *map(str, words)], stdout=subprocess.PIPE, text=True)
    try:
        yield done.stdout.readline().strip()
    finally:
        done.kill()
        done.wait()


def listen(name, journal, *words):
    return sim(name, "--listen", 0, "--journal", journal, *words)


def told(journal):
    """What a simulated device was told to do, a line each."""
    return journal.read_text().splitlines() if journal.exists() else []


def meter(address):
    return f"{address:012d}"


def place(hub, owner, names, protected=()):
    """Points that the party operates, each with the meter of its name."""
    hub.ctl("party", "add", owner)
    folder = hub.data.parent / f"load-{owner}"
    folder.mkdir()
    (folder / "points.csv").write_text("code,commodity,zone,operator,supplier,protected\n" + "".join(
        f"p-{n},electricity,Asia/Shanghai,{owner},{owner},{'true' if n in protected else 'false'}\n" for n in names))
    (folder / "devices.csv").write_text("party,meter,point,valid_from,modulus\n" + "".join(
        f"{owner},{n},p-{n},2026-01-01T00:00:00Z,1000000\n" for n in names))
    hub.ctl("load", "points", folder / "points.csv")
    hub.ctl("load", "devices", folder / "devices.csv")


def dlt645(hub, owner, address, **options):
    words = [w for k, v in {"interval": 0, "timeout": 400, "retries": 1, **options}.items() for w in ("--option", f"{k}={v}")]
    hub.ctl("instance", "add", f"{owner}-dlt", "--party", owner, "--adapter", "dlt645", *words,
            "--transport", "kind=tcp_client", "--transport", f"dial={address}", "--promise", "journalled")


def modbus(hub, owner, address, names):
    hub.ctl("instance", "add", f"{owner}-modbus", "--party", owner, "--adapter", "modbus", "--option", "map=relay_unit",
            "--option", "timeout=400", "--option", "devices=" + ",".join(f"{i + 1}={n}" for i, n in enumerate(names)),
            "--transport", "kind=tcp_client", "--transport", f"dial={address}", "--promise", "journalled")


def send(hub, owner, point, kind, state=None, *more, by="zhang", reason="test"):
    words = ["--argument", f"state={state}"] if state else []
    done = hub.ctl("command", "send", "--party", owner, "--point", point, "--kind", kind, "--reason", reason, "--by", by,
                   *words, *more)
    return [json.loads(line) for line in done.splitlines() if line.startswith("{\"id\"")]


def trace(hub, number):
    return json.loads(hub.ctl("command", "trace", number))


def ended(hub, number, deadline=40):
    return wait_until(lambda: (c := trace(hub, number)) and c["state"] in ENDS and c, deadline, f"command {number} ends")


def states(command):
    return [s["state"] for s in command["steps"] if s["state"]]


def test_a_command_lives_from_wish_to_confirmation(hub, tmp_path):
    journal = tmp_path / "told"
    with listen("dlt645", journal, "--count", 3) as address:
        place(hub, "power", [meter(1), meter(2), meter(3)], protected=[meter(2)])
        hub.ctl("subscription", "add", "power")
        token = hub.ctl("party", "token", "power").strip()
        dlt645(hub, "power", address)
        # read now
        (one,) = send(hub, "power", f"p-{meter(1)}", "read")
        assert ended(hub, one["id"])["state"] == "confirmed"
        # power kept: sent, then read back
        (one,) = send(hub, "power", f"p-{meter(1)}", "keep_power", "on")
        done = ended(hub, one["id"])
        assert states(done) == ["requested", "approved", "queued", "sent", "confirmed"] and done["details"]["state"] == "confirmed"
        # a cut-off waits for another person; the meter that keeps power refuses, and says so
        (cut,) = send(hub, "power", f"p-{meter(1)}", "switch", "off")
        assert cut["state"] == "requested"
        assert hub.run("command", "approve", cut["id"], "--party", "power", "--by", "zhang").returncode != 0
        hub.ctl("command", "approve", cut["id"], "--party", "power", "--by", "li")
        done = ended(hub, cut["id"])
        assert (done["state"], done["cause"], done["decided_by"]) == ("refused", "other", "li")
        # over HTTP, the same, with idempotency
        wish = {"point": f"p-{meter(3)}", "kind": "switch", "arguments": {"state": "off"}, "reason": "arrears", "by": "zhang"}
        ask = lambda body, key: hub.request("/v1/commands", token, "POST", body, {"Idempotency-Key": key})
        status, first = ask(wish, "k1")
        assert status == 202, first
        number = first["commands"][0]["id"]
        assert ask(wish, "k1")[1]["commands"][0]["id"] == number
        assert ask({**wish, "reason": "other"}, "k1")[0] == 409
        assert ask({**wish, "kind": "explode"}, "k2")[1]["code"] == "command.kind"
        assert ask({**wish, "point": f"p-{meter(2)}"}, "k3")[1]["code"] == "command.protected"
        status, body = hub.request(f"/v1/commands/{number}/approve", token, "POST", {"by": "zhang"})
        assert (status, body["code"]) == (409, "command.state")
        assert hub.request(f"/v1/commands/{number}/approve", token, "POST", {"by": "li"})[0] == 200
        assert ended(hub, number)["state"] == "confirmed"
        status, body = hub.request(f"/v1/commands/{number}", token)
        assert status == 200 and [s["state"] for s in body["steps"] if s["state"]][-1] == "confirmed"
        assert hub.sql("select state from point where code = %s", f"p-{meter(3)}") == [("disconnected",)]
        # a stranger sees and orders nothing
        hub.ctl("party", "add", "stranger")
        other = hub.ctl("party", "token", "stranger").strip()
        assert hub.request("/v1/commands", other, "POST", wish, {"Idempotency-Key": "s"})[1]["code"] == "command.point"
        assert hub.run("command", "send", "--party", "stranger", "--point", f"p-{meter(3)}", "--kind", "read", "--reason", "x").returncode != 0
        assert hub.request(f"/v1/commands/{number}", other)[0] == 404
        # the result is a message in the party's feed, about the point
        wait_until(lambda: [i for i in items(hub, token) if i.get("type") == "result" and i["point"] == f"p-{meter(3)}"
                            and i["body"]["state"] == "confirmed"], 30, "the result at the door")
        # what waits can be taken back, what is over cannot
        (cut,) = send(hub, "power", f"p-{meter(1)}", "switch", "off")
        hub.ctl("command", "cancel", cut["id"], "--party", "power", "--by", "li")
        assert trace(hub, cut["id"])["cause"] == "cancelled"
        assert hub.run("command", "cancel", number, "--party", "power").returncode != 0
        assert len(told(journal)) == 3


@pytest.mark.thorough
def test_set_points_and_batches_over_modbus(hub, tmp_path):
    journal = tmp_path / "told"
    names = [f"relay-{i}" for i in range(1, 6)]
    with listen("modbus", journal, "--units", 5) as address:
        place(hub, "grid", names)
        modbus(hub, "grid", address, names)
        (one,) = send(hub, "grid", "p-relay-1", "set_point", None, "--argument", "value=12.5")
        done = ended(hub, one["id"])
        assert done["state"] == "confirmed" and done["details"]["details"]["value"] == "12.5"
        batch = send(hub, "grid", "p-relay-1", "switch", "on", "--channel", "r2",
                     *[w for n in names[1:] for w in ("--point", f"p-{n}")])
        assert len(batch) == 5 and {c.get("batch") for c in batch[1:]} == {batch[0]["id"]}
        assert {ended(hub, c["id"])["state"] for c in batch} == {"confirmed"}
        assert len(told(journal)) == 6
        (one,) = send(hub, "grid", "p-relay-1", "set_point", None, "--argument", "value=12.55")
        assert ended(hub, one["id"])["state"] == "refused"


@pytest.mark.thorough
def test_a_command_to_an_offline_device_expires(hub, tmp_path):
    journal = tmp_path / "told"
    with listen("dlt645", journal, "--count", 1, "--fault", "silent") as address:
        place(hub, "power", [meter(1)])
        place(hub, "grid", ["relay-1"])
        dlt645(hub, "power", address)
        # one is silent on its line, the other's line is not there at all
        modbus(hub, "grid", "127.0.0.1:1", ["relay-1"])
        (silent,) = send(hub, "power", f"p-{meter(1)}", "keep_power", "on", "--expires", 8)
        (away,) = send(hub, "grid", "p-relay-1", "switch", "on", "--channel", "r1", "--expires", 8)
        (read,) = send(hub, "power", f"p-{meter(1)}", "read", None, "--expires", 8)
        for one in (silent, away, read):
            assert ended(hub, one["id"])["state"] == "expired"
        assert "confirmed" not in {s["state"] for one in (silent, away, read) for s in trace(hub, one["id"])["steps"]}
        # the frame is seen by the line once, whatever is asked again
        assert len([line for line in told(journal) if " 1C " in line]) == 1


def victims(hub):
    adapterd, hubd = hub.pid("adapterd"), hub.pid("hubd")
    children = descendants(adapterd) if adapterd else []
    return {"hubd": hubd, "adapterd": adapterd, "child": random.choice(children) if children else 0,
            "postgres": hub.pid("postgres")}


@pytest.mark.thorough
def test_kills_make_no_command_go_out_twice_or_get_lost(hub, tmp_path):
    """kill -9 of the core, the zone, an adapter's process and the database, again and again, while commands go out."""
    relays = [f"relay-{i}" for i in range(1, 9)]
    dlt_journal, modbus_journal = tmp_path / "dlt", tmp_path / "modbus"
    with listen("dlt645", dlt_journal, "--count", 8) as line, listen("modbus", modbus_journal, "--units", 8, "--delay", 20) as bus:
        place(hub, "power", [meter(i) for i in range(1, 9)])
        place(hub, "grid", relays)
        dlt645(hub, "power", line)
        modbus(hub, "grid", bus, relays)
        sent = {}
        for turn in range(KILLS):
            state = "on" if turn % 2 == 0 else "off"
            for i in range(1, 9):
                (one,) = send(hub, "power", f"p-{meter(i)}", "keep_power", state, "--expires", 90)
                sent[one["id"]] = ("dlt", meter(i))
            for relay in relays:
                (one,) = send(hub, "grid", f"p-{relay}", "set_point", None, "--argument", f"value={turn + 1}.5", "--expires", 90)
                sent[one["id"]] = ("modbus", relay)
            names = ["child", "adapterd", "hubd", "postgres"]
            pid = victims(hub)[names[turn % 4]]
            if pid:
                print("kill", names[turn % 4], pid)
                kill(pid)
            wait_until(lambda: hub.run("command", "list", "--limit", 1).returncode == 0, 60, "the database is back")
        hub.heal()
        ends = {number: ended(hub, number, 150) for number in sent}
        tally = {s: sum(1 for c in ends.values() if c["state"] == s) for s in ENDS}
        print(tally, "told:", len(told(dlt_journal)), len(told(modbus_journal)))
        # Each write of a device is one command's: never more than were ordered, and each confirmed one is there.
        for kind, journal in (("dlt", dlt_journal), ("modbus", modbus_journal)):
            lines = told(journal)
            mine = {n: c for n, c in ends.items() if sent[n][0] == kind}
            for name in {sent[n][1] for n in mine}:
                if kind == "dlt":
                    count = sum(1 for text in lines if text.startswith(name))
                else:
                    unit = relays.index(name) + 1
                    count = sum(1 for text in lines if text.split()[1] == str(unit))
                ordered = [c for n, c in mine.items() if sent[n][1] == name]
                confirmed = sum(1 for c in ordered if c["state"] == "confirmed")
                assert confirmed <= count <= len(ordered), (name, confirmed, count, len(ordered))
        assert tally["confirmed"] > len(sent) / 2
        # Set-points have values of their own: each went out at most once.
        values = [tuple(text.split()[1:]) for text in told(modbus_journal)]
        assert len(values) == len(set(values)), "a set-point went out twice"
        # What did not reach its device ended so, with its reason.
        assert all(c["cause"] for c in ends.values() if c["state"] != "confirmed")
