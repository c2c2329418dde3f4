"""Every program and every adapter tells its options, without a hub and without a right."""
import pytest


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
