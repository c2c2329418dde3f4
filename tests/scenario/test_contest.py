"""What a utility signs is kept and shown as signed; what a resident contests is marked everywhere until the utility answers."""
import base64
import json
import subprocess
import urllib.request

import pytest

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from hub import wait_until
from test_bills import lines
from test_identity import Client, b64, openssl
from test_payments import told, token

ROWS = ("account,cycle,point,amount,start,end,quantity,unit,reference\n"
        "h1,{cycle},h1/g,{amount},2026-{month:02}-01,2026-{next:02}-01,12.5,m3,G{month}\n")


def bills(month, amount="31.50"):
    return ROWS.format(cycle=f"2026-{month:02}", amount=amount, month=month, next=month + 1).encode()


def seal(body, key, der, **head):
    """A compact JWS as docs/integrators.md says."""
    head = {"alg": "ES256", "typ": "uhub.bills", "x5c": [base64.b64encode(der).decode()], **head}
    signed = f"{b64(json.dumps(head).encode())}.{b64(body)}"
    r, s = utils.decode_dss_signature(serialization.load_pem_private_key(key.read_bytes(), None).sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}".encode()


@pytest.fixture
def town(hub):
    for code, kind, role in (("gas", "utility", "gas"), ("water", "utility", "water"), ("home", "household", "resident"), ("other", "household", "resident")):
        hub.ctl("party", "add", code, "--kind", kind, "--role", role)
    hub.ctl("subscription", "add", "gas")
    hub.ctl("point", "add", "h1/g", "--commodity", "gas", "--supplier", "gas", "--occupant", "home")
    hub.ctl("account", "add", "h1", "--holder", "home")
    hub.ctl("account", "supply", "h1", "--point", "h1/g", "--party", "gas", "--from", "2026-01-01")
    return hub


def hand_in(hub, who, body, kind="application/jose"):
    return hub.request("/v1/bills/import", who, "POST", body, {"Content-Type": kind})


def test_a_company_learns_of_no_account_that_is_not_its_own(town):
    """An account of others, a point of others and what does not exist: one answer."""
    hub, gas = town, token(town, "gas")
    hub.ctl("point", "add", "h2/w", "--commodity", "water", "--supplier", "water", "--occupant", "other")
    hub.ctl("account", "add", "h2", "--holder", "other")
    hub.ctl("account", "supply", "h2", "--point", "h2/w", "--party", "water", "--from", "2026-01-01")
    head = "account,cycle,point,amount,start,end,quantity,unit,reference\n"
    row = "{},2026-10,{},31.50,{},2026-11-01,12.5,m3,X\n"
    pairs = [("h2", "h2/w"), ("h2", "h1/g"), ("h2", "nowhere"), ("h1", "h2/w"), ("h1", "nowhere"), ("nobody", "h1/g"), ("nobody", "nowhere")]
    for start, code in (("2026-10-01", "bill.contract"), ("2026-12-01", "bill.period"), ("soon", "bill.time")):
        body = head + "".join(row.format(*pair, start) for pair in pairs)
        status, taken = hand_in(hub, gas, body.encode(), "text/csv")
        answers = {json.dumps({**e, "line": 0}, sort_keys=True) for e in taken["errors"]}
        assert status == 200 and taken["refused"] == len(pairs) and len(answers) == 1 and code in answers.pop(), taken
    assert hand_in(hub, gas, (head + row.format("h1", "h1/g", "2026-10-01")).encode(), "text/csv")[1]["taken"] == 1


