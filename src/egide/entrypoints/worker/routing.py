"""What the worker does with each row of the journal: routes it, and says how far it is."""

import logging
import threading

from egide.fleet.supervision.supervisor import Supervisor
from egide.journal.chain import Stored
from egide.journal.errors import JournalUnavailable
from egide.journal.follow import Follower
from egide.journal.now.signs import Pulse
from egide.journal.service import Journal
from egide.routing.canary import CanaryDesk
from egide.routing.service import Router

log = logging.getLogger("egide.worker")

WAIT_S = 0.25


class Routing:
    """Routes what the follower shows; one alarm that cannot be routed never keeps the others waiting."""

    def __init__(
        self, journal: Journal, router: Router, canaries: CanaryDesk, supervisor: Supervisor, pulse: Pulse
    ) -> None:
        self._journal = journal
        self._router = router
        self._canaries = canaries
        self._supervisor = supervisor
        self._pulse = pulse

    def handle(self, row: Stored) -> None:
        try:
            self._router.handle(row)
            self._canaries.handle(row)
        except Exception:
            # The alarm is tried again below; until it has a route, every supervisor sees it (entrypoints.live).
            log.exception("event %d could not be routed", row.seq)
        self._supervisor.hear(row)
        self.tell(row.seq)

    def tell(self, seq: int) -> None:
        """How far routing is, when it is time to say so; also in the midst of a long backlog."""
        if self._pulse.is_due:
            try:
                self._pulse.beat(seq, self._journal.head())
            except JournalUnavailable as error:
                log.warning("the head of the journal cannot be read: %s", error)

    def try_again(self) -> None:
        """Alarms that have no route yet, whatever the reason."""
        for opening in self._journal.unrouted():
            self.handle(self._journal.read(after=opening.seq - 1, limit=1)[0])


def route_until(stopped: threading.Event, follower: Follower, routing: Routing) -> None:
    """Route until stopped. Whatever fails is tried again: the worker's other threads would go on without this
    one, in a process that lives and routes nothing."""
    while not stopped.is_set():
        try:
            follower.step(routing.handle, WAIT_S)
            routing.try_again()
        except JournalUnavailable as error:
            log.warning("alarms could not be routed, will try again: %s", error)
            stopped.wait(WAIT_S)
        except Exception:
            log.exception("alarms could not be routed, will try again")
            stopped.wait(WAIT_S)
        routing.tell(follower.seq)
