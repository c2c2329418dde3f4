"""A resident's bills in a real browser on a real hub: this month, history, why, pay, and a line down to its readings."""
import datetime
import hashlib
import hmac
import re

import pytest

from bill_city import EAST, city, power, take, write
from chromium import DESK, PHONE, chromium, complaints, picture
from hub import Hub, directory, wait_until
from people import PASSWORD, Portal


@pytest.fixture(scope="module")
def portal():
    with directory() as place:
        hub = Hub(place / "data")
        portal = Portal(hub)
        try:
            hub.up(*portal.arguments)
            hub.ctl("party", "add", "home", "--kind", "household", "--role", "resident", "--name-zh", "锦园 7-1203", "--name-en", "Home 7-1203")
            portal.person("liming", "home")
            run, runs = city(hub, holder="home")
            assert run["posted"] == 1, [r.stdout for r in runs]
            hub.ctl("party", "add", "pay", "--kind", "service", "--role", "payment", "--name-zh", "支付平台", "--name-en", "Payment Platform")
            lately(hub)
            yield portal
        finally:
            hub.end()


def lately(hub):
    """Power of this month up to this hour, so that there is a cycle to forecast."""
    now = datetime.datetime.now(EAST).replace(minute=0, second=0, microsecond=0)
    rows, at = ["meter,start,value"], now.replace(day=1, hour=0)
    while at < now:
        rows.append(f"Mh1,{at.isoformat()},{power(at.hour, at.day, at.month) / 100:.2f}")
        at += datetime.timedelta(hours=1)
    write(hub.data.parent / "lately.csv", rows)
    take(hub, "grid", hub.data.parent / "lately.csv", 60)


class Reader:
    """A person before the browser."""

    def __init__(self, driver, portal):
        self.driver, self.portal = driver, portal

    def find(self, css, index=0):
        from selenium.webdriver.common.by import By

        def seek():
            found = self.driver.find_elements(By.CSS_SELECTOR, css)
            return found[index] if len(found) > index else None
        return wait_until(seek, 30, f"{css} on the page: {self.text()[:300]}")

    def text(self):
        return self.driver.execute_script("return document.body ? document.body.innerText : ''")

    def go(self, address, wait):
        """Of the page that was there before nothing is left, so that what is found is the new one's."""
        self.driver.execute_script("""
            document.getElementById("main").replaceChildren();
            if (location.hash === arguments[0])
                window.dispatchEvent(new HashChangeEvent("hashchange"));
            else
                location.hash = arguments[0];""", address)
        return self.find(wait)

    def click(self, element):
        """As a finger would: what is covered by the bar below is brought up first."""
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def cents(self, css):
        return int(re.sub(r"[^\d-]", "", self.find(css).text.replace("−", "-")))

    def log_in(self):
        self.driver.get(self.portal.url + "/#/login")
        self.driver.execute_script("localStorage.setItem('language', 'zh')")
        self.driver.refresh()
        self.find("input[name=login]").send_keys("liming")
        self.find("input[name=password]").send_keys(PASSWORD)
        self.find("#login button").click()
        self.find("#tabs a")

    def no_sideways(self):
        wide, width = self.driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= width, f"the page is {wide} wide on a window of {width}"


@pytest.fixture(scope="module", params=[PHONE, DESK], ids=["phone", "desk"])
def reader(request, portal):
    with chromium(request.param) as driver:
        reader = Reader(driver, portal)
        reader.name = "phone" if request.param == PHONE else "desk"
        reader.log_in()
        yield reader
        assert not complaints(driver)


def bill_of(portal, cycle="2026-10"):
    return portal.hub.json("bill", "show", "h1", "--cycle", cycle)


@pytest.mark.thorough
def test_this_month_with_its_parts_pictures_and_history(portal, reader):
    bill, september = bill_of(portal), bill_of(portal, "2026-09")
    reader.go("#/bills", "#due")
    assert reader.cents("#due") == bill["total"] - bill["paid"] + september["total"]
    assert "11月15日" in reader.find("#until").text
    page = reader.text()
    for zh in ("电费", "水费", "燃气费", "充电费", "城市电网公司"):
        assert zh in page
    first = reader.find("details.part")
    reader.click(first.find_element("css selector", "summary"))
    wait_until(lambda: len(first.find_elements("css selector", "svg.bars rect")) == 31, 30, "a bar for each day")
    picture(reader.driver, f"bills-{reader.name}")
    reader.no_sideways()
    assert len(reader.find("#history").find_elements("css selector", "li")) == 2
    reader.click(reader.find("#history a", 1))
    wait_until(lambda: "2026 年 9 月 应缴" in reader.text(), 30, "September")
    assert reader.cents("#due") == september["total"]


