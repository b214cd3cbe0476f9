"""The order in which the writer takes what waits: presses and what belongs to alarms first; behind them signs of life,
openings, what became of answers, and what is no message at all. What is said again while it waits is handled once."""

from collections import deque
from collections.abc import Sequence

import msgspec

from egide.intake.passing import Answered, AnswerTried, Arrival, Failure, Item, Opening
from egide.protocol.envelope import Kind

# How many items become durable as one group.
GROUP = 16
# A press waits for one such group at most; each heartbeat of it takes about a tenth of a millisecond.
RESTING_GROUP = 8
# However many presses wait, some heartbeats are answered after this many turns: no phone must seem silent for that.
_TURNS = 4


class Lanes:
    """Two queues. Empty is false.

    A phone asks again after five seconds. Where storing takes longer, because a database is slow, each press would wait
    behind the repeats of all others, for which nobody waits any more, and no receipt would come in time ever again.
    """

    def __init__(self) -> None:
        self._urgent: deque[Item] = deque()
        self._resting: deque[Item] = deque()
        self._turns = 0
        # Of each message that waits urgently, and of each that was taken by its number: who said the same bytes again,
        # on the same road.
        self._waiting: dict[tuple[bytes, bool], list[int]] = {}
        self._repeats: dict[int, list[int]] = {}

    def __bool__(self) -> bool:
        return bool(self._urgent or self._resting)

    def add(self, item: Item) -> None:
        """Take one item into its lane, or to the same message that waits there."""
        is_beat = isinstance(item, Arrival) and item.message.kind is Kind.HEARTBEAT
        is_resting = is_beat or isinstance(item, Failure | Opening | AnswerTried)
        if isinstance(item, Arrival) and not is_resting:
            if (repeats := self._waiting.get(_same(item))) is not None:
                repeats.append(item.number)
                return
            self._waiting[_same(item)] = []
        (self._resting if is_resting else self._urgent).append(item)

    def take(self) -> list[Item]:
        """The next group: of one lane only, so that a press never waits for the heartbeats behind it."""
        if self._urgent and not (self._resting and self._turns >= _TURNS):
            self._turns += 1
            group = [self._urgent.popleft() for _ in range(min(GROUP, len(self._urgent)))]
            for item in group:
                if isinstance(item, Arrival) and (repeats := self._waiting.pop(_same(item))):
                    self._repeats[item.number] = repeats
            return group
        self._turns = 0
        return [self._resting.popleft() for _ in range(min(RESTING_GROUP, len(self._resting)))]

    def answers(self, answered: Sequence[Answered]) -> list[Answered]:
        """The answers to what was taken, and the same ones for who said it again meanwhile."""
        if not self._repeats:
            return list(answered)
        return [
            msgspec.structs.replace(one, number=number)
            for one in answered
            for number in (one.number, *self._repeats.pop(one.number, ()))
        ]


def _same(item: Arrival) -> tuple[bytes, bool]:
    return item.digest, item.by_sms
