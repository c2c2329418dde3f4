"""The broker's doors with TLS: who shows a certificate of the hub's authority is its party, who shows none needs a token."""
import json
import os
import shutil
import ssl
import subprocess
from datetime import datetime, timedelta, timezone

import paho.mqtt.client as mqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from hub import ROOT, Hub, directory, free_port, programs, wait_until
from test_identity import Client, openssl
from test_mqtt import METERS, NOT_AUTHORIZED, VERSIONS, of_meter, party, reading, stamp

REFUSED = {"3.1.1": 5, "5": NOT_AUTHORIZED}


@pytest.fixture(scope="module")
def city():
    with directory() as place:
        hub = Hub(place / "data")
        hub.certificates, hub.tokens = free_port(), free_port()
        hub.arguments += ["--mqtt-tls-listen", f"127.0.0.1:{hub.certificates}", "--mqtt-token-listen", f"127.0.0.1:{hub.tokens}"]
        try:
            hub.up()
            hub.place = place / "client"
            hub.place.mkdir()
            hub.ca = hub.place / "ca.pem"
            hub.ca.write_bytes((hub.data / "zone/state/ca.pem").read_bytes())
            hub.water, hub.gas = party(hub, "water", "W", METERS), party(hub, "gas", "G", 1)
            wait_until(lambda: hub.pid("mosquitto"), 20, "mosquitto runs")
            yield hub
        finally:
            hub.end()


@pytest.fixture(scope="module")
def water(city):
    return Client(city.place, "water").enrol(city, "water")


def publish(city, port, topic, message, *more, client=None):
    """By mosquitto_pub, as an integrator would."""
    words = ["mosquitto_pub", "-h", "localhost", "-p", port, "--cafile", city.ca, "-q", "1", "-t", topic, "-m", json.dumps(message)]
    if client:
        words += ["--cert", client.crt, "--key", client.key]
    return subprocess.run([*map(str, words), *map(str, more)], capture_output=True, text=True, timeout=30)


def connect(city, port, version="3.1.1", client=None, user=None, password=None, newest=None):
    """The CONNACK's code and the client, still connected; None for the code where TLS ends it."""
    one = mqtt.Client(client_id=f"c{free_port()}", protocol=VERSIONS[version])
    answers = []
    context = ssl.create_default_context(cafile=str(city.ca))
    if client:
        context.load_cert_chain(client.crt, client.key)
    if newest:
        context.minimum_version, context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    one.tls_set_context(context)
    one.on_connect = lambda c, about, flags, code, *more: answers.append(getattr(code, "value", code))
    one.on_disconnect = lambda *about: answers.append(None)
    if user is not None:
        one.username_pw_set(user, password)
    try:
        one.connect("localhost", port)
        wait_until(lambda: one.loop(0.1) or answers, 10, "an answer")
    except (ssl.SSLError, ConnectionError):
        return None, one
    return answers[0], one


@pytest.mark.parametrize("version,meter", [("mqttv311", "W0001"), ("mqttv5", "W0002")])
def test_a_certificate_is_enough_to_publish_as_its_party(city, water, version, meter):
    sent = publish(city, city.certificates, "hub/v1/water/in/day", reading(meter, 1, "1.5"), "-V", version, client=water)
    assert sent.returncode == 0, sent.stderr
    wait_until(lambda: of_meter(city, city.water[0], meter) == [(stamp(1), "1.5")], 20, "stored")


@pytest.mark.thorough
@pytest.mark.parametrize("version", VERSIONS)
def test_a_certificate_speaks_for_nobody_else(city, water, version):
    assert connect(city, city.certificates, version, water, "gas", "")[0] == REFUSED[version]
    sent = publish(city, city.certificates, "hub/v1/gas/in/day", reading("G0000", 3, "7"), "-V", "mqttv" + version.replace(".", ""),
                   client=water)
    assert sent.returncode != 0 or "authori" in sent.stdout + sent.stderr, sent
    assert not of_meter(city, city.gas[0], "G0000")


@pytest.mark.thorough
def test_without_a_certificate_nobody_reaches_that_door(city):
    assert connect(city, city.certificates, user="water", password=city.water[1])[0] is None


@pytest.mark.thorough
def test_a_foreign_authority_s_certificate_ends_the_handshake(city):
    place = city.place
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "10", "-keyout", place / "evil.key",
            "-out", place / "evil.pem", "-subj", "/CN=Utility hub")
    forged = Client(place, "forged")
    (place / "names").write_text("subjectAltName=URI:urn:uhub:party:water\n")
    openssl("x509", "-req", "-in", forged.csr, "-CA", place / "evil.pem", "-CAkey", place / "evil.key", "-CAcreateserial", "-days", "5",
            "-extfile", place / "names", "-out", forged.crt)
    assert connect(city, city.certificates, client=forged)[0] is None