def test_a_line_down_to_its_readings_in_two_steps(portal, reader):
    bill = bill_of(portal)
    reader.go("#/bills", "#due")
    part = reader.find("details.part")
    reader.click(part.find_element("css selector", "summary"))
    line = wait_until(lambda: part.find_elements("css selector", ".lines a"), 20, "lines")[0]
    reader.click(line)
    rated = bill["parts"][0]["rated"]["lines"][0]
    assert rated["formula"] in reader.find("#formula").text
    wait_until(lambda: len(reader.driver.find_elements("css selector", "#days button")) == 31, 30, "31 days")
    picture(reader.driver, f"line-{reader.name}")
    reader.click(reader.find("#days button", 4))
    rows = wait_until(lambda: reader.driver.find_elements("css selector", "#readings tbody tr"), 30, "the day's readings")
    assert len(rows) == 24
    values = [float(row.find_elements("css selector", "td")[2].text.split()[0]) for row in rows]
    assert f"{sum(values):.2f}" == f"{float(reader.find('#days button', 4).find_element('css selector', '.number').text):.2f}"
    picture(reader.driver, f"readings-{reader.name}")
    reader.no_sideways()


def test_causes_add_up_to_the_change(portal, reader):
    bill, september = bill_of(portal), bill_of(portal, "2026-09")
    reader.click(reader.go("#/bills", "#why"))
    change = int(reader.find("#change").get_attribute("data-cents"))
    assert change == bill["total"] - september["total"]
    reader.find("#causes li")
    sums = [int(one.get_attribute("data-cents")) for one in reader.find("#causes").find_elements("css selector", ".sum")]
    assert len(sums) == 7 and sum(sums) == change
    picture(reader.driver, f"why-{reader.name}")
    reader.no_sideways()


def test_an_order_is_made_and_followed(portal, reader):
    reader.click(reader.go("#/bills", "#pay"))
    reader.click(reader.find("#order input[name=what]", 1))
    picture(reader.driver, f"pay-{reader.name}")
    reader.click(reader.find("#order button"))
    state = reader.find("#state")
    assert "待支付" in state.text
    address = reader.find("#go").get_attribute("href")
    assert address.startswith("https://pay.example/scan?order=")
    order = address.split("=")[-1]
    rows = portal.hub.sql("select state, amount from payment where account || '-' || id = %s", order)
    assert rows == [(1, bill_of(portal)["parts"][0]["amount"])]
    picture(reader.driver, f"order-{reader.name}")


@pytest.mark.thorough
def test_the_other_language_and_the_keyboard(portal, reader):
    from selenium.webdriver.common.keys import Keys
    reader.go("#/bills", "#due")
    reader.click(reader.find("#language"))
    first = "return (document.querySelector('#until')?.innerText ?? '').startsWith('Please pay by')"
    wait_until(lambda: reader.driver.execute_script(first), 20, "English first")
    picture(reader.driver, f"english-{reader.name}")
    summary = reader.find("details.part summary")
    reader.driver.execute_script("arguments[0].focus()", summary)
    summary.send_keys(Keys.ENTER)
    wait_until(lambda: reader.find("details.part").get_attribute("open"), 10, "the part opened by the keyboard")
    reader.click(reader.find("#language"))


