"""One id from the device's frame over receipt, checks and decisions to the acknowledgement; policies change while the hub runs."""
import json
import shutil

import pytest

from feeds import connect, dlt645, hours_ago, party, peek, stamp, tcp_instance, wait_items, wait_quarantined
from hub import ROOT, Hub, directory, wait_until
from recipients import Recipient, Street


@pytest.fixture(scope="module")
def town():
    """With policies of its own beside the data, and webhooks to the loopback."""
    with directory() as place:
        shutil.copytree(ROOT / "policies", place / "policies")
        hub = Hub(place / "data")
        try:
            hub.up("--policies", place / "policies", "--egress-allow", "127.0.0.0/8")
            yield hub
        finally:
            hub.end()


def traces(hub, word):
    return [json.loads(line) for line in hub.ctl("trace", word, "--json").splitlines()]


def test_from_the_frame_to_the_acknowledgement(town):
    hub = town
    token = party(hub, "grid", ("E1", "electricity", "000000008001"))
    port = tcp_instance(hub, "line", "grid")
    street = Street()
    try:
        recipient = street.move_in(Recipient())
        number = int(hub.ctl("subscription", "add", "grid", "--url", recipient.url).split()[1])
        wait_until(lambda: hub.json("subscription", "show", number)["state"] == "active", 30, "the challenge was answered")
        with connect(port) as line:
            line.sendall(dlt645("000000008001", 12345) + dlt645("000000009999", 1))
            wait_items(hub, token, 1)
        (refused,) = wait_quarantined(hub, 1)
        entry = peek(hub, token)["entries"][0]
        wait_until(lambda: recipient.entries, 30, "the webhook came")
        wait_until(lambda: any(d["state"] == "acknowledged" for d in traces(hub, entry["trace"])[0]["deliveries"]), 30)
        hub.request("/v1/feed/dequeue", token, "POST", {"position": entry["position"]})
    finally:
        street.close()
    (t,) = traces(hub, entry["trace"])
    assert (t["receipt"], t["trace"], t["party"], t["source"]) == (entry["receipt"], entry["trace"], "grid", "line")
    (reading,) = t["readings"]
    assert (reading["meter"], reading["point"], reading["value"]) == ("000000008001", "E1", "123.45") and "host_time" in reading["flags"]
    (told,) = t["told"]
    assert (told["party"], told["door"], told["state"]) == ("grid", "pull", "acknowledged")
    (decision,) = told["decisions"]
    assert decision["decision"] == "allow" and decision["policy"].startswith("message.measured messages.cedar:")
    (delivery,) = t["deliveries"]
    assert (delivery["party"], delivery["door"], delivery["subscription"], delivery["state"]) == ("grid", "webhook", number, "acknowledged")
    assert len(t["policies"]) == 16
    # by the receipt's number, and what was refused with its frame
    assert traces(hub, str(entry["receipt"]))[0]["trace"] == entry["trace"]
    (other,) = [x for r in {entry["receipt"], refused["receipt"]} for x in traces(hub, str(r)) if x["refused"]]
    assert other["refused"][0]["code"] == "reading.unknown_meter" and other["refused"][0]["frame"].startswith("68999900000000")
    # by the delivery's number
    sent = [json.loads(line) for line in hub.ctl("delivery", "list", "--subscription", number).splitlines()]
    batch = next(d for d in sent if d["kind"] == "batch")
    assert entry["trace"] in [x["trace"] for x in traces(hub, f"delivery:{batch['id']}")]
    text = hub.ctl("trace", entry["trace"])
    for word in ("reading  000000008001", "acknowledged grid by pull", "acknowledged grid by webhook", "allow", "message.measured"):
        assert word in text, text
    assert hub.run("trace", "99999999").returncode == 1


def test_policies_change_while_the_hub_runs(town):
    hub = town
    token = party(hub, "water", ("W1", "water", "7001"))
    reading = {"meter": "7001", "quantity": "water_volume", "kind": "register", "unit": "m3", "value": "5", "time": stamp(hours_ago(1))}
    assert hub.request("/v1/readings", token, "POST", [reading])[0] == 202
    ask = lambda: hub.request("/v1/readings?point=W1&quantity=water_volume", token)[0]
    assert ask() == 200
    first = hub.json("policy", "load")
    assert first["topology"] == "transition" and len(first["version"]) == 16 and first["policies"] > 50
    own = hub.data.parent / "policies" / "zz-own.cedar"
    own.write_text('@id("own.no_water") forbid (principal == Hub::Party::"water", action == Hub::Action::"read", resource);\n')
    assert hub.json("policy", "load", "--check")["version"] != first["version"]
    assert ask() == 200
    second = hub.json("policy", "load")
    assert second["policies"] == first["policies"] + 1 and second["version"] != first["version"]
    assert ask() == 404
    # what is broken or says what the schema has not is refused at its place, and the old ones stay
    for text, word in (("permit (principal, action, resource) when { principal.colour == 1 };", "colour"), ("permit (", "zz-own.cedar:1:")):
        own.write_text(text)
        done = hub.run("policy", "load")
        assert done.returncode != 0 and word in done.stderr and "zz-own.cedar" in done.stderr, done.stderr
        assert ask() == 404
    own.unlink()
    third = hub.json("policy", "load")
    assert third["version"] == first["version"] and ask() == 200
