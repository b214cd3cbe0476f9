"""Real receivers on this machine for the second road: an SMTP server and an HTTP server."""

import json
import queue
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Mailbox:
    """A real SMTP server on this machine that keeps what it receives."""

    def __init__(self) -> None:
        self.mails: queue.SimpleQueue[Any] = queue.SimpleQueue()

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.mails.put(envelope)
        return "250 kept"


@pytest.fixture
def mailbox() -> Iterator[tuple[str, Mailbox]]:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as free:
        port = free.server_address[1]
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}", box
    controller.stop()


@pytest.fixture
def receiver() -> Iterator[tuple[str, queue.SimpleQueue[dict[str, str]], list[int]]]:
    """A real HTTP server; `answers` are the statuses that it gives first."""
    calls: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
    answers: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            calls.put(body | {"key": self.headers["Idempotency-Key"]})
            self.send_response(answers.pop(0) if answers else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/alert", calls, answers
    server.shutdown()
    server.server_close()
