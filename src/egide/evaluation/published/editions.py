"""Editions of the published tables: what would leave the service, the act of publishing, and what has left it for good.

An edition never changes. A correction is a further edition of the same year, checked together with all that is out.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date

import msgspec
import polars as pl
from django.db import transaction

from egide.common.clock import utc
from egide.common.encoding import decoder_of
from egide.evaluation import service
from egide.evaluation.models import PublishedEdition
from egide.evaluation.published import counts as counting
from egide.evaluation.published.protecting import Betrayed, EditionCells, Editions, may_show
from egide.evaluation.published.suppression import SMALL
from egide.evaluation.published.tables import MEDIANS, PERCENTILES, WHOLE, Key
from egide.evaluation.records.shapes import Records
from egide.events.figures import FiguresPublished
from egide.journal.sealing.keys import SYSTEM
from egide.outbox.service import clock, keys, offer

WHY_LENGTH = 300


class NotPublishable(Exception):
    """`why` is "before", "not-over", "unread", "betrayed", "changed" (since it was looked at), "same" or "reason"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown, in the names of published.TABLES: "table/row/column" to its number, None where it is hidden.

    `percentiles` by "table/row"; `inhabitants` and `reports` by province, only those that are known in full.
    """

    year: int
    number: int
    rows: tuple[str, ...]
    cells: dict[str, int | None]
    percentiles: dict[str, dict[str, float]]
    inhabitants: dict[str, int]
    reports: dict[str, int]
    is_invented: bool

    def cell(self, table: str, row: str, column: str) -> int | None:
        """The number; None where it is hidden."""
        return self.cells.get(f"{table}/{row}/{column}")


@dataclass(frozen=True)
class Draft:
    """What would be published now, and what is true behind it; `is_over` once the year is.

    `unread` events are missing from it: it must not go out before a version has read them.
    """

    edition: Edition
    truth: dict[Key, int]
    is_over: bool
    unread: int = 0

    @property
    def why_not(self) -> str:
        """Why nobody may let it out yet, as a word of NotPublishable; empty when it may go."""
        if not self.is_over:
            return "not-over"
        return "unread" if self.unread else ""

    @property
    def content(self) -> bytes:
        return msgspec.json.encode(self.edition, order="deterministic")

    @property
    def digest(self) -> str:
        return digest_of(self.content)


@dataclass(frozen=True)
class Out:
    """An edition that is out; `digest` is that of what is kept, the journal has that of what was published."""

    edition: Edition
    published_on: date
    by: str
    why: str
    digest: str


@dataclass
class _Kept:
    """Drafts of the present records: looked at, then published."""

    records: Records | None = None
    drafts: dict[tuple[int, int], Draft] = field(default_factory=dict)


_kept = _Kept()


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def years() -> list[int]:
    """Years of which the records tell, from the last one. Raises NoRecords."""
    about = service.records().about
    return list(range(about.until.year, about.since.year - 1, -1))


def editions(year: int | None = None) -> list[Out]:
    """What is out: the last year first, and of a year the newest edition."""
    rows = PublishedEdition.objects.order_by("-year", "-number")
    return [_out(row) for row in (rows if year is None else rows.filter(year=year))]


def draft(year: int) -> Draft:
    """The next edition of a year as it would be now. Raises NoRecords, NotPublishable."""
    records = service.records()
    if not records.about.since.year <= year <= records.about.until.year:
        raise NotPublishable("before")
    # Editions are only ever added: their number says which they are.
    asked = (year, PublishedEdition.objects.count())
    if _kept.records is not records:
        _kept.records, _kept.drafts = records, {}
    if asked not in _kept.drafts:
        _kept.drafts[asked] = _draft(records, year)
    return _kept.drafts[asked]


def _draft(records: Records, year: int) -> Draft:
    told = _told()
    number = max((edition for of, edition in told if of == year), default=0) + 1
    truth = counting.counts(records, year)
    try:
        shown = may_show(told, (year, number), truth)
    except Betrayed as error:
        raise NotPublishable("betrayed") from error
    percentiles = counting.percentiles(records, year)
    edition = Edition(
        year=year,
        number=number,
        rows=tuple(EditionCells(truth).rows),
        cells={"/".join(key): value if key in shown else None for key, value in truth.items()},
        percentiles={
            f"{key.table}/{key.row}": _enough(percentiles.get(key, {}), truth[key])
            for key in MEDIANS
            if key in shown
        },
        inhabitants=_imported(records, "inhabitants", year),
        reports=_imported(records, "reports", year),
        is_invented=records.about.is_invented,
    )
    is_over = records.about.until >= date(year, 12, 31)
    return Draft(edition, truth, is_over, unread=records.about.unread)


def _enough(found: dict[str, float], n: int) -> dict[str, float]:
    """Percentiles with five or more on either side, to ten seconds or a whole day."""
    return {
        name: value
        for name, value in found.items()
        if n * min(PERCENTILES[name], 1 - PERCENTILES[name]) >= SMALL
    }


def _imported(records: Records, table: str, year: int) -> dict[str, int]:
    """Sums by province and for the country, where every zone of it was imported for the year."""
    rows = records[table].filter(pl.col("year") == year).select("zone", table)
    joined = records["places"].select("zone", "centre").join(rows, on="zone", how="left")
    both = pl.concat([joined.with_columns(pl.lit(WHOLE).alias("centre")), joined])
    sums = both.group_by("centre").agg(pl.col(table).sum(), pl.col(table).null_count().alias("missing"))
    found = sums.filter((pl.col("missing") == 0) & (pl.col("centre") != "") & (pl.col(table) >= SMALL))
    return dict(sorted(zip(found["centre"].to_list(), found[table].to_list(), strict=True)))


@transaction.atomic
def do_publish(year: int, by: str, seen: str, why: str = "") -> Out:
    """Let the next edition of a year out, exactly as it was `seen` (its digest). Raises NoRecords, NotPublishable.

    `why` is the reason of a correction, for everybody to read.
    """
    made = draft(year)
    if made.why_not:
        raise NotPublishable(made.why_not)
    if made.digest != seen:
        raise NotPublishable("changed")
    before = editions(year)
    if before and before[0].edition.cells == made.edition.cells:
        raise NotPublishable("same")
    if before and not why.strip():
        raise NotPublishable("reason")
    return do_let_out(made, by, why.strip()[:WHY_LENGTH])


@transaction.atomic
def do_let_out(made: Draft, by: str, why: str = "") -> Out:
    """Keep this as an edition that is out, and tell the journal; `do_publish` checks that it may."""
    year = made.edition.year
    row = PublishedEdition(year=year, number=made.edition.number, by=by, why=why)
    row.at_us = clock().now_us()
    row.content = made.content.decode()
    truth = {"/".join(key): value for key, value in made.truth.items()}
    row.truth_sealed = keys().record_key(SYSTEM).seal(msgspec.json.encode(truth), _label(row))
    row.save(force_insert=True)
    event = FiguresPublished(year=year, edition=row.number, digest=made.digest, by=by, why=row.why)
    offer(event, f"figures:{year}")
    return _out(row)


def _out(row: PublishedEdition) -> Out:
    edition = decoder_of(Edition).decode(row.content)
    return Out(edition, utc(row.at_us).date(), row.by, row.why, digest_of(row.content.encode()))


def _told() -> Editions:
    """All that is out, with what is true behind it: sealed here, so that a copy of the database tells nothing more."""
    told = {}
    for row in PublishedEdition.objects.all():
        sealed = keys().record_key(SYSTEM).unseal(bytes(row.truth_sealed), _label(row))
        truth = {
            Key(*name.split("/")): value
            for name, value in msgspec.json.decode(sealed, type=dict[str, int]).items()
        }
        edition = decoder_of(Edition).decode(row.content)
        shown = frozenset(Key(*name.split("/")) for name, value in edition.cells.items() if value is not None)
        told[row.year, row.number] = EditionCells(truth, shown)
    return told


def _label(row: PublishedEdition) -> bytes:
    return f"evaluation_publishededition:{row.year}:{row.number}".encode()
