"""What a receiver over SIP is told of an alarm: a CAP message, and where the phone was beside it.

The same facts and the same lists of fields as for every dispatch system; no name, address or telephone number.
"""

from typing import Protocol

import msgspec

from egide.alarm.events.elsewhere import number_for
from egide.connectors import cap
from egide.connectors.ng112.pidf import Circle, place_of, time_of
from egide.connectors.ng112.sip import CAP_TYPE, PIDF_TYPE, Part
from egide.connectors.ng112.trunk import CIRCLE, LINK, WEAPON, Trunk

RAISED, TEST = "alarm.raised", "test"


class Facts(Protocol):
    """What is known of an alarm; as in `connectors/cad/report.py`. The circle: degrees, metres, µs since 1970."""

    @property
    def type(self) -> str: ...
    @property
    def alarm(self) -> str: ...
    @property
    def moment_us(self) -> int: ...
    @property
    def raised_at_us(self) -> int: ...
    @property
    def circle(self) -> tuple[float, float, int, int] | None: ...
    @property
    def weapon(self) -> bool | None: ...
    @property
    def link(self) -> str: ...


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message, with the fields of one receiver; `id` is the same whenever the same is said. `cap` and `pidf` are
    what goes out; `circle` is what LoST is asked by, None where the receiver may not know it or nothing is known."""

    type: str
    id: str
    alarm: str
    test: bool
    cap: str
    pidf: str = ""
    circle: Circle | None = None

    def parts(self, domain: str) -> list[Part]:
        """The parts of the body; their numbers are below our own name (RFC 2392)."""
        parts = [Part(f"{self.id}-cap@{domain}", CAP_TYPE, self.cap)]
        if self.pidf:
            parts.append(Part(f"{self.id}-place@{domain}", PIDF_TYPE, self.pidf))
        return parts


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the writer of CAP takes. The place is not in it: it stands beside it."""

    type: str
    id: str
    alarm: str
    at: str
    raised_at: str
    test: bool
    weapon: bool | msgspec.UnsetType | None
    link: str | msgspec.UnsetType
    circle: None = None


def message_of(facts: Facts, receiver: Trunk) -> Message:
    """With the fields of this receiver alone."""
    may = receiver.fields
    said = _Said(
        type=facts.type,
        id=number_for(receiver.name, facts.alarm, facts.type, facts.moment_us),
        alarm=number_for(receiver.name, facts.alarm),
        at=time_of(facts.moment_us),
        raised_at=time_of(facts.raised_at_us),
        test=facts.type == TEST,
        weapon=facts.weapon if WEAPON in may else msgspec.UNSET,
        link=facts.link if LINK in may and facts.link else msgspec.UNSET,
    )
    circle = Circle(*facts.circle) if facts.circle is not None and CIRCLE in may else None
    first = number_for(receiver.name, facts.alarm, RAISED, facts.raised_at_us)
    return Message(
        type=said.type,
        id=said.id,
        alarm=said.alarm,
        test=said.test,
        cap=cap.written(said, first, receiver.sender, within_sip=True),
        pidf=place_of(circle, said.alarm, receiver.domain) if circle else "",
        circle=circle,
    )
