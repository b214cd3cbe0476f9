"""What both radios are: one bond with one button, whether it still holds, and whether the button is connected."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable

from egide.companion.keeping import Arrived, said_while
from egide.companion.ports import RadioError, Reporter
from egide.companion.radio.bond import BondHealth, BondMemory, bond_kept_by
from egide.protocol import gatt as ids
from egide.protocol.link import Notice


class BondedRadio(ABC):
    """See `ports.Radio`. `keeper` has the keys of the bond.

    `may_be_findable` lets a button pass that rule 21 refuses: for demonstrations only.
    """

    def __init__(
        self, memory: BondMemory, keeper: str, key: bytes, report: Reporter, may_be_findable: bool
    ) -> None:
        self._memory = memory
        self._keeper = keeper
        self._key = key
        self._report = report
        self._may_be_findable = may_be_findable
        self._is_subscribed = False
        self._health = BondHealth(memory)
        self._may_connect = asyncio.Event()
        if self._bonded:
            self._may_connect.set()
        self.on_trouble: Callable[[Notice], None] = lambda _notice: None
        self.on_link: Callable[[], None] = lambda: None

    @property
    def is_paired(self) -> bool:
        return self._bonded is not None and not self._health.is_lost

    @property
    def _bonded(self) -> str | None:
        """Address of the bonded button, None without a bond that is ours to use."""
        return bond_kept_by(self._memory, self._keeper)

    @property
    def is_connected(self) -> bool:
        return self._is_subscribed

    async def pair(self, within_s: float) -> None:
        """Bond with the button that holds our key, and let it go again. Raises RadioError."""
        self._may_connect.clear()
        try:
            async with asyncio.timeout(within_s):
                await self._pair()
        except TimeoutError as error:
            raise RadioError(
                f"no button of this kit in its pairing window within {within_s:.0f} s: open the window again"
            ) from error
        finally:
            if self._bonded:
                self._may_connect.set()
        self._report("phone.paired")

    def said(self) -> AsyncGenerator[bytes, None]:
        """Never ends by itself."""
        return said_while(self._keep_connected)

    async def acknowledge(self, ack: bytes) -> None:
        await self._write(ids.ACKNOWLEDGE, ack)

    async def set_hold(self, frame: bytes) -> bool:
        return await self._write(ids.ACKNOWLEDGE, frame)

    async def battery_pct(self) -> int | None:
        value = await self._read(ids.BATTERY_LEVEL)
        return value[0] if len(value) == 1 and value[0] <= 100 else None

    @abstractmethod
    async def _pair(self) -> None:
        """Bond, and look at the button at rest. Raises RadioError, TimeoutError."""

    @abstractmethod
    async def _keep_connected(self, arrived: Arrived) -> None:
        """Take what the button says, and connect again whenever the link is lost."""

    @abstractmethod
    async def _write(self, characteristic: str, value: bytes) -> bool:
        """Whether the button took it; False too without a link."""

    @abstractmethod
    async def _read(self, characteristic: str) -> bytes:
        """What it says; nothing where it cannot be asked."""

    def _note_connected(self) -> None:
        self._is_subscribed = True
        self._health.note(False)
        self._report("phone.connected")
        self.on_link()

    def _note_disconnected(self) -> None:
        if self._is_subscribed:
            self._is_subscribed = False
            self._report("phone.disconnected")
            self.on_link()

    def _note_bond_lost(self) -> None:
        """A fact to report: somebody may have unpaired the button."""
        if self._health.note(True):
            self._report("phone.bond_lost")
            self.on_trouble(Notice.BUTTON_UNPAIRED)
            self.on_link()

    def _note_findable(self, reason: str | None) -> None:
        """A button that begins to show itself is reported to the zone; its presses count, they matter more."""
        if reason is not None and not self._may_be_findable:
            self._report("phone.button_findable", reason=reason)
            self.on_trouble(Notice.BUTTON_FINDABLE)

    def _accept_at_rest(self, reason: str | None) -> None:
        """Rule 21: `reason` is why the button can be found, if it can. Raises RadioError."""
        if reason is not None:
            self._report("phone.button_findable", reason=reason)
            if not self._may_be_findable:
                raise RadioError(f"the button can be found by radio: {reason}; it must not be handed out")
