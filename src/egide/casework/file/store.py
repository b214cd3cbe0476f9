"""Rows of a file under seal: add, change and take out, with what stood there before. Nothing else seals or unseals."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import msgspec
from django.db import models as db
from django.db import transaction

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file.rules_life import next_change
from egide.common.encoding import decoder_of
from egide.common.folding import fold
from egide.common.sealing import SealingKey
from egide.events.casework import FileChanged
from egide.journal.sealing.keys import SYSTEM
from egide.outbox.days import today
from egide.outbox.service import clock, keys, offer

T = TypeVar("T", bound=f.Facts)
R = TypeVar("R", bound=m.SealedRow)

# Part of a file, as pages and events name it -> its table and the shape of its content.
PARTS: dict[str, tuple[type[m.SealedRow], type[f.Facts]]] = {
    "beneficiary": (m.Beneficiary, f.BeneficiaryFacts),
    "perpetrator": (m.Perpetrator, f.PerpetratorFacts),
    "weapon": (m.Weapon, f.WeaponFacts),
    "antecedent": (m.Antecedent, f.AntecedentFacts),
    "report": (m.Report, f.PoliceReportFacts),
    "child": (m.Child, f.ChildFacts),
    "person": (m.Person, f.PersonFacts),
    "measure": (m.Measure, f.MeasureFacts),
    "place": (m.Place, f.PlaceFacts),
}
CONTEXT = "context"
# Parts that say when life changes.
CHANGING = ("measure", "perpetrator")
# Instead of the mark of a protected person whose birth date nobody knows.
NO_MARK = "-"
# The version under which the history keeps what a row held when it was added.
ADDED = 0


class Stale(Exception):
    """Somebody else changed it meanwhile. `now` is what holds, `version` its version, `by` who wrote it, when."""

    def __init__(self, now: f.Facts | None, version: int, by: str, at_us: int) -> None:
        super().__init__(f"version {version} holds")
        self.now = now
        self.version = version
        self.by = by
        self.at_us = at_us


class NoSuchRow(LookupError):
    """There is no such row in this file."""


class Was(f.Facts, frozen=True, kw_only=True):
    """What a row held, and who replaced it."""

    by: str
    was: msgspec.Raw


@dataclass(frozen=True)
class Earlier:
    """An earlier content of a row, for the page that shows how it came about."""

    part: str
    row: str
    version: int
    at_us: int
    by: str
    facts: f.Facts


def label(row: db.Model) -> bytes:
    """Binds a sealed content to its table and row: it cannot be moved to another person."""
    return f"{row._meta.db_table}:{row.pk}".encode()


def seal(key: SealingKey, row: db.Model, content: f.Facts) -> bytes:
    """The content of a row under the case's record key."""
    return key.seal(msgspec.json.encode(content), label(row))


def unseal(key: SealingKey, row: Any, kind: type[T]) -> T:
    """The content of a row. Raises UnsealError."""
    return decoder_of(kind).decode(key.unseal(bytes(row.sealed), label(row)))


def mark_of(*words: str) -> str:
    """A keyed hash of words, without case and accents: equal for equal people, and useless without the key."""
    plain = "\0".join(fold(word) for word in words)
    key = keys().case_key(SYSTEM).derive(b"egide-perpetrator-mark-1")
    return hmac.digest(key.raw, plain.encode(), "sha256").hex()[:32]


def person_mark(name: str, born: date) -> str:
    """The mark of a protected person: the words of the name in any order, without those in brackets."""
    words = re.findall(r"\w+", re.sub(r"\(.*?\)", " ", fold(name)))
    return mark_of("protected", " ".join(sorted(words)), born.isoformat())


def clear_columns(content: f.Facts) -> dict[str, str]:
    """The clear columns that follow from a content."""
    if isinstance(content, f.BeneficiaryFacts):
        return {"mark": person_mark(content.name, content.born) if content.born else NO_MARK}
    if not isinstance(content, f.PerpetratorFacts):
        return {}
    return {
        "mark": mark_of(content.name, content.born.isoformat()) if content.born else "",
        "national_mark": mark_of(content.national) if content.national else "",
    }


def write_rows(
    case: m.Case, model: type[R], contents: tuple[f.Facts, ...], clear: Mapping[str, Any]
) -> list[R]:
    """Append rows to a file, sealed; `clear` are the model's own clear columns."""
    key = keys().record_key(case.id)
    last = model._default_manager.filter(case=case).aggregate(last=db.Max("order"))["last"]
    rows = []
    for order, content in enumerate(contents, start=0 if last is None else last + 1):
        row = model(case=case, order=order, **{**clear_columns(content), **clear})
        row.sealed = seal(key, row, content)
        row.save(force_insert=True)
        rows.append(row)
    return rows


@transaction.atomic
def do_add_row(case: m.Case, part: str, content: f.Facts, by: str, **clear: Any) -> m.SealedRow:
    """Append one row and tell the journal."""
    row = write_rows(case, PARTS[part][0], (content,), clear)[0]
    _keep(case.id, part, row.id, ADDED, bytes(row.sealed), label(row), by)
    _tell(case.id, by, part, row.id, row.version)
    return row


