"""Photos, documents and scans of a file: bytes under the case's key, never on a disk in clear."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file.store import label, seal, unseal
from egide.events.base import Event
from egide.events.casework import FileChanged
from egide.outbox.service import clock, keys, offer

PHOTO, DOCUMENT, SCAN, ATTACHMENT = "photo", "document", "scan", "attachment"
# What an officer may take out again; the others prove what was decided.
REMOVABLE = (PHOTO, ATTACHMENT)


class ForTeam(f.Facts, frozen=True, kw_only=True):
    """Somebody marked a paper for the teams that are sent: `by` the account, at `at_us`.

    `looked_for` are the marks of the non-disclosed addresses that they said it does not tell (`handing.address_mark`).
    """

    by: str
    at_us: int
    looked_for: tuple[str, ...] = ()


class PaperFacts(f.Facts, frozen=True, kw_only=True):
    """What a paper is. `media` is its type, `by` the account, `sha256` (hexadecimal) the hash of its bytes.

    For documents: `document` is "request", "decision" or "agreement", `criminal` whether it is the version for the
    criminal file (rule 28). For attachments: what it is called, who it comes from, and of which day (rule 12); whether
    it goes to a team (`handing`).
    """

    media: str
    sha256: str
    by: str
    document: str = ""
    language: str = ""
    criminal: bool = False
    title: str = ""
    source: str = ""
    on: date | None = None
    for_team: ForTeam | None = None


@dataclass(frozen=True)
class PaperShown:
    """A paper without its bytes."""

    id: str
    kind: str
    owner: str
    at_us: int
    facts: PaperFacts


class NoSuchPaper(LookupError):
    """There is no such paper in this file."""


def papers_of(case_id: str, kinds: Iterable[str] = (PHOTO, DOCUMENT, SCAN, ATTACHMENT)) -> list[PaperShown]:
    """The papers of a file, newest first; their bytes stay where they are."""
    key = keys().record_key(case_id)
    rows = m.Paper.objects.filter(case_id=case_id, kind__in=list(kinds)).defer("content").order_by("-at_us")
    return [PaperShown(row.id, row.kind, row.owner, row.at_us, unseal(key, row, PaperFacts)) for row in rows]


@transaction.atomic
def do_add_paper(
    case_id: str, kind: str, content: bytes, facts: PaperFacts, owner: str = "", event: Event | None = None
) -> m.Paper:
    """Keep a paper under seal and tell the journal; `event` goes instead of a plain change."""
    key = keys().record_key(case_id)
    row = m.Paper(case_id=case_id, kind=kind, owner=owner, at_us=clock().now_us())
    row.sealed = seal(key, row, facts)
    row.content = key.seal(content, label(row) + b":content")
    row.save(force_insert=True)
    told = event or FileChanged(case=case_id, user=facts.by, part=kind, row=row.id, version=1)
    offer(told, f"case:{case_id}", case_id)
    return row


def read_paper(case_id: str, paper_id: str) -> tuple[m.Paper, PaperFacts, bytes]:
    """A paper with its bytes. Raises NoSuchPaper, KeyErased."""
    row = m.Paper.objects.filter(case_id=case_id, id=paper_id).first()
    if row is None:
        raise NoSuchPaper(paper_id)
    key = keys().record_key(case_id)
    return row, unseal(key, row, PaperFacts), key.unseal(bytes(row.content), label(row) + b":content")


def perpetrator_photo(case_id: str, number: int) -> bytes:
    """The newest photo of the perpetrator with this place in the file, from 0. Raises NoSuchPaper, KeyErased."""
    owners = list(m.Perpetrator.objects.filter(case_id=case_id).values_list("id", flat=True))
    if not 0 <= number < len(owners):
        raise NoSuchPaper(str(number))
    photos = m.Paper.objects.filter(case_id=case_id, kind=PHOTO, owner=owners[number])
    newest = photos.order_by("-at_us").values_list("id", flat=True).first()
    if newest is None:
        raise NoSuchPaper(str(number))
    return read_paper(case_id, newest)[2]


@transaction.atomic
def do_remove(case_id: str, paper_id: str, by: str) -> None:
    """Take a photo or an attachment out for good. Raises NoSuchPaper."""
    row = m.Paper.objects.filter(case_id=case_id, id=paper_id, kind__in=REMOVABLE).first()
    if row is None:
        raise NoSuchPaper(paper_id)
    row.delete()
    event = FileChanged(case=case_id, user=by, part=row.kind, row=paper_id, version=0)
    offer(event, f"case:{case_id}", case_id)


def sha256_of(content: bytes) -> str:
    """Hexadecimal SHA-256 (FIPS 180-4)."""
    return hashlib.sha256(content).hexdigest()
