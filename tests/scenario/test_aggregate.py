"""Sums of areas: what is published, what is withheld and why, who may ask, and that it is written down."""
import datetime
import io
import json
import zipfile

import pytest

import sums_city
from hub import Hub, directory
from people import Portal
from sums_city import AREAS, BEFORE, BELOW, DAYS, OUTLINES, WITHIN, homes, use

PERIOD = "from=2026-10-12T00:00:00%2B08:00&to=2026-10-14T00:00:00%2B08:00"


@pytest.fixture(scope="module")
def city():
    with directory() as place:
        hub = Hub(place / "data")
        portal = Portal(hub)
        try:
            hub.up(*portal.arguments)
            sums_city.build(hub)
            sums_city.publish(hub)
            hub.tokens = {party: hub.ctl("party", "token", party).strip() for party in ("bureau", "grid", "city-north-h1")}
            hub.portal = portal
            yield hub
        finally:
            hub.end()


def ask(city, query, who="bureau"):
    return city.request(f"/v1/aggregates?{query}", city.tokens[who])


def members(area):
    return [p for p in homes() if p.startswith(WITHIN[area])]


def amount(places, day, hours=range(24)):
    return sum(use(p, day, h) for p in places for h in hours)


def passes(places, day, hours):
    """The rules, said once more."""
    total = amount(places, day, hours)
    return len(places) >= 15 and all(amount([p], day, hours) * 100 <= total * 15 for p in places)


def lines(answer):
    return {line["area"]["code"]: line["cells"] for line in answer["lines"]}


def wh(text):
    whole, _, part = text.partition(".")
    return int(whole) * 1000 + int(part.ljust(3, "0"))


def everything(city, step):
    """The cells of every area."""
    found = {}
    for area in AREAS:
        status, answer = ask(city, f"area={area}&step={step}&{PERIOD}")
        assert status == 200, answer
        found.update(lines(answer))
    return found


def test_sums_are_those_of_the_readings_and_small_areas_have_none(city):
    cells = everything(city, "day")
    assert wh(cells["city/north"][0]["value"]) == amount(members("city/north"), DAYS[0])
    assert cells["city/north"][0]["customers"] == 40 and cells["city"][0]["customers"] == 76
    for area, rule in (("city/south", "dominance"), ("city/islet", "count")):
        assert cells[area][0]["withheld"]["rule"] == rule, (area, cells[area][0])
    hours = everything(city, "hour")
    for area in ("city", "city/north/garden"):
        assert [wh(c["value"]) for c in hours[area]] == [amount(members(area), d, [h]) for d in DAYS for h in range(24)]


def test_what_is_withheld_says_the_rule_and_the_larger_area(city):
    status, answer = ask(city, f"area=city/islet&step=day&{PERIOD}")
    told = answer["lines"][0]["cells"][0]["withheld"]
    assert status == 200 and "too few customers" in told["why_en"] and "用户太少" in told["why_zh"] and "value" not in answer["lines"][0]["cells"][0]
    assert told["rule"] == "count" and told["coarser"]["code"] == "city" and told["coarser"]["name_zh"] == "翠湖市"
    assert answer["rules"] == {"customers": 15, "share": 15}


def test_nothing_can_be_computed_by_subtracting(city):
    for step, hours in (("day", [range(24)]), ("hour", [[h] for h in range(24)])):
        cells = everything(city, step)
        assert [a for a in AREAS if "value" in cells[a][0]] == (["city", "city/north", "city/north/garden"] if step == "day" else ["city", "city/north/garden"])
        for n, (day, part) in enumerate((d, h) for d in DAYS for h in hours):
            shown = [a for a in AREAS if "value" in cells[a][n]]
            for area in shown:
                rest = set(members(area)) - {p for below in shown if below != area and below.startswith(area) for p in members(below)}
                assert not rest or passes(sorted(rest), day, part), (step, n, area)
                assert passes(members(area), day, part)


def test_the_year_before_and_the_carbon_stand_beside(city):
    status, answer = ask(city, f"area=city/north&step=day&{PERIOD}")
    first = answer["lines"][0]["cells"][0]
    assert wh(first["last_year"]) == amount(members("city/north"), BEFORE)
    assert "last_year" not in answer["lines"][0]["cells"][1]
    assert (first["factor"], first["factor_year"]) == ("0.5366", 2022)
    assert abs(float(first["carbon"]) - float(first["value"]) * 0.5366) < 0.001
    assert answer["factors"][0]["source"].startswith("生态环境部")
    city.ctl("aggregate", "factor", "electricity", "--year", 2026, "--kg", "0.5", "--source", "city")
    again = ask(city, f"area=city/north&step=day&{PERIOD}")[1]["lines"][0]["cells"][0]
    assert (again["factor"], again["factor_year"]) == ("0.5", 2026)


def test_a_month_is_the_sum_of_its_published_days(city):
    status, answer = ask(city, "area=city&below=true&step=month&from=2026-10-01T00:00:00%2B08:00&to=2026-11-01T00:00:00%2B08:00")
    month = lines(answer)
    assert set(month) == {"city", *BELOW["city"]}
    cell = month["city/north"][0]
    assert wh(cell["value"]) == sum(amount(members("city/north"), d) for d in DAYS)
    assert (cell["days"], cell["days_of"]) == (2, 31)


