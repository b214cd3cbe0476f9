"""Serves WSGI applications (waitress) with their connections held to the limits of `connections.py`.

What an application sees of a request's origin is what can be believed: the caller's address also behind proxies that
are trusted, and the scheme of the public address. Headers that only a proxy may send are taken away.
"""

import socket
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

from egide.common.callers import ASKED, KNOW, Proxies, Seen, answer
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.serving.connections import Connections, Counting, Held, Limits, Phase
from egide.entrypoints.serving.server import MAX_HEAD_BYTES
from egide.entrypoints.serving.supervised import Watchdog, say_ready
from egide.journal.now.signs import Signs

# How many are accepted in one turn of the loop, which looks at every connection.
_ACCEPTED_AT_ONCE = 32
# The loop looks at every connection at every turn: more would slow down those that matter.
MOST = 2000
IDLE_S = 120.0
UNREAD_BYTES = 16 * 1024 * 1024
# As waitress writes names of headers.
_ASKED = ASKED.upper().replace("-", "_")


def _nobody(_cookies: str) -> bool:
    return False


@dataclass(frozen=True)
class Threads:
    """How many serve, how many of them may serve strangers, and who is none, by the Cookie header."""

    count: int
    for_strangers: int
    knows: Callable[[str], bool] = _nobody


class _ChannelHeld(Held):
    """A connection whose phase is read from what waitress knows of it: requests are served in other threads."""

    def __init__(self, channel: "_Channel") -> None:
        super().__init__(channel.addr[0], channel.end)
        self._channel = channel

    @property
    def phase(self) -> Phase:
        channel = self._channel
        if channel.requests:
            return Phase.ANSWER
        if channel.total_outbufs_len:
            return Phase.TAKING
        if channel.request is None:
            return Phase.IDLE if channel.was_asked else Phase.HEAD
        return Phase.BODY if channel.request.headers_finished else Phase.HEAD

    @property
    def since_s(self) -> float:
        phase = self.phase
        if phase in (Phase.HEAD, Phase.BODY):
            return self._since_s
        return self._channel.active_s


class _Task(WSGITask):
    """Tells the application who called."""

    def get_environment(self) -> dict[str, Any]:
        environ = super().get_environment()
        assert isinstance(self.channel, _Channel)
        environ.update(self.channel.origin(self.request))
        return environ


class _Channel(HTTPChannel):
    """One connection."""

    task_class = _Task
    server: "_Server"
    was_asked = False
    # Whether its request is served before those of strangers.
    comes_first = False

    def __init__(
        self, server: "_Server", sock: socket.socket, addr: Any, adj: Adjustments, map: Any = None
    ) -> None:
        super().__init__(server, sock, addr, adj, map=map)
        self.held = _ChannelHeld(self)
        server.held.open(self.held)

    @property
    def last_activity(self) -> float:
        """The time of day of the last byte in either direction, which waitress sets."""
        return self._last_activity

    @last_activity.setter
    def last_activity(self, at_s: float) -> None:
        self._last_activity = at_s
        self.active_s = time.monotonic()

    def received(self, data: bytes) -> bool:
        before = self.held.phase
        if before is Phase.IDLE:
            self.held.enter(Phase.HEAD)
        result = super().received(data)
        after = self.held.phase
        self.was_asked = self.was_asked or after is Phase.ANSWER
        if after is not before and after is Phase.BODY:
            self.held.enter(Phase.BODY)
        if self.held.is_proxy and after is not before and after in (Phase.BODY, Phase.ANSWER):
            self.server.held.begin(self.held, _forwarded([*self.requests, self.request][0]))
        self.server.held.note_unread(self.held, self.unread())
        return bool(result)

    def unread(self) -> int:
        """Bytes that are kept in memory of requests that are not served yet."""
        parsers = [*self.requests, self.request]
        return sum(one.header_bytes_received + one.body_bytes_received for one in parsers if one is not None)

    def origin(self, request: Any) -> dict[str, Any]:
        """What can be believed of where a request comes from, as WSGI names it."""
        forwarded, proxies = _forwarded(request), self.server.proxies
        caller = proxies.caller(self.addr[0], forwarded)
        if _ASKED in request.headers:
            seen = Seen(self.addr[0], proxies.trusts(self.addr[0]), forwarded, caller)
            answer(self.server.data_dir, request.headers[_ASKED], seen)
        origin = {"REMOTE_ADDR": caller, "REMOTE_HOST": caller, KNOW: self.know}
        return origin | {"wsgi.url_scheme": self.server.scheme}

    def know(self) -> None:
        """From the thread that serves: the loop's own does it at its next turn."""
        self.server.known.append(self.held)

    def end(self, is_late: bool) -> None:
        self.will_close = True

    def handle_close(self) -> None:
        self.server.held.close(self.held)
        super().handle_close()
        # What was read so far goes now, not when somebody collects the circles between these objects.
        self.request = None


