"""A driver's charging in a real browser: what runs now, what it cost, line by line."""
import pytest

from chromium import DESK, PHONE, chromium, complaints, picture
from hub import Hub, directory, wait_until
from people import Portal
from test_bill_pages import Reader
from test_charger import join
from test_charging_bill import build, charge


@pytest.fixture(scope="module")
def portal():
    with directory() as place:
        hub = Hub(place / "data")
        portal = Portal(hub)
        try:
            build(hub, *portal.arguments)
            portal.person("liming", "home")
            station = join(hub, "B1")
            charge(station, "CAR", "2026-09-02", [("14:00:00", 6000)])
            number = station.start("CAR", 10000, "2026-11-20T06:00:00Z")["transactionId"]
            station.meter(number, 14250, "2026-11-20T06:30:00Z")
            wait_until(lambda: hub.sql("select count(*) from charging_charge") == [(1,)], 30, "the session is charged")
            portal.station, portal.number = station, number
            yield portal
        finally:
            hub.end()


@pytest.mark.thorough
@pytest.mark.parametrize("size, name", [(PHONE, "phone"), (DESK, "desk")])
def test_what_runs_and_what_it_cost(portal, size, name):
    with chromium(size) as driver:
        reader = Reader(driver, portal)
        reader.log_in()
        assert "4.25 kWh" in reader.go("#/charging", ".running").text
        session = reader.find("#before details.session")
        assert "13.80" in session.text and "10.00 kWh" in session.text
        reader.click(session.find_element("css selector", "summary"))
        rows = wait_until(lambda: session.find_elements("css selector", "tbody tr"), 20, "the lines of the charge")
        assert len(rows) == 3 and "电费" in session.text and "服务费" in session.text
        picture(driver, f"charging-{name}")
        reader.no_sideways()
        if name == "desk":
            portal.station.meter(portal.number, 15500, "2026-11-20T06:45:00Z")
            wait_until(lambda: "5.50 kWh" in reader.text(), 40, "the page follows the session")
            reader.click(reader.find(".running .stop"))
            wait_until(lambda: "已请求结束充电" in driver.find_element("id", "say").text, 20, "the page says that the stop was asked for")
            assert portal.hub.sql("select count(*) from command where kind = 'charger_stop'") == [(1,)]
        assert not complaints(driver)
