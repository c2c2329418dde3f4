"""Every program and every adapter tells its options, without a hub and without a right; bad settings are refused where they are given."""
import pytest

from hub import wait_until


@pytest.mark.quick
@pytest.mark.parametrize("name, option", [("hub", "http_listen"), ("hubd", "intake_future"), ("adapterd", "modules"),
                                          ("dmzd", "body_time"), ("egress", "allow")])
def test_a_program_shows_its_options(cold_hub, name, option):
    lines = cold_hub.ctl("show", "options", name).splitlines()
    assert any(line.startswith(f"{option} = ") for line in lines)


@pytest.mark.quick
def test_an_adapter_shows_its_options(cold_hub):
    names = cold_hub.ctl("show", "adapter").split()
    assert {"csv", "dlt645", "mqtt_json"} <= set(names)
    for name in names:
        assert cold_hub.ctl("show", "adapter", name).startswith(f"# {name} ")
    missing = cold_hub.run("show", "adapter", "nope")
    assert missing.returncode != 0 and "adapter.unknown" in missing.stderr


def test_an_instance_that_could_not_run_is_refused_at_once(hub):
    hub.ctl("party", "add", "water")
    add = lambda *more: hub.run("instance", "add", "line", "--party", "water", *more)
    tcp = ("--transport", "kind=tcp_client", "--transport", "dial=127.0.0.1:1")
    for words, code in (
            (("--adapter", "cjt188", "--transport", "kind=tcp_client", "--transport", "connect=127.0.0.1:1"), "instance.transport"),
            (("--adapter", "cjt188", "--option", "type=99", *tcp), "cjt188.option"),
            (("--adapter", "no_such", *tcp), "adapter.unknown"),
            (("--adapter", "dlt645", "--option", "colour=red", *tcp), "option"),
            (("--adapter", "dlt645", "--journal", "bytes=1", *tcp), "instance.journal")):
        done = add(*words)
        assert done.returncode != 0 and code in done.stderr, (words, done.stderr)
    assert not hub.ctl("instance", "list").strip()
    assert add("--adapter", "dlt645", "--option", "interval=0", *tcp).returncode == 0
    wait_until(lambda: hub.run("doctor").returncode == 0, 30, "it runs")
