"""`hubctl policy why`: for each example of the flows, in each topology, it names the file, the line and the attribute that decided."""
import json
import pathlib
import re
import subprocess

import pytest

from hub import PRESET, ROOT

HUBCTL = ROOT / "build" / PRESET / "bin/hubctl"
POLICIES = ROOT / "policies"
TOPOLOGIES = sorted(p.name for p in (POLICIES / "topology").iterdir())
RULE = re.compile(r'  (?P<file>[^\n]*):(?P<line>\d+): (?P<effect>permit|forbid) policy\d+ @id "(?P<id>[^"]*)" (?P<what>holds|does not hold)\n'
                  r'(?P<why>(?:      .*\n)*)')


def rules(folder):
    """id of a rule: its file's name and line, whether it forbids, the attributes that its conditions name, None without conditions."""
    found = {}
    for path in folder.glob("*.cedar"):
        text = path.read_text()
        for m in re.finditer(r'@id\("([^"]*)"\)[^;]*?\b(permit|forbid)\b[^;]*;', text):
            condition = re.search(r"(?s)\b(?:when|unless)\b.*", re.sub(r"//.*", "", m[0]))
            found[m[1]] = (path.name, text.count("\n", 0, m.start(2)) + 1, m[2],
                           set(re.findall(r"\b(?:resource|principal)(?:\.\w+)?", condition[0])) if condition else None)
    return found


def answers(place, entities, requests):
    (place / "entities.json").write_text(json.dumps(entities))
    (place / "requests.json").write_text(json.dumps({"requests": requests}))
    done = subprocess.run([HUBCTL, "policy", "why", "--policies", place / "policies", "--entities", place / "entities.json",
                           "--request", place / "requests.json"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return re.split(r"(?m)^(?=allow: |deny: )", done.stdout)[1:]


def wrong_in(request, said, known):
    """What is missing from an explanation; None if nothing."""
    if not said.startswith(request["decision"] + ": "):
        return said.splitlines()[0]
    named = {m["id"]: m for m in RULE.finditer(said)}
    decided = request.get("reason")
    if not decided:
        forbidden = any(m["effect"] == "forbid" and m["what"] == "holds" for m in named.values())
        told = "a forbid holds" if forbidden else "no permit holds"
        return None if told in said.splitlines()[0] else f"it is not said that {told}"
    if decided not in named or named[decided]["what"] != "holds":
        return f"{decided} does not hold"
    file, line, effect, attributes = known[decided]
    m = named[decided]
    if (pathlib.Path(m["file"]).name, int(m["line"]), m["effect"]) != (file, line, effect):
        return f"{decided} is at {file}:{line}, not at {m['file']}:{m['line']}"
    if attributes is None:
        return None if "it has no condition; its scope matches" in m["why"] else f"{decided} has no condition, but {m['why']}"
    shown = re.findall(r"^        ((?:resource|principal)\S*) is (?:missing|\S)", m["why"], re.M)
    if not shown or not set(shown) <= attributes:
        return f"{decided} was decided by {attributes}, it says {shown}"
    return None


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_each_example_says_what_decided_it(tmp_path, topology):
    merged = tmp_path / "policies"
    merged.mkdir()
    for folder in (POLICIES, POLICIES / "topology" / topology):
        for path in folder.glob("*.cedar"):
            (merged / path.name).write_text(path.read_text())
    known, wrong, seen = rules(merged), [], 0
    for path in (POLICIES / "examples/flows.json", POLICIES / "examples/points.json", POLICIES / "topology" / topology / "examples/flows.json"):
        examples = json.loads(path.read_text())
        said = answers(tmp_path, examples["entities"], examples["requests"])
        assert len(said) == len(examples["requests"])
        for request, text in zip(examples["requests"], said):
            seen += 1
            reason = wrong_in(request, text, known)
            if reason:
                wrong.append(f"{path.name}: {request['about']}: {reason}")
    assert seen > 100 and not wrong, "\n".join(wrong)


def test_a_denial_names_the_attribute_that_kept_a_permit_from_holding(tmp_path):
    """Nothing permits it: each permit in scope says at which line and by which attribute it failed."""
    (tmp_path / "policies").symlink_to(POLICIES)
    examples = json.loads((POLICIES / "examples/points.json").read_text())
    request = next(r for r in examples["requests"] if r["about"] == "the gas company sees no water")
    said, = answers(tmp_path, examples["entities"], [request])
    rule = next(m for m in RULE.finditer(said) if m["id"] == "point.read.supplied")
    assert said.startswith("deny: no permit holds") and rule["what"] == "does not hold"
    assert f"points.cedar:{rules(POLICIES)['point.read.supplied'][1]}: permit" in rule[0]
    assert 'resource.supplier is [Hub::Party::"water"]' in rule["why"] and 'principal is Hub::Party::"gas"' in rule["why"]
