"""Charging stations in public places and one at a home: what stands where, who has a card, and stations that are plugged in."""
import json

from charge_point import plug_in
from sums_city import box, put
from test_charging_bill import build

OUTLINES = {"city/north": box(113.0, 23.1, 113.3, 23.2), "city/south": box(113.0, 23.0, 113.2, 23.1)}
PLACES = [  # code, parent, kind, names, lon, lat
    "city,,city,翠湖市,Lakeside,,", "city/north,city,district,北区,North,,", "city/south,city,district,南区,South,,",
    "city/mall,city/north,station,湖滨商场,Lakeside Mall,113.05,23.16", "city/park,city/north,station,体育公园,Sports Park,113.22,23.13",
    "city/pier,city/south,station,南港码头,South Pier,113.11,23.04", "city/home,city/south,home,锦园 1 号,Home 1,113.01,23.01"]


def furnish(hub, *arguments):
    """B1 at the mall, B2 in the park, PIER at the pier, GARAGE of a household."""
    build(hub, *arguments)
    hub.ctl("load", "premises", put(hub, "places.csv", ["code,parent,kind,name_zh,name_en,lon,lat"] + PLACES))
    hub.ctl("load", "areas", put(hub, "areas.geojson", [json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"code": code}, "geometry": shape} for code, shape in OUTLINES.items()]})]))
    for name, place, names, power in (("B1", "city/mall", ("商场快充", "Mall charger"), "60"), ("B2", "city/park", ("公园桩", "Park charger"), "7")):
        hub.ctl("point", "add", f"EV-{name}", "--commodity", "ev", "--owner", "evco", "--operator", "evco", "--supplier", "grid", "--premise", place,
                "--name-zh", names[0], "--name-en", names[1], "--power", power)
    hub.ctl("point", "add", "EV-PIER", "--commodity", "ev", "--owner", "evco", "--operator", "evco", "--premise", "city/pier")
    hub.ctl("charger", "add", "PIER", "--party", "evco", "--instance", "chargers", "--point", "EV-PIER", "--tariff", "ev/tou")
    hub.ctl("point", "add", "EV-GARAGE", "--commodity", "ev", "--occupant", "next-door", "--operator", "evco", "--premise", "city/home")
    hub.ctl("charger", "add", "GARAGE", "--party", "evco", "--instance", "chargers", "--point", "EV-GARAGE", "--tariff", "ev/tou")
    for name in ("PIER", "GARAGE"):
        hub.words[name] = hub.ctl("charger", "password", name).strip()


def stand(hub, name, *states):
    """A charge point that is plugged in and told the state of each connector."""
    point = plug_in(hub, name)
    point.station.socket.sock.settimeout(None)  # it stays, however long nobody speaks
    point.call("BootNotification", {"chargePointVendor": "Simulated", "chargePointModel": "S1"})
    for connector, state in enumerate(states, 1):
        tell(point, connector, state)
    return point


def tell(point, connector, state):
    point.call("StatusNotification", {"connectorId": connector, "errorCode": "GroundFailure" if state == "Faulted" else "NoError", "status": state})
