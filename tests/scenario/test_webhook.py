"""Webhooks: challenge, signature, sample message, order, back-off, dead letters, replay, and where they may not go."""
import json
import os
import socket
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

import feeds
from hub import Hub, directory, wait_until
from recipients import Recipient, Street

BEGIN = datetime(2026, 3, 1, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def city():
    with directory() as place:
        hub = Hub(place / "data")
        hub.arguments += ["--egress-allow", "127.0.0.0/8"]
        hub.street = Street()
        hub.minute = 0
        try:
            hub.up()
            hub.token = feeds.party(hub, "water", ("W1", "water", "0001"), ("W2", "water", "0002"))
            yield hub
        finally:
            hub.end()
            hub.street.close()


def send(hub, count, meter="0001"):
    """So many batches of one reading."""
    for _ in range(count):
        hub.minute += 1
        when = feeds.stamp(BEGIN + timedelta(minutes=15 * hub.minute))
        status, body = hub.request("/v1/readings", hub.token, "POST", {"readings": [
            {"meter": meter, "quantity": "water_volume", "kind": "register", "value": str(hub.minute), "unit": "m3", "time": when}]})
        assert status < 300, body


def subscribe(hub, recipient, *words):
    said = hub.ctl("subscription", "add", "water", "--url", recipient.url, *words)
    return int(said.split()[1])


def show(hub, number):
    return hub.json("subscription", "show", number)


def active(hub, number):
    wait_until(lambda: show(hub, number)["state"] == "active", 20, "the target echoed the challenge")


@pytest.fixture
def recipient(city):
    """Alive for one test, its subscriptions ended behind it."""
    status, keys = city.request("/oauth2/jwks")
    assert status == 200
    yield city.street.move_in(Recipient(keys=keys))
    for line in city.ctl("subscription", "list", "water").splitlines():
        s = json.loads(line)
        if s["door"] != "pull":
            city.ctl("subscription", "end", s["id"])


def test_what_is_signed_arrives_in_order_once(city, recipient):
    number = subscribe(city, recipient, "--count", "3")
    active(city, number)
    send(city, 10)
    wait_until(lambda: len(recipient.entries) >= 10, 20, "ten entries")
    positions = [e[1] for e in recipient.entries]
    assert positions == list(range(1, 11))
    assert all(len(json.loads(b)["entries"]) <= 3 for h, b in recipient.bodies if b'"entries"' in b)
    wait_until(lambda: show(city, number)["acknowledged"] == 10, 10, "acknowledged")
    rows = [json.loads(line) for line in city.ctl("delivery", "list", "--subscription", number).splitlines()]
    assert {r["kind"] for r in rows} == {"challenge", "batch"} and all(r["state"] == "acknowledged" for r in rows)


def test_a_target_that_does_not_echo_is_sent_nothing(city, recipient):
    recipient.echo = False
    number = subscribe(city, recipient)
    wait_until(lambda: show(city, number)["attempts"] > 0, 20, "it was asked")
    send(city, 2)
    state = show(city, number)
    assert (state["state"], state["last_code"]) == ("pending", "webhook.challenge")
    assert not recipient.entries
    refused = city.run("subscription", "resume", number)
    assert refused.returncode and "subscription.pending" in refused.stderr
    recipient.echo = True
    active(city, number)
    wait_until(lambda: len(recipient.entries) == 2, 20, "what came meanwhile")


def test_a_sample_message_and_the_answer(city, recipient):
    number = subscribe(city, recipient)
    active(city, number)
    answer = city.json("subscription", "test", number)
    assert answer["state"] == "acknowledged" and answer["status"] == 200 and answer["message"] == "thank you"
    assert json.loads(recipient.bodies[-1][1])["test"] is True
    recipient.mode = lambda n: "refuse"
    said = city.run("subscription", "test", number)
    assert said.returncode == 1 and json.loads(said.stdout)["message"].endswith("not today")
    assert not recipient.entries


@pytest.mark.thorough
def test_refusals_back_off_then_die_with_a_reason_and_come_again_on_replay(city, recipient):
    number = subscribe(city, recipient, "--give-up", "1s")
    active(city, number)
    recipient.mode = lambda n: "refuse"
    send(city, 3)
    wait_until(lambda: show(city, number)["dead"] == 3, 30, "three dead letters")
    dead = [json.loads(line) for line in city.ctl("delivery", "dead", "--subscription", number).splitlines()]
    assert [d["position"] for d in dead] == [1, 2, 3]
    assert all(d["status"] == 503 and d["code"] == "webhook.status" and "not today" in d["message"] for d in dead)
    trace = city.ctl("trace", dead[0]["receipt"])
    assert "dead     water by webhook" in trace and "webhook.status" in trace
    assert "dead letters" in json.dumps(city.status())
    recipient.mode = None
    send(city, 1)
    wait_until(lambda: [e[1] for e in recipient.entries] == [4], 30, "life goes on behind the dead")
    city.ctl("subscription", "replay", number, "--position", 2)
    wait_until(lambda: [e[1] for e in recipient.entries] == [4, 2, 3, 4], 30, "replayed")
    assert show(city, number)["dead"] == 1
    city.ctl("subscription", "replay", number, "--from", "2020-01-01T00:00:00Z")
    wait_until(lambda: [e[1] for e in recipient.entries][4:] == [1, 2, 3, 4], 30, "replayed from a time")


def test_a_recipient_that_says_when_is_not_asked_before(city, recipient):
    number = subscribe(city, recipient)
    active(city, number)
    times = []

    def busy(n):
        times.append(time.monotonic())
        return b"HTTP/1.1 429 Too Many\r\nRetry-After: 4\r\nContent-Length: 0\r\n\r\n" if len(times) == 1 else None
    recipient.mode = busy
    send(city, 1)
    wait_until(lambda: show(city, number)["last_status"] == 429, 20, "it was asked")
    wait_until(lambda: recipient.entries, 30, "it comes later")
    assert times[1] - times[0] >= 4, "by itself it would have been a second"


@pytest.mark.thorough
def test_paused_is_kept(city, recipient):
    number = subscribe(city, recipient)
    active(city, number)
    city.ctl("subscription", "pause", number, "--reason", "moving house")
    send(city, 2)
    wait_until(lambda: show(city, number)["queued"] == 2, 10, "queued")
    assert (show(city, number)["state"], show(city, number)["reason"], recipient.entries) == ("paused", "moving house", [])
    city.ctl("subscription", "resume", number)
    wait_until(lambda: len(recipient.entries) == 2, 20, "sent after all")


@pytest.mark.thorough
def test_filters_of_point_and_sender(city, recipient):
    city.run("party", "add", "gas")
    number = subscribe(city, recipient, "--point", "W2", "--sender", "water")
    other = subscribe(city, recipient, "--sender", "gas")
    active(city, number)
    active(city, other)
    send(city, 2)
    send(city, 1, "0002")
    wait_until(lambda: len(recipient.entries) == 1, 20, "the one")
    assert recipient.distinct() == [f"{number}-1"]


@pytest.mark.thorough
def test_a_large_batch_comes_in_parts(city, recipient):
    number = subscribe(city, recipient, "--bytes", "4096")
    active(city, number)
    start = BEGIN + timedelta(days=400)
    readings = [{"meter": "0002", "quantity": "water_volume", "kind": "interval", "value": "1", "unit": "m3",
                 "start": feeds.stamp(start + timedelta(hours=i)), "time": feeds.stamp(start + timedelta(hours=i + 1))}
                for i in range(200)]
    now = datetime.now(timezone.utc)
    readings = [dict(r, start=feeds.stamp(now - timedelta(hours=300 - i)), time=feeds.stamp(now - timedelta(hours=299 - i)))
                for i, r in enumerate(readings)]
    status, body = city.request("/v1/readings", city.token, "POST", {"readings": readings})
    assert status < 300, body
    wait_until(lambda: show(city, number)["acknowledged"] == 1, 20, "all of it")
    assert sum(e[2] for e in recipient.entries) == 200 and len(recipient.entries) > 5
    ids = recipient.distinct()
    assert len(ids) == len(recipient.entries) and all(i.startswith(f"{number}-1") for i in ids)
    assert all(len(b) < 8192 for h, b in recipient.bodies)


@pytest.mark.thorough
@pytest.mark.parametrize("answer,code", [
    (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "webhook.redirect"),
    (b"HTTP/1.1 307 Away\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n", "webhook.redirect"),
])
def test_redirects_are_not_followed(city, recipient, answer, code):
    number = subscribe(city, recipient)
    active(city, number)
    recipient.mode = lambda n: answer
    send(city, 1)
    wait_until(lambda: show(city, number)["last_code"] == code, 20, code)
    assert not recipient.entries


@pytest.mark.thorough
def test_gone_is_believed(city, recipient):
    number = subscribe(city, recipient)
    active(city, number)
    recipient.mode = lambda n: b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
    send(city, 1)
    wait_until(lambda: show(city, number)["state"] == "paused", 20, "paused")
    assert "410" in show(city, number)["reason"]
