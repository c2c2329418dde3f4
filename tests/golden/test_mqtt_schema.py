"""schemas/mqtt.schema.json and the adapter say the same: what the adapter takes the schema takes, what the schema refuses it refuses."""
import copy
import json
import random
import re
import subprocess

import jsonschema
import pytest

from rated import ROOT, program

SCHEMA = json.loads((ROOT / "schemas/mqtt.schema.json").read_text())
QUANTITIES = json.loads((ROOT / "schemas/quantities.json").read_text())
CHECK = jsonschema.Draft202012Validator(SCHEMA)
VECTORS = ROOT / "adapters/mqtt_json/vectors"
NOON, LATER = "2026-01-31T12:00:00Z", "2026-01-31T13:00:00Z"

READING = {"meter": "0001", "quantity": "active_power", "value": "0.375", "unit": "kW", "time": NOON}
INTERVAL = {"meter": "0001", "channel": "2", "quantity": "active_energy_import", "kind": "interval", "value": 250, "unit": "Wh",
            "start": NOON, "time": LATER, "flags": ["estimated"]}
BLOCK = {"meter": "W1", "quantity": "water_volume", "unit": "m3", "start": NOON, "step": "PT1H", "values": ["0.010", None, 0.25]}
STATE = {"meter": "0001", "quantity": "switch_state", "state": "closed", "time": NOON}
EVENT = {"meter": "0001", "event": "power_lost", "time": NOON, "cleared": False, "details": {"phase": "L1"}}
RESULT = {"command": "12-34", "state": "confirmed", "reason": "", "time": NOON, "details": {"value": "1.5"}}
LIST = {"readings": [READING, BLOCK], "events": [EVENT]}
GOOD = [READING, INTERVAL, BLOCK, STATE, EVENT, RESULT, LIST, {"command": "1-1", "state": "refused", "reason": "锁定"}, [READING, STATE, EVENT], [], {"events": []},
        {**STATE, "quantity": "valve_state", "state": 2}, {**BLOCK, "step": 900}, {**BLOCK, "kind": "instant", "values": []},
        {**READING, "quantity": "switch_state", "value": "1", "unit": "1"}, {"meter": "1", "quantity": "door_state", "value": 1},
        {"meter": "1", "quantity": "active_power", "kind": "state", "value": "3"}, {**READING, "value": "+1.50"},
        {**READING, "time": "2026-01-31 08:15:00.123456-03:30"}]


def without(message, member):
    return {k: v for k, v in message.items() if k != member}


