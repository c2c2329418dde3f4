"""The pages of those who work for a party, in a real browser on one real hub: government, operators, partners; both languages, both widths."""
import os

import pytest

import sums_city
from hub import Hub, directory, wait_until
from people import PASSWORD, Portal
from recipients import Recipient, Street
from sums_city import DAYS, homes, use

STAFF = {"linbo": ("bureau", "--name", "林波", "--kind", "aggregate", "--kind", "carbon"), "zhang": ("grid", "--name", "张工"), "otto": ("hub", "--name", "值班员"),
         "shui": ("water", "--name", "水工")}


def wrong(meter, value="1"):
    return {"meter": meter, "quantity": "active_energy_import", "kind": "interval", "unit": "kWh", "value": value,
            "start": "2026-10-14T00:00:00Z", "time": "2026-10-14T01:00:00Z"}


@pytest.fixture(scope="module")
def portal():
    with directory() as place:
        hub = Hub(place / "data")
        portal, street = Portal(hub), Street()
        try:
            hub.up(*portal.arguments, "--egress-allow", "127.0.0.0/8")
            sums_city.build(hub)
            sums_city.publish(hub)
            hub.ctl("party", "add", "hub", "--kind", "operator", "--role", "operator", "--name-zh", "运行方", "--name-en", "Operators")
            hub.ctl("party", "add", "water", "--kind", "utility", "--role", "water", "--name-zh", "自来水公司", "--name-en", "Water company")
            for login, (party, *more) in STAFF.items():
                portal.person(login, party, *more)
            hub.token = hub.ctl("party", "token", "grid", "--label", "metering").strip()
            portal.recipient = street.move_in(Recipient())
            hub.ctl("subscription", "add", "grid", "--url", portal.recipient.url, "--name", "metering")
            portal.refuse = lambda name: hub.request("/v1/readings", hub.token, "POST", [wrong(name), wrong("Mcity/north/h0", "0.5")])[1]
            portal.refuse("X-0")
            yield portal
        finally:
            hub.end()
            street.close()


def widths(*quick):
    """A browser takes its time: each page at its own first width, at both in the long form."""
    return pytest.mark.parametrize("page", ["phone", "desk"] if os.environ.get("HUB_TEST_FORM") == "full" else quick, indirect=True)


def enter(page, portal, login):
    page.open(portal.url + "/#/login")
    page.type("#login [name=login]", login)
    page.type("#login [name=password]", PASSWORD)
    page.click("#login button")
    page.see("a.door")


def go(page, address, wait):
    page.driver.execute_script("document.getElementById('main').replaceChildren(); location.hash = arguments[0];"
                               "window.dispatchEvent(new HashChangeEvent('hashchange'))", address)
    return page.see(wait)


def kwh(area, day):
    return sum(use(p, day, h) for p in homes() if p.startswith(area) for h in range(24)) / 1000


def both(page, name):
    """Audited in both languages; back in Chinese."""
    page.audit(f"{name}-zh")
    page.language("en")
    wait_until(lambda: page.driver.execute_script("return document.querySelector('h1 span')?.lang") == "en", 20, "English first")
    page.audit(f"{name}-en")
    page.language("zh")
    wait_until(lambda: page.driver.execute_script("return document.querySelector('h1 span')?.lang") == "zh-CN", 20, "Chinese first")


@pytest.mark.thorough
@widths("phone", "desk")
def test_a_government_officer(page, portal):
    enter(page, portal, "linbo")
    page.audit("government")
    go(page, "#/sums/city/electricity/month/2026", "#cells a")
    assert len(page.find("#map svg.map a")) == 3
    page.click("#cells a", "10月")                                   # from the month's figure
    page.see("#period", "2026-10")
    table = page.see("#cells").text
    assert f"{kwh('city/', DAYS[0]):,.3f}".rstrip("0") in table and "0.5366 (2022)" in table and "尚未发布" in table
    assert f"{kwh('city/', sums_city.BEFORE):,.3f}".rstrip("0") in table
    districts = page.see("#districts").text
    assert "用户太少：少于 15 户" in districts and "可查询：翠湖市" in districts and "有一户超过总量的 15 %" in districts
    page.picture("map", at="#map")
    page.picture("refused", at="#districts")
    both(page, "sums")
    page.click("#cells a", "10月12日")                               # to the day's hours: two steps
    page.see("#period", "2026-10-12")
    assert len(page.find("#cells tbody tr")) == 24 and not page.find("#cells tr.none")
    north = page.find('#map a[data-area="city/north"]')[0]
    page.driver.execute_script("arguments[0].focus()", north)
    page.press("Enter", 13)                                            # the map by the keyboard
    page.see("h2", "北区")
    kind = page.driver.execute_async_script("const done = arguments[arguments.length - 1];"
                                            "fetch(document.getElementById('xlsx').href).then(r => done([r.status, r.headers.get('content-type')]))")
    assert kind[0] == 200 and "spreadsheetml" in kind[1]
    go(page, "#/asked", "#asked a")
    assert "Excel" in page.see("#asked").text and "linbo" in page.see("#asked").text
    both(page, "asked")


