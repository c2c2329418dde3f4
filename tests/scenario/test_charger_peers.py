"""Charge points that nobody here wrote, and sessions that really happened."""
import datetime
import gzip
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from hub import ROOT, free_port, kill, wait_until
from station import Closed, Station
from test_charger import equip, join, sessions

FULL = os.environ.get("HUB_TEST_FORM") == "full"
DATA = pathlib.Path(os.environ.get("HUB_REFERENCE_DATA", ROOT.parent / "shared"))
pytestmark = pytest.mark.skipif(not FULL, reason="the long form (HUB_TEST_FORM=full)")


@pytest.fixture
def door(cold_hub):
    cold_hub.charger_port = free_port()
    cold_hub.up("--charger-plain", f"127.0.0.1:{cold_hub.charger_port}")
    return cold_hub


def test_ocpp_rpc_finds_nothing_to_complain_of(door, tmp_path):
    if not shutil.which("npm"):
        pytest.skip("no npm")
    made = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "ocpp-rpc@2"], cwd=tmp_path, capture_output=True, timeout=180)
    if made.returncode:
        pytest.skip("npm's registry cannot be reached")
    door.words = equip(door, ["PEER"])
    ready = join(door, "PEER")
    wait_until(lambda: ready.call("Authorize", {"idTag": "GOOD"})["idTagInfo"]["status"] == "Accepted", 20, "the tag is known")
    ready.close()
    script = tmp_path / "peer.js"
    shutil.copy(pathlib.Path(__file__).parent / "peers/ocpp_rpc.js", script)
    done = subprocess.run(["node", script, f"ws://127.0.0.1:{door.charger_port}/ocpp", "PEER", door.words["PEER"]], cwd=tmp_path,
                          capture_output=True, text=True, timeout=60)
    seen = json.loads(done.stdout)
    assert "failed" not in seen and seen["strict"] == [], seen
    assert seen["protocol"] == "ocpp1.6" and seen["boot"]["status"] == "Accepted"
    assert seen["taken_over"] == 1008
    assert seen["errors"] == {"unknown": "NotImplemented", "central": "NotSupported", "missing": "OccurenceConstraintViolation",
                              "type": "TypeConstraintViolation", "word": "PropertyConstraintViolation"}
    wait_until(lambda: [s for s in sessions(door, "PEER") if not s["problem"]], 20)
    assert sessions(door, "PEER")[0]["energy_wh"] == 3000


def acn():
    """Sessions of public stations: station, start, end, Wh; those that overlap at a station are its next connector's."""
    rows = []
    for path in sorted((DATA / "data/ev").rglob("*sessions*.json.gz")):
        with gzip.open(path, "rt") as f:
            rows += json.load(f)
    stamp = lambda text: datetime.datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT")
    kept = [(r["stationID"], stamp(r["connectionTime"]), stamp(r["disconnectTime"]), round(r["kWhDelivered"] * 1000)) for r in rows]
    return sorted(kept, key=lambda r: (r[0], r[1]))


def test_sessions_of_public_stations_are_replayed(door):
    rows = acn()
    if not rows:
        pytest.skip("no reference data")
    rows = rows[:2000]
    names = sorted({r[0] for r in rows})
    door.words = equip(door, names, since="2015-01-01")
    for name in names:
        station = join(door, name)
        wh, last = 0, None
        for number, (_, begin, end, used) in enumerate(r for r in rows if r[0] == name):
            begin = max(begin, last + datetime.timedelta(seconds=1)) if last else begin
            end = max(end, begin + datetime.timedelta(seconds=2))
            last = end
            text = lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ")

            def insist(action):
                nonlocal station
                while True:
                    try:
                        return action(station)
                    except (Closed, OSError):
                        station.close()
                        station = join(door, name)
            transaction = insist(lambda s: s.start("GOOD", wh, text(begin), number=f"s{number}"))["transactionId"]
            insist(lambda s: s.meter(transaction, wh + used // 2, text(begin + (end - begin) / 2), number=f"m{number}"))
            insist(lambda s: s.stop(transaction, wh + used, text(end), number=f"e{number}"))
            wh += used
        station.close()
        if names.index(name) in (len(names) // 3, 2 * len(names) // 3):
            victim = "adapterd" if names.index(name) == len(names) // 3 else "hubd"
            kill(door.pid(victim))
            wait_until(lambda: door.pid(victim), 30, f"{victim} runs again")
    total = lambda: door.sql("select count(*), coalesce(sum(energy_wh), 0), count(distinct (station, transaction)) "
                             "from charging_session where problem = ''")[0]
    wait_until(lambda: total()[0] >= len(rows), 120, "every session is stored")
    count, energy, distinct = total()
    assert count == len(rows) == distinct
    assert energy == sum(r[3] for r in rows)
