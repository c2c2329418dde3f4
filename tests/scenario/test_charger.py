"""Charging stations over real WebSockets: who may come in, what is kept, and what a kill may not cost."""
import json
import subprocess

import pytest

from hub import free_port, kill, wait_until
from station import Closed, Refused, Socket, Station, trust


def equip(hub, stations, profile="1", since="2023-01-01"):
    """A park of stations, each with a point; their passwords."""
    hub.ctl("party", "add", "evco", "--kind", "charging")
    hub.ctl("instance", "add", "chargers", "--party", "evco", "--adapter", "ocpp16", "--promise", "journalled",
            "--transport", "kind=websocket")
    hub.ctl("charger", "tag", "good", "--party", "evco", "--parent", "FLEET")
    words = {}
    for name in stations:
        hub.ctl("point", "add", f"EV-{name}", "--commodity", "ev", "--owner", "evco", "--operator", "evco")
        hub.ctl("charger", "add", name, "--party", "evco", "--instance", "chargers", "--point", f"EV-{name}", "--profile", profile,
                "--from", since)
        words[name] = hub.ctl("charger", "password", name).strip()
    return words


@pytest.fixture(scope="module")
def park(tmp_path_factory):
    from hub import Hub, directory
    with directory() as place:
        hub = Hub(place / "data")
        hub.charger_port, hub.charger_tls = free_port(), free_port()
        try:
            hub.up("--charger-plain", f"127.0.0.1:{hub.charger_port}", "--charger-listen", f"127.0.0.1:{hub.charger_tls}")
            hub.words = equip(hub, ["CP1", "CP2", "CP3", "CP4", "CP5"])
            yield hub
        finally:
            hub.end()


def join(hub, name, **how):
    how = {"user": name, "password": hub.words[name], **how}
    station = Station(name, hub.charger_port, **how)

    def there():
        try:
            return station.connect()
        except (Refused, Closed, OSError) as why:
            if isinstance(why, Refused) and why.status != 503:
                raise
            return None
    return wait_until(there, 20, f"{name} is let in")


def sessions(hub, name):
    return [json.loads(line) for line in hub.ctl("charger", "sessions", "--station", name).splitlines()]


def test_only_who_proves_it_comes_in(park):
    join(park, "CP1").close()
    join(park, "CP1", password=bytes.fromhex(park.words["CP1"])).close()
    for how, status in (({"password": "wrong-password"}, 401), ({"user": "CP2"}, 401), ({"user": None}, 401)):
        with pytest.raises(Refused) as refused:
            Station("CP1", park.charger_port, **{"user": "CP1", "password": park.words["CP1"], **how}).connect()
        assert refused.value.status == status
    with pytest.raises(Refused) as refused:
        Station("nobody", park.charger_port, user="nobody", password="12345678").connect()
    assert refused.value.status == 404
    with pytest.raises(Refused) as refused:
        Socket(park.charger_port, "/v1/health")
    assert refused.value.status == 404


def test_a_station_of_another_version_is_closed_at_once(park):
    join(park, "CP1").close()
    socket = Socket(park.charger_port, "/ocpp/CP1", "CP1", park.words["CP1"], protocols=("ocpp2.0.1",))
    assert "sec-websocket-protocol" not in socket.head.lower()
    with pytest.raises(Closed):
        socket.receive()


def test_a_session_becomes_a_record(park):
    station = join(park, "CP2")
    boot = station.boot()
    assert boot["status"] == "Accepted" and boot["interval"] == 300
    wait_until(lambda: station.call("Authorize", {"idTag": "GOOD"})["idTagInfo"]["status"] == "Accepted", 20, "the tag is known")
    assert station.call("Authorize", {"idTag": "WHO"})["idTagInfo"]["status"] == "Invalid"
    started = station.start("GOOD", 1000, "2026-03-01T08:00:00Z")
    number = started["transactionId"]
    assert started["idTagInfo"] == {"status": "Accepted", "parentIdTag": "FLEET"}
    assert station.meter(number, 3500, "2026-03-01T08:30:00Z") == {}
    station.close()
    again = join(park, "CP2")
    # The answer was lost: told again with another id, it is the same transaction.
    assert again.start("GOOD", 1000, "2026-03-01T08:00:00Z")["transactionId"] == number
    assert again.stop(number, 8500, "2026-03-01T09:00:00Z") == {}
    wait_until(lambda: [s for s in sessions(park, "CP2") if s["problem"] == ""], 20, "the session is closed")
    [session] = sessions(park, "CP2")
    assert session["energy_wh"] == 7500 and session["tag"] == "GOOD" and session["point"] == "EV-CP2"
    assert session["reason"] == "EVDisconnected" and session["last_update"] == "2026-03-01T08:30:00Z"
    rows = [json.loads(line) for line in park.ctl("readings", "--point", "EV-CP2", "--quantity", "ev_energy", "--from", "2026-03-01",
                                                  "--to", "2026-03-02", "--json").splitlines()]
    assert [row["value"] for row in rows] == ["1.000", "3.500", "8.500"], rows
    again.close()


