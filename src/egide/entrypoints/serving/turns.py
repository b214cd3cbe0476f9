"""How a process waits until it is its turn to do what one alone may do, and ends when it no longer is.

On one machine it always is. Where several share a journal in PostgreSQL, the others wait, ready to begin.
"""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from egide.common.clock import Clock
from egide.common.config import Config
from egide.entrypoints.serving.supervised import TurningPulse, Watchdog, say_ready
from egide.journal.engines.base import Turn
from egide.journal.errors import JournalUnavailable
from egide.journal.now.signs import Signs

log = logging.getLogger("egide.turns")

TRY_S = 0.25
# Where no database says anything, each try begins a connection to every machine, and so do all others just then.
AWAY_S = 0.5
# How often somebody looks whether it still is its turn.
LOOK_S = 0.1
# Without an answer of the database nobody knows whose turn it is: watch then waits no longer than this.
UNKNOWN_S = 10.0
LOST = 75


def waits_as(name: str) -> str:
    """The name under which a process says that it waits, and where."""
    return f"{name} waits {os.uname().nodename}"


def wait_for_turn(
    name: str,
    turn: Turn,
    config: Config,
    clock: Clock,
    stopped: threading.Event,
    unknown_s: float | None = None,
) -> bool:
    """Return True when it is this process's turn, False when it was stopped before.

    Who has to wait says that it is ready, and gives signs of life as one that waits. With `unknown_s` it also begins
    when the database has not answered for that long.
    """
    if _take(turn):
        return not stopped.wait(turn.grace_s)
    say_ready(name)
    own = waits_as(name)
    pulse = TurningPulse(Signs(config, clock), clock, own, Watchdog(clock, (own,)))
    answered_us, pause_s = clock.steady_us(), TRY_S
    try:
        while not stopped.wait(pause_s):
            is_mine = _take(turn)
            pause_s = AWAY_S if is_mine is None else TRY_S
            if is_mine:
                log.warning("it is this one's turn to be the %s", name)
                return not stopped.wait(turn.grace_s)
            now_us = clock.steady_us()
            answered_us = now_us if is_mine is False else answered_us
            if unknown_s is not None and now_us - answered_us > unknown_s * 1e6:
                log.error("nobody knows who is the %s: this one begins", name)
                return True
            if pulse.is_due:
                pulse.beat()
    finally:
        pulse.leave()
    return False


@contextmanager
def holding(name: str, turn: Turn, *, is_needed: bool = True) -> Iterator[None]:
    """Watch over the turn beside the work, and end the process at once when it is lost: everything here survives that,
    and nothing goes on beside the next one.

    Where it is not needed (what is wrong must be said above all when the database is away), a turn that was lost is
    taken again, and the process ends only when the database says that another one has it.
    """
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_S):
            if turn.is_held or (not is_needed and _take(turn) is not False):
                continue
            log.error(
                "this is no longer the %s: its connection to the database was lost; it starts again", name
            )
            os._exit(LOST)

    looking = threading.Thread(target=look, name="turn-look", daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()
        turn.close()


def _take(turn: Turn) -> bool | None:
    """None where the database does not say."""
    try:
        return turn.take()
    except JournalUnavailable as error:
        log.warning("the database does not say whose turn it is: %s", error)
        return None
