"""Every message that a charge point may send, as OCPP 1.6 (edition 2) and its security white paper (edition 3) have it: what is
answered, and which error says what is wrong."""
import json
import secrets

import pytest

from hub import free_port, wait_until
from station import Closed, Refused, Socket, Station
from test_charger import equip, join

T = "2026-03-01T08:00:00Z"
BOOT = {"chargePointVendor": "Acme", "chargePointModel": "M1"}
START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 0, "timestamp": T}
STOP = {"transactionId": 1, "meterStop": 10, "timestamp": T}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
SAMPLE = {"value": "1"}
METER = {"connectorId": 1, "meterValue": [{"timestamp": T, "sampledValue": [SAMPLE]}]}
EVENT = {"type": "StartupOfTheDevice", "timestamp": T}


def samples(**members):
    return {**METER, "meterValue": [{"timestamp": T, "sampledValue": [{**SAMPLE, **members}]}]}


def without(payload, member):
    return {k: v for k, v in payload.items() if k != member}


FORMATION, OCCURENCE, TYPE, PROPERTY = ("FormationViolation", "OccurenceConstraintViolation", "TypeConstraintViolation",
                                        "PropertyConstraintViolation")
ERRORS = ["ConnectorLockFailure", "EVCommunicationError", "GroundFailure", "HighTemperature", "InternalError", "LocalListConflict", "NoError",
          "OtherError", "OverCurrentFailure", "PowerMeterFailure", "PowerSwitchFailure", "ReaderFailure", "ResetFailure", "UnderVoltage",
          "OverVoltage", "WeakSignal"]
STATES = ["Available", "Preparing", "Charging", "SuspendedEVSE", "SuspendedEV", "Finishing", "Reserved", "Unavailable", "Faulted"]
MEASURANDS = ["Energy.Active.Export.Register", "Energy.Active.Import.Register", "Energy.Reactive.Export.Register",
              "Energy.Reactive.Import.Register", "Energy.Active.Export.Interval", "Energy.Active.Import.Interval",
              "Energy.Reactive.Export.Interval", "Energy.Reactive.Import.Interval", "Power.Active.Export", "Power.Active.Import", "Power.Offered",
              "Power.Reactive.Export", "Power.Reactive.Import", "Power.Factor", "Current.Import", "Current.Export", "Current.Offered", "Voltage",
              "Frequency", "Temperature", "SoC", "RPM"]
