"""The portal in a real browser, at phone and desk width: log in, lock-out, password, second member, bind, authorize an app."""
import base64
import hashlib
import http.server
import json
import secrets
import threading
import urllib.parse

import pytest

from people import PASSWORD


class Back(http.server.BaseHTTPRequestHandler):
    """Where an app waits for its code."""
    got = []

    def do_GET(self):
        if self.path.startswith("/back"):
            Back.got.append(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<p id=app>the app has its code</p>")

    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def app():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Back)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/back"
    server.shutdown()


@pytest.fixture(scope="module")
def city(portal, app):
    hub = portal.hub
    hub.ctl("party", "add", "water", "--kind", "utility", "--role", "supplier", "--name-zh", "自来水公司")
    hub.ctl("party", "add", "grid", "--kind", "grid", "--name-zh", "电网公司")
    hub.ctl("party", "add", "cloud", "--kind", "service", "--role", "third_party")
    hub.ctl("app", "add", "watcher", "--party", "cloud", "--redirect", app, "--scope", "profile", "--scope", "readings",
            "--name-zh", "能源管家", "--name-en", "Energy Watcher")
    return portal


def home(city, page):
    """A household for this width, with two meters; its head."""
    hub, code = city.hub, f"home-{page.size}"
    hub.ctl("party", "add", code, "--kind", "household", "--role", "resident", "--name-zh", "湖滨小区 3 幢 1202",
            "--name-en", "Lakeside 3-1202")
    hub.ctl("point", "add", f"E-{page.size}", "--commodity", "electricity", "--operator", "grid", "--occupant", code,
            "--name-zh", "电表", "--name-en", "Electricity meter")
    hub.ctl("point", "add", f"W-{page.size}", "--commodity", "water", "--supplier", "water", "--occupant", code,
            "--name-zh", "水表", "--name-en", "Water meter")
    return city.person(f"wang-{page.size}", code, "--head", "--name", "王小明")


def log_in(page, login, password=PASSWORD):
    page.type("#login [name=login]", login)
    page.type("#login [name=password]", password)
    page.click("#login button")


@pytest.mark.thorough
def test_a_resident_at_the_portal(city, page):
    head = home(city, page)
    page.open(city.url)
    page.see("h1", "登录")
    page.picture("login")
    log_in(page, head.login, "not the password")
    page.see(".note.bad", "账号或密码不正确")
    page.picture("login-wrong")
    log_in(page, head.login)
    page.see("#points", "水表")
    page.picture("home")
    page.language("en")
    page.see("#points", "Water meter")
    page.picture("home-en")
    page.language("zh")

    page.click("#tabs a", "账户")
    page.see("#who", head.login)
    page.type("#password [name=old]", PASSWORD)
    page.type("#password [name=new]", "a better one 2")
    page.click("#password button")
    page.see("#say", "密码已更改")
    assert head.try_log_in()[0] == 401, "the old one is over"

    page.click("#invite")
    link = page.see("#invitation").text
    page.picture("account")
    page.click("#logout")
    page.see("#login")
    page.open("about:blank")
    page.open(link.replace("https://localhost", city.url.rsplit(":", 1)[0]))
    page.type("#join [name=login]", f"li-{page.size}")
    page.type("#join [name=name]", "李小红")
    page.type("#join [name=password]", "another good one")
    page.picture("join")
    page.click("#join button")
    page.see("#points", "电表")
    page.click("#tabs a", "账户")
    page.see("#members", "李小红")

    hub = city.hub
    hub.ctl("party", "add", f"before-{page.size}", "--kind", "household", "--role", "resident")
    hub.ctl("point", "add", f"G-{page.size}", "--commodity", "gas", "--occupant", f"before-{page.size}", "--name-zh", "燃气表",
            "--name-en", "Gas meter")
    code = hub.ctl("point", "code", f"G-{page.size}", "--url", city.url).split()[-1]
    page.open(f"{city.url}/#bind={code}")
    page.driver.refresh()
    page.open("about:blank")
    page.open(f"{city.url}/#bind={code}")
    page.see("#bind")
    assert page.find("#bind [name=code]")[0].get_property("value") == code, "the scanned code is filled in"
    assert code not in page.driver.current_url
    page.picture("bind")
    page.click("#bind button")
    page.see(".note.warn", "另一户")
    page.picture("bind-confirm")
    page.click("#confirm button")
    page.see("#points", "燃气表")
    page.see(".note", "已绑定表计")
    page.picture("home-bound")


@pytest.mark.thorough
def test_an_app_is_authorized(city, page, app):
    verifier = secrets.token_urlsafe(48)
    person = city.person(f"app-{page.size}", "water", "--name", "赵工")
    asked = {"response_type": "code", "client_id": "watcher", "redirect_uri": app, "scope": "profile readings", "state": "xyz",
             "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
             "code_challenge_method": "S256"}
    page.open(f"{city.url}/oauth2/authorize?{urllib.parse.urlencode(asked)}")
    log_in(page, person.login)
    page.see("#app", "能源管家")
    page.picture("authorize")
    Back.got.clear()
    page.click("#allow")
    page.see("#app", "the app has its code")
    assert Back.got and Back.got[0]["state"] == "xyz"
    form = urllib.parse.urlencode({"grant_type": "authorization_code", "code": Back.got[0]["code"], "client_id": "watcher",
                                   "redirect_uri": app, "code_verifier": verifier})
    status, _, content = city.request("POST", "/oauth2/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 200, content
    token = json.loads(content)["access_token"]
    status, _, content = city.request("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert status == 200 and json.loads(content)["login"] == person.login


@pytest.mark.thorough
def test_a_locked_login_says_how_long(city, page):
    person = city.person(f"locked-{page.size}", "water")
    for _ in range(5):
        person.try_log_in("wrong password 1")
    page.open(city.url)
    log_in(page, person.login)
    page.see(".note.bad", "尝试次数过多")
    page.picture("login-locked")
