"""Who read which file, when and why: a table that follows the journal, for those who answer for the file.

The journal holds the truth (`FileOpened`); this table only finds it by person, file and time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from egide.access.models import Follower, Noted, Reading, User
from egide.access.registries.barring import files_that_bar
from egide.access.registries.notices import Notice
from egide.access.registries.numbers import id_of, numbers
from egide.access.registries.tasks import Task
from egide.access.rules import REFERENCE_OFFICER, Scope
from egide.common.sealing import UnsealError
from egide.common.ticket import account_stream
from egide.events.accounts import ReadingNoted
from egide.events.register import FileOpened
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Stored
from egide.outbox.days import begin_of_us, end_of_us
from egide.outbox.service import clock, journal, offer

CHUNK = 1000
PAGE = 50
FOLLOWER = "readings"
ZONE, OFFICER = "zone", "dpo"


@dataclass(frozen=True)
class Read:
    """One reading as it is shown. `why` is the stated reason, empty for the ordinary."""

    seq: int
    at_us: int
    user: str
    title: str
    case: str
    number: str
    alarm: str
    is_exceptional: bool
    why: str = ""
    is_noted: bool = False
    second: str = ""


@dataclass(frozen=True)
class WantedReadings:
    """What somebody looks for; empty fields ask for nothing."""

    person: str = ""
    file: str = ""
    since: date | None = None
    until: date | None = None
    exceptional: bool = False


def catch_up() -> None:
    """Bring the table up to the journal's head. Several processes may do so at once."""
    seq = Follower.objects.filter(name=FOLLOWER).aggregate(seq=Max("seq"))["seq"] or 0
    while rows := journal().read_clear(seq, CHUNK):
        opened = [row.seq for row in rows if row.kind == FileOpened.__name__]
        found = [_reading(stored) for at in opened for stored in journal().read(at - 1, 1)]
        seq = rows[-1].seq
        with transaction.atomic():
            Reading.objects.bulk_create(filter(None, found), ignore_conflicts=True)
            Follower.objects.update_or_create(name=FOLLOWER, defaults={"seq": seq})


def _reading(row: Stored) -> Reading | None:
    """The line for one event; None when its file was erased, and the event with it."""
    event = _opened(row)
    if event is None:
        return None
    return Reading(
        seq=row.seq,
        case=event.case,
        zone=event.managing_zone,
        user=event.user,
        at_us=row.at_us,
        alarm=event.alarm or "",
        is_exceptional=bool(event.why),
    )


def _opened(row: Stored) -> FileOpened | None:
    try:
        event = journal().open_event(row)
    except (KeyErased, UnsealError):
        return None
    return event if isinstance(event, FileOpened) else None


def find(scope: Scope, wanted: WantedReadings, page: int = 0) -> tuple[list[Read], bool]:
    """A page of readings, newest first, and whether older ones follow; for the data-protection officer."""
    rows = _told(scope)
    if wanted.person:
        names = User.objects.filter(Q(name__iexact=wanted.person) | Q(title__icontains=wanted.person))
        rows = rows.filter(Q(user__iexact=wanted.person) | Q(user__in=names.values("name")))
    if wanted.file:
        rows = rows.filter(case=id_of(wanted.file))
    if wanted.since:
        rows = rows.filter(at_us__gte=begin_of_us(wanted.since))
    if wanted.until:
        rows = rows.filter(at_us__lte=end_of_us(wanted.until))
    if wanted.exceptional:
        rows = rows.filter(is_exceptional=True)
    chosen = list(rows[page * PAGE : (page + 1) * PAGE + 1])
    return _shown(chosen[:PAGE]), len(chosen) > PAGE


def readers_of(case: str, most: int = PAGE) -> list[Read]:
    """Who read one file, newest first: for the page of the person who answers for the file and has just opened it."""
    catch_up()
    return _shown(Reading.objects.filter(case=case)[:most])


def readers_of_alarm(alarm: str, most: int = PAGE) -> list[Read]:
    """Who read the file for this alarm or what happened in it, newest first: for whoever answers for it."""
    catch_up()
    return _shown(Reading.objects.filter(alarm=alarm)[:most])


