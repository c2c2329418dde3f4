"""The flows of readings in each topology: every row is sent over its party's own door and seen to arrive where it may, and nowhere else; what
a row may not send is refused at the door with the rule that forbids it, and what is valid beside it is stored.

The tables are the test: a row names who sends over which door what is measured where, and who gets it in which topology. Topologies differ
by one option of the same hub and by nothing else.
"""
import concurrent.futures

import pytest

from feeds import connect, csv_instance, dlt645, drop, hours_ago, peek, stamp, tcp_instance
from hub import Hub, directory, free_port, wait_until
from people import Portal
from test_mqtt import Client

T, ONE, TWO = "transition", "grid-led", "third-party"
ALL = (T, ONE, TWO)

# party: kind, role; its row of the flows
PARTIES = {
    "collector": ("service", "meter"),  # X1
    "poles": ("charging", "charger"),  # X2
    "grid": ("grid", "grid"),  # X3
    "water": ("utility", "water"),  # X4
    "gas": ("utility", "gas"),  # X5
    "city": ("government", "government"),  # X6, and X7 through its officers
    "gateway": ("household", "home_gateway"),  # X8
    "home": ("household", "resident"),  # X9
    "neighbour": ("household", "resident"),
    "cloud": ("service", "third_party"),  # X10
    "estate": ("community", "estate"),  # X11
}
# The gateway is of the home's household; the estate is named to carry what is the home's where homes have no door.
AT_HOME = {"occupant": "home", "owner": "gateway", "reader": "estate"}
OF_HOME = {"occupant": "home", "owner": "gateway"}
POINTS = {
    "W1": ("water", {"supplier": "water", **AT_HOME}),
    "E1": ("electricity", {"supplier": "grid", **AT_HOME}),
    "E2": ("electricity", {"supplier": "grid", **AT_HOME}),
    "E3": ("electricity", {"supplier": "grid", **AT_HOME}),
    "G1": ("gas", {"supplier": "gas", **AT_HOME}),
    "G2": ("gas", {"supplier": "gas", "occupant": "neighbour"}),
    "A1": ("electricity", OF_HOME),
    "A2": ("electricity", OF_HOME),
    "H1": ("electricity", OF_HOME),
    "H2": ("electricity", OF_HOME),
    "L1": ("electricity", {"supplier": "grid", "owner": "estate"}),
    "L2": ("electricity", {"owner": "estate"}),
    "S1": ("electricity", {"supplier": "grid", "owner": "city"}),
    "C1": ("ev", {"operator": "grid"}),
    "C2": ("ev", {"operator": "grid"}),
    "W2": ("water", {"supplier": "water", "occupant": "neighbour"}),
    "W3": ("water", {"supplier": "water", "occupant": "neighbour"}),
    "W4": ("water", {"supplier": "water", "occupant": "neighbour"}),
}
QUANTITY = {"water": ("water_volume", "m3", "register"), "electricity": ("active_energy_import", "kWh", "register"),
            "gas": ("gas_volume", "m3", "register"), "ev": ("charger_state", "1", "state")}
# What the home agreed to: the cloud sees water, electricity and its own appliance; the estate, which carries for the home, all three.
CONSENTS = [("W1", "cloud"), ("E1", "cloud"), ("E2", "cloud"), ("E3", "cloud"), ("A1", "cloud"), ("W1", "estate"), ("E1", "estate"),
            ("E2", "estate"), ("E3", "estate"), ("G1", "estate")]

# Who beside the utilities, by topology. In 1 homes have no door and third parties no part; in 2 residents use the third party's app.
HOME = {T: {"home", "gateway"}, ONE: set(), TWO: {"gateway"}}
CARRIER = {T: {"estate"}, ONE: {"estate"}, TWO: {"estate"}}
CLOUD = {T: {"cloud"}, ONE: set(), TWO: {"cloud"}}
NEIGHBOUR = {T: {"neighbour"}, ONE: set(), TWO: set()}
OWNER = {T: {"estate"}, ONE: set(), TWO: {"estate"}}
DRIVERS = {T: {"home", "neighbour"}, ONE: set(), TWO: set()}


