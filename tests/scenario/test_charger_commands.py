"""Commands to charging stations: from the wish to what the station did, by every kind; refused, ignored, away, killed."""
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import time

import pytest

from charge_point import plug_in
from hub import descendants, directory, free_port, kill, wait_until
from test_charger import equip
from test_command import ENDS, send, states

FULL = os.environ.get("HUB_TEST_FORM") == "full"
SOON = "2030-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def park(tmp_path_factory):
    from hub import Hub
    with directory() as place:
        hub = Hub(place / "data")
        hub.charger_port = free_port()
        try:
            hub.up("--charger-plain", f"127.0.0.1:{hub.charger_port}")
            hub.words = equip(hub, ["C1", "C2", "C3", "C4"])
            hub.token = hub.ctl("party", "token", "evco").strip()
            yield hub
        finally:
            hub.end()


def order(hub, name, kind, channel="", seconds=300, **arguments):
    words = {k: v if isinstance(v, str) else json.dumps(v) for k, v in arguments.items()}
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    status, body = hub.request("/v1/commands", hub.token, "POST", {
        "point": f"EV-{name}", "kind": kind, "channel": channel, "arguments": words, "reason": "test", "by": "zhang",
        "expires": expires}, {"Idempotency-Key": secrets.token_hex(8)})
    assert status == 202, body
    return body["commands"][0]["id"]


def trace(hub, number):
    status, body = hub.request(f"/v1/commands/{number}", hub.token)
    assert status == 200, body
    return body


def ended(hub, number, deadline=40):
    return wait_until(lambda: (c := trace(hub, number)) and c["state"] in ENDS and c, deadline, f"command {number} ends")


PROFILE = {"chargingProfileId": 9, "stackLevel": 1, "chargingProfilePurpose": "ChargePointMaxProfile", "chargingProfileKind": "Absolute",
           "chargingSchedule": {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6000}]}}
TX = {**PROFILE, "chargingProfilePurpose": "TxProfile"}
KINDS = [
    ("charger_start", "RemoteStartTransaction", "1", {"tag": "GOOD", "profile": TX}),
    ("charger_stop", "RemoteStopTransaction", "1", {"transaction": "7"}),
    ("charger_limit", "SetChargingProfile", "1", {"limit": "7.4", "unit": "kW", "until": SOON}),
    ("charger_profile", "SetChargingProfile", "0", {"profile": PROFILE}),
    ("charger_profile_clear", "ClearChargingProfile", "1", {"purpose": "TxDefaultProfile"}),
    ("charger_schedule", "GetCompositeSchedule", "1", {"duration": "3600", "unit": "W"}),
    ("charger_unlock", "UnlockConnector", "1", {}),
    ("charger_reset", "Reset", "", {"type": "Soft"}),
    ("charger_configure", "ChangeConfiguration", "", {"key": "HeartbeatInterval", "value": "60"}),
    ("charger_configuration", "GetConfiguration", "", {"keys": ["HeartbeatInterval"]}),
    ("charger_availability", "ChangeAvailability", "1", {"type": "Inoperative"}),
    ("charger_trigger", "TriggerMessage", "1", {"message": "StatusNotification"}),
    ("charger_trigger_extended", "ExtendedTriggerMessage", "", {"message": "Heartbeat"}),
    ("charger_cache_clear", "ClearCache", "", {}),
    ("charger_list_version", "GetLocalListVersion", "", {}),
    ("charger_list_send", "SendLocalList", "", {"version": "3", "mode": "Full",
                                                "tags": [{"idTag": "GOOD", "idTagInfo": {"status": "Accepted"}}]}),
    ("charger_reserve", "ReserveNow", "1", {"tag": "GOOD", "until": SOON, "reservation": "5"}),
    ("charger_reserve_cancel", "CancelReservation", "", {"reservation": "5"}),
    ("charger_diagnostics", "GetDiagnostics", "", {"location": "ftp://host.example/"}),
    ("charger_log", "GetLog", "", {"request": "1", "type": "SecurityLog", "log": {"remoteLocation": "https://host.example/"}}),
    ("charger_firmware", "UpdateFirmware", "", {"location": "https://host.example/fw", "at": SOON}),
    ("charger_firmware_signed", "SignedUpdateFirmware", "", {"request": "2", "firmware": {
        "location": "https://host.example/fw", "retrieveDateTime": SOON, "signingCertificate": "PEM", "signature": "AA=="}}),
    ("charger_data", "DataTransfer", "", {"vendor": "org.example", "message": "m", "data": "d"}),
    ("charger_certificate_install", "InstallCertificate", "", {"use": "CentralSystemRootCertificate", "certificate": "PEM"}),
    ("charger_certificate_delete", "DeleteCertificate", "", {"hash": {"hashAlgorithm": "SHA256", "issuerNameHash": "a",
                                                                      "issuerKeyHash": "b", "serialNumber": "1"}}),
    ("read", "TriggerMessage", "1", {}),
]


