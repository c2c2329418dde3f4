"""Everybody who sends to, asks and is told by one hub while things go wrong, each remembering what it was promised.

    files     a water company's day files, 500 readings each, five a second; taken over into done/ is the promise
    messages  a grid company's MQTT messages at QoS 1; the PUBACK is the promise
    calls     its batches over HTTP under idempotency keys, each with one reading of nobody's meter; the receipt is the promise
    devices   meters that a concentrator instance polls
    hooks     webhooks of the water company, three for each of fifty points, so that five files a second are 750 deliveries a second; what waited
              while something was away comes as fewer and longer ones
"""
import concurrent.futures
import contextlib
import ctypes
import json
import mmap
import os
import socket
import subprocess
import threading

from feeds import csv_instance
from hub import Hub, free_port, wait_until
from recipients import Recipient, Street
from test_command import dlt645, listen, meter, place
from test_kill import FILES_PER_SECOND, MAPPING, METERS, ROWS_OF_METER, Reader, Writer
from test_mqtt import Client, reading

HOOKS_OF_POINT = 3
HOOKS = METERS * HOOKS_OF_POINT
DEVICES = 5
PADDING = 2000
FLOODER = "127.0.0.9"


class Clock:
    """That of all the hub's processes, by a file they look at."""

    def __init__(self, path):
        path.write_bytes(bytes(8))
        path.chmod(0o644)
        self.file = open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 8)

    def set(self, seconds):
        ctypes.c_int64.from_buffer(self.map).value = int(seconds * 1e6)


class Disk:
    """A file system of its own for the hub's data, which can be made as small as what is in it. False where that is not allowed."""

    def __init__(self, path):
        self.path = path
        path.mkdir(mode=0o755)
        self.there = os.geteuid() == 0 and self.mount("-t", "tmpfs", "-o", "size=4g,mode=755", "tmpfs")

    def mount(self, *words):
        return subprocess.run(["mount", *words, self.path], capture_output=True).returncode == 0

    def fill(self):
        """To what is in it, which others make more meanwhile."""
        def shrunk():
            used = os.statvfs(self.path)
            return self.mount("-o", f"remount,size={(used.f_blocks - used.f_bfree) * used.f_frsize}")
        wait_until(shrunk, 30, "the disk is made small")

    def empty(self):
        assert self.mount("-o", "remount,size=4g")

    def end(self):
        if self.there:
            subprocess.run(["umount", "-l", self.path], capture_output=True)


class Hook(Recipient):
    """A webhook that keeps the items, by the entries' ids: what comes again under one counts once."""

    def __init__(self, point):
        super().__init__()
        self.point, self.items, self.repeats = point, {}, 0

    def take(self, headers, body):
        for entry in json.loads(body).get("entries", []):
            self.repeats += entry["id"] in self.items
            assert all(i["point"] == self.point for i in entry["items"]), entry
            self.items[entry["id"]] = [(i["meter"], i["time"], i["value"]) for i in entry["items"]]
        said = super().take(headers, body)
        self.bodies.clear()
        return said

    def readings(self):
        return [item for items in self.items.values() for item in items]


class Messages(threading.Thread):
    """Publishes a reading at a time, padded so that a small journal fills when nobody reads; the client publishes again what was not
    acknowledged."""

    def __init__(self, port, party, token, meter, pause):
        super().__init__(daemon=True)
        self.client, self.meter, self.pause, self.topic = Client(port, party, token), meter, pause, f"hub/v1/{party}/in/day"
        self.client.max_inflight_messages_set(100)
        self.sent, self.ending = 0, threading.Event()

    def run(self):
        while not self.ending.wait(self.pause):
            self.sent += 1
            self.client.publish(self.topic, json.dumps(reading(self.meter, self.sent, f"{self.sent}.5")) + " " * PADDING, qos=1)

    def acknowledged(self):
        return len(self.client.acknowledged)

    def end(self):
        self.ending.set()
        self.join()


class Calls(threading.Thread):
    """Hands in batches under their keys until each is answered; remembers every refusal by its code."""

    def __init__(self, hub, token, meter):
        super().__init__(daemon=True)
        self.hub, self.token, self.meter = hub, token, meter
        self.taken, self.refusals, self.dumb, self.ending = 0, {}, [], threading.Event()

    def batch(self, number):
        return [reading(self.meter, number + 1, f"{number}.25"), reading("nobodys", number + 1, "1")]

    def attempt(self, number):
        try:
            status, body = self.hub.request("/v1/readings", self.token, "POST", self.batch(number), {"Idempotency-Key": f"call-{number}"})
        except OSError:
            return False  # the door itself is away: nothing was promised
        if status == 202:
            assert body["stored"] + body["duplicates"] == 1 and body["quarantined"] == 1, body
            return True
        if isinstance(body, dict) and body.get("code"):
            self.refusals[status, body["code"]] = self.refusals.get((status, body["code"]), 0) + 1
        else:
            self.dumb.append((status, body))
        return False

    def run(self):
        while not self.ending.wait(0.05):
            if self.attempt(self.taken):
                self.taken += 1

    def end(self):
        self.ending.set()
        self.join()


