"""What left the service as figures, on streams `figures:YEAR`."""

from egide.events.base import Event


class FiguresPublished(Event, frozen=True):
    """An edition of the yearly tables was published.

    `digest` is the hex SHA-256 of its JSON, `why` the reason of a correction.
    """

    year: int
    edition: int
    digest: str
    by: str
    why: str = ""


class NumbersImported(Event, frozen=True):
    """Numbers that the journal does not hold were imported. `table` is "calls", "inhabitants" or "reports"."""

    table: str
    lines: int
    by: str
