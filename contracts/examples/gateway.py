"""A gateway for text messages: it hands on what came to its number, and sends what Egide gives it.

    python gateway.py text SERVER SECRET_FILE TEXT [FROM]          hand on a text
    python gateway.py binary SERVER SECRET_FILE UDH DATA [FROM]    hand on a binary message, both parts in hexadecimal
    python gateway.py listen PORT SECRET_FILE                      take what is to be sent (here: print it)

SERVER is the address of the road for short messages. Needs Python 3.11 and nothing else. TLS is for a proxy in front.
"""

import base64
import hashlib
import hmac
import http.server
import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

WINDOW_S = 300
PAUSES_S = (1, 2, 5, 10, 30)
# What another call of the same message will not change: something is wrong with this program, or with its settings.
FAULTS = (400, 401, 404, 405, 413, 415)


def keys(secret_file: str) -> list[bytes]:
    """The secrets of a file, one in a line; two while one is being changed."""
    lines = Path(secret_file).read_text(encoding="utf-8").split()
    return [base64.b64decode(line.removeprefix("whsec_")) for line in lines]


def signature(key: bytes, identity: str, timestamp: str, body: bytes) -> str:
    signed = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


class StayHere(urllib.request.HTTPRedirectHandler):
    """Nobody leads a press elsewhere."""

    def redirect_request(self, *_: object) -> None:
        return None


CALLER = urllib.request.build_opener(StayHere())


def call(url: str, secret_file: str, identity: str, body: bytes) -> tuple[int, bytes, int]:
    """One try, signed anew: the status (0 where nobody answers), the answer, and when to ask again, in seconds."""
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(keys(secret_file)[0], identity, timestamp, body),
    }
    try:
        with CALLER.open(urllib.request.Request(url, body, headers), timeout=5) as answer:
            return answer.status, answer.read(), 0
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read(), int(refused.headers.get("Retry-After", "0"))
    except OSError:
        return 0, b"", 0


def hand_on(server: str, secret_file: str, message: dict) -> None:
    """Until Egide has it. A real gateway keeps the message on its disk until then, and tries for a day at least."""
    # No number in it: it stands in Egide's log when half of a press stays alone.
    identity, body, tries = f"in_{secrets.token_hex(8)}", json.dumps(message).encode(), 0
    while True:
        status, said, wait_s = call(f"{server}/v1/sms", secret_file, identity, body)
        if 200 <= status < 300:
            print(said.decode())
            return
        if status in FAULTS:
            # A real one keeps the message, tells somebody, and goes on once that is mended.
            sys.exit(f"refused: {status} {said.decode()}")
        time.sleep(wait_s or PAUSES_S[min(tries, len(PAUSES_S) - 1)])
        tries += 1


def is_theirs(secret_file: str, given: dict[str, str], body: bytes) -> bool:
    """Whether Egide signed this within the last minutes. `given`: header names in small letters."""
    identity, timestamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(time.time() - int(timestamp)) > WINDOW_S:
        return False
    said = given.get("webhook-signature", "").split(" ")
    ours = [signature(key, identity, timestamp, body) for key in keys(secret_file)]
    return any(hmac.compare_digest(one.encode(), other.encode()) for one in ours for other in said)


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes what is signed; knows a text that comes again by its id."""

    secret_file = ""
    # A real gateway has them on its disk, for a day.
    sent: set[str] = set()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        given = {key.lower(): value for key, value in self.headers.items()}
        if not is_theirs(self.secret_file, given, body):
            self.reply(401)
            return
        if given["webhook-id"] not in self.sent:
            self.sent.add(given["webhook-id"])
            message = json.loads(body)
            # On its disk before it answers; here this is all the sending there is.
            print(json.dumps({"to": message["to"], "text": message["text"]}), flush=True)
        self.reply(202)

    def reply(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Neither a number nor a text goes into a log."""


def sender(given: list[str]) -> dict[str, str]:
    return {"from": given[0]} if given else {}


def main() -> None:
    match sys.argv[1:]:
        case ["text", server, secret_file, text, *given] if len(given) < 2:
            hand_on(server, secret_file, {"text": text} | sender(given))
        case ["binary", server, secret_file, udh, data, *given] if len(given) < 2:
            hand_on(server, secret_file, {"udh": udh, "data": data} | sender(given))
        case ["listen", port, secret_file]:
            Handler.secret_file = secret_file
            server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
            print(json.dumps({"port": server.server_port}), flush=True)
            server.serve_forever()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
