"""Frames and files in, checked, stored once; every kind of bad input by its own code, with its neighbours stored."""
import json
import os
import subprocess
import time

import pytest

from feeds import (WATER_CSV, connect, csv_instance, dlt645, drop, hours_ago, items, options, party, peek, quarantined,
                   stamp, tcp_instance, wait_items, wait_quarantined)
from hub import kill, wait_until


def test_a_csv_file_and_a_meters_frames_come_out_once_and_only_where_they_belong(hub):
    water = party(hub, "water", ("W1", "water", "7001"))
    grid = party(hub, "grid", ("E1", "electricity", "000012345678"))
    other = party(hub, "other")
    files = hub.data.parent / "in"
    csv_instance(hub, "water-files", "water", files)
    port = tcp_instance(hub, "grid-meters", "grid")
    hours = [hours_ago(n) for n in (5, 4, 3)]
    wait_until(lambda: (files / "done").exists() or connect(port), 30)
    drop(files, "day.csv", "表号,时间,读数\n" + "".join(f"7001,{stamp(t)},{100 + n}.5\n" for n, t in enumerate(hours)))
    with connect(port) as meter:
        meter.sendall(dlt645("000012345678", 123456) + dlt645("000012345678", 123457, "00010100"))
        seen = wait_items(hub, water, 3)
        kwh = wait_items(hub, grid, 2)
    assert [(i["point"], i["meter"], i["value"], i["time"], i["quantity"]) for i in seen] == [
        ("W1", "7001", f"{100 + n}.5", stamp(t), "water_volume") for n, t in enumerate(hours)]
    assert [(i["point"], i["value"], i["unit"], i["quantity"]) for i in kwh] == [
        ("E1", "1234.56", "kWh", "active_energy_import"), ("E1", "1234.57", "kWh", "active_energy_import_t1")]
    assert all("host_time" in i["flags"] for i in kwh)
    time.sleep(0.5)
    assert len(items(hub, water)) == 3 and len(items(hub, grid)) == 2 and items(hub, other) == []
    # the same file again stores nothing, so nobody is told anything
    drop(files, "again.csv", "表号,时间,读数\n" + "".join(f"7001,{stamp(t)},{100 + n}.5\n" for n, t in enumerate(hours)))
    wait_until(lambda: (files / "done" / "again.csv").exists(), 30)
    time.sleep(0.5)
    assert len(items(hub, water)) == 3
    assert hub.sql("select count(*) from reading") == [(5,)]


FRAME = dlt645("000012345678", 100)
BAD_FRAMES = [
    ("truncated", FRAME[:-4], "dlt645.truncated"),
    ("wrong checksum", FRAME[:-2] + bytes([FRAME[-2] ^ 1]) + FRAME[-1:], "dlt645.checksum"),
    ("unknown meter", dlt645("000000009999", 100), "reading.unknown_meter"),
    ("another party's meter", dlt645("000000007001", 100), "reading.wrong_party"),
    ("too long", b"\x68" + FRAME[1:9] + b"\xff" + bytes(255), "dlt645.length"),
]


@pytest.mark.thorough
@pytest.mark.slow
def test_bad_frames_have_their_codes_and_their_neighbours_are_stored(hub):
    party(hub, "water", ("W1", "water", "000000007001"))
    token = party(hub, "grid", ("E1", "electricity", "000012345678"))
    port = tcp_instance(hub, "grid-meters", "grid")
    for n, (name, frame, code) in enumerate(BAD_FRAMES, 1):
        with connect(port) as meter:
            meter.sendall(dlt645("000012345678", 1000 * n) + frame)
        entry = wait_quarantined(hub, 1, "--code", code)[-1]
        assert entry["message"], name
        shown = hub.ctl("quarantine", "show", entry["id"])
        assert code in shown and "original" in shown, name
        # each connection's good frame came through
        values = wait_until(lambda: (got := [i["value"] for i in items(hub, token)]) and len(got) >= n and got, 30, name)
        assert values[-1] == f"{10 * n}.00", name


@pytest.mark.thorough
@pytest.mark.slow
def test_bad_rows_have_their_codes_and_their_neighbours_are_stored(hub):
    party(hub, "gas", ("G1", "gas", "8001"))
    token = party(hub, "water", ("W1", "water", "7001"))
    rows = [
        ("7001", stamp(hours_ago(9)), "10", None),
        ("7001", stamp(hours_ago(8)), "x", "csv.number"),
        ("9999", stamp(hours_ago(8)), "10", "reading.unknown_meter"),
        ("8001", stamp(hours_ago(8)), "10", "reading.wrong_party"),
        ("7001", stamp(hours_ago(-24)), "10", "reading.future"),
        ("7001", "1999-01-01T00:00:00Z", "10", "reading.ancient"),
        ("7001", "yesterday", "10", "csv.time"),
        ("7001", stamp(hours_ago(7)), "11", None),
        ("7001", stamp(hours_ago(6)), "9", None),
        ("7001", stamp(hours_ago(6)), "9", None),
    ]
    file = hub.data.parent / "rows.csv"
    file.write_text("表号,时间,读数\n" + "".join(f"{m},{t},{v}\n" for m, t, v, _ in rows))
    done = hub.run("import", "--adapter", "csv", "--party", "water", "--json", *options(WATER_CSV), file)
    assert done.returncode == 2, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    refused, total = {line["raw"]: line["error"]["code"] for line in lines[:-1]}, lines[-1]
    for m, t, v, code in rows:
        if code:
            assert refused.get(f"{m},{t},{v}") == code, (m, t, v, refused)
    assert total["stored"] == 3 and total["quarantined"] == 6, (total, refused)
    got = [json.loads(line) for line in hub.ctl("readings", "--point", "W1", "--quantity", "water_volume", "--json").splitlines()]
    assert [r["value"] for r in got] == ["10", "11", "9"]
    assert "decrease" in got[2]["flags"]
    (reason,) = got[2]["reasons"]
    assert reason.startswith("9 of ") and "last standing" in reason and reason.endswith("before it was 11")
    assert not any("reasons" in r for r in got[:2])
    assert reason in hub.ctl("readings", "--point", "W1", "--quantity", "water_volume")
    assert [i.get("reasons", []) for i in items(hub, token)] == [[], [], [reason]]
    status, page = hub.request("/v1/readings?point=W1&quantity=water_volume", token)
    assert status == 200 and [r.get("reasons", []) for r in page["readings"]] == [[], [], [reason]]
    trace = hub.ctl("trace", total["trace"])
    assert "refused" in trace and "stored   3" in trace


