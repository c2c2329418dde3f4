"""A real Chromium for tests of the portal.

    with opened("phone") as page:
        page.open(portal.url)
        page.type("#login [name=login]", "alice")
"""
import contextlib
import os
import pathlib
import shutil
import tempfile

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from hub import wait_until

SIZES = {"phone": (390, 844), "desk": (1280, 900)}


class Page:
    def __init__(self, driver, size):
        self.driver, self.size = driver, size

    def open(self, url):
        self.driver.get(url)

    def find(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def see(self, selector, text=None):
        """The element once it is shown (and holds the text)."""
        def shown():
            with contextlib.suppress(StaleElementReferenceException):
                for element in self.find(selector):
                    if element.is_displayed() and (text is None or text in element.text):
                        return element
            return None
        return wait_until(shown, 30, f"{selector} {text or ''} is shown; the page says: {self.text[:400]}")

    @property
    def text(self):
        return self.driver.execute_script("return document.body ? document.body.innerText : ''")

    def type(self, selector, text):
        element = self.see(selector)
        element.clear()
        element.send_keys(text)

    def click(self, selector, text=None):
        element = self.see(selector, text)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def language(self, name):
        """'zh' or 'en'."""
        if not self.driver.execute_script("return document.documentElement.lang").startswith(name):
            self.click("#language")
            wait_until(lambda: self.driver.execute_script("return document.documentElement.lang").startswith(name))

    def picture(self, name):
        """A picture of the whole page, kept where HUB_PICTURES says; nothing may stick out at the side."""
        wide = self.driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], f"{name} is wider than the {self.size}: {wide}"
        place = os.environ.get("HUB_PICTURES")
        if place:
            pathlib.Path(place).mkdir(parents=True, exist_ok=True)
            self.driver.save_screenshot(str(pathlib.Path(place) / f"{name}-{self.size}.png"))

    def complaints(self):
        """What the console says of our own faults: broken scripts, refused styles. Refused calls are the pages' business."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE" and "Failed to load resource" not in entry["message"]]


@contextlib.contextmanager
def opened(size="phone", language="zh-CN"):
    options = webdriver.ChromeOptions()
    profile = tempfile.mkdtemp(prefix="hub-browser")
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", f"--lang={language}",
                 f"--user-data-dir={profile}", "--window-size=%d,%d" % SIZES[size]):
        options.add_argument(word)
    options.set_capability("acceptInsecureCerts", True)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    if size == "phone":
        width, height = SIZES[size]
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": {"width": width, "height": height, "pixelRatio": 2.0}})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        yield Page(driver, size)
    finally:
        with contextlib.suppress(WebDriverException):
            driver.quit()
        shutil.rmtree(profile, ignore_errors=True)
