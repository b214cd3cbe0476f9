"""The process that follows the journal: it routes alarms and copies the registers' outbox into the journal."""

import logging
import signal
import sqlite3
import threading

import click

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.serving import prepare, say
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


@click.command()
def main() -> None:
    """Route alarms, copy the outbox."""
    prepare()
    config = Config.from_env()
    clock = SystemClock()
    journal = Journal.open(config, clock, KeyStore.open(config))
    router = Router(journal, Locator(ZoneSet.load(config.zones_dir)), clock)
    follower = Follower(journal, "worker")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    copier = threading.Thread(target=copy_until, args=(stopped, config, journal), name="outbox")
    copier.start()
    say(ready="worker", port=0)
    while not stopped.is_set():
        follower.step(router.handle, WAIT_S)
    copier.join()
    follower.close()


if __name__ == "__main__":
    main()
