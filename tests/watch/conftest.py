"""Real receivers on this machine for the second road: an SMTP server and an HTTP server."""

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.certificates import Authority
from tests.support.mailbox import HERE, Mailbox, serving


@pytest.fixture
def mailbox(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Mailbox]]:
    """One whose certificate this process and those that it starts trust."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    with serving(authority.server(HERE)) as served:
        yield served


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
