"""A real hub for tests: `hubctl up` in a temporary data directory, on free ports.

    def test_something(hub):
        hub.ctl("party", "add", "water")
        wait_until(lambda: hub.status()["units"]["hubd"]["state"] == "running")

As root the hub runs under its two system users (PostgreSQL refuses root); otherwise under ours.
"""
import contextlib
import fcntl
import http.client
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRESET = os.environ.get("HUB_PRESET", "dev")


def wait_until(condition, deadline=20, what=""):
    """The condition's value once it is true; the reason if it never is."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what or condition}")
        time.sleep(0.02)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def alive(pid):
    """Whether it runs; a zombie does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def kill(pid, sig=signal.SIGKILL):
    os.kill(pid, sig)


def descendants(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(p) for p in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def programs():
    """The directory of programs, one that the hub's users may reach."""
    built = ROOT / "build" / PRESET / "bin"
    if os.geteuid() != 0 or all(p.stat().st_mode & 0o001 for p in [built, *built.parents]):
        return built
    place = pathlib.Path(tempfile.gettempdir()) / f"hub-installed-{PRESET}-{os.getpid()}"
    if not place.exists():
        place.mkdir(mode=0o755)
        subprocess.run(["cmake", "--install", ROOT / "build" / PRESET, "--prefix", place], check=True,
                       stdout=subprocess.DEVNULL)
    return place / "bin"


def cluster_place():
    """Where a test run keeps its made cluster; by the process that leads the run, of which xdist's are children."""
    leader = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    return pathlib.Path(tempfile.gettempdir()) / f"hub-cluster-{PRESET}-{leader}"


def made_cluster():
    """A database cluster as `hubctl up` makes it in an empty directory, made once a test run: initdb and the
    migrations take longer than most tests. A test of that making itself says `up(made=False)`."""
    place = cluster_place()
    place.mkdir(exist_ok=True)
    with open(place / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "pg").exists():
            with directory() as temporary:
                first = Hub(temporary / "data")
                try:
                    first.up(made=False)
                    first.down()
                    copy_tree(first.data / "core/pg", place / "half")
                    (place / "half").rename(place / "pg")
                finally:
                    first.end()
    return place / "pg"


def copy_tree(source, target):
    """With owners and modes."""
    subprocess.run(["cp", "-a", "--reflink=auto", source, target], check=True)


class Hub:
    def __init__(self, data):
        self.data = pathlib.Path(data)
        self.bin = programs()
        self.port = free_port()
        self.process = None
        self.arguments = ["--http-listen", f"127.0.0.1:{self.port}"]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words, **more):
        """hubctl, whatever it comes to."""
        more = {"capture_output": True, "text": True, "timeout": 120, **more}
        return subprocess.run([self.bin / "hubctl", "--data", self.data, *map(str, words)], **more)

    def ctl(self, *words, **more):
        """hubctl, which must do it; its output."""
        done = self.run(*words, **more)
        assert done.returncode == 0, f"hubctl {' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *words):
        return json.loads(self.ctl(*words))

    def status(self):
        state = json.loads(self.run("status", "--json").stdout)
        state["units"] = {unit["name"]: unit for unit in state["units"]}
        return state

    def pid(self, name):
        """The pid of a running unit, by the supervisor's own book."""
        for unit in self.book().get("units", []):
            if unit["name"] == name and unit["state"] == "running":
                return unit["pid"]
        return 0

    def book(self):
        """The supervisor's own; empty if none lives."""
        try:
            book = json.loads((self.data / "hub.state").read_text())
        except (OSError, ValueError):
            return {}
        return book if alive(book["pid"]) else {}

    def up(self, *arguments, made=True):
        """Detached; returns when the next reading would be stored."""
        cluster = self.data / "core/pg"
        if made and not cluster.exists():
            cluster.parent.mkdir(parents=True, exist_ok=True)
            copy_tree(made_cluster(), cluster)
        return self.ctl("up", "--detach", *self.arguments, *arguments)

    def up_in_foreground(self):
        log = open(self.data.parent / "hub.log", "ab")
        self.process = subprocess.Popen([self.bin / "hubctl", "--data", self.data, "up", *self.arguments],
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        wait_until(lambda: self.book().get("ready") or self.process.poll() is not None, 60, "the hub is ready")
        assert self.process.poll() is None, (self.data.parent / "hub.log").read_text()
        return self.process.pid

    def down(self):
        self.ctl("down")
        if self.process:
            self.process.wait(30)
            self.process = None

    def heal(self):
        """Healthy again, by itself: whoever had to help would be hiding a defect."""
        last = None

        def healthy():
            nonlocal last
            last = self.run("doctor")
            return last.returncode == 0
        try:
            wait_until(healthy, 150)
        except AssertionError:
            raise AssertionError(f"the hub is not healthy by itself:\n{last.stdout}{last.stderr}") from None

    def end(self):
        """Whatever state it is in, nothing of it is left."""
        pids = [p for p in (self.book().get("pid"), self.process and self.process.pid) if p and alive(p)]
        family = [p for pid in pids for p in descendants(pid)]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                kill(pid, signal.SIGCONT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.run("down", timeout=60)
        for pid in pids + family:
            if alive(pid):
                with contextlib.suppress(ProcessLookupError):
                    kill(pid)
        if self.process:
            self.process.wait(10)

    def request(self, path, token=None, method="GET", body=None, headers=None):
        """(status, parsed JSON or bytes) of the HTTP door."""
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        ask = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(ask, timeout=30) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            status, content = answer.code, answer.read()
        except http.client.HTTPException as e:  # cut off in the middle, as when the door is killed
            raise ConnectionError(f"{method} {path}: {e!r}") from e
        try:
            return status, json.loads(content)
        except ValueError:
            return status, content

    def sql(self, query, *values):
        """Rows, asked as the core's user: for tests of what is really in the database."""
        import psycopg2
        uid = pwd.getpwnam("uhub").pw_uid if os.geteuid() == 0 else os.geteuid()
        was = os.geteuid()
        os.seteuid(uid)
        try:
            with contextlib.closing(psycopg2.connect(host=str(self.data / "core/pgrun"), user="uhub",
                                                     dbname="uhub")) as db:
                with db, db.cursor() as cursor:
                    cursor.execute(query, values or None)
                    return cursor.fetchall() if cursor.description else []
        finally:
            os.seteuid(was)


@contextlib.contextmanager
def directory():
    """Short, as unix sockets lie in it, and open to the hub's users."""
    path = tempfile.mkdtemp(prefix="hub", dir="/tmp")
    os.chmod(path, 0o755)
    try:
        yield pathlib.Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)