def exceptional_for(scope: Scope) -> QuerySet[Reading]:
    """Readings for a stated reason of which this reader has to take note; none of a file that bars them (rule 27)."""
    rows = _told(scope).filter(is_exceptional=True)
    if scope.is_data_protection_officer:
        return rows
    zones = scope.places(REFERENCE_OFFICER)
    if not zones:
        return rows.none()
    return rows.filter(zone__in=zones)


def _told(scope: Scope) -> QuerySet[Reading]:
    """Every reading but those of files that bar this reader, in any role (rule 27)."""
    return Reading.objects.exclude(case__in=files_that_bar(scope))


def unnoted_for(scope: Scope) -> QuerySet[Reading]:
    """Those that nobody on this side has taken note of yet."""
    return exceptional_for(scope).exclude(notes__side=side_of(scope))


def side_of(scope: Scope) -> str:
    """The side for which this reader takes note: the data-protection officer's, or the managing zone's."""
    return OFFICER if scope.is_data_protection_officer else ZONE


def shown_for(scope: Scope) -> list[Read]:
    """The newest readings for a stated reason, with what was stated."""
    noted = set(Noted.objects.filter(side=side_of(scope)).values_list("reading_id", flat=True))
    return _shown(exceptional_for(scope)[:PAGE], noted)


def tasks_of(scope: Scope) -> Iterator[Task]:
    """One line for each reading of which somebody has to take note."""
    if not (scope.is_data_protection_officer or scope.is_reference_officer):
        return
    catch_up()
    for read in _shown(unnoted_for(scope)[:PAGE]):
        yield Task(
            title=_("%(who)s opened file %(file)s for a stated reason")
            % {"who": read.title, "file": read.number},
            url=reverse("exceptional-readings"),
            word=_("Take note"),
            since_us=read.at_us,
        )


def notices(scope: Scope) -> Iterator[Notice]:
    """On every page of those who have to take note: somebody opened a file for a stated reason."""
    if not (scope.is_data_protection_officer or scope.is_reference_officer):
        return
    catch_up()
    if number := unnoted_for(scope).count():
        text = ngettext(
            "A file was opened for a stated reason: take note.",
            "%(number)s files were opened for a stated reason: take note.",
            number,
        )
        yield Notice(text % {"number": number}, reverse("exceptional-readings"))


@transaction.atomic
def do_note(scope: Scope, seq: int) -> None:
    """Take note of one of these readings. Raises Reading.DoesNotExist; repeating changes nothing."""
    reading = exceptional_for(scope).get(seq=seq)
    _row, is_new = Noted.objects.get_or_create(
        reading=reading, side=side_of(scope), defaults={"by": scope.user, "at_us": clock().now_us()}
    )
    if is_new:
        offer(ReadingNoted(reading=seq, user=scope.user), account_stream(scope.user))


def _shown(rows: Iterable[Reading], noted: frozenset[int] | set[int] = frozenset()) -> list[Read]:
    rows = list(rows)
    known = numbers({row.case for row in rows})
    told = {row.seq: event for row in rows if row.is_exceptional and (event := _event(row))}
    names = {row.user for row in rows} | {event.second for event in told.values()}
    titles = dict(User.objects.filter(name__in=names).values_list("name", "title"))
    return [
        Read(
            seq=row.seq,
            at_us=row.at_us,
            user=row.user,
            title=titles.get(row.user, row.user),
            case=row.case,
            number=known[row.case],
            alarm=row.alarm,
            is_exceptional=row.is_exceptional,
            why=told[row.seq].why if row.seq in told else "",
            is_noted=row.seq in noted,
            second=titles.get(told[row.seq].second, told[row.seq].second) if row.seq in told else "",
        )
        for row in rows
    ]


def _event(row: Reading) -> FileOpened | None:
    """What the journal says of it: the reason may speak of people, so it stands nowhere else."""
    return next((event for stored in journal().read(row.seq - 1, 1) if (event := _opened(stored))), None)
