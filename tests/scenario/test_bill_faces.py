"""A bill from readings to paper: hubctl and HTTP give the same figures as JSON, PDF, workbook and CSV."""
import csv
import io
import re
import subprocess
import urllib.request
import zipfile
from decimal import Decimal

from bill_city import city


def page(pdf, *options):
    return subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def fetch(hub, path, token, accept=None):
    ask = urllib.request.Request(hub.url + path, headers={"Authorization": f"Bearer {token}", **({"Accept": accept} if accept else {})})
    with urllib.request.urlopen(ask, timeout=30) as answer:
        return answer.headers, answer.read()


def face(hub, form):
    return hub.run("bill", "show", "h1", "--cycle", "2026-10", "--format", form, text=False).stdout


def table(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_faces_of_a_real_bill(hub):
    hub.ctl("party", "add", "home", "--kind", "household", "--role", "resident")
    run, runs = city(hub, holder="home")
    assert run["posted"] == 1, [r.stdout for r in runs]
    bill = hub.json("bill", "show", "h1", "--cycle", "2026-10")
    assert [p["commodity"] for p in bill["parts"]] == ["electricity", "water", "gas", "ev"] and bill["total"] > 0

    # What JSON says of lines stands in the CSV and on paper, and adds up.
    rows = table(face(hub, "csv"))
    wanted = [(line["code"], Decimal(line["amount"])) for p in bill["parts"] for line in p.get("rated", {"lines": []})["lines"]]
    shown = [(r["code"], Decimal(r["amount"])) for r in rows if r["row"] == "line"]
    assert [line for line in shown if line[0] != "rounding"] == wanted
    for number, part in enumerate(p for p in rows if p["row"] == "part" and p["point"] != "h1/g"):
        lines = [Decimal(r["amount"]) for r in rows if r["row"] == "line" and r["point"] == part["point"]]
        assert sum(lines) == Decimal(part["amount"]) and number < 3
    assert sum(Decimal(r["amount"]) for r in rows if r["row"] == "part") * 100 == bill["total"]
    days = [r for r in rows if r["row"] == "day" and r["point"] == "h1/e"]
    assert len(days) == 31 and sum(Decimal(r["quantity"]) for r in days) == Decimal(bill["parts"][0]["quantity"])
    pdf = face(hub, "pdf")
    assert face(hub, "pdf") == pdf
    paper = page(pdf, "-layout")
    for code, amount in wanted:
        short = amount.quantize(Decimal("0.0001"), "ROUND_HALF_UP")  # paper has four digits, and says where there are more
        whole, _, rest = f"{short.normalize():,f}".partition(".")
        assert f"{'≈' * (short != amount)}{whole}.{rest:0<2}" in paper, code
    assert "13.75 m³" in paper and " m3" not in paper
    first = page(pdf, "-l", "1")
    september = hub.json("bill", "show", "h1", "--cycle", "2026-09")["total"]
    due = (bill["total"] + september) / 100
    assert f"¥ {due:,.2f}" in first and "2026年11月15日" in first and "往期未缴" in first
    assert "已达第 3 档" in paper and "95598" in paper and "RQ-2026-10" in paper and "本年" not in first.split("应缴金额")[0]
    assert len(pdf) < 200_000

    # The payment code is an order with the provider, for what is due.
    image = hub.data.parent / "first.png"
    image.write_bytes(subprocess.run(["pdftoppm", "-r", "150", "-l", "1", "-png", "-"], input=pdf, capture_output=True, check=True).stdout)
    code = subprocess.run(["zbarimg", "--raw", "-q", image], capture_output=True, text=True, check=True).stdout.strip()
    order = re.fullmatch(r"https://pay\.example/scan\?order=(\d+-bill-202610-0-[\w.-]+)", code)[1]
    assert hub.sql("select amount, state from payment where account || '-' || id = %s", order) == [(int(due * 100), 1)]

    # The same at the door, for whom the bill is about, by ending and by Accept.
    token = hub.ctl("party", "token", "home").split()[-1]
    assert fetch(hub, f"/v1/bills/{bill['id']}.pdf", token)[1] == pdf
    assert hub.sql("select count(*) from payment") == [(1,)]
    # An order that is open for just what is due serves, however it was made; who may not order makes none.
    hub.sql("update payment set id = 'by-hand'")
    assert fetch(hub, f"/v1/bills/{bill['id']}.pdf", token)[1] != pdf and hub.sql("select id from payment") == [("by-hand",)]
    headers, book = fetch(hub, f"/v1/bills/{bill['id']}", token, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    assert "spreadsheetml" in headers["Content-Type"] and zipfile.ZipFile(io.BytesIO(book)).testzip() is None
    headers, text = fetch(hub, f"/v1/bills/{bill['id']}", token, "text/csv, application/json;q=0.5")
    assert headers["Content-Type"].startswith("text/csv") and table(text) == rows
    assert fetch(hub, f"/v1/bills/{bill['id']}", token, "text/csv;q=0, */*")[0]["Content-Type"] == "application/json"
    assert hub.request(f"/v1/bills/{bill['id']}.exe", token)[0] == 404

    # A utility sees its own part on paper too, and neither balances nor others.
    gas = fetch(hub, f"/v1/bills/{bill['id']}.csv", hub.ctl("party", "token", "gas").split()[-1])[1]
    assert {r["utility"] for r in table(gas) if r["row"] == "part"} == {"燃气集团"}
    assert {r["code"]: r["amount"] for r in table(gas) if r["row"] == "bill"}["payable"] == "57.24"

    # And whose bill it is can see that: the utility's look is kept, at the meters of its own part alone.
    status, body = hub.request("/v1/viewings", token)
    assert status == 200 and [(v["what"], v["party"], v["point"]) for v in body["viewings"]] == [("bill", "gas", "h1/g")], body

    # Contested, then settled; cancelled, then made anew with the difference shown.
    hub.ctl("bill", "dispute", "h1", "--cycle", "2026-10", "--part", "0", "--reason", "表快")
    assert "争议 Disputed" in page(face(hub, "pdf"))
    hub.ctl("bill", "dispute", "h1", "--cycle", "2026-10", "--part", "0", "--settle")
    assert "争议 Disputed" not in page(face(hub, "pdf"))
    hub.ctl("bill", "cancel", "h1", "--cycle", "2026-10")
    cancelled = page(face(hub, "pdf"), "-l", "1")
    assert "已作废" in cancelled and "扫码缴费" not in cancelled
    hub.run("bill", "run", "--cycle", "2026-10", "--accept")
    anew = page(face(hub, "pdf"), "-layout")
    assert "更正账单" in anew and "本次更正的差额" in anew and re.search(r"原金额 Was\s+现金额 Is\s+差额 Difference", anew)
