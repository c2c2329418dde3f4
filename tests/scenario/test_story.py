"""One water reading and one charging session, from the device to the resident's page, the webhook, the bill, the ledger and the
government's sums, each followed by its trace; and nothing of them for anybody else."""
import datetime
import json

import pytest

from feeds import csv_instance, drop, peek
from hub import Hub, directory, free_port, wait_until
from people import Portal
from recipients import Recipient, Street
from test_charger import join
from test_charging_bill import TARIFF as CHARGING
from test_payments import KEY, ask, provider

EAST = datetime.timezone(datetime.timedelta(hours=8))
THIS = datetime.datetime.now(EAST).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
LAST = (THIS - datetime.timedelta(days=1)).replace(day=1)
DAY = datetime.timedelta(days=1)
NEXT, DRIVE = LAST + DAY, LAST + 4 * DAY
CYCLE = f"{LAST:%Y-%m}"
WATER = {"tariff": "water/home", "text": "居民用水 home water", "currency": "CNY", "zone": "Asia/Shanghai",
         "charges": [{"code": "water", "text": "水费 water", "kind": "usage", "quantity": "water_volume", "unit": "m3", "price": "3.00"}]}
STRANGERS = ("gas", "next-door", "app", "estate", "city")
STREET = 20  # homes of the area, of which the government gets a sum


def utc(when):
    return when.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def settle(hub):
    """Two homes of one water company, a charge-point operator, and others who have nothing to do with them."""
    place = hub.data.parent
    for code, kind, role in (("water", "utility", "water"), ("gas", "utility", "gas"), ("evco", "charging", ""), ("home", "household", "resident"),
                             ("next-door", "household", "resident"), ("app", "service", "third_party"), ("estate", "community", "estate"), ("city", "government", "government")):
        hub.ctl("party", "add", code, "--kind", kind, *(["--role", role] if role else []))
        hub.ctl("subscription", "add", code)
        hub.tokens[code] = hub.ctl("party", "token", code).strip()
    for document in (WATER, CHARGING):
        path = place / f"{document['tariff'].replace('/', '-')}.json"
        path.write_text(json.dumps(document))
        path.chmod(0o644)
        hub.ctl("tariff", "add", path)
    hub.ctl("load", "premises", "-", input="code,kind,parent\neast,district,\n" + "".join(f"east/{n},home,east\n" for n in range(1, STREET + 1)))
    others = range(3, STREET + 1)
    hub.ctl("load", "parties", "-", input="code,kind,roles\n" + "".join(f"family-{n},household,resident\n" for n in others))
    hub.ctl("load", "points", "-", input="code,commodity,premise,supplier,operator,occupant\n" + "".join(
        f"W{n},water,east/{n},water,water,family-{n}\n" for n in others))
    hub.ctl("load", "devices", "-", input="party,meter,point,valid_from,modulus\n" + "".join(f"water,{7000 + n},W{n},{utc(LAST)},100000\n" for n in others))
    for home, letter in (("home", "1"), ("next-door", "2")):
        hub.ctl("point", "add", f"W{letter}", "--commodity", "water", "--premise", f"east/{letter}", "--supplier", "water", "--operator", "water", "--occupant", home)
        hub.ctl("point", "bind", f"W{letter}", "--party", "water", "--meter", f"700{letter}", "--modulus", "100000", "--from", utc(LAST))
        hub.ctl("account", "add", f"a{letter}", "--holder", home)
        hub.ctl("account", "supply", f"a{letter}", "--point", f"W{letter}", "--party", "water", "--tariff", "water/home", "--from", utc(LAST))
    csv_instance(hub, "waterworks", "water", place / "waterworks")
    hub.ctl("instance", "add", "chargers", "--party", "evco", "--adapter", "ocpp16", "--promise", "journalled", "--transport", "kind=websocket")
    hub.ctl("point", "add", "EV1", "--commodity", "ev", "--premise", "east", "--owner", "evco", "--operator", "evco")
    hub.ctl("charger", "add", "CP1", "--party", "evco", "--instance", "chargers", "--point", "EV1", "--tariff", CHARGING["tariff"])
    hub.words = {"CP1": hub.ctl("charger", "password", "CP1").strip()}
    hub.ctl("charger", "tag", "CAR", "--party", "evco", "--account", "a1")


@pytest.fixture(scope="module")
def city():
    with directory() as place:
        hub = Hub(place / "data")
        hub.tokens, hub.portal, hub.charger_port, hub.street = {}, Portal(hub), free_port(), Street()
        try:
            hub.up(*hub.portal.arguments, "--charger-plain", f"127.0.0.1:{hub.charger_port}", "--egress-allow", "127.0.0.0/8")
            settle(hub)
            hub.people = {home: hub.portal.person(name, home) for home, name in (("home", "liming"), ("next-door", "wangfang"))}
            for person in hub.people.values():
                person.log_in()
            hub.works = hub.street.move_in(Recipient())
            hub.operator = hub.street.move_in(Recipient())
            for who, server in (("water", hub.works), ("evco", hub.operator)):
                number = int(hub.ctl("subscription", "add", who, "--url", server.url).split()[1])
                wait_until(lambda: hub.json("subscription", "show", number)["state"] == "active", 30, "the challenge was answered")
            yield hub
        finally:
            hub.street.close()
            hub.end()


