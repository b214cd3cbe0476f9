"""A server that takes a request and then does what no server should; it keeps what came."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Lying:
    """`url` is where it listens; `came` is all that it was told."""

    def __init__(self, port: int) -> None:
        self.url = f"sip:127.0.0.1:{port};transport=tcp"
        self.port = port
        self.came: list[bytes] = []


def branch_in(request: bytes) -> bytes:
    return request.partition(b"branch=")[2].partition(b"\r\n")[0]


def number_in(request: bytes) -> bytes:
    return request.partition(b"CSeq: ")[2].partition(b" ")[0]


def answer_to(request: bytes, status: str = "200 OK", more: str = "", body: str = "") -> bytes:
    """As it should be."""
    head = (
        f"SIP/2.0 {status}\r\nVia: SIP/2.0/TCP 127.0.0.1:4;branch={branch_in(request).decode()}\r\n"
        f"CSeq: {number_in(request).decode()} MESSAGE\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body.encode()


@contextmanager
def lying(answer: Callable[[bytes], Iterator[bytes]]) -> Iterator[Lying]:
    """It sends what `answer` gives for each request, piece by piece, and then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Lying(listener.getsockname()[1])

    def serve() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    server.came.append(_whole(connection))
                    for piece in answer(server.came[-1]):
                        connection.sendall(piece)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _whole(connection: socket.socket) -> bytes:
    """One request by its length, or what came until somebody hung up."""
    held = b""
    while True:
        head, end, body = held.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length:")[2].split()[0]):
            return held
        data = connection.recv(65536)
        if not data:
            return held
        held += data
