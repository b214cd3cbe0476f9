"""Whoever asks for a page and has gone before it was begun costs nothing; with real connections."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from waitress import wasyncore

from egide.common.config import Config
from egide.entrypoints.serving.connections import Counting
from egide.entrypoints.serving.pages import Threads, _Server
from tests.support.waiting import until


class Pages:
    """Notes who asked; the first answer waits until it is told to go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go_on = threading.Event()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.asked.append(environ["PATH_INFO"])
        self.go_on.wait()
        start("200 OK", [("Content-Length", "4")])
        return [b"page"]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[Pages, _Server, tuple[str, int]]]:
    """One thread serves."""
    pages, listener = Pages(), socket.create_server(("127.0.0.1", 0))
    server = _Server(pages, listener, Config(tmp_path), Mock(spec=Counting), Threads(1, 1), most=50)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield pages, server, listener.getsockname()
    pages.go_on.set()
    server.task_dispatcher.shutdown()
    # Without a connection left the loop ends.
    wasyncore.close_all(server._map)  # type: ignore[attr-defined]
    thread.join()


def asking(address: tuple[str, int], path: str) -> socket.socket:
    caller = socket.create_connection(address)
    caller.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    return caller


def expect_page(caller: socket.socket) -> None:
    """Headers and page may come in two parts."""
    said = b""
    while not said.endswith(b"page"):
        part = caller.recv(4096)
        assert part, said
        said += part


def waiting(server: _Server) -> int:
    """Requests that are read and neither answered nor given up."""
    return sum(len(channel.requests) for channel in list(server.active_channels.values()))  # type: ignore[attr-defined]


def test_who_has_gone_before_a_page_was_begun_holds_up_nobody_behind_them(
    serving: tuple[Pages, _Server, tuple[str, int]],
) -> None:
    pages, server, address = serving
    with asking(address, "/first") as first:
        until(lambda: pages.asked == ["/first"], "the first is not begun")
        gone = [asking(address, "/gone") for _ in range(20)]
        until(lambda: waiting(server) == 21, lambda: waiting(server))
        for caller in gone:
            caller.close()
        with asking(address, "/last") as last:
            until(lambda: waiting(server) == 2, lambda: waiting(server))
            pages.go_on.set()
            for caller in (first, last):
                expect_page(caller)
    assert pages.asked == ["/first", "/last"]
