#!/usr/bin/python3
"""The public Cedar corpus against the policy engine: one process for all of it.

usage: policy_corpus.py DRIVER. Exit 0 all equal, 1 something differs, 77 no reference data.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    data = pathlib.Path(os.environ.get("HUB_REFERENCE_DATA", root.parent / "shared")) / "golden" / "policy"
    archive, manifest = data / "cedar-corpus-tests.tar.gz", data / "cedar_manifest.json"
    if not archive.exists() or not manifest.exists():
        print("skipped: no Cedar corpus in", data)
        return 77
    levels = {test: level for level, tests in json.loads(manifest.read_text())["levels"].items() for test in tests}
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as tar:
            tar.extractall(folder)
        inside = next(p.parent for p in pathlib.Path(folder).rglob("*.cedar"))
        run = subprocess.run([sys.argv[1], str(inside)], stdout=subprocess.PIPE, text=True, check=True)
    table = collections.defaultdict(lambda: [0] * 7)
    for line in run.stdout.splitlines():
        test, *numbers = line.split()
        row = table[levels.pop(test, "unlisted")]
        row[0] += 1
        for i, number in enumerate(numbers):
            row[i + 1] += int(number)
    print("level    tests requests    equal  wrong: decision  reasons  errors  schemas")
    for level, row in sorted(table.items()):
        print("%-8s %5d %8d %8d %16d %8d %7d %8d" % (level, *row))
    if levels:
        print("%d tests of the manifest are missing, such as %s" % (len(levels), sorted(levels)[0]))
    total = [sum(column) for column in zip(*table.values())]
    print("all      %5d %8d %8d" % tuple(total[:3]))
    return 0 if total and total[1] == total[2] and not total[6] and not levels else 1


sys.exit(main())
