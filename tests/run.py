"""Builds and runs the tests, counts single cases, leaves no process behind. Called by tests/run."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[1]
MARK = f"HUB_TEST_RUN={uuid.uuid4()}"
CASE = re.compile(r"^\[\s*(OK|FAILED|SKIPPED)\s*\] (?!\d+ test)(\S+)", re.M)


class Count:
    passed = failed = skipped = 0
    failures = []

    def fail(self, name, text=""):
        self.failed += 1
        self.failures.append(name)
        print(f"FAILED {name}\n{text.strip()[-4000:]}", flush=True)


count = Count()


def say(text):
    print(f"== {time.strftime('%H:%M:%S')} {text}", flush=True)


def run(words, **more):
    return subprocess.run([str(w) for w in words], cwd=ROOT, text=True, errors="replace", **more)


def quiet(words, name):
    """Runs; what it said is shown only if it failed."""
    done = run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        count.fail(name, done.stdout)
    return done.returncode == 0


def build(preset):
    say(f"build {preset}")
    if not (ROOT / "build" / preset / "build.ninja").exists() and \
            not quiet(["cmake", "--preset", preset], f"configure {preset}"):
        return False
    return quiet(["cmake", "--build", "--preset", preset, "-j", str(os.cpu_count())], f"build {preset}")


def without_aslr(preset):
    """ThreadSanitizer's shadow memory does not fit every random layout of newer kernels."""
    if preset != "tsan":
        return []
    words = ["setarch", os.uname().machine, "-R"]
    works = subprocess.run([*words, "true"], capture_output=True).returncode == 0
    return words if works else []


def count_case(case):
    """One ctest test: a cmocka program tells its cases, anything else is one case."""
    name, output = case.get("name"), case.findtext("system-out") or ""
    found = CASE.findall(output)
    good = case.get("status") == "run"
    if case.get("status") in ("notrun", "disabled"):
        count.skipped += 1
        return
    failed = {what for kind, what in found if kind == "FAILED"}
    count.passed += sum(kind == "OK" for kind, _ in found) if found else int(good)
    count.skipped += len({what for kind, what in found if kind == "SKIPPED"})
    for what in sorted(failed):
        count.fail(f"{name}: {what}", output)
    if not good and not failed:
        count.fail(name, output)


def ctest(preset, *more):
    say(f"ctest {preset}")
    with tempfile.NamedTemporaryFile(suffix=".xml") as out:
        run([*without_aslr(preset), "ctest", "--test-dir", f"build/{preset}", "-j", str(os.cpu_count()),
             "--output-junit", out.name, "--test-output-size-passed", 1 << 24, "--test-output-size-failed", 1 << 24,
             # Sanitized daemons on a busy machine miss deadlines that they keep when asked again.
             *(["--repeat", "until-pass:2"] if preset in ("asan", "tsan") else []), *more], stdout=subprocess.DEVNULL)
        try:
            cases = list(xml.parse(out.name).iter("testcase"))
        except xml.ParseError:
            cases = []
        if not cases:
            count.fail(f"ctest {preset}", "it ran no test")
        for case in cases:
            count_case(case)


def pytest(preset, marks, *more):
    say(f"scenarios on {preset}")
    os.environ["HUB_PRESET"] = preset
    with tempfile.NamedTemporaryFile(suffix=".xml") as out:
        run([sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider",
             "-m", marks, "--junitxml", out.name, *more, "tests"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            cases = list(xml.parse(out.name).iter("testcase"))
        except xml.ParseError:
            cases = []
        if not cases:
            count.fail("pytest", "it ran no test")
        for case in cases:
            wrong = [*case.iter("failure"), *case.iter("error")]
            name = f"{case.get('classname')}::{case.get('name')}"
            if wrong:
                count.fail(name, "\n".join(w.text or w.get("message", "") for w in wrong))
            elif case.find("skipped") is not None:
                count.skipped += 1
                print(f"skipped {name}: {case.find('skipped').get('message')}")
            else:
                count.passed += 1


def fuzz_one(target, seconds):
    name = target.name.removeprefix("fuzz_")
    corpus = ROOT / "tests/fuzz/corpus" / name
    with tempfile.TemporaryDirectory() as found:
        return quiet([target, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", f"-artifact_prefix={found}/",
                      found, *([corpus] if corpus.is_dir() else [])], f"fuzz {name}")


def fuzz(seconds):
    """One on each processor."""
    if not build("fuzz"):
        return
    targets = [t for t in sorted((ROOT / "build/fuzz").rglob("fuzz_*")) if t.is_file() and os.access(t, os.X_OK)]
    say(f"{len(targets)} fuzzers")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        count.passed += sum(pool.map(lambda target: fuzz_one(target, seconds), targets))


def leftovers():
    """Processes that carry this run's mark: every test must have ended its own."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int(entry.name) != os.getpid() and \
                    MARK.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append((int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:200]))
        except (OSError, ValueError):
            continue
    return found


def end_leftovers():
    time.sleep(0.5)
    for pid, command in leftovers():
        count.fail("a process was left behind", f"{pid} {command}")
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def main():
    ask = argparse.ArgumentParser()
    form = ask.add_mutually_exclusive_group()
    form.add_argument("--quick", action="store_true", help="units without a database and the scenarios marked quick, on the dev build")
    form.add_argument("--full", action="store_true", help="the long forms too")
    ask.add_argument("--sanitizers", action="store_true", help="units under asan and tsan")
    ask.add_argument("--fuzz", type=int, metavar="SECONDS", default=0, help="run every fuzzer so long")
    args = ask.parse_args()
    begun = time.monotonic()
    name, value = MARK.split("=")
    os.environ[name] = value
    data = os.environ.get("HUB_REFERENCE_DATA") or str(ROOT.parent / "shared")
    if pathlib.Path(data).is_dir():
        os.environ["HUB_REFERENCE_DATA"] = data
    os.environ["HUB_TEST_FORM"] = "quick" if args.quick else "full" if args.full else "default"
    if args.quick:
        if build("dev"):
            ctest("dev", "-LE", "store", "-E", "^unit_adapterd(_kills)?$")
        pytest("dev", "(quick or not scenario) and not slow and not full and not thorough")
    elif args.full:
        if build("dev"):
            ctest("dev")
        if build("release"):
            # What another compilation may change: the sandbox, and every adapter against its suite.
            ctest("release", "-R", "adapterd|conform|vectors")
            # Mostly the hubs of the scenarios wait for time to pass, so two may live at once; the long forms are
            # heavy and run alone.
            pytest("release", "not long", "-n", "2", "--dist", "loadfile")
            pytest("release", "long")
    elif build("release"):
        # What quickstart has built, and of every capability what shows it in the least time.
        ctest("release")
        pytest("release", "not full and not thorough", "-n", "2", "--dist", "loadfile")
    for preset in ("asan", "tsan") if args.sanitizers else ():
        if build(preset):
            ctest(preset)
    if args.fuzz:
        fuzz(args.fuzz)
    end_leftovers()
    if count.failures:
        print("\n".join(["", "failed:", *(f"  {name}" for name in count.failures)]))
    say(f"{time.monotonic() - begun:.0f} s")
    print(f"{count.passed} passed, {count.failed} failed, {count.skipped} skipped")
    return 1 if count.failed else 0


try:
    sys.exit(main())
except KeyboardInterrupt:
    end_leftovers()
    sys.exit(130)
