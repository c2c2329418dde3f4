"""Where stations in public are, in a real browser: the map and the list, by the keyboard, and a session begun at one."""
import pytest

from browser import opened
from hub import Hub, directory, wait_until
from people import PASSWORD, Portal
from places_city import furnish, stand, tell


@pytest.fixture(scope="module")
def portal():
    with directory() as place:
        hub = Hub(place / "data")
        portal = Portal(hub)
        try:
            furnish(hub, *portal.arguments)
            portal.person("liming", "home")
            portal.points = {"B1": stand(hub, "B1", "Available", "Charging"), "PIER": stand(hub, "PIER", "Faulted")}
            token = hub.tokens["home"]
            wait_until(lambda: [c.get("state") for p in hub.request("/v1/charging-places", token)[1]["places"] for c in p["connectors"]]
                       == ["available", "charging", "faulted"], 30, "the stations' words are kept")
            yield portal
        finally:
            hub.end()


@pytest.mark.thorough
@pytest.mark.parametrize("size, language", [("phone", "zh"), ("desk", "en")])
def test_a_station_is_found_and_a_session_begun(portal, size, language):
    with opened(size) as page:
        page.open(portal.url + "/#/login")
        page.type("#login [name=login]", "liming")
        page.type("#login [name=password]", PASSWORD)
        page.click("#login button")
        page.see("#to-compare")
        page.language(language)
        page.driver.execute_script("location.hash = '#/charging'")
        page.click("#to-places")
        page.see("#places li")
        listed = [(row.get_attribute("data-name"), row.get_attribute("data-kind")) for row in page.find("#places li")]
        assert (listed[0], listed[3]) == (("B1", "free"), ("PIER", "fault")) and set(listed[1:3]) == {("B2", "unknown"), ("HOME", "unknown")}
        assert len(page.find("#map svg a")) == 3, "what has no place is in the list alone"
        assert "GARAGE" not in page.text
        page.audit(f"places-{language}")
        page.driver.execute_script("arguments[0].focus()", page.find('#map a[data-key="dot PIER"]')[0])
        page.press("Enter", 13)                                            # the map by the keyboard
        place = page.see("#place h2", {"zh": "南港码头", "en": "South Pier"}[language])
        assert page.driver.execute_script("return document.activeElement === arguments[0]", place), "the focus goes to what was chosen"
        assert {"zh": "故障", "en": "Faulted"}[language] in page.see("#place").text and not page.find("#place .start")
        page.driver.execute_script("arguments[0].focus()", page.find('#places a[data-key="row B1"]')[0])
        page.press("Enter", 13)                                            # and the list
        page.see("#price", "/kWh")
        page.audit(f"place-{language}")
        assert len(page.find("#place .start")) == 1, "connector 2 is taken"
        before = len(portal.points["B1"].actions("RemoteStartTransaction"))
        page.click("#place .start")
        page.see("#place .note.good")
        assert portal.points["B1"].actions("RemoteStartTransaction")[before:] == [{"connectorId": 1, "idTag": "CAR"}]
        tell(portal.points["B1"], 1, "Charging")
        wait_until(lambda: page.find('#places li[data-name="B1"][data-kind="busy"]'), 40, "the page follows the station")
        tell(portal.points["B1"], 1, "Available")
        wait_until(lambda: page.find('#places li[data-name="B1"][data-kind="free"]'), 40, "the page follows the station")
        page.click("label.choice input")
        assert [row.get_attribute("data-name") for row in page.find("#places li")] == ["B1"]
        assert not page.complaints()
        assert not page.faults, "\n".join(page.faults)