# What is wrong, the adapter's word for it, and whether the schema can say so too.
BAD = [
    ("a result without a state", without(RESULT, "state"), "mqtt_json.text", True),
    ("a result that is neither", {**RESULT, "state": "sent"}, "mqtt_json.result", True),
    ("a result of no command", {**RESULT, "command": ""}, "record.empty", True),
    ("a result with a meter", {**RESULT, "meter": "0001"}, "mqtt_json.member", True),
    ("a result's details in a list", {**RESULT, "details": ["1"]}, "mqtt_json.details", True),
    ("no meter", without(READING, "meter"), "mqtt_json.text", True),
    ("an empty meter", {**READING, "meter": ""}, "record.empty", True),
    ("a meter's number", {**READING, "meter": 1}, "mqtt_json.text", True),
    ("a long meter", {**READING, "meter": "m" * 65}, "record.length", True),
    ("a long meter of few letters", {**READING, "meter": "水" * 40}, "record.length", False),
    ("a meter with a tab", {**READING, "meter": "a\tb"}, "record.text", True),
    ("a long channel", {**READING, "channel": "c" * 33}, "record.length", True),
    ("no quantity", without(READING, "quantity"), "mqtt_json.text", True),
    ("no unit", without(READING, "unit"), "mqtt_json.text", True),
    ("null for a unit", {**READING, "unit": None}, "mqtt_json.text", True),
    ("a misspelt member", {**READING, "tme": NOON}, "mqtt_json.member", True),
    ("a value of words", {**READING, "value": "much"}, "mqtt_json.value", True),
    ("an exponent as text", {**READING, "value": "1e3"}, "mqtt_json.value", True),
    ("a value that is true", {**READING, "value": True}, "mqtt_json.value", True),
    ("a value in a list", {**READING, "value": ["1"]}, "mqtt_json.value", True),
    ("no digit before the point", {**READING, "value": ".5"}, "mqtt_json.value", True),
    ("more digits than fit", {**READING, "value": "1234567890123456789012"}, "mqtt_json.range", False),
    ("more digits than a number keeps", {**READING, "value": 0.12345678901234567}, "mqtt_json.precision", False),
    ("a day", {**READING, "time": "2026-01-31"}, "mqtt_json.time", True),
    ("a time without a zone", {**READING, "time": "2026-01-31T12:00:00"}, "mqtt_json.time", True),
    ("a time in seconds", {**READING, "time": 1767225600}, "mqtt_json.time", True),
    ("null for a time", {**READING, "time": None}, "mqtt_json.time", True),
    ("the 31st of February", {**READING, "time": "2026-02-31T12:00:00Z"}, "mqtt_json.time", False),
    ("an unknown kind", {**READING, "kind": "sum"}, "mqtt_json.kind", True),
    ("an interval without a start", without(INTERVAL, "start"), "mqtt_json.interval", True),
    ("an interval without an end", without(INTERVAL, "time"), "mqtt_json.interval", True),
    ("a register with a start", {**INTERVAL, "kind": "register"}, "mqtt_json.interval", True),
    ("an interval that ends before it starts", {**INTERVAL, "start": LATER, "time": NOON}, "mqtt_json.interval", False),
    ("an unknown flag", {**READING, "flags": ["fine"]}, "mqtt_json.flags", True),
    ("a flag alone", {**READING, "flags": "estimated"}, "mqtt_json.flags", True),
    ("half a state", {**READING, "kind": "state", "value": "1.5"}, "record.scale", True),
    ("a block without a step", without(BLOCK, "step"), "mqtt_json.step", True),
    ("a block without a start", without(BLOCK, "start"), "mqtt_json.step", True),
    ("a step of words", {**BLOCK, "step": "1 hour"}, "mqtt_json.step", True),
    ("a step with a blank", {**BLOCK, "step": "PT 5M"}, "mqtt_json.step", True),
    ("a step with a sign", {**BLOCK, "step": "PT+5M"}, "mqtt_json.step", True),
    ("a step of a month", {**BLOCK, "step": "P1M"}, "mqtt_json.step", True),
    ("a step of nothing", {**BLOCK, "step": 0}, "mqtt_json.step", True),
    ("a step of nothing, as text", {**BLOCK, "step": "PT0M"}, "mqtt_json.step", False),
    ("a step of two years", {**BLOCK, "step": 2 * 366 * 86400}, "mqtt_json.step", True),
    ("a block of states", {**BLOCK, "kind": "state"}, "mqtt_json.block", True),
    ("values that are no list", {**BLOCK, "values": "1"}, "mqtt_json.block", True),
    ("too many values", {**BLOCK, "values": [1] * 10001}, "mqtt_json.block", True),
    ("a word among the values", {**BLOCK, "values": ["1", "x"]}, "mqtt_json.value", True),
    ("a block without a unit", without(BLOCK, "unit"), "mqtt_json.text", True),
    ("a block with a time", {**BLOCK, "time": NOON}, "mqtt_json.member", True),
    ("a state that is none", {**STATE, "state": "ajar"}, "mqtt_json.state", True),
    ("a state's code that is none", {**STATE, "state": 7}, "mqtt_json.state", True),
    ("half a code", {**STATE, "state": 0.5}, "mqtt_json.state", True),
    ("null for a state", {**STATE, "state": None}, "mqtt_json.state", True),
    ("a state of a quantity that has none", {**STATE, "quantity": "active_power"}, "mqtt_json.state", True),
    ("an event without a name", {**EVENT, "event": ""}, "record.empty", True),
    ("an event with a number for a name", {**EVENT, "event": 7}, "mqtt_json.text", True),
    ("cleared in words", {**EVENT, "cleared": "yes"}, "mqtt_json.cleared", True),
    ("details in numbers", {**EVENT, "details": {"a": 1}}, "mqtt_json.details", True),
    ("details in a list", {**EVENT, "details": ["a"]}, "mqtt_json.details", True),
    ("too many details", {**EVENT, "details": {str(n): "" for n in range(33)}}, "mqtt_json.details", True),
    ("a detail without a name", {**EVENT, "details": {"": "x"}}, "record.empty", True),
    ("a very long detail", {**EVENT, "details": {"x": "y" * 4097}}, "record.length", True),
    ("reading and event in one", {**READING, "event": "power_lost"}, "mqtt_json.member", True),
    ("nothing", {}, "mqtt_json.shape", True),
    ("a meter alone", {"meter": "0001"}, "mqtt_json.shape", True),
    ("a number", 42, "mqtt_json.syntax", True),
    ("a list in a list", [[READING]], "mqtt_json.shape", True),
    ("a list of numbers", [1], "mqtt_json.shape", True),
    ("readings that are no list", {"readings": {}}, "mqtt_json.list", True),
    ("readings beside something else", {"readings": [], "meter": "0001"}, "mqtt_json.list", True),
    ("one bad among good", {"readings": [READING, {**READING, "value": "x"}]}, "mqtt_json.value", True),
]


