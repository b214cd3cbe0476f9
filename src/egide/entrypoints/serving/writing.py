"""The writer as a process of its own, and the line to it: reading and verifying keep one core, storing another.

Frames on the line are a length of four bytes (big-endian) and MessagePack: items one way, answers the other. The
writer starts as a fork, so that it shares what is loaded, and ends when the line does: with the process that reads.
"""

import asyncio
import contextlib
import gc
import logging
import os
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence

import msgspec

from egide.common.clock import Clock, SystemClock
from egide.common.config import Config, NotSetUp
from egide.common.text import _
from egide.intake.away.alone import Alone
from egide.intake.away.keeping import Keeper, KeepingWriter, writer_of
from egide.intake.away.showing import Showing, sockets_of
from egide.intake.lanes import Lanes
from egide.intake.passing import Answered, Deliver, Item
from egide.intake.writer import Writer
from egide.journal.errors import JournalUnavailable
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.proof.returned import check_not_returned
from egide.journal.service import Journal, KeyStore
from egide.journal.wal import Database, WalCheckpointer

log = logging.getLogger("egide.intake")

_HEAD_BYTES = 4
# The first word of the writer: it stores, or it keeps until it can.
_STORES, _KEEPS = bytes(_HEAD_BYTES), (1).to_bytes(_HEAD_BYTES, "big")
# A buffer that is larger costs three calls of the system each time: glibc maps it by itself.
_RECEIVE_BYTES = 1 << 16
# Signs of life that nobody waits for are noted after a pause of this length.
_MOMENT_MS = 20
# For who asks what is kept and does not take the answer.
_ASKER_S = 2.0
_ITEMS = msgspec.msgpack.Decoder(list[Item])
_ANSWERS = msgspec.msgpack.Decoder(list[Answered])
_ENCODER = msgspec.msgpack.Encoder()


class WriterFailed(NotSetUp):
    """The writer's process did not start."""


class Frames:
    """Cuts what arrives on the line into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The frames that are complete now, without their lengths."""
        self._buffer += data
        start = 0
        while len(self._buffer) - start >= _HEAD_BYTES:
            body = start + _HEAD_BYTES
            end = body + int.from_bytes(self._buffer[start:body], "big")
            if end > len(self._buffer):
                break
            yield bytes(self._buffer[body:end])
            start = end
        del self._buffer[:start]


def frame(content: Sequence[Item] | Sequence[Answered]) -> bytes:
    """One frame."""
    body = _ENCODER.encode(content)
    return len(body).to_bytes(_HEAD_BYTES, "big") + body


def fork_writer(config: Config, inherited_fd: int | None) -> "WriterProcess":
    """Start the writer's process and wait until it is ready. Call it before any thread, loop or database is open.

    `inherited_fd` is the listening socket, which the writer must not keep open. Raises WriterFailed.
    """
    here, there = socket.socketpair()
    # What is loaded by now stays, and both share it: whoever of them looked through it for garbage would copy it.
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            here.close()
            if inherited_fd is not None:
                os.close(inherited_fd)
            _write_until_closed(config, there)
            code = 0
        except NotSetUp as error:
            log.error("the writer cannot start: %s", error)
        except Exception:
            log.exception("the writer failed")
        finally:
            os._exit(code)
    there.close()
    said = here.recv(_HEAD_BYTES)
    if not said:
        raise WriterFailed("the writer did not start; its log says why")
    here.setblocking(False)
    return WriterProcess(here, pid, is_alone=said == _KEEPS)


class _Begun(msgspec.Struct, frozen=True):
    """The ordinary writer, the same again where it keeps, and the databases whose log is to be emptied beside it."""

    writer: Writer
    keeping: KeepingWriter | None
    logged: tuple[Database, ...]


def _begin(config: Config, clock: Clock, keeper: Keeper | None = None) -> _Begun:
    """Raises NotSetUp, JournalUnavailable; of these KeysReturned while the database may not be used yet."""
    keys = KeyStore.open(config)
    check_not_returned(config, keys)
    journal = Journal.open(config, clock, keys)
    heartbeats = Heartbeats(config)
    writer, keeping = writer_of(config, journal, clock, heartbeats, keeper)
    writer.warm()
    return _Begun(writer, keeping, (*journal.logged, *heartbeats.logged))


class _Incoming:
    """What waits on the line while a group is being stored: that is the next group."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._frames = Frames()
        self._is_open = True
        self.lanes = Lanes()

    @property
    def goes_on(self) -> bool:
        """Whether anything waits, or may come."""
        return self._is_open or bool(self.lanes)

    def comes_soon(self) -> bool:
        """Whether there is something now or in a moment: then signs of life may wait, and are noted together."""
        return bool(self.lanes) or (self._is_open and _comes_soon(self._line))

    def receive(self, *, is_waiting: bool) -> None:
        """Take what came, if anything did; `is_waiting` for it."""
        data = _receive(self._line, is_waiting=is_waiting) if self._is_open else None
        self._is_open = self._is_open and data != b""
        for body in self._frames.feed(data or b""):
            for item in _ITEMS.decode(body):
                self.lanes.add(item)

    def answer(self, answers: Sequence[Answered]) -> None:
        """Who has hung up needs no answer."""
        with contextlib.suppress(BrokenPipeError):
            self._line.sendall(frame(self.lanes.answers(answers)))


def _write_until_closed(config: Config, line: socket.socket) -> None:
    """The writer's whole life."""
    # A stop of the service ends the reading process; this one finishes what was passed to it.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    clock, incoming = SystemClock(), _Incoming(line)
    begun: _Begun | None
    try:
        begun = _begin(config, clock)
    except JournalUnavailable as error:
        if not config.journal:
            # A file does not come back, and nothing is kept beside one.
            raise NotSetUp(_("The databases cannot be read: {error}").format(error=error)) from error
        log.error("the journal cannot be reached: %s", error)
        begun = _keep_until_reached(config, clock, line, incoming)
    else:
        if begun.keeping is not None:
            show_beside(config, begun.keeping.showing)
        line.sendall(_STORES)
    if begun is not None:
        _store_until_closed(begun, incoming)


