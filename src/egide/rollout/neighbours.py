"""Whom a centre calls across the border (safety rule 7)."""

from dataclasses import dataclass

from egide.rollout.models import NeighbourNumber


@dataclass(frozen=True)
class Neighbour:
    """A police centre across the border, reachable day and night."""

    country: str
    name: str
    number: str


def neighbours_of(code: str, country: str = "") -> list[Neighbour]:
    """The 24-hour numbers that centre `code` holds, of one `country` (two letters) or of all.

    A country for which the centre holds no number gives every number that it holds: any of them can pass on.
    """
    rows = NeighbourNumber.objects.filter(centre=code)
    chosen = rows.filter(country=country) if country else rows
    return [Neighbour(row.country, row.name, row.number) for row in (chosen or rows)]