def test_every_kind_goes_out_and_is_confirmed_by_the_station(park):
    point = plug_in(park, "C1")
    numbers = {}
    for kind, action, channel, arguments in KINDS:
        numbers[kind] = order(park, "C1", kind, channel, **arguments), action
    for kind, (number, action) in numbers.items():
        done = ended(park, number)
        assert done["state"] == "confirmed", (kind, done)
        assert states(done) == ["requested", "approved", "queued", "sent", "confirmed"], (kind, done)
        assert point.actions(action), kind
    back = trace(park, numbers["charger_limit"][0])["details"]["details"]
    assert back["read_back"] == "as_ordered", back
    assert trace(park, numbers["charger_configure"][0])["details"]["details"]["read_back"] == "as_ordered"
    assert point.settings["HeartbeatInterval"] == "60" and point.limits[1] == 7400
    (until,) = {p["csChargingProfiles"].get("validTo") for p in point.actions("SetChargingProfile") if p["connectorId"] == 1}
    assert until == SOON
    point.close()


@pytest.mark.thorough
def test_over_http_and_what_is_wrong_is_told_before_anything_leaves(park):
    point = plug_in(park, "C2")
    wish = {"point": "EV-C2", "kind": "charger_unlock", "channel": "1", "reason": "test", "by": "zhang"}
    ask = lambda body, key: park.request("/v1/commands", park.token, "POST", body, {"Idempotency-Key": key})
    status, body = ask(wish, "u1")
    assert status == 202, body
    assert ask(wish, "u1")[1]["commands"][0]["id"] == body["commands"][0]["id"]
    assert ended(park, body["commands"][0]["id"])["state"] == "confirmed"
    assert len(point.actions("UnlockConnector")) == 1
    assert ask({**wish, "kind": "charger_reset"}, "u2")[1]["code"] == "command.argument"
    assert ask({**wish, "kind": "charger_reset", "arguments": {"type": "Warm"}}, "u3")[1]["code"] == "command.argument"
    assert ask({**wish, "kind": "charger_profile", "arguments": {"profile": "{"}}, "u4")[1]["code"] == "command.argument"
    assert ask({**wish, "kind": "charger_nothing"}, "u5")[1]["code"] == "command.kind"
    # what only the standard forbids, the adapter refuses, and nothing leaves
    number = order(park, "C2", "charger_start", "1", tag="GOOD", profile=PROFILE)
    done = ended(park, number)
    assert done["state"] == "refused" and "TxProfile" in done["cause"] and not point.actions("RemoteStartTransaction")
    # and by hubctl, as an operator does it
    (one,) = send(park, "evco", "EV-C2", "charger_reset", None, "--argument", "type=Soft")
    assert ended(park, one["id"])["details"]["details"]["status"] == "Accepted"
    point.close()


@pytest.mark.thorough
def test_refused_or_not_done_is_never_confirmed(park):
    point = plug_in(park, "C3", honest=False)
    point.call("StartTransaction", {"connectorId": 1, "idTag": "GOOD", "meterStart": 0, "timestamp": "2026-05-01T00:00:00Z"})
    point.rules["RemoteStopTransaction"] = {"status": "Rejected"}
    point.rules["ReserveNow"] = {"status": "Occupied"}
    point.rules["ClearCache"] = "InternalError"
    expect = {
        order(park, "C3", "charger_stop", "1", transaction="1"): "Rejected",
        order(park, "C3", "charger_reserve", "1", tag="GOOD", until=SOON, reservation="1"): "Occupied",
        order(park, "C3", "charger_cache_clear"): "InternalError",
        order(park, "C3", "charger_configure", key="Nonsense", value="1"): "NotSupported",
        # said yes and did nothing
        order(park, "C3", "charger_limit", "1", limit="6000"): "accepted_but_not_done",
        order(park, "C3", "charger_configure", key="HeartbeatInterval", value="77"): "accepted_but_not_done",
    }
    for number, cause in expect.items():
        done = ended(park, number)
        assert (done["state"], done["cause"]) == ("refused", cause), done
    point.close()


@pytest.mark.thorough
def test_a_station_that_is_away_or_silent_ends_as_expired(park):
    away = order(park, "C4", "charger_unlock", "1", 4)
    done = ended(park, away)
    assert (done["state"], done["cause"]) == ("expired", "not_sent"), done
    point = plug_in(park, "C4")
    point.rules["UnlockConnector"] = None
    silent = order(park, "C4", "charger_unlock", "1", 4)
    done = ended(park, silent)
    assert (done["state"], done["cause"]) == ("expired", "no_confirmation"), done
    assert len(point.actions("UnlockConnector")) == 1
    point.close()


