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

# Colours are blended from the page's ground up: backgrounds with alpha, gradients by their worst colour, opacity of all above.
CONTRAST = """
const parse = text => { const m = text.match(/rgba?\\(([^)]+)\\)/); if (!m) return [0, 0, 0, 0];
    const v = m[1].split(/[ ,/]+/).map(Number); return [v[0], v[1], v[2], v.length > 3 ? v[3] : 1]; };
const over = (top, under) => { const a = top[3]; return [0, 1, 2].map(i => top[i] * a + under[i] * (1 - a)).concat(1); };
const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const grounds = element => { // every colour that may be behind it
    const above = []; for (let e = element; e; e = e.parentElement) above.unshift(getComputedStyle(e));
    let behind = [[255, 255, 255, 1]];
    if (matchMedia('(prefers-color-scheme: dark)').matches) behind = [[18, 18, 18, 1]];
    for (const style of above) {
        const image = style.backgroundImage;
        if (image.includes('gradient')) behind = [...image.matchAll(/rgba?\\([^)]+\\)/g)].flatMap(m => behind.map(b => over(parse(m[0]), b)));
        else { const c = parse(style.backgroundColor); if (c[3]) behind = behind.map(b => over(c, b)); }
    }
    return behind;
};
const opacity = element => { let o = 1; for (let e = element; e; e = e.parentElement) o *= Number(getComputedStyle(e).opacity); return o; };
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), bad = [];
while (walk.nextNode()) {
    const node = walk.currentNode, e = node.parentElement;
    if (!node.data.trim() || e.closest('noscript, script, style, :disabled') || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const range = document.createRange(); range.selectNodeContents(node);
    const box = range.getBoundingClientRect(); if (box.width < 2 || box.height < 2 || box.right < 0) continue;
    const style = getComputedStyle(e), drawn = e instanceof SVGElement;
    const c = parse(drawn ? style.fill : style.color);
    const halo = drawn && style.paintOrder.startsWith('stroke') ? parse(style.stroke) : null;
    const behind = halo && halo[3] ? [halo] : grounds(drawn ? e.closest('svg').parentElement : e), o = opacity(e);
    const worst = Math.min(...behind.map(b => ratio(over([c[0], c[1], c[2], c[3] * o], b), b)));
    if (worst < 4.5) bad.push(`${node.data.trim().slice(0, 40)} <${e.tagName.toLowerCase()} class="${e.getAttribute('class') ?? ''}"> ${worst.toFixed(2)}`);
}
return bad;
"""
REACH = """
const bad = [], was = document.activeElement;
for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary, [onclick], [role=button], [tabindex="0"]')) {
    if (e.disabled || e.type === 'hidden' || !e.checkVisibility({ visibilityProperty: true })) continue;
    e.focus({ focusVisible: true });
    const style = getComputedStyle(e), shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    const area = e.querySelector?.('.area'), stroke = area && parseFloat(getComputedStyle(area).strokeWidth) > 3;
    if (document.activeElement !== e) bad.push(`not focusable: ${e.outerHTML.slice(0, 90)}`);
    else if (e.tabIndex < 0) bad.push(`not in the order: ${e.outerHTML.slice(0, 90)}`);
    else if (!shown && !stroke) bad.push(`its focus is not seen: ${e.outerHTML.slice(0, 90)}`);
}
was.focus?.();
return bad;
"""

SIZES = {"phone": (390, 844), "desk": (1280, 900)}


class Page:
    def __init__(self, driver, size):
        self.driver, self.size, self.faults = driver, size, []  # faults: of audits, for the test's end

    def open(self, url):
        self.driver.get(url)

    def resize(self, size):
        """The same page at another width, as on another device."""
        self.size, (width, height) = size, SIZES[size]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "mobile": size == "phone",
                                                                           "deviceScaleFactor": 2 if size == "phone" else 1})

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
        try:
            return wait_until(shown, 30, f"{selector} {text or ''} is shown")
        except AssertionError as e:
            raise AssertionError(f"{e}; the page says: {self.text[:1500]}") from None

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

    def picture(self, name, at=None):
        """A picture of what is seen (from the element `at` on), kept where HUB_PICTURES says; nothing may stick out at the side."""
        wide = self.driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], f"{name} is wider than the {self.size}: {wide}"
        place = os.environ.get("HUB_PICTURES")
        if place:
            if at:
                self.driver.execute_script("window.scrollTo(0, arguments[0].getBoundingClientRect().top + scrollY - 80)", self.see(at))
            pathlib.Path(place).mkdir(parents=True, exist_ok=True)
            self.driver.save_screenshot(str(pathlib.Path(place) / f"{name}-{self.size}.png"))

    def low_contrast(self):
        """Texts that are shown and do not stand out from what is behind them by 4.5 : 1 (WCAG 2, 1.4.3), large ones too."""
        return self.driver.execute_script(CONTRAST)

    def unreachable(self, tabs=10):
        """What can be used but not be reached by the keyboard, or does not show that it was."""
        return self.driver.execute_script(REACH) + self.walked(tabs)

    def press(self, key, code):
        """A key as the keyboard gives it, to whatever has the focus."""
        for kind in ("keyDown", "keyUp"):
            self.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code,
                                                                   **({"text": "\r"} if key == "Enter" and kind == "keyDown" else {})})

    def walked(self, tabs):
        """The tab key itself, from the top: it must move on with each press, and not get caught."""
        self.driver.execute_script("document.activeElement.blur(); window.scrollTo(0, 0); window.tabs = new Map()")
        count = min(tabs, self.driver.execute_script("return document.querySelectorAll('a[href],button,input,select,textarea,summary').length"))
        seen = []
        for _ in range(count):
            self.press("Tab", 9)
            # A field of a date has places of its own within it, which are all it.
            seen.append(self.driver.execute_script("const e = document.activeElement, k = /^(date|time)/.test(e.type) ? {} : e;"
                                                   "if (!window.tabs.has(k)) window.tabs.set(k, window.tabs.size); return window.tabs.get(k)"))
        return [] if len(set(seen)) >= count - 1 else [f"the tab key goes round in {len(set(seen))} of {count} places"]

    def weight(self):
        """Bytes over the wire for this page and all it took, as the browser counted them; of a page that was just loaded."""
        return self.driver.execute_script("return performance.getEntries().reduce((sum, e) => sum + (e.transferSize || 0), 0)")

    def audit(self, name, tabs=10):
        """What holds for every page, as it stands now: a picture, no faults in the console, contrast, keyboard."""
        self.picture(name)
        for fault in (self.complaints(), self.low_contrast(), self.unreachable(tabs)):
            self.faults += [f"{name} {self.size}: {one}" for one in fault[:5]]

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
        # A focus is shown in a window that has it.
        driver.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
        yield Page(driver, size)
    finally:
        with contextlib.suppress(WebDriverException):
            driver.quit()
        shutil.rmtree(profile, ignore_errors=True)
