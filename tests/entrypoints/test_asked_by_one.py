"""A dispatch system that does not answer is asked with one alarm and not with each; nothing is lost or late by it."""

import random
from collections.abc import Callable

import pytest

from egide.common.clock import SystemClock
from egide.entrypoints.worker.turns import AGAIN_AFTER_S, AWAY, Turns

TIMEOUT, REFUSED, TAKEN = "timeout", "refused-422", ""
LONGEST_S = AGAIN_AFTER_S[-1]


class Clock(SystemClock):
    at_us = 0

    def steady_us(self) -> int:
        return self.at_us


class Road:
    """A worker that tells one system, a quarter of a second at a time; `answers` says what comes of an alarm."""

    def __init__(self, answers: Callable[[str], str]) -> None:
        self._clock = Clock()
        self.turns, self.answers = Turns(self._clock), answers
        self.asked: list[tuple[float, str]] = []
        self.now_s = 0.0

    def until(self, end_s: float) -> None:
        while self.now_s < end_s:
            self.step()
            self.now_s += 0.25

    def step(self) -> None:
        self._clock.at_us = round(self.now_s * 1e6)
        for alarm, waiting in self.turns.due():
            self.asked.append((self.now_s, alarm))
            if why := self.answers(alarm):
                self.turns.refused(waiting, why)
                self.turns.again_later(waiting)
            else:
                self.turns.answered()
                self.turns.done(alarm)

    def times(self, alarm: str = "") -> list[float]:
        return [at_s for at_s, name in self.asked if alarm in ("", name)]


def away(_alarm: str) -> str:
    return TIMEOUT


def taken(_alarm: str) -> str:
    return TAKEN


def road(number: int, answers: Callable[[str], str] = away) -> Road:
    made = Road(answers)
    for one in range(number):
        made.turns.expect(f"alarm-{one}")
    return made


def test_each_is_tried_once_then_one_asks_for_all_and_all_follow_at_once() -> None:
    it = road(60)
    it.until(100)
    # Its own road says when: 1, 3, 8, 18 and 48 seconds after, and every 30 then.
    assert it.times()[:60] == [0.0] * 60 and it.times()[60:] == [1, 3, 8, 18, 48, 78]
    assert len({alarm for _at, alarm in it.asked[60:]}) == 6 and it.turns.failing == 60
    it.answers = taken
    it.until(108.5)
    assert it.times()[66:] == [108.0] * 60 and it.turns.failing == 0


def test_one_alone_is_tried_at_the_times_that_are_documented() -> None:
    for answers in (away, lambda _alarm: REFUSED):
        it = road(1, answers)
        it.until(80)
        assert it.times() == [0, 1, 3, 8, 18, 48, 78]


def test_a_new_alarm_is_tried_at_once_and_again_as_soon_as_the_first_was() -> None:
    it = road(60)
    it.until(1000)
    it.turns.expect("new")
    before = len(it.asked)
    it.until(1049)
    assert it.asked[before] == (1000.0, "new")
    assert it.times()[before:] == [1000, 1001, 1003, 1008, 1018, 1048]


def test_what_happens_in_an_alarm_is_tried_by_itself_and_a_position_is_not() -> None:
    it = road(3)
    it.until(1000)
    it.turns.expect("alarm-1", is_news=False)
    before = len(it.asked)
    it.until(1029)
    assert len(it.asked) <= before + 1
    for alarm in ("alarm-0", "alarm-1"):
        it.turns.expect(alarm)
    before = len(it.asked)
    # At the time at which each would have been tried before, too.
    it.until(it.now_s + LONGEST_S + 0.25)
    assert {"alarm-0", "alarm-1"} <= {alarm for _at, alarm in it.asked[before:]}
    assert len(it.asked) <= before + 4


def test_what_it_refuses_of_one_alarm_says_nothing_of_the_others() -> None:
    it = road(3, lambda _alarm: REFUSED)
    it.until(4)
    assert all(it.times(f"alarm-{one}") == [0, 1, 3] for one in range(3))
    assert REFUSED not in AWAY and "refused-503" in AWAY


def test_an_alarm_that_it_never_answers_keeps_no_other_waiting() -> None:
    it = road(3)
    it.until(100)
    it.answers = lambda alarm: TIMEOUT if alarm == "alarm-1" else TAKEN
    it.until(100 + 2 * LONGEST_S + 1)
    assert it.turns.failing == 1
    before = len(it.asked)
    for second in range(10):
        it.turns.expect("alarm-0", is_news=False)
        it.until(162 + second)
    # And no position of another, as often as it is tried itself.
    assert [alarm for _at, alarm in it.asked[before:]].count("alarm-0") >= 9


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_and_goes_everything_is_told_and_little_is_asked(seed: int) -> None:
    chance = random.Random(seed)
    is_away = False

    def answers(_alarm: str) -> str:
        return chance.choice((TIMEOUT, "refused-503")) if is_away else chance.choice((TAKEN, TAKEN, REFUSED))

    it, news = Road(answers), 0
    for _ in range(300):
        if chance.random() < 0.1:
            is_away = not is_away
        if chance.random() < 0.3:
            is_news = chance.random() < 0.5
            news += is_news
            it.turns.expect(f"alarm-{chance.randrange(40)}", is_news=is_news)
        before = len(it.asked)
        it.until(it.now_s + 1)
        # News by itself, and one for all: never each that waits.
        assert not is_away or len(it.asked) - before <= 8, it.asked[before:]
    it.answers = taken
    it.until(it.now_s + LONGEST_S + 1)
    assert it.turns.failing == 0 and list(it.turns.due()) == []