def entries(hub, who):
    return peek(hub, hub.tokens[who])["entries"]


def traced(hub, trace):
    (one,) = [json.loads(line) for line in hub.ctl("trace", trace, "--json").splitlines()]
    return one


def delivered(story):
    """Whose webhook got something of it; what a party was denied it was not sent."""
    return {d["party"] for d in story["deliveries"] if {x["decision"] for x in d["decisions"]} != {"deny"}}


def nobody_else(hub, trace, *those):
    """Who was told of it are those, and no stranger finds it in a feed."""
    story = traced(hub, trace)
    said = {t["party"]: {d["decision"] for d in t["decisions"]} for t in story["told"]}
    assert {who for who, what in said.items() if what != {"deny"}} == set(those), story["told"]
    for stranger in STRANGERS:
        assert not [e for e in entries(hub, stranger) if e["trace"] == trace and e["items"]], stranger
    return story


def bill(hub, part_of):
    """The home's bill of the last month, made if it is not there; and its part of a party."""
    hub.ctl("bill", "run", "--cycle", CYCLE, "--accept", "--account", "a1")
    status, listed = hub.people["home"].get("/v1/bills")
    assert status == 200
    (one,) = listed["bills"]
    status, whole = hub.people["home"].get(f"/v1/bills/{one['id']}")
    assert status == 200
    assert hub.people["next-door"].get(f"/v1/bills/{one['id']}")[0] == 404
    (part,) = [p for p in whole["parts"] if p["party"] == part_of]
    return {**part, "bill": one["id"]}


def test_a_reading_and_a_session_come_to_those_concerned_and_to_nobody_else(city):
    hub, home, neighbour = city, city.people["home"], city.people["next-door"]
    # the waterworks' file: the standing when the month began and when it ended
    drop(hub.data.parent / "waterworks", "month.csv", 
         f"表号,时间,读数\n7001,{utc(LAST)},100.0\n7001,{utc(NEXT)},100.5\n7001,{utc(THIS)},112.5\n")
    entry = wait_until(lambda: [e for e in entries(hub, "water") if any(i.get("point") == "W1" for i in e["items"])], 60, "it is stored")[0]
    # the station, whose driver is the same household
    station = join(hub, "CP1")
    day = f"{DRIVE:%Y-%m-%d}"
    number = station.start("CAR", 0, f"{day}T13:00:00Z")["transactionId"]
    station.stop(number, 10000, f"{day}T15:00:00Z")
    station.close()
    session = wait_until(lambda: [e for e in entries(hub, "evco") if any(i.get("type") == "transaction" for i in e["items"])], 60, "the session")[-1]

    # her page: the reading with the receipt that the trace begins with
    status, shown = home.get("/v1/readings?point=W1&quantity=water_volume")
    assert status == 200
    last = shown["readings"][-1]
    assert float(last["value"]) == 112.5 and last["receipt"] == entry["receipt"], last
    assert neighbour.get("/v1/readings?point=W1&quantity=water_volume")[0] == 404
    # the company's webhook, acknowledged under the same trace
    wait_until(lambda: any(d["state"] == "acknowledged" for d in traced(hub, entry["trace"])["deliveries"]), 60, "the webhook is acknowledged")
    assert any(entry["trace"].encode() in body for _, body in hub.works.bodies)
    story = nobody_else(hub, entry["trace"], "water", "home")
    assert story["source"] == "waterworks" and {r["point"] for r in story["readings"]} == {"W1"}
    assert delivered(story) == {"water"}, story["deliveries"]
    # the session goes to its operator alone, over its webhook too; its driver finds it on the page, and in the bill
    wait_until(lambda: any(d["state"] == "acknowledged" for d in traced(hub, session["trace"])["deliveries"]), 60, "the webhook is acknowledged")
    assert any(session["trace"].encode() in body for _, body in hub.operator.bodies)
    assert not any(t["trace"].encode() in body for t, server in ((entry, hub.operator), (session, hub.works)) for _, body in server.bodies)
    assert delivered(nobody_else(hub, session["trace"], "evco")) == {"evco"}

    # the bill, by what was read and what was charged
    charge = wait_until(lambda: [s for s in home.get("/v1/charging-sessions")[1]["sessions"] if s["charge"]["state"] == "charged"], 60, "charged")[0]
    assert neighbour.get("/v1/charging-sessions")[1]["sessions"] == []
    water, driving = bill(hub, "water"), bill(hub, "evco")
    assert (float(water["quantity"]), water["amount"]) == (12.5, 3750)
    assert driving["amount"] == charge["charge"]["amount"] > 0
    status, source = home.get(water["readings"].replace(utc(THIS), utc(THIS + datetime.timedelta(seconds=1))))
    assert status == 200 and entry["receipt"] in [r["receipt"] for r in source["readings"]]
    # the ledger, and nobody owes but those
    owes = hub.json("account", "show", "a1")["owes"]
    assert owes == {"water": 3750, "evco": driving["amount"]}
    assert hub.json("account", "show", "a2")["owes"] == {}
    hub.ctl("ledger", "verify")
    the_trace_ends_in_the_ledger(hub, entry, water)
    (ended,) = the_trace_ends_in_the_ledger(hub, session, driving)["sessions"]
    assert (ended["station"], ended["state"], ended["amount"], ended["energy_wh"]) == ("CP1", "charged", driving["amount"], 10000)
    she_pays(hub, entry, water)
    the_government_gets_their_sums(hub, entry)


