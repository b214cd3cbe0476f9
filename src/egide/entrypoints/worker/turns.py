"""Which alarms one dispatch system is told of next, and when it is tried again after it took nothing.

While it does not answer it is asked with one alarm, whose turn goes round: sixty open alarms are no reason to call it
sixty times, and one alarm that it cannot digest keeps no other waiting.
"""

from collections.abc import Iterator

import msgspec

from egide.common.clock import Clock

# After the first, the second, … try that failed; the last pause goes on for as long as it is due.
AGAIN_AFTER_S = (1, 2, 5, 10, 30)
# By which a system says nothing about the message, and everything about itself (RFC 9110, section 15.6; RFC 3261,
# section 21.5). Whatever else it refuses by is about this message, and each alarm is tried by itself.
AWAY = frozenset(
    ("timeout", "unreachable", "refused-429", "refused-502", "refused-503", "refused-504"),
)


class Waiting(msgspec.Struct):
    """An alarm of which something may be due: not before `at_us` of the steady clock; `tries` that failed so far.
    `is_news`: more than a position came since it was tried. `message` has been due since `since_us`; that `noted` was
    not taken is in the alarm. `lacks_place`: it was not taken for want of a position, and any news may bring one."""

    at_us: int = 0
    tries: int = 0
    is_news: bool = False
    message: str = ""
    since_us: int = 0
    noted: str = ""
    lacks_place: bool = False


class Turns:
    """The alarms that wait for one system. Belongs to the thread that tells it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[str, Waiting] = {}
        # How often in a row it did not answer, and before when it is not asked again.
        self._unanswered = 0
        self._ask_us = 0

    @property
    def failing(self) -> int:
        """Of how many alarms something could not be told so far."""
        return sum(waiting.tries > 0 for waiting in self._waiting.values())

    def expect(self, alarm: str, is_news: bool = True) -> None:
        """Something may be due of this alarm; one that waits for its next try goes on waiting, unless it waits for a
        position."""
        waiting = self._waiting.setdefault(alarm, Waiting())
        waiting.is_news |= is_news
        if not waiting.tries or waiting.lacks_place:
            waiting.at_us = 0

    def due(self) -> Iterator[tuple[str, Waiting]]:
        """One after the other, each once the one before it was tried. News goes first and is tried whatever became of
        others: that it is not taken has to stand in its alarm. What waits longest asks for all the rest."""
        now_us = self._clock.steady_us()
        alarms = [alarm for alarm, waiting in self._waiting.items() if waiting.at_us <= now_us]
        alarms.sort(key=lambda alarm: (not self._waiting[alarm].is_news, self._waiting[alarm].at_us))
        for alarm in alarms:
            waiting = self._waiting[alarm]
            if not waiting.is_news and self._unanswered and self._clock.steady_us() < self._ask_us:
                return
            yield alarm, waiting

    def done(self, alarm: str) -> None:
        """Nothing is due of it any more."""
        del self._waiting[alarm]

    def answered(self) -> None:
        """It said something: everything that is due is told."""
        self._unanswered = 0

    def refused(self, waiting: Waiting, why: str) -> None:
        """It took nothing, for this reason; a system that is away is asked again as soon as for its newest alarm."""
        if why not in AWAY:
            self.answered()
            return
        is_first = waiting.is_news and not waiting.tries
        self._unanswered = 1 if is_first else self._unanswered + 1
        self._ask_us = self._clock.steady_us() + _pause_us(self._unanswered)

    def again_later(self, waiting: Waiting, lacks_place: bool = False) -> None:
        waiting.tries += 1
        waiting.lacks_place = lacks_place
        waiting.is_news = False
        waiting.at_us = self._clock.steady_us() + _pause_us(waiting.tries)


def _pause_us(tries: int) -> int:
    return AGAIN_AFTER_S[min(tries, len(AGAIN_AFTER_S)) - 1] * 1_000_000
