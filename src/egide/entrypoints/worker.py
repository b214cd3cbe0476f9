"""The process that follows the journal: it routes alarms and copies the registers' outbox into the journal."""

import logging
import signal
import sqlite3
import threading

import click

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.serving import prepare, say
from egide.journal.chain import Stored
from egide.journal.follow import Follower
from egide.journal.service import Journal, KeyStore
from egide.outbox.copy import copy_waiting
from egide.routing.locate import Locator
from egide.routing.service import Router
from egide.routing.zones import ZoneSet

log = logging.getLogger("egide.worker")

WAIT_S = 0.25


def copy_until(stopped: threading.Event, config: Config, journal: Journal) -> None:
    """Copy the outbox in a thread of its own: a clerk's long transaction on app.db must not delay a route."""
    while not stopped.is_set():
        try:
            copy_waiting(config, journal)
        except sqlite3.OperationalError as error:
            log.warning("the outbox could not be copied, will try again: %s", error)
        stopped.wait(WAIT_S)


class Routing:
    """Routes what the follower shows; one alarm that cannot be routed never keeps the others waiting."""

    def __init__(self, journal: Journal, router: Router) -> None:
        self._journal = journal
        self._router = router

    def handle(self, row: Stored) -> None:
        try:
            self._router.handle(row)
        except Exception:
            # The alarm is tried again below; until it has a route, every supervisor sees it (entrypoints.live).
            log.exception("event %d could not be routed", row.seq)

    def try_again(self) -> None:
        """Alarms that have no route yet, whatever the reason."""
        for opening in self._journal.unrouted():
            self.handle(self._journal.read(after=opening.seq - 1, limit=1)[0])


@click.command()
def main() -> None:
    """Route alarms, copy the outbox."""
    prepare()
    config = Config.from_env()
    clock = SystemClock()
    journal = Journal.open(config, clock, KeyStore.open(config))
    routing = Routing(journal, Router(journal, Locator(ZoneSet.load(config.zones_dir)), clock))
    follower = Follower(journal, "worker")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    copier = threading.Thread(target=copy_until, args=(stopped, config, journal), name="outbox")
    copier.start()
    say(ready="worker", port=0)
    while not stopped.is_set():
        follower.step(routing.handle, WAIT_S)
        routing.try_again()
    copier.join()
    follower.close()


if __name__ == "__main__":
    main()
