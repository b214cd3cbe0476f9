"""A real SMTP server on this machine that keeps what it receives, with or without STARTTLS."""

import queue
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller

HERE = "127.0.0.1"


class Mailbox:
    """What came in, and whether each mail came under TLS."""

    def __init__(self) -> None:
        self.mails: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.was_sealed: queue.SimpleQueue[bool] = queue.SimpleQueue()

    async def handle_DATA(self, _server: object, session: Any, envelope: Any) -> str:
        self.was_sealed.put(session.ssl is not None)
        self.mails.put(envelope)
        return "250 kept"


@contextmanager
def serving(shows: ssl.SSLContext | None) -> Iterator[tuple[str, Mailbox]]:
    """(smtp://host:port, the box); `shows` is what it answers STARTTLS with, None for a server that offers none."""
    with socketserver.TCPServer((HERE, 0), socketserver.BaseRequestHandler) as free:
        port = free.server_address[1]
    box = Mailbox()
    controller = Controller(box, hostname=HERE, port=port, tls_context=shows)
    controller.start()
    try:
        yield f"smtp://{HERE}:{port}", box
    finally:
        controller.stop()
