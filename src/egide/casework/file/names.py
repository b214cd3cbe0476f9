"""Finding files by the names in them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice

from django.db.models import QuerySet

from egide.access.rules import Scope
from egide.casework import models as m
from egide.casework.file.files import bars, visible
from egide.casework.file.reading import NAMED
from egide.casework.file.remembering import Memory
from egide.common.folding import fold
from egide.common.sealing import UnsealError
from egide.journal.sealing.keys import KeyErased
from egide.outbox.service import keys

# The protected person's name, then the perpetrators', each with what it is found by; and all that they are found by in
# one.
Names = tuple[tuple[tuple[str, str], ...], str]


def find_names(cases: QuerySet[m.Case], text: str, most: int) -> list[tuple[m.Case, str, str]]:
    """Files among `cases` in which the protected person's or a perpetrator's name holds every word of `text`: the
    person's name, and the perpetrator's when that is the one that fits."""
    fits = list(islice(_find(cases, text), most))
    rows = m.Case.objects.in_bulk([case for case, _name, _other in fits])
    return [(rows[case], name, other) for case, name, other in fits if case in rows]


def cases_named(scope: Scope, text: str, *, of_any: bool) -> Iterator[str]:
    """The ids of files in which such a name stands: of those that the reader may see, or of any that does not bar them,
    for who looks for alarms that concern them (safety rule 27)."""
    cases = m.Case.objects.exclude(id__in=list(bars(scope))) if of_any else visible(scope)
    return (case for case, _name, _other in _find(cases, text))


def do_read_ahead() -> int:
    """Learn every name that the memory has room for, so that the first search is no slower; how many files."""
    return _memory.learn(dict(m.Case.objects.order_by().values_list("id", "version")[: _memory.most]))


def _find(cases: QuerySet[m.Case], text: str) -> Iterator[tuple[str, str, str]]:
    words = fold(text).split()
    longest = max(words, key=len, default="")
    for case, (names, together) in _memory.of(dict(cases.order_by().values_list("id", "version"))):
        # Nearly every file is passed over here: a search reads the names of all that its reader may see.
        if longest in together and (hit := _fit(words, names)) is not None:
            yield case, names[0][0], hit


def _fit(words: list[str], names: tuple[tuple[str, str], ...]) -> str | None:
    """The perpetrator's name that fits, "" when the person's own fits, None when none does."""
    for place, (name, folded) in enumerate(names):
        if name and all(word in folded for word in words):
            return name if place else ""
    return None


def _learn(cases: list[str]) -> dict[str, Names]:
    people, others = _names(m.Beneficiary, cases), _names(m.Perpetrator, cases)
    found = {}
    for case in cases:
        names = (next(iter(people.get(case, ())), ""), *others.get(case, ()))
        found_by = [fold(name) for name in names]
        found[case] = tuple(zip(names, found_by, strict=True)), "\n".join(found_by)
    return found


def _names(model: type[m.SealedRow], cases: Iterable[str]) -> dict[str, list[str]]:
    table, found = model._meta.db_table, defaultdict(list)
    rows = model._default_manager.filter(case_id__in=list(cases)).order_by()
    for row_id, case_id, sealed in rows.values_list("id", "case_id", "sealed"):
        with suppress(KeyErased, UnsealError):
            plain = keys().record_key(case_id).unseal(bytes(sealed), f"{table}:{row_id}".encode())
            found[case_id].append(NAMED.decode(plain).name)
    return found


_memory = Memory(_learn, most=200_000)
