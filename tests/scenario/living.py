"""A small city that lives: made as quickstart makes it, by its own scripts, with every simulated device and party beside it."""
import contextlib
import json
import os
import random
import socket
import subprocess
import time

from hub import ROOT, Hub, directory, free_port, wait_until

HOMES = 32


def is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_base():
    """A number to which the devices' ports are added."""
    while True:
        base = random.randrange(20000, 28000, 10)
        if all(is_free(base + port) for port in (25, 645, 188, 189, 502)):
            return base


@contextlib.contextmanager
def living_city(homes=HOMES, months=1, seed=5, faults="", between=lambda hub: None):
    """between: what is done between the history and the life that goes on with it."""
    with directory() as place:
        hub = Hub(place / "data")
        hub.environment = {**os.environ, "HUB_HTTP_PORT": str(hub.port), "HUB_CITY_PACE": "2", "HUB_CHARGER_PORT": str(free_port()), "HUB_PUBLIC_PORT": str(free_port()), "HUB_MQTT_PORT": str(free_port()),
                           "HUB_PARTY_PORT": str(free_port()), "PATH": f"{hub.bin}:{os.environ['PATH']}"}
        hub.data.mkdir()
        conf = subprocess.run([ROOT / "scripts/city-conf", hub.data, str(homes), str(free_base())], env=hub.environment, capture_output=True,
                              text=True, check=True).stdout
        (hub.data / "hub.conf").write_text(conf)
        try:
            hub.up()
            hub.said = hub.ctl("city", "make", "--homes", homes, "--months", months, "--seed", seed, "--faults", faults)
            between(hub)
            begin(hub)
            yield hub
        finally:
            hub.end()


def begin(hub):
    """The devices and parties speak from now on; again is fine."""
    done = subprocess.run([ROOT / "scripts/city-live", hub.data], env=hub.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def registers(hub, point, quantity):
    """What a point's register said, oldest first."""
    told = hub.ctl("readings", "--point", point, "--quantity", quantity, "--from", day(-1), "--to", day(2), "--json")
    return [r for r in map(json.loads, told.splitlines()) if r["kind"] == "register"]


def day(off):
    return time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + off * 86400))


__all__ = ["HOMES", "begin", "living_city", "registers", "wait_until"]
