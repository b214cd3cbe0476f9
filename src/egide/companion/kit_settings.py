"""The kit's settings on the phone: taken from signed replies, kept, confirmed; the hold time goes on to the button."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from egide.companion.ports import Radio, Reporter
from egide.companion.store import PhoneStore
from egide.protocol import frame as frames
from egide.protocol.enrolment import Settings
from egide.protocol.receipt import Pending
from egide.protocol.settings import BUTTON_TOOK, PENDING, PHONE_TOOK, settings_of


@dataclass
class KitSettings:
    """`now` is what holds. `note` says a word to the zone (protocol/link.py)."""

    now: Settings
    store: PhoneStore
    radio: Radio
    button_key: bytes
    note: Callable[[str], None]
    report: Reporter

    def take(self, pending: Sequence[Pending]) -> bool:
        """Take what a reply sets; whether anything changed. What is out of bounds or older changes nothing.

        The same again means that our word did not arrive, or came before an older one: it is said again.
        """
        text = next((one.text for one in pending if one.what == PENDING), "")
        wanted = settings_of(text) if text else None
        if wanted is None or wanted.version < self.now.version:
            return False
        is_news = wanted.version > self.now.version
        if is_news:
            self.store.do_set_settings(wanted)
            self.now = wanted
            self.report("phone.settings_taken", version=wanted.version)
        self.note(f"{PHONE_TOOK}{self.now.version}")
        return is_news

    async def give_to_button(self) -> None:
        """Tell the button its hold time, once for each version; what did not arrive is tried with the next word."""
        version = self.now.version
        if not self.radio.is_connected or version <= self.store.button_settings():
            return
        hold = frames.encode_hold(version, self.now.button_hold_ms, self.button_key)
        if await self.radio.set_hold(hold):
            self.store.do_note_button_settings(version)
            self.note(f"{BUTTON_TOOK}{version}")