@widths("desk")
def test_an_operator(page, portal):
    told = portal.refuse(f"X-o{page.size}")
    enter(page, portal, "otto")
    page.audit("operator")
    go(page, "#/board", "#sources")
    assert "grid" in page.see("#parties").text and page.see("#hour").text != "0"
    both(page, "board")
    page.click("#parties td:nth-child(2) a")                          # from a rate
    page.click("#receipts a", str(told["receipt"]))                   # over the receipt to why something was refused
    page.see("#errors code", "reading.")
    page.audit("receipt")
    page.click("#errors a")
    page.see("#replay")
    page.audit("entry")
    go(page, "#/deliveries/grid", ".subscription")
    both(page, "deliveries")
    go(page, "#/policies", "#policies")
    page.type("#why [name=point]", "city/north/h0/e")
    page.click("#why button")
    page.see("#decision", "允许")
    assert "point.read.operator" in page.see("#decision").text
    both(page, "policies")
    go(page, "#/keys/grid", "#tokens")
    assert "metering" in page.text
    both(page, "keys")
    go(page, "#/alarms", "#alarms")
    page.audit("alarms")


@pytest.mark.thorough
@widths("phone")
def test_a_partner(page, portal):
    told = portal.refuse(f"X-p{page.size}")
    enter(page, portal, "zhang")
    page.audit("partner")
    go(page, "#/received", "#receipts")
    both(page, "received")
    page.click("#receipts a", str(told["receipt"]))
    page.click("#errors a")                                           # own quarantine: mend and replay
    text = page.see("#replay textarea").get_attribute("value").replace(f"X-p{page.size}", "Mcity/north/h1")
    page.type("#replay textarea", text)
    both(page, "mend")
    page.type("#replay textarea", text)
    page.click("#replay button")
    page.see("h1", "隔离区")
    entry = told["errors"][0]["quarantine"]
    wait_until(lambda: portal.hub.sql("select state from quarantine where id = %s", entry) == [("replayed",)], 20, "replayed")
    go(page, "#/deliveries", ".subscription button")
    page.click(".subscription button", "发送测试")
    page.see(".subscription .note.good", "thank you")
    page.audit("test-sent")
    go(page, "#/money", "#billed")
    both(page, "money")
    go(page, "#/sums", ".note")                                       # what is others' is not there
    assert "此页不适用于您的账户" in page.text
    go(page, "#/received/hub", "#receipts")
    assert page.find('#receipts a[href^="#/received/grid/"]')


def leave(page, portal):
    page.driver.execute_async_script("fetch('/v1/session', {method: 'DELETE'}).then(arguments[0], arguments[0])")
    page.open("about:blank")


@widths("phone")
def test_notices_and_requests_between_two_parties(page, portal):
    what = f"北区负荷 {page.size}"
    enter(page, portal, "shui")
    go(page, "#/exchange", "#to-send")
    page.click("#to-send summary")
    page.audit("exchange-form")
    for name, text in (("title_zh", f"计划停水 {page.size}"), ("text_zh", "周六检修"), ("premises", "city/north")):
        page.type(f"#send [name={name}]", text)
    page.click("#send button")
    page.see("#send .note.bad", "no policy")                          # of all commodities only the government tells
    page.driver.execute_script("document.querySelector('#send [name=commodity]').value = 'water'")
    page.click("#send button")
    page.see("#sent", f"计划停水 {page.size}")
    page.click("#to-ask summary")
    page.driver.execute_script("document.querySelector('#ask [name=commodity]').value = 'water'")
    for name, text in (("of", "grid"), ("what", what), ("purpose", "查漏")):
        page.type(f"#ask [name={name}]", text)
    page.click("#ask button")
    assert "撤回" in page.see("#requests .request", what).text
    both(page, "exchange")
    page.click("#sent button", "撤回")
    page.see("#sent", "已撤回")
    leave(page, portal)
    enter(page, portal, "zhang")                                      # the other side answers, step by step
    go(page, "#/exchange", "#requests .request")
    page.type("#requests .request [name=note]", "周一给出")
    page.click('#requests [data-step="granted"]')
    page.see("#requests .request .badge", "已同意")
    assert "周一给出" in page.see("#requests .trail").text and "查漏" in page.see("#requests .request").text
    page.type("#requests .request [name=reference]", "回执 42")
    page.click('#requests [data-step="fulfilled"]')
    page.see("#requests .request .badge", "已完成")
    assert "回执 42" in page.text and not page.find("#requests [data-step]")


@widths("desk")
def test_a_government_officer_asks_to_be_shown(page, portal):
    enter(page, portal, "linbo")
    go(page, "#/exchange", "#to-ask")
    page.click("#to-ask summary")
    page.driver.execute_script("document.querySelector('#ask [name=kind]').value = 'view_command'")
    for name, text in (("of", "grid"), ("what", "北区日负荷"), ("purpose", "迎峰度夏")):
        page.type(f"#ask [name={name}]", text)
    page.click("#ask button")
    assert "查看命令" in page.see("#requests .request", "北区日负荷").text
    both(page, "asked-of")
