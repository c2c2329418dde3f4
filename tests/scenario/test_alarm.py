"""Alarms: raised and cleared with the batch, told to those concerned, acknowledged, and a circuit opened by one."""
import datetime
import json

import pytest

from feeds import items
from hub import free_port, wait_until
from recipients import Recipient, Street
from station import Station
from test_command import dlt645, ended, listen, meter, place, told

NOW = lambda: datetime.datetime.now(datetime.timezone.utc)


def kw(name, value, channel=""):
    return {"meter": name, "channel": channel, "quantity": "active_power", "kind": "instant", "unit": "kW", "value": str(value),
            "time": NOW().isoformat().replace("+00:00", "Z")}


def send(hub, token, *readings):
    status, receipt = hub.request("/v1/readings", token, "POST", list(readings))
    assert status == 202 and receipt["stored"] == len(readings), receipt
    return receipt


def alarms(hub, *words):
    return [json.loads(line) for line in hub.ctl("alarm", "list", *words).splitlines()]


def heard(hub, token, point=None):
    """(code, cleared, value) of the alarms in a party's feed."""
    return [(i["body"]["code"], i["body"]["cleared"], i["body"]["details"].get("value")) for i in items(hub, token)
            if i.get("type") == "event" and i["body"]["code"].startswith("alarm.") and (point is None or i["point"] == point)]


def rule(hub, who, *words):
    return json.loads(hub.ctl("alarm", "rule", "add", "--party", who, "--by", "zhang", *words))


def test_a_value_raises_and_clears_an_alarm_that_those_concerned_hear(hub):
    place(hub, "grid", ["m1", "m2"])
    tokens = {"grid": hub.ctl("party", "token", "grid").strip()}
    for who, kind, role in (("home", "household", "resident"), ("other", "household", "resident"), ("city", "government", "government"),
                            ("hub", "operator", "operator")):
        hub.ctl("party", "add", who, "--kind", kind, "--role", role)
        tokens[who] = hub.ctl("party", "token", who).strip()
    for who in tokens:
        hub.ctl("subscription", "add", who)
    hub.ctl("point", "add", "p-m1", "--commodity", "electricity", "--operator", "grid", "--supplier", "grid", "--occupant", "home")
    over = ["--point", "p-m1", "--kind", "value_over", "--quantity", "active_power"]
    rule(hub, "grid", *over, "--standing", "safe", "--raise", "10", "--clear", "9", "--severity", "critical")
    # The home sets a value of its own, and no safe one; a stranger sets none.
    status, own = hub.request("/v1/alarm-rules", tokens["home"], "POST", {
        "point": "p-m1", "kind": "value_over", "quantity": "active_power", "raise": "5000", "unit": "W", "hold": 30, "by": "wang"})
    assert (status, own["raise"], own["standing"]) == (201, "5.000", "user"), own
    wish = {"point": "p-m1", "kind": "value_over", "quantity": "active_power", "raise": "1", "by": "x"}
    assert hub.request("/v1/alarm-rules", tokens["home"], "POST", {**wish, "standing": "safe"})[1]["code"] == "alarm.denied"
    assert hub.request("/v1/alarm-rules", tokens["other"], "POST", wish)[0] in (400, 403, 404)
    assert hub.request("/v1/alarm-rules", tokens["home"], "POST", {**wish, "clear": "2"})[1]["code"] == "alarm.hysteresis"
    # Silence when nothing is wrong; beyond the user's value for no time; then beyond the safe value.
    send(hub, tokens["grid"], kw("m1", "3.1"), kw("m2", "99"))
    send(hub, tokens["grid"], kw("m1", "6.0"))
    assert alarms(hub) == []
    send(hub, tokens["grid"], kw("m1", "12.5"))
    (one,) = alarms(hub, "--open")
    assert (one["state"], one["value"], one["limit"], one["severity"], one["standing"]) == ("raised", "12.5", "10", "critical", "safe")
    send(hub, tokens["grid"], kw("m1", "9.5"))  # between the two values it stays, and is not told again
    for who in ("grid", "home"):
        assert wait_until(lambda: heard(hub, tokens[who]), 20, f"{who} hears") == [("alarm.value_over", False, "12.5")]
    assert heard(hub, tokens["other"]) == []
    assert heard(hub, tokens["city"]) == []  # it is of a home, which agreed to nothing
    assert [a["id"] for a in hub.request("/v1/alarms?state=new", tokens["home"])[1]["alarms"]] == [one["id"]]
    assert hub.request("/v1/alarms", tokens["other"])[1]["alarms"] == []
    assert len(hub.request("/v1/alarms", tokens["hub"])[1]["alarms"]) == 1
    # Seen by somebody, once.
    assert hub.request(f"/v1/alarms/{one['id']}/acknowledge", tokens["other"], "POST", {"by": "x"})[0] == 404
    assert hub.request(f"/v1/alarms/{one['id']}/acknowledge", tokens["home"], "POST", {"by": "wang", "note": "oven"})[1]["note"] == "oven"
    assert hub.request(f"/v1/alarms/{one['id']}/acknowledge", tokens["home"], "POST", {"by": "wang"})[1]["code"] == "alarm.state"
    assert alarms(hub, "--new") == []
    # One batch with the end and a repeat of it.
    send(hub, tokens["grid"], kw("m1", "2"))
    assert wait_until(lambda: len(heard(hub, tokens["grid"])) > 1 and heard(hub, tokens["grid"]), 20, "the end is told")[1] == \
        ("alarm.value_over", True, "2")
    assert alarms(hub, "--open") == [] and alarms(hub)[0]["cleared"]
    # The rule ends, and nothing more is raised.
    assert hub.request(f"/v1/alarm-rules/{own['id']}", tokens["other"], "DELETE")[0] == 404
    assert hub.request(f"/v1/alarm-rules/{own['id']}", tokens["home"], "DELETE")[0] == 204
    assert len(hub.request("/v1/alarm-rules", tokens["grid"])[1]["rules"]) == 1


