"""Pure rules of the surveys: a percentage never stands without its number, its population and its interval."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Answers leave the waiting room together: among fewer, the time of an answer would say whose it is.
TOGETHER = 5
WRONG_CODES = 5
AGAIN_AFTER_DAYS = 180
FIRST_AFTER_DAYS = 30
_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """`number` of `of`; the bounds of the interval are fractions, None where nobody was asked."""

    number: int
    of: int
    low: float | None = None
    high: float | None = None

    @property
    def fraction(self) -> float | None:
        """None, and not 0, where there is nobody to speak of."""
        return self.number / self.of if self.of else None


def share(number: int, of: int) -> Share:
    """A share with its 95 % interval (E. B. Wilson, JASA 22, 1927; without continuity correction)."""
    if not of:
        return Share(number, of)
    if not 0 <= number <= of:
        raise ValueError(f"{number} of {of} is no share")
    part, spread = number / of, _Z95**2 / of
    middle = (part + spread / 2) / (1 + spread)
    half = _Z95 / (1 + spread) * math.sqrt(part * (1 - part) / of + spread / (4 * of))
    # The bounds reach 0 and 1 exactly there; rounding must not pass them.
    low = 0.0 if number == 0 else max(0.0, middle - half)
    high = 1.0 if number == of else min(1.0, middle + half)
    return Share(number, of, low, high)


def tally(question: str, options: Iterable[str], answers: Iterable[Mapping[str, str]]) -> dict[str, Share]:
    """How often each option was chosen, among those who answered this question at all."""
    chosen = [one[question] for one in answers if question in one]
    return {option: share(chosen.count(option), len(chosen)) for option in options}


def is_due(today: int, out_since: int, asked_on: int | None) -> bool:
    """Whether somebody may be asked: a month after the kit left, and half a year after the last time (in days)."""
    if today - out_since < FIRST_AFTER_DAYS:
        return False
    return asked_on is None or today - asked_on >= AGAIN_AFTER_DAYS
