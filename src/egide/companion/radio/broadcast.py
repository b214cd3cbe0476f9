"""The Radio port for a button that only broadcasts (BTHome v2, encrypted): heard, proven, and never acknowledged.

Anybody can follow such a button, so it is refused outside demonstrations (safety rule 21): it is not even listened to.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Protocol

from bleak.exc import BleakError

from egide.companion.ports import RadioError, Reporter
from egide.companion.radio.bond import BROADCAST, BondMemory, bond_kept_by, do_note_bond
from egide.companion.radio.bumble_device import LINK_ERRORS, LinkLost
from egide.companion.radio.claim import NotOurs
from egide.protocol.bthome import Advertised, BthomeError, address_bytes, decode
from egide.protocol.link import Notice

log = logging.getLogger(__name__)

RETRY_S = 0.5
FINDABLE = "it broadcasts under one address"
_ERRORS = (LinkLost, BleakError, EOFError, *LINK_ERRORS)

# The service data of BTHome from the device with this printed address, for as long as the radio lives.
Listen = Callable[[str], AsyncGenerator[bytes, None]]


class ButtonMemory(BondMemory, Protocol):
    """What is kept of a button that cannot be bonded."""

    def do_note_button(self, button_counter: int) -> bool:
        """Nothing up to this counter counts again. False when it was not above the highest."""
        ...


class BroadcastRadio:
    """See `ports.Radio`. `address` is the one printed on the button; `may_be_findable`: for demonstrations only."""

    def __init__(
        self,
        listen: Listen,
        memory: ButtonMemory,
        address: str,
        key: bytes,
        report: Reporter,
        may_be_findable: bool = False,
    ) -> None:
        self._listen = listen
        self._memory = memory
        self._address = address.upper()
        self._address_bytes = address_bytes(address)
        self._key = key
        self._report = report
        self._may_be_findable = may_be_findable
        self._is_listening = False
        self._refused = b""
        self._may_listen = asyncio.Event()
        if self.is_paired and may_be_findable:
            self._may_listen.set()
        self.on_trouble: Callable[[Notice], None] = lambda _notice: None
        self.on_link: Callable[[], None] = lambda: None

    @property
    def is_paired(self) -> bool:
        return bond_kept_by(self._memory, BROADCAST) == self._address

    @property
    def is_connected(self) -> bool:
        """Whether somebody listens. Such a button says nothing at rest."""
        return self._is_listening

    async def pair(self, within_s: float) -> None:
        """Wait for one press that this kit's key opens. Raises RadioError."""
        if not self._may_be_findable:
            self._report("phone.button_findable", reason=FINDABLE)
            raise RadioError(f"the button can be found by radio: {FINDABLE}; it must not be handed out")
        try:
            async with asyncio.timeout(within_s):
                found = await self._first_word()
        except TimeoutError as error:
            raise RadioError(
                f"nothing from button {self._address} within {within_s:.0f} s: press it, close to the phone"
            ) from error
        except _ERRORS as error:
            raise RadioError(f"no radio: {error or type(error).__name__}") from error
        do_note_bond(self._memory, self._address, BROADCAST)
        self._may_listen.set()
        self._report("phone.paired", counter=found.counter)

    async def _first_word(self) -> Advertised:
        """Its copies are still on the air, and somebody may send it again: the counter is on the disk at once."""
        async with aclosing(self._listen(self._address)) as heard:
            async for data in heard:
                found = self._opened(data)
                if self._memory.do_note_button(found.counter):
                    return found
        raise RadioError("no radio: it ended")

    def _opened(self, data: bytes) -> Advertised:
        """Raises RadioError, with the reason for which this button cannot be used."""
        try:
            return decode(data, self._address_bytes, self._key)
        except BthomeError as error:
            if error.reason == "not-encrypted":
                reason = "this button does not encrypt what it says: set it up with the key of this kit"
                raise RadioError(reason) from error
            if error.reason == "wrong-key":
                raise NotOurs("this button does not hold the key of this kit") from error
            raise RadioError(f"a button of this kind is not supported: {error.reason}") from error

    async def said(self) -> AsyncGenerator[bytes | Advertised, None]:
        """Never ends by itself."""
        while True:
            await self._may_listen.wait()
            try:
                async with aclosing(self._listen(self._address)) as heard:
                    self._note_listening(True)
                    async for data in heard:
                        found = self._proven(data)
                        if found is not None:
                            yield found
            except _ERRORS as error:
                log.info("radio lost: %s", error or type(error).__name__)
            finally:
                self._note_listening(False)
            await asyncio.sleep(RETRY_S)

    def _proven(self, data: bytes) -> Advertised | None:
        """What the button said, perhaps not for the first time; None for what is not from it."""
        try:
            return decode(data, self._address_bytes, self._key)
        except BthomeError as error:
            # Each is heard several times.
            if data != self._refused:
                self._refused = data
                self._report("phone.frame_refused", reason=error.reason)
                self.on_trouble(Notice.FRAME_REFUSED)
            return None

    def _note_listening(self, is_listening: bool) -> None:
        if is_listening is not self._is_listening:
            self._is_listening = is_listening
            self._report("phone.connected" if is_listening else "phone.disconnected")
            self.on_link()

    async def acknowledge(self, ack: bytes) -> None:
        """Nobody can: it says a press a few times and is silent."""

    async def set_hold(self, frame: bytes) -> bool:
        """It hears nothing."""
        return False

    async def battery_pct(self) -> int | None:
        """Only what it says with a press is known."""
        return None
