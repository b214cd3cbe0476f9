"""What systemd hands to a process and hears from it: its listening socket, that it is ready, that it gets on.

By hand, since each is a line on a socket or a number in the environment: sd_listen_fds(3), sd_notify(3) and
sd_watchdog_enabled(3). Without systemd nothing here does anything.
"""

import faulthandler
import fcntl
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence

from egide.common.clock import Clock
from egide.common.config import NotSetUp
from egide.entrypoints.serving.lines import say
from egide.journal.now.signs import Pulse, Signs

log = logging.getLogger("egide.supervised")

# The first descriptor after standard input, output and error.
_FIRST_FD = 3


def handed_fd() -> int | None:
    """The listening socket of the socket unit; None without one. Asked once: children shall not take it for theirs.

    Raises NotSetUp when there are several, since one of them would be answered by nobody.
    """
    pid, count = (os.environ.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS"))
    if pid != str(os.getpid()) or not count.isdigit() or count == "0":
        return None
    if count != "1":
        raise NotSetUp(
            f"systemd hands {count} sockets to this process, which takes one: see its .socket unit"
        )
    fcntl.fcntl(_FIRST_FD, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    return _FIRST_FD


def say_ready(name: str, port: int = 0) -> None:
    """The readiness line, to the parent and to systemd."""
    say(ready=name, port=port)
    tell("READY=1")


def is_waited_for() -> bool:
    """Whether systemd waits until this process says that it is ready, and holds its socket meanwhile."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


def tell(state: str) -> None:
    """One line to systemd, such as READY=1. A line that is lost stops nothing: systemd starts this process again."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # An abstract socket is written with @ and begins with a zero byte.
    path = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.setblocking(False)
            line.sendto(state.encode(), path)
    except OSError as error:
        log.warning("systemd could not be told %s: %s", state, error)


def watchdog_s() -> float | None:
    """How long systemd waits for a sign of life; None when it waits for none of this process."""
    wait_us, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not wait_us.isdigit() or pid not in ("", str(os.getpid())):
        return None
    return int(wait_us) / 1e6


class Watchdog:
    """Tells systemd that this process gets on, as long as each of its parts has turned within half of the wait.

    `parts` are awaited from the beginning, others from their first turn. `is_well` is asked before each line. Any
    part's turn may send the line, so that no thread of its own can say "well" for threads that hang.

    Where systemd waits for nothing (a demo, a container), a process that is given `alone_s` is ended by the kernel when
    the signs stay away for that long (decision 0052).
    """

    def __init__(
        self,
        clock: Clock,
        parts: Sequence[str] = (),
        is_well: Callable[[], bool] = lambda: True,
        alone_s: float | None = None,
    ) -> None:
        self._clock = clock
        self._wait_s = watchdog_s()
        self._is_alone = self._wait_s is None and alone_s is not None
        if self._is_alone:
            self._wait_s = alone_s
            # Written by the signal itself: neither it nor the end needs a thread of this process to get on.
            faulthandler.register(signal.SIGALRM, all_threads=True, chain=True)
        self._is_well = is_well
        self._lock = threading.Lock()
        self._turned_us = dict.fromkeys(parts, clock.steady_us())
        self._told_us = 0

    def turn(self, part: str) -> None:
        """`part` got on."""
        if self._wait_s is None:
            return
        now_us = self._clock.steady_us()
        with self._lock:
            self._turned_us[part] = now_us
            if now_us - self._told_us < self._wait_s * 1e6 / 8:
                return
            oldest_us = min(self._turned_us.values())
            if now_us - oldest_us > self._wait_s * 1e6 / 2 or not self._is_well():
                return
            self._told_us = now_us
        if self._is_alone:
            signal.setitimer(signal.ITIMER_REAL, self._wait_s)
        else:
            tell("WATCHDOG=1")

    def leave(self, part: str) -> None:
        """`part` ended as it should."""
        with self._lock:
            self._turned_us.pop(part, None)
            is_last = not self._turned_us
        if self._is_alone and is_last:
            signal.setitimer(signal.ITIMER_REAL, 0)


class TurningPulse(Pulse):
    """The pulse of a thread that turns round and asks at each turn whether a sign is due: the watchdog hears of it."""

    def __init__(self, signs: Signs, clock: Clock, name: str, watchdog: Watchdog) -> None:
        super().__init__(signs, clock, name)
        self._part = name
        self._watchdog = watchdog

    @property
    def is_due(self) -> bool:
        self._watchdog.turn(self._part)
        return super().is_due

    def leave(self) -> None:
        self._watchdog.leave(self._part)
        super().leave()
