"""Every row of the data flows has rules, and in each topology examples of both kinds."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
ROWS = [f"X{n}" for n in range(1, 17)]
TOPOLOGIES = sorted(p for p in (POLICIES / "topology").iterdir() if p.is_dir())
# Third parties are no part of the grid-led configuration.
NONE_ALLOWED = {("grid-led", "X10")}


def requests(folder):
    return [r for p in sorted((folder / "examples").glob("*.json")) for r in json.loads(p.read_text())["requests"]]


def test_there_are_three_topologies():
    assert [p.name for p in TOPOLOGIES] == ["grid-led", "third-party", "transition"]


def test_each_row_has_rules():
    texts = "".join(p.read_text() for p in POLICIES.glob("*.cedar"))
    named = {row for rows in re.findall(r'@flow\("([^"]*)"\)', texts) for row in rows.split()}
    assert named == set(ROWS)


def test_each_row_has_examples_of_both_kinds_in_each_topology():
    missing = []
    for topology in TOPOLOGIES:
        seen = {(r.get("flow"), r["decision"]) for r in requests(POLICIES) + requests(topology)}
        missing += [(topology.name, row, kind) for row in ROWS for kind in ("allow", "deny")
                    if (row, kind) not in seen and not (kind == "allow" and (topology.name, row) in NONE_ALLOWED)]
    assert not missing


def test_each_rule_of_a_flow_decides_an_example():
    """A permit or forbid that no example needs would be a rule that nobody has tried."""
    for topology in TOPOLOGIES:
        rules = "".join(p.read_text() for f in (POLICIES, topology) for p in f.glob("*.cedar"))
        ids = set(re.findall(r'@id\("([^"]*)"\) @flow', rules))
        tried = {r.get("reason") for r in requests(POLICIES) + requests(topology)}
        if topology.name == "grid-led":
            # their senders and receivers have no door there
            ids = {i for i in ids if not i.startswith(("gateway.", "resident.", "home.", "third_party.", "estate."))}
        if topology.name == "third-party":
            ids = {i for i in ids if not i.startswith("resident.")}
        assert ids <= tried, (topology.name, sorted(ids - tried))
