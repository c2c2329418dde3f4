"""A city whose sums the government asks for: three districts of 40, 30 and 5 homes, an estate of 20 of the first one's, a factory.

    city/north   40 homes, 20 of them in city/north/garden
    city/south   30 homes, and city/south/works: a factory, a sixth of the district's use
    city/islet    5 homes
"""
import datetime
import json

EAST = datetime.timezone(datetime.timedelta(hours=8))
DAYS = [datetime.datetime(2026, 10, 12, tzinfo=EAST), datetime.datetime(2026, 10, 13, tzinfo=EAST)]
BEFORE = datetime.datetime(2025, 10, 12, tzinfo=EAST)
AREAS = ["city", "city/north", "city/north/garden", "city/south", "city/islet"]
BELOW = {"city": ["city/north", "city/south", "city/islet"], "city/north": ["city/north/garden"]}
WITHIN = {"city": ("city/",), "city/north": ("city/north/",), "city/north/garden": ("city/north/garden/",), "city/south": ("city/south/",),
          "city/islet": ("city/islet/",)}


def homes():
    for district, count in (("north/garden", 20), ("north", 20), ("south", 30), ("islet", 5)):
        for n in range(count):
            yield f"city/{district}/h{n}"
    yield "city/south/works"


def use(place, day, hour):
    """Wh of an hour."""
    if place.endswith("works"):
        return 1600
    seed = sum(map(ord, place)) * 7 + hour * 31 + day.toordinal() % 97
    return 200 + seed % 150


def box(west, south, east, north):
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}


OUTLINES = {"city": box(113.0, 23.0, 113.3, 23.2), "city/north": box(113.0, 23.1, 113.3, 23.2), "city/north/garden": box(113.05, 23.12, 113.12, 23.17),
            "city/south": box(113.0, 23.0, 113.2, 23.1), "city/islet": box(113.2, 23.0, 113.3, 23.1)}


def put(hub, name, rows):
    path = hub.data.parent / name
    path.write_text("\n".join(rows) + "\n")
    path.chmod(0o644)
    return path


def readings(hub, name, days):
    rows = ["meter,start,value"]
    for place in homes():
        for day in days:
            rows += [f"M{place},{(day + datetime.timedelta(hours=h)).isoformat()},{use(place, day, h) / 1000:.3f}" for h in range(24)]
    hub.ctl("import", "--adapter", "csv", "--party", "grid", *[w for o in (
        "meter_column=meter", "time_column=start", "stamp=start", "interval=60", "value_column=value", "quantity=active_energy_import",
        "unit=kWh") for w in ("--option", o)], put(hub, name, rows))


def build(hub):
    hub.ctl("party", "add", "grid", "--kind", "grid", "--role", "grid", "--name-zh", "供电公司", "--name-en", "Grid company")
    hub.ctl("party", "add", "bureau", "--kind", "government", "--role", "government", "--name-zh", "市能源局", "--name-en", "Energy bureau")
    names = {"city": ("翠湖市", "Lakeside"), "city/north": ("北区", "North"), "city/north/garden": ("花园小区", "Garden estate"),
             "city/south": ("南区", "South"), "city/islet": ("洲岛区", "Islet")}
    kinds = {"city": "city", "city/north/garden": "estate"}
    rows = ["code,parent,kind,name_zh,name_en"]
    rows += [f"{c},{c.rsplit('/', 1)[0] if '/' in c else ''},{kinds.get(c, 'district')},{names[c][0]},{names[c][1]}" for c in AREAS]
    rows += [f"{p},{p.rsplit('/', 1)[0]},{'site' if p.endswith('works') else 'home'},," for p in homes()]
    hub.ctl("load", "premises", put(hub, "premises.csv", rows))
    hub.ctl("load", "parties", put(hub, "parties.csv", ["code,kind,roles"] + [f"{p.replace('/', '-')},household,resident" for p in homes()]))
    hub.ctl("load", "points", put(hub, "points.csv", ["code,commodity,premise,interval,supplier,occupant"] + [
        f"{p}/e,electricity,{p},3600,grid,{p.replace('/', '-')}" for p in homes()]))
    hub.ctl("load", "devices", put(hub, "devices.csv", ["party,meter,point,valid_from"] + [
        f"grid,M{p},{p}/e,2025-01-01T00:00:00Z" for p in homes()]))
    hub.ctl("load", "areas", put(hub, "areas.geojson", [json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"code": code}, "geometry": shape} for code, shape in OUTLINES.items()]})]))
    readings(hub, "now.csv", DAYS)
    readings(hub, "before.csv", [BEFORE])


def publish(hub):
    for since, until in (("2025-10-12", "2025-10-13"), ("2026-10-12", "2026-10-14")):
        hub.ctl("aggregate", "publish", "--from", since, "--to", until, "--commodity", "electricity")
