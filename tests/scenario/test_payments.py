"""Money through the doors: a resident orders, a provider in a process of its own calls back, utilities hear of it."""
import contextlib
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import urllib.request
import zipfile

import pytest

from hub import wait_until
from test_bills import TARIFF, lines, readings

HERE = pathlib.Path(__file__).parent
KEY = "a shared key of thirty-two bytes"


def ask(port, path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=json.dumps(body).encode() if body else None)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read().decode()
    return json.loads(text) if text.startswith("{") else text


@contextlib.contextmanager
def provider(hub, token):
    place = hub.data.parent
    for name, text in (("token", token), ("key", KEY)):
        (place / name).write_text(text)
    port = place / "port"
    process = subprocess.Popen([sys.executable, HERE / "sandbox_provider.py", hub.url, place / "token", place / "key", port])
    try:
        wait_until(port.exists, 20, "the provider's door")
        yield port.read_text()
    finally:
        process.kill()
        process.wait()


def token(hub, party):
    return hub.ctl("party", "token", party).split()[-1]


def told(hub, party_token):
    """What the feed says of payments, by order and status."""
    status, feed = hub.request("/v1/feed?after=0&limit=1000", party_token)
    assert status == 200
    return [item["body"] for entry in feed["entries"] for item in entry["items"] if item["body"].get("kind") == "payment_info"]


@pytest.fixture
def city(hub):
    """Two homes with their own people, power rated here, gas billed by its utility; October is posted."""
    place = hub.data.parent
    hub.ctl("party", "add", "grid", "--kind", "grid", "--role", "grid")
    hub.ctl("party", "add", "gas", "--kind", "utility", "--role", "gas")
    hub.ctl("party", "add", "pay", "--kind", "service", "--role", "payment")
    hub.ctl("party", "add", "boss", "--kind", "operator", "--role", "operator")
    for who in ("grid", "gas", "pay"):
        hub.ctl("subscription", "add", who)
    (place / "providerkey").write_text(KEY + "\n")
    os.chmod(place / "providerkey", 0o644)
    hub.ctl("payment", "provider", "pay", "--key", place / "providerkey", "--url", "http://127.0.0.1/pay")
    (place / "tariff.json").write_text(json.dumps(TARIFF))
    hub.ctl("tariff", "add", place / "tariff.json")
    for code in ("h1", "h2"):
        hub.ctl("party", "add", f"home-{code}", "--kind", "household", "--role", "resident")
        hub.ctl("point", "add", f"{code}/e", "--commodity", "electricity", "--interval", "3600", "--occupant", f"home-{code}",
                "--supplier", "grid")
        hub.ctl("point", "add", f"{code}/g", "--commodity", "gas", "--supplier", "gas")
        hub.ctl("point", "bind", f"{code}/e", "--party", "grid", "--meter", f"M{code}")
        hub.ctl("account", "add", code, "--name-zh", "住户", "--holder", f"home-{code}")
        hub.ctl("account", "supply", code, "--point", f"{code}/e", "--party", "grid", "--tariff", "grid/home", "--from", "2026-01-01")
        hub.ctl("account", "supply", code, "--point", f"{code}/g", "--party", "gas", "--from", "2026-01-01")
    readings(place / "october.csv", ["Mh1", "Mh2"])
    hub.ctl("import", "--adapter", "csv", "--party", "grid", "--option", "meter_column=meter", "--option", "time_column=start",
            "--option", "stamp=start", "--option", "interval=60", "--option", "value_column=value", place / "october.csv")
    gas = ("account,cycle,point,amount,start,end,quantity,unit,reference\n"
           "h1,2026-10,h1/g,31.50,2026-10-01,2026-11-01,12.5,m3,G1\nh2,2026-10,h2/g,20.00,2026-10-01,2026-11-01,8,m3,G2\n"
           "h2,2026-10,h2/e,20.00,2026-10-01,2026-11-01,8,kWh,G3\n")
    status, taken = hub.request("/v1/bills/import", token(hub, "gas"), "POST", gas.encode(), {"Content-Type": "text/csv"})
    assert status == 200 and (taken["taken"], taken["refused"], taken["errors"][0]["code"]) == (2, 1, "bill.contract")
    assert lines(hub.ctl("bill", "run", "--cycle", "2026-10"))[-1]["posted"] == 2
    return hub


