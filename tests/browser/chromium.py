"""A real Chromium for tests of pages: what it logged, and pictures of it."""
import contextlib
import os
import pathlib
import shutil

import pytest

PHONE, DESK = (390, 844), (1280, 900)


@contextlib.contextmanager
def chromium(size=PHONE, dark=False):
    webdriver = pytest.importorskip("selenium.webdriver")
    if not shutil.which("chromedriver"):
        pytest.skip("no chromedriver")
    from selenium.webdriver.chrome.service import Service
    options = webdriver.ChromeOptions()
    options.accept_insecure_certs = True  # the doors' certificate comes from the hub's own authority
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=zh-CN", "--hide-scrollbars",
                     f"--window-size={size[0]},{size[1]}"):
        options.add_argument(argument)
    if dark:
        options.add_argument("--force-dark-mode")
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                               {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE})
        driver.set_page_load_timeout(60)
        yield driver
    finally:
        driver.quit()


def picture(driver, name):
    """The whole page, where HUB_PICTURES names a directory."""
    place = os.environ.get("HUB_PICTURES")
    if place:
        import base64
        shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "format": "png"})
        pathlib.Path(place, name + ".png").write_bytes(base64.b64decode(shot["data"]))


def complaints(driver):
    """What the console says of errors; an answer of refusal that the page handles is none."""
    return [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE" and "status of 401" not in entry["message"]
            and "favicon" not in entry["message"]]
