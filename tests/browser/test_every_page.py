"""Every page of every area, in both languages, at phone and desk width, on one small living city, by the logins that quickstart prints.

Which pages there are is asked of the portal itself (pages.js), and from each of them one link of every shape is followed: what is
new is audited without a line here.
"""
import pytest

from browser import opened
from hub import kill, wait_until
from living import living_city

# One of each area sees all of its pages; of the others what is theirs alone.
AREAS, OTHERS = ("resident", "bureau", "operator", "power"), ("resident-sun", "charge")
OPEN = ("login", "join")

ROUTES = """
const done = arguments[arguments.length - 1];
Promise.all([import('/pages.js'), fetch('/v1/me').then(r => r.json())]).then(([{ pages }, me]) =>
    done(pages.filter(p => !p.open && p.name !== 'authorize' && (!p.when || p.when(me))).map(p => p.name)));
"""
FOLDED = {("bills", 1): ("details.part summary", ".lines a")}  # what a page shows when it is asked to: before its links are followed
LINKS = "return [...document.querySelectorAll('#main a[href^=\"#/\"]')].map(a => a.getAttribute('href'))"
# What no reader should meet: a value that was not there, words of the other language alone; a resident, a key instead of words.
WORDS = """
const zh = document.documentElement.lang.startsWith('zh'), bad = [];
for (const one of document.body.innerText.matchAll(/\\b(undefined|NaN|null|Infinity|Invalid Date)\\b|\\[object/g)) bad.push(one[0]);
for (const e of document.querySelectorAll('h1, h2, th, label, button, summary, .badge, nav a, .note')) {
    const text = e.innerText.trim(), codes = e.querySelector('code, input, select, textarea');
    if (!text || codes || !e.checkVisibility()) continue;
    const chinese = /[\\u4e00-\\u9fff]/.test(text), english = /[A-Za-z]{3}/.test(text);
    if (zh ? english && !chinese : chinese && !english) bad.push(`${e.tagName.toLowerCase()} in one language: ${text.slice(0, 60)}`);
    const first = e.querySelector(':scope > span[lang]');
    if (first && first.lang.startsWith('zh') !== zh) bad.push(`the other language first: ${text.slice(0, 60)}`);
}
if (arguments[0]) for (const one of document.querySelector('main').innerText.matchAll(/\\b[a-z]+_[a-z_]+\\b/g)) bad.push(`a key: ${one[0]}`);
return bad;
"""


@pytest.fixture(scope="module")
def city():
    with living_city() as hub:
        hub.words = {line.split()[0]: line.split()[1] for line in (hub.data / "core/city-logins.txt").read_text().splitlines()}
        hub.portal = f"https://localhost:{hub.environment['HUB_PUBLIC_PORT']}"
        yield hub


def enter(page, city, login):
    page.driver.get(city.portal + "/")
    page.driver.execute_async_script("fetch('/v1/session', {method: 'DELETE'}).then(arguments[0], arguments[0])")
    page.driver.get("about:blank")
    page.driver.get(city.portal + "/#/login")
    page.type("#login [name=login]", login)
    page.type("#login [name=password]", city.words[login])
    page.click("#login button")
    page.see("#tabs a")


def drawn(page, act):
    """Once what `act` had drawn is there."""
    page.driver.execute_script("document.getElementById('main').dataset.page = ''")
    act()
    wait_until(lambda: page.driver.execute_script("return document.getElementById('main')?.dataset.page"), 60, "the page is drawn")


def load(page, address):
    page.driver.get("about:blank")
    page.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    page.driver.get(address)
    wait_until(lambda: page.driver.execute_script("return document.getElementById('main')?.dataset.page"), 60, f"{address} is drawn")


