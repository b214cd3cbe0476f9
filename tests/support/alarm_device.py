"""Alarm devices that are enrolled as an officer enrols them, and what one sends."""

from dataclasses import dataclass, field
from itertools import count

from egide.events.register import KitIssued
from egide.events.sources import SourceEnrolled
from egide.protocol.dc09 import frames as dc09
from egide.protocol.envelope import Position
from egide.protocol.sources import DC09, PURPOSE, source_id
from tests.support.installation import Installation, Phone

ACCOUNT, KEY = "1A2B", b"0123456789abcdef"


@dataclass
class AlarmDevice:
    """One that belongs to a kit; `clock_s` is what it takes for now."""

    source: str
    kit: str
    case: str
    clock_s: int
    account: str = ACCOUNT
    key: bytes = KEY
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def frame(
        self,
        data: str = "Nri1/HA001",
        *fields: str,
        token: str = dc09.SIA,
        key: bytes | None = None,
        sequence: int = 0,
        late_s: int = 0,
    ) -> bytes:
        """What it sends, of `late_s` seconds before now; in Contact ID, or a poll, by its token."""
        content = dc09.Content(f"#{self.account}|{data}" if data else "", fields, self.clock_s - late_s)
        number = sequence or next(self._numbers)
        return dc09.written(token, number, self.account, content, self.key if key is None else key)

    def pressed(self, **more: int) -> bytes:
        """A silent hold-up."""
        return self.frame(**more)  # type: ignore[arg-type]

    def poll(self) -> bytes:
        return self.frame("", token=dc09.POLL)


def enrol_device(
    installation: Installation,
    kit: KitIssued | Phone | None = None,
    *,
    account: str = ACCOUNT,
    key: bytes = KEY,
    place: Position | None = None,
    every_s: int = 0,
) -> AlarmDevice:
    """One of this kit, or of a new one."""
    kit = kit or installation.issue_kit()
    source = source_id(installation.keys.purpose_key(PURPOSE).raw, DC09, account)
    event = SourceEnrolled(
        source=source,
        kit=kit.kit,
        road=DC09,
        name=account,
        user="officer",
        key=key,
        place=place,
        every_s=every_s,
    )
    installation.append(f"source:{source}", event, case=kit.case)
    return AlarmDevice(source, kit.kit, kit.case, installation.clock.now_us() // 1_000_000, account, key)