@pytest.mark.thorough
def test_a_circuit_is_opened_by_an_alarm_where_the_policy_allows(hub, tmp_path):
    journal = tmp_path / "told"
    with listen("dlt645", journal, "--count", 2) as address:
        place(hub, "power", [meter(1), meter(2)], protected=[])
        token = hub.ctl("party", "token", "power").strip()
        dlt645(hub, "power", address)
        words = ["--kind", "value_over", "--quantity", "active_power", "--raise", "8", "--standing", "safe", "--cut-off"]
        rules = [rule(hub, "power", "--point", f"p-{meter(i)}", *words) for i in (1, 2)]
        assert hub.run("alarm", "rule", "approve", rules[0]["id"], "--party", "power", "--by", "zhang").returncode != 0
        # Not approved: raised, and nothing is cut off.
        send(hub, token, kw(meter(1), "20"))
        assert "cut_off" not in alarms(hub, "--open")[0]
        send(hub, token, kw(meter(1), "1"))
        for one in rules:
            hub.ctl("alarm", "rule", "approve", one["id"], "--party", "power", "--by", "li")
        # The second customer is protected by now.
        hub.ctl("point", "add", f"p-{meter(2)}", "--commodity", "electricity", "--operator", "power", "--supplier", "power", "--protected")
        assert told(journal) == []
        send(hub, token, kw(meter(1), "21"), kw(meter(2), "22"))
        one = wait_until(lambda: [a for a in alarms(hub, "--open", "--point", f"p-{meter(1)}") if a.get("command")], 20, "ordered")[0]
        done = ended(hub, one["command"])
        assert (done["state"], done["requested_by"], done["decided_by"], done["reason"]) == ("confirmed", "zhang", "li", "alarm")
        assert hub.sql("select state from point where code = %s", f"p-{meter(1)}") == [("disconnected",)]
        other = wait_until(lambda: [a for a in alarms(hub, "--open", "--point", f"p-{meter(2)}") if a.get("cause")], 20, "refused")[0]
        assert (other["cut_off"], other["cause"]) == ("refused", "command.protected")
        assert len(told(journal)) == 1


