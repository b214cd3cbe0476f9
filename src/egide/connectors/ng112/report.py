"""What a receiver over SIP is told of an alarm: a CAP message, and where the phone was beside it.

The same facts and the same lists of fields as for every dispatch system; no name, address or telephone number.
"""

import msgspec

from egide.alarm.events.elsewhere import number_for
from egide.connectors.dispatch import cap
from egide.connectors.dispatch.facts import TEST, Facts
from egide.connectors.dispatch.receivers import CIRCLE
from egide.connectors.ng112.pidf import Circle, place_of
from egide.connectors.ng112.sip import CAP_TYPE, PIDF_TYPE, Part
from egide.connectors.ng112.trunk import Trunk


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message, with the fields of one receiver; `id` is the same whenever the same is said. `cap` and `pidf` are
    what goes out; `circle` is what LoST is asked by, None where the receiver may not know it or nothing is known."""

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


def message_of(facts: Facts, trunk: Trunk) -> Message:
    """With the fields of this receiver alone."""
    circle = Circle(*facts.circle) if facts.circle is not None and CIRCLE in trunk.fields else None
    alarm = number_for(trunk.name, facts.alarm)
    return Message(
        id=facts.number(trunk.name),
        alarm=alarm,
        test=facts.type == TEST,
        cap=cap.written(facts, trunk, trunk.sender, within_sip=True),
        pidf=place_of(circle, alarm, trunk.domain) if circle else "",
        circle=circle,
    )
