"""A proxy before a real intake, as many an installation has one: away now and then, and whenever intake is."""

import random
import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from egide.protocol.envelope import Kind, decode

# What proxies say themselves, and intake where its disk is full.
AWAY = (502, 503, 504, 507)
# Longer than an intake is stopped for, or needs to begin.
PATIENCE_S = 120.0
_HANDED_ON = ("content-type", "retry-after")


class Proxy:
    """Hands on what comes to `url`, but says that the server is away to about one message in `seldom` (0: to none), and
    to up to two behind it; never to a press, whose own pauses would hold it up. Use as a context."""

    def __init__(self, upstream: str, chance: random.Random, seldom: int) -> None:
        self.refused = 0
        self._upstream = urlsplit(upstream)
        self._chance = chance
        self._seldom = seldom
        self._left = 0
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(*proxy.hand_on("GET", self.path, {}, b""))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                self._answer(*proxy.take(self.path, {"content-type": self.headers["content-type"]}, body))

            def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                with suppress(ConnectionError):  # A phone that waits no longer.
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, format: str, *values: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        is_bulk = path == "/v1/messages" and decode(body).message.kind is not Kind.PRESS
        if is_bulk and self._is_away():
            return self._chance.choice(AWAY), {"retry-after": "1"}, b""
        return self.hand_on("POST", path, headers, body)

    def _is_away(self) -> bool:
        with self._lock:
            if self._seldom and not self._left and self._chance.randrange(self._seldom) == 0:
                self._left = self._chance.randrange(1, 4)
            if not self._left:
                return False
            self._left -= 1
            self.refused += 1
            return True

    def hand_on(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        assert self._upstream.hostname is not None
        upstream = HTTPConnection(self._upstream.hostname, self._upstream.port, timeout=PATIENCE_S)
        try:
            upstream.request(method, path, body or None, headers)
            answer = upstream.getresponse()
            said = {name: answer.headers[name] for name in _HANDED_ON if name in answer.headers}
            return answer.status, said, answer.read()
        except (OSError, HTTPException):
            with self._lock:
                self.refused += 1
            return 502, {}, b""
        finally:
            upstream.close()