@pytest.mark.thorough
@pytest.mark.parametrize("version", VERSIONS)
def test_a_revoked_certificate_is_shown_out_and_not_let_in_again(city, version):
    client = Client(city.place, f"old{version}").enrol(city, "water")
    other = Client(city.place, f"other{version}").enrol(city, "water")
    code, inside = connect(city, city.certificates, version, client)
    stays, beside = connect(city, city.certificates, version, other)
    assert (code, stays) == (0, 0)
    ended = []
    inside.on_disconnect = lambda *about: ended.append("revoked")
    beside.on_disconnect = lambda *about: ended.append("other")
    rows = map(json.loads, city.ctl("party", "certificates", "water").splitlines())
    city.ctl("party", "revoke", "water", "--serial", next(r["serial"] for r in rows if r["thumbprint"] == client.thumbprint))
    wait_until(lambda: (inside.loop(0.1), beside.loop(0.01)) and ended, 10, "its connection ends")
    assert ended == ["revoked"]
    assert connect(city, city.certificates, version, client)[0] == REFUSED[version]
    assert connect(city, city.certificates, version, other)[0] == 0
    beside.disconnect()


def short_lived(city, key, seconds):
    """A certificate of the authority's own key, as none lives so shortly that is asked for."""
    folder = city.data / "core/keys"
    ca = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
    signer = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    request = x509.load_pem_x509_csr(key.csr.read_bytes())
    now = datetime.now(timezone.utc).replace(microsecond=0)
    made = (x509.CertificateBuilder().subject_name(request.subject).issuer_name(ca.subject).public_key(request.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(minutes=1))
            .not_valid_after(now + timedelta(seconds=seconds))
            .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier("urn:uhub:party:water")]), False)
            .add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.2")]), False).sign(signer, hashes.SHA256()))
    key.crt.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return now + timedelta(seconds=seconds)


@pytest.mark.thorough
@pytest.mark.parametrize("version", VERSIONS)
def test_a_connection_ends_with_its_certificate(city, version):
    brief = Client(city.place, f"brief{version}")
    until = short_lived(city, brief, 8)
    code, inside = connect(city, city.certificates, version, brief)
    assert code == 0
    gone = []
    inside.on_disconnect = lambda *about: gone.append(datetime.now(timezone.utc))
    wait_until(lambda: inside.loop(0.1) is None or gone, 30, "its connection ends")
    assert until <= gone[0] <= until + timedelta(seconds=5)
    assert connect(city, city.certificates, version, brief)[0] != 0


@pytest.mark.thorough
def test_the_configuration_for_systemd_opens_the_same_door(city, water):
    """dmz/deploy/mosquitto.conf, with the places of this machine put in; nobody's messages are read there yet."""
    place, port = city.place / "deployed", free_port()
    shutil.copytree(city.data / "zone/state", place / "zone/state")
    for folder in ("run", "journal", "adapterd/broker"):
        (place / "zone" / folder).mkdir(parents=True)
    text = (ROOT / "dmz/deploy/mosquitto.conf").read_text()
    for was, now in {"/var/lib/uhub": place, "/usr/local/lib/uhub/hub_mosquitto.so": programs().parent / "broker/hub_mosquitto.so",
                     "/usr/local/share/uhub/policies": ROOT / "policies", "listener 8883 0.0.0.0": f"listener {port} 127.0.0.1"}.items():
        assert was in text
        text = text.replace(was, str(now))
    (place / "mosquitto.conf").write_text(text + ("user root\n" if os.geteuid() == 0 else ""))
    broker = subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(place / "mosquitto.conf")])
    try:
        code, inside = wait_until(lambda: (c := connect(city, port, "5", water))[0] is not None and c, 20, "it listens")
        gone = []
        inside.on_disconnect = lambda *about: gone.append(1)
        inside.publish("hub/v1/water/in/x", "{}", qos=1)
        wait_until(lambda: inside.loop(0.1) is None or gone, 20, "refused, as nobody reads")
        assert code == 0
        (place / "zone/adapterd/broker/readers.json").write_text(json.dumps({str(place / "zone/journal/mqtt"): {"water": True}}))
        assert publish(city, port, "hub/v1/water/in/x", {}, client=water).returncode == 0
    finally:
        broker.terminate()
        broker.wait(20)


@pytest.mark.thorough
def test_a_token_comes_in_over_tls(city):
    sent = publish(city, city.tokens, "hub/v1/water/in/day", reading("W0003", 1, "2.5"), "-u", "water", "-P", city.water[1])
    assert sent.returncode == 0, sent.stderr
    wait_until(lambda: of_meter(city, city.water[0], "W0003") == [(stamp(1), "2.5")], 20, "stored")


@pytest.mark.thorough
@pytest.mark.parametrize("version", VERSIONS)
def test_a_token_of_another_or_none_is_refused_over_tls(city, water, version):
    for user, password in (("gas", city.water[1]), ("water", "nonsense"), ("water", ""), (None, None)):
        assert connect(city, city.tokens, version, user=user, password=password)[0] == REFUSED[version]
    # That door asks for no certificate, so one that is offered says nothing.
    assert connect(city, city.tokens, version, water, "water", "")[0] == REFUSED[version]


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("door", ["certificates", "tokens"])
def test_an_old_tls_is_refused(city, water, door):
    code, _ = connect(city, getattr(city, door), client=water, user="water", password=city.water[1], newest=ssl.TLSVersion.TLSv1_1)
    assert code is None
