"""A dispatch system beside the pages, and the worker's own code that tells it, turn by turn."""

from typing import Any

from egide.alarm import events as a
from egide.alarm.events import SystemTold
from egide.boards import telling
from egide.common.clock import SystemClock
from egide.connectors.dispatch.receivers import Receiver
from egide.entrypoints.worker.telling import Teller
from tests.support.dispatch_system import DispatchSystem
from tests.support.pages import MONS, Pages, near


class Clock(SystemClock):
    """The day is today's, by which the other side checks; pauses pass when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.pause_us = 0

    def steady_us(self) -> int:
        return self.pause_us


class Told:
    """The worker's own code, turn by turn."""

    def __init__(self, pages: Pages, receiver: Receiver) -> None:
        self._pages, self.clock = pages, Clock()
        self.receiver = receiver
        self.teller = Teller(receiver, pages.journal, telling, self.clock)
        self._seq = 0

    def turn(self, after_s: float = 0) -> None:
        self.clock.pause_us += round(after_s * 1e6)
        for row in self._pages.journal.read(after=self._seq):
            self.teller.hear(row)
            self._seq = row.seq
        self.teller.turn()

    def noted(self, alarm: str) -> list[tuple[str, str, int]]:
        rows = self._pages.journal.stream(f"alarm:{alarm}")
        events = (self._pages.journal.open_event(row) for row in rows)
        return [(event.about, event.why, event.attempt) for event in events if isinstance(event, SystemTold)]


def receiver_of(system: DispatchSystem, **more: Any) -> Receiver:
    return Receiver("ccic", str(system.secret_file), ("HAI",), system.url, **more)


def close(pages: Pages, alarm: str) -> None:
    pages.installation.act(alarm, a.AlarmClosed("op-1", "perpetrator-gone", "Démo"))


def raised_closed_and_pressed_again(pages: Pages, told: Told) -> None:
    """An alarm that was told, closed, told as closed, and is open again, which is not told yet."""
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    pages.clock.advance_s(5)
    close(pages, alarm)
    told.turn()
    pages.clock.advance_s(5)
    pages.send(alarm, a.PressedAgain, pages.phone(MONS), position=near(pages.files[MONS]))