@transaction.atomic
def do_change_row(
    case: m.Case, part: str, row_id: str, version: int, content: f.Facts, by: str, **clear: Any
) -> m.SealedRow:
    """Write a row anew, if it still is as the form saw it; what stood there is kept. Raises NoSuchRow, Stale."""
    row = check_row(case.id, part, row_id, version)
    _keep(case.id, part, row.id, row.version, bytes(row.sealed), label(row), by)
    row.version += 1
    for name, value in {**clear_columns(content), **clear}.items():
        setattr(row, name, value)
    row.sealed = seal(keys().record_key(case.id), row, content)
    row.save()
    _tell(case.id, by, part, row.id, row.version)
    return row


@transaction.atomic
def do_remove_row(case: m.Case, part: str, row_id: str, version: int, by: str) -> None:
    """Take a row out; what stood there is kept in the file's history. Raises NoSuchRow, Stale."""
    row = check_row(case.id, part, row_id, version)
    _keep(case.id, part, row.id, row.version, bytes(row.sealed), label(row), by)
    row.delete()
    _tell(case.id, by, part, row_id, 0)


@transaction.atomic
def do_change_context(case: m.Case, version: int, content: f.CaseFacts, by: str) -> None:
    """The same for the context of the case itself. Raises Stale."""
    now = m.Case.objects.get(id=case.id)
    if now.content_version != version:
        raise _stale(
            CONTEXT, now.id, now.content_version, unseal(keys().record_key(now.id), now, f.CaseFacts), now.id
        )
    _keep(now.id, CONTEXT, now.id, now.content_version, bytes(now.sealed), label(now), by)
    now.content_version += 1
    now.sealed = seal(keys().record_key(now.id), now, content)
    now.save(update_fields=["sealed", "content_version"])
    _tell(now.id, by, CONTEXT, now.id, now.content_version)


def check_row(case_id: str, part: str, row_id: str, version: int) -> m.SealedRow:
    """The row, if it is of this file and of this version. Raises NoSuchRow, Stale (also when it was taken out)."""
    model, kind = PARTS[part]
    row = model._default_manager.filter(case_id=case_id, id=row_id).first()
    if row is None:
        last = m.Change.objects.filter(case_id=case_id, row=row_id).order_by("-version").first()
        if last is None:
            raise NoSuchRow(row_id)
        raise Stale(None, 0, _was(last).by, last.at_us)
    if row.version != version:
        raise _stale(part, row.id, row.version, unseal(keys().record_key(case_id), row, kind), case_id)
    return row


def history(case_id: str) -> list[Earlier]:
    """Every earlier content of every row of a file, newest first."""
    found = []
    for change in m.Change.objects.filter(case_id=case_id).order_by("-at_us", "-version"):
        was = _was(change)
        kind = f.CaseFacts if change.part == CONTEXT else PARTS[change.part][1]
        facts = decoder_of(kind).decode(was.was)
        found.append(Earlier(change.part, change.row, change.version, change.at_us, was.by, facts))
    return found


def last_change(case_id: str) -> tuple[str, int]:
    """Who changed a row of the file last, and when; an empty name when nobody did."""
    last = m.Change.objects.filter(case_id=case_id).order_by("-at_us").first()
    return (_was(last).by, last.at_us) if last else ("", 0)


def _stale(part: str, row_id: str, version: int, now: f.Facts, case_id: str) -> Stale:
    last = m.Change.objects.filter(case_id=case_id, part=part, row=row_id).order_by("-version").first()
    return Stale(now, version, _was(last).by if last else "", last.at_us if last else 0)


def _was(change: m.Change) -> Was:
    return unseal(keys().record_key(change.case_id), change, Was)


def _keep(
    case_id: str, part: str, row_id: str, version: int, sealed: bytes, sealed_label: bytes, by: str
) -> None:
    key = keys().record_key(case_id)
    change = m.Change(case_id=case_id, part=part, row=row_id, version=version, at_us=clock().now_us())
    change.sealed = seal(key, change, Was(by=by, was=msgspec.Raw(key.unseal(sealed, sealed_label))))
    change.save(force_insert=True)


def change_day(case_id: str, since: date) -> date | None:
    """The next day from `since` on when life changes, as far as measures and perpetrators say (rule 31)."""
    key = keys().record_key(case_id)
    measures = (unseal(key, row, f.MeasureFacts) for row in m.Measure.objects.filter(case_id=case_id))
    people = (unseal(key, row, f.PerpetratorFacts) for row in m.Perpetrator.objects.filter(case_id=case_id))
    return next_change(measures, people, since)


def _tell(case_id: str, by: str, part: str, row: str, version: int) -> None:
    event = FileChanged(case=case_id, user=by, part=part, row=row, version=version)
    offer(event, f"case:{case_id}", case_id)
    changed: dict[str, Any] = {"version": db.F("version") + 1}
    if part in CHANGING:
        changed["change_on"] = change_day(case_id, today())
    m.Case.objects.filter(id=case_id).update(**changed)