def _keep_until_reached(
    config: Config, clock: Clock, line: socket.socket, incoming: _Incoming
) -> _Begun | None:
    """Without a journal; None when the line was hung up before one was there. Raises NotSetUp."""
    alone = Alone(config, clock, lambda keeper: _begin(config, clock, keeper))
    show_beside(config, alone.showing)
    line.sendall(_KEEPS)
    while incoming.goes_on:
        begun = alone.heir()
        if begun is not None:
            return begun
        if incoming.comes_soon():
            incoming.receive(is_waiting=False)
        if incoming.lanes:
            incoming.answer(alone.handle(incoming.lanes.take()))
    return None


def _store_until_closed(begun: _Begun, incoming: _Incoming) -> None:
    writer, keeping = begun.writer, begun.keeping
    # The keys stay: garbage collection must not walk through all of them while a press waits.
    gc.freeze()
    if keeping is not None:
        keeping.copying.start()
    checkpointer = WalCheckpointer(*begun.logged)
    checkpointer.start()
    while incoming.goes_on:
        if not incoming.comes_soon():
            writer.note_remembered()
        if keeping is not None:
            keeping.bring_back()
        # Between two groups too: a press that came meanwhile overtakes the heartbeats that wait.
        is_waiting = not (incoming.lanes or (keeping is not None and keeping.is_keeping))
        incoming.receive(is_waiting=is_waiting)
        if not incoming.lanes:
            continue
        incoming.answer(writer.handle(incoming.lanes.take()))
        if keeping is not None and keeping.was_slow:
            incoming.receive(is_waiting=False)
            if incoming.lanes:
                keeping.begin()
        writer.note_remembered(is_busy=True)
    checkpointer.stop()


def show_beside(config: Config, showing: Showing) -> None:
    """Answer who shows what is kept, in a thread until this process ends: a list of MessagePack for each that connects.

    Nothing of it is ever written to a disk. Where that cannot be, presses are kept all the same.
    """
    path = sockets_of(config) / str(os.getpid())
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        listener.listen()
    except OSError:
        log.exception("boards cannot be shown what is kept")
        return
    threading.Thread(target=_show, args=(listener, showing), name="keeping-shown", daemon=True).start()


def _show(listener: socket.socket, showing: Showing) -> None:
    while True:
        line, _address = listener.accept()
        with line, contextlib.suppress(OSError):
            line.settimeout(_ASKER_S)
            line.sendall(msgspec.msgpack.encode(showing.lines()))


def _comes_soon(line: socket.socket) -> bool:
    """Whether something is on the line now or in a moment."""
    looking = select.poll()
    looking.register(line, select.POLLIN)
    return bool(looking.poll(_MOMENT_MS))


def _receive(line: socket.socket, *, is_waiting: bool) -> bytes | None:
    """What came; None when nothing did and nobody wanted to wait; empty when the line was hung up."""
    try:
        return line.recv(_RECEIVE_BYTES, 0 if is_waiting else socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None


class WriterProcess:
    """A store in a process of its own, seen from the event loop that reads. `is_alone`: it began without a journal."""

    def __init__(self, line: socket.socket, pid: int, *, is_alone: bool = False) -> None:
        self.is_alone = is_alone
        self._line = line
        self._pid = pid
        self._frames = Frames()
        self._batch: list[Item] = []
        self._unsent = bytearray()
        self._loop: asyncio.AbstractEventLoop
        self._deliver: Deliver
        self._lost: Callable[[], None]

    def journal(self, config: Config, clock: Clock) -> Journal:
        """That of the process that reads, without keys: it is looked at later where the writer reached none. Raises
        JournalUnavailable, NotSetUp."""
        return (Journal.open_later if self.is_alone else Journal.open)(config, clock)

    def start(self, deliver: Deliver, lost: Callable[[], None]) -> None:
        """Listen to the line; both callbacks run in the running loop."""
        self._loop = asyncio.get_running_loop()
        self._deliver, self._lost = deliver, lost
        self._loop.add_reader(self._line, self._read)

    def put(self, item: Item) -> None:
        """Take one item; all of one turn of the loop leave together."""
        if not self._batch:
            self._loop.call_soon(self._flush)
        self._batch.append(item)

    def stop(self) -> None:
        """Hang up, which ends the writer, and wait for its end."""
        self._loop.remove_reader(self._line)
        self._loop.remove_writer(self._line)
        self._line.close()
        os.waitpid(self._pid, 0)

    def _flush(self) -> None:
        self._unsent += frame(self._batch)
        self._batch = []
        self._send()

    def _send(self) -> None:
        try:
            sent = self._line.send(self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            # The reading side notices too, and says so once.
            self._unsent.clear()
            return
        del self._unsent[:sent]
        if self._unsent:
            self._loop.add_writer(self._line, self._send)
        else:
            self._loop.remove_writer(self._line)

    def _read(self) -> None:
        try:
            data = self._line.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if not data:
            self._end()
            return
        answers = [answer for body in self._frames.feed(data) for answer in _ANSWERS.decode(body)]
        self._deliver(answers)

    def _end(self) -> None:
        """Without its writer this process is of no use: refuse what waits and stop, to be started again."""
        log.critical("the writer ended; stopping")
        self._loop.remove_reader(self._line)
        self._lost()
        signal.raise_signal(signal.SIGTERM)
