"""Each invariant of the reference's ledger has a test here by name, and docs/golden.md says which."""
import json
import re

import pytest

from rated import ROOT, reference


def invariants():
    folder = reference()
    return [i["id"] for i in json.loads((folder / "ledger_invariants.json").read_text())["invariants"]] if folder else []


def listed():
    rows = re.findall(r"^\| (INV-\d+) \|[^|]*\| ([^|]*) \|", (ROOT / "docs/golden.md").read_text(), re.M)
    return {name: re.findall(r"`(\w+)`", tests) for name, tests in rows}


@pytest.mark.skipif(not invariants(), reason="no reference data")
@pytest.mark.parametrize("name", invariants())
def test_the_invariant_has_tests_that_exist(name):
    sources = "".join(p.read_text() for folder in ("tests/store", "tests/unit") for p in (ROOT / folder).glob("test_*.c"))
    tests = listed()[name]
    assert tests
    for test in tests:
        assert f"static void {test}(void **state)" in sources and re.search(rf"_test(?:_setup_teardown)?\({test}\b", sources), test
