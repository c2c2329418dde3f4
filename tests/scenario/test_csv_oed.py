"""Open Energy Dashboard's ingest cases, as far as the csv adapter can express them (adapters/csv/README.md).

Each case of cases.json is classified by what it holds, never by name; its rows are compared as moments in UTC."""
import csv
import datetime
import gzip
import io
import json
import os
import pathlib
import subprocess
import zoneinfo

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("HUB_REFERENCE_DATA", ROOT / ".." / "shared")) / "data/vectors/csv_ingest_oed"
PRESET = os.environ.get("HUB_PRESET", "dev")
HUBCTL = ROOT / "build" / PRESET / "bin/hubctl"

CASES = json.loads((DATA / "cases.json").read_text())["cases"] if (DATA / "cases.json").exists() else []


def rows_of(path):
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def settings(case):
    """The meter's settings, then the upload's, as OED lays them over one another."""
    merged, files = {}, []
    names = {9: "area", 10: "cumulative", 11: "cumulativeReset", 12: "cumulativeResetStart",
             13: "cumulativeResetEnd", 17: "timeSort", 18: "endOnly", 5: "timezone"}
    for upload, file in zip(case["uploads"], case["files"]):
        if upload["route"] == "meters":
            table = list(csv.reader(io.StringIO(rows_of(DATA / file).decode())))
            for row in table[1 if upload["fields"].get("headerRow") == "true" else 0:]:
                merged.update({names[i]: row[i] for i in names if i < len(row) and row[i]})
        else:
            files.append(file)
            merged.update(upload["fields"])
    return {k: v.lower() if v in ("TRUE", "FALSE") else v for k, v in merged.items()}, files


def not_expressible(case, fields, files):
    if not files or not case.get("expected_rows"):
        return "no readings"
    expected = rows_of(DATA / case["expected_rows"]).strip()
    if not expected:
        return "OED drops a whole file for one bad row; here its neighbours are stored"
    if len(files) > 1 and fields.get("cumulative") != "true":
        return "several uploads: which of two values stands is the store's to say (a later one is a version)"
    if fields.get("honorDst") == "true":
        zone = zoneinfo.ZoneInfo(fields["timezone"])
        times = [f for file in files for row in csv.reader(io.StringIO(rows_of(DATA / file).decode())) for f in row[1:]]
        offsets = [datetime.datetime.fromisoformat(t).utcoffset() for t in times]
        if offsets and offsets[0] > offsets[-1]:
            return "OED keeps local times and loses the hour that comes twice; here it is kept in UTC"
        if len(expected.splitlines()) != len(list(reference(case, zone))) or fields.get("cumulative") == "true":
            return "OED splits an interval at the change of clocks; in UTC it has no gap"
    return None


def reference(case, zone):
    for value, start, end in csv.reader(io.StringIO(rows_of(DATA / case["expected_rows"]).decode())):
        yield float(value), moment(start, zone), moment(end, zone)


def moment(text, zone):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(datetime.timezone.utc)


def options(fields):
    end_only = fields.get("endOnly") == "true"
    given = {"meter": fields.get("meterIdentifier", "meter"), "header": "true" if fields.get("headerRow") == "true"
             else "false", "value_column": "1", "end_column": "2" if end_only else "3",
             "cumulative": fields.get("cumulative", "false"), "zone": fields.get("timezone", "UTC"),
             "order": fields.get("timeSort", "increasing")}
    if not end_only:
        given["start_column"] = "2"
    if fields.get("cumulativeReset") == "true":
        given["reset"] = fields.get("cumulativeResetStart", "00:00") + "-" + fields.get("cumulativeResetEnd", "24:00")
    return [arg for key, value in given.items() for arg in ("--option", f"{key}={value}")]


@pytest.mark.parametrize("case", CASES or [None], ids=lambda c: c["id"] if c else "none")
def test_rows_are_those_of_oed(case):
    if case is None:
        pytest.skip("no reference data")
    fields, files = settings(case)
    why = not_expressible(case, fields, files)
    if why:
        pytest.skip(f"{case['id']}: {why}")
    body = b"".join(rows_of(DATA / file) for file in files)
    run = subprocess.run([HUBCTL, "decode", "--adapter", "csv", "--raw", *options(fields)], input=body,
                         capture_output=True, timeout=60, check=False)
    line = json.loads(run.stdout)
    got = sorted((datetime.datetime.fromisoformat(r["start"].replace("Z", "+00:00")),
                  datetime.datetime.fromisoformat(r["time"].replace("Z", "+00:00")), float(r["value"]))
                 for r in line.get("readings", []))
    zone = zoneinfo.ZoneInfo(fields.get("timezone", "UTC"))
    assert got == sorted((start, end, value) for value, start, end in reference(case, zone)), run.stderr
    assert run.returncode == (2 if "error" in line else 0)
