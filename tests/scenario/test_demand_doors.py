"""One event of demand response over every door that its resources have: Modbus, OCPP, MQTT, and a provider's scheme; one in ten refuses."""
import datetime
import json
import threading
import traceback

import pytest

import feeds
from charge_point import ChargePoint
from home_gateway import HomeGateway
from hub import Hub, directory, free_port, wait_until
from test_charger import join
from test_command import trace
from test_demand import MAP, city as buildings, report, stamp

BUILDINGS, CHARGERS, ROOMS, PROVIDERS = 8, 8, 10, 2
NATURAL = {"b": 20000, "C": 22000, "r": 6000, "v": 40000}  # W
MOST = {"b": 10, "C": 10, "r": 3, "v": 20}  # kW
COST = {"r": 1, "v": 2, "C": 3, "b": 4}
BAD = ["b3", "C3", "r3"]  # called first; one refuses at each door that can be refused at
CONTROL = {"b": "set_point", "C": "charger_limit", "r": "set_point", "v": "scheme"}
KIND = {"b": "building", "C": "charger", "r": "gateway", "v": "provider"}
TARGET, SETTLE, LENGTH = 170, 12, 55  # kW, s, s
OWNER = {"b": "grid", "C": "evco", "r": "home", "v": "cloud"}


def utc():
    return datetime.datetime.now(datetime.timezone.utc)


def names(letter):
    count = {"b": BUILDINGS, "C": CHARGERS, "r": ROOMS, "v": PROVIDERS}[letter]
    return [f"{letter}{i}" for i in range(count)]


def reading(name, watts, when):
    charger = name[0] == "C"
    return {"meter": name, "channel": "1" if charger else "", "quantity": "ev_power" if charger else "active_power", "kind": "instant",
            "unit": "kW", "value": f"{watts / 1000:.3f}", "time": stamp(when)}


class Provider:
    """It reads its schemes from its feed, and does what they say in its own way: here at once."""

    def __init__(self, hub, token):
        self.hub, self.token, self.limits, self.schemes, self.position = hub, token, {}, [], 0

    def look(self):
        """Page by page, as far as there is something."""
        page = {"next": self.position, "last": self.position + 1}
        while page["next"] < page["last"]:
            page = feeds.peek(self.hub, self.token, self.position)
            if page["next"] == self.position:
                break
            self.position = page["next"]
            for item in (i for entry in page["entries"] for i in entry["items"]):
                if item.get("type") == "event" and item["body"]["code"] == "demand.scheme":
                    self.obey(item["point"], item["body"])

    def obey(self, point, scheme):
        self.schemes.append((point, scheme))
        self.limits[point] = NATURAL["v"] if scheme["cleared"] else int(scheme["details"]["limit_w"])

    def report(self):
        status, receipt = self.hub.request("/v1/readings", self.token, "POST", [
            reading(n, min(NATURAL["v"], self.limits.get(f"p-{n}", NATURAL["v"])), utc()) for n in names("v")])
        assert status == 202, receipt


class Car:
    """A station that charges as its profile lets it, or refuses every profile."""

    def __init__(self, hub, name):
        self.point = ChargePoint(join(hub, name))
        if name in BAD:
            self.point.rules["SetChargingProfile"] = {"status": "Rejected"}

    def report(self):
        watts = min(NATURAL["C"], self.point.limits.get(1, NATURAL["C"]))
        self.point.call("MeterValues", {"connectorId": 1, "meterValue": [{"timestamp": stamp(utc()), "sampledValue": [
            {"value": str(int(watts)), "measurand": "Power.Active.Import", "unit": "W"}]}]})


