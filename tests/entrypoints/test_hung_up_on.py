"""Both servers look again and again for what took too long: who drips a head is hung up on, whatever still comes."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import pytest
from waitress import wasyncore

from egide.common.callers import Proxies
from egide.common.clock import SystemClock
from egide.entrypoints.serving import connections, pages, server
from egide.entrypoints.serving.supervised import Watchdog
from egide.entrypoints.stack.children import open_listener
from egide.journal.now.signs import Signs
from tests.support.installation import Installation
from tests.support.waiting import until, until_async


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """In life it is a quarter of a minute."""
    monkeypatch.setattr(connections, "HEAD_S", 0.1)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(open_listener()) as one:
        yield one


@contextmanager
def dripping(listener: socket.socket) -> Iterator[socket.socket]:
    with socket.create_connection(listener.getsockname()) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nx: ")
        connection.setblocking(False)
        yield connection


def is_hung_up_on(connection: socket.socket) -> bool:
    """Whether nobody takes one byte more."""
    try:
        connection.sendall(b"x")
        return connection.recv(1000) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def test_by_the_server_of_pages(installation: Installation, listener: socket.socket) -> None:
    config = installation.config
    counting = connections.Counting(Signs(config, SystemClock()), "web")
    one = pages._Server(Any, listener, config, counting, pages.Threads(1, 1), 10)

    def turn_and_ask(connection: socket.socket) -> bool:
        wasyncore.poll2(0.05, one._map)
        return is_hung_up_on(connection)

    with dripping(listener) as connection:
        until(partial(turn_and_ask, connection), "it is hung up on")
    one.close()


async def test_by_the_server_of_what_phones_send(installation: Installation, listener: socket.socket) -> None:
    config = server._Config(Any, http=server.BoundedHttp, ws="none", lifespan="off", log_config=None)
    settings = installation.config
    limits = connections.Limits.of(settings, unread_bytes=1000, idle_s=60)
    config.connections = connections.Connections(limits, Proxies([]))
    counting = connections.Counting(Signs(settings, SystemClock()), "intake")
    one = server._Server(config, "intake", None, counting, Watchdog(SystemClock(), ("intake",)))
    serving = asyncio.create_task(one.serve([listener]))
    with dripping(listener) as connection:
        await until_async(partial(is_hung_up_on, connection), "it is hung up on")
    one.should_exit = True
    await serving