def the_trace_ends_in_the_ledger(hub, entry, part):
    """The trace alone leads to the part of the bill and to the entry that made it a debt."""
    story = traced(hub, entry["trace"])
    (billed,) = [b for b in story["bills"] if b["account"] == "a1"]
    assert (billed["bill"], billed["part"], billed["party"]) == (part["bill"], part["part"], part["party"]), story["bills"]
    assert (billed["amount"], billed["quantity"], billed["state"]) == (part["amount"], part["quantity"], "posted")
    assert billed["entry"]["key"] == f"bill/{LAST:%Y%m}/0" and billed["entry"]["line"] > 0
    assert sorted((leg["account"], leg["use"], leg["amount"]) for leg in billed["entry"]["legs"]) == [
        ("a1", "receivable", part["amount"]), (part["party"], "billed", -part["amount"])], billed
    return story


def she_pays(hub, entry, part):
    """What was paid of the part stands at the end of the reading's trace."""
    key = hub.data.parent / "providerkey"
    key.write_text(KEY + "\n")
    key.chmod(0o644)
    hub.ctl("party", "add", "pay", "--kind", "service", "--role", "payment")
    hub.ctl("subscription", "add", "pay")
    hub.ctl("payment", "provider", "pay", "--key", key, "--url", "http://127.0.0.1/pay")
    status, order = hub.people["home"].post("/v1/payments", {"id": "P1", "provider": "pay", "amount": f"{part['amount'] / 100:.2f}",
                                                             "for": [{"cycle": CYCLE, "part": part["part"]}]})
    assert status == 201, order
    with provider(hub, hub.ctl("party", "token", "pay").strip()) as port:
        assert wait_until(lambda: ask(port, "/pay", {"order": order["order"]}).get("hub") == 200, 30, "the provider has the order")
    (billed,) = traced(hub, entry["trace"])["bills"]
    assert [(p["order"], p["state"], p["amount"]) for p in billed["payments"]] == [("P1", "paid", part["amount"])], billed


def the_government_gets_their_sums(hub, entry):
    """Of the area, not of the home: the reading's day is in it once there are enough others, and nobody is told of it by the way."""
    drop(hub.data.parent / "waterworks", "street.csv", "表号,时间,读数\n" + "".join(
        f"{7000 + n},{utc(LAST)},50.0\n{7000 + n},{utc(NEXT)},50.5\n" for n in range(2, STREET + 1)))
    wait_until(lambda: hub.sql("select count(*) from reading r join point p on p.id = r.point where p.code like 'W%%'")[0][0] == 3 + 2 * (STREET - 1),
               60, "the street's standings are stored")
    for commodity, day in (("water", LAST), ("ev", DRIVE)):
        hub.ctl("aggregate", "publish", "--from", f"{day:%Y-%m-%d}", "--to", f"{day + DAY:%Y-%m-%d}", "--commodity", commodity)
    period = f"from={utc(LAST)}&to={utc(NEXT)}&step=day"
    status, sums = hub.request(f"/v1/aggregates?area=east&commodity=water&{period}", hub.tokens["city"])
    assert status == 200, sums
    cell = sums["lines"][0]["cells"][0]
    assert (float(cell["value"]), cell["customers"]) == (STREET / 2, STREET), sums
    # the same sum by the reading's trace alone
    (day,) = [s for s in traced(hub, entry["trace"])["sums"] if s["area"] == "east"]
    assert (float(day["sum"]), day["customers"], day["verdict"], day["day"]) == (STREET / 2, STREET, "published", utc(LAST)), day
    # one station's session is no sum, and is withheld by the rule
    status, sums = hub.request(f"/v1/aggregates?area=east&commodity=ev&from={utc(DRIVE)}&to={utc(DRIVE + DAY)}&step=day", hub.tokens["city"])
    assert status == 200 and all(c["withheld"]["rule"] == "count" for line in sums["lines"] for c in line["cells"]), sums
    # whoever is no government gets none, and the government no home's reading
    for stranger in ("gas", "app", "estate", "next-door"):
        status, none = hub.request(f"/v1/aggregates?area=east&commodity=water&{period}", hub.tokens[stranger])
        assert status in (403, 404), (stranger, status, none)
    assert hub.request("/v1/readings?point=W1&quantity=water_volume", hub.tokens["city"])[0] == 404
    nobody_else(hub, entry["trace"], "water", "home")
