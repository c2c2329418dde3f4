"""The rules of the house that a compiler does not check: arrows between rooms, who may include what."""
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
