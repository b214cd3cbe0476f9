"""Work that one alone may do, on whichever machine: who holds an advisory lock of PostgreSQL does it."""

import logging
import os
import threading

from egide.common.clock import Clock
from egide.common.postgres.patience import answered_within
from egide.journal.engines.postgres import PostgresEngine
from egide.journal.engines.postgres_connection import PostgresConnection
from egide.journal.errors import JournalUnavailable

log = logging.getLogger("egide.journal")

# Who holds it asks the server something so often, and counts as holding it for HELD_S after it last sent what was
# answered. The server ends a session that asks nothing for LET_GO_S, and lets its lock go.
RENEW_S, HELD_S, LET_GO_S = 0.5, 2.0, 3.0
# Who held it until a server ended the session must have looked before the next one begins.
GRACE_S = 0.5
_TRY = "SELECT pg_try_advisory_lock(hashtext('egide_turn'), hashtext(?))"
_LET_GO = {
    "idle_session_timeout": f"{LET_GO_S:.0f}s",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": f"{LET_GO_S:.0f}000",
}


class PostgresTurn:
    """The lock of one name, on a connection of its own, as a lease that the server itself ends.

    Whoever holds it stops before another begins: a server that hears nothing for LET_GO_S, because the holder died,
    hangs or is cut off, lets the lock go, and the holder had stopped counting as one (`is_held`) a second earlier, by
    its own steady clock, counted from when it sent what was last answered. When the server itself ends the session (a
    restart, an administrator) the holder finds that on its socket at once; whoever comes next, also one that has just
    started, waits GRACE_S all the same (`entrypoints.serving.turns`). `take` and `close` belong to one thread,
    `is_held` to all.
    """

    grace_s = GRACE_S

    def __init__(self, address: str, password: str, name: str, clock: Clock) -> None:
        application = f"egide {name} {os.getpid()}"
        self._engine = PostgresEngine(address, password, further=_LET_GO, application=application)
        self._name = name
        self._clock = clock
        self._connection: PostgresConnection | None = None
        # Held while the connection is asked something: what then lies on its socket is the answer.
        self._asking = threading.Lock()
        self._answered_us: int | None = None
        self._released = threading.Event()
        self._renewing: threading.Thread | None = None

    @property
    def is_held(self) -> bool:
        """Whether the work may go on."""
        connection, answered_us = self._connection, self._answered_us
        if connection is None or answered_us is None:
            return False
        if self._asking.acquire(blocking=False):
            try:
                if connection.is_lost:
                    return False
            finally:
                self._asking.release()
        return self._clock.steady_us() - answered_us < HELD_S * 1e6

    def take(self) -> bool:
        """Try to hold it; False while another one does. Raises JournalUnavailable."""
        if self.is_held:
            return True
        if self._answered_us is not None or self._connection is None or self._connection.is_lost:
            self.close()
            self._connection = self._engine.connect()
        sent_us = self._clock.steady_us()
        # A server that hangs is left: another one may lead meanwhile.
        with answered_within(HELD_S):
            row = self._connection.execute(_TRY, (self._name,)).fetchone()
        if row is None or not row[0]:
            return False
        self._answered_us, self._released = sent_us, threading.Event()
        self._renewing = threading.Thread(
            target=self._renew, args=(self._connection, self._released), name="turn", daemon=True
        )
        self._renewing.start()
        return True

    def close(self) -> None:
        """Let it go."""
        self._released.set()
        if self._connection is not None:
            self._connection.close()
        if self._renewing is not None:
            self._renewing.join()
        self._connection = self._answered_us = self._renewing = None

    def _renew(self, connection: PostgresConnection, released: threading.Event) -> None:
        while not released.wait(RENEW_S):
            sent_us = self._clock.steady_us()
            try:
                with self._asking, answered_within(HELD_S):
                    connection.execute("SELECT 1")
            except JournalUnavailable as error:
                if not released.is_set():
                    log.warning("the turn as %s is lost: %s", self._name, error)
                connection.close()
                return
            self._answered_us = sent_us
