"""Two cores, and commits that end in another order than they began: a reader who goes on from the last position
it saw misses nothing."""
import json
import os
import pathlib
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from hub import wait_until

HOLD = """
create function hold_commit() returns trigger language plpgsql as $$
begin
	if new.source = 'slow' then perform pg_sleep(1.5); end if;
	return new;
end $$;
create constraint trigger hold_commit after insert on receipt deferrable initially deferred
	for each row execute function hold_commit();
"""
MAPPING = {"meter_column": "meter", "time_column": "time", "value_column": "value", "quantity": "water_volume",
           "unit": "m3", "kind": "register"}
ROUNDS = 5


@pytest.fixture
def second_core(hub):
    """Another hubd with the first one's arguments, under its user."""
    words = pathlib.Path(f"/proc/{hub.pid('hubd')}/cmdline").read_bytes().split(b"\0")[:-1]
    words[0] = os.fsencode(hub.bin / "hubd")
    as_core = ["runuser", "-u", "uhub", "--"] if os.geteuid() == 0 else []
    with open(hub.data.parent / "second.log", "wb") as log:
        process = subprocess.Popen([*as_core, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    yield process
    process.terminate()
    process.wait(20)


def cores(hub):
    """The hubd processes that hold a connection to the database, by the sockets' peers."""
    connected = set()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip() != "hubd":
                continue
            sockets = {os.readlink(fd)[8:-1] for fd in (process / "fd").iterdir() if os.readlink(fd).startswith("socket:")}
        except OSError:
            continue
        parent = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
        connected |= {int(process.name), parent} if len(sockets) > 4 else set()
    return connected


def drop(folder, number, meter):
    at = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=2) + timedelta(minutes=number)
    hidden = folder / f".{number}.tmp"
    hidden.write_text(f"meter,time,value\n{meter},{at:%Y-%m-%dT%H:%M:%SZ},{number}.5\n")
    hidden.chmod(0o644)
    hidden.rename(folder / f"{number}.csv")


@pytest.mark.thorough
@pytest.mark.slow
def test_commits_in_reverse_order_are_not_missed(hub, place_for_zone, second_core):
    hub.ctl("party", "add", "water", "--kind", "utility")
    hub.ctl("subscription", "add", "water")
    folders = {}
    for name in ("slow", "fast"):
        folders[name] = place_for_zone(name)
        hub.ctl("point", "add", f"P-{name}", "--commodity", "water", "--supplier", "water")
        hub.ctl("point", "bind", f"P-{name}", "--party", "water", "--meter", f"M-{name}", "--from", "2020-01-01T00:00:00Z")
        hub.ctl("instance", "add", name, "--party", "water", "--adapter", "csv", "--option", f"mapping={json.dumps(MAPPING)}",
                "--transport", "kind=directory", "--transport", f"path={folders[name]}", "--transport", "pattern=*.csv")
    token = hub.ctl("party", "token", "water").split()[-1]
    hub.sql(HOLD)
    assert second_core.poll() is None
    wait_until(lambda: {hub.pid("hubd"), second_core.pid} <= cores(hub), what="two cores are connected")
    seen, last = [], 0

    def read():
        nonlocal last
        status, page = hub.request(f"/v1/feed?after={last}", token=token)
        assert status == 200, page
        for entry in page["entries"]:
            assert entry["position"] > last
            seen.extend((item["meter"], item["value"]) for item in entry["items"])
            last = entry["position"]
        return len(page["entries"])

    holding = "select 1 from pg_stat_activity where wait_event = 'PgSleep'"
    for number in range(ROUNDS):
        drop(folders["slow"], number, "M-slow")
        wait_until(lambda: hub.sql(holding), what="the slow commit is under way")
        drop(folders["fast"], number, "M-fast")
        wait_until(lambda: read() or ("M-fast", f"{number}.5") in seen, what="the fast one is read")
        assert ("M-slow", f"{number}.5") not in seen, "the slow one is still being committed"
        wait_until(lambda: read() or ("M-slow", f"{number}.5") in seen, what="the slow one is read, though it began first")
    assert len(seen) == len(set(seen)) == 2 * ROUNDS
    assert last == 2 * ROUNDS, "positions have no gaps"
