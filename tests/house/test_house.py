"""The rules of the house that a compiler does not check: arrows between rooms, who may include what."""
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A room may include the rooms to its left and itself. Services do not include one another.
SERVICES = ["identity", "consent", "intake", "exchange", "deliver", "command", "billing", "compare",
            "demand", "alarm", "aggregate", "proof"]
BELOW = {
    "base": [],
    "face": ["base"],
    "sim": ["base"],
    "peers": ["base", "sim"],
    "model": ["base"],
    "route": ["base"],
    "wire": ["base", "model"],
    "store": ["base", "model"],
    "policy": ["base"],
    "rules": ["base", "policy"],
    "rights": ["base", "model", "store", "policy", "rules"],
    "registry": ["base", "model", "store"],
    "api": ["base", "face", "model", "route", "store", "policy", "rules", "rights", "registry", "wire", *SERVICES],
}
for service in SERVICES:
    BELOW[service] = ["base", "model", "store", "policy", "rules", "rights", "registry", "wire"]
BELOW["billing"].append("face")
BELOW["compare"].append("face")


def sources(*folders):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *folders], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / name for name in listed if name.endswith((".c", ".h"))]


def includes(path):
    return re.findall(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', path.read_text(), re.M)


def test_arrows_point_one_way():
    wrong = []
    for path in sources("hub"):
        room = path.relative_to(ROOT / "hub").parts[0]
        if room not in BELOW:
            continue
        for inc in includes(path):
            other = inc.split("/")[0] if "/" in inc else room
            if (ROOT / "hub" / other).is_dir() and other not in [*BELOW[room], room, "include"]:
                wrong.append(f"{path.relative_to(ROOT)} includes {inc}")
    assert not wrong, "\n".join(wrong)


def only(pattern, *homes):
    return [f"{p.relative_to(ROOT)} includes {inc}" for p in sources("hub", "adapters", "dmz", "tests")
            for inc in includes(p) if re.match(pattern, inc)
            and not str(p.relative_to(ROOT)).startswith(homes)]


def test_nng_is_known_to_the_wire_alone():
    assert not only(r"nng/", "hub/wire/")


def test_libpq_is_known_to_the_store_alone():
    assert not only(r"(libpq-fe|postgres)", "hub/store/")


def test_adapters_see_one_header():
    """A module includes hub/adapter.h, its own files, base and model's pure parts, and libraries; no daemon, no wire."""
    wrong = []
    for path in sources("adapters"):
        if path.relative_to(ROOT).parts[1] == "host":
            continue
        for inc in includes(path):
            if inc.split("/")[0] in ("wire", "store", "policy", "intake", "api", "deliver", "registry"):
                wrong.append(f"{path.relative_to(ROOT)} includes {inc}")
    assert not wrong, "\n".join(wrong)


def test_the_outer_zone_never_sees_the_database():
    wrong = [f"{p.relative_to(ROOT)} includes {inc}" for p in sources("dmz", "adapters") for inc in includes(p)
             if inc.startswith("store/")]
    assert not wrong, "\n".join(wrong)


def test_reading_tables_are_named_in_one_place():
    """Only series.* (and the migrations) know how readings are kept."""
    wrong = []
    for path in sources("hub", "dmz", "adapters"):
        rel = str(path.relative_to(ROOT))
        if rel.startswith("hub/store/series"):
            continue
        for number, line in enumerate(path.read_text().split("\n"), 1):
            if re.search(r'"[^"]*\b(from|into|update|join|copy)\s+reading\b', line, re.I):
                wrong.append(f"{rel}:{number}")
    assert not wrong, "\n".join(wrong)


def test_no_header_is_without_a_word_about_itself():
    wrong = [str(p.relative_to(ROOT)) for p in sources("hub") if p.suffix == ".h"
             and not p.read_text().lstrip().startswith("/*")]
    assert not wrong, "\n".join(wrong)


def listed_codes():
    """The first cells of docs/faults.md's rows."""
    codes = set()
    for line in (ROOT / "docs/faults.md").read_text().split("\n"):
        if line.startswith("| `"):
            codes.update(re.findall(r"`([^`]+)`", line.split(" | ")[0]))
    return codes


def problems(part):
    """What operations say may go wrong: every x-problems below this part of a description."""
    for key, inner in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        if key == "x-problems":
            yield from inner
        yield from problems(inner)


def test_every_problem_of_the_api_is_explained():
    said = {code for path in sorted((ROOT / "schemas/openapi").glob("*.json")) for code in problems(json.loads(path.read_text()))}
    assert len(said) > 50
    assert not said - listed_codes(), sorted(said - listed_codes())


def test_every_refusal_in_the_code_is_explained():
    said = set()
    for path in sources("hub/api", "dmz/gateway"):
        said.update(re.findall(r'(?:request_refuse\(r, \d+|hub_fault_set\(&?fault|(?<!_)refuse\(fault|bad\(\d+, \w+, fault),\s*"([a-z_0-9]+\.[a-z_0-9.]+)"', path.read_text()))
    assert len(said) > 100
    assert not said - listed_codes(), sorted(said - listed_codes())
