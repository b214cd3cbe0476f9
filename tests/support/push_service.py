"""A push service on this machine, and a browser that it delivers to: real HTTP, real keys, real decryption."""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from egide.common.encoding import from_base64url, to_base64url

RECORDING = Path(__file__).parents[1] / "connectors" / "webpush_wire.json"


@dataclass
class Browser:
    """One subscription of one browser, with the private half of its keys."""

    endpoint: str
    private: int = field(default_factory=lambda: secrets.randbits(255) + 1)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def key(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.private, ec.SECP256R1())

    @property
    def subscription(self) -> dict[str, str]:
        """What `PushSubscription.toJSON` gives, laid flat."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "p256dh": to_base64url(point), "auth": to_base64url(self.secret)}

    def read(self, body: bytes) -> str:
        """The message, decrypted as the browser does it (RFC 8291). Raises http_ece.ECEException."""
        plain: bytes = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        return plain.decode()


@dataclass
class Delivery:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


class PushService:
    """Keeps what arrives; `answers` are the statuses that it gives first, by path, 201 afterwards."""

    def __init__(self, address: str) -> None:
        self.origin = address
        self.deliveries: list[Delivery] = []
        self.arrived = threading.Semaphore(0)
        self.answers: dict[str, list[int]] = {}
        # Said beside an answer of 429.
        self.retry_after = ""
        self.may_answer = threading.Event()
        self.may_answer.set()

    def browser(self, name: str) -> Browser:
        return Browser(f"{self.origin}/push/{name}")

    def answer(self, delivery: Delivery) -> int:
        self.deliveries.append(delivery)
        self.arrived.release()
        self.may_answer.wait()
        waiting = self.answers.get(delivery.path.rsplit("/", 1)[-1], [])
        return waiting.pop(0) if waiting else 201

    def next(self, within_s: float = 20) -> Delivery:
        """The next delivery that nobody has asked for yet."""
        taken = len(self.deliveries) - self.arrived._value
        assert self.arrived.acquire(timeout=within_s), "nothing arrived"
        return self.deliveries[taken]


@contextmanager
def push_service() -> Iterator[PushService]:
    """One that listens on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = service.answer(Delivery(self.path, headers, body))
            self.send_response(status)
            if status == 307:
                self.send_header("Location", f"{service.origin}/push/elsewhere")
            if status == 429 and service.retry_after:
                self.send_header("Retry-After", service.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = PushService(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield service
    service.may_answer.set()
    server.shutdown()
    server.server_close()


def recorded() -> tuple[Browser, Delivery]:
    """The exchange that was recorded, with the keys of the browser that it was meant for."""
    kept = json.loads(RECORDING.read_text())
    browser = Browser(kept["endpoint"], int(kept["private"], 16), bytes.fromhex(kept["secret"]))
    return browser, Delivery(kept["path"], kept["headers"], from_base64url(kept["body"]))


def record(browser: Browser, delivery: Delivery) -> None:
    """Keep an exchange; the keys were made for it and open nothing else."""
    kept = {
        "endpoint": browser.endpoint,
        "private": f"{browser.private:x}",
        "secret": browser.secret.hex(),
        "path": delivery.path,
        "headers": delivery.headers,
        "body": to_base64url(delivery.body),
    }
    RECORDING.write_text(json.dumps(kept, indent=1) + "\n")