def to(*tables, **always):
    return {t: set(always.get("always", ())).union(*(table[t] for table in tables)) for t in ALL}


# rows of flows.md, topologies, sender, its door, point, receivers by topology
ROWS = [
    ("X3 X4 X8 X9 X10", ALL, "grid", "api", "W1", to(HOME, CARRIER, CLOUD, always={"water"})),
    ("X3 X8 X9 X10", ALL, "grid", "files", "E1", to(HOME, CARRIER, CLOUD, always={"grid"})),
    ("X3 X5 X8 X9", ALL, "grid", "mqtt", "G1", to(HOME, CARRIER, always={"gas"})),
    ("X3 X4 X9", ALL, "grid", "api", "W2", to(NEIGHBOUR, always={"water"})),
    ("X3 X11", ALL, "grid", "mqtt", "L1", to(OWNER, always={"grid"})),
    ("X3 X6 X7", ALL, "grid", "api", "S1", to(always={"grid", "city"})),
    ("X5 X9", ALL, "gas", "api", "G2", to(NEIGHBOUR, always={"gas"})),
    ("X8 X9", (T, TWO), "gateway", "mqtt", "H1", to(HOME)),
    ("X10 X8 X9", (T, TWO), "cloud", "mqtt", "A1", to(HOME, CLOUD)),
    ("X11", (T, TWO), "estate", "api", "L2", to(OWNER)),
    ("X1 X8 X9 X10", ALL, "collector", "device", "E2", to(HOME, CARRIER, CLOUD, always={"grid"})),
    ("X1 X8 X9 X10", (ONE, TWO), "collector", "api", "E3", to(HOME, CARRIER, CLOUD, always={"grid"})),
    ("X2 X9", ALL, "poles", "mqtt", "C1", to(DRIVERS, always={"grid"})),
    ("X2 X9", (ONE, TWO), "poles", "api", "C2", to(DRIVERS, always={"grid"})),
]
# rows, topologies, sender, point, a valid one beside it in the same call, what the receipt says of the rule; None: the call itself is refused
REFUSED = [
    ("X1", (T,), "collector", "E3", None, "forbidden by transition.device transition.cedar:"),
    ("X2", (T,), "poles", "C2", None, "forbidden by transition.device transition.cedar:"),
    ("X5", ALL, "gas", "W3", "G2", "no policy lets 'gas' send 'reading' of point 'W3'"),
    ("X6", ALL, "city", "W4", None, "no policy lets 'city' send 'reading' of point 'W4'"),
    ("X8", (ONE,), "gateway", "H1", None, "forbidden by grid_led.home grid-led.cedar:"),
    ("X9", (TWO,), "home", "H2", None, "forbidden by third_party.resident third-party.cedar:"),
    ("X10", (T, TWO), "cloud", "A2", "A1", "no policy lets 'cloud' send 'reading' of point 'A2'"),
    ("X10", (ONE,), "cloud", "A1", None, None),
    ("X11", (ONE,), "estate", "L2", None, "forbidden by grid_led.estate grid-led.cedar:"),
]
COLUMNS = {"meter_column": "meter", "time_column": "time", "value_column": "value", "zone": "UTC"}


def meter(door, point):
    return "000000008001" if door == "device" else f"m-{point}"