def test_what_is_downloaded_is_the_bill(portal, reader):
    bill = bill_of(portal)
    reader.go("#/bills", "#due")
    kinds = reader.driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        Promise.all([...document.querySelectorAll('#parts a[target]')].map(a => fetch(a.href).then(r => r.headers.get('content-type'))))
            .then(done);""")
    assert [kind.split(";")[0].split(".")[-1] for kind in kinds] == ["application/pdf", "sheet", "text/csv"]
    assert f"/v1/bills/{bill['id']}.pdf" in reader.find("#parts a[target]").get_attribute("href")


def both_languages(reader, check):
    """The same page with each language first."""
    for first in ("zh", "en"):
        latin = "return /^[A-Za-z]/.test((document.querySelector('#main h1')?.innerText ?? '').trim())"
        wait_until(lambda: reader.find("#main h1") and reader.driver.execute_script(latin) == (first == "en"), 20, f"{first} first")
        check(first)
        reader.no_sideways()
        reader.click(reader.find("#language"))


@pytest.mark.thorough
def test_the_forecast_and_what_moved_use_would_save(portal, reader):
    if datetime.datetime.now(EAST).day == 1:
        pytest.skip("nothing can be said of a cycle on its first day")
    reader.go("#/forecast", "#forecast")

    def check(first):
        told = portal.hub.json("account", "forecast", "h1", "--shift", "peak:valley:0.3")
        saving = next(part["what_if"]["saving"] for part in told["parts"] if "what_if" in part)
        assert reader.cents("#forecast") == told["forecast"] > 0 and saving > 0
        reader.click(reader.find("#shift button"))
        wait_until(lambda: f"可省 ¥{saving / 100:.2f}" in reader.text().replace("¥ ", "¥"), 30, f"saves {saving}: {reader.text()[-300:]}")
        picture(reader.driver, f"forecast-{first}-{reader.name}")
    both_languages(reader, check)


@pytest.mark.thorough
def test_a_part_is_contested_and_answered(portal, reader):
    hub, bill, part = portal.hub, bill_of(portal), {"phone": 1, "desk": 2}[reader.name]
    reader.go("#/bills", "#due")

    def opened():
        card = reader.find(f"#part-{part}")
        if not card.get_attribute("open"):
            reader.click(card.find_element("css selector", "summary"))
        return card
    card = opened()
    reader.click(card.find_element("css selector", ".ask summary"))
    card.find_element("css selector", "textarea[name=reason]").send_keys("表跑得太快")
    picture(reader.driver, f"contest-{reader.name}")
    reader.click(card.find_element("css selector", ".ask button"))
    wait_until(lambda: "已提出争议" in card.text and "Contested" in card.text and "表跑得太快" in card.text, 30, "the dispute on the page")
    assert bill_of(portal)["parts"][part]["dispute"]["reason"] == "表跑得太快"
    hub.ctl("bill", "dispute", "h1", "--cycle", "2026-10", "--part", part, "--reason", "读数无误", "--settle")
    reader.go(f"#/bills/{bill['id']}", "#due")
    both_languages(reader, lambda first: wait_until(lambda: "争议已答复" in opened().text, 30, "the answer on the page"))
    picture(reader.driver, f"answered-{reader.name}")


@pytest.mark.thorough
def test_what_is_paid_is_said(portal, reader):
    hub = portal.hub
    before = bill_of(portal)["paid"]
    reader.click(reader.go("#/bills", "#pay"))
    reader.find("#order input[name=what]", 1)
    reader.click(reader.driver.find_elements("css selector", "#order input[name=what]")[-1])
    reader.click(reader.find("#order button"))
    order = reader.find("#go").get_attribute("href").split("=")[-1]
    (amount,), = hub.sql("select amount from payment where account || '-' || id = %s", order)
    time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"order": order, "reference": f"R-{reader.name}", "currency": "CNY", "amount": amount, "time": time}
    text = "".join(f"{name}={said[name]}\n" for name in ("order", "reference", "currency", "amount", "time"))
    said["signature"] = hmac.new(b"a shared key of thirty-two bytes", text.encode(), hashlib.sha256).hexdigest()
    status, answer = hub.request("/v1/payments/callback", hub.ctl("party", "token", "pay").split()[-1], "POST", said)
    assert status == 200, answer
    wait_until(lambda: "已支付" in reader.find("#state").text and "已入账" in reader.text(), 30, "that it is paid")
    picture(reader.driver, f"paid-{reader.name}")
    assert bill_of(portal)["paid"] == before + amount
    reader.go("#/pay", "#payments li")
    both_languages(reader, lambda first: wait_until(lambda: "已支付" in reader.find("#payments li").text and "Paid" in reader.find("#payments li").text,
                                                    30, "the payment among the earlier ones"))