def flood(port, count):
    """So many requests from one address as fast as they are answered, on one connection; the statuses."""
    request = b"GET /v1/health HTTP/1.1\r\nHost: h\r\n\r\n"
    statuses = []
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 10, source_address=(FLOODER, 0)) as s:
        s.settimeout(5)
        while len(statuses) < count:
            s.sendall(request * 20)
            got = b""
            while got.count(b"HTTP/1.1 ") < 20 and (part := s.recv(65536)):
                got += part
            statuses += [int(line[:3]) for line in got.split(b"HTTP/1.1 ")[1:]]
    return statuses


class FaultCity:
    """One hub with everything on it; `begin` starts the load, `end` stops it and says what was sent."""

    def __init__(self, folder):
        self.place = folder
        self.clock, self.disk = Clock(folder / "clock"), Disk(folder / "data")
        self.hub, self.street, self.stack = Hub(folder / "data"), Street(), contextlib.ExitStack()
        self.mqtt_port = free_port()

    def start(self):
        os.environ["HUB_CLOCK_SHIFT"] = str(self.place / "clock")
        self.hub.up("--mqtt-listen", f"127.0.0.1:{self.mqtt_port}", "--mqtt-journal", "512k", "--egress-allow", "127.0.0.0/8")
        self.furnish()

    def furnish(self):
        hub = self.hub
        for code, kind, role in (("water", "utility", "water"), ("grid", "grid", "grid"), ("gas", "utility", "gas"), ("keeper", "operator", "operator")):
            hub.ctl("party", "add", code, "--kind", kind, "--role", role)
        points = "".join(f"P{n:04},water,water\n" for n in range(METERS)) + "M1,water,grid\nC1,water,grid\n"
        hub.ctl("load", "points", "-", input="code,commodity,supplier\n" + points)
        devices = "".join(f"water,W{n:04},P{n:04},2020-01-01T00:00:00Z\n" for n in range(METERS))
        hub.ctl("load", "devices", "-", input="party,meter,point,valid_from\n" + devices +
                "grid,message,M1,2020-01-01T00:00:00Z\ngrid,call,C1,2020-01-01T00:00:00Z\n")
        for code in ("water", "gas"):
            hub.ctl("subscription", "add", code)
        csv_instance(hub, "day-files", "water", self.place / "in", {"mapping": json.dumps(MAPPING)})
        hub.ctl("instance", "add", "grid-mqtt", "--party", "grid", "--adapter", "mqtt_json", "--transport", "kind=journal")
        names = [meter(n + 1) for n in range(DEVICES)]
        place(hub, "poles", names)
        dlt645(hub, "poles", self.stack.enter_context(listen("dlt645", self.place / "told", "--count", DEVICES)), interval=2)
        self.tokens = {code: hub.ctl("party", "token", code).split()[-1] for code in ("water", "grid", "gas", "keeper")}
        self.hooks = [self.street.move_in(Hook(f"P{n % METERS:04}")) for n in range(HOOKS)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            made = list(pool.map(self.subscribe, self.hooks))
        assert {status for status, _ in made} == {201}, made
        wait_until(lambda: hub.sql("select count(*) from delivery_head where state = 'active' and door = 'webhook'")[0][0] == HOOKS, 60, "verified")

    def subscribe(self, hook):
        return self.hub.request("/v1/subscriptions", self.tokens["water"], "POST", {
            "name": f"{hook.point}-{hook.port}", "url": hook.url, "points": [hook.point], "bundle": {"count": 20, "wait": 1}})

    def begin(self):
        self.writer, self.reader = Writer(self.place / "in"), Reader(self.hub, self.tokens["water"])
        self.stranger = Reader(self.hub, self.tokens["gas"])
        self.messages = Messages(self.mqtt_port, "grid", self.hub.ctl("party", "token", "grid", "--mqtt", "--days", "2").strip(), "message", 0.02)
        self.calls = Calls(self.hub, self.tokens["grid"], "call")
        for thread in (self.writer, self.reader, self.stranger, self.messages, self.calls):
            thread.start()

    def end_load(self):
        for thread in (self.writer, self.messages, self.calls):
            thread.end()

    def files(self):
        return len(self.writer.written) // METERS // ROWS_OF_METER

    def files_taken(self):
        done = self.place / "in/done"
        return len(list(done.glob("*.csv*"))) if done.exists() else 0

    def board(self):
        status, body = self.hub.request("/v1/board", self.tokens["keeper"])
        assert status == 200, body
        return body["troubles"]

    def count(self, query):
        """A number of the database. Not by Hub.sql, which for a moment makes all threads the core's user, writers of files too."""
        more = {"user": "uhub", "group": "uhub", "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(["psql", "-h", self.hub.data / "core/pgrun", "-U", "uhub", "-d", "uhub", "-XAtqc", query], capture_output=True,
                              text=True, cwd="/", **more)
        return int(done.stdout) if done.returncode == 0 else 0

    def child_of(self, name):
        """The process of an instance."""
        pids = {}
        for pid in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                words = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
                if words[1:3] == [b"--child", name.encode()] and os.stat(f"/proc/{pid}").st_ino and self.hub.pid("adapterd") == int(
                        open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1]):
                    pids[name] = int(pid)
        return pids.get(name, 0)

    def end(self):
        os.environ.pop("HUB_CLOCK_SHIFT", None)
        for name in ("writer", "calls", "messages", "reader", "stranger"):
            if hasattr(self, name):
                getattr(self, name).end()
        if hasattr(self, "messages"):
            self.messages.client.close()
        self.hub.end()
        self.stack.close()
        self.street.close()
        self.disk.end()