class Town:
    """One hub; `begin` starts it anew in a topology."""

    def __init__(self, place):
        self.place, self.hub, self.value = place, Hub(place / "data"), 100
        self.portal = Portal(self.hub)
        self.mqtt_port, self.line, self.after, self.keys = free_port(), None, {}, {}

    def begin(self, topology):
        self.topology, first = topology, not self.keys
        self.hours = len(ALL) - ALL.index(topology)  # later topologies measure later
        if not first:
            self.hub.down()
        self.hub.up("--topology", topology, "--mqtt-listen", f"127.0.0.1:{self.mqtt_port}", *self.portal.arguments)
        if first:
            self.furnish()
        self.after = {code: peek(self.hub, self.tokens[code], limit=1)["last"] for code in PARTIES}
        self.rows, self.seen = [row for row in ROWS if topology in row[1]], {}

    def load(self, kind, header, rows):
        self.hub.ctl("load", kind, "-", input="\n".join([",".join(header), *(",".join(row) for row in rows)]))

    def furnish(self):
        hub, roles = self.hub, ("owner", "occupant", "operator", "supplier")
        self.load("parties", ("code", "kind", "roles"), [(code, *words) for code, words in PARTIES.items()])
        self.load("points", ("code", "commodity", *roles),
                  [(p, c, *(who.get(r, "") for r in roles)) for p, (c, who) in POINTS.items() if "reader" not in who])
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda p: hub.ctl("point", "add", p, "--commodity", POINTS[p][0], *(w for role, who in POINTS[p][1].items()
                                                                                            for w in (f"--{role}", who))),
                          [p for p, (_, who) in POINTS.items() if "reader" in who]))
        bound = {(row[2], meter(row[3], row[4]), row[4]) for row in ROWS} | {(row[2], meter("api", row[3]), row[3]) for row in REFUSED}
        self.load("devices", ("party", "meter", "point", "valid_from"), [(*b, "2020-01-01T00:00:00Z") for b in sorted(bound)])
        senders = sorted({(row[2], row[3]) for row in ROWS})
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda at: getattr(self, f"open_{at[1]}")(at[0]), senders))
            tokens = pool.map(lambda code: hub.ctl("party", "token", code).strip(), PARTIES)
            mqtt = [who for who, door in senders if door == "mqtt"]
            keys = pool.map(lambda who: hub.ctl("party", "token", who, "--mqtt", "--days", "1").strip(), mqtt)
            self.tokens, self.keys = dict(zip(PARTIES, tokens)), dict(zip(mqtt, keys))
        for code in PARTIES:
            assert hub.request("/v1/subscriptions", self.tokens[code], "POST", {"name": code})[0] == 201
        for point, grantee in CONSENTS:
            status, made = hub.request("/v1/consents", self.tokens["home"], "POST",
                                       {"point": point, "grantee": grantee, "purpose": "energy_advice", "granularity": "raw"})
            assert status == 201, made
        self.officers = {login: self.portal.person(login, "city", "--kind", kind) for login, kind in (("chen", "reading"), ("sun", "alarm"))}
        for officer in self.officers.values():
            officer.log_in()

    def reading(self, door, point):
        quantity, unit, kind = QUANTITY[POINTS[point][0]]
        self.value += 1
        value = "2" if kind == "state" else str(self.value)
        return {"meter": meter(door, point), "quantity": quantity, "unit": unit, "kind": kind, "value": value,
                "time": stamp(hours_ago(self.hours))}

    def open_api(self, sender):
        pass

    def open_files(self, sender):
        quantity, unit, kind = QUANTITY["electricity"]
        csv_instance(self.hub, f"files-{sender}", sender, self.place / f"files-{sender}",
                     {**COLUMNS, "quantity": quantity, "unit": unit, "kind": kind})

    def open_mqtt(self, sender):
        self.hub.ctl("instance", "add", f"mqtt-{sender}", "--party", sender, "--adapter", "mqtt_json", "--transport", "kind=journal")

    def open_device(self, sender):
        self.line = tcp_instance(self.hub, "line", sender)

    def by_api(self, sender, point, reading):
        status, receipt = self.hub.request("/v1/readings", self.tokens[sender], "POST", [reading])
        assert (status, receipt["stored"]) == (202, 1), receipt

    def by_files(self, sender, point, reading):
        drop(self.place / f"files-{sender}", f"{point}-{self.topology}.csv",
             f"meter,time,value\n{reading['meter']},{reading['time']},{reading['value']}\n")

    def by_mqtt(self, sender, point, reading):
        client = Client(self.mqtt_port, sender, self.keys[sender])
        try:
            assert client.send(f"hub/v1/{sender}/in/flow", reading) < 0x80
        finally:
            client.close()

    def by_device(self, sender, point, reading):
        stored = lambda: self.hub.sql("select count(*) from receipt where source = 'line'")[0][0]
        before = stored()
        with connect(self.line) as line:
            line.sendall(dlt645(reading["meter"], int(reading["value"]) * 100))
            # stored while the line is open, as a device keeps it
            wait_until(lambda: stored() > before, 30, "the device's frame is stored")

    def look(self):
        """Every party reads on in its feed, as far as it goes; seen is then, by point, who saw something of it in this topology."""
        for code in PARTIES:
            more = True
            while more:
                page = peek(self.hub, self.tokens[code], self.after[code])
                for entry in page["entries"]:
                    for item in entry["items"]:
                        self.seen.setdefault(item["point"], set()).add(code)
                more, self.after[code] = page["next"] > self.after[code], page["next"]
        return self.seen


