"""A kit's life on one page: what the journal and the records say of it, in order of time."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from egide.access.service import titles
from egide.events.base import Event
from egide.events.register import (
    KitHandedOver,
    KitTestArmed,
    KitTestTakenBack,
    KitTroubleSolved,
    KitTroubleTold,
    KitWatched,
)
from egide.fleet.kits import rules, words
from egide.fleet.kits.lifeline import Heard
from egide.fleet.models import ItemMove, Kit
from egide.fleet.stock import rules as stock
from egide.fleet.supervision import rules as watch
from egide.fleet.supervision import words as words_watch
from egide.journal.queries import kits as queries_kits
from egide.outbox.service import journal

KINDS: dict[str, Promise] = {
    "KitIssued": _("Bound to the file; the button’s key was made"),
    "EnrolmentOffered": _("A one-time code was shown"),
    "PhoneChecked": _("The questions about the phone were asked"),
    "KitPressTested": _("A press under a condition was proven"),
    "KitOpenedProvisionally": _("Handed out provisionally"),
    "KitSettingsSet": _("Settings of phone and button were set"),
    "GrantChanged": _("The end of the grant was set"),
    "KitReturned": _("Taken back"),
    "KitLost": _("Reported lost"),
}
# Those that are opened, because they say more.
_OPENED = (
    "KitHandedOver",
    "KitWatched",
    "KitTroubleTold",
    "KitTroubleSolved",
    "KitTestArmed",
    "KitTestTakenBack",
)
ENROLLED, TESTED = _("A phone was enrolled. %(client)s"), _("A test came through")
TESTED_BY_OFFICER = _("A test came through that an officer had armed")
ARMED, TAKEN_BACK = _("%(who)s armed a test from the office"), _("%(who)s took the armed test back")
HANDED_OVER, AS_SECOND_WAY = _("Handed out"), _("Handed out as a second way")
NOTIFIED = {
    watch.PERSON: _("The person is notified quietly: %(what)s"),
    watch.ZONE: _("The zone is notified: %(what)s"),
    watch.OFFICER: _("The reference officer is notified: %(what)s"),
}
SOLVED = _("Right again: %(what)s")
WATCHED = _("Watched over: %(level)s")
TAKEN = {
    stock.BUTTON: _("Button taken for this kit: %(serial)s"),
    stock.PHONE: _("Phone lent with it: %(serial)s"),
}
# More than a kit has in a year; earlier events are in the journal.
MOMENTS_SHOWN = 300


@dataclass(frozen=True)
class Presses:
    """How many got through. Numbers alone: why she pressed, and what came of it, stands nowhere here (rule 32)."""

    alarms: int
    tests: int


@dataclass(frozen=True)
class Moment:
    """Something that happened to the kit."""

    at_us: int
    text: str | Promise


def life_of(kit: Kit, heard: Heard) -> list[Moment]:
    """What the journal has of the kit, the latest first, MOMENTS_SHOWN at most. Several codes are all shown."""
    rows = journal().stream(f"kit:{kit.id}")
    opened = [row for row in rows if row.kind in _OPENED][-MOMENTS_SHOWN:]
    events = [journal().open_event(row) for row in opened]
    names = titles(event.by for event in events if isinstance(event, KitTestArmed | KitTestTakenBack))
    known = [Moment(row.at_us, _opened(event, names)) for row, event in zip(opened, events, strict=True)]
    known += [Moment(row.at_us, KINDS[row.kind]) for row in rows if row.kind in KINDS]
    known += [
        Moment(one.at_us, ENROLLED % {"client": words.client_words(one.client, one.version)})
        for one in queries_kits.enrolments(journal(), kit.id)
    ]
    known += [Moment(test.at_us, TESTED_BY_OFFICER if test.by_officer else TESTED) for test in heard.tests]
    known += [
        Moment(move.at_us, TAKEN[move.item.kind] % {"serial": move.item.serial})
        for move in ItemMove.objects.filter(kit=kit.id, now=stock.PREPARED).select_related("item")
    ]
    return sorted(known, key=lambda moment: -moment.at_us)[:MOMENTS_SHOWN]


def _opened(event: Event, names: Mapping[str, str]) -> str | Promise:
    if isinstance(event, KitTestArmed | KitTestTakenBack):
        return (ARMED if isinstance(event, KitTestArmed) else TAKEN_BACK) % {"who": names[event.by]}
    if isinstance(event, KitHandedOver):
        return AS_SECOND_WAY if event.way == rules.SECOND_WAY else HANDED_OVER
    if isinstance(event, KitTroubleTold):
        return NOTIFIED[event.whom] % {"what": words_watch.TROUBLES[event.what]}
    if isinstance(event, KitTroubleSolved):
        return SOLVED % {"what": words_watch.TROUBLES[event.what]}
    assert isinstance(event, KitWatched)
    return WATCHED % {"level": words_watch.LEVELS[event.level]}


def presses_of(kit: Kit) -> Presses:
    """How many presses and tests of this kit got through, of all its phones."""
    return Presses(
        alarms=queries_kits.number_of_presses(journal(), kit.id),
        tests=queries_kits.number_of_tests(journal(), kit.id),
    )
