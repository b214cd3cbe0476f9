"""One alarm, an operator at the desk, and the worker's own code for one control room of others, turn by turn."""

import msgspec

from egide.access.models import User
from egide.alarm.events.elsewhere import number_for
from egide.boards import telling
from egide.connectors.dispatch.receivers import Receiver
from egide.connectors.ucri2.hearing import Hearing
from egide.connectors.ucri2.incident import uuid_of
from tests.support.pages import MONS, Pages, near, text_of
from tests.support.telling import Clock, Told
from tests.support.ucri2.exchange import Exchange

NAME = "aachen"
# In which order they say something, by their own clock.
FIRST, SECOND, THIRD = "2026-12-01T10:00:00Z", "2026-12-01T10:01:00Z", "2026-12-01T10:02:00"


def receiver_of(ucrm: Exchange, **more: object) -> Receiver:
    return msgspec.convert(ucrm.entry(**more), Receiver)  # type: ignore[arg-type]


class Handed:
    """The worker's own code for one control room, turn by turn, and an operator at the desk."""

    def __init__(self, pages: Pages, ucrm: Exchange, **more: object) -> None:
        self.pages, self.ucrm = pages, ucrm
        self.receiver = receiver_of(ucrm, **more)
        self.told = Told(pages, self.receiver)
        self.heard: list[str] = []
        self.hearing = Hearing(
            [self.receiver], telling, Clock(), lambda _name, word: self.heard.append(word), wait_s=0
        )
        pages.clock.advance_s(60)
        self.alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
        self.operator = User.objects.filter(name="op-1").first() or pages.user()

    @property
    def incident(self) -> str:
        return uuid_of(number_for(self.receiver.name, self.alarm))

    def hand(self, to: str = NAME, user: User | None = None) -> int:
        client = self.pages.client(user or self.operator)
        reply = client.post(f"/desk/alarms/{self.alarm}/neighbour", {"receiver": to})
        return int(reply.status_code)

    def turn(self, after_s: float = 0) -> None:
        self.told.turn(after_s)
        self.hear()

    def hear(self) -> None:
        while self.hearing.turn():
            pass

    @property
    def line(self) -> str:
        page = self.pages.client(self.operator).get(f"/desk/alarms/{self.alarm}")
        return " ".join(text_of(page).partition("Dispatch systems")[2].split())

    @property
    def kinds(self) -> list[str]:
        return [row.kind for row in self.pages.journal.stream(f"alarm:{self.alarm}")]
