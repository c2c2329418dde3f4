"""Every page of every area, in both languages, at phone and desk width, on one small living city, by the logins that quickstart prints.

Which pages there are is asked of the portal itself (pages.js), and from each of them one link of every shape is followed: what is
new is audited without a line here.
"""
import os
import re

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
FOLDED = {"bills": ("details.part summary", ".lines a")}  # what a page shows when it is asked to: before its links are followed
READY, TRIES = 1000, 3  # ms until a page can be used, in the best of so many loads
LINKS = "return [...document.querySelectorAll('#main a[href^=\"#/\"]')].map(a => a.getAttribute('href'))"
# What the portal itself serves comes as the build compressed it.
PLAIN = """
return performance.getEntries().filter(e => ['navigation', 'resource'].includes(e.entryType) && !new URL(e.name).pathname.startsWith('/v1/'))
    .filter(e => e.contentEncoding ? e.contentEncoding !== 'gzip' : e.encodedBodySize >= e.decodedBodySize).map(e => e.name);
"""
# What no reader should meet: a value that was not there, words of the other language alone; a resident, a key instead of words.
WORDS = """
const zh = document.documentElement.lang.startsWith('zh'), bad = [];
for (const one of document.body.innerText.matchAll(/\\b(undefined|NaN|null|Infinity|Invalid Date)\\b|\\[object/g)) bad.push(one[0]);
for (const e of document.querySelectorAll('h1, h2, th, label, button, summary, .badge, nav a, .note')) {
    const text = e.innerText.trim(), codes = e.querySelector('code, input, select, textarea');
    if (!text || codes || e.id === 'language' || !e.checkVisibility()) continue;
    const chinese = /[\\u4e00-\\u9fff]/.test(text), english = /[A-Za-z]{2}/.test(text);
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
    """From nothing: ms until the page says that it can be used."""
    if not page.driver.current_url.startswith(address.split("#")[0]):
        page.driver.get(address)
    was = page.driver.execute_script("history.replaceState(null, '', arguments[0]); return performance.timeOrigin", address)
    page.driver.execute_cdp_cmd("Page.reload", {"ignoreCache": True})
    ready = "return performance.timeOrigin !== arguments[0] && performance.getEntriesByName('drawn')[0]?.startTime"
    return wait_until(lambda: page.driver.execute_script(ready, was), 60, f"{address} is drawn")


def allowed():
    """Where others keep the processors busy the clock says little of the page."""
    return READY * max(1, os.getloadavg()[0] / os.cpu_count())


def look(page, name, address):
    """One page in both languages and widths, and the links on it; what is wrong with it goes to page.faults."""
    took, tries = load(page, address), 1
    # Who is not logged in is told so with 401; else a call that is refused is a fault of the page, which should not have asked.
    page.faults += [f"{name}: {one['message']}" for one in page.driver.get_log("browser")
                    if one["level"] == "SEVERE" and not (name in OPEN and "/v1/me" in one["message"])]
    weight, plain = page.weight(), page.driver.execute_script(PLAIN)
    if not 0 < weight < 300_000 or plain:
        page.faults.append(f"{name}: {weight} bytes; not compressed: {plain}")
    while took >= allowed() and tries < TRIES:
        took, tries = min(took, load(page, address)), tries + 1
    if took >= allowed():
        page.faults.append(f"{name}: usable after {took:.0f} ms at best, of {tries} loads")
    page.slowest, page.heaviest = max(page.slowest, (took, name)), max(page.heaviest, (weight, name))
    inside, wanted = FOLDED.get(address.split("/#/")[1], ("", ""))
    if inside and page.find(inside):
        page.click(inside)
        page.see(wanted)
    links = page.driver.execute_script(LINKS)
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
    return links


def shape(address):
    """Pages of one kind: the name, and how deep; whatever the numbers in it are."""
    words = address.removeprefix("#/").split("/")
    return words[0], len(words)


def walk(page, city, login, known):
    """All of this person's pages but those that are known, and from each the first link of every shape; the shapes that were seen."""
    todo = [f"#/{name}" for name in page.driver.execute_async_script(ROUTES)]
    page.driver.get_log("browser")  # what logging in said
    assert len(todo) >= 6, todo
    seen = set(known)
    while todo:
        address = todo.pop(0)
        if shape(address) in seen:
            continue
        seen.add(shape(address))
        name = "-".join([login] + [str(word) for word in shape(address) if word])
        todo += look(page, name, f"{city.portal}/{address}")
    return seen


