"""The simulated devices of a city by themselves, asked over their own protocols: what is ordered of them they do."""
import contextlib
import json
import socket
import struct
import subprocess
import time

from hub import directory, programs, wait_until

ENERGY = 62  # register of a building's main meter, in 10 Wh


@contextlib.contextmanager
def buildings(place, count):
    """A line with the main meters of a city's first buildings."""
    hour = int(time.time()) // 3600 * 3600
    plan = {"seed": 5, "homes": 32, "months": 1, "from": (hour - 864000) * 1000000, "until": hour * 1000000, "leaks": hour * 1000000, "faults": ""}
    (place / "city.json").write_text(json.dumps(plan, separators=(",", ":")))
    device = subprocess.Popen([programs() / "sim_modbus", "--listen", "0", "--units", str(count), "--city", place / "city.json"],
                              stdout=subprocess.PIPE, text=True)
    try:
        host, port = device.stdout.readline().strip().split(":")
        with socket.create_connection((host, int(port)), 10) as line:
            yield line
    finally:
        device.kill()
        device.wait(10)


def ask(line, *units):
    """Energy by unit, of those who answer; the last one must."""
    for number, unit in enumerate(units, 1):
        line.sendall(struct.pack(">HHHBBHH", number, 0, 6, unit, 3, ENERGY, 2))
    told = {}
    while units[-1] not in told:
        head = line.recv(9, socket.MSG_WAITALL)
        assert len(head) == 9 and head[7] == 3, head
        told[head[6]] = struct.unpack(">i", line.recv(4, socket.MSG_WAITALL))[0]
    return told


def test_a_silent_building_answers_nothing():
    with directory() as place, buildings(place, 2) as line:
        line.settimeout(20)
        before = ask(line, 2, 1)
        assert before[1] > 1000 and before[2] > 1000
        (place / "city.json.faults").write_text("building 2 silent\n")
        wait_until(lambda: 2 not in ask(line, 2, 1), 20, "it is silent")
        assert set(ask(line, 2, 2, 1)) == {1}
        (place / "city.json.faults").write_text("")
        again = wait_until(lambda: (told := ask(line, 2, 1)) and 2 in told and told, 20, "it speaks again")
        assert before[2] <= again[2] < before[2] + 100000
        (place / "city.json.faults").write_text("building 1 spike\n")
        wait_until(lambda: ask(line, 1)[1] >= again[1] + 100000, 20, "its register is 1,000 kWh higher")