def furnish(hub, address):
    for party, kind in (("grid", ""), ("evco", "charging"), ("home", ""), ("cloud", "")):
        hub.ctl("party", "add", party, *(["--kind", kind] if kind else []))
    hub.ctl("instance", "add", "chargers", "--party", "evco", "--adapter", "ocpp16", "--promise", "journalled", "--transport", "kind=websocket")
    hub.ctl("instance", "add", "home-mqtt", "--party", "home", "--adapter", "mqtt_json", "--option", "commands=r*", "--transport", "kind=journal")
    folder = hub.data.parent
    everyone = [n for letter in "brv" for n in names(letter)]
    (folder / "points.csv").write_text("code,commodity,zone,operator,supplier\n" + "".join(
        f"p-{n},electricity,Asia/Shanghai,grid,{OWNER[n[0]]}\n" for n in everyone))
    (folder / "devices.csv").write_text("party,meter,point,valid_from,modulus\n" + "".join(
        f"{OWNER[n[0]]},{n},p-{n},2023-01-01T00:00:00Z,1000000\n" for n in everyone))
    hub.ctl("load", "points", folder / "points.csv")
    hub.ctl("load", "devices", folder / "devices.csv")
    hub.words = {}
    for n in names("C"):
        hub.ctl("point", "add", f"p-{n}", "--commodity", "ev", "--owner", "evco", "--operator", "grid", "--supplier", "evco")
        hub.ctl("charger", "add", n, "--party", "evco", "--instance", "chargers", "--point", f"p-{n}", "--profile", "1", "--from", "2023-01-01")
        hub.words[n] = hub.ctl("charger", "password", n).strip()
    (folder / "building.json").write_text(MAP)
    (folder / "units").write_text("".join(f"{i + 1}={n}\n" for i, n in enumerate(names("b"))))
    for file in ("building.json", "units"):
        (folder / file).chmod(0o644)
    hub.ctl("instance", "add", "buildings", "--party", "grid", "--adapter", "modbus", "--option", f"map={folder / 'building.json'}",
            "--option", f"devices=@{folder / 'units'}", "--transport", "kind=tcp_client", "--transport", f"dial={address}", "--promise", "journalled")
    hub.ctl("demand", "programme", "summer", "--party", "grid", "--price", "3.5", "--settle", SETTLE, "--stagger", 3)
    for letter in "bCrv":
        for n in names(letter):
            hub.ctl("demand", "resource", f"p-{n}", "--programme", "summer", "--kind", KIND[letter], "--control", CONTROL[letter],
                    "--most", MOST[letter], "--keep", 1.5, "--normal", NATURAL[letter] // 1000, "--cost", 0.5 if n in BAD else COST[letter],
                    *(["--channel", "1"] if letter == "C" else []))
    hub.tokens = {party: hub.ctl("party", "token", party).strip() for party in OWNER.values()}
    hub.ctl("subscription", "add", "cloud")
    hub.key = hub.ctl("party", "token", "home", "--mqtt").strip()


def remember(hub, starts):
    for letter in "bCrv":
        rows = []
        for n in names(letter):
            for back in range(1, 11):
                day = starts - datetime.timedelta(days=back)
                rows += [reading(n, NATURAL[letter], day + datetime.timedelta(seconds=s)) for s in (20, 45)]
                rows += [reading(n, NATURAL[letter], day - datetime.timedelta(minutes=m)) for m in (120, 150)]
            rows.append(reading(n, NATURAL[letter], starts - datetime.timedelta(minutes=120)))
        status, receipt = hub.request("/v1/readings", hub.tokens[OWNER[letter]], "POST", rows)
        assert status == 202 and receipt["stored"] == len(rows), receipt


@pytest.fixture(scope="module")
def town():
    pytest.importorskip("pymodbus.server")
    with buildings([f"{NATURAL['b']}:{'refuse' if n in BAD else ''}" for n in names("b")]) as address, directory() as place:
        hub = Hub(place / "data")
        hub.mqtt_port, hub.charger_port = free_port(), free_port()
        stop, threads = threading.Event(), []

        def keep(work):
            """Its power every second, till the end."""
            def run():
                while not stop.wait(1):
                    try:
                        work()
                    except Exception:  # the hub was busy: said, and told again in a second
                        traceback.print_exc()
            threads.append(threading.Thread(target=run, daemon=True))
            threads[-1].start()
        try:
            hub.up("--charger-plain", f"127.0.0.1:{hub.charger_port}", "--mqtt-listen", f"127.0.0.1:{hub.mqtt_port}")
            furnish(hub, address)
            hub.keep = keep
            yield hub
        finally:
            stop.set()
            for thread in threads:
                thread.join(20)
            hub.end()