def test_what_does_not_fit_is_found(park):
    station = join(park, "CP3")
    number = station.start("GOOD", 5000, "2026-03-02T08:00:00Z")["transactionId"]
    station.stop(number, 4000, "2026-03-02T09:00:00Z")
    station.start("GOOD", 4000, "2026-03-02T10:00:00Z")
    station.stop(987654, 4000, "2026-03-02T11:00:00Z")
    wait_until(lambda: {s["problem"] for s in sessions(park, "CP3")} == {"register_fell", "open", "no_start"}, 20)
    silent = [json.loads(line) for line in park.ctl("charger", "sessions", "--silent-hours", "1").splitlines()]
    assert [(s["station"], s["started"]) for s in silent] == [("CP3", "2026-03-02T10:00:00Z")]
    station.close()


def test_the_last_connection_counts(park):
    first, second = join(park, "CP4"), join(park, "CP4")
    with pytest.raises((Closed, ConnectionError)):
        while True:
            first.socket.receive()
    assert "currentTime" in second.call("Heartbeat", {})
    second.close()


def test_broken_frames_end_the_connection_alone(park):
    good = join(park, "CP1")
    for opcode, payload in ((3, b""), (2, b"binary"), (1, b"\xff\xfe"), (9, b"x" * 126)):
        bad = join(park, "CP5")
        bad.socket.frame(opcode, payload)
        with pytest.raises((Closed, ConnectionError)):
            bad.socket.receive()
    halves = join(park, "CP5")
    halves.socket.frame(1, b'[2,"h1","Hear', final=False)
    halves.socket.frame(9, b"between")
    halves.socket.frame(0, b'tbeat",{}]')
    assert json.loads(halves.socket.receive())[1] == "h1"
    assert halves.call("Nonsense", {}) == "NotImplemented"
    assert "currentTime" in good.call("Heartbeat", {})
    good.close()
    halves.close()


def make_certificate(hub, name, place):
    key, csr, cert = place / f"{name}.key", place / f"{name}.csr", place / f"{name}.crt"
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", csr,
                    "-subj", f"/CN={name}"], check=True, capture_output=True)
    cert.write_text(hub.ctl("charger", "enrol", name, "--csr", "-", input=csr.read_text()))
    return cert, key


def test_security_profiles_two_and_three(park, tmp_path):
    authority = park.data / "zone/state/ca.pem"
    tls = {"tls": trust(authority)}
    station = Station("CP1", park.charger_tls, user="CP1", password=park.words["CP1"], **tls).connect()
    assert "currentTime" in station.call("Heartbeat", {})
    station.close()
    park.ctl("point", "add", "EV-CERT", "--commodity", "ev", "--owner", "evco", "--operator", "evco")
    park.ctl("charger", "add", "CP-CERT", "--party", "evco", "--instance", "chargers", "--point", "EV-CERT", "--profile", "3")
    word = park.ctl("charger", "password", "CP-CERT").strip()
    for port, how in ((park.charger_tls, tls), (park.charger_port, {})):
        with pytest.raises(Refused):
            Station("CP-CERT", port, user="CP-CERT", password=word, **how).connect()
    cert, key = make_certificate(park, "CP-CERT", tmp_path)
    shown = trust(authority, cert, key)
    station = Station("CP-CERT", park.charger_tls, tls=shown).connect()
    assert "currentTime" in station.call("Heartbeat", {})
    station.close()
    # Bound to the station: it opens no other's door.
    with pytest.raises(Refused) as refused:
        Station("CP2", park.charger_tls, tls=shown).connect()
    assert refused.value.status == 403


def make_request(place, name):
    key, csr = place / f"{name}.key", place / f"{name}.csr"
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", csr,
                    "-subj", f"/O=Charge Point Operator/CN={name}"], check=True, capture_output=True)
    return key, csr.read_text()


