"""The operator's alarms and an event of demand response, in a real browser on a real hub."""
import datetime

import pytest

from hub import wait_until
from people import PASSWORD

NOW = lambda: datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def kw(name, value, when):
    return {"meter": name, "quantity": "active_power", "kind": "instant", "unit": "kW", "value": f"{value:.1f}",
            "time": when.isoformat().replace("+00:00", "Z")}


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
    wait_until(lambda: hub.json("demand", "report", hub.number)["orders"], 30, "orders")
    hub.raise_alarm = lambda: [hub.request("/v1/readings", token, "POST", [kw("b3", value, NOW() + datetime.timedelta(milliseconds=n))])
                               for n, value in enumerate((3.0, 55.5))]
    return portal


def enter(page, city):
    page.open(city.url + "/#/login")
    page.type("#login [name=login]", "zhang")
    page.type("#login [name=password]", PASSWORD)
    page.click("#login button")
    page.see("#tabs a", "报警")


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
    page.picture("demand")
    page.language("en")
    page.see("h1", "Demand response")
    page.language("zh")
