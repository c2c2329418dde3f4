"""docs/integrators.md is true: its blocks run as they stand, one after the other, against a real hub."""
import os
import pathlib
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import feeds
from hub import ROOT, free_port
from test_webhook import send

GUIDE = ROOT / "docs/integrators.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
STORED = "# something is stored\n"


def run(hub, script, folder, environment):
    """In pieces, with something stored in between where the guide says so."""
    for i, piece in enumerate(script.split(STORED)):
        if i:
            send(hub, 1)
        done = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", piece], cwd=folder, env=environment, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=open(folder / "out.log", "ab"), stderr=subprocess.STDOUT)
        assert done.returncode == 0, f"{piece}\n{(folder / 'out.log').read_text()[-3000:]}"


def test_the_guide(cold_hub, tmp_path):
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
    blocks = BLOCK.findall(GUIDE.read_text())
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
