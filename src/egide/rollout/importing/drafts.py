"""Files that were read without a fault wait here, sealed, until somebody has seen the preview and says yes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import transaction

from egide.journal.sealing.keys import SYSTEM
from egide.outbox.service import clock, keys
from egide.rollout.importing.table_file import Fault, Table
from egide.rollout.models import ImportDraft

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
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def count(self, verb: str) -> int:
        return sum(change.verb == verb for change in self.changes)


@dataclass(frozen=True)
class Importer:
    """One kind of file: how to read it, what it would do, and how to do it.

    `plan` adds the faults that only the records show; `do` gets a table without any.
    """

    kind: str
    columns: tuple[str, ...]
    read: Callable[[bytes], Table]
    plan: Callable[[Table], Plan]
    do: Callable[[Table, str], int]
    optional: tuple[str, ...] = ()


class DraftGone(LookupError):
    """The draft is unknown, too old, somebody else's, or was used."""


class FileRefused(Exception):
    """The file cannot be imported (any more); `plan` says why, line by line. Nothing was changed."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"{len(plan.faults)} faults")
        self.plan = plan


def plan_of(importer: Importer, data: bytes) -> Plan:
    """What this file would do, or every fault in it. Changes nothing."""
    table = importer.read(data)
    if not table.lines:
        return Plan(faults=table.faults)
    plan = importer.plan(table)
    # An empty cell is also no date: the first thing that is wrong with a cell is enough.
    told = {(fault.line, fault.column) for fault in table.faults}
    plan.faults = [fault for fault in plan.faults if (fault.line, fault.column) not in told] + table.faults
    plan.faults.sort(key=lambda fault: fault.line)
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
    return importer.do(importer.read(data), by)


def _label(draft: ImportDraft) -> bytes:
    return f"rollout_importdraft:{draft.id}".encode()
