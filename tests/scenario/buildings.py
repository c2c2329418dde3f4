"""Simulated buildings on one Modbus server of pymodbus, a process of its own: unit N uses its natural power or what its set-point allows.

    python3 buildings.py POWER[:BEHAVIOUR]…    W each; "refuse": answers a set-point with an exception; "ignore": takes it and
                                                does nothing; "early": goes back to its natural power after three seconds

Holding register 0: power in 0.1 kW; 100: set-point in 0.1 kW; 101: how often it was set. The address goes to standard output.
"""
import asyncio
import socket
import sys
import time

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext
from pymodbus.datastore import ModbusSequentialDataBlock
from pymodbus.server import StartAsyncTcpServer


class Building(ModbusSlaveContext):
    def __init__(self, natural, behaviour):
        super().__init__(hr=ModbusSequentialDataBlock(0, [0] * 128), zero_mode=True)
        self.natural, self.behaviour, self.limit, self.since = natural // 100, behaviour, 65535, 0.0

    def validate(self, fc_as_hex, address, count=1):
        if self.behaviour == "refuse" and fc_as_hex in (6, 16):
            return False
        return super().validate(fc_as_hex, address, count)

    def setValues(self, fc_as_hex, address, values):
        super().setValues(fc_as_hex, address, values)
        if address == 100:
            self.limit, self.since = values[0], time.monotonic()
            super().setValues(3, 101, [super().getValues(3, 101)[0] + 1])

    def getValues(self, fc_as_hex, address, count=1):
        free = self.behaviour == "ignore" or (self.behaviour == "early" and time.monotonic() > self.since + 3)
        super().setValues(3, 0, [self.natural if free else min(self.natural, self.limit)])
        return super().getValues(fc_as_hex, address, count)


def main():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    units = [word.partition(":") for word in sys.argv[1:]]
    slaves = {i + 1: Building(int(power), behaviour) for i, (power, _, behaviour) in enumerate(units)}
    print(f"127.0.0.1:{port}", flush=True)
    asyncio.run(StartAsyncTcpServer(context=ModbusServerContext(slaves=slaves, single=False), address=("127.0.0.1", port)))


if __name__ == "__main__":
    main()
