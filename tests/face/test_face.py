"""The faces of a unified bill, read back by programs that are not ours: pdftotext, openpyxl, csv."""
import collections
import csv
import decimal
import functools
import io
import os
import pathlib
import re
import subprocess
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WRITE = ROOT / "build" / os.environ.get("HUB_PRESET", "dev") / "tests" / "face_write"
NAMES = ["short", "long", "credit", "estimated", "charging", "corrected", "absurd", "empty"]
HONEST = [n for n in NAMES if n not in ("absurd", "empty")]


@functools.lru_cache(maxsize=None)
def face(name, form):
    done = subprocess.run([WRITE, name, form], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def rows(name):
    return list(csv.DictReader(io.StringIO(face(name, "csv").decode("utf-8-sig"), newline="")))


def tool(command, data):
    done = subprocess.run(command, input=data, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@functools.lru_cache(maxsize=None)
def text(name):
    return tool(["pdftotext", "-layout", "-", "-"], face(name, "pdf"))


def facts(name):
    return dict(re.findall(r"^([A-Za-z ]+):\s+(.*)$", tool(["pdfinfo", "-"], face(name, "pdf")), re.M))


def money(amount):
    return f"{decimal.Decimal(amount):,.2f}"


@pytest.mark.parametrize("form", ["pdf", "xlsx", "csv"])
@pytest.mark.parametrize("name", NAMES)
def test_the_same_bill_gives_the_same_bytes(name, form):
    again = subprocess.run([WRITE, name, form], capture_output=True, timeout=120).stdout
    assert again == face(name, form) and len(again) > 100


@pytest.mark.thorough
@pytest.mark.parametrize("name", HONEST)
def test_every_figure_of_the_csv_stands_in_the_pdf(name):
    page = text(name)
    numbers = collections.Counter(re.findall(r"-?[\d,]+\.\d+", page))
    wanted = collections.Counter(money(r["amount"]) for r in rows(name) if r["row"] in ("line", "part"))
    missing = {figure: count for figure, count in wanted.items() if numbers[figure] < count}
    assert not missing
    for line in (r for r in rows(name) if r["row"] == "line"):
        assert f"{decimal.Decimal(line['quantity']).normalize():,f} {line['unit'].replace('m3', 'm³')}" in page, line


@pytest.mark.thorough
@pytest.mark.parametrize("name", HONEST)
def test_the_lines_add_up_to_the_parts_and_the_parts_to_the_bill(name):
    lines, parts, bill = collections.Counter(), {}, {}
    for r in rows(name):
        if r["row"] == "line":
            lines[r["commodity"]] += decimal.Decimal(r["amount"])
        elif r["row"] == "part":
            parts[r["commodity"]] = decimal.Decimal(r["amount"])
        elif r["row"] == "bill":
            bill[r["code"]] = decimal.Decimal(r["amount"])
    assert sum(parts.values()) == bill["total"]
    assert all(parts[c] == total for c, total in lines.items())
    assert bill["payable"] == bill["total"] + bill["paid"] + bill["previous"] + bill["credit"]


@pytest.mark.thorough
def test_amount_and_due_date_come_first():
    page = tool(["pdftotext", "-l", "1", "-", "-"], face("short", "pdf"))
    due = {r["code"]: r for r in rows("short")}["payable"]
    assert page.index("应缴金额") < page.index("¥ " + money(due["amount"])) < page.index("2026年11月15日") < page.index("户名")
    assert "Please pay by 15 Nov 2026" in page


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_pages_are_a4_counted_and_their_fonts_embedded(name):
    page, about = text(name), facts(name)
    pages = int(about["Pages"])
    assert about["Page size"].endswith("(A4)")
    assert page.count("\f") == pages
    for number in range(1, pages + 1):
        assert f"第 {number} 页 / 共 {pages} 页" in page
    fonts = tool(["pdffonts", "-"], face(name, "pdf")).splitlines()[2:]
    assert fonts and all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)
    assert sum("NotoSansCJKsc" in line for line in fonts) == 2


@pytest.mark.thorough
def test_a_long_bill_has_its_heads_on_each_page():
    pages = text("long").split("\f")[:-1]
    assert len(pages) >= 4
    assert all("项目 Item" in page for page in pages[:-1])


@pytest.mark.thorough
def test_what_each_bill_says_of_itself():
    assert "估抄 Estimated" in text("estimated") and "争议 Disputed" in text("estimated")
    assert "估抄" not in text("short") and "争议 Disputed" not in text("short")
    assert "无需缴费，余额结转下期" in text("credit") and "扫码缴费" not in text("credit")
    assert "更正账单" in text("corrected") and "-18.71" in text("corrected") and "3.50" in text("corrected")
    assert "往期未缴" in text("long") and "账户余额抵扣" in text("long")
    assert "已达第 2 档" in text("short") and "95598" in text("short")


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["short", "absurd"])
def test_nothing_is_drawn_outside_the_page_or_over_its_neighbour(name):
    """Words of pdftotext's boxes: within the margins; on one line, none begins before the last one ended."""
    boxes = tool(["pdftotext", "-bbox-layout", "-", "-"], face(name, "pdf"))
    lines = re.findall(r"<line[^>]*>(.*?)</line>", boxes, re.S)
    assert len(lines) > 40
    for line in lines:
        words = [tuple(map(float, w)) for w in
                 re.findall(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)"', line)]
        for left, top, right, bottom in words:
            assert left >= 40 and right <= 556 and top >= 30 and bottom <= 842, words
        ordered = sorted(words)
        for one, two in zip(ordered, ordered[1:]):
            assert two[0] >= one[2] - 1.5, (one, two)


@pytest.mark.thorough
def test_names_that_would_be_formulas_are_only_text():
    raw = face("absurd", "csv").decode("utf-8-sig")
    for row in csv.reader(io.StringIO(raw, newline="")):
        for cell in row:
            if re.match(r"[\s\u3000]*[=+\-@|\t\r\n＝＋－＠]", cell):
                assert re.fullmatch(r"-\d+(\.\d+)?", cell), cell[:60]
    numbers = [r["amount"] for r in rows("absurd") if r["amount"].startswith("-")]
    assert numbers and all(decimal.Decimal(n) < 0 for n in numbers)
    assert raw.count("\n") == raw.count("\r\n")


def workbook(name):
    import openpyxl
    return openpyxl.load_workbook(io.BytesIO(face(name, "xlsx")))


@pytest.mark.thorough
@pytest.mark.parametrize("name", HONEST)
def test_the_workbook_holds_numbers_and_dates(name):
    book = workbook(name)
    assert book.sheetnames[:2] == ["摘要 Summary", "明细 Lines"]
    sheet = book["明细 Lines"]
    heads = [cell.value for cell in sheet[1]]
    amount, quantity, start = (heads.index(h) for h in ("金额 Amount", "数量 Quantity", "自 From"))
    lines = [r for r in rows(name) if r["row"] == "line"]
    found = [row for row in sheet.iter_rows(min_row=2) if row[quantity].value is not None]
    assert len(found) == len(lines)
    for row, line in zip(found, lines):
        assert isinstance(row[amount].value, (int, float)) and "0.00" in row[amount].number_format
        assert decimal.Decimal(repr(row[amount].value)) == decimal.Decimal(line["amount"])
        assert row[start].is_date and row[start].value.isoformat() == "2026-10-01T00:00:00"
    total = {r["code"]: r["amount"] for r in rows(name) if r["row"] == "bill"}["payable"]
    summary = {row[0].value: row[6].value for row in book["摘要 Summary"].iter_rows(min_col=1, max_col=9)}
    assert decimal.Decimal(repr(summary["应缴金额 Amount due"])) == decimal.Decimal(total)


@pytest.mark.thorough
def test_the_workbook_has_no_formula_and_rounds_nothing():
    with zipfile.ZipFile(io.BytesIO(face("absurd", "xlsx"))) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in archive.read(name)
    cells = [c.value for row in workbook("absurd")["明细 Lines"].iter_rows() for c in row]
    assert "-170141183460469231731687303715.884105727" in cells
