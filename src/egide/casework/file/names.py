"""Finding files by name: names are unsealed once and kept in this process's memory, until their file is erased.

On a disk they stand nowhere unsealed, and no index of them is kept there (`docs/decisions/0013-life-of-a-file.md`).
"""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from weakref import WeakKeyDictionary

from django.db.models import QuerySet

from egide.access.rules import Scope
from egide.casework import models as m
from egide.casework.file.files import bars, visible
from egide.casework.file.reading import NAMED
from egide.common.folding import fold
from egide.common.sealing import UnsealError
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import KeyStore
from egide.outbox.service import keys

MOST_KEPT = 200_000
_CHUNK = 500

# Version of the file; the protected person's name, then the perpetrators', each with what it is found by; and
# all that they are found by in one.
Kept = tuple[int, tuple[tuple[str, str], ...], str]


class NameBook:
    """Names by file, for one key store."""

    def __init__(self, store: KeyStore) -> None:
        self._kept: dict[str, Kept] = {}
        store.on_erased(self._forget)

    def _forget(self, case: str) -> None:
        self._kept.pop(case, None)

    def find(self, cases: QuerySet[m.Case], text: str, most: int) -> list[tuple[str, str, str]]:
        """(file, person, perpetrator when that is the name that fits) for a limited number of `cases`."""
        # Erasures of other processes first: a name that was erased is neither found nor kept.
        keys().forget_erased()
        versions = dict(cases.order_by().values_list("id", "version"))
        self._learn(
            [case for case, version in versions.items() if self._kept.get(case, (0,))[0] != version], versions
        )
        words = fold(text).split()
        longest = max(words, key=len, default="")
        fits = []
        for case in versions:
            kept = self._kept.get(case)
            # Nearly every file is passed over here: a search reads the names of all that its reader may see.
            if kept and longest in kept[2] and (hit := _fit(words, kept)) is not None:
                fits.append((case, kept[1][0][0], hit))
                if len(fits) == most:
                    break
        return fits

    def read_ahead(self) -> int:
        """Learn every name that the memory has room for, so that the first search is no slower; how many files."""
        versions = dict(m.Case.objects.order_by().values_list("id", "version")[:MOST_KEPT])
        unknown = [case for case in versions if case not in self._kept]
        self._learn(unknown, versions)
        return len(unknown)

    def _learn(self, cases: list[str], versions: dict[str, int]) -> None:
        if len(self._kept) + len(cases) > MOST_KEPT:
            self._kept.clear()
        for start in range(0, len(cases), _CHUNK):
            chunk = cases[start : start + _CHUNK]
            people, others = _names(m.Beneficiary, chunk), _names(m.Perpetrator, chunk)
            for case in chunk:
                names = (next(iter(people.get(case, ())), ""), *others.get(case, ()))
                found_by = [fold(name) for name in names]
                self._kept[case] = (
                    versions[case],
                    tuple(zip(names, found_by, strict=True)),
                    "\n".join(found_by),
                )


def _fit(words: list[str], kept: Kept) -> str | None:
    """The perpetrator's name that fits, "" when the person's own fits, None when none does."""
    _version, names, _together = kept
    for place, (name, folded) in enumerate(names):
        if name and all(word in folded for word in words):
            return name if place else ""
    return None


def _names(model: type[m.SealedRow], cases: Iterable[str]) -> dict[str, list[str]]:
    table, found = model._meta.db_table, defaultdict(list)
    rows = model._default_manager.filter(case_id__in=list(cases)).order_by()
    for row_id, case_id, sealed in rows.values_list("id", "case_id", "sealed"):
        with suppress(KeyErased, UnsealError):
            plain = keys().record_key(case_id).unseal(bytes(sealed), f"{table}:{row_id}".encode())
            found[case_id].append(NAMED.decode(plain).name)
    return found


_books: WeakKeyDictionary[KeyStore, NameBook] = WeakKeyDictionary()


def find_names(cases: QuerySet[m.Case], text: str, most: int) -> list[tuple[m.Case, str, str]]:
    """Files among `cases` in which the protected person's or a perpetrator's name holds every word of `text`."""
    fits = _book().find(cases, text, most)
    rows = m.Case.objects.in_bulk([case for case, _name, _other in fits])
    return [(rows[case], name, other) for case, name, other in fits if case in rows]


def cases_named(scope: Scope, text: str, most: int, *, of_any: bool) -> list[str]:
    """The ids of files in which such a name stands: of those that the reader may see, or of any that does not bar them,
    for who looks for alarms that concern them (safety rule 27)."""
    cases = m.Case.objects.exclude(id__in=list(bars(scope))) if of_any else visible(scope)
    return [case for case, _name, _other in _book().find(cases, text, most)]


def do_read_ahead() -> int:
    """Read the names of all files into this process's memory; returns how many files that were."""
    return _book().read_ahead()


def _book() -> NameBook:
    book = _books.get(keys())
    if book is None:
        book = _books[keys()] = NameBook(keys())
    return book
