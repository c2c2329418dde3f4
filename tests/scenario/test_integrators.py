"""docs/integrators.md is true: its blocks run as they stand, one after the other, against a real hub.

The convention: blocks fenced as ```sh are run by bash with -eu in an empty directory, in their order; ```python blocks are files,
named by their first line; a ```text block says what the ```sh block before it prints, where … stands for anything within a line;
blocks fenced otherwise are only shown. The sending half ends at the heading "## Receiving"; each half has a hub of its own.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest

import feeds
from hub import ROOT, Hub, directory, free_port
from test_webhook import send

GUIDE = ROOT / "docs/integrators.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
STORED = "# something is stored\n"
RECEIVING = "\n## Receiving\n"


def run(hub, script, folder, environment):
    """In pieces, with something stored in between where the guide says so."""
    for i, piece in enumerate(script.split(STORED)):
        if i:
            send(hub, 1)
        done = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", piece], cwd=folder, env=environment, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=open(folder / "out.log", "ab"), stderr=subprocess.STDOUT)
        assert done.returncode == 0, f"{piece}\n{(folder / 'out.log').read_text()[-3000:]}"


def test_the_receiving_half(cold_hub, tmp_path):
    hub = cold_hub
    hub.minute = 0
    hub.up("--egress-allow", "127.0.0.0/8")
    hub.ctl("party", "add", "water")
    hub.ctl("point", "add", "W1", "--commodity", "water", "--supplier", "water")
    hub.ctl("point", "bind", "W1", "--party", "water", "--meter", "0001")
    hub.token = hub.ctl("party", "token", "water").strip()
    day = feeds.stamp(datetime.now(timezone.utc) - timedelta(days=1))
    environment = dict(os.environ, HUB=hub.url, TOKEN=hub.token, WEBHOOK=f"http://127.0.0.1:{free_port()}/hub", DAY=day,
                       PATH=f"{pathlib.Path(sys.executable).parent}:/usr/bin:{os.environ['PATH']}")
    blocks = BLOCK.findall(GUIDE.read_text().partition(RECEIVING)[2])
    assert [kind for kind, text in blocks].count("sh") >= 6
    try:
        for kind, text in blocks:
            if kind == "python":
                (tmp_path / re.match(r"# (\S+\.py)\n", text)[1]).write_text(text)
            elif kind == "sh":
                run(hub, text, tmp_path, environment)
    finally:
        pid = tmp_path / "receive.pid"
        if pid.exists():
            subprocess.run(["kill", pid.read_text().strip()], stderr=subprocess.DEVNULL)
    assert (tmp_path / "taken.jsonl").read_text().count("\n") >= 2


MARK = "\x1e"


def sending_blocks():
    """[(commands, what they print or None)]"""
    found = []
    for kind, text in BLOCK.findall(GUIDE.read_text().partition(RECEIVING)[0]):
        if kind == "sh":
            found.append([text, None])
        elif kind == "text":
            assert found and found[-1][1] is None, "a ```text block follows the ```sh block that prints it"
            found[-1][1] = text
    return found


def matches(expected, printed):
    pattern = ".*".join(re.escape(part) for part in expected.strip().split("…"))
    return re.fullmatch(pattern, printed.strip())


@pytest.fixture(scope="module")
def host():
    with directory() as place:
        hub = Hub(place / "data")
        party, mqtt = free_port(), free_port()
        hub.arguments += ["--party-listen", f"127.0.0.1:{party}", "--mqtt-tls-listen", f"127.0.0.1:{mqtt}"]
        try:
            hub.up()
            (place / "bin").mkdir()
            wrapper = place / "bin" / "hubctl"
            wrapper.write_text(f'#!/bin/sh\nexec {hub.bin}/hubctl --data {hub.data} "$@"\n')
            wrapper.chmod(0o755)
            (place / "work").mkdir(mode=0o755)
            hub.work = place / "work"
            hub.shell = {**os.environ, "PATH": f"{place}/bin:{os.environ['PATH']}", "HUB": f"https://localhost:{party}",
                         "MQTT_HOST": "localhost", "MQTT_PORT": str(mqtt), "HUB_DATA": str(hub.data),
                         "LC_ALL": "C.UTF-8"}
            yield hub
        finally:
            hub.end()


NEEDED = [tool for tool in ("curl", "jq", "openssl", "mosquitto_pub") if not shutil.which(tool)]


@pytest.mark.thorough
@pytest.mark.skipif(bool(NEEDED), reason=f"no {' '.join(NEEDED)}")
def test_the_sending_half(host):
    guide = sending_blocks()
    assert len(guide) >= 9 and sum(expected is not None for _, expected in guide) >= 6
    script = "".join(f"{commands}\nprintf '{MARK}'\n" for commands, _ in guide)
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=host.work, env=host.shell, capture_output=True, text=True,
                          timeout=180)
    printed = done.stdout.split(MARK)
    for n, (commands, expected) in enumerate(guide):
        assert n < len(printed) - 1, f"it ended in:\n{commands}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        assert expected is None or matches(expected, printed[n]), f"{commands}\nprints\n{printed[n]}\nand not\n{expected}"
    assert done.returncode == 0, done.stderr
