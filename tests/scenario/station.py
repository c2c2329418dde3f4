"""A charge point over a real WebSocket, with its own idea of RFC 6455 and OCPP-J 1.6."""
import base64
import json
import os
import secrets
import socket
import ssl
import struct
import urllib.parse


class Refused(Exception):
    def __init__(self, status, head):
        super().__init__(f"HTTP {status}: {head}")
        self.status = status


class Closed(Exception):
    pass


class Socket:
    """A client's WebSocket: text in, text out."""

    def __init__(self, port, path, user=None, password=None, tls=None, protocols=("ocpp1.6",), timeout=10):
        sock = socket.create_connection(("127.0.0.1", port), timeout)
        self.sock = tls.wrap_socket(sock, server_hostname="localhost") if tls else sock
        self.pending = b""
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
        if protocols:
            lines.append(f"Sec-WebSocket-Protocol: {', '.join(protocols)}")
        if user is not None:
            word = password if isinstance(password, bytes) else password.encode()
            lines.append("Authorization: Basic " + base64.b64encode(user.encode() + b":" + word).decode())
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._some()
        head, self.pending = head.split(b"\r\n\r\n", 1)
        self.head = head.decode()
        status = int(self.head.split()[1])
        if status != 101:
            self.sock.close()
            raise Refused(status, self.head)

    def _some(self):
        chunk = self.sock.recv(65536)
        if not chunk:
            raise Closed("the connection ended")
        return chunk

    def _bytes(self, count):
        while len(self.pending) < count:
            self.pending += self._some()
        taken, self.pending = self.pending[:count], self.pending[count:]
        return taken

    def frame(self, opcode, payload, final=True):
        mask = os.urandom(4)
        head = bytes([opcode | (0x80 if final else 0)])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 65536:
            head += bytes([0xfe]) + struct.pack(">H", len(payload))
        else:
            head += bytes([0xff]) + struct.pack(">Q", len(payload))
        masked = bytes(b ^ mask[i & 3] for i, b in enumerate(payload))
        self.sock.sendall(head + mask + masked)

    def send(self, text):
        self.frame(1, text.encode())

    def receive(self):
        """The next text; pings are answered on the way."""
        while True:
            first, second = self._bytes(2)
            size = second & 0x7f
            if size == 126:
                size = struct.unpack(">H", self._bytes(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self._bytes(8))[0]
            payload = self._bytes(size)
            opcode = first & 0x0f
            if opcode == 9:
                self.frame(10, payload)
            elif opcode == 8:
                raise Closed(struct.unpack(">H", payload[:2])[0] if payload else 1005)
            elif opcode == 1:
                return payload.decode()

    def close(self):
        self.sock.close()


class Station:
    """Asks and answers; what the central system asks goes to `answers` by action."""

    def __init__(self, name, port, **how):
        self.name, self.port, self.how = name, port, how
        self.answers, self.asked = {}, []
        self.socket = None

    def connect(self):
        self.socket = Socket(self.port, "/ocpp/" + urllib.parse.quote(self.name, safe=""), **self.how)
        return self

    def call(self, action, payload, number=None):
        """The answer's payload; for a CALLERROR its code as a text."""
        number = number or secrets.token_hex(8)
        self.socket.send(json.dumps([2, number, action, payload]))
        while True:
            message = json.loads(self.socket.receive())
            if message[0] == 2:
                self.answer(message)
            elif message[1] == number:
                return message[2]

    def answer(self, message):
        self.asked.append((message[2], message[3]))
        answer = self.answers.get(message[2], {"status": "Accepted"})
        if answer is not None:
            self.socket.send(json.dumps([3, message[1], answer]))

    def serve(self):
        """The next thing the central system asks."""
        message = json.loads(self.socket.receive())
        assert message[0] == 2, message
        self.answer(message)
        return message

    def boot(self):
        return self.call("BootNotification", {"chargePointVendor": "Simulated", "chargePointModel": "S1"})

    def start(self, tag, wh, time, connector=1, **more):
        return self.call("StartTransaction", {"connectorId": connector, "idTag": tag, "meterStart": wh, "timestamp": time},
                         **more)

    def meter(self, transaction, wh, time, connector=1, **more):
        return self.call("MeterValues", {"connectorId": connector, "transactionId": transaction, "meterValue": [
            {"timestamp": time, "sampledValue": [{"value": str(wh), "measurand": "Energy.Active.Import.Register"}]}]}, **more)

    def stop(self, transaction, wh, time, reason="EVDisconnected", **more):
        return self.call("StopTransaction", {"transactionId": transaction, "meterStop": wh, "timestamp": time,
                                             "reason": reason}, **more)

    def close(self):
        if self.socket:
            self.socket.close()


def trust(path, cert=None, key=None):
    """A TLS client that trusts the hub's own authority."""
    context = ssl.create_default_context(cafile=str(path))
    if cert:
        context.load_cert_chain(cert, key)
    return context
