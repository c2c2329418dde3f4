"""Whatever is killed, whenever: what a sender was promised is stored once, and a reader gets what is stored.

A water company's day files go into a watched directory at more than 2,000 readings a second; a file in `done/`
is the promise. The company's own reader pulls its feed meanwhile. One process after the other gets SIGKILL.
"""
import json
import os
import pathlib
import random
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

from hub import descendants, kill, wait_until

METERS = 50
ROWS_OF_METER = 10
FILES_PER_SECOND = 5
KILLS = 20 if os.environ.get("HUB_TEST_FORM") == "full" else 2
BEGIN = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=200)
MAPPING = {"meter_column": "meter", "time_column": "time", "value_column": "value", "quantity": "water_volume",
           "unit": "m3", "kind": "interval", "stamp": "end", "interval": 1}


def moment(number):
    return BEGIN + timedelta(minutes=number)


class Writer(threading.Thread):
    """Drops files of 500 readings, renamed into place; remembers what it wrote."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.written, self.ending = folder, {}, threading.Event()

    def run(self):
        number, begun = 0, time.monotonic()
        while not self.ending.wait(max(0, begun + (number + 1) / FILES_PER_SECOND - time.monotonic())):
            rows = ["meter,time,value"]
            for row in range(ROWS_OF_METER):
                at = moment(number * ROWS_OF_METER + row + 1).strftime("%Y-%m-%dT%H:%M:%SZ")
                for meter in range(METERS):
                    value = f"{(number * 7 + row + meter) % 100}.{meter % 10}"
                    rows.append(f"W{meter:04},{at},{value}")
                    self.written[f"W{meter:04}", at] = value
            hidden = self.folder / f".day-{number:05}.tmp"
            hidden.write_text("\n".join(rows) + "\n")
            hidden.chmod(0o644)
            hidden.rename(self.folder / f"day-{number:05}.csv")
            number += 1

    def end(self):
        self.ending.set()
        self.join()


class Reader(threading.Thread):
    """Pulls its feed by position and keeps every reading it was shown, by position."""

    def __init__(self, hub, token):
        super().__init__(daemon=True)
        self.hub, self.token, self.ending = hub, token, threading.Event()
        self.seen, self.acknowledged, self.wrong, self.trouble = {}, 0, [], None

    def ask(self, *more, **words):
        try:
            status, body = self.hub.request(*more, token=self.token, **words)
        except OSError as e:
            self.trouble = f"{more[0]}: {e!r}"
            return None
        if status in (502, 503):
            self.trouble = f"{more[0]}: {status} {body}"
            return None
        if status != 200:
            self.wrong.append((status, body))
            return None
        return body

    def turn(self):
        page = self.ask(f"/v1/feed?after={self.acknowledged}&limit=20")
        if not page or page["next"] == self.acknowledged:
            return page
        for entry in page["entries"]:
            self.seen[entry["position"]] = [(i["meter"], i["time"], i["value"]) for i in entry["items"]]
        if self.ask("/v1/feed/dequeue", method="POST", body={"position": page["next"]}):
            self.acknowledged = page["next"]
        return page

    def run(self):
        while not self.ending.is_set():
            page = self.turn()
            if not page or page["next"] == page["last"]:
                self.ending.wait(0.05)

    def end(self):
        self.ending.set()
        self.join()


def children_of_adapterd(hub):
    return descendants(hub.pid("adapterd")) if hub.pid("adapterd") else []


def victims(hub):
    return {"hubd": lambda: hub.pid("hubd"), "adapterd": lambda: hub.pid("adapterd"), "dmzd": lambda: hub.pid("dmzd"),
            "postgres": lambda: hub.pid("postgres"), "child": lambda: (children_of_adapterd(hub) or [0])[0]}


def kill_all(hub, seed):
    chance = random.Random(seed)
    rounds = [name for name in victims(hub) for _ in range(KILLS)]
    chance.shuffle(rounds)
    for name in rounds:
        pid = wait_until(victims(hub)[name], 30, f"{name} runs")
        time.sleep(chance.uniform(0.05, 0.6))
        try:
            kill(pid)
        except ProcessLookupError:
            continue


def setup_city(hub, folder):
    hub.ctl("party", "add", "water", "--kind", "utility", "--name-zh", "自来水公司")
    hub.ctl("party", "add", "gas", "--kind", "utility", "--name-zh", "燃气公司")
    for meter in range(METERS):
        hub.ctl("point", "add", f"P{meter:04}", "--commodity", "water", "--supplier", "water")
        hub.ctl("point", "bind", f"P{meter:04}", "--party", "water", "--meter", f"W{meter:04}", "--from", "2020-01-01T00:00:00Z")
    for party in ("water", "gas"):
        hub.ctl("subscription", "add", party)
    hub.ctl("instance", "add", "day-files", "--party", "water", "--adapter", "csv", "--option",
            f"mapping={json.dumps(MAPPING)}", "--transport", "kind=directory", "--transport", f"path={folder}",
            "--transport", "pattern=*.csv")
    return [hub.ctl("party", "token", party).split()[-1] for party in ("water", "gas")]


@pytest.mark.thorough
@pytest.mark.slow
def test_what_was_promised_is_stored_once_and_handed_out(hub, place_for_zone):
    folder = place_for_zone("in")
    water, gas = setup_city(hub, folder)
    writer, reader, stranger = Writer(folder), Reader(hub, water), Reader(hub, gas)
    seed = int(time.time())
    print(f"seed {seed}")
    begun = time.monotonic()
    for thread in (writer, reader, stranger):
        thread.start()
    try:
        kill_all(hub, seed)
    finally:
        writer.end()
        lasted = time.monotonic() - begun
    hub.heal()
    files = len(writer.written) // METERS // ROWS_OF_METER
    done = lambda: len(list((folder / "done").glob("*.csv*"))) if (folder / "done").exists() else 0
    try:
        wait_until(lambda: done() >= files, 120, f"all {files} files are taken")
        wait_until(lambda: not hub.sql("select 1 from announcement limit 1"), 30, "everything is numbered")
        last = hub.sql("select coalesce(max(f.position), 0) from feed f join party p on p.id = f.party where p.code = 'water'")[0][0]
        try:
            wait_until(lambda: reader.acknowledged >= last, 60)
        except AssertionError:
            raise AssertionError(f"the reader is at {reader.acknowledged} of {last}; alive: {reader.is_alive()}; "
                                 f"wrong: {reader.wrong[:3]}; last trouble: {reader.trouble}") from None
    finally:
        reader.end()
        stranger.end()
    rows = hub.sql("""select d.meter, to_char(r.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), r.digits, r.scale, r.version
        from reading r join installation i on i.point = r.point join device d on d.id = i.device""")
    stored = {(meter, at): f"{digits // 10 ** scale}.{digits % 10 ** scale:0{scale}}" for meter, at, digits, scale, _ in rows}
    handed = [item for position in sorted(reader.seen) for item in reader.seen[position]]
    print(f"{len(writer.written)} readings in {lasted:.0f} s ({len(writer.written) / lasted:.0f}/s), "
          f"{KILLS} kills each of {', '.join(victims(hub))}")
    assert not reader.wrong and not stranger.wrong
    assert all(version == 0 for *_, version in rows) and len(rows) == len(stored), "nothing twice"
    assert stored == writer.written, "what was promised is stored"
    assert len(handed) == len({(m, t) for m, t, _ in handed}), "nothing handed out twice"
    assert {(m, t): v for m, t, v in handed} == stored, "the door handed out what is stored"
    assert not any(stranger.seen.values()), "nobody else got anything"
    assert len(writer.written) / lasted >= 2000
