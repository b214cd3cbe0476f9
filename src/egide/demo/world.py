"""Invented kits, phones and alarms, written straight into a journal as registers, intake and routing write them.

For whatever needs a world at once: tests, benchmarks, a past. What needs Django's records is beside it in this package.
"""

from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec

from egide.alarm.events import (
    AlarmAcknowledged,
    AlarmRouted,
    FromPhone,
    Ladder,
    Origin,
    PressReceived,
    Route,
    ShownOnBoard,
    TeamNamed,
    ZoneConfirmed,
)
from egide.common.clock import Clock
from egide.events.base import Event
from egide.events.register import DeviceEnrolled, EnrolmentOffered, KitIssued
from egide.journal.service import Entry, Journal, Stored
from egide.protocol.enrolment import NATIVE, code_hash
from egide.protocol.envelope import Kind, Message, Position, Sealed, encode, seal_payload
from egide.protocol.keys import SigningKey, kid_of

NOW_S = 1_800_000_000
HOME_ZONE, MANAGING_ZONE, HOME_CENTRE = "5324", "5325", "mons"
ORIGIN = Origin(MANAGING_ZONE, HOME_ZONE, HOME_CENTRE)
# Grand-Place of Mons; no test cares, but a picture of it helps.
HERE = Position(504_542_000, 39_523_000, 12, 3, 1)


@dataclass
class Phone:
    """A phone with its key and its counter."""

    key: SigningKey
    kit: str
    case: str
    counter: int = 0

    @property
    def device(self) -> str:
        return kid_of(bytes(self.key.verify_key)).hex()

    def message(self, kind: Kind = Kind.PRESS, **fields: Any) -> Message:
        """The next message; `counter` and `sent_at_s` are filled in where they are not given."""
        self.counter += 1
        return Message(**{"kind": kind, "counter": self.counter, "sent_at_s": NOW_S, **fields})

    def envelope(self, kind: Kind = Kind.PRESS, **fields: Any) -> bytes:
        """The next message, signed."""
        return encode(self.message(kind, **fields), self.key)

    def seal(self, payload: bytes) -> bytes:
        """Any payload under this phone's seal, whatever it is worth."""
        kid = kid_of(bytes(self.key.verify_key))
        return seal_payload(kid, payload, self.key.sign(Sealed(kid, payload, b"").to_be_signed).signature)

    def press(self, **fields: Any) -> bytes:
        """The next press, signed, with a position."""
        return self.envelope(Kind.PRESS, **{"position": HERE, **fields})

    def alarm(self, counter: int | None = None) -> str:
        """The id of the alarm that a press with this counter (default: the last one) makes."""
        return f"{self.device}-{self.counter if counter is None else counter}"

    def enrolled(self, client: str = NATIVE) -> DeviceEnrolled:
        """It enrolled for its kit, and says it is a `client`."""
        return DeviceEnrolled(
            device=self.device,
            kit=self.kit,
            public_key=bytes(self.key.verify_key),
            code_hash="",
            client=client,
            client_version="1.0" if client else "",
        )

    def event(self, event_type: type[FromPhone], now_s: int, **fields: Any) -> FromPhone:
        """An event that carries its next message; a press has an origin."""
        is_press = event_type is PressReceived
        position = fields.get("position", HERE)
        message = self.message(Kind.PRESS if is_press else Kind.POSITION, position=position, sent_at_s=now_s)
        content = {
            "device": self.device,
            "case": self.case,
            "counter": message.counter,
            "sent_at_s": message.sent_at_s,
            "envelope": encode(message, self.key),
            "position": message.position,
            "origin": ORIGIN if is_press else None,
        }
        return event_type(**{**content, **fields})


def kit_issued(number: int, **fields: Any) -> KitIssued:
    """The `number`-th kit, for a case of its own."""
    return KitIssued(
        **{
            "kit": f"{number:016x}",
            "case": f"{number:08x}ca5e{number & 0xFFFF:04x}",
            "managing_zone": MANAGING_ZONE,
            "home_zone": HOME_ZONE,
            "home_centre": HOME_CENTRE,
            "button_id": f"button-{number}",
            "button_key": bytes(16),
            **fields,
        }
    )


def answered(zone: str, centre: str, user: str, reference: str, call_sign: str) -> tuple[Event, ...]:
    """What is written of an alarm from the board to the team that is named."""
    return (
        ShownOnBoard(user=user, centre=centre),
        AlarmAcknowledged(user=user, centre=centre),
        ZoneConfirmed(user=user, zone=zone, reference=reference),
        TeamNamed(user=user, zone=zone, call_sign=call_sign),
    )


class World:
    """What is invented in one journal."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self.journal = journal
        self.clock = clock
        self._numbers = count(1)

    @property
    def now_s(self) -> int:
        return self.clock.now_us() // 1_000_000

    def issue_kit(self, **fields: Any) -> KitIssued:
        """Issue a kit for a case of its own."""
        issued = kit_issued(next(self._numbers), **fields)
        self.journal.keys.ensure(issued.case)
        self.append(f"kit:{issued.kit}", issued, case=issued.case)
        return issued

    def offer(self, kit: KitIssued, code: str, valid_s: int = 900) -> None:
        """Offer an enrolment for the kit."""
        offered = EnrolmentOffered(kit=kit.kit, code_hash=code_hash(code), expires_at_s=self.now_s + valid_s)
        self.append(f"kit:{kit.kit}", offered, case=kit.case)

    def enrol(self, kit: KitIssued | None = None, client: str = NATIVE, **fields: Any) -> Phone:
        """An enrolled phone that says it is a `client`, of this kit or of a new one with these fields."""
        kit = kit or self.issue_kit(**fields)
        phone = Phone(SigningKey.generate(), kit.kit, kit.case)
        self.append(f"device:{phone.device}", phone.enrolled(client), case=kit.case)
        return phone

    def append(self, stream: str, event: Event, **fields: Any) -> Stored:
        """Append one event."""
        return self.journal.append([Entry(stream=stream, event=event, **fields)])[0]

    def open_alarm(self, phone: Phone, **fields: Any) -> str:
        """An alarm of this phone, appended as intake does."""
        press = self.press_event(phone, **fields)
        alarm = phone.alarm(press.counter)
        self.append(f"alarm:{alarm}", press, case=phone.case, expected=0)
        return alarm

    def press_event(self, phone: Phone, **fields: Any) -> PressReceived:
        """The event of the next press, with an origin."""
        from_phone = self.phone_event(PressReceived, phone, **fields)
        assert isinstance(from_phone, PressReceived)
        return from_phone

    def phone_event(self, event_type: type[FromPhone], phone: Phone, **fields: Any) -> FromPhone:
        """An event that carries the next message of the phone."""
        return phone.event(event_type, self.now_s, **fields)

    def route(
        self,
        alarm: str,
        zone: str = HOME_ZONE,
        centre: str = HOME_CENTRE,
        ladder: Ladder | None = None,
        **fields: Any,
    ) -> Stored:
        """Give the alarm to a zone and a centre."""
        route = Route(zone=zone, centre=centre, managing_zone=MANAGING_ZONE, basis="position")
        return self.act(alarm, AlarmRouted(route=msgspec.structs.replace(route, **fields), ladder=ladder))

    def act(self, alarm: str, event: Event) -> Stored:
        """Append one event to an alarm, under the alarm's own key."""
        return self.journal.decide(alarm, lambda state: [event])[0]

    def kinds(self, stream: str) -> list[str]:
        """The kinds of the events of a stream, oldest first."""
        return [row.kind for row in self.journal.stream(stream)]
