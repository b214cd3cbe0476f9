"""The ways to tell a dispatch system: each is declared by a connector, and loaded where a receiver of its kind is."""

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from egide.common.clock import Clock
from egide.connectors.dispatch.facts import Facts
from egide.connectors.registry import kinds_polled, modules_of_kinds
from egide.journal.now.outcomes import Outcomes

if TYPE_CHECKING:
    from egide.connectors.dispatch.receivers import Receiver


class Kind(Protocol):
    """What each of these modules has."""

    # Seconds within which what is due must be taken before it counts as not taken.
    PATIENCE_S: float

    def faults(self, receiver: "Receiver") -> list[str]:
        """What is wrong with its entry beside what is so for every kind: words that follow its name."""
        ...

    def send(self, facts: Facts, receiver: "Receiver", clock: Clock) -> None:
        """Tell what this receiver may know of it. Raises Refused. Blocks for at most some seconds."""
        ...


class Polled(Protocol):
    """What a kind has besides whose receivers are asked, in an alarm or not, whether they are there."""

    def poll_every_s(self, receiver: "Receiver") -> int:
        """Seconds between two questions."""
        ...

    def poll(self, receiver: "Receiver", clock: Clock) -> None:
        """Ask. Raises Refused. Blocks for at most some seconds."""
        ...


def note_in(receiver: "Receiver", outcomes: Outcomes) -> None:
    """Have `outcomes` hear what a kind asks of others beside what it sends, where it does."""
    if hear := getattr(kind_of(receiver), "note_in", None):
        hear(receiver, outcomes)


def polled(receiver: "Receiver") -> Polled | None:
    """How it is asked whether it is there; None for one that is not."""
    return cast(Polled, kind_of(receiver)) if receiver.kind in kinds_polled() else None


def kind_of(receiver: "Receiver") -> Kind:
    """Raises KeyError for a kind that there is not."""
    return cast(Kind, import_module(modules_of_kinds()[receiver.kind]))