def look(page, name):
    """One page in both languages and widths, just loaded; what is wrong with it goes to page.faults."""
    weight = page.weight()
    if not 0 < weight < 300_000:
        page.faults.append(f"{name}: {weight} bytes")
    for tongue, size in (("zh", "phone"), ("zh", "desk"), ("en", "desk"), ("en", "phone")):
        page.resize(size)
        if not page.driver.execute_script("return document.documentElement.lang").startswith(tongue):
            drawn(page, lambda: page.driver.execute_script("document.getElementById('language').click()"))
        try:
            page.audit(f"every-{name}-{tongue}", 10 if (tongue, size) == ("zh", "phone") else 0)
        except AssertionError as wide:
            page.faults.append(str(wide))
        page.faults += [f"{name} {tongue} {size}: {one}" for one in dict.fromkeys(page.driver.execute_script(WORDS, name.startswith("resident")))]
    page.driver.execute_script("localStorage.setItem('language', 'zh')")  # the next page begins in Chinese


def shape(address):
    """Pages of one kind: the name, and how deep; whatever the numbers in it are."""
    words = address.removeprefix("#/").split("/")
    return words[0], len(words)


def walk(page, city, login, known):
    """All of this person's pages but those that are known, and from each the first link of every shape; the shapes that were seen."""
    todo = [f"#/{name}" for name in page.driver.execute_async_script(ROUTES)]
    assert len(todo) >= 6, todo
    seen = set(known)
    while todo:
        address = todo.pop(0)
        if shape(address) in seen:
            continue
        seen.add(shape(address))
        load(page, f"{city.portal}/{address}")
        name = "-".join([login] + [str(word) for word in shape(address) if word])
        if shape(address) in FOLDED:
            inside, wanted = FOLDED[shape(address)]
            page.click(inside)
            page.see(wanted)
        look(page, name)
        todo += page.driver.execute_script(LINKS)
    return seen


@pytest.mark.thorough
def test_every_page(city):
    with opened("desk") as page:
        for name in OPEN:
            load(page, f"{city.portal}/#/{name}")
            look(page, name)
        seen = set()
        for login in AREAS + OTHERS:
            enter(page, city, login)
            page.language("zh")
            seen |= walk(page, city, login, seen if login in OTHERS else ())
        deep = {("received", 3), ("quarantine", 3), ("sums", 5), ("line", 4), ("bills", 2)}
        assert deep <= seen, f"{deep - seen} of {sorted(seen)}"
        assert not page.faults, "\n".join(page.faults)


@pytest.mark.thorough
@pytest.mark.parametrize("size, language", [("phone", "en"), ("desk", "zh")])
def test_a_fault_is_on_the_board(city, size, language):
    """A gateway says m³ for kWh, and a process is killed: the operator's board says both, and leads to what was refused."""
    home = (city.data / "zone/state/city-gateways").read_text().split()[2]
    refused = lambda: city.sql("select count(*) from quarantine where code = 'reading.unit' and state = 'open' and made > now() - interval '1 minute'")[0][0]
    begun = lambda: city.sql("select count(*) from trouble where kind = 'process.started' and subject = 'adapterd'")[0][0]
    before = wait_until(begun, 60, "the board knows when adapterd began")
    city.ctl("city", "fault", "home", int(home), "unit")
    try:
        wait_until(refused, 120, "another unit is refused")
    finally:
        city.ctl("city", "fault", "home", int(home), "none")
    kill(city.pid("adapterd"))
    wait_until(lambda: begun() > before, 120, "a process that began anew is on the board")
    with opened(size) as page:
        enter(page, city, "operator")
        page.language(language)
        load(page, f"{city.portal}/#/board")
        page.see("#troubles", "adapterd")
        page.audit(f"fault-{language}")
        page.click('#parties a[href="#/quarantine/power"]')
        page.see("#entries code", "reading.unit")
        page.audit(f"fault-refused-{language}")
        page.driver.execute_script("[...document.querySelectorAll('#entries tr')].find(r => r.innerText.includes('reading.unit')).querySelector('a').click()")
        page.see("#replay")
        page.see(".note.bad code", "reading.unit")
        page.audit(f"fault-entry-{language}")
        assert not page.faults, "\n".join(page.faults)
