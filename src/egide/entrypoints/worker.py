"""The process that follows the journal: it routes alarms, keeps their clocks, copies the registers' outbox."""

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
from egide.journal.keys import KeyErased
from egide.journal.service import Journal, KeyStore
from egide.outbox.copy import copy_waiting
from egide.routing.ladder_file import read_ladders
from egide.routing.locate import Locator
from egide.routing.service import Climber, Router
from egide.routing.zones import ZoneSet

log = logging.getLogger("egide.worker")

WAIT_S = 0.25
# A deadline is noticed within 250 ms of being due.
TICK_S = 0.2


def copy_until(stopped: threading.Event, config: Config, journal: Journal) -> None:
    """Copy the outbox in a thread of its own: a clerk's long transaction on app.db must not delay a route."""
    while not stopped.is_set():
        try:
            copy_waiting(config, journal)
        except sqlite3.OperationalError as error:
            log.warning("the outbox could not be copied, will try again: %s", error)
        stopped.wait(WAIT_S)


def climb_until(stopped: threading.Event, journal: Journal, climber: Climber) -> None:
    """Keep the clocks of open alarms in a thread of its own: a slow route must not delay a deadline."""
    while not stopped.is_set():
        try:
            for alarm in journal.open_alarms():
                climb(climber, alarm)
        except sqlite3.Error as error:
            log.warning("deadlines could not be looked at, will try again: %s", error)
        stopped.wait(TICK_S)


def climb(climber: Climber, alarm: str) -> None:
    """Note the missed deadlines of one alarm; what fails for one never stops the others, and is tried again."""
    try:
        climber.look_at(alarm)
    except KeyErased:
        return
    except Exception:
        log.exception("the deadlines of alarm %s could not be kept", alarm)


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
    locator, ladders = Locator(ZoneSet.load(config.zones_dir)), read_ladders(config.ladders_file)
    routing = Routing(journal, Router(journal, locator, clock, ladders))
    follower = Follower(journal, "worker")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    copier = threading.Thread(target=copy_until, args=(stopped, config, journal), name="outbox")
    climber = threading.Thread(
        target=climb_until, args=(stopped, journal, Climber(journal, clock)), name="ladder"
    )
    copier.start()
    climber.start()
    say(ready="worker", port=0)
    while not stopped.is_set():
        follower.step(routing.handle, WAIT_S)
        routing.try_again()
    copier.join()
    climber.join()
    follower.close()


if __name__ == "__main__":
    main()
