"""What there is to be said of an alarm, before anybody's list of fields is held against it."""

import msgspec

from egide.alarm.events.elsewhere import number_for
from egide.common.clock import utc
from egide.connectors.base import RoadError

RAISED, MOVED, SAID, CLOSED, TEST = "alarm.raised", "alarm.moved", "alarm.said", "alarm.closed", "test"
# To a team that is told by itself and no longer sent.
RELEASED = "alarm.released"
# Before the name of a system, of what `Signs.last` keeps: what became of the last message to it, what it said last,
# when an administrator asked for a test of one that fetches, what became of the last test, and when we looked last
# whether it says something.
TOLD, HEARD, ASKED, TRIED, LOOKED = "told ", "heard ", "asked ", "tested ", "looked "
# Why a map did not take an alarm: it has no place for it yet.
NO_POSITION = "no-position"


class Refused(RoadError):
    """It was not taken; `why` is one word for the journal. Whatever it is, it is tried again: a dispatch system that
    refuses today was changed by somebody who changes it back."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class People(msgspec.Struct, frozen=True):
    """Names of the file: who is protected, and who threatens."""

    protected: str
    threatening: tuple[str, ...] = ()


class Facts(msgspec.Struct, frozen=True):
    """What is known of an alarm. Times in µs since 1970. `circle`: latitude and longitude in degrees (WGS84), a radius
    in metres that holds the phone, and when it was there.

    `moment_us` is when that happened which the message is about; with it two messages of one alarm differ. `said` is
    the word of a silent question (then `is_question`) or of an answer to one, the `place`-th of the alarm (from 1);
    `address` is whom a chat is with there.
    """

    type: str
    alarm: str
    moment_us: int
    raised_at_us: int
    circle: tuple[float, float, int, int] | None = None
    weapon: bool | None = None
    link: str = ""
    said: str = ""
    is_question: bool = False
    place: int = 0
    address: str = ""
    opened_at_us: int = 0
    people: People | None = None

    def number(self, receiver: str) -> str:
        """The id of the message that says this to the receiver of this name: the same for the same news."""
        return number_for(receiver, self.alarm, self.type, self.moment_us)

    def first(self, receiver: str) -> str:
        """The id of the message that raised the alarm."""
        return number_for(receiver, self.alarm, RAISED, self.raised_at_us)


def time_of(at_us: int) -> str:
    """Of a second, with its offset (RFC 3339)."""
    return utc(at_us).replace(microsecond=0).isoformat()
