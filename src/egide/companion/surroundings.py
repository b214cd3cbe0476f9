"""What a platform would say of the phone itself: where it is, what it may know, its charge.

Invented here, and changed by commands.
"""

from collections.abc import Callable

from egide.companion.ports import Positions, Radio
from egide.protocol.envelope import Position
from egide.protocol.link import LinkFlag, Notice


class Surroundings:
    """`on_permission` is called whenever position or microphone is refused or allowed. `wants_microphone`: she chose
    that the desk may listen in.
    """

    def __init__(self, positions: Positions, phone_pct: int | None = None) -> None:
        self.positions = positions
        self.phone_pct = phone_pct
        self.wants_microphone = False
        self.on_permission: Callable[[Notice], None] = lambda _notice: None
        self._position_is_allowed = True
        self._microphone_is_allowed = True

    @property
    def may_listen(self) -> bool:
        return self.wants_microphone and self._microphone_is_allowed

    def permit_position(self, is_allowed: bool) -> None:
        """The person or the platform allows the position, or refuses it."""
        if is_allowed is not self._position_is_allowed:
            self._position_is_allowed = is_allowed
            self.on_permission(Notice.POSITION_ALLOWED if is_allowed else Notice.POSITION_REFUSED)

    def permit_microphone(self, is_allowed: bool) -> None:
        if is_allowed is not self._microphone_is_allowed:
            self._microphone_is_allowed = is_allowed
            self.on_permission(Notice.MICROPHONE_ALLOWED if is_allowed else Notice.MICROPHONE_REFUSED)

    def position(self) -> Position | None:
        """The last fix, None where it is refused or there is none."""
        return self.positions.current() if self._position_is_allowed else None

    def link(self, radio: Radio) -> int:
        """How the button stands, and what stands in the way, for field 6 of the envelope."""
        flags = LinkFlag.BUTTON_PAIRED if radio.is_paired else LinkFlag(0)
        if radio.is_connected:
            flags |= LinkFlag.BUTTON_CONNECTED
        if not self._position_is_allowed:
            flags |= LinkFlag.POSITION_REFUSED
        elif self.positions.current() is None:
            flags |= LinkFlag.NO_FIX
        if self.wants_microphone and not self._microphone_is_allowed:
            flags |= LinkFlag.MICROPHONE_REFUSED
        return int(flags)
