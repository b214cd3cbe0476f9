"""What a platform would say of the phone itself: where it is, whether it may know that, its charge. Invented here, and
changed by whoever drives the phone.
"""

from collections.abc import Callable

from egide.companion.ports import Positions
from egide.protocol.envelope import Position


class Surroundings:
    """`on_permission` is called whenever the position is refused or allowed."""

    def __init__(self, positions: Positions, phone_pct: int | None = None) -> None:
        self.positions = positions
        self.phone_pct = phone_pct
        self.on_permission: Callable[[bool], None] = lambda _is_allowed: None
        self._is_refused = False

    @property
    def is_position_refused(self) -> bool:
        return self._is_refused

    def permit_position(self, is_allowed: bool) -> None:
        """The person or the platform allows the position, or refuses it."""
        if is_allowed is self._is_refused:
            self._is_refused = not is_allowed
            self.on_permission(is_allowed)

    def position(self) -> Position | None:
        """The last fix, None where it is refused or there is none."""
        return None if self._is_refused else self.positions.current()