def test_a_payment_from_order_to_settlement(city):
    hub = city
    one, two, gas, pay = (token(hub, p) for p in ("home-h1", "home-h2", "gas", "pay"))
    power, total = 31 * (14 * 60 + 10 * 30), 31 * (14 * 60 + 10 * 30) + 3150

    # Residents see their own, down to the readings; a utility its part; a provider nothing.
    status, listed = hub.request("/v1/bills", one)
    assert status == 200 and [b["total"] for b in listed["bills"]] == [total]
    bill = listed["bills"][0]["id"]
    status, whole = hub.request(f"/v1/bills/{bill}?lines=true", one)
    assert status == 200 and [p["party"] for p in whole["parts"]] == ["grid", "gas"]
    assert whole["parts"][0]["rated"]["total"] == f"{power / 100:.1f}"
    status, behind = hub.request(whole["parts"][0]["readings"] + "&limit=1000", one)
    assert status == 200 and len(behind["readings"]) == 31 * 24
    assert hub.request(f"/v1/bills/{bill}", two)[0] == 404
    assert hub.request("/v1/bills?account=h1", two)[0] == 404
    status, part = hub.request(f"/v1/bills/{bill}", gas)
    assert status == 200 and [p["party"] for p in part["parts"]] == ["gas"]
    assert hub.request(f"/v1/bills/{bill}", pay)[0] == 404
    assert hub.request(f"/v1/bills/{bill}")[0] == 401

    # An order is made once, by whom the bill is about.
    order = {"id": "P1", "provider": "pay", "amount": f"{total / 100:.2f}"}
    assert hub.request("/v1/payments", gas, "POST", {**order, "account": "h1"})[0] == 403
    assert hub.request("/v1/payments", two, "POST", {**order, "account": "h1"})[0] == 404
    status, made = hub.request("/v1/payments", one, "POST", order)
    assert status == 201 and made["pay_at"] == "http://127.0.0.1/pay"
    assert hub.request("/v1/payments", one, "POST", order)[1] == made
    status, refused = hub.request("/v1/payments", one, "POST", {**order, "amount": "1.00"})
    assert (status, refused["code"]) == (409, "payment.key")
    name = made["order"]

    with provider(hub, pay) as port:
        wait_until(lambda: told_orders(hub, pay), 30, "the order in the provider's feed")
        for twist, code in (("key", "payment.signature"), ("old", "payment.time"), ("currency", "payment.sum")):
            said = ask(port, "/pay", {"order": name, "twist": twist})
            assert said["answer"]["code"] == code, said
        assert ask(port, "/pay", {"order": name, "amount": total - 1})["answer"]["code"] == "payment.sum"
        assert hub.request(f"/v1/payments/{name}", one)[1]["state"] == "ordered"
        assert ask(port, "/pay", {"order": name})["hub"] == 200
        assert ask(port, "/pay", {"order": name})["hub"] == 200  # the same again
        assert ask(port, "/pay", {"order": name, "reference": "other"})["answer"]["code"] == "payment.taken"
        status, paid = hub.request(f"/v1/payments/{name}", one)
        assert paid["state"] == "paid" and sum(share[3] for share in paid["split"]) == total
        assert {o["party"]: o["amount"] for o in hub.request("/v1/accounts", one)[1]["accounts"][0]["owes"]} == {"grid": 0, "gas": 0}
        wait_until(lambda: told(hub, gas), 30, "the payment in the gas company's feed")
        mine = told(hub, gas)
        assert [(m["order"], m["status"], m["amount"], m["parts"][0]["open"]) for m in mine] == [(name, "paid", 3150, 0)]

        # Part of one bill alone; given back by an operator; the settlement file agrees until a row is lost.
        status, part = hub.request("/v1/payments", two, "POST", {"id": "P2", "provider": "pay", "amount": "10.00",
                                                                "for": [{"cycle": "2026-10", "part": 1}]})
        assert status == 201
        wait_until(lambda: len(told_orders(hub, pay)) == 2, 30, "the second order in the feed")
        assert ask(port, "/pay", {"order": part["order"]})["hub"] == 200
        assert {o["party"]: o["amount"] for o in hub.request("/v1/accounts", two)[1]["accounts"][0]["owes"]}["gas"] == 1000
        assert hub.request(f"/v1/payments/{part['order']}/refund", two, "POST")[0] == 403
        status, back = hub.request(f"/v1/payments/{part['order']}/refund", token(hub, "boss"), "POST")
        assert (status, back["state"]) == (200, "refunded")
        assert {o["party"]: o["amount"] for o in hub.request("/v1/accounts", two)[1]["accounts"][0]["owes"]}["gas"] == 2000
        wait_until(lambda: [o for o in told_orders(hub, pay) if o["kind"] == "refund"], 30, "the refund in the provider's feed")
        file = ask(port, "/settlement")

    place = hub.data.parent / "settlement.csv"
    place.write_text(file)
    assert lines(hub.ctl("payment", "settle", "--provider", "pay", place)) == [
        {"rows": 3, "agreed": 3, "differences": 0, "total": total}]
    place.write_text("\n".join(row for row in file.splitlines() if name not in row) + "\n")
    missing = hub.run("payment", "settle", "--provider", "pay", place)
    assert missing.returncode == 2 and lines(missing.stdout)[0]["difference"] == "payment_missing_there"

    for row in lines(hub.ctl("ledger", "reconcile")):
        assert row["agrees"]
    assert hub.request("/v1/reconciliation", gas)[1]["collected"] == 3150
    hub.json("ledger", "verify")
    sales_say_the_same(hub, gas, total)