CONTEXTS = ["Interruption.Begin", "Interruption.End", "Sample.Clock", "Sample.Periodic", "Transaction.Begin", "Transaction.End", "Trigger", "Other"]
PHASES = ["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]
UNITS = {"Wh": "Energy.Active.Import.Register", "kWh": "Energy.Active.Import.Register", "varh": "Energy.Reactive.Import.Register",
         "kvarh": "Energy.Reactive.Import.Register", "W": "Power.Active.Import", "kW": "Power.Active.Import", "var": "Power.Reactive.Import",
         "kvar": "Power.Reactive.Import", "A": "Current.Import", "V": "Voltage", "K": "Temperature", "Celcius": "Temperature",
         "Celsius": "Temperature", "Fahrenheit": "Temperature", "Percent": "SoC"}
REASONS = ["EmergencyStop", "EVDisconnected", "HardReset", "Local", "Other", "PowerLoss", "Reboot", "Remote", "SoftReset", "UnlockCommand", "DeAuthorized"]
FIRMWARE = ["Downloaded", "DownloadFailed", "Downloading", "Idle", "InstallationFailed", "Installing", "Installed"]
SIGNED = FIRMWARE + ["DownloadScheduled", "DownloadPaused", "InstallRebooting", "InstallScheduled", "InstallVerificationFailed", "InvalidSignature",
                     "SignatureVerified"]
UPLOADS = ["BadMessage", "Idle", "NotSupportedOperation", "PermissionDenied", "Uploaded", "UploadFailure", "Uploading"]
CENTRAL = ["ChangeAvailability", "ChangeConfiguration", "ClearCache", "GetConfiguration", "RemoteStartTransaction", "RemoteStopTransaction", "Reset",
           "UnlockConnector", "GetDiagnostics", "UpdateFirmware", "GetLocalListVersion", "SendLocalList", "CancelReservation", "ReserveNow",
           "ClearChargingProfile", "GetCompositeSchedule", "SetChargingProfile", "TriggerMessage", "ExtendedTriggerMessage", "CertificateSigned",
           "DeleteCertificate", "GetInstalledCertificateIds", "GetLog", "InstallCertificate", "SignedUpdateFirmware"]


def has(**members):
    return lambda answer: isinstance(answer, dict) and all(answer.get(k) == v for k, v in members.items())


EMPTY = lambda answer: answer == {}  # noqa: E731
STARTED = lambda status: (lambda a: isinstance(a, dict) and a["transactionId"] > 0 and a["idTagInfo"]["status"] == status)  # noqa: E731
CLOCK = lambda a: isinstance(a, dict) and a["currentTime"].endswith("Z") and len(a["currentTime"]) <= 28  # noqa: E731

CASES = [
    # 4.1 Authorize
    ("Authorize", {"idTag": "GOOD"}, lambda a: a["idTagInfo"]["status"] == "Accepted" and a["idTagInfo"]["parentIdTag"] == "FLEET"),
    ("Authorize", {"idTag": "good"}, lambda a: a["idTagInfo"]["status"] == "Accepted"),
    ("Authorize", {"idTag": "NOBODY"}, has(idTagInfo={"status": "Invalid"})),
    ("Authorize", {"idTag": "BLOCKED"}, has(idTagInfo={"status": "Blocked"})),
    ("Authorize", {"idTag": "OLD"}, lambda a: a["idTagInfo"]["status"] == "Expired" and a["idTagInfo"]["expiryDate"].startswith("2020-")),
    ("Authorize", {"idTag": "T" * 20}, has(idTagInfo={"status": "Invalid"})),
    ("Authorize", {"idTag": "T" * 21}, PROPERTY), ("Authorize", {"idTag": 7}, TYPE), ("Authorize", {}, OCCURENCE),
    ("Authorize", {"idTag": "GOOD", "more": 1}, FORMATION), ("Authorize", [], FORMATION), ("Authorize", "GOOD", FORMATION), ("Authorize", None, FORMATION),
    ("authorize", {"idTag": "GOOD"}, "NotImplemented"), ("", {}, "NotImplemented"), ("AuthorizeRequest", {}, "NotImplemented"),
    # 4.2 BootNotification
    ("BootNotification", BOOT, lambda a: a["status"] == "Accepted" and a["interval"] > 0 and CLOCK(a)),
    ("BootNotification", {**BOOT, "chargePointSerialNumber": "s" * 25, "chargeBoxSerialNumber": "b" * 25, "firmwareVersion": "f" * 50, "iccid": "i" * 20,
                          "imsi": "i" * 20, "meterType": "t" * 25, "meterSerialNumber": "m" * 25}, has(status="Accepted")),
    ("BootNotification", without(BOOT, "chargePointVendor"), OCCURENCE), ("BootNotification", without(BOOT, "chargePointModel"), OCCURENCE),
    ("BootNotification", {**BOOT, "chargePointVendor": "v" * 21}, PROPERTY), ("BootNotification", {**BOOT, "firmwareVersion": "f" * 51}, PROPERTY),
    ("BootNotification", {**BOOT, "iccid": 89}, TYPE),
    # 4.3 DataTransfer
    ("DataTransfer", {"vendorId": "org.nobody"}, has(status="UnknownVendorId")),
    ("DataTransfer", {"vendorId": "v" * 255, "messageId": "m" * 50, "data": "{}"}, has(status="UnknownVendorId")),
    ("DataTransfer", {"vendorId": "v" * 256}, PROPERTY), ("DataTransfer", {"messageId": "m"}, OCCURENCE),
    ("DataTransfer", {"vendorId": "v", "data": {"a": 1}}, TYPE),
    # 4.4, 4.5 status of files
    *[("DiagnosticsStatusNotification", {"status": s}, EMPTY) for s in ("Idle", "Uploaded", "UploadFailed", "Uploading")],
    ("DiagnosticsStatusNotification", {"status": "Uploadfailed"}, PROPERTY), ("DiagnosticsStatusNotification", {}, OCCURENCE),
    *[("FirmwareStatusNotification", {"status": s}, EMPTY) for s in FIRMWARE],
    ("FirmwareStatusNotification", {"status": "Broken"}, PROPERTY), ("FirmwareStatusNotification", {"status": 1}, TYPE),
    # 4.6 Heartbeat
    ("Heartbeat", {}, CLOCK), ("Heartbeat", {"now": 1}, FORMATION), ("Heartbeat", [], FORMATION),
    # 4.7 MeterValues
    ("MeterValues", METER, EMPTY), ("MeterValues", {**METER, "connectorId": 0}, EMPTY), ("MeterValues", {**METER, "transactionId": 4711}, EMPTY),
    *[("MeterValues", samples(measurand=m), EMPTY) for m in MEASURANDS], *[("MeterValues", samples(context=c), EMPTY) for c in CONTEXTS],
    *[("MeterValues", samples(measurand="Voltage", phase=p), EMPTY) for p in PHASES],
    *[("MeterValues", samples(location=place), EMPTY) for place in ("Body", "Cable", "EV", "Inlet", "Outlet")],
    *[("MeterValues", samples(measurand=m, unit=u), EMPTY) for u, m in UNITS.items()],
    ("MeterValues", samples(format="SignedData", value="c2lnbmVk" * 300), EMPTY), ("MeterValues", samples(format="Raw", value="-12.5"), EMPTY),
    ("MeterValues", samples(measurand="Energy"), PROPERTY), ("MeterValues", samples(unit="MWh"), PROPERTY), ("MeterValues", samples(context="Now"), PROPERTY),
    ("MeterValues", samples(phase="L4"), PROPERTY), ("MeterValues", samples(location="Roof"), PROPERTY), ("MeterValues", samples(format="Hex"), PROPERTY),
    ("MeterValues", samples(value=1), TYPE), ("MeterValues", {**METER, "meterValue": []}, OCCURENCE),
    ("MeterValues", {**METER, "meterValue": [{"timestamp": T, "sampledValue": []}]}, OCCURENCE), ("MeterValues", without(METER, "meterValue"), OCCURENCE),
    ("MeterValues", {**METER, "meterValue": [{"sampledValue": [SAMPLE]}]}, OCCURENCE), ("MeterValues", {**METER, "meterValue": {}}, TYPE),
    ("MeterValues", {**METER, "meterValue": [1]}, TYPE), ("MeterValues", {**METER, "meterValue": [{"timestamp": "noon", "sampledValue": [SAMPLE]}]}, PROPERTY),
    ("MeterValues", {**METER, "connectorId": "1"}, TYPE), ("MeterValues", {**METER, "connectorId": -1}, PROPERTY), ("MeterValues", without(METER, "connectorId"), OCCURENCE),
    # 4.8 StartTransaction
    ("StartTransaction", START, STARTED("Accepted")), ("StartTransaction", {**START, "connectorId": 2, "idTag": "NOBODY"}, STARTED("Invalid")),
    ("StartTransaction", {**START, "connectorId": 2, "idTag": "BLOCKED"}, STARTED("Blocked")), ("StartTransaction", {**START, "connectorId": 2, "idTag": "OLD"}, STARTED("Expired")),
    ("StartTransaction", {**START, "connectorId": 2, "idTag": "ALONE"}, STARTED("Accepted")),
    ("StartTransaction", {**START, "connectorId": 3, "idTag": "ALONE"}, STARTED("ConcurrentTx")),
    ("StartTransaction", {**START, "connectorId": 3, "reservationId": 5}, STARTED("Accepted")),
    ("StartTransaction", {**START, "connectorId": 0}, PROPERTY), ("StartTransaction", {**START, "connectorId": -1}, PROPERTY), ("StartTransaction", {**START, "connectorId": 1.5}, TYPE),
    ("StartTransaction", {**START, "meterStart": "0"}, TYPE), ("StartTransaction", {**START, "timestamp": 1772352000}, TYPE),
    ("StartTransaction", {**START, "timestamp": "2026-02-30T08:00:00Z"}, PROPERTY), ("StartTransaction", {**START, "timestamp": "2026-03-01T08:00:00.1234567Z"}, STARTED("Accepted")),
    *[("StartTransaction", without(START, m), OCCURENCE) for m in START],
    # 4.9 StatusNotification
    *[("StatusNotification", {**STATUS, "status": s}, EMPTY) for s in STATES], *[("StatusNotification", {**STATUS, "errorCode": e, "status": "Faulted"}, EMPTY) for e in ERRORS],
    ("StatusNotification", {**STATUS, "connectorId": 0}, EMPTY),
    ("StatusNotification", {**STATUS, "timestamp": T, "info": "i" * 50, "vendorId": "v" * 255, "vendorErrorCode": "e" * 50}, EMPTY),
    ("StatusNotification", {**STATUS, "status": "Occupied"}, PROPERTY), ("StatusNotification", {**STATUS, "errorCode": "None"}, PROPERTY),
    ("StatusNotification", {**STATUS, "connectorId": -1}, PROPERTY), ("StatusNotification", {**STATUS, "info": "i" * 51}, PROPERTY),
    *[("StatusNotification", without(STATUS, m), OCCURENCE) for m in STATUS],
    # 4.10 StopTransaction
    ("StopTransaction", STOP, EMPTY), ("StopTransaction", {**STOP, "idTag": "GOOD"}, lambda a: a["idTagInfo"]["status"] == "Accepted"),
    ("StopTransaction", {**STOP, "idTag": "NOBODY"}, has(idTagInfo={"status": "Invalid"})), ("StopTransaction", {**STOP, "transactionId": 999999}, EMPTY),
    ("StopTransaction", {**STOP, "transactionId": -1}, EMPTY), ("StopTransaction", {**STOP, "transactionId": 0}, EMPTY),
    *[("StopTransaction", {**STOP, "reason": r}, EMPTY) for r in REASONS], ("StopTransaction", {**STOP, "reason": "Tired"}, PROPERTY),
    ("StopTransaction", {**STOP, "transactionData": METER["meterValue"]}, EMPTY), ("StopTransaction", {**STOP, "transactionData": []}, EMPTY),
    ("StopTransaction", {**STOP, "transactionData": [{"timestamp": T}]}, OCCURENCE), *[("StopTransaction", without(STOP, m), OCCURENCE) for m in STOP],
    # white paper
    ("SecurityEventNotification", EVENT, EMPTY), ("SecurityEventNotification", {**EVENT, "techInfo": "i" * 255}, EMPTY),
    ("SecurityEventNotification", {**EVENT, "type": "t" * 51}, PROPERTY), ("SecurityEventNotification", {**EVENT, "techInfo": "i" * 256}, PROPERTY),
    *[("SecurityEventNotification", without(EVENT, m), OCCURENCE) for m in EVENT],
    *[("SignedFirmwareStatusNotification", {"status": s, "requestId": 1}, EMPTY) for s in SIGNED], ("SignedFirmwareStatusNotification", {"status": "Idle"}, EMPTY),
    ("SignedFirmwareStatusNotification", {"status": "Signed", "requestId": 1}, PROPERTY), ("SignedFirmwareStatusNotification", {"requestId": 1}, OCCURENCE),
    *[("LogStatusNotification", {"status": s, "requestId": 1}, EMPTY) for s in UPLOADS], ("LogStatusNotification", {"status": "Idle"}, EMPTY),
    ("LogStatusNotification", {"status": "AcceptedCanceled"}, PROPERTY),
    ("SignCertificate", {"csr": "c" * 5501}, PROPERTY), ("SignCertificate", {}, OCCURENCE), ("SignCertificate", {"csr": "no request"}, has(status="Accepted")),
    # what is the central system's to ask
    *[(action, {}, "NotSupported") for action in CENTRAL],
]

# Not by way of a well-formed CALL: the text, and what must come back ([4, id, code], or None: nothing).
FRAMES = [
    ("{", [4, "-1", FORMATION]), ("[2,", [4, "-1", FORMATION]), ("{}", [4, "-1", FORMATION]), ("[]", [4, "-1", FORMATION]), ("7", [4, "-1", FORMATION]),
    ('["2","f1","Heartbeat",{}]', [4, "-1", FORMATION]), ('[2,7,"Heartbeat",{}]', [4, "-1", FORMATION]), ('[2,"","Heartbeat",{}]', [4, "-1", FORMATION]),
    ('[2,"f2","Heartbeat"]', [4, "f2", FORMATION]), ('[2,"f3"]', [4, "f3", FORMATION]), ('[2,"f4",7,{}]', [4, "f4", FORMATION]),
    ('[2,"f5","Heartbeat",{},{}]', [4, "f5", FORMATION]), (f'[2,"{"i" * 37}","Heartbeat",{{}}]', [4, "i" * 37, FORMATION]),
    ('[1,"f6","Heartbeat",{}]', None), ('[5,"f7","Heartbeat",{}]', None), ('[3,"nobody asked",{}]', None), ('[4,"nobody asked","GenericError","",{}]', None),
    ('[3,"f8"]', None), ('[4,"f9"]', None), ('[2,"f10","Heartbeat",{"a":1,"a":2}]', [4, "-1", FORMATION]),
    (' [ 2 , "f11" , "Heartbeat" , { } ] ', [3, "f11"]), ('[2,"f12","Heartbeat",{}]\n', [3, "f12"]),
]


@pytest.fixture(scope="module")
def park():
    from hub import Hub, directory
    with directory() as place:
        hub = Hub(place / "data")
        hub.charger_port = free_port()
        try:
            hub.up("--charger-plain", f"127.0.0.1:{hub.charger_port}")
            hub.words = equip(hub, ["M1", "M2", "WAITS", "OUT"])
            for name, state in (("WAITS", "pending"), ("OUT", "rejected")):
                hub.ctl("charger", "add", name, "--party", "evco", "--instance", "chargers", "--point", f"EV-{name}", "--profile", "1", "--from", "2023-01-01",
                        "--state", state)
            for tag, *words in (("BLOCKED", "--blocked"), ("OLD", "--to", "2020-01-01T00:00:00Z"), ("ALONE", "--alone")):
                hub.ctl("charger", "tag", tag, "--party", "evco", *words)
            yield hub
        finally:
            hub.end()


def test_each_message_is_answered_as_the_standard_says(park):
    station = join(park, "M1")
    for tag, status in (("GOOD", "Accepted"), ("ALONE", "Accepted"), ("OLD", "Expired"), ("BLOCKED", "Blocked")):
        wait_until(lambda: station.call("Authorize", {"idTag": tag})["idTagInfo"]["status"] == status, 20, f"{tag} is known")
    wrong = []
    for action, payload, wanted in CASES:
        try:
            answer = station.call(action, payload)
        except Closed:  # more than 200 messages a second of one station are too many: it comes anew
            station = join(park, "M1")
            answer = station.call(action, payload)
        try:
            good = answer == wanted if isinstance(wanted, str) else bool(not isinstance(answer, str) and wanted(answer))
        except (KeyError, TypeError):
            good = False
        if not good:
            wrong.append((action, str(payload)[:120], answer))
    station.close()
    assert not wrong, wrong


def test_frames_that_are_none_are_told_so_and_the_connection_stays(park):
    socket = join(park, "M1").socket
    wrong = []
    for text, wanted in FRAMES:
        number = secrets.token_hex(6)
        socket.send(text)
        socket.send(json.dumps([2, number, "Heartbeat", {}]))
        heard = json.loads(socket.receive())
        first = None if heard[1] == number else heard
        while heard[1] != number:
            heard = json.loads(socket.receive())
        if (first and first[:len(wanted or [])]) != wanted or (first and first[0] == 4 and (len(first) != 5 or first[4] != {})):
            wrong.append((text, first))
    socket.close()
    assert not wrong, wrong


def test_a_pending_station_waits_and_a_rejected_one_is_not_heard(park):
    waits, out = join(park, "WAITS"), join(park, "OUT")
    wait_until(lambda: waits.boot()["status"] == "Pending", 20, "pending")
    answer = wait_until(lambda: (a := out.boot())["status"] == "Rejected" and a, 20, "rejected")
    assert answer["interval"] > 0 and CLOCK(answer)
    for action, payload in (("Heartbeat", {}), ("StatusNotification", STATUS), ("StartTransaction", START), ("Authorize", {"idTag": "GOOD"})):
        assert out.call(action, payload) == "SecurityError"
    # 4.2: a pending one is asked and set, and what it was triggered to say is heard.
    assert waits.call("StatusNotification", STATUS) == {}
    for station in (waits, out):
        station.close()


HEAD = ("GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: ocpp1.6", "Authorization: Basic {word}")


def knock(hub, path="/ocpp/M2", user="M2", change=()):
    """The status line and head of an upgrade, with lines of it changed (None: left out)."""
    import base64
    import socket
    lines = dict((line.split(":")[0].split()[0], line) for line in HEAD)
    lines.update(change)
    word = base64.b64encode(f"{user}:{hub.words[user]}".encode()).decode()
    text = "\r\n".join(line.format(path=path, word=word) for line in lines.values() if line) + "\r\n\r\n"
    with socket.create_connection(("127.0.0.1", hub.charger_port), 10) as s:
        s.sendall(text.encode())
        head = b""
        while b"\r\n\r\n" not in head and (chunk := s.recv(4096)):
            head += chunk
    return int(head.split()[1]), head.decode().lower()


def test_the_upgrade_is_negotiated_as_rfc_6455_has_it(park):
    join(park, "M2").close()
    status, head = knock(park)
    assert status == 101 and "sec-websocket-protocol: ocpp1.6\r\n" in head and "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n" in head
    for line in ("Sec-WebSocket-Protocol: ocpp2.0.1, ocpp1.6", "Sec-WebSocket-Protocol: ocpp1.6,ocpp1.5"):
        status, head = knock(park, change={"Sec-WebSocket-Protocol": line})
        assert status == 101 and "sec-websocket-protocol: ocpp1.6\r\n" in head
    status, head = knock(park, change={"Sec-WebSocket-Extensions": "Sec-WebSocket-Extensions: permessage-deflate"})
    assert status == 101 and "sec-websocket-extensions" not in head
    assert knock(park, change={"Connection": "Connection: keep-alive, Upgrade"})[0] == 101
    status, head = knock(park, change={"Sec-WebSocket-Version": "Sec-WebSocket-Version: 8"})
    assert status == 426 and "sec-websocket-version: 13" in head
    status, head = knock(park, change={"Authorization": None})
    assert status == 401 and "www-authenticate: basic" in head
    assert knock(park, change={"Authorization": "Authorization: Basic !!!"})[0] == 401
    assert knock(park, change={"Authorization": "Authorization: Bearer x"})[0] == 401
    for change in ({"Sec-WebSocket-Key": None}, {"Sec-WebSocket-Key": "Sec-WebSocket-Key: c2hvcnQ="}, {"Upgrade": None}, {"Connection": "Connection: close"}):
        assert knock(park, change=change)[0] in (400, 426), change
    assert knock(park, path="/ocpp/NOBODY")[0] in (401, 404)
    # No protocol in common: the handshake is completed and the connection closed (OCPP-J 3.2).
    socket = Socket(park.charger_port, "/ocpp/M2", "M2", park.words["M2"], protocols=("ocpp1.5", "ocpp2.0"))
    with pytest.raises((Closed, ConnectionError)):
        socket.receive()
    with pytest.raises(Refused):
        Station("M2", park.charger_port, user="M2", password="0" * 20).connect()


def test_a_queue_that_was_kept_while_away_is_taken_in_order(park):
    """Appendix: what happened offline comes when the connection is back, with its own times, each told until it is answered."""
    station = join(park, "M2")
    station.boot()
    number = station.start("GOOD", 0, "2026-04-01T08:00:00Z")["transactionId"]
    station.close()
    station = join(park, "M2")
    station.boot()
    for minute, wh in ((15, 2000), (30, 4000), (45, 6000)):
        assert station.meter(number, wh, f"2026-04-01T08:{minute}:00Z") == {}
    # Its first answer was lost with the connection: the same message comes again under another id.
    for _ in range(2):
        assert station.stop(number, 7000, "2026-04-01T09:00:00Z", reason="PowerLoss") == {}
    # Begun and ended while it was away: nobody could give it a number before.
    again = station.start("GOOD", 7000, "2026-04-01T10:00:00Z")["transactionId"]
    assert again != number and station.stop(again, 9000, "2026-04-01T11:00:00Z") == {}
    rows = wait_until(lambda: [s for s in map(json.loads, park.ctl("charger", "sessions", "--station", "M2").splitlines())
                               if s["problem"] == "" and s["started"].startswith("2026-04-01")][:3] or None, 20, "the sessions")
    wait_until(lambda: len([s for s in map(json.loads, park.ctl("charger", "sessions", "--station", "M2").splitlines())
                            if s["problem"] == "" and s["started"].startswith("2026-04-01")]) == 2, 20, "both are closed")
    rows = [s for s in map(json.loads, park.ctl("charger", "sessions", "--station", "M2").splitlines()) if s["started"].startswith("2026-04-01")]
    assert sorted(s["energy_wh"] for s in rows) == [2000, 7000]
    station.close()
