"""What leaves the house to remind somebody, and an officer who is."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from egide.access.models import User
from egide.boards.waking.devices import Device
from egide.reminders import telling
from egide.reminders.models import Reminding
from egide.reminders.telling import Letter, NotSent, Roads
from tests.support.pages import Pages

ADDRESS = "officer@zone.example"
MORNING, DAY, NIGHT = 7, 14, 23


@dataclass
class Outside:
    """What left the house, and whether the roads take anything now; never for these addresses."""

    pages: Pages
    letters: list[Letter] = field(default_factory=list)
    woken: list[tuple[Device, str]] = field(default_factory=list)
    takes: bool = True
    refused: set[str] = field(default_factory=set)

    def at(self, hour: int, days: int = 0) -> "Outside":
        """The clock turns to this hour of the day, so many days on."""
        zone = ZoneInfo(settings.TIME_ZONE)
        now = datetime.fromtimestamp(self.pages.clock.now_us() / 1e6, zone)
        there = now.replace(hour=hour, minute=1, second=0)
        self.pages.clock.advance_s(int((there - now).total_seconds()) + days * 86_400)
        return self

    def turn(self) -> None:
        """A look at every account, as the worker's process does."""
        for account in telling.accounts():
            telling.do_remind(account, Roads(self._mail, self._wake))

    def _mail(self, letter: Letter) -> None:
        if not self.takes or letter.to in self.refused:
            raise NotSent("mail")
        self.letters.append(letter)

    def _wake(self, device: Device, what: str) -> None:
        if not self.takes:
            raise NotSent("wake")
        self.woken.append((device, what))


@pytest.fixture
def outside(pages: Pages) -> Outside:
    """An installation with a mail server, at two in the afternoon of the day after it began."""
    settings.EGIDE = replace(pages.config, mail_smtp="smtps://mail.example")
    return Outside(pages)


@pytest.fixture
def officer(pages: Pages) -> Callable[..., User]:
    """An officer of the first file's zone who is reminded by e-mail."""

    def make(name: str = "officer", zone: str = "", **said: object) -> User:
        zone = zone or pages.files[0].case.managing_zone
        user = pages.user(name, role="reference-officer", zone=zone, language="en")
        Reminding.objects.create(user=user, address=ADDRESS, **said)  # type: ignore[misc]
        return user

    return make
