"""The operator's alarms, commands, charging stations and an event of demand response, in a real browser on a real hub."""
import datetime
import re

import pytest

from browser import opened
from charge_point import ChargePoint
from hub import Hub, directory, free_port, wait_until
from people import PASSWORD, Portal
from test_charger import join
from test_command import listen, meter

NOW = lambda: datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def kw(name, value, when):
    return {"meter": name, "quantity": "active_power", "kind": "instant", "unit": "kW", "value": f"{value:.1f}",
            "time": when.isoformat().replace("+00:00", "Z")}


@pytest.fixture(scope="module")
def portal():
    """As the folder's own, with a port for charging stations."""
    with directory() as place:
        hub = Hub(place / "data")
        portal, hub.charger_port = Portal(hub), free_port()
        try:
            hub.up(*portal.arguments, "--charger-plain", f"127.0.0.1:{hub.charger_port}")
            yield portal
        finally:
            hub.end()


@pytest.fixture(scope="module")
def city(portal):
    """A grid company with four buildings: an alarm at one, and an event that all of them are called for."""
    hub = portal.hub
    hub.ctl("party", "add", "grid", "--kind", "grid", "--role", "grid", "--name-zh", "供电公司", "--name-en", "Grid company")
    portal.person("zhang", "grid")
    token = hub.ctl("party", "token", "grid").strip()
    starts, rows = NOW() - datetime.timedelta(minutes=4), []
    hub.ctl("demand", "programme", "summer", "--party", "grid", "--settle", 600, "--name-zh", "夏季削峰", "--name-en", "Summer peaks")
    for i in range(4):
        hub.ctl("point", "add", f"B{i}", "--commodity", "electricity", "--operator", "grid", "--supplier", "grid")
        hub.ctl("point", "bind", f"B{i}", "--party", "grid", "--meter", f"b{i}", "--from", "2026-01-01T00:00:00Z")
        hub.ctl("demand", "resource", f"B{i}", "--programme", "summer", "--most", 10, "--normal", 50, "--keep", 5, "--cost", 3)
        for back in range(0, 11):
            for minute in (-120, 0, 1, 2, 3):
                used = 20 + i + back % 3
                rows.append(kw(f"b{i}", used if back or minute < 1 else used - 3 * minute, starts - datetime.timedelta(days=back, minutes=-minute)))
    hub.ctl("alarm", "rule", "add", "--party", "grid", "--point", "B3", "--kind", "value_over", "--standing", "safe", "--severity", "critical",
            "--quantity", "active_power", "--raise", "40", "--by", "li")
    status, receipt = hub.request("/v1/readings", token, "POST", rows)
    assert status == 202 and receipt["stored"] == len(rows), receipt
    hub.number = hub.json("demand", "call", "summer", "--target", 30, "--from", starts.isoformat().replace("+00:00", "Z"),
                          "--to", (starts + datetime.timedelta(hours=1)).isoformat().replace("+00:00", "Z"))["event"]
    # The first look comes after the programme's ten minutes.
    wait_until(lambda: (orders := hub.json("demand", "report", hub.number)["orders"]) and all("delivered" in one for one in orders), 30,
               "what the meters say is told as soon as the orders are out")
    hub.raise_alarm = lambda: [hub.request("/v1/readings", token, "POST", [kw("b3", value, NOW() + datetime.timedelta(milliseconds=n))])
                               for n, value in enumerate((3.0, 55.5))]
    return portal


def enter(page, city, login="zhang"):
    page.open(city.url + "/#/login")
    page.type("#login [name=login]", login)
    page.type("#login [name=password]", PASSWORD)
    page.click("#login button")
    page.see("#tabs a", "报警")


@pytest.mark.thorough
def test_alarms_are_shown_and_acknowledged(page, city):
    city.hub.raise_alarm()
    enter(page, city)
    page.open(city.url + "/#/alarms")
    page.see(".alarm h2", "超过上限")
    said = page.text
    assert "Above its limit" in said and "B3" in said and "55.5 kW" in said and "40 kW" in said and "安全值" in said
    page.picture("alarms")
    if page.find(".alarm button"):
        page.click(".alarm button", "确认")
    page.see(".alarm", "zhang 已确认")


@pytest.mark.thorough
def test_an_event_shows_target_curve_and_baseline(page, city):
    enter(page, city)
    page.open(city.url + "/#/demand")
    page.click("a.card", "夏季削峰")
    page.see("#target", "30.0")
    page.see("#error", "%")
    for line in ("baseline", "used", "goal"):
        points = page.find(f"svg.curve polyline.{line}")[0].get_attribute("points").split()
        assert len(points) >= 4, line
    said = page.text
    assert "Baseline" in said and "进行中" in said and "B1" in said
    delivered = page.driver.execute_script("return [...document.querySelectorAll('#orders tbody tr')].map(r => r.cells[3].innerText.trim())")
    assert delivered and all(re.match(r"-?\d+\.\d$|电表未报数", one) for one in delivered), delivered
    page.picture("demand")
    page.picture("demand-curve", at="svg.curve")
    page.language("en")
    page.see("h1", "Demand response")
    page.language("zh")


