"""Water and gas meters behind concentrators that speak CJ/T 188: polled, stored, handed to their own utility."""
import contextlib
import subprocess

import pytest

from feeds import items, party
from hub import wait_until


@contextlib.contextmanager
def line(hub, *words):
    """Simulated meters on a port; where it is."""
    process = subprocess.Popen([hub.bin / "sim_cjt188", "--listen", "0", *words], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def instance(hub, name, owner, address, *settings):
    hub.ctl("instance", "add", name, "--party", owner, "--adapter", "cjt188", "--option", "interval=1",
            *(w for s in settings for w in ("--option", s)), "--transport", "kind=tcp_client", "--transport", f"dial={address}")


@pytest.mark.thorough
def test_water_and_gas_come_out_at_their_own_utility(hub):
    water = party(hub, "water", ("W1", "water", "00000000000001"), ("W2", "water", "00000000000002"))
    gas = party(hub, "gas", ("G1", "gas", "00000000000009"))
    with line(hub, "--count", "2", "--litres-per-hour", "36000", "--speed", "10") as first, \
            line(hub, "--first", "9", "--type", "30", "--2018") as second:
        instance(hub, "estate-water", "water", first)
        instance(hub, "estate-gas", "gas", second, "type=30", "identifier_order=2018")
        seen = lambda token, quantity: {i["point"] for i in items(hub, token) if i.get("quantity") == quantity}
        wait_until(lambda: seen(water, "water_volume") == {"W1", "W2"}, 60, "both water meters")
        wait_until(lambda: seen(gas, "gas_volume") == {"G1"}, 60, "the gas meter")
        assert seen(gas, "valve_state") == {"G1"} and seen(water, "valve_state") == {"W1", "W2"}
        standing = lambda: [float(i["value"]) for i in items(hub, water)
                            if i.get("quantity") == "water_volume" and i["point"] == "W1"]
        wait_until(lambda: len(standing()) >= 2 and standing()[-1] > standing()[0], 60, "the register rises")
    assert not seen(water, "gas_volume") and not seen(gas, "water_volume")
