"""Senders and readers for the scenarios: meters' frames by an encoder of our own, files, the pull door."""
import datetime
import shutil
import socket
import os

from hub import free_port, wait_until


def stamp(when):
    return when.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def hours_ago(n):
    now = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
    return now - datetime.timedelta(hours=n)


def dlt645(address, hundredths, identifier="00010000"):
    """An answer of DL/T 645-2007 (clause 5, 7.1): a register of four BCD bytes, low byte first, each plus 33H."""
    data = bytes.fromhex(identifier)[::-1] + bytes.fromhex(f"{hundredths:08d}")[::-1]
    body = b"\x68" + bytes.fromhex(address)[::-1] + b"\x68\x91" + bytes([len(data)]) + bytes((b + 0x33) & 0xFF for b in data)
    return body + bytes([sum(body) & 0xFF, 0x16])


def party(hub, code, *points):
    """A utility with a token, a subscription to everything, and points (code, commodity, meter) that it supplies."""
    hub.ctl("party", "add", code)
    for point, commodity, meter in points:
        hub.ctl("point", "add", point, "--commodity", commodity, "--supplier", code)
        hub.ctl("point", "bind", point, "--party", code, "--meter", meter, "--modulus", "1000000")
    hub.ctl("subscription", "add", code)
    return hub.ctl("party", "token", code).strip()


WATER_CSV = {"meter_column": "表号", "time_column": "时间", "value_column": "读数", "quantity": "water_volume", "unit": "m3",
             "kind": "register", "zone": "UTC"}


def options(settings):
    return [word for key, value in settings.items() for word in ("--option", f"{key}={value}")]


def csv_instance(hub, name, owner, directory, settings=None):
    directory.mkdir()
    if os.geteuid() == 0:
        shutil.chown(directory, "uhub-dmz", "uhub-dmz")
    hub.ctl("instance", "add", name, "--party", owner, "--adapter", "csv", *options(settings or WATER_CSV),
            "--transport", "kind=directory", "--transport", f"path={directory}")


def drop(directory, name, text):
    """As a careful sender does: written beside, then moved in."""
    beside = directory.parent / f".{name}.part"
    beside.write_text(text)
    if os.geteuid() == 0:
        shutil.chown(beside, "uhub-dmz", "uhub-dmz")
    beside.rename(directory / name)


def tcp_instance(hub, name, owner):
    port = free_port()
    hub.ctl("instance", "add", name, "--party", owner, "--adapter", "dlt645", "--option", "interval=0",
            "--transport", "kind=tcp_server", "--transport", f"listen=127.0.0.1:{port}", "--promise", "journalled")
    return port


def connect(port, deadline=30):
    def attempt():
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            return None
    return wait_until(attempt, deadline, f"a listener at {port}")


def peek(hub, token, after=0, limit=1000):
    status, body = hub.request(f"/v1/feed?after={after}&limit={limit}", token)
    assert status == 200, body
    return body


def items(hub, token, after=0):
    """All of them: a page ends where its time ends, which on a busy machine is anywhere."""
    found, more = [], True
    while more:
        page = peek(hub, token, after)
        found += [item for entry in page["entries"] for item in entry["items"]]
        more, after = after < page["next"] < page["last"], page["next"]
    return found


def wait_items(hub, token, count, deadline=30):
    return wait_until(lambda: (got := items(hub, token)) and len(got) >= count and got, deadline, f"{count} items at the door")


def quarantined(hub, *words):
    import json
    return [json.loads(line) for line in hub.ctl("quarantine", "list", "--json", *words).splitlines()]


def wait_quarantined(hub, count, *words, deadline=30):
    return wait_until(lambda: (got := quarantined(hub, *words)) and len(got) >= count and got, deadline,
                      f"{count} entries in quarantine")