@pytest.mark.thorough
def test_one_event_goes_out_through_every_door(town):
    hub = town
    gateway = HomeGateway(hub.mqtt_port, "home", hub.key, {n: NATURAL["r"] for n in names("r")}, [n for n in BAD if n[0] == "r"])
    provider, cars = Provider(hub, hub.tokens["cloud"]), [Car(hub, n) for n in names("C")]
    hub.keep(lambda: gateway.report(stamp(utc())))
    hub.keep(lambda: (provider.look(), provider.report()))
    hub.keep(lambda: [car.report() for car in cars])
    starts = utc().replace(microsecond=0) + datetime.timedelta(seconds=10)
    remember(hub, starts)
    everybody = BUILDINGS + CHARGERS + ROOMS + PROVIDERS
    wait_until(lambda: hub.sql("select count(distinct point) from reading where time > now() - interval '20 s'")[0][0] == everybody, 60, "all tell their power")
    event = hub.json("demand", "call", "summer", "--target", TARGET, "--from", stamp(starts),
                     "--to", stamp(starts + datetime.timedelta(seconds=LENGTH)), "--by", "zhang")["event"]
    first = wait_until(lambda: (r := report(hub, event)) and r["round"] >= 1 and r["orders"] and r, 40, "the first dispatch")
    called = {o["point"][2:] for o in first["orders"]}
    assert set(BAD) | set(names("r")) | set(names("v")) <= called
    met = wait_until(lambda: (r := report(hub, event)) and r["round"] == 2 and r["short"] <= 0.03 * TARGET * 1000 and r, 60, "the target is met")
    orders = {o["point"][2:]: o for o in met["orders"]}
    assert {n for n, o in orders.items() if o["state"] in ("failed", "refused")} == set(BAD)
    assert {o["cause"] for n, o in orders.items() if n in BAD} == {"refused"}
    assert {n[0] for n in orders if n not in BAD} == set("bCrv")
    # Those whose word counts said yes; whose word does not count is known by the meter alone.
    for n, o in orders.items():
        if n not in BAD and n[0] != "v":
            assert trace(hub, o["command"])["state"] == "confirmed", o
    rooms = [n for n in orders if n[0] == "r" and n not in BAD]
    assert {m: v for _, m, v in gateway.done if v != "6"} == {n: f"{orders[n]['limit'] / 1000:g}" for n in rooms}
    assert len(gateway.answers) == len({c for c, _, _ in gateway.done}) + 1
    limited = [c for c in cars if c.point.limits.get(1, NATURAL["C"]) < NATURAL["C"]]
    assert len(limited) == len([n for n in orders if n[0] == "C"]) - 1
    # A profile ends by itself with the event, whatever becomes of the hub.
    for car in limited:
        schedule = car.point.actions("SetChargingProfile")[0]["csChargingProfiles"]
        assert schedule.get("validTo") or schedule["chargingSchedule"].get("duration")
    assert {point for point, _ in provider.schemes} == {"p-v0", "p-v1"}
    # The end: all are let go, by the door they were called through, and what they gave is settled by their meters.
    done = wait_until(lambda: (r := report(hub, event)) and r["state"] == "over" and r, LENGTH + 60, "the event is over")
    wait_until(lambda: all(gateway.limits[n] == NATURAL["r"] for n in rooms), 20, "rooms are free")
    wait_until(lambda: sum(s["cleared"] for _, s in provider.schemes) == 2, 30, "the scheme is over")
    results = dict(hub.sql("select p.code, r.delivered_ws from demand_result r join point p on p.id = r.point where r.event = %s", event))
    assert len(results) == len(orders) and all(results[f"p-{n}"] == 0 for n in BAD)
    assert all(results[f"p-{n}"] > 0 for n in orders if n not in BAD)
    assert done["delivered_ws"] == sum(results.values())
    gateway.close()
    for car in cars:
        car.point.close()


@pytest.mark.thorough
def test_a_gateway_that_is_away_ends_as_expired_and_hears_nothing_late(town):
    hub = town
    order = lambda seconds: json.loads(hub.ctl("command", "send", "--party", "grid", "--point", "p-r1", "--kind", "set_point", "--argument", "value=2",
                                               "--reason", "test", "--by", "zhang", "--expires", seconds))["id"]
    late = order(3)
    wait_until(lambda: trace(hub, late)["state"] == "expired", 30, "it ends")
    assert [s["state"] for s in trace(hub, late)["steps"] if s["state"]] == ["requested", "approved", "queued", "sent", "expired"]
    gateway = HomeGateway(hub.mqtt_port, "home", hub.key, {"r1": 6000})
    number = order(60)
    wait_until(lambda: trace(hub, number)["state"] == "confirmed", 30, "it is done")
    assert [v for _, m, v in gateway.done] == ["2"] and len({o["command"] for o in gateway.heard}) == 1
    gateway.close()
