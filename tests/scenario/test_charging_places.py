"""Stations in public: who is told of them and of what; a session begun and ended by a household with its own card, and by nobody else's."""
import datetime
import secrets

import pytest

from hub import Hub, directory, wait_until
from places_city import furnish, stand

ENDS = ("confirmed", "refused", "expired")


@pytest.fixture(scope="module")
def hub():
    with directory() as place:
        one = Hub(place / "data")
        try:
            furnish(one)
            one.points = {"B1": stand(one, "B1", "Available", "Charging"), "PIER": stand(one, "PIER", "Faulted"),
                          "GARAGE": stand(one, "GARAGE", "Available")}
            yield one
        finally:
            one.end()


def places(hub, who, query=""):
    status, body = hub.request(f"/v1/charging-places{query}", hub.tokens[who])
    assert status == 200, body
    return body


def test_what_is_in_public_is_told_with_state_place_and_price(hub):
    def told():
        body = places(hub, "home")
        return body if [c.get("state") for p in body["places"] for c in p["connectors"]] == ["available", "charging", "faulted"] else None
    body = wait_until(told, 30, "the stations' words are kept")
    by_name = {p["name"]: p for p in body["places"]}
    assert set(by_name) == {"B1", "B2", "HOME", "PIER"}, "the garage is a home's"
    mall = by_name["B1"]
    assert (mall["lon"], mall["lat"], mall["place_zh"], mall["area_en"], mall["power_kw"]) == (113.05, 23.16, "湖滨商场", "North", "60")
    assert "lon" not in by_name["HOME"] and not by_name["B2"]["connectors"]
    assert [a["properties"]["code"] for a in body["areas"]] == ["city/north", "city/south"]
    (tariff,) = body["tariffs"]
    # 1.2 by day and 0.4 from 22 to 8, and a service fee of 0.5
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
    assert tariff["code"] == "ev/tou" and [p["price"] for p in tariff["prices"]][:2] == (["1.7", "0.9"] if 8 <= now.hour < 22 else ["0.9", "1.7"])
    assert all(a["end"] == b["start"] for a, b in zip(tariff["prices"], tariff["prices"][1:]))
    assert body["cards"] == [{"tag": "CAR", "account": "h1", "issuer": "evco"}] and places(hub, "next-door")["cards"] == []
    first = places(hub, "home", "?limit=3")
    assert [p["name"] for p in first["places"]] == ["B1", "B2", "HOME"] and first["cursor"]
    rest = places(hub, "home", f"?limit=3&cursor={first['cursor']}")
    assert [p["name"] for p in rest["places"]] == ["PIER"] and not rest["cursor"] and not rest["areas"]


def order(hub, who, station, connector="", card=None, path="/v1/charging-sessions"):
    body = {"station": station, "connector": connector, **({"card": card} if card else {})} if station else None
    return hub.request(path, hub.tokens[who], "POST", body if body else b"", {"Idempotency-Key": secrets.token_hex(8)})


def ended(hub, who, number):
    return wait_until(lambda: (c := hub.request(f"/v1/commands/{number}", hub.tokens[who])[1]) and c.get("state") in ENDS and c, 40, "it ends")


def test_a_household_begins_and_ends_its_own_session_and_nobody_elses(hub):
    point = hub.points["B1"]
    status, body = order(hub, "home", "B1", "1")
    assert status == 202, body
    done = ended(hub, "home", body["commands"][0]["id"])
    assert done["state"] == "confirmed" and done["arguments"] == {"tag": "CAR"}, done
    assert point.actions("RemoteStartTransaction") == [{"connectorId": 1, "idTag": "CAR"}]
    number = point.call("StartTransaction", {"connectorId": 1, "idTag": "CAR", "meterStart": 0, "timestamp": "2026-11-20T06:00:00Z"})["transactionId"]
    running = wait_until(lambda: hub.request("/v1/charging-sessions?state=open", hub.tokens["home"])[1]["sessions"], 30, "it runs")[0]
    for who in ("next-door", "grid"):
        assert order(hub, who, None, path=f"/v1/charging-sessions/{running['id']}/stop")[0] == 404
    status, body = order(hub, "home", None, path=f"/v1/charging-sessions/{running['id']}/stop")
    assert status == 202, body
    assert ended(hub, "home", body["commands"][0]["id"])["state"] == "confirmed"
    assert point.actions("RemoteStopTransaction") == [{"transactionId": number}]
    point.call("StopTransaction", {"transactionId": number, "meterStop": 4000, "timestamp": "2026-11-20T07:00:00Z"})
    wait_until(lambda: order(hub, "home", None, path=f"/v1/charging-sessions/{running['id']}/stop")[0] == 404, 30, "what ended is not ended again")
    # the command is its own: the neighbour hears of none
    assert hub.request(f"/v1/commands/{done['id']}", hub.tokens["next-door"])[0] == 404


def test_what_nobody_may_begin(hub):
    assert order(hub, "next-door", "B1", "1")[1]["code"] == "charging.card"
    assert order(hub, "home", "B1", "1", card="OPEN")[1]["code"] == "charging.card", "another's card"
    for station in ("GARAGE", "NOWHERE"):
        assert order(hub, "home", station)[1]["code"] == "charging.station"
    assert order(hub, "grid", "B1", "1")[1]["code"] == "charging.card"
    hub.ctl("charger", "tag", "FLEET", "--party", "evco", "--account", fleet(hub))
    status, body = order(hub, "grid", "B1", "1", card="FLEET")
    assert status == 403 and body["code"] == "command.denied", "a card alone is no right: the grid company is no resident"
    assert not hub.points["GARAGE"].actions("RemoteStartTransaction")


@pytest.mark.thorough
def test_who_looked_at_a_home_s_charging_is_told_to_the_home(hub):
    garage = hub.points["GARAGE"]
    number = garage.call("StartTransaction", {"connectorId": 1, "idTag": "OPEN", "meterStart": 0, "timestamp": "2026-11-21T06:00:00Z"})["transactionId"]
    garage.call("StopTransaction", {"transactionId": number, "meterStop": 3000, "timestamp": "2026-11-21T07:00:00Z"})

    def looked():
        return [s for s in hub.request("/v1/charging-sessions?station=GARAGE", hub.tokens["evco"])[1]["sessions"] if s["point"] == "EV-GARAGE"]
    wait_until(looked, 30, "the session is there")
    seen = hub.request("/v1/viewings", hub.tokens["next-door"])[1]["viewings"]
    assert [(v["what"], v["party"], v["point"]) for v in seen] == [("session", "evco", "EV-GARAGE")], seen
    assert hub.request("/v1/viewings", hub.tokens["home"])[1]["viewings"] == [], "what is in public is nobody's home"


def fleet(hub):
    hub.ctl("account", "add", "fleet", "--holder", "grid")
    return "fleet"