def decode(messages):
    """For each message all codes by which something of it was refused."""
    lines = "".join(json.dumps(m, ensure_ascii=False).encode().hex() + "\n" for m in messages)
    done = subprocess.run([program("hubctl"), "decode", "--adapter", "mqtt_json", "-"], input=lines, capture_output=True, text=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(messages), done.stderr
    return [answer.get("error", {}).get("code") for answer in answers]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_states_and_flags_are_the_hub_s():
    states = {q["name"]: q["states"] for q in QUANTITIES if "state" in q["kinds"]}
    defs = SCHEMA["$defs"]
    assert set(defs["state_quantity"]["enum"]) == set(states)
    assert all(q["kinds"] == ["state"] for q in QUANTITIES if "state" in q["kinds"]), "a reading's unit may then be left out"
    said = {rule["if"]["properties"]["quantity"]["const"]: rule["then"]["properties"]["state"]["enum"] for rule in defs["state"]["allOf"]}
    assert said == {name: [v for code, word in of.items() for v in (int(code), word)] for name, of in states.items()}
    for flag in defs["flags"]["items"]["enum"]:
        assert decode([{**READING, "flags": [flag]}]) == [None]


def test_both_take_what_is_good():
    good = GOOD + SCHEMA["examples"]
    assert decode(good) == [None] * len(good)
    assert [m for m in good if not CHECK.is_valid(m)] == []


def test_both_take_the_vectors_and_the_examples_of_the_pages():
    messages = [json.loads(bytes.fromhex(line)) for line in (VECTORS / "messages.hex").read_text().split()]
    for page in ("docs/integrators.md", "adapters/mqtt_json/README.md"):
        text = (ROOT / page).read_text()
        messages += [json.loads(re.sub(r"'\$\([^)]*\)'|'\$HOUR'", NOON, m)) for m in re.findall(r"-m '(\{[^…]*?\})'", text)]
    assert len(messages) >= 10
    assert decode(messages) == [None] * len(messages)
    assert [m for m in messages if not CHECK.is_valid(m)] == []


@pytest.mark.parametrize("message,code,said", [row[1:] for row in BAD], ids=[row[0].replace(" ", "_") for row in BAD])
def test_both_refuse_what_is_bad(message, code, said):
    assert decode([message]) == [code]
    assert CHECK.is_valid(message) == (not said)


PIECES = [None, True, 0, 1, -1, 2, 1.5, "", "1", "-2.50", "x", NOON, LATER, "interval", "register", "state", "switch_state", "PT15M", "P1D",
          [], {}, ["1"], [1, None], ["estimated"], {"a": "b"}, 900, "kWh", "closed"]
MEMBERS = sorted({m for message in (READING, INTERVAL, BLOCK, STATE, EVENT) for m in message} | {"readings", "events"})


def spoilt(chance):
    message = copy.deepcopy(chance.choice([READING, INTERVAL, BLOCK, STATE, EVENT, LIST, [READING, EVENT]]))
    at = message
    while isinstance(at, list) or (isinstance(at, dict) and "readings" in at and chance.random() < 0.7):
        at = chance.choice(at if isinstance(at, list) else [v for v in at.values() if v])
    for _ in range(chance.randint(1, 3)):
        member = chance.choice(MEMBERS)
        if chance.random() < 0.3:
            at.pop(member, None)
        else:
            at[member] = chance.choice(PIECES)
    return message


def test_whatever_the_adapter_takes_the_schema_takes():
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    messages = [spoilt(chance) for _ in range(4000)]
    codes = decode(messages)
    # Members of a list are refused one by one, and the line then shows the first.
    wrong = [m for m, code in zip(messages, codes) if code is None and not CHECK.is_valid(m)]
    assert not wrong, f"seed {seed}: {wrong[:3]}"
    only = {code for m, code in zip(messages, codes) if code and CHECK.is_valid(m)}
    assert only <= {"mqtt_json.time", "mqtt_json.interval", "mqtt_json.step", "record.start"}, f"seed {seed}: {only}"
    assert 200 < sum(code is None for code in codes) < 3800