@pytest.mark.thorough
def test_every_page(city):
    with opened("desk") as page:
        page.slowest = page.heaviest = (0, "")
        for name in OPEN:
            look(page, name, f"{city.portal}/#/{name}")
        seen = set()
        for login in AREAS + OTHERS:
            enter(page, city, login)
            page.language("zh")
            # Those who work for a party share what lies deep.
            seen |= walk(page, city, login, seen if login in OTHERS else {one for one in seen if one[1] > 2})
        deep = {("received", 3), ("quarantine", 3), ("sums", 5), ("line", 4), ("bills", 2)}
        print(f"{len(seen)} kinds of page; slowest {page.slowest}, heaviest {page.heaviest}")
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


def cells(page, table):
    """What stands in a table, row by row."""
    return page.driver.execute_script("return [...document.querySelectorAll(arguments[0] + ' tbody tr')].map(r => [...r.cells].map(c => c.innerText.trim()))", table)


def follow(page, css, wait):
    """One step: a click on a figure, until what it leads to is there."""
    page.click(css)
    return page.see(wait)


def cents(text):
    return int(re.sub(r"[^\d]", "", text))


@pytest.mark.thorough
def test_a_partner_follows_its_figures(city):
    """Refused: to the record as it came and the rule. Collected: to the share with its payment, and the bill."""
    with opened("desk") as page:
        enter(page, city, "power")
        page.language("zh")
        load(page, f"{city.portal}/#/board")
        assert cents(page.see("#parties td:nth-child(5) a").text) > 0
        follow(page, "#parties td:nth-child(5) a", "#entries tbody a")
        rows = cells(page, "#entries")
        entry, rule, original = city.sql("select id, code, raw from quarantine where id = %s", int(rows[0][0]))[0]
        follow(page, "#entries tbody a", "pre.raw")
        assert rule in page.see(".note.bad code").text and bytes(original).decode() in page.see("pre.raw").text

        load(page, f"{city.portal}/#/money")
        collected = cents(page.see("#collected a").text)
        follow(page, "#collected a", "#shares tbody a")
        rows = cells(page, "#shares")
        paid = city.sql("select coalesce(sum((s ->> 3)::bigint), 0)::bigint from payment y cross join json_array_elements(y.split::json) s join bill b on"
                        " b.account = y.account and b.cycle = (s ->> 0)::int and b.revision = (s ->> 1)::int where y.state = 2 and"
                        " (b.body::json -> (s ->> 2)::int ->> 'u')::bigint = (select id from party where code = 'power')")[0][0]
        assert collected == paid > 0 and sum(cents(row[2]) for row in rows) == collected, "what is shown adds up to the figure"
        account, order = rows[0][3].split("-", 1)
        assert city.sql("select amount, reference from payment where account = %s and id = %s", int(account), order) == [(cents(rows[0][4]), rows[0][6])]
        page.audit("followed-shares")
        follow(page, "#shares tbody a", ".part-of-bill .paid")
        assert cents(page.see(".part-of-bill .paid").text) == cents(rows[0][2]) and cells(page, "#lines")
        assert len(page.find(".part-of-bill")) == 1, "others' parts are not shown"
        page.audit("followed-bill")
        assert not page.faults, "\n".join(page.faults)


@pytest.mark.thorough
def test_the_operator_follows_its_figures(city):
    """A source's rate and lateness: to its batches, and one's receipt. Completeness: to the points, one's readings and their receipt."""
    with opened("desk") as page:
        enter(page, city, "operator")
        page.language("zh")
        for column in (4, 7):                                              # the rate, and how late
            load(page, f"{city.portal}/#/board")
            source = page.see(f"#sources tr:has(td:nth-child({column}) a) td").text
            follow(page, f"#sources td:nth-child({column}) a", "#receipts tbody a")
            assert {row[1] for row in cells(page, "#receipts")} == {source}
            first = cells(page, "#receipts")[0]
            follow(page, "#receipts tbody a", "#receipt")
            stored = city.sql("select count, stored from receipt where id = %s", int(first[0]))
            assert stored == [tuple(int(n.replace(",", "")) for n in cells(page, "#receipt")[0][:2])]
        load(page, f"{city.portal}/#/board")
        follow(page, "#quality tr:has(td:first-child) a", "#points tbody a")
        whole = next(row for row in cells(page, "#points") if int(row[4].replace(",", "")) > 0)
        page.audit("followed-points")
        page.driver.execute_script("[...document.querySelectorAll('#points tr')].find(r => r.cells[0].innerText === arguments[0]).querySelector('a').click()", whole[0])
        page.see("#readings tbody a")
        reading = cells(page, "#readings")[0]
        page.audit("followed-readings")
        follow(page, "#readings tbody a", "#receipt")
        assert reading[5] in page.see("h1").text and cells(page, "#receipt")
        assert not page.faults, "\n".join(page.faults)
