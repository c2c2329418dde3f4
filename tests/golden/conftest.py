"""The table of published cases, printed at the end."""
import collections

import pytest

ROWS = []


@pytest.fixture
def golden_table():
    return ROWS


def pytest_terminal_summary(terminalreporter):
    if not ROWS:
        return
    counts = collections.Counter((name, verdict) for name, _, verdict, _ in ROWS)
    terminalreporter.section("published cases")
    for name in sorted({row[0] for row in ROWS}):
        terminalreporter.write_line(f"{name:40} " + ", ".join(
            f"{counts[name, v]} {v}" for v in ("equal", "differs", "not computable") if counts[name, v]))
    for name, case, verdict, remark in ROWS:
        if verdict != "equal" or remark:
            terminalreporter.write_line(f"  {verdict:15} {name}:{case} {remark}"[:400])
