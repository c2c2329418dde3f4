"""The public port for tests: people who log in, without a browser.

    portal = Portal(hub)                  # before hub.up(*portal.arguments)
    alice = portal.person("alice", "home-12")
    alice.log_in()
    status, me = alice.get("/v1/me")
"""
import contextlib
import http.client
import json
import ssl

from hub import free_port

PASSWORD = "correct horse battery"


class Portal:
    def __init__(self, hub):
        self.hub, self.port = hub, free_port()
        self.arguments = ["--public-listen", f"127.0.0.1:{self.port}"]

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def context(self):
        return ssl.create_default_context(cadata=(self.hub.data / "zone/state/ca.pem").read_text())

    def request(self, method, path, body=None, headers=None):
        """(status, headers, content)."""
        call = http.client.HTTPSConnection("localhost", self.port, timeout=30, context=self.context())
        with contextlib.closing(call):
            call.request(method, path, body, headers or {})
            answer = call.getresponse()
            return answer.status, answer.headers, answer.read()

    def person(self, login, party, *more, password=PASSWORD):
        """Somebody new, who acts for a party."""
        self.hub.ctl("person", "add", login, "--party", party, "--password-stdin", *more, input=password + "\n")
        return Person(self, login, password)

    def stranger(self):
        return Person(self, "", "")


class Person:
    """What a browser of ours would do: the cookie goes along, and calls carry the page's Origin."""

    def __init__(self, portal, login, password):
        self.portal, self.login, self.password, self.cookie = portal, login, password, None
        self.headers = {}

    def call(self, method, path, body=None, headers=None):
        """(status, JSON)."""
        sent = {"Origin": self.portal.url, **(headers or {})}
        if self.cookie:
            sent["Cookie"] = f"__Host-hub={self.cookie}"
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = json.dumps(body)
        sent = {name: value for name, value in sent.items() if value is not None}
        status, self.headers, content = self.portal.request(method, path, body, sent)
        for one in self.headers.get_all("Set-Cookie") or []:
            assert one.startswith("__Host-hub=") and one.split("; ", 1)[1].startswith(
                "Path=/; Secure; HttpOnly; SameSite=Strict"), one
            self.cookie = one.split(";")[0].split("=", 1)[1] or None
        kind = self.headers.get("Content-Type") or ""
        return status, (json.loads(content) if "json" in kind else content) if content else None

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None, **more):
        return self.call("POST", path, {} if body is None else body, **more)

    def delete(self, path):
        return self.call("DELETE", path)

    def try_log_in(self, password=None):
        return self.post("/v1/session", {"login": self.login, "password": password or self.password})

    def log_in(self):
        status, me = self.try_log_in()
        assert status == 200, me
        return me

    def another(self):
        """The same person at another device."""
        return Person(self.portal, self.login, self.password)
