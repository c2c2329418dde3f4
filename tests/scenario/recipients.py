"""Recipients of webhooks on loopback, each on a port of its own, all in one event loop, behaving as they are told."""
import asyncio
import base64
import json
import threading

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(signature, body, keys):
    """The header of a detached JWS over the body; raises if no key of the JWKS made it."""
    head, _, mark = signature.split(".")
    header = json.loads(decode(head))
    key = next(k for k in keys["keys"] if k["kid"] == header["kid"])
    numbers = (int.from_bytes(decode(key[part]), "big") for part in "xy")
    r, s = decode(mark)[:32], decode(mark)[32:]
    signed = head.encode() + b"." + base64.urlsafe_b64encode(body).rstrip(b"=")
    ec.EllipticCurvePublicNumbers(*numbers, ec.SECP256R1()).public_key().verify(
        utils.encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big")), signed, ec.ECDSA(hashes.SHA256()))
    return header


class Recipient:
    """mode: None answers 200, else a function of the request's number: "refuse", "hang", "garbage", "die", "slow" or None."""

    def __init__(self, mode=None, echo=True, keys=None, path="/in"):
        self.mode, self.echo, self.keys = mode, echo, keys
        self.requests, self.refused = 0, 0
        self.bodies = []  # taken, in order: (headers, body)
        self.entries = []  # of bodies: (id, position, number of items)
        self.path, self.port = path, None
        self.order_broken = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.path}"

    def distinct(self):
        """Ids in the order of their first coming."""
        return list(dict.fromkeys(e[0] for e in self.entries))

    def take(self, headers, body):
        if self.keys:
            header = verify(headers["hub-signature"], body, self.keys)
            assert header["aud"] == self.url and header["jti"] == headers["hub-id"], header
        message = json.loads(body)
        self.bodies.append((headers, body))
        if message.get("test"):
            return b"thank you"
        if "challenge" in message:
            return message["challenge"].encode() if self.echo else b"no"
        for entry in message["entries"]:
            self.entries.append((entry["id"], entry["position"], len(entry["items"])))
        return b"ok"

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = head.split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.requests += 1
                mode = self.mode(self.requests) if self.mode and b'"challenge"' not in body else None
                if mode == "hang":
                    await asyncio.sleep(60)
                    return
                if mode == "die":
                    writer.transport.abort()
                    return
                if mode == "garbage":
                    writer.write(b"\x00\xffnot HTTP\r\n\r\n")
                    await writer.drain()
                    writer.close()
                    return
                if mode == "slow":
                    await asyncio.sleep(0.3)
                if mode == "refuse":
                    self.refused += 1
                    writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\nnot today")
                elif isinstance(mode, bytes):
                    writer.write(mode)
                else:
                    said = self.take(headers, body)
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class Street:
    """The loop in which recipients live, in a thread of its own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.servers = []
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def move_in(self, recipient):
        async def open_door():
            server = await asyncio.start_server(recipient.serve, "127.0.0.1", recipient.port or 0, limit=1 << 21)
            recipient.port = server.sockets[0].getsockname()[1]
            self.servers.append(server)
            return server
        recipient.server = asyncio.run_coroutine_threadsafe(open_door(), self.loop).result(10)
        return recipient

    def close(self):
        async def end():
            for server in self.servers:
                server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
        asyncio.run_coroutine_threadsafe(end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