class _Dispatcher(ThreadedTaskDispatcher):
    """Strangers have few of the threads, and wait behind everybody who is known: a flood of whatever they may ask for
    slows no board."""

    def __init__(self, threads: int, for_strangers: int) -> None:
        super().__init__()
        self._strangers: deque[_Channel] = deque()
        self._free = for_strangers
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        with self.lock:
            (self.queue if task.comes_first else self._strangers).append(task)
            self.queue_cv.notify()

    def handler_thread(self, thread_no: int) -> None:
        while True:
            with self.lock:
                self.queue_cv.wait_for(
                    lambda: self.queue or (self._strangers and self._free) or self.stop_count
                )
                if self.stop_count:
                    self.stop_count -= 1
                    self.threads.discard(thread_no)
                    self.thread_exit_cv.notify()
                    return
                is_stranger = not self.queue
                task = (self._strangers if is_stranger else self.queue).popleft()
                self._free -= is_stranger
            try:
                task.service()
            except Exception:
                self.logger.exception("a request failed")
            if is_stranger:
                with self.lock:
                    self._free += 1
                    self.queue_cv.notify()


class _Server(TcpWSGIServer):
    """Accepts every new connection, at the cost of worse ones."""

    channel_class = _Channel

    def __init__(
        self,
        application: Any,
        listener: socket.socket,
        config: Config,
        counting: Counting,
        threads: Threads,
        most: int,
        **more: Any,
    ) -> None:
        limits = Limits.of(config, unread_bytes=UNREAD_BYTES, idle_s=IDLE_S, most=most)
        self.proxies = Proxies(config.trusted_proxies)
        self.held = Connections(limits, self.proxies)
        self.scheme = config.scheme
        self.data_dir = config.data_dir
        self.known: list[Held] = []
        self._knows = threads.knows
        self._counting = counting
        self._watchdog = Watchdog(SystemClock(), ("loop",))
        self._counter = ThreadPoolExecutor(1, "counting")
        self._next_look_s = 0.0
        adjustments = Adjustments(
            sockets=[listener],
            # Our own limits hold before waitress's.
            connection_limit=2 * most + _ACCEPTED_AT_ONCE,
            channel_timeout=2 * int(IDLE_S),
            max_request_header_size=MAX_HEAD_BYTES,
            # So it reads on while a request waits, and sees that a caller has gone: nobody's answer is worked out for
            # nobody while others wait behind it.
            channel_request_lookahead=1,
            # `select` knows no descriptor above 1,023, and the parent may hand one down.
            asyncore_use_poll=True,
            ident="",
            clear_untrusted_proxy_headers=True,
            **more,
        )
        super().__init__(
            application,
            {},
            _sock=listener,
            dispatcher=_Dispatcher(threads.count, threads.for_strangers),
            adj=adjustments,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )

    def add_task(self, task: Any) -> None:
        """A request is complete. A proxy's connection brings those of many: there only what came with it counts."""
        is_known = task.held.is_known and not task.held.is_proxy
        task.comes_first = is_known or self._knows(task.requests[0].headers.get("COOKIE", ""))
        super().add_task(task)

    def readable(self) -> bool:
        if time.monotonic() >= self._next_look_s:
            self._look()
        return bool(super().readable())

    def _look(self) -> None:
        """Once a second: what became of connections while others served them, and what took too long."""
        self._next_look_s = time.monotonic() + 1
        while self.known:
            self.held.know(self.known.pop())
        # The types of waitress know one channel where it keeps all by descriptor.
        for channel in list(cast(dict[int, _Channel], self.active_channels).values()):
            self.held.note_unread(channel.held, channel.unread())
            if channel.held.is_proxy and channel.held.phase is Phase.IDLE:
                self.held.finish(channel.held)
        self.held.end_late()
        self._watchdog.turn("loop")
        if self.held.ended:
            self._counter.submit(self._counting.add, self.held.take_ended())

    def handle_accept(self) -> None:
        """Everybody who waits: one at each turn would leave them waiting behind a flood."""
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                taken = self.accept()
                if taken is None:
                    return
                connection, address = taken
                self.set_socket_options(connection)
            except OSError:
                # Gone again before it was taken in.
                continue
            _Channel(self, connection, address, self.adj, map=self._map)  # type: ignore[attr-defined]


def _forwarded(request: Any) -> list[str]:
    # waitress joins headers of one name in their order.
    return [request.headers["X_FORWARDED_FOR"]] if "X_FORWARDED_FOR" in request.headers else []


def run_wsgi(
    application: Any,
    listener: socket.socket,
    name: str,
    config: Config,
    *,
    threads: Threads,
    most: int = MOST,
    **more: Any,
) -> None:
    """Serve until SIGTERM or SIGINT; `more` are adjustments of waitress."""
    counting = Counting(Signs(config, SystemClock()), name)
    server = _Server(application, listener, config, counting, threads, most, **more)
    say_ready(name, listener.getsockname()[1])
    server.run()