def sales_say_the_same(hub, gas, total):
    """The finance report, by day, month and year, as JSON, CSV and workbook, against the reconciliation; each party its own."""
    books = {row.get("party") or row["provider"]: row for row in lines(hub.ctl("ledger", "reconcile"))}
    for by in ("day", "month", "year"):
        report = hub.json("report", "sales", "--by", by)
        sums = {}
        for row in report["sales"]:
            one = sums.setdefault(row.get("party") or row["provider"], {"billed": 0, "in": 0, "back": 0})
            one["billed"] += row.get("billed", 0) - row.get("cancelled", 0)
            one["in"] += row["paid"]
            one["back"] += row["refunded"]
        assert {k: v["billed"] for k, v in sums.items() if k != "pay"} == {k: v["billed"] for k, v in books.items() if k != "pay"}, report
        assert {k: v["in"] - v["back"] for k, v in sums.items()} == {k: v.get("collected", v.get("cash")) for k, v in books.items()}, report
        assert sums["pay"] == {"billed": 0, "in": total + 1000, "back": 1000} and sums["gas"]["back"] == 1000
        everybody, providers = report["totals"]
        assert everybody["paid"] - everybody["refunded"] == providers["paid"] - providers["refunded"] == total
    assert len(report["sales"][0]["period"]) == 4
    rows = list(csv.DictReader(io.StringIO(hub.ctl("report", "sales", "--by", "month", "--format", "csv").lstrip("\ufeff"))))
    assert [r["实收 Paid"] for r in rows if r["名称 Name"] == "合计"] == [f"{(total + 1000) / 100:.2f}"] * 2
    assert hub.ctl("report", "sales", "--from", "2020-01-01T00:00:00Z", "--to", "2020-02-01T00:00:00Z").count('"party"') == 0
    status, mine = hub.request("/v1/sales?by=month", gas)
    assert status == 200 and {row["party"] for row in mine["sales"]} == {"gas"} and mine["totals"][0]["paid"] == 4150
    assert hub.request("/v1/sales?by=week", gas)[1]["code"] == "sales.by"
    book = hub.run("report", "sales", "--format", "xlsx", text=False).stdout
    assert zipfile.ZipFile(io.BytesIO(book)).testzip() is None


def told_orders(hub, pay):
    status, feed = hub.request("/v1/feed?after=0&limit=1000", pay)
    assert status == 200
    return [item["body"] for entry in feed["entries"] for item in entry["items"]
            if item["body"].get("kind") in ("payment_order", "refund")]
