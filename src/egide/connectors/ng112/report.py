"""What a receiver over SIP is told of an alarm: a CAP message, and where the phone was beside it.

The same facts and the same lists of fields as for every dispatch system; no name, address or telephone number.
"""

import msgspec

from egide.alarm.events.elsewhere import number_for
from egide.alarm.events.silent import ANSWERS, QUESTIONS
from egide.common.text import _, read_in
from egide.connectors.dispatch import cap
from egide.connectors.dispatch.facts import CLOSED, MOVED, RAISED, SAID, TEST, Facts
from egide.connectors.dispatch.receivers import CIRCLE
from egide.connectors.ng112 import chat
from egide.connectors.ng112.pidf import Circle, place_of
from egide.connectors.ng112.sip import CAP_TYPE, PIDF_TYPE, TEXT_TYPE, Part
from egide.connectors.ng112.trunk import Trunk

# What each is in a chat. A position belongs to none of its words.
_KINDS = {RAISED: chat.START, MOVED: chat.HEARTBEAT, SAID: chat.IN_CHAT, CLOSED: chat.STOP}


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message, with the fields of one receiver; `id` is the same whenever the same is said. `cap`, `pidf` and
    `text` are what goes out; `circle` is what LoST is asked by, None where the receiver may not know it or nothing is
    known. `kind` is what it is in a chat, 0 outside of one; `address` is whom it is for in a chat that goes on."""

    id: str
    alarm: str
    test: bool
    cap: str
    pidf: str = ""
    circle: Circle | None = None
    kind: int = 0
    text: str = ""
    address: str = ""

    def parts(self, domain: str) -> list[Part]:
        """The parts of the body; their numbers are below our own name (RFC 2392)."""
        parts = (
            Part(f"{self.id}-cap@{domain}", CAP_TYPE, self.cap),
            Part(f"{self.id}-place@{domain}", PIDF_TYPE, self.pidf),
            Part("", TEXT_TYPE, self.text),
        )
        return [part for part in parts if part.text]

    def heads(self, sender: str, domain: str) -> tuple[str, ...]:
        """The lines of the head by which it belongs to a chat."""
        return chat.heads(self.alarm, self.id, self.kind, sender, domain) if self.kind else ()


def message_of(facts: Facts, trunk: Trunk) -> Message:
    """With the fields of this receiver alone."""
    circle = Circle(*facts.circle) if facts.circle is not None and CIRCLE in trunk.fields else None
    alarm = number_for(trunk.name, facts.alarm)
    return Message(
        id=facts.number(trunk.name),
        alarm=alarm,
        test=facts.type == TEST,
        cap="" if facts.type == SAID else cap.written(facts, trunk, trunk.sender, within_sip=True),
        pidf=place_of(circle, alarm, trunk.domain) if circle else "",
        circle=circle,
        kind=_KINDS.get(facts.type, 0) if trunk.talks else 0,
        text=_text(facts, trunk.language) if trunk.talks else "",
        address=facts.address if trunk.talks else "",
    )


def _text(facts: Facts, language: str) -> str:
    """What people there read of it."""
    with read_in(language):
        if facts.type == RAISED:
            who_reads = _("What you write here is read by an operator, and not by the person.")
            return f"{_('Silent alarm: do not call the person.')} {who_reads}"
        if facts.type == CLOSED:
            return _("The alarm is closed.")
        if facts.type != SAID:
            return ""
        if facts.is_question:
            return _("Asked without a sound: {words}").format(words=_(QUESTIONS.get(facts.said, facts.said)))
        return _("Answered on the phone: {words}").format(words=_(ANSWERS.get(facts.said, facts.said)))
