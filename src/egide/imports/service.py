"""One importer for all files: what one would do, or every fault in it; kept sealed until somebody says yes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from egide.imports.models import ImportDraft
from egide.imports.reading import CsvLine, Fault, read_table, repeated
from egide.journal.sealing.keys import SYSTEM
from egide.outbox.service import clock, keys

LIFETIME_S = 3600
SHOWN_ROWS = 20


@dataclass(frozen=True)
class Change:
    """One thing that an import would do: `verb` is "new", "changed" or "same"."""

    verb: str
    texts: tuple[str, ...]


@dataclass
class Plan:
    """What a file would do. With a fault nothing is done at all."""

    headings: tuple[str, ...] = ()
    lines: list[CsvLine] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def count(self, verb: str) -> int:
        return sum(change.verb == verb for change in self.changes)


@dataclass(frozen=True)
class Importer:
    """One kind of file: its columns, its rules, and what becomes of its lines.

    `faults` tells what is wrong with lines beyond what no file may have. `verbs` says of each line of a file without a
    fault whether it is "new", "changed" or "same". `do` takes all lines, inside a transaction, and returns how many.
    No two lines may share their `unique` columns. `why_not` may say more of a column that is not known.
    """

    kind: str
    columns: tuple[str, ...]
    faults: Callable[[Sequence[CsvLine]], Iterable[Fault]]
    verbs: Callable[[Sequence[CsvLine]], Iterable[str]]
    do: Callable[[Sequence[CsvLine], str], int]
    optional: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    why_not: Callable[[str], str] = lambda name: ""


class DraftGone(LookupError):
    """The draft is unknown, too old, somebody else's, or was used."""


class FileRefused(Exception):
    """The file cannot be imported (any more); `plan` says why, line by line. Nothing was changed."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"{len(plan.faults)} faults")
        self.plan = plan


def plan_of(importer: Importer, data: bytes) -> Plan:
    """What this file would do, or every fault in it. Changes nothing."""
    table = read_table(data, importer.columns, importer.optional, importer.why_not)
    if not table.lines:
        return Plan(faults=table.faults)
    if importer.unique:
        table.faults += repeated(table.lines, *importer.unique)
    # An empty cell is also no date: the first thing that is wrong with a cell is enough.
    told = {(fault.line, fault.column) for fault in table.faults}
    faults = [one for one in importer.faults(table.lines) if (one.line, one.column) not in told]
    faults = sorted(faults + table.faults, key=lambda fault: fault.line)
    given = [column for column in importer.optional if any(line[column] for line in table.lines)]
    plan = Plan((*importer.columns, *given), table.lines, faults=faults)
    if not faults:
        texts = (tuple(line[column] for column in plan.headings) for line in table.lines)
        plan.changes = list(map(Change, importer.verbs(table.lines), texts))
    return plan


@transaction.atomic
def do_keep(importer: Importer, data: bytes, by: str) -> str:
    """Keep a file for an hour, until `do_import`; returns its id."""
    now_us = clock().now_us()
    ImportDraft.objects.filter(at_us__lt=now_us - LIFETIME_S * 1_000_000).delete()
    draft = ImportDraft(kind=importer.kind, by=by, at_us=now_us)
    draft.content_sealed = keys().record_key(SYSTEM).seal(data, _label(draft))
    draft.save(force_insert=True)
    return draft.id


@transaction.atomic
def do_import(importer: Importer, draft_id: str, by: str) -> int:
    """Import a kept file whole or not at all; returns the number of rows. Raises DraftGone, FileRefused.

    It is checked again: what was right in the preview may have been overtaken since.
    """
    oldest_us = clock().now_us() - LIFETIME_S * 1_000_000
    draft = ImportDraft.objects.filter(id=draft_id, kind=importer.kind, by=by, at_us__gte=oldest_us).first()
    if draft is None:
        raise DraftGone(draft_id)
    data = keys().record_key(SYSTEM).unseal(bytes(draft.content_sealed), _label(draft))
    plan = plan_of(importer, data)
    if plan.faults:
        raise FileRefused(plan)
    draft.delete()
    return importer.do(plan.lines, by)


def _label(draft: ImportDraft) -> bytes:
    return f"rollout_importdraft:{draft.id}".encode()
