"""What is left of a case in the records once its key is destroyed: every row that belongs to it goes (safety rule 29).

The rows are found by their column, whatever package they are of, so that a new table cannot be forgotten.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models, transaction

from egide.casework.models import BarredReader, Case


@dataclass(frozen=True)
class Erasable:
    """What decides who may erase a file: its prosecutor's office, and the readers who must not even know of it."""

    office: str
    barred: frozenset[str]


def erasable(case: str) -> Erasable | None:
    """The file as far as its erasing goes; None when there is none (any more)."""
    office = Case.objects.filter(id=case).values_list("office", flat=True).first()
    if office is None:
        return None
    return Erasable(
        office, frozenset(BarredReader.objects.filter(case_id=case).values_list("mark", flat=True))
    )


def case_of(name: str) -> str:
    """The id of the file that somebody calls by its id or its number; `name` itself when there is none."""
    return Case.objects.filter(number=name).values_list("id", flat=True).first() or name


def do_drop_rows(case: str) -> int:
    """Delete every row of `case`, with what hangs on it; returns how many. Safe to repeat."""
    with transaction.atomic():
        dropped = sum(
            model._default_manager.filter(**{column: case}).delete()[0] for model, column in _tables()
        )
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return dropped


def _tables() -> list[tuple[type[models.Model], str]]:
    """Every table with a column for the case, and the case itself last."""
    found: list[tuple[type[models.Model], str]] = [
        (model, field.attname)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.attname in ("case", "case_id")
    ]
    return [*found, (Case, "id")]
