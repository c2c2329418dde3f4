"""A resident beside the neighbours, and what her own hours advise, in a real browser at phone and desk width."""
import datetime
import random
import subprocess

import pytest

from chromium import DESK, PHONE, chromium, complaints, picture
from hub import Hub, directory, wait_until
from people import Portal
from test_bill_pages import Reader
from test_compare import EAST, Home, build, evening, hours


@pytest.fixture(scope="module")
def portal():
    """Thirty flats alike, of which one is Li Ming's; her gas is not metered, her neighbours' neither."""
    rnd = random.Random(3)
    homes = [Home(i, rnd) for i in range(30)]
    for home in homes:
        home.dwelling, home.heating, home.area, home.occupied, home.known = "flat", "central", 9000, True, True
        home.days = {"electricity": 31, "water": 31}
    homes[0].days["water"] = 5
    with directory() as place:
        hub = Hub(place / "data")
        portal = Portal(hub)
        try:
            hub.up(*portal.arguments)
            build(hub, homes)
            today = datetime.datetime.now(EAST).replace(hour=0, minute=0, second=0, microsecond=0)
            hours(hub, homes[0], today - datetime.timedelta(days=8), 8, evening, lambda h: "0.004")
            portal.person("liming", "h000")
            assert "answers" in hub.ctl("compare", "run", "--cycle", "2026-10", "--per", "area")
            hub.sql("insert into bill (account, cycle, revision, state, currency, total, due, paid, body) select id, 202610, 0, 1, 156, 0, now(), '{}',"
                    " '[]' from billing_account where code = 'h000'")
            yield portal
        finally:
            hub.end()


@pytest.fixture(scope="module", params=[PHONE, DESK], ids=["phone", "desk"])
def reader(request, portal):
    with chromium(request.param) as driver:
        reader = Reader(driver, portal)
        reader.name = "phone" if request.param == PHONE else "desk"
        reader.log_in()
        yield reader
        assert not complaints(driver)


@pytest.mark.thorough
def test_beside_the_neighbours_with_advice(portal, reader):
    reader.click(reader.go("#/", "#to-compare"))
    power = reader.find("[data-commodity=electricity]")
    exact = portal.hub.json("compare", "show", "h000", "--as-resident")["comparisons"]
    told = next(one for one in exact if one["commodity"] == "electricity")
    for figure in (told["own"], told["median"], told["efficient"]):
        assert f"{figure} kWh" in power.text.replace(",", ""), power.text
    assert str(told["peers"]) in power.text or told["best_fifth"]
    assert "本月读数不足十天" in reader.find("[data-commodity=water]").text
    assert "集中供暖" in reader.find("#about").text and "90 m²" in reader.find("#about").text
    load, flow = reader.find("[data-advice=always_on]").text, reader.find("[data-advice=night_flow]").text
    assert "0.15" in load and "109.5" in load
    assert "4 升" in flow and "建议处理" in flow
    picture(reader.driver, f"compare-{reader.name}")
    reader.no_sideways()


def test_it_stands_on_the_bill_and_on_paper(portal, reader):
    told = next(one for one in portal.hub.json("compare", "show", "h000", "--as-resident")["comparisons"] if one["commodity"] == "electricity")
    card = reader.go("#/bills", "#neighbours [data-commodity=electricity]").text.replace(",", "")
    assert all(f"{told[name]} kWh" in card for name in ("own", "median", "efficient")), card
    assert "20 至 100 户" in reader.find("#neighbours").text
    reader.no_sideways()
    picture(reader.driver, f"bill-beside-{reader.name}")
    if reader.name == "desk":
        pdf = portal.hub.run("bill", "show", "h000", "--cycle", "2026-10", "--format", "pdf", text=False).stdout
        paper = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode().replace(",", "")
        row = next(line for line in paper.split("\n") if f"{told['rank']} / {told['peers'] + 1}" in line)
        assert all(f"{told[name]} kWh" in row for name in ("own", "median", "efficient")), row
        assert "与邻里对比" in paper and "面积相差不超过 15 %" in paper


def test_out_and_in_again(portal, reader):
    reader.click(reader.go("#/compare", "#choose"))
    wait_until(lambda: "住户选择不参加邻里对比" in reader.text(), 30, "out of comparisons")
    assert not reader.driver.find_elements("css selector", "[data-commodity]")
    reader.click(reader.find("#choose"))
    reader.find("[data-commodity=electricity]")
    reader.click(reader.find("#language"))
    wait_until(lambda: "Best fifth, at most" in reader.text(), 30, "English")
    reader.click(reader.find("#language"))
    wait_until(lambda: "最省的五分之一" in reader.text(), 30, "Chinese")


def test_notices_and_who_read_my_data(portal, reader):
    hub = portal.hub
    water = hub.ctl("party", "token", "water").strip()
    until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    status, made = hub.request("/v1/notices", water, "POST", {"commodity": "water", "severity": "urgent", "premises": ["est"], "title_zh": "水管抢修",
                               "title_en": "A main burst", "text_zh": "今晚停水，请储水。", "text_en": "No water tonight; store some.", "valid_to": until})
    assert status == 201, made
    hub.ctl("party", "add", "office", "--kind", "community", "--name-zh", "物业", "--name-en", "The management", "--role", "estate")
    place = hub.data.parent / "manager.csv"
    place.write_text("code,kind,manager\nest,estate,office\n")
    hub.ctl("load", "premises", "--update", place)
    safe = hub.json("notice", "send", "--party", "office", "--by", "wang", "--kind", "security_notice", "--place", "est", "--title-zh", "东门门禁更换",
                    "--title-en", "New lock at the east gate", "--text-zh", "今晚走西门。", "--text-en", "Use the west gate tonight.", "--to", until)
    assert hub.request("/v1/readings?point=h000/w&quantity=water_volume", water)[0] == 200
    reader.click(reader.go("#/", "#to-notices"))
    card = reader.find(f"[data-notice='{made['id']}']")
    assert "水管抢修" in card.text and "A main burst" in card.text and "紧急" in card.text
    card = reader.find(f"[data-notice='{safe['id']}']")
    assert "小区安防" in card.text and "东门门禁更换" in card.text and "物业" in card.text
    assert "h000/w" in reader.find("#viewings li").text and "原始读数" in reader.find("#viewings li").text
    picture(reader.driver, f"notices-{reader.name}")
    reader.no_sideways()
