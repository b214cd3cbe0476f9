"""Whether she was told by SMS that her press arrived stands quietly beside the alarm (decision 0034)."""

from typing import Any

import pytest

from egide.alarm.events import AlarmClosed, PressedAgain
from egide.alarm.events.sms import SmsAnswerTried
from egide.events.base import Event
from tests.support.pages import MONS, Pages, near, text_of

SENT, FAILED = "Answered by SMS", "Answer by SMS failed"


class Watched:
    """An open alarm and its panel as an operator sees it; `press` is the number of the event that opened it."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.phone = pages.phone(MONS)
        self.alarm = pages.alarm(self.phone, near(pages.files[MONS]))
        self.press = pages.installation.journal.stream(f"alarm:{self.alarm}")[0].seq
        self.client: Any = pages.client(pages.user("op-1"))

    def happens(self, *events: Event) -> None:
        for event in events:
            self.pages.clock.advance_s(1)
            self.pages.installation.act(self.alarm, event)

    def tried(self, why: str = "", attempt: int = 1, later: int = 0) -> SmsAnswerTried:
        """A try to answer the press, or one `later`."""
        return SmsAnswerTried(device=self.phone.device, press=self.press + later, attempt=attempt, why=why)

    @property
    def panel(self) -> str:
        return text_of(self.client.get(f"/desk/alarms/{self.alarm}"))


@pytest.fixture
def watched(pages: Pages) -> Watched:
    return Watched(pages)


def test_nothing_is_said_of_a_press_that_asked_for_none(watched: Watched) -> None:
    assert SENT not in watched.panel and FAILED not in watched.panel


def test_what_failed_is_said_until_a_later_try_gets_through(watched: Watched) -> None:
    watched.happens(watched.tried("refused-503"))
    assert FAILED in watched.panel
    watched.happens(watched.tried(attempt=2))
    assert SENT in watched.panel and FAILED not in watched.panel


def test_the_last_press_counts_and_not_a_late_try_for_an_earlier_one(watched: Watched) -> None:
    watched.happens(watched.tried("timeout"), watched.tried(later=1), watched.tried("timeout", attempt=2))
    assert SENT in watched.panel and FAILED not in watched.panel
    watched.happens(watched.tried("unreachable", later=2))
    assert FAILED in watched.panel and SENT not in watched.panel


def test_an_alarm_that_is_open_again_shows_no_answer_of_before(watched: Watched) -> None:
    closed = AlarmClosed(user="op-1", outcome="handling-error", reason="by mistake", basis="team")
    watched.happens(watched.tried(), closed)
    assert SENT in watched.panel, "what was done stays on record"
    watched.happens(watched.pages.installation.phone_event(PressedAgain, watched.phone))
    assert SENT not in watched.panel


def test_it_asks_for_nothing_and_makes_no_noise_on_the_board(watched: Watched) -> None:
    watched.happens(watched.tried("timeout"))
    assert "SMS" not in text_of(watched.client.get("/desk/board"))
