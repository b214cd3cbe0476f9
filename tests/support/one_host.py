"""One address for pages and intake, as the proxy of an installation makes it; a hostile host is played here too."""

import http.client
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

# Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]


class OneHost:
    """What is read comes from `pages`, what is sent goes to intake. Use as a context.

    `bend` changes what is answered at a path where somebody reads, `bend_sent` where somebody sends; an answer may say
    that it has more bytes than it has. While it `is_cut` off nobody is answered.
    """

    def __init__(self, pages: Callable[[str], Answer], intake: str) -> None:
        self.pages, self.intake = pages, intake
        self.bend: Callable[[str, Answer], Answer] = lambda _path, answer: answer
        self.bend_sent: Callable[[str, Answer], Answer] = lambda _path, answer: answer
        self.is_cut = False
        # What was read, in order.
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"host": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    host: OneHost

    def do_GET(self) -> None:
        self.host.asked.append(self.path)
        self._answer(self.host.bend(self.path, self.host.pages(self.path)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.host.is_cut:
            self.close_connection = True
            return
        answer = ask(self.host.intake, self.path, body, self.headers["Content-Type"])
        self._answer(self.host.bend_sent(self.path, answer))

    def _answer(self, answer: Answer) -> None:
        status, headers, body = answer
        # Whoever has enough of it hangs up.
        with suppress(ConnectionError):
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Nothing: tests read what was asked."""


def ask(server: str, path: str, body: bytes | None = None, content_type: str = "") -> Answer:
    """What a server answers: GET, or POST where there is a body."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc)
    headers = {"Content-Type": content_type} if body is not None else {}
    connection.request("GET" if body is None else "POST", path, body, headers)
    answer = connection.getresponse()
    found: Answer = (answer.status, {}, answer.read())
    connection.close()
    return found