@pytest.fixture(scope="module")
def switches(city, tmp_path_factory):
    """A meter that can be switched, and two people who deal with commands; a third deals with something else."""
    hub = city.hub
    journal = tmp_path_factory.mktemp("dlt") / "told"
    for login, kind in (("wudan", "command"), ("zhou", "command")):
        city.person(login, "grid", "--kind", kind)
    city.feng = city.person("feng", "grid", "--kind", "reading")
    city.feng.log_in()
    with listen("dlt645", journal, "--count", 1) as address:
        hub.ctl("point", "add", "S1", "--commodity", "electricity", "--operator", "grid", "--supplier", "grid")
        hub.ctl("point", "bind", "S1", "--party", "grid", "--meter", meter(1), "--from", "2026-01-01T00:00:00Z")
        hub.ctl("instance", "add", "meters", "--party", "grid", "--adapter", "dlt645", "--option", "interval=0", "--option", "timeout=400",
                "--transport", "kind=tcp_client", "--transport", f"dial={address}", "--promise", "journalled")
        yield journal


def switched(journal):
    return len(journal.read_text().splitlines()) if journal.exists() else 0


def fill(page, point, kind, **words):
    page.see("#order")
    page.type("#order [name=point]", point)
    page.find(f"#order [name=kind] option[value={kind}]")[0].click()
    for name, value in words.items():
        page.type(f"#order [name=argument-{name}]", value)
    page.click("#order button")


@pytest.mark.thorough
def test_a_cut_off_takes_two_people(page, city, switches):
    enter(page, city, "wudan")
    page.open(city.url + "/#/commands/new")
    fill(page, "S1", "switch", state="off")
    page.see("h1", "拉合闸")
    page.see("#steps li", "等待第二人")
    number, before = city.hub.sql("select max(id) from command where kind = 'switch'")[0][0], switched(switches)
    page.open(city.url + "/#/commands")
    page.see(f"[data-id='{number}']", "等待第二人")
    assert not page.find(f"[data-id='{number}'] button.main"), "whoever asked may not approve"
    page.picture("commands")
    # Who deals with readings sees nothing of it, whatever the page shows.
    assert city.feng.call("GET", "/v1/commands")[1]["commands"] == []
    assert city.feng.call("POST", f"/v1/commands/{number}/approve", {})[0] in (403, 404)
    with opened(page.size) as second:
        enter(second, city, "zhou")
        second.open(city.url + "/#/commands/requested")
        second.click(f"[data-id='{number}'] button.main", "批准")
        wait_until(lambda: city.hub.sql("select state from command where id = %s", number)[0][0] == "confirmed", 30, "the meter has switched")
        second.open(city.url + f"/#/commands/{number}")
        second.see("#steps", "设备已确认")
        assert not second.complaints()
    assert city.hub.sql("select requested_by, decided_by from command where id = %s", number) == [("wudan", "zhou")]
    assert switched(switches) == before + 1


@pytest.fixture(scope="module")
def pile(city):
    """A charging station with two connectors, and who works for its operator."""
    hub = city.hub
    hub.ctl("party", "add", "evco", "--kind", "charging")
    hub.ctl("instance", "add", "chargers", "--party", "evco", "--adapter", "ocpp16", "--promise", "journalled", "--transport", "kind=websocket")
    hub.ctl("point", "add", "EV1", "--commodity", "ev", "--owner", "evco", "--operator", "evco")
    hub.ctl("charger", "add", "PILE1", "--party", "evco", "--instance", "chargers", "--point", "EV1", "--profile", "1", "--from", "2023-01-01")
    hub.words = {"PILE1": hub.ctl("charger", "password", "PILE1").strip()}
    city.person("han", "evco", "--kind", "command")
    pile = ChargePoint(join(hub, "PILE1"))
    pile.station.socket.sock.settimeout(600)  # nobody speaks to it while a browser starts
    for connector, state in ((1, "Charging"), (2, "Available")):
        pile.call("StatusNotification", {"connectorId": connector, "errorCode": "NoError", "status": state})
    yield pile
    pile.close()


@pytest.mark.thorough
def test_stations_show_connectors_and_take_limits(page, city, pile):
    enter(page, city, "han")
    page.open(city.url + "/#/chargers")
    page.see("[data-name=PILE1] .connector[data-state=charging]", "充电中")
    page.see("[data-name=PILE1] .connector[data-state=available]", "空闲")
    page.picture("chargers")
    page.click("[data-name=PILE1] .connector[data-state=charging] a", "限功率")
    assert page.see("#order [name=channel]").get_attribute("value") == "1"
    page.type("#order [name=argument-limit]", "7000")
    page.click("#order button")
    page.see("h1", "限充电功率")
    ended = lambda: city.hub.sql("select state, cause, details::text from command where kind = 'charger_limit' order by id desc limit 1")  # noqa: E731
    assert wait_until(lambda: (got := ended()) and got[0][0] in ("confirmed", "refused", "expired") and got, 60, "it has ended")[0][0] == "confirmed", ended()
    assert pile.limits == {1: 7000}
