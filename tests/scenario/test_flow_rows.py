"""The flows of readings in each topology: every row is sent over its party's own door and seen to arrive where it may, and nowhere else.

The table is the test: a row names who sends over which door what is measured where, and who gets it in which topology.
Topologies differ by one option of a fresh hub and by nothing else.
"""
import pytest

from feeds import connect, csv_instance, dlt645, drop, hours_ago, items, stamp, tcp_instance
from hub import Hub, directory, free_port, wait_until
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
    "city": ("government", "government"),  # X6
    "cityapp": ("government", "government"),  # X7
    "gateway": ("household", "home_gateway"),  # X8
    "home": ("household", "resident"),  # X9
    "neighbour": ("household", "resident"),
    "cloud": ("service", "third_party"),  # X10
    "estate": ("community", "estate"),  # X11
}
# The gateway is of the home's household; the estate is named to carry what is the home's where homes have no door.
AT_HOME = {"occupant": "home gateway", "reader": "estate"}
POINTS = {
    "W1": ("water", {"supplier": "water", **AT_HOME}),
    "E1": ("electricity", {"supplier": "grid", **AT_HOME}),
    "E2": ("electricity", {"supplier": "grid", **AT_HOME}),
    "G1": ("gas", {"supplier": "gas", **AT_HOME}),
    "A1": ("electricity", {"occupant": "home gateway"}),
    "L1": ("electricity", {"supplier": "grid", "owner": "estate"}),
    "C1": ("ev", {"operator": "grid"}),
    "W2": ("water", {"supplier": "water", "occupant": "neighbour"}),
}
QUANTITY = {"water": ("water_volume", "m3", "register"), "electricity": ("active_energy_import", "kWh", "register"),
            "gas": ("gas_volume", "m3", "register"), "ev": ("charger_state", "1", "state")}
# What the home agreed to: the cloud sees water, electricity and its own appliance; the estate, which carries for the home, all three.
CONSENTS = [("W1", "cloud"), ("E1", "cloud"), ("E2", "cloud"), ("A1", "cloud"), ("W1", "estate"), ("E1", "estate"), ("E2", "estate"),
            ("G1", "estate")]

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
    ("X10 X8 X9", (T, TWO), "cloud", "mqtt", "A1", to(HOME, CLOUD)),
    ("X1 X8 X9 X10", ALL, "collector", "device", "E2", to(HOME, CARRIER, CLOUD, always={"grid"})),
    ("X2 X9", ALL, "poles", "mqtt", "C1", to(DRIVERS, always={"grid"})),
]


COLUMNS = {"meter_column": "meter", "time_column": "time", "value_column": "value", "zone": "UTC"}


class Town:
    def __init__(self, hub, topology, place):
        self.hub, self.value, self.rows = hub, 100, [row for row in ROWS if topology in row[1]]
        for code, (kind, role) in PARTIES.items():
            hub.ctl("party", "add", code, "--kind", kind, "--role", role)
            hub.ctl("subscription", "add", code)
        self.tokens = {code: hub.ctl("party", "token", code).strip() for code in PARTIES}
        for point, (commodity, roles) in POINTS.items():
            words = [w for role, codes in roles.items() for code in codes.split() for w in (f"--{role}", code)]
            hub.ctl("point", "add", point, "--commodity", commodity, *words)
        for _, _, sender, door, point, _ in self.rows:
            hub.ctl("point", "bind", point, "--party", sender, "--meter", self.meter(door, point))
            getattr(self, f"open_{door}")(place, sender, point)
        for point, grantee in CONSENTS:
            hub.ctl("consent", "grant", point, "--grantee", grantee, "--purpose", "energy_advice", "--granularity", "raw", "--grantor", "home")

    @staticmethod
    def meter(door, point):
        return "000000008001" if door == "device" else f"m-{point}"

    def reading(self, door, point):
        quantity, unit, kind = QUANTITY[POINTS[point][0]]
        self.value += 1
        value = "2" if kind == "state" else str(self.value)
        return {"meter": self.meter(door, point), "quantity": quantity, "unit": unit, "kind": kind, "value": value,
                "time": stamp(hours_ago(1))}

    def open_api(self, place, sender, point):
        pass

    def open_files(self, place, sender, point):
        quantity, unit, kind = QUANTITY[POINTS[point][0]]
        csv_instance(self.hub, f"files-{sender}", sender, place / f"files-{sender}", {**COLUMNS, "quantity": quantity, "unit": unit, "kind": kind})

    def open_mqtt(self, place, sender, point):
        self.hub.ctl("instance", "add", f"mqtt-{sender}", "--party", sender, "--adapter", "mqtt_json", "--transport", "kind=journal")

    def open_device(self, place, sender, point):
        self.line = tcp_instance(self.hub, "line", sender)

    def by_api(self, place, sender, point, reading):
        status, receipt = self.hub.request("/v1/readings", self.tokens[sender], "POST", [reading])
        assert (status, receipt["stored"]) == (202, 1), receipt

    def by_files(self, place, sender, point, reading):
        drop(place / f"files-{sender}", f"{point}.csv", f"meter,time,value\n{reading['meter']},{reading['time']},{reading['value']}\n")

    def by_mqtt(self, place, sender, point, reading):
        client = Client(self.hub.mqtt_port, sender, self.hub.ctl("party", "token", sender, "--mqtt", "--days", "1").strip())
        try:
            assert client.send(f"hub/v1/{sender}/in/flow", reading) < 0x80
        finally:
            client.close()

    def by_device(self, place, sender, point, reading):
        with connect(self.line) as line:
            line.sendall(dlt645(reading["meter"], int(reading["value"]) * 100))
            # stored while the line is open, as a device keeps it
            wait_until(lambda: self.hub.sql("select 1 from receipt where source = 'line'"), 30, "the device's frame is stored")

    def seen(self, point):
        return {code for code in PARTIES if any(i["point"] == point for i in items(self.hub, self.tokens[code]))}


@pytest.mark.parametrize("topology", ALL)
def test_each_row_arrives_where_it_may_and_nowhere_else(topology):
    with directory() as place:
        hub = Hub(place / "data")
        hub.mqtt_port = free_port()
        try:
            hub.up("--topology", topology, "--mqtt-listen", f"127.0.0.1:{hub.mqtt_port}")
            town = Town(hub, topology, place)
            for _, _, sender, door, point, _ in town.rows:
                getattr(town, f"by_{door}")(place, sender, point, town.reading(door, point))
            wrong = []
            for rows, _, sender, door, point, receivers in town.rows:
                wanted = receivers[topology]
                try:
                    wait_until(lambda: town.seen(point) >= wanted, 30, "arrived")
                except AssertionError:
                    pass
                seen = town.seen(point)
                if seen != wanted:
                    wrong.append(f"{rows}: {sender} by {door} of {point}: {sorted(seen)}, not {sorted(wanted)}")
            assert not wrong, "\n".join(wrong)
            # government gets no single home's readings by asking either
            for code in ("city", "cityapp"):
                assert hub.request("/v1/readings?point=W1&quantity=water_volume", town.tokens[code])[0] == 404
            versions = [row[2] for row in hub.sql("select process, version, topology from policy_in_force")]
            assert versions == [topology]
        finally:
            hub.end()
