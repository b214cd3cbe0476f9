"""A kit in the house and its phone, for tests of what an officer arms on it."""

import asyncio
from dataclasses import dataclass

from egide.events.base import Event
from egide.events.register import KitTestArmed, KitTestTakenBack
from egide.fleet.models import Kit
from egide.protocol.arming import PENDING, Offer, offer_of
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.receipt import Receipt
from tests.fleet.files import House, build_house
from tests.support.asgi import IntakeClient
from tests.support.installation import Phone
from tests.support.pages import Pages


@dataclass
class Armed:
    """The kit, its phone and the zone."""

    house: House
    kit: Kit
    phone: Phone

    def send(
        self, kind: Kind, body: bytes | None = None, phone: Phone | None = None, **fields: int
    ) -> Receipt:
        """A message of the phone, through a real intake."""
        envelope = (phone or self.phone).envelope(kind, body=body, sent_at_s=self.now_s, **fields)

        async def sent() -> Receipt:
            async with IntakeClient(self.house.pages.installation) as intake:
                return (await intake.send(envelope)).receipt

        return asyncio.run(sent())

    def speak(self, phone: Phone | None = None) -> Offer | None:
        """A sign of life at rest; returns the test that its reply offers."""
        receipt = self.send(Kind.HEARTBEAT, phone=phone)
        text = next((one.text for one in receipt.pending if one.what == PENDING), "")
        return offer_of(text, receipt.received_at)

    def say(self, word: str) -> None:
        """A notice of the phone."""
        self.send(Kind.NOTICE, word.encode())

    def press(self, number: int) -> None:
        """Its test alarm, by the button."""
        self.send(Kind.TEST, f"officer:{number}".encode(), trigger=int(Trigger.BUTTON))

    @property
    def now_s(self) -> int:
        return self.house.pages.clock.now_us() // 1_000_000

    @property
    def events(self) -> list[Event]:
        """What officers armed and took back, as the journal has it."""
        self.house.copy()
        journal = self.house.pages.journal
        found = (journal.open_event(row) for row in journal.stream(f"kit:{self.kit.id}"))
        return [event for event in found if isinstance(event, KitTestArmed | KitTestTakenBack)]


def armed_house(pages: Pages) -> Armed:
    """A kit that is being made ready, with the app enrolled."""
    house = build_house(pages)
    kit = house.prepare()
    return Armed(house, kit, house.enrol(kit))
