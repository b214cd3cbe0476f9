"""What became last of each road outside, as the process that works it knows. Kept among the signs of life, in words.

To note something waits for no disk: it is written with the next sign of life of its process, and what was noted in the
seconds before a kill is lost.
"""

from typing import Final

import msgspec

from egide.common.clock import Clock
from egide.journal.now.signs import Last, Signs

# Words of success: the other end took what it was given; it was only asked whether it is there; it gives us what comes;
# what was sent is answered by nobody; a question had its answer; a text is on its phone; a call was in order, and what
# it brought is nothing of ours.
TAKEN: Final = "taken"
ANSWERS: Final = "answers"
LISTENING: Final = "listening"
WRITTEN: Final = "written"
ANSWERED: Final = "answered"
ARRIVED: Final = "arrived"
NOT_OURS: Final = "not-ours"
# A server that gave us what comes does so no more.
AWAY: Final = "away"
# Before a road and one of its parts, of what `Signs.last` keeps: what it came to last, and what it came to when it last
# worked. One word each: neither a name nor a number, nor what the other end wrote.
_BAD_REQUEST: Final = 400
_CAME, _WORKED = "came ", "worked "


class Outcome(msgspec.Struct, frozen=True):
    """What one part of a road came to last. `worked_us` is when it last worked, None for never."""

    at_us: int
    word: str
    worked_us: int | None
    is_well: bool


class Outcomes:
    """Of the roads that one process works. Any thread may note; one keeps."""

    def __init__(self, signs: Signs, clock: Clock) -> None:
        self._signs = signs
        self._clock = clock
        self._news: dict[str, tuple[str, int]] = {}

    @property
    def is_new(self) -> bool:
        """Whether there is something to keep."""
        return bool(self._news)

    def worked(self, road: str, part: str, word: str = TAKEN) -> None:
        """It went as it should."""
        self._note(_WORKED, road, part, word)
        self._note(_CAME, road, part, word)

    def failed(self, road: str, part: str, word: str) -> None:
        """It did not, and why in one word, which is no word of success."""
        self._note(_CAME, road, part, word)

    def answered(self, road: str, part: str, status: int) -> None:
        """We answered it so (HTTP)."""
        if status < _BAD_REQUEST:
            self.worked(road, part)
        else:
            self.failed(road, part, f"refused-{status}")

    def do_keep(self) -> None:
        """Write what is new. Raises nothing."""
        while self._news:
            name, (word, at_us) = self._news.popitem()
            self._signs.note_last(name, word, at_us)

    def _note(self, what: str, road: str, part: str, word: str) -> None:
        self._news[f"{what}{road} {part}"] = (word, self._clock.now_us())


def outcomes(signs: Signs) -> dict[str, dict[str, Outcome]]:
    """By road, then by part. Raises JournalUnavailable."""
    worked = signs.last(_WORKED)
    found: dict[str, dict[str, Outcome]] = {}
    for name, came in signs.last(_CAME).items():
        road, _, part = name.partition(" ")
        found.setdefault(road, {})[part] = _outcome(came, worked.get(name))
    return found


def _outcome(came: Last, worked: Last | None) -> Outcome:
    if worked is None:
        return Outcome(came.at_us, came.word, None, False)
    return Outcome(came.at_us, came.word, worked.at_us, worked.word == came.word)
