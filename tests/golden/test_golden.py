"""Every published case of the reference data through `hubctl rate`: equal within its tolerance, otherwise exactly."""
import json
import pathlib
from decimal import Decimal

import pytest

from rated import Refused, reference
from mapping import NotComputable, mapping_of
from ssc import ssc_checks

# Files of the folder that hold no bills; their own suites take them.
OTHERS = ("carbon_factors", "ledger_", "privacy_", "vee_", "policy")


def cases():
    folder = reference()
    if not folder:
        return
    for path in sorted(folder.glob("**/*.json")):
        name = str(path.relative_to(folder))
        if name.startswith(OTHERS):
            continue
        document = json.loads(path.read_text())
        listed = list(document.get("cases", []))
        listed += [document["beat"]] if "beat" in document else []
        listed += [{"id": f"ykc-{v['hex_le']}", **v} for v in document.get("ykc", {}).get("decode_vectors", [])]
        for case in listed:
            yield name, path, case


def same(expected, got, tol):
    if isinstance(expected, list) or isinstance(got, str):
        return expected == got
    if isinstance(tol, tuple):
        return got.quantize(Decimal(1).scaleb(-tol[1]), "ROUND_HALF_UP") == Decimal(expected)
    return abs(Decimal(str(expected)) - got) <= Decimal(str(tol or 0))


def run(name, path, case):
    """(verdict, remarks): equal, differs, not computable."""
    if case.get("not_computable"):
        return "not computable", ["the case says so"]
    wrong, left, count = [], [], 0
    try:
        mapping = ssc_checks if "inputs" in case else mapping_of(name, case)
        if not mapping:
            return "not computable", [f"kind {case.get('kind')} is not known"]
        for what, expected, tol, compute in mapping(path.parent, case) if mapping is ssc_checks else mapping(case):
            if compute is None:
                left.append(what)
                continue
            got = compute()
            count += 1
            if not same(expected, got, tol):
                wrong.append(f"{what}: {got}, published {expected}")
    except NotComputable as e:
        return "not computable", [str(e)]
    except Refused as e:
        return "differs", [f"refused: {e}"]
    remarks = wrong + ([f"left out: {', '.join(left)}"] if left else [])
    if wrong:
        return "differs", remarks
    return ("equal" if count else "not computable"), remarks


LISTED = list(cases())
KNOWN = {(d["file"], d["id"]): d["why"]
         for d in json.loads((pathlib.Path(__file__).parent / "known.json").read_text())["differences"]}


@pytest.mark.skipif(not LISTED, reason="no reference data")
@pytest.mark.parametrize("name,path,case", LISTED, ids=[f"{n}:{c['id']}" for n, _, c in LISTED])
def test_case(name, path, case, golden_table):
    verdict, remarks = run(name, path, case)
    golden_table.append((name, case["id"], verdict, "; ".join(remarks)))
    if verdict == "not computable":
        pytest.skip(remarks[0])
    why = KNOWN.get((name, case["id"]))
    if why and verdict == "differs":
        pytest.xfail(why)
    assert not why, "listed as a difference, and equal: take it off the list"
    assert verdict == "equal", "\n".join(remarks)