@pytest.mark.thorough
def test_wrong_unit_empty_and_huge_files(hub):
    party(hub, "water", ("W1", "water", "7001"))
    good = f"表号,时间,读数\n7001,{stamp(hours_ago(2))},10\n"
    cases = [
        ({**WATER_CSV, "unit": "kWh"}, good, "reading.unit"),
        ({**WATER_CSV, "quantity": "nonsense"}, good, None),
        (WATER_CSV, "", "csv.empty"),
        (WATER_CSV, "a,b\n1,2\n", "csv.columns"),
        (WATER_CSV, "表号,时间,读数\n" + "7" * (2 << 20) + "\n", "csv.row_length"),
    ]
    for n, (settings, text, code) in enumerate(cases):
        file = hub.data.parent / f"case{n}.csv"
        file.write_text(text)
        done = hub.run("import", "--adapter", "csv", "--party", "water", *options(settings), file)
        assert done.returncode == 2, (code, done.stdout, done.stderr)
        if code:
            assert code in done.stderr, (code, done.stdout[-300:], done.stderr[-300:])
    assert hub.sql("select count(*) from reading") == [(0,)]


@pytest.mark.thorough
def test_what_was_refused_is_shown_and_replayed_after_the_fix(hub):
    token = party(hub, "water", ("W1", "water", "7001"))
    file = hub.data.parent / "rows.csv"
    file.write_text(f"表号,时间,读数\n7002,{stamp(hours_ago(2))},42.5\n")
    assert hub.run("import", "--adapter", "csv", "--party", "water", *options(WATER_CSV), file).returncode == 2
    (entry,) = quarantined(hub)
    assert entry["code"] == "reading.unknown_meter" and entry["field"] == "meter"
    assert "7002" in hub.ctl("quarantine", "show", entry["id"])
    again = hub.run("quarantine", "replay", entry["id"])
    assert again.returncode == 2 and "unknown_meter" in again.stdout
    hub.ctl("point", "add", "W2", "--commodity", "water", "--supplier", "water")
    hub.ctl("point", "bind", "W2", "--party", "water", "--meter", "7002")
    assert "1 replayed" in hub.ctl("quarantine", "replay", "--all", "--code", "reading.unknown_meter")
    (item,) = wait_items(hub, token, 1)
    assert (item["point"], item["value"]) == ("W2", "42.5")
    assert quarantined(hub) == []
    assert quarantined(hub, "--all")[0]["state"] == "replayed"
    assert hub.run("quarantine", "replay", entry["id"]).returncode == 1


@pytest.mark.thorough
@pytest.mark.slow
def test_hubd_killed_in_the_middle_loses_and_doubles_nothing(hub):
    token = party(hub, "grid", ("E1", "electricity", "000012345678"))
    port = tcp_instance(hub, "grid-meters", "grid")
    total = 400
    with connect(port) as meter:
        for n in range(total):
            meter.sendall(dlt645("000012345678", 100 + n))
            time.sleep(0.005)
            if n in (100, 200, 300):
                pid = wait_until(lambda: hub.pid("hubd"), 20)
                kill(pid)
                wait_until(lambda: hub.pid("hubd") not in (0, pid), 30)
        wait_until(lambda: hub.sql("select count(distinct digits) from reading") == [(total,)], 60, "all readings are stored")
    # frames that came at one moment have one time, and are versions of one another
    assert hub.sql("select count(*) from reading") == [(total,)]
    assert hub.sql("select count(*) from quarantine") == [(0,)]
    wait_until(lambda: peek(hub, token)["last"] and len({i["value"] for i in items(hub, token)}) == total, 30)
    got = [i["value"] for i in items(hub, token)]
    assert len(got) == len(set(got)) == total


@pytest.mark.thorough
@pytest.mark.skipif(os.geteuid() != 0, reason="needs the two system users")
def test_the_outer_zones_user_reads_no_stored_reading(hub):
    party(hub, "water", ("W1", "water", "7001"))
    run = hub.data / "core" / "pgrun"
    for command in (["psql", "-h", str(run), "-U", "uhub", "-c", "select * from reading", "uhub"], ["ls", str(hub.data / "core")],
                    ["psql", "-h", str(run), "-U", "uhub-dmz", "-c", "select 1", "uhub"]):
        done = subprocess.run(["runuser", "-u", "uhub-dmz", "--", *command], capture_output=True, text=True, timeout=30)
        assert done.returncode != 0, command
        assert "(1 row)" not in done.stdout
