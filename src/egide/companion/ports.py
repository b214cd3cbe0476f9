"""What the phone's core needs of the world: one radio and one source of positions. Each is small on purpose."""

from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from egide.companion.store import Outgoing
from egide.protocol.bthome import Advertised
from egide.protocol.envelope import Position
from egide.protocol.link import Notice
from egide.protocol.receipt import Receipt


class RadioError(Exception):
    """The button could not be reached, paired or believed; the text says which and what to do."""


class Radio(Protocol):
    """The phone's side of contracts/gatt.md. bumble and bleak stand behind it.

    `on_trouble` is called with what the zone should know: a lost bond, a button that can be found. `on_link` is called
    whenever the link comes or goes.
    """

    on_trouble: Callable[[Notice], None]
    on_link: Callable[[], None]

    @property
    def is_paired(self) -> bool:
        """Whether there is a bond with the button."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether presses would arrive right now."""
        ...

    async def pair(self, within_s: float) -> None:
        """Find the button in its pairing window and bond with it for good. Raises RadioError."""
        ...

    def said(self) -> AsyncGenerator[bytes | Advertised, None]:
        """Everything the button says; connects again whenever the link is lost.

        Frames come as raw bytes; what a button that only broadcasts has said is proven to be from it, but perhaps old.
        """
        ...

    async def acknowledge(self, ack: bytes) -> None:
        """Give the button an acknowledgement. A lost link is no error: the button repeats."""
        ...

    async def set_hold(self, frame: bytes) -> bool:
        """Give the button its hold time; whether it took it. False too when it cannot be reached or asked."""
        ...

    async def battery_pct(self) -> int | None:
        """The button's charge in percent, None when it cannot be asked."""
        ...


class Positions(Protocol):
    """Where the phone is."""

    def current(self) -> Position | None:
        """The last fix with its age, None when there is none: that is legitimate, and sent as absent."""
        ...


class Listener(Protocol):
    """What the core tells its display."""

    def on_stored(self, press: Outgoing) -> None: ...

    def on_test(self) -> None:
        """A test was made."""
        ...

    def on_not_stored(self) -> None: ...

    def on_receipt(self, sent: Outgoing, receipt: Receipt) -> None: ...

    def on_state(self, receipt: Receipt) -> None:
        """The state of an alarm is news."""
        ...

    def on_over(self) -> None:
        """An alarm that memory alone knew is closed."""
        ...

    def on_refused(self, status: int) -> None: ...

    def on_unreachable(self) -> None: ...


class Reporter(Protocol):
    """Takes what happens, for a log, a screen or a demonstration."""

    def __call__(self, step: str, **facts: object) -> None: ...