def test_the_government_gets_sums_and_never_a_reading(city):
    point = members("city/north")[0] + "/e"
    for who, status in (("bureau", 404), ("grid", 200)):
        assert city.request(f"/v1/readings?point={point}&quantity=active_energy_import", city.tokens[who])[0] == status
    for who in ("grid", "city-north-h1"):
        assert ask(city, "area=city/north", who)[0] == 404
        assert city.request("/v1/areas.geojson", city.tokens[who])[1]["features"] == []


def test_an_officer_has_the_own_area_and_the_own_kinds(city):
    portal = city.portal
    people = {"lin": ("--kind", "aggregate", "--kind", "carbon"), "mei": ("--kind", "aggregate", "--area", "city/north"), "wuli": ("--kind", "alarm")}
    lin, mei, wuli = (portal.person(login, "bureau", *more) for login, more in people.items())
    for person in (lin, mei, wuli):
        person.log_in()
    path = f"/v1/aggregates?step=day&{PERIOD}&area="
    status, answer = lin.get(path + "city/north")
    assert status == 200 and "carbon" in answer["lines"][0]["cells"][0]
    status, answer = mei.get(path + "city/north")
    assert status == 200 and "carbon" not in answer["lines"][0]["cells"][0]
    assert mei.get(path + "city/north/garden")[0] == 200
    assert mei.get(path + "city/south")[0] == 404 and wuli.get(path + "city/north")[0] == 404
    shown = {f["properties"]["code"] for f in mei.get("/v1/areas.geojson")[1]["features"]}
    assert shown == {"city/north", "city/north/garden"}


def test_each_question_is_kept(city):
    before = city.request("/v1/aggregates/asked?limit=1", city.tokens["bureau"])[1]["asked"]
    assert ask(city, f"area=city&step=hour&{PERIOD}&purpose=heat%20wave")[0] == 200
    asked = city.request("/v1/aggregates/asked?limit=1", city.tokens["bureau"])[1]["asked"]
    assert asked[0]["purpose"] == "heat wave" and asked[0]["given"] == 48 and asked[0]["withheld"] == 0
    assert not before or asked[0]["id"] > before[0]["id"]
    assert len(asked[0]["trace"]) == 32


def test_the_workbook_holds_the_same_figures(city):
    status, book = city.request(f"/v1/aggregates.xlsx?area=city/north&step=day&{PERIOD}", city.tokens["bureau"])
    assert status == 200 and book[:2] == b"PK"
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        texts = parts.read("xl/sharedStrings.xml").decode()
    value = ask(city, f"area=city/north&step=day&{PERIOD}")[1]["lines"][0]["cells"][0]["value"]
    assert f"<v>{value}</v>" in sheet and "公布规则" in texts


def test_a_published_day_stays_though_a_reading_is_corrected(city):
    before = ask(city, f"area=city/north&step=day&{PERIOD}")[1]["lines"][0]["cells"][0]["value"]
    place = members("city/north")[0]
    status, receipt = city.request("/v1/readings", city.tokens["grid"], "POST", [{
        "meter": f"M{place}", "quantity": "active_energy_import", "kind": "interval", "unit": "kWh", "value": "9.000",
        "start": DAYS[0].astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "time": (DAYS[0] + datetime.timedelta(hours=1)).astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}])
    assert status == 202 and receipt["stored"] == 1, receipt
    report = json.loads(city.ctl("aggregate", "publish", "--from", "2026-10-12", "--to", "2026-10-13", "--commodity", "electricity"))
    assert report["already"] == 1 and report["published"] == 0
    assert ask(city, f"area=city/north&step=day&{PERIOD}")[1]["lines"][0]["cells"][0]["value"] == before


def test_the_map_has_the_citys_outlines(city):
    status, areas = city.request("/v1/areas.geojson", city.tokens["bureau"])
    assert status == 200
    assert {f["properties"]["code"]: f["geometry"] for f in areas["features"]} == OUTLINES
    refused = city.run("load", "areas", sums_city.put(city, "wrong.geojson", [json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"code": "atlantis"}, "geometry": OUTLINES["city"]}]})]))
    assert refused.returncode == 2 and "premise.unknown" in refused.stderr


@pytest.mark.thorough
@pytest.mark.parametrize("query, code", [("step=year", "aggregate.step"), ("commodity=coal", "aggregate.commodity"),
                                         ("from=2026-10-02T00:00:00Z&to=2026-10-01T00:00:00Z", "aggregate.period"),
                                         ("step=hour&from=2026-01-01T00:00:00Z&to=2026-10-01T00:00:00Z", "aggregate.period"),
                                         ("area=atlantis", "aggregate.area")])
def test_a_wrong_question_is_told_so(city, query, code):
    status, problem = ask(city, query)
    assert status in (400, 404) and problem["code"] == code
