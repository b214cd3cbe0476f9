"""A dispatch system: it is told of alarms, or fetches them, and answers. Without any of Egide's software.

    python dispatch.py listen PORT PAGES NAME SECRET_FILE         be called; say of each alarm that it is shown
    python dispatch.py fetch PAGES NAME SECRET_FILE               fetch once what is due, and say that it was taken
    python dispatch.py answer PAGES NAME SECRET_FILE ANSWER       say something of an alarm, as JSON

PAGES is the address of Egide's pages. Needs Python 3.11 and nothing else. Behind a proxy that brings TLS.
"""

import base64
import hashlib
import hmac
import http.server
import json
import secrets
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

WINDOW_S = 300


def keys(secret_file: str) -> list[bytes]:
    """The secrets of a file, one in a line; two while one is being changed."""
    lines = Path(secret_file).read_text(encoding="utf-8").split()
    return [base64.b64decode(line.removeprefix("whsec_")) for line in lines]


def signature(key: bytes, identity: str, timestamp: str, body: bytes) -> str:
    signed = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def headers(secret_file: str, body: bytes) -> dict[str, str]:
    """Signed anew for each try."""
    identity, timestamp = f"msg_{secrets.token_hex(8)}", str(int(time.time()))
    return {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(keys(secret_file)[0], identity, timestamp, body),
    }


def is_theirs(secret_file: str, given: dict[str, str], body: bytes) -> bool:
    """Whether Egide signed this within the last minutes. `given`: header names in small letters."""
    identity, timestamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(time.time() - int(timestamp)) > WINDOW_S:
        return False
    said = given.get("webhook-signature", "").split(" ")
    ours = [signature(key, identity, timestamp, body) for key in keys(secret_file)]
    return any(hmac.compare_digest(one.encode(), other.encode()) for one in ours for other in said)


def call(url: str, secret_file: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Until somebody answers with more than that it cannot now."""
    while True:
        request = urllib.request.Request(url, body, headers(secret_file, body or b""))
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            if refused.code != 503:
                return refused.code, b""
        except OSError as error:
            print(f"nobody answers: {error}", file=sys.stderr)
        time.sleep(2)


def answer(pages: str, name: str, secret_file: str, said: dict) -> int:
    status, _body = call(f"{pages}/dispatch/{name}/answers", secret_file, json.dumps(said).encode())
    return status


def fetch(pages: str, name: str, secret_file: str) -> None:
    """Write each message down (here: print it), then say that it was taken."""
    status, body = call(f"{pages}/dispatch/{name}/messages", secret_file)
    if status != 200:
        sys.exit(f"refused: {status}")
    for message in json.loads(body)["messages"]:
        print(json.dumps(message), flush=True)
        taken = {"type": "message.taken", "alarm": message["alarm"], "message": message["id"]}
        print(json.dumps({"taken": answer(pages, name, secret_file, taken)}), flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes what is signed; knows a message that comes again by its id."""

    pages = name = secret_file = ""
    seen: set[str] = set()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not is_theirs(self.secret_file, {key.lower(): value for key, value in self.headers.items()}, body):
            self.reply(401)
            return
        message = json.loads(body)
        is_new = message["id"] not in self.seen
        if is_new:
            # A real system writes it to its disk first: 200 says that it will not be lost.
            self.seen.add(message["id"])
            print(json.dumps(message), flush=True)
        self.reply(200)
        if is_new and message["type"] == "alarm.raised":
            said = {
                "type": "alarm.shown",
                "alarm": message["alarm"],
                "by": "Op. 7",
                "reference": "2027-000123",
            }
            threading.Thread(target=self.tell, args=(said,)).start()

    def tell(self, said: dict) -> None:
        print(json.dumps({"answered": answer(self.pages, self.name, self.secret_file, said)}), flush=True)

    def reply(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing of an alarm goes into a log."""


def main() -> None:
    match sys.argv[1:]:
        case ["listen", port, pages, name, secret_file]:
            Handler.pages, Handler.name, Handler.secret_file = pages, name, secret_file
            server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
            print(json.dumps({"port": server.server_port}), flush=True)
            server.serve_forever()
        case ["fetch", pages, name, secret_file]:
            fetch(pages, name, secret_file)
        case ["answer", pages, name, secret_file, said]:
            print(json.dumps({"answered": answer(pages, name, secret_file, json.loads(said))}))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