@pytest.mark.thorough
def test_a_signed_bill_from_the_company_to_the_answer(town):
    hub, place = town, town.data.parent
    gas, home, other = (token(hub, p) for p in ("gas", "home", "other"))
    own, foreign = Client(place, "gas").enrol(hub, "gas"), Client(place, "water").enrol(hub, "water")

    # Another key, another party's certificate, another purpose, a byte changed: nothing is taken.
    for sealed, code in ((seal(bills(9), foreign.key, own.der), "seal.signature"), (seal(bills(9), foreign.key, foreign.der), "seal.certificate"),
                         (seal(bills(9), own.key, own.der, typ="JWT"), "seal.form"), (seal(bills(9), own.key, own.der, alg="none"), "seal.signature"),
                         (b"x" + seal(bills(9), own.key, own.der), "seal.form"), (bills(9), "seal.form")):
        status, refused = hand_in(hub, gas, sealed)
        assert status in (400, 403) and refused["code"] == code, refused
    assert hub.sql("select count(*) from bill_import") == [(0,)] == hub.sql("select count(*) from bill_file")
    sealed = seal(bills(9), own.key, own.der)
    for _ in range(2):
        status, taken = hand_in(hub, gas, sealed)
        assert status == 200 and (taken["taken"], taken["refused"], taken["signed"]) == (1, 0, True)
    status, taken = hand_in(hub, gas, bills(10), "text/csv")
    assert (taken["taken"], taken["signed"]) == (1, False)
    rows = [{"account": "h1", "cycle": "2026-08", "point": "h1/g", "amount": "31.50", "start": "2026-08-01", "end": "2026-09-01",
             "quantity": 12, "unit": "m3", "reference": "G8"}, {"account": "h1"}]
    status, taken = hand_in(hub, gas, json.dumps({"bills": rows}).encode(), "application/json")
    assert (taken["taken"], taken["refused"], taken["signed"], taken["errors"][0]["line"]) == (1, 1, False, 2)
    assert hand_in(hub, gas, b'{"bills": 1}', "application/json")[1]["code"] == "bill.json"

    # The same door for files, with the same checks.
    file = place / "bills.jws"
    july = json.dumps({"bills": [{**rows[0], "cycle": "2026-07", "start": "2026-07-01", "end": "2026-08-01"}]}).encode()
    for key, answer in ((foreign, ""), (own, "1 bills taken, 0 rows refused, signed\n")):
        file.write_bytes(seal(july, key.key, key.der) + b"\n")
        done = hub.run("bill", "import", "--party", "gas", file)
        assert done.stdout == answer and (answer or "seal.certificate" in done.stderr), done
    hub.ctl("party", "revoke", "gas", "--serial", openssl("x509", "-in", own.crt, "-noout", "-serial").decode().split("=")[1].strip().lower())
    status, refused = hand_in(hub, gas, seal(bills(11), own.key, own.der))
    assert (status, refused["code"]) == (403, "seal.certificate")

    for cycle in ("2026-09", "2026-10"):
        assert lines(hub.ctl("bill", "run", "--cycle", cycle))[-1]["posted"] == 1
    unsigned, signed = [b["id"] for b in hub.request("/v1/bills", home)[1]["bills"]]
    part = hub.request(f"/v1/bills/{signed}", home)[1]["parts"][0]
    assert part["signed"]["certificate"] == own.thumbprint and "signed" not in hub.request(f"/v1/bills/{unsigned}", home)[1]["parts"][0]
    # What was kept is what was sent, so that it can be checked again.
    kept, = hub.sql("select convert_from(text, 'UTF8') from bill_file where encode(digest, 'hex') = %s", part["signed"]["digest"])
    assert kept[0].encode() == sealed

    # The resident contests; others may not; the company sees it and answers; nobody else answers.
    about = f"/v1/bills/{signed}/disputes"
    assert hub.request(about, other, "POST", {"part": 0, "reason": "x"})[0] == 404
    assert hub.request(about, gas, "POST", {"part": 0, "reason": "x"})[1]["code"] == "bill.contest"
    assert hub.request(about, home, "POST", {"part": 7, "reason": "x"})[1]["code"] == "bill.part"
    status, said = hub.request(about, home, "POST", {"part": 0, "reason": "表跑得太快"})
    assert (status, said) == (200, {"part": 0, "state": "disputed"})
    assert hub.request(about, home, "POST", {"part": 0, "reason": "表跑得太快"})[0] == 200
    wait_until(lambda: told(hub, gas), 30, "the dispute in the company's feed")
    assert [(m["status"], m["amount"], m["parts"][0]["open"]) for m in told(hub, gas)] == [("disputed", 0, 3150)]
    listed, = hub.request("/v1/disputes", gas)[1]["disputes"]
    assert (listed["bill"], listed["part"], listed["amount"], listed["reason"]) == (signed, 0, 3150, "表跑得太快")
    assert hub.request("/v1/disputes", token(hub, "water"))[1]["disputes"] == []
    dispute = hub.request(f"/v1/bills/{signed}", home)[1]["parts"][0]["dispute"]
    assert (dispute["state"], dispute["reason"]) == ("open", "表跑得太快")
    assert "争议 Disputed" in paper(hub, signed, home) and "企业已签名 Signed by the utility" in paper(hub, signed, home)
    assert "企业已签名" not in paper(hub, unsigned, home)
    assert hub.request(about + "/settle", home, "POST", {"part": 0, "answer": "x"})[1]["code"] in ("bill.contest", "call.method")
    status, said = hub.request(about + "/settle", gas, "POST", {"part": 0, "answer": "已复核，读数无误"})
    assert (status, said) == (200, {"part": 0, "state": "settled"})
    assert hub.request(about + "/settle", gas, "POST", {"part": 0, "answer": "x"})[1]["code"] == "bill.undisputed"
    dispute = hub.request(f"/v1/bills/{signed}", home)[1]["parts"][0]["dispute"]
    assert (dispute["state"], dispute["answer"]) == ("settled", "已复核，读数无误")
    assert "争议 Disputed" not in paper(hub, signed, home) and hub.request("/v1/disputes", gas)[1]["disputes"] == []
    wait_until(lambda: len(told(hub, gas)) == 2, 30, "the settlement in the company's feed")


def paper(hub, bill, who):
    ask = urllib.request.Request(f"{hub.url}/v1/bills/{bill}.pdf", headers={"Authorization": f"Bearer {who}"})
    pdf = urllib.request.urlopen(ask, timeout=60).read()
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
