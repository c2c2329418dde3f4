"""`hubctl up`: what runs, what happens when it dies, and that nothing is left."""
import os
import pathlib
import signal

import pytest

from hub import alive, descendants, kill, wait_until

SERVICES = ["postgres", "hubd", "adapterd", "dmzd"]


def sockets(hub):
    return [p for p in hub.data.rglob("*") if p.is_socket()]


@pytest.mark.quick
def test_down_leaves_no_process_socket_or_lock(cold_hub):
    supervisor = cold_hub.up_in_foreground()
    family = descendants(supervisor)
    assert len(family) >= len(SERVICES)
    assert sockets(cold_hub)
    cold_hub.down()
    wait_until(lambda: not any(alive(p) for p in family), what="no process is left")
    assert sockets(cold_hub) == []
    assert [p.name for p in cold_hub.data.iterdir() if p.name.startswith("hub.")] == []
    assert (cold_hub.data / "core/pg/PG_VERSION").exists()


@pytest.mark.thorough
def test_a_second_up_is_refused_and_says_who_runs(hub):
    second = hub.run("up", *hub.arguments)
    assert second.returncode == 1
    assert f"pid {hub.book()['pid']}" in second.stderr and "hub.running" in second.stderr
    assert all(hub.pid(name) for name in SERVICES)


@pytest.mark.thorough
@pytest.mark.parametrize("name", SERVICES)
def test_a_killed_process_starts_again(hub, name):
    was = hub.pid(name)
    kill(was)
    wait_until(lambda: hub.pid(name) not in (0, was), 30, f"{name} runs again")
    wait_until(lambda: hub.run("doctor").returncode == 0, 30, "the hub is healthy again")
    assert hub.status()["units"][name]["restarts"] >= 1


@pytest.mark.thorough
def test_a_killed_supervisor_leaves_nobody_and_the_next_one_cleans_up(cold_hub):
    family = descendants(cold_hub.up_in_foreground())
    kill(cold_hub.process.pid)
    cold_hub.process.wait(10)
    cold_hub.process = None
    wait_until(lambda: not any(alive(p) for p in family), 30, "no process is left")
    cold_hub.up()
    assert cold_hub.run("doctor").returncode == 0


@pytest.mark.thorough
@pytest.mark.parametrize("name", SERVICES)
def test_a_process_that_does_not_answer_is_shown_as_unhealthy(hub, name):
    pid = hub.pid(name)
    kill(pid, signal.SIGSTOP)
    try:
        doctor = hub.run("doctor")
        assert doctor.returncode == 1, doctor.stdout
        assert name in doctor.stdout
        status = hub.status()
        assert status["healthy"] is False
        assert status["units"][name]["health"] not in ("ok", None)
        # The remedy it names.
        kill(pid)
        wait_until(lambda: hub.run("doctor").returncode == 0, 30, "healthy again")
    finally:
        if alive(pid):
            kill(pid, signal.SIGCONT)


@pytest.mark.quick
def test_status_and_doctor_without_a_hub_say_so(cold_hub):
    assert cold_hub.run("status").returncode == 1
    doctor = cold_hub.run("doctor")
    assert doctor.returncode == 1
    assert "hubctl up" in doctor.stdout


@pytest.mark.thorough
def test_a_changed_migration_is_refused(hub):
    hub.down()
    hub.up()
    hub.sql("update schema_migration set checksum = repeat('0', 64) where version = 1")
    changed = hub.run("migrate")
    assert changed.returncode == 1
    assert "0001" in changed.stderr
    hub.down()
    again = hub.run("up", "--detach", *hub.arguments)
    assert again.returncode == 1
    assert "0001" in again.stderr
    wait_until(lambda: not hub.book(), what="the refused start has ended")


@pytest.mark.thorough
def test_only_the_cores_user_reaches_the_database(hub):
    core = hub.data / "core"
    assert core.stat().st_mode & 0o077 == 0
    hba = (core / "pg/pg_hba.conf").read_text().split("\n")
    assert [line for line in hba if line] == ["local all all peer map=hub"]
    listening = [p for p in pathlib.Path("/proc/net/tcp").read_text().split("\n")[1:] if p]
    postgres = {os.readlink(f) for f in pathlib.Path(f"/proc/{hub.pid('postgres')}/fd").iterdir()}
    assert not any(f"socket:[{line.split()[9]}]" in postgres for line in listening)


@pytest.mark.thorough
@pytest.mark.skipif(os.geteuid() != 0, reason="two users need root")
def test_the_outer_zone_reads_nothing_of_the_core(hub):
    import pwd
    import subprocess
    outer = pwd.getpwnam("uhub-dmz")
    assert os.stat(f"/proc/{hub.pid('dmzd')}").st_uid == outer.pw_uid
    assert os.stat(f"/proc/{hub.pid('hubd')}").st_uid == pwd.getpwnam("uhub").pw_uid
    looked = subprocess.run(["ls", hub.data / "core"], user=outer.pw_uid, group=outer.pw_gid, extra_groups=[],
                            capture_output=True, text=True)
    assert looked.returncode != 0 and "denied" in looked.stderr
    assert hub.status()["zones_share_user"] is False


@pytest.mark.thorough
@pytest.mark.slow
def test_the_core_ends_in_time_beside_a_zone_that_hangs(hub):
    was, zone = hub.pid("hubd"), [hub.pid("dmzd"), hub.pid("adapterd")]
    for pid in zone:
        kill(pid, signal.SIGSTOP)
    try:
        kill(was, signal.SIGTERM)
        wait_until(lambda: not os.path.exists(f"/proc/{was}"), 8, "hubd ended")
    finally:
        for pid in zone:
            kill(pid, signal.SIGCONT)
    wait_until(lambda: hub.pid("hubd") not in (0, was), 30, "hubd is back")