@pytest.mark.thorough
def test_silence_dead_deliveries_and_chargers(cold_hub):
    hub, port = cold_hub, free_port()
    hub.up("--charger-plain", f"127.0.0.1:{port}", "--egress-allow", "127.0.0.0/8")
    hub.ctl("party", "add", "evco", "--kind", "charging")
    hub.ctl("subscription", "add", "evco")
    token = hub.ctl("party", "token", "evco").strip()
    hub.ctl("instance", "add", "chargers", "--party", "evco", "--adapter", "ocpp16", "--promise", "journalled",
            "--transport", "kind=websocket")
    hub.ctl("point", "add", "EV-CP1", "--commodity", "ev", "--owner", "evco", "--operator", "evco")
    hub.ctl("charger", "add", "CP1", "--party", "evco", "--instance", "chargers", "--point", "EV-CP1", "--from", "2023-01-01")
    word = hub.ctl("charger", "password", "CP1").strip()
    rule(hub, "evco", "--kind", "source_silent", "--subject", "chargers", "--hold", "3")
    rule(hub, "evco", "--kind", "charger_fault")
    wait_until(lambda: ("alarm.source_silent", False, None) in heard(hub, token), 30, "silence is told")

    def there():
        try:
            return Station("CP1", port, user="CP1", password=word).connect()
        except Exception:
            return None
    station = wait_until(there, 30, "the station is let in")
    station.boot()

    def status(error, state):
        station.call("StatusNotification", {"connectorId": 1, "errorCode": error, "status": state,
                                            "timestamp": NOW().strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
    status("GroundFailure", "Faulted")
    wait_until(lambda: ("alarm.charger_fault", False, None) in heard(hub, token, "EV-CP1"), 30, "the fault is told")
    (fault,) = [a for a in alarms(hub, "--open") if a["kind"] == "charger_fault"]
    assert (fault["subject"], fault["channel"]) == ("ground_failure", "1")
    wait_until(lambda: ("alarm.source_silent", True, None) in heard(hub, token), 30, "it speaks again")
    status("NoError", "Available")
    wait_until(lambda: ("alarm.charger_fault", True, None) in heard(hub, token, "EV-CP1"), 30, "the end is told")
    station.close()
    # A webhook that refuses everything.
    street = Street()
    try:
        one = street.move_in(Recipient(lambda n: "refuse"))
        hub.ctl("subscription", "add", "evco", "--url", one.url)
        rule(hub, "evco", "--kind", "delivery_dead", "--hold", "1")
        wait_until(lambda: [a for a in alarms(hub, "--open") if a["kind"] == "delivery_dead"], 60, "the dead delivery is told")
    finally:
        street.close()


def clock(minutes):
    """HH:MM in so many minutes, UTC."""
    return (NOW() + datetime.timedelta(minutes=minutes)).strftime("%H:%M")


@pytest.mark.thorough
def test_quiet_hours_hold_back_and_what_nobody_acknowledges_is_told_again(hub):
    place(hub, "grid", ["m1", "m2", "m3", "m4"])
    token = hub.ctl("party", "token", "grid").strip()
    hub.ctl("subscription", "add", "grid")
    for bad in ("22:00", "22:00-22:00", "25:00-07:00", "22:00-07:00Z", "22:00-07:00+8"):
        assert "alarm.quiet" in hub.run("alarm", "rule", "add", "--party", "grid", "--by", "li", "--point", "p-m1", "--kind", "value_over", "--quantity",
                                        "active_power", "--raise", "5", "--quiet", bad).stderr
    over = ["--kind", "value_over", "--quantity", "active_power", "--raise", "5"]
    quiet = ["--quiet", f"{clock(-60)}-{clock(60)}+00:00"]
    one = rule(hub, "grid", "--point", "p-m1", *over, *quiet)
    rule(hub, "grid", "--point", "p-m2", *over, *quiet, "--severity", "critical")
    rule(hub, "grid", "--point", "p-m3", *over, "--quiet", f"{clock(60)}-{clock(-60)}+00:00", "--escalate", "3")
    rule(hub, "grid", "--point", "p-m4", *over, "--escalate", "3")
    assert one["quiet"].endswith("+00:00")
    send(hub, token, *(kw(f"m{i}", 9) for i in (1, 2, 3, 4)))
    wait_until(lambda: len(alarms(hub, "--open")) == 4, 20, "all are raised")
    (fourth,) = [a for a in alarms(hub, "--open") if a["point"] == "p-m4"]
    hub.ctl("alarm", "ack", fourth["id"], "--party", "grid", "--by", "li")
    told_of = lambda point: [code for code, *_ in heard(hub, token, point)]
    # What is critical is told in quiet hours too; what nobody acknowledged is told again, once.
    wait_until(lambda: told_of("p-m3") == ["alarm.value_over", "alarm.escalated"], 20, "told again")
    assert told_of("p-m1") == [] and told_of("p-m2") == ["alarm.value_over"] and told_of("p-m4") == ["alarm.value_over"]
    # The quiet hours end: what is still so is told, with when it began; what came and went in them is not.
    hub.sql("update alarm_rule set quiet_from = 0, quiet_to = 0")
    wait_until(lambda: told_of("p-m1") == ["alarm.value_over"], 20, "told after the quiet hours")
    assert told_of("p-m3") == ["alarm.value_over", "alarm.escalated"]
    # They are alarms to the policies, as what is told at once.
    assert hub.sql("select count(*) from message where body->>'code' like 'alarm.%%' and item < 8192") == [(0,)]


@pytest.mark.thorough
def test_what_came_and_went_in_quiet_hours_is_not_told(hub):
    place(hub, "grid", ["m1"])
    token = hub.ctl("party", "token", "grid").strip()
    hub.ctl("subscription", "add", "grid")
    rule(hub, "grid", "--point", "p-m1", "--kind", "value_over", "--quantity", "active_power", "--raise", "5", "--quiet", f"{clock(-60)}-{clock(60)}+00:00")
    send(hub, token, kw("m1", 9))
    send(hub, token, kw("m1", 1))
    wait_until(lambda: [a["state"] for a in alarms(hub)] == ["cleared"], 20, "it is over")
    assert hub.sql("select count(*) from alarm where owed <> ''") == [(0,)]
    # Another rule, which is never quiet, stands behind it in the feed: what comes first is not the first rule's.
    rule(hub, "grid", "--point", "p-m1", "--kind", "value_under", "--quantity", "active_power", "--raise", "3")
    send(hub, token, kw("m1", 2))
    wait_until(lambda: heard(hub, token), 20, "the second rule's")
    assert [code for code, *_ in heard(hub, token)] == ["alarm.value_under"]


@pytest.mark.thorough
def test_a_meter_that_falls_silent_is_found_beside_others_that_speak(hub):
    place(hub, "grid", ["m1", "m2"])
    token = hub.ctl("party", "token", "grid").strip()
    hub.ctl("subscription", "add", "grid")
    silent = ["--kind", "meter_silent", "--quantity", "active_power"]
    assert "alarm.hold" in hub.run("alarm", "rule", "add", "--party", "grid", "--by", "li", *silent).stderr
    rule(hub, "grid", *silent, "--hold", "6")
    rule(hub, "grid", *silent, "--hold", "6", "--point", "p-m2")

    def open_ones():
        send(hub, token, kw("m1", 1))
        return sorted((a.get("point", ""), a.get("subject", "")) for a in alarms(hub, "--open"))
    # One of the party's meters and the point's own: the same meter by two rules; the other speaks all the while.
    wait_until(lambda: open_ones() == [("", "m2"), ("p-m2", "m2")], 40, "m2 is missed")
    assert ("alarm.meter_silent", False, None) in heard(hub, token, "p-m2")
    wait_until(lambda: send(hub, token, kw("m2", 1)) and open_ones() == [], 40, "m2 is heard again")
    assert ("alarm.meter_silent", True, None) in heard(hub, token, "p-m2")
