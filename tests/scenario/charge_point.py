"""A charge point that works: it keeps settings, profiles and a local list, and writes down all it was told."""
import json
import secrets
import threading

from station import Closed, Station


class ChargePoint:
    """Answers by itself on a thread; `rules` overrule by action: an answer, None for silence, or a function of the payload."""

    def __init__(self, station, honest=True):
        self.station, self.honest = station, honest
        self.told, self.rules, self.settings, self.limits, self.version = [], {}, {"HeartbeatInterval": "300"}, {}, 0
        self.answers, self.lock, self.ended = {}, threading.Condition(), False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while True:
                message = json.loads(self.station.socket.receive())
                if message[0] == 2:
                    self.obey(message)
                else:
                    with self.lock:
                        self.answers[message[1]] = message
                        self.lock.notify_all()
        except (Closed, OSError, ValueError):
            with self.lock:
                self.ended = True
                self.lock.notify_all()

    def call(self, action, payload):
        number = secrets.token_hex(8)
        with self.lock:
            self.station.socket.send(json.dumps([2, number, action, payload]))
            assert self.lock.wait_for(lambda: number in self.answers or self.ended, 20) and number in self.answers
            return self.answers.pop(number)[2]

    def obey(self, message):
        _, number, action, payload = message
        with self.lock:
            self.told.append((action, payload))
            rule = self.rules.get(action, getattr(self, action, {"status": "Accepted"}))
            answer = rule(payload) if callable(rule) else rule
            if answer is not None:
                self.station.socket.send(json.dumps([3, number, answer] if isinstance(answer, dict) else [4, number, answer, "", {}]))

    def actions(self, name):
        with self.lock:
            return [payload for action, payload in self.told if action == name]

    def SetChargingProfile(self, payload):
        schedule = payload["csChargingProfiles"]["chargingSchedule"]
        if self.honest:
            self.limits[payload["connectorId"]] = schedule["chargingSchedulePeriod"][0]["limit"]
        return {"status": "Accepted"}

    def GetCompositeSchedule(self, payload):
        limits = [self.limits[k] for k in (0, payload["connectorId"]) if k in self.limits]
        return {"status": "Accepted", "connectorId": payload["connectorId"], "scheduleStart": "2026-01-01T00:00:00Z", "chargingSchedule": {
            "duration": payload["duration"], "chargingRateUnit": payload.get("chargingRateUnit", "W"),
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": min(limits, default=22000)}]}}

    def ChangeConfiguration(self, payload):
        if payload["key"] not in self.settings:
            return {"status": "NotSupported"}
        if self.honest:
            self.settings[payload["key"]] = payload["value"]
        return {"status": "Accepted"}

    def GetConfiguration(self, payload):
        wanted = payload.get("key") or list(self.settings)
        return {"configurationKey": [{"key": k, "readonly": False, "value": self.settings[k]} for k in wanted if k in self.settings],
                "unknownKey": [k for k in wanted if k not in self.settings]}

    def SendLocalList(self, payload):
        self.version = payload["listVersion"]
        return {"status": "Accepted"}

    def GetLocalListVersion(self, payload):
        return {"listVersion": self.version}

    def UnlockConnector(self, payload):
        return {"status": "Unlocked"}

    def GetDiagnostics(self, payload):
        return {"fileName": "diagnostics.tar"}

    def UpdateFirmware(self, payload):
        return {}

    def GetInstalledCertificateIds(self, payload):
        return {"status": "NotFound"}

    def close(self):
        self.station.close()
        self.thread.join(10)


def plug_in(hub, name, **how):
    """The station's charge point, connected."""
    from test_charger import join
    return ChargePoint(join(hub, name), **how)


__all__ = ["ChargePoint", "Station", "plug_in"]
