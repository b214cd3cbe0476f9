"""The other side of a gateway for short messages: it takes texts to send, at the border, and keeps what it was told."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from tests.support.sms_gateway import headers_for
from tests.support.sms_road import SECRET


class SendingGateway:
    """A fake of a gateway, no mock of ours: an HTTP server that answers with `status`. Use as a context.

    `sent`: bodies that were signed and taken; `texts`: those of kannel's form; `calls`: the headers of every call;
    `paths`: where they came.
    """

    def __init__(self, status: int = 202) -> None:
        self.status = status
        self.sent: list[dict[str, Any]] = []
        self.texts: list[str] = []
        self.calls: list[Mapping[str, str]] = []
        self.paths: list[str] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                gateway._take(self.path, {name.lower(): text for name, text in self.headers.items()}, body)
                self.send_response(gateway.status)
                if gateway.status in range(300, 400):
                    self.send_header("Location", f"{gateway.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                gateway.paths.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "SendingGateway":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        self.paths.append(path)
        self.calls.append(headers)
        if "webhook-id" not in headers:
            self.texts.append(body.decode())
            return
        signed = headers_for(SECRET, headers["webhook-id"], body, int(headers["webhook-timestamp"]))
        if headers["webhook-signature"] == signed["webhook-signature"] and self.status in range(200, 300):
            self.sent.append(msgspec.json.decode(body))
