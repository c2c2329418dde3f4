"""
A payment provider for tests: a process of its own with its own HTTP door. It reads its orders from the hub's
feed, takes "money" at POST /pay, and calls the hub back, signed. It can be told to misbehave.

    sandbox_provider.py HUB_URL TOKEN_FILE KEY_FILE PORT_FILE
"""
import datetime
import hashlib
import hmac
import http.server
import json
import pathlib
import sys
import urllib.error
import urllib.request

HUB, TOKEN, KEY = sys.argv[1], pathlib.Path(sys.argv[2]).read_text().strip(), pathlib.Path(sys.argv[3]).read_bytes().strip()
BOOK = {}  # order → {"amount", "reference", "state"}


def call(path, body=None):
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    ask = urllib.request.Request(HUB + path, headers=headers, data=json.dumps(body).encode() if body is not None else None)
    try:
        with urllib.request.urlopen(ask, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as answer:
        return answer.code, json.loads(answer.read())


def orders():
    """What the hub's feed told us to collect and to give back."""
    _, feed = call("/v1/feed?after=0&limit=1000")
    return [item["body"] for entry in feed["entries"] for item in entry["items"]
            if item["body"].get("kind") in ("payment_order", "refund")]


def notice(order, amount, reference, key=KEY, minutes=0, currency="CNY"):
    time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
    time = time.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"order={order}\nreference={reference}\ncurrency={currency}\namount={amount}\ntime={time}\n"
    return {"order": order, "reference": reference, "currency": currency, "amount": amount, "time": time,
            "signature": hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}


def pay(ask):
    """{"order", "amount"?, "twist"?}: twists are what a broken or hostile provider does."""
    told = next((o for o in orders() if o["kind"] == "payment_order" and o["order"] == ask["order"]), None)
    if not told:
        return 404, {"error": "no such order in the feed"}
    entry = BOOK.setdefault(told["order"], {"amount": told["amount"], "reference": f"S{len(BOOK) + 1:06}", "state": "paid"})
    twists = {"key": {"key": b"another key of 16 bytes"}, "old": {"minutes": 20}, "currency": {"currency": "USD"}}
    more = twists.get(ask.get("twist"), {})
    reference = ask.get("reference", entry["reference"])
    status, answer = call("/v1/payments/callback", notice(told["order"], ask.get("amount", told["amount"]), reference, **more))
    return 200, {"hub": status, "answer": answer, "reference": entry["reference"]}


def settlement():
    for told in orders():
        if told["kind"] == "refund" and told["order"] in BOOK:
            BOOK[told["order"]]["state"] = "refunded"
    rows = ["kind,order,reference,amount"]
    for order, entry in sorted(BOOK.items()):
        amount = f"{entry['amount'] // 100}.{entry['amount'] % 100:02}"
        rows.append(f"payment,{order},{entry['reference']},{amount}")
        if entry["state"] == "refunded":
            rows.append(f"refund,{order},{entry['reference']},{amount}")
    return "\n".join(rows) + "\n"


class Door(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, said = pay(body)
        self.answer(status, json.dumps(said), "application/json")

    def do_GET(self):
        self.answer(200, settlement(), "text/csv")

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Door)
port = pathlib.Path(sys.argv[4])
port.with_suffix(".new").write_text(str(server.server_port))
port.with_suffix(".new").rename(port)
server.serve_forever()
