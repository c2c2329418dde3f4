"""A party minds its own subscriptions over HTTP: subscribe, state, sample, pause, replay, and who may see what."""
import json

import pytest

import feeds
from hub import Hub, directory, wait_until
from recipients import Recipient, Street
from test_webhook import send


@pytest.fixture(scope="module")
def city():
    with directory() as place:
        hub = Hub(place / "data")
        hub.street, hub.minute = Street(), 0
        try:
            hub.up("--egress-allow", "127.0.0.0/8")
            hub.token = feeds.party(hub, "water", ("W1", "water", "0001"), ("W2", "water", "0002"))
            hub.ctl("party", "add", "gas")
            hub.gas = hub.ctl("party", "token", "gas").strip()
            yield hub
        finally:
            hub.end()
            hub.street.close()


def ask(city, path, body=None, token=None, method=None):
    return city.request(path, token or city.token, method or ("POST" if body is not None else "GET"), body)


def test_a_party_minds_its_own_webhook(city):
    recipient = city.street.move_in(Recipient())
    status, made = ask(city, "/v1/subscriptions", {"name": "mine", "url": recipient.url, "points": ["W1"], "senders": ["water"],
                                                   "bundle": {"count": 5, "wait": 0.1}, "give_up": 3600})
    assert status == 201 and (made["door"], made["senders"]) == ("webhook", ["water"]), made
    path = f"/v1/subscriptions/{made['id']}"
    wait_until(lambda: ask(city, path + "/state")[1]["state"] == "active", 20, "verified")
    state = ask(city, path + "/state")[1]
    assert state["bundle"] == {"count": 5, "bytes": 196608, "wait": 0.1} and state["give_up"] == 3600
    send(city, 3)
    wait_until(lambda: len(recipient.entries) == 3, 20, "three entries")
    # They are there before the courier has written down that they are.
    wait_until(lambda: "batch" in [d["kind"] for d in ask(city, f"/v1/deliveries?subscription={made['id']}")[1]["deliveries"]], 20, "written down")
    status, test = ask(city, path + "/test", {})
    assert status == 202 and test["kind"] == "test"
    answer = wait_until(lambda: (d := ask(city, f"/v1/deliveries/{test['id']}")[1]) and d["state"] == "acknowledged" and d, 20, "the answer")
    assert answer["message"] == "thank you"
    status, listed = ask(city, f"/v1/deliveries?subscription={made['id']}")
    assert [d["kind"] for d in listed["deliveries"]][-1] == "challenge" and listed["deliveries"][0]["id"] == test["id"]
    assert ask(city, path + "/pause", {"reason": "holiday"})[1]["state"] == "paused"
    assert ask(city, path + "/resume", {})[1]["state"] == "active"
    status, state = ask(city, path + "/replay", {"position": 2})
    assert status == 200, state
    wait_until(lambda: [e[1] for e in recipient.entries] == [1, 2, 3, 2, 3], 20, "replayed")
    assert ask(city, path + "/replay", {"position": 99})[0] == 409
    status, told = ask(city, "/v1/receipts/%d/deliveries" % json.loads(recipient.bodies[-1][1])["entries"][0]["receipt"])
    assert status == 200 and told["deliveries"][0]["state"] == "acknowledged" and told["deliveries"][0]["party"] == "water"
    for hidden in (path, path + "/state", f"/v1/deliveries/{test['id']}"):
        assert ask(city, hidden, token=city.gas)[0] == 404
    assert ask(city, path + "/pause", {}, city.gas)[0] == 404
    assert ask(city, path, method="DELETE")[0] == 204


def test_a_replay_of_what_was_cleared_says_so(city):
    """In the answer and in the stream; from a position, a time, and at the pull door."""
    recipient = city.street.move_in(Recipient())
    made = ask(city, "/v1/subscriptions", {"name": "long", "url": recipient.url, "points": ["W2"], "bundle": {"count": 1, "wait": 0}})[1]
    path = f"/v1/subscriptions/{made['id']}"
    wait_until(lambda: ask(city, path + "/state")[1]["state"] == "active", 20, "verified")
    assert ask(city, path + "/state")[1]["earliest"] == 1
    send(city, 4, meter="0002")
    wait_until(lambda: len(recipient.entries) == 4, 20, "four entries")
    wait_until(lambda: ask(city, path + "/state")[1]["acknowledged"] == 4, 20, "all acknowledged")
    state = ask(city, path + "/replay", {"position": 1})[1]
    assert "cleared" not in state
    wait_until(lambda: len(recipient.entries) == 8, 20, "replayed")
    assert not any("cleared" in json.loads(body) for _, body in recipient.bodies)
    city.sql("delete from outbox where subscription = %s and position < 3", made["id"])
    for wish in ({"position": 1}, {"from": "2020-01-01T00:00:00Z"}):
        before = len(recipient.bodies)
        wait_until(lambda: ask(city, path + "/state")[1]["acknowledged"] == 4, 20, "all acknowledged")
        status, state = ask(city, path + "/replay", wish)
        assert (status, state["earliest"], state["cleared"]) == (200, 3, 2), state
        wait_until(lambda: len(recipient.bodies) == before + 2, 20, "what is left of it")
        assert [json.loads(body).get("cleared") for _, body in recipient.bodies[before:]] == [2, None]
    wait_until(lambda: ask(city, path + "/state")[1]["acknowledged"] == 4, 20, "all acknowledged")
    assert "cleared" not in ask(city, path + "/replay", {"position": 3})[1]
    last = ask(city, "/v1/feed")[1]["last"]
    ask(city, "/v1/feed/dequeue", {"position": last})
    assert "cleared" not in ask(city, "/v1/feed?after=0")[1]
    city.sql("delete from feed where position < 3 and party = (select id from party where code = 'water')")
    assert ask(city, "/v1/feed?after=0")[1]["cleared"] == 2 and "cleared" not in ask(city, "/v1/feed?after=2")[1]
    assert ask(city, path, method="DELETE")[0] == 204


@pytest.mark.parametrize("body,code", [
    ({"door": "pigeon"}, "subscription.door"),
    ({"door": "webhook"}, "subscription.target"),
    ({"door": "webhook", "url": "ftp://example.org/"}, "subscription.target"),
    ({"url": "http://user:secret@example.org/"}, "subscription.target"),
    ({"door": "mqtt", "url": "http://example.org/"}, "subscription.target"),
    ({"door": "mqtt", "bundle": {"count": 100000}}, "subscription.limit"),
    ({"door": "mqtt", "give_up": -1}, "body.member"),
    ({"senders": ["nobody"]}, "body.member"),
])
def test_words_that_make_no_subscription(city, body, code):
    status, problem = ask(city, "/v1/subscriptions", body)
    assert (status, problem["code"]) == (400, code), problem


def test_the_pull_door_has_nothing_to_pause(city):
    status, made = ask(city, "/v1/subscriptions", {})
    assert status == 201 and made["door"] == "pull"
    for what in ("state", "pause", "resume", "replay", "test"):
        status, problem = ask(city, f"/v1/subscriptions/{made['id']}/{what}", None if what == "state" else {})
        assert (status, problem["code"]) == (409, "subscription.door"), (what, problem)