@pytest.mark.thorough
def test_a_station_gets_its_certificate_by_its_own_request(park, tmp_path):
    """SignCertificate, CertificateSigned, and a station that comes back with what it got: security profile 3 without an operator's hands."""
    from charge_point import ChargePoint
    from test_command import ended, send
    park.ctl("point", "add", "EV-SIGN", "--commodity", "ev", "--owner", "evco", "--operator", "evco")
    park.ctl("charger", "add", "CP-SIGN", "--party", "evco", "--instance", "chargers", "--point", "EV-SIGN")
    park.words["CP-SIGN"] = park.ctl("charger", "password", "CP-SIGN").strip()
    point = ChargePoint(join(park, "CP-SIGN"))
    point.call("BootNotification", {"chargePointVendor": "Simulated", "chargePointModel": "S1", "chargePointSerialNumber": "SN-0042"})
    (one,) = send(park, "evco", "EV-SIGN", "charger_trigger_extended", None, "--argument", "message=SignChargePointCertificate")
    assert ended(park, one["id"])["state"] == "confirmed"
    _, foreign = make_request(tmp_path, "CP1")
    assert point.call("SignCertificate", {"csr": foreign}) == {"status": "Accepted"}
    causes = lambda: [c for c, in park.sql("select cause from station_request order by id")]
    wait_until(lambda: causes() == ["other_name"], 20, "another station's name is refused")
    # named by the serial number that it boots with, as the white paper has it
    key, csr = make_request(tmp_path, "SN-0042")
    point.call("SignCertificate", {"csr": csr})
    (signed,) = wait_until(lambda: point.actions("CertificateSigned"), 30, "the certificate is brought")
    wait_until(lambda: park.sql("select state from command where kind = 'charger_certificate_signed'") == [("confirmed",)], 20)
    assert not point.actions("CertificateSigned")[1:]
    cert = tmp_path / "signed.pem"
    cert.write_text(signed["certificateChain"])
    point.close()
    park.ctl("charger", "add", "CP-SIGN", "--party", "evco", "--instance", "chargers", "--point", "EV-SIGN", "--profile", "3")
    shown = trust(park.data / "zone/state/ca.pem", cert, key)
    station = Station("CP-SIGN", park.charger_tls, tls=shown).connect()
    assert "currentTime" in station.call("Heartbeat", {})
    # a second one at once is refused: a broken station does not get certificates without end
    station.call("SignCertificate", {"csr": csr})
    wait_until(lambda: causes() == ["other_name", "", "too_often"], 20)
    codes = {c for c, in park.sql("select body->>'code' from message where key like 'certificate|%%'")}
    assert codes == {"certificate_signed", "certificate_refused"}
    station.close()


@pytest.mark.thorough
def test_kills_lose_no_energy_and_double_none(cold_hub):
    hub = cold_hub
    hub.charger_port = free_port()
    hub.up("--charger-plain", f"127.0.0.1:{hub.charger_port}")
    hub.words = equip(hub, ["K1"])
    victims = ["dmzd", "adapterd", "hubd", "adapterd", "dmzd"]
    wh, expected = 10000, 0
    station = join(hub, "K1")
    wait_until(lambda: station.call("Authorize", {"idTag": "GOOD"})["idTagInfo"]["status"] == "Accepted", 20)

    def insist(action):
        """As a station does: again, over a new connection if need be, until there is an answer."""
        nonlocal station
        while True:
            try:
                return action(station)
            except (Closed, OSError):
                station.close()
                station = join(hub, "K1")

    for day, victim in enumerate(victims, 1):
        begin = f"2026-04-{day:02}T08:00:00Z"
        number = insist(lambda s: s.start("GOOD", wh, begin, number=f"s{day}"))["transactionId"]
        kill(hub.pid(victim))
        assert insist(lambda s: s.start("GOOD", wh, begin, number=f"again{day}"))["transactionId"] == number
        insist(lambda s: s.meter(number, wh + 1000, f"2026-04-{day:02}T08:30:00Z", number=f"m{day}"))
        insist(lambda s: s.stop(number, wh + 2500, f"2026-04-{day:02}T09:00:00Z", number=f"e{day}"))
        wh, expected = wh + 2500 + day, expected + 2500
        wait_until(lambda: hub.pid(victim), 30, f"{victim} runs again")
    wait_until(lambda: len([s for s in sessions(hub, "K1") if not s["problem"]]) == len(victims), 40, "every session is stored")
    rows = sessions(hub, "K1")
    assert len(rows) == len(victims) and len({s["transaction"] for s in rows}) == len(victims)
    assert sum(s["energy_wh"] for s in rows) == expected
    station.close()
