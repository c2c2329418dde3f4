"""A home gateway over MQTT (a client of its own library): rooms that use power, set-points that it takes, answers that it gives.

It carries a command out once by its id, says the same again when it is asked again, and does nothing that has expired.
"""
import datetime
import json

from test_mqtt import Client


class HomeGateway:
    def __init__(self, port, party, token, rooms, refusing=()):
        """rooms: natural power in W by meter."""
        self.party, self.rooms, self.refusing = party, rooms, set(refusing)
        self.limits, self.answers, self.heard, self.done = {}, {}, [], []
        self.client = Client(port, party, token)
        self.client.on_message = self.on_message
        self.client.subscribe(f"hub/v1/{party}/out/command", qos=1)

    def on_message(self, client, user, message):
        order = json.loads(message.payload)
        number = order["command"]
        self.heard.append(order)
        if number not in self.answers:
            self.answers[number] = self.obey(order)
        client.publish(f"hub/v1/{self.party}/in/results", json.dumps({"command": number, **self.answers[number]}), qos=1)

    def obey(self, order):
        now = datetime.datetime.now(datetime.timezone.utc)
        if datetime.datetime.fromisoformat(order["expires"].replace("Z", "+00:00")) <= now:
            return {"state": "refused", "reason": "expired"}
        if order["kind"] != "set_point" or order["meter"] not in self.rooms or order["meter"] in self.refusing:
            return {"state": "refused", "reason": "locked" if order["meter"] in self.refusing else "unknown"}
        self.done.append((order["command"], order["meter"], order["arguments"]["value"]))
        self.limits[order["meter"]] = round(float(order["arguments"]["value"]) * 1000)
        return {"state": "confirmed", "details": {"value": order["arguments"]["value"]}}

    def power(self, meter):
        return min(self.rooms[meter], self.limits.get(meter, self.rooms[meter]))

    def report(self, when):
        self.client.publish(f"hub/v1/{self.party}/in/power", json.dumps([
            {"meter": m, "quantity": "active_power", "kind": "instant", "unit": "kW", "value": f"{self.power(m) / 1000:.3f}", "time": when}
            for m in self.rooms]), qos=1)

    def close(self):
        self.client.close()
