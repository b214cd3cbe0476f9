"""What every road to the outside is: it takes an alert, or a wake-up, and either delivers it or says why not.

And what every connector declares of itself, for `registry`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec

from egide.common.config import Config


class Alert(msgspec.Struct, frozen=True):
    """A few words for somebody who is not looking at a board. No name, no address, no position.

    `id` is the same when the same alert is sent again.
    """

    id: str
    subject: str
    text: str


class RoadError(Exception):
    """The alert did not get through on this road; it will be tried again."""


class Road(Protocol):
    """One way to reach people."""

    name: str

    def send(self, alert: Alert) -> None:
        """Deliver, or raise RoadError. Blocks for at most some seconds."""
        ...

    def check(self) -> None:
        """Raise RoadError when nothing could be delivered now, as far as that shows without sending anything."""
        ...


class Subscription(msgspec.Struct, frozen=True):
    """Where one browser can be woken, as it said itself (Push API): an address and its keys, in base64url."""

    endpoint: str
    p256dh: str
    auth: str


# A push service took it, and would have taken it for any address.
UNPROVEN = "unproven"


class WakeError(RoadError):
    """A device was not woken. `why` is one word; when `is_gone`, it never will be at this address. `wait_s` is for how
    many seconds the push service wants to be left alone."""

    def __init__(self, why: str, is_gone: bool = False, is_final: bool = False, wait_s: int = 0) -> None:
        super().__init__(why)
        self.wait_s = wait_s
        self.why = why
        self.is_gone = is_gone
        self.is_final = is_final or is_gone


class Waker(Protocol):
    """One way to wake a device without telling it anything."""

    name: str

    def wake(self, device: Subscription, wake: str, kept_s: int = ...) -> None:
        """Wake it, or raise WakeError. `wake` (32 signs at most) is the same when it is repeated; a device that is not
        reached now is woken within `kept_s` seconds or not at all. Blocks for at most some seconds."""
        ...

    def probe(self, endpoint: str) -> None:
        """Ask whether this address still leads to a browser, without anything to be seen there. Raises WakeError, with
        UNPROVEN where the answer does not say so."""
        ...


@dataclass(frozen=True)
class Attempt:
    """How a road is tried by hand. `run` takes an alert that says that it is a test, blocks for some seconds at most
    and raises RoadError. `is_message`: somebody there gets it; else only a connection is made."""

    run: Callable[[Config, Alert], None]
    is_message: bool = False


def _none(_config: Config) -> tuple[()]:
    return ()


@dataclass(frozen=True)
class Connector:
    """What one folder says of itself, in its module `declared` as DECLARED. Nothing else names the folder.

    Sentences are English ones of the catalogues (`gettext_noop`).
    """

    # That of its folder.
    name: str
    title: str
    # Who is told, or whose word comes in.
    whom: str
    # All that it can ever carry: a word for programs, and a sentence.
    carries: Mapping[str, str]
    # Settings, by the names of their fields in Config: one of the first makes it work, the others belong to it.
    needs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    # Kinds of events that it tells of, or that its work leaves in the journal.
    events: tuple[str, ...] = ()
    # Faults that the settings show by themselves: sentences for the administrator.
    faults: Callable[[Config], Iterable[str]] = _none
    # Files with its keys and secrets, where they are set.
    keys: Callable[[Config], Iterable[Path]] = _none
    # Ways to tell a dispatch system: the word in the file of receivers, and the module of this folder that tells.
    kinds: Mapping[str, str] = field(default_factory=dict)
    # Whether these tell a team by itself.
    is_for_teams: bool = False
    # Whether these tell nothing by themselves, but what an operator hands over.
    is_by_hand: bool = False
    # Whether people there can write in an alarm by these, and be written to.
    is_talking: bool = False
    # Whether these are asked, in an alarm or not, if they are there.
    is_polled: bool = False
    # By which `watch` alerts. Raises ValueError naming the setting that is wrong.
    roads: Callable[[Config], Iterable[Road]] = _none
    attempt: Attempt | None = None
    # How its state is read: the name of its signs of life, and of its parts among the troubles, or how they begin.
    beat: str = ""
    trouble: str = ""
    # Of what its processes note how it went last: a word of `Outcomes`, and what that is for a person.
    parts: Mapping[str, str] = field(default_factory=dict)

    def is_set_up(self, config: Config) -> bool:
        """Whether a setting of this installation asks for it."""
        return any(getattr(config, name) for name in self.needs)
