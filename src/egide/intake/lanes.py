"""The order in which the writer takes what waits: presses and what belongs to alarms first; behind them signs of life,
openings, what became of answers, and what is no message at all."""

from collections import deque

from egide.intake.passing import AnswerTried, Arrival, Failure, Item, Opening
from egide.protocol.envelope import Kind

# How many items become durable as one group.
GROUP = 16
# A press waits for one such group at most; each heartbeat of it takes about a tenth of a millisecond.
RESTING_GROUP = 8
# However many presses wait, some heartbeats are answered after this many turns: no phone must seem silent for that.
_TURNS = 4


class Lanes:
    """Two queues. Empty is false."""

    def __init__(self) -> None:
        self._urgent: deque[Item] = deque()
        self._resting: deque[Item] = deque()
        self._turns = 0

    def __bool__(self) -> bool:
        return bool(self._urgent or self._resting)

    def add(self, item: Item) -> None:
        """Take one item into its lane."""
        is_beat = isinstance(item, Arrival) and item.message.kind is Kind.HEARTBEAT
        is_resting = is_beat or isinstance(item, Failure | Opening | AnswerTried)
        (self._resting if is_resting else self._urgent).append(item)

    def take(self) -> list[Item]:
        """The next group: of one lane only, so that a press never waits for the heartbeats behind it."""
        if self._urgent and not (self._resting and self._turns >= _TURNS):
            self._turns += 1
            return [self._urgent.popleft() for _ in range(min(GROUP, len(self._urgent)))]
        self._turns = 0
        return [self._resting.popleft() for _ in range(min(RESTING_GROUP, len(self._resting)))]
