"""The process that watches: an alarm that no board has painted within five seconds goes out by a second road.

It holds no key: it reads clear columns only, and what it sends names nobody (safety rule 4).
"""

import contextlib
import logging
import queue
import signal
import threading
from collections.abc import Iterator, Sequence

import click

from egide.common.clock import Clock, SystemClock
from egide.common.config import Config
from egide.common.text import _
from egide.connectors.base import Alert, Road, RoadError
from egide.connectors.registry import roads_of
from egide.entrypoints.lines import prepare, say
from egide.journal.bell import Bell
from egide.journal.service import Journal, Unshown

log = logging.getLogger("egide.watch")

TICK_S = 0.5
SHOWN_WITHIN_S = 5.0
RETRY_S = 5.0


class Overdue:
    """Which alarms no board has painted in time, each named once for as long as it stays so."""

    def __init__(self) -> None:
        self._since_us: dict[str, int] = {}
        self._named: set[str] = set()

    def find(self, unshown: Sequence[Unshown], now_us: int) -> list[Unshown]:
        """Those that have waited SHOWN_WITHIN_S since this process first saw them waiting."""
        waiting = {alarm.alarm for alarm in unshown}
        self._named &= waiting
        # A clock that is set back must not hold an alert back: waiting begins now at the latest.
        self._since_us = {name: min(self._since_us.get(name, now_us), now_us) for name in waiting}
        limit_us = now_us - round(SHOWN_WITHIN_S * 1e6)
        found = [a for a in unshown if a.alarm not in self._named and self._since_us[a.alarm] <= limit_us]
        self._named |= {alarm.alarm for alarm in found}
        return found


class Carrier(threading.Thread):
    """One road with its own thread, so that a slow road never delays another; repeats until delivered."""

    def __init__(self, road: Road, stopped: threading.Event) -> None:
        super().__init__(name=f"road {road.name}", daemon=True)
        self._road = road
        self._stopped = stopped
        self._alerts: queue.SimpleQueue[Alert] = queue.SimpleQueue()

    def carry(self, alert: Alert) -> None:
        """Send as soon as the road is free."""
        self._alerts.put(alert)

    def run(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Empty):
                self._deliver(self._alerts.get(timeout=TICK_S))

    def _deliver(self, alert: Alert) -> None:
        while not self._stopped.is_set():
            try:
                self._road.send(alert)
            except RoadError as error:
                log.error("alert %s is not through, will try again: %s", alert.id, error)
                self._stopped.wait(RETRY_S)
            else:
                say(step="watch.alerted", road=self._road.name, alert=alert.id)
                return


def alert_for(unshown: Unshown) -> Alert:
    """The words that leave the house: alarm number and centre, nothing about people."""
    subject = _("Alarm on no board: {centre}").format(centre=unshown.centres or _("no centre yet"))
    text = _(
        "Alarm {alarm} was received and no board has shown it within {seconds} seconds.\n"
        "Go to the desk now, or call the dispatch centre: {centre}."
    ).format(alarm=unshown.alarm, seconds=round(SHOWN_WITHIN_S), centre=unshown.centres or _("no centre yet"))
    return Alert(f"{unshown.alarm}-{unshown.times_closed}", subject, text)


def watch(journal: Journal, clock: Clock, carriers: Sequence[Carrier], stopped: threading.Event) -> None:
    """Look at each ring of the bell and every half second, until stopped."""
    overdue = Overdue()
    with _bell(journal) as bell:
        while not stopped.is_set():
            for unshown in overdue.find(journal.unshown(), clock.now_us()):
                alert = alert_for(unshown)
                log.error("alarm %s is on no board", unshown.alarm)
                for carrier in carriers:
                    carrier.carry(alert)
            bell.wait(TICK_S)


@contextlib.contextmanager
def _bell(journal: Journal) -> Iterator[Bell]:
    bell = Bell(journal.bells_dir, "watch")
    try:
        yield bell
    finally:
        bell.close()


@click.command()
def main() -> None:
    """Watch that every alarm is shown."""
    prepare()
    config = Config.from_env()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_arguments: stopped.set())
    carriers = [Carrier(road, stopped) for road in roads_of(config)]
    if not carriers and not config.demo:
        log.warning(
            "no second road is set (EGIDE_ALERT_SMTP, EGIDE_ALERT_URL): alarms on no board are only logged"
        )
    clock = SystemClock()
    journal = Journal.open(config, clock)
    for carrier in carriers:
        carrier.start()
    say(ready="watch", port=0)
    watch(journal, clock, carriers, stopped)


if __name__ == "__main__":
    main()
