"""Who must never see a file (safety rule 27): accounts and units that exist, looked for by name, and picked."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise

from egide.access.accounts import colleagues
from egide.access.registries.places import places_of
from egide.access.rules import Scope, reader_marks
from egide.casework import models as m
from egide.casework.file import words as w
from egide.common.folding import fold
from egide.events.casework import ReadersBarred
from egide.outbox.service import offer

ACCOUNT, ZONE, CENTRE, OFFICE = "user", "zone", "centre", "office"
UNITS = (ZONE, CENTRE, OFFICE)


class BarRefused(Exception):
    """Nothing was changed or found; `why` is a word of `words.BAR_FAULTS`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class BarCandidate:
    """An account or unit that is barred, or can be. `mark` is as in `access.rules.reader_marks`.

    `what` says what it is; `exists` is False for a mark from before that names nobody.
    """

    mark: str
    name: str
    what: str | Promise
    exists: bool = True


def barred_of(case: m.Case) -> list[BarCandidate]:
    """Who is barred from this file: people first, then units."""
    marks = list(m.BarredReader.objects.filter(case=case).values_list("mark", flat=True))
    accounts = [mark.partition(":")[2] for mark in marks if mark.startswith(f"{ACCOUNT}:")]
    known = {reader.mark: reader for reader in _accounts(colleagues.named(accounts))}
    known |= {reader.mark: reader for kind in UNITS for reader in _units(kind)}
    found = [known.get(mark) or BarCandidate(mark, mark, w.NOBODY, exists=False) for mark in marks]
    return sorted(found, key=lambda reader: (not reader.mark.startswith(f"{ACCOUNT}:"), reader.name))


def find_readers(scope: Scope, text: str) -> list[BarCandidate]:
    """People and units whose name fits, MOST at most. Raises BarRefused: too short, too many, nobody, too often."""
    words = fold(text).split()
    if len("".join(words)) < colleagues.SHORTEST:
        raise BarRefused("short")
    try:
        colleagues.check_not_too_often(scope.user)
    except colleagues.TooOften as error:
        raise BarRefused("too-often") from error
    units = [
        unit
        for kind in UNITS
        for unit in _units(kind)
        if colleagues.is_fit(words, f"{unit.name} {unit.mark.partition(':')[2]}")
    ]
    found = [*_accounts(colleagues.find_colleagues(text)), *units]
    if len(found) > colleagues.MOST:
        raise BarRefused("many")
    if not found:
        raise BarRefused("nobody")
    return found


@transaction.atomic
def do_bar(scope: Scope, case: m.Case, mark: str) -> None:
    """From now on the file does not exist for this account or unit. Raises BarRefused."""
    kind, _colon, name = mark.partition(":")
    if not (colleagues.is_colleague(name) if kind == ACCOUNT else kind in UNITS and name in places_of(kind)):
        raise BarRefused("unknown")
    if mark in reader_marks(scope):
        raise BarRefused("own")
    _row, is_new = m.BarredReader.objects.get_or_create(case=case, mark=mark)
    if is_new:
        _tell(scope, case)


@transaction.atomic
def do_let_in(scope: Scope, case: m.Case, mark: str) -> None:
    """Bar this account or unit no more. Nothing happens when it was not barred."""
    if m.BarredReader.objects.filter(case=case, mark=mark).delete()[0]:
        _tell(scope, case)


def _tell(scope: Scope, case: m.Case) -> None:
    count = m.BarredReader.objects.filter(case=case).count()
    offer(ReadersBarred(case=case.id, user=scope.user, count=count), f"case:{case.id}", case.id)


def _accounts(found: list[colleagues.Colleague]) -> list[BarCandidate]:
    return [BarCandidate(f"{ACCOUNT}:{one.name}", one.title, one.posts) for one in found]


def _units(kind: str) -> list[BarCandidate]:
    return [BarCandidate(f"{kind}:{code}", name, w.UNITS[kind]) for code, name in places_of(kind).items()]