@pytest.fixture(scope="module")
def town():
    with directory() as place:
        town = Town(place)
        try:
            yield town
        finally:
            town.hub.end()


def refuse(town, sender, point, beside, words):
    """The call's receipt says why the one was refused, and the other is stored."""
    batch = [town.reading("api", point)] + ([town.reading("api", beside)] if beside else [])
    status, receipt = town.hub.request("/v1/readings", town.tokens[sender], "POST", batch)
    if words is None:
        assert (status, receipt["code"]) == (403, "call.denied"), receipt
        return
    assert status == 202 and (receipt["stored"], receipt["quarantined"]) == (len(batch) - 1, 1), receipt
    error, = receipt["errors"]
    assert error["code"] == "reading.denied" and words in error["message"], error
    status, kept = town.hub.request(f"/v1/quarantine/{error['quarantine']}", town.tokens[sender])
    assert status == 200 and kept["code"] == "reading.denied" and words in kept["message"], kept


def officers_see(town):
    """X7: per officer, whose business readings are; nobody's home."""
    ask = lambda who, point, quantity: town.officers[who].get(f"/v1/readings?point={point}&quantity={quantity}")
    status, body = ask("chen", "S1", "active_energy_import")
    assert status == 200 and body["readings"], body
    assert ask("sun", "S1", "active_energy_import")[0] == 404
    assert ask("chen", "W1", "water_volume")[0] == 404


@pytest.mark.thorough
@pytest.mark.parametrize("topology", ALL)
def test_each_row_arrives_where_it_may_and_nowhere_else(town, topology):
    town.begin(topology)
    for rows, topologies, sender, point, beside, words in REFUSED:
        if topology in topologies:
            refuse(town, sender, point, beside, words)
    for _, _, sender, door, point, _ in town.rows:
        getattr(town, f"by_{door}")(sender, point, town.reading(door, point))
    wanted = {point: receivers[topology] for _, _, _, _, point, receivers in town.rows if receivers[topology]}
    try:
        wait_until(lambda: all(town.look().get(point, set()) >= who for point, who in wanted.items()), 60, "arrived")
    except AssertionError:
        pass
    seen = town.look()
    wrong = [f"{point}: {sorted(seen.get(point, ()))}, not {sorted(wanted.get(point, ()))}" for point in POINTS
             if seen.get(point, set()) != wanted.get(point, set())]
    assert not wrong, "\n".join(wrong)
    # government gets no single home's readings by asking either
    assert town.hub.request("/v1/readings?point=W1&quantity=water_volume", town.tokens["city"])[0] == 404
    officers_see(town)
    assert town.hub.sql("select topology from policy_in_force order by loaded desc limit 1")[0][0] == topology