@pytest.mark.thorough
def test_a_limit_that_is_confirmed_and_then_ignored_is_marked_and_told(park):
    """What it shows as its schedule is one thing, what it meters another."""
    point = plug_in(park, "C3")
    at = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    number = point.call("StartTransaction", {"connectorId": 1, "idTag": "GOOD", "meterStart": 0, "timestamp": at(-60)})["transactionId"]

    def meters(watts, seconds):
        point.call("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [{"timestamp": at(seconds), "sampledValue": [
            {"value": str(watts / 1000), "measurand": "Power.Active.Import", "unit": "kW"}]}]})
    limits = lambda: [l for line in park.ctl("charger", "list").splitlines() if (c := json.loads(line))["name"] == "C3" for l in c["limits"]]
    told = lambda: park.sql("select body->>'cleared' from message where body->>'code' = 'profile_ignored' order by id")
    shift = -20
    for limit, watts, state, events in (("6000", 11000, "ignored", ["false"]), ("7000", 6900, "honoured", ["false", "true"])):
        shift += 40
        done = ended(park, order(park, "C3", "charger_limit", "1", limit=limit))
        assert done["state"] == "confirmed", done
        # the station's clock is what counts: a little later than the confirmation
        meters(watts, shift)
        meters(watts, shift + 10)
        wait_until(lambda: [(l["limit_w"], l["state"]) for l in limits()] == [(int(limit), state)], 30, f"{limit} W is {state}")
        wait_until(lambda: [c for c, in told()] == events, 10)
    point.close()


@pytest.mark.thorough
def test_a_kill_between_sent_and_answer_sends_nothing_twice(park):
    """The adapter's process dies while the station thinks; what can be read back is, what cannot stays open and expires."""
    point = plug_in(park, "C1")
    point.settings["HeartbeatInterval"] = "300"
    point.rules["ChangeConfiguration"] = lambda payload: point.settings.update({payload["key"]: payload["value"]})
    setting = order(park, "C1", "charger_configure", seconds=60, key="HeartbeatInterval", value="90")
    wait_until(lambda: trace(park, setting)["state"] == "sent" and point.actions("ChangeConfiguration"), 20, "it is sent")
    kill(descendants(park.pid("adapterd"))[0])
    wait_until(lambda: point.ended, 20, "the connection ends with its adapter")
    point.close()
    again = plug_in(park, "C1")
    again.settings = point.settings
    again.rules["ClearCache"] = None
    assert ended(park, setting, 60)["state"] == "confirmed"
    assert not again.actions("ChangeConfiguration") and again.actions("GetConfiguration")
    blind = order(park, "C1", "charger_cache_clear", seconds=12)
    wait_until(lambda: trace(park, blind)["state"] == "sent" and again.actions("ClearCache"), 20, "it is sent")
    kill(park.pid("adapterd"))
    wait_until(lambda: again.ended, 20)
    again.close()
    third = wait_until(lambda: plug_in(park, "C1"), 30)
    done = ended(park, blind, 60)
    assert (done["state"], done["cause"]) == ("expired", "no_confirmation"), done
    assert not third.actions("ClearCache")
    third.close()


PEERS = pathlib.Path(__file__).parent / "peers"


@pytest.mark.thorough
@pytest.mark.skipif(not FULL, reason="the long form (HUB_TEST_FORM=full)")
@pytest.mark.parametrize("package, script", [("@voltbras/ts-ocpp@2", "ts_ocpp.js"), ("ocpp-rpc@2", "ocpp_rpc_obeys.js")])
def test_charge_points_that_nobody_here_wrote_obey(park, tmp_path, package, script):
    if not shutil.which("npm"):
        pytest.skip("no npm")
    made = subprocess.run(["npm", "install", "--no-audit", "--no-fund", package], cwd=tmp_path, capture_output=True, timeout=240)
    if made.returncode:
        pytest.skip("npm's registry cannot be reached")
    shutil.copy(PEERS / script, tmp_path)
    words = [f"ws://127.0.0.1:{park.charger_port}/ocpp", "C2", park.words["C2"]]
    peer = subprocess.Popen(["node", script, *words], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        first = json.loads(peer.stdout.readline())
        assert first["boot"]["status"] == "Accepted", first
        for kind, action, channel, arguments in KINDS[:15]:
            done = ended(park, order(park, "C2", kind, channel, **arguments))
            # It knows nothing of the security white paper, and says so by a CALLERROR: that is the end, and told.
            foreign = kind == "charger_trigger_extended" and "ts-ocpp" in package
            assert done["state"] == ("refused" if foreign else "confirmed"), (kind, done)
        # it says yes to every limit and shows its own: never confirmed as done
        started = json.loads(peer.stdout.readline())
        assert started["started"]["idTagInfo"]["status"] in ("Accepted", "Invalid"), started
        done = ended(park, order(park, "C2", "charger_limit", "1", limit="3000"))
        assert (done["state"], done["cause"]) == ("refused", "accepted_but_not_done"), done
    finally:
        peer.kill()
        peer.wait()
