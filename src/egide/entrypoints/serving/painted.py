"""Rows of the board on their way from the pages' process, which paints them, to the live streams, which hold no key.

`web` answers at a socket in the data directory, where only this installation's own account comes. Frames of
MessagePack: which alarms changed and who listens one way, what each of them sees the other. Both ends do without: a
board fetches what does not come.
"""

import asyncio
import contextlib
import logging
import os
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from egide.common.config import Config

log = logging.getLogger("egide.painted")

# Two hundred readers and as many alarms are a tenth of it.
MOST_BYTES = 8 * 1024 * 1024
PATIENCE_S = 2.0
_HEAD = struct.Struct(">I")


class BoardReader(msgspec.Struct, frozen=True, array_like=True):
    """Somebody who listens at a board: what their ticket says of them, and the language of their page."""

    user: str
    centres: tuple[str, ...]
    zones: tuple[str, ...]
    supervisor: bool
    supervises: tuple[str, ...]
    hidden: tuple[str, ...]
    language: str


class ChangedAlarms(msgspec.Struct, frozen=True, array_like=True):
    """These alarms changed, and these people listen."""

    alarms: list[str]
    readers: list[BoardReader]


class PaintedRow(msgspec.Struct, frozen=True, array_like=True):
    """What some of the readers, by their number, see of an alarm: a row of the board, or "" once it is closed."""

    alarm: str
    html: str
    readers: list[int]


class Painted(msgspec.Struct, frozen=True, array_like=True):
    """The answer. The rows are at least as new as `head`, a place of the journal; `now_ms` is the server's time."""

    head: int
    now_ms: int
    rows: list[PaintedRow]


Paint = Callable[[ChangedAlarms], Painted]


class Painters:
    """The asking end, for one task of an event loop."""

    def __init__(self, config: Config) -> None:
        self._directory = _directory(config)
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def paint(self, asked: ChangedAlarms) -> Painted | None:
        """The rows; None when nobody paints them now."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                self._line = self._line or await self._connect()
                if self._line is None:
                    return None
                reader, writer = self._line
                writer.write(_framed(msgspec.msgpack.encode(asked)))
                await writer.drain()
                (length,) = _HEAD.unpack(await reader.readexactly(_HEAD.size))
                return msgspec.msgpack.decode(await reader.readexactly(length), type=Painted)
        except (OSError, TimeoutError, EOFError) as error:
            log.warning("rows were not painted: %s", type(error).__name__)
            self.hang_up()
            return None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for path in sorted(self._directory.glob("*")):
            try:
                return await asyncio.open_unix_connection(path, limit=MOST_BYTES)
            except ConnectionRefusedError:
                # Its process died.
                path.unlink(missing_ok=True)
            except FileNotFoundError:
                continue
        return None

    def hang_up(self) -> None:
        """Ask anew the next time, or never again."""
        if self._line is not None:
            self._line[1].close()
            self._line = None


def answer_beside(config: Config, paint: Paint) -> socket.socket:
    """Answer requests, in threads beside the pages, until this process ends or the socket is shut down."""
    directory = _directory(config)
    directory.mkdir(exist_ok=True)
    path = directory / str(os.getpid())
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()
    threading.Thread(target=_accept, args=(listener, paint), name="painted", daemon=True).start()
    return listener


def _accept(listener: socket.socket, paint: Paint) -> None:
    while True:
        try:
            line, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(line, paint), name="painting", daemon=True).start()


def _answer(line: socket.socket, paint: Paint) -> None:
    """One asker, until it hangs up. What goes wrong ends the line: its boards fetch their rows."""
    with line, contextlib.suppress(OSError), line.makefile("rb") as reader:
        while head := reader.read(_HEAD.size):
            (length,) = _HEAD.unpack(head)
            if length > MOST_BYTES:
                return
            try:
                answer = msgspec.msgpack.encode(
                    paint(msgspec.msgpack.decode(reader.read(length), type=ChangedAlarms))
                )
            except Exception:
                log.exception("rows could not be painted")
                return
            line.sendall(_framed(answer))


def _framed(body: bytes) -> bytes:
    return _HEAD.pack(len(body)) + body


def _directory(config: Config) -> Path:
    return config.data_dir / "painters"
