"""What is asked, and how members of a population become the figures of an answer."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tests.evaluation.slow.reading import Past

# What can be counted of nobody, and is 0; of nobody there is no share and no median.
COUNTED = ("people", "kits", "files", "alarms")
PERCENTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9, "p95": 0.95}
Keys = tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A period of whole months, a place ("" for the country), and a split ("" for none)."""

    first: date
    last: date
    kind: str = ""
    codes: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure; what is None is not part of it."""

    value: float | None = None
    n: int | None = None
    count: int | None = None
    low: float | None = None
    high: float | None = None
    left_out: int = 0
    unknown: str = ""


@dataclass(frozen=True)
class Answer:
    """The whole, and its parts by their keys."""

    whole: Figure
    cells: dict[Keys, Figure]


@dataclass(frozen=True)
class Where:
    """A zone with its centre and office; an alarm's centre can be another one."""

    zone: str
    centre: str
    office: str


NOWHERE = Where("", "", "")


@dataclass(frozen=True)
class Member:
    """One of a population: where, on which day (None for a stock), of which own kinds, and what is known of it."""

    where: Where = NOWHERE
    day: date | None = None
    hour: int = 0
    own: Keys = ()
    yes: bool | None = None
    number: float | None = None


Figures = Callable[[list[Member]], dict[Keys, Figure]]


def is_at(member: Member, asked: Asked) -> bool:
    return not asked.kind or getattr(member.where, asked.kind) in asked.codes


def split_of(member: Member, by: str) -> str:
    if by in ("centre", "zone", "office"):
        return str(getattr(member.where, by))
    if by == "hour":
        return f"{member.hour:02}"
    assert member.day is not None
    return {"": "", "month": f"{member.day:%Y-%m}", "year": f"{member.day:%Y}"}[by]


def flow(past: Past, asked: Asked, members: Iterable[Member]) -> dict[str, list[Member]]:
    """Those of the period and place, by their split."""
    last = min(asked.last, past.until)
    found: dict[str, list[Member]] = {}
    for member in members:
        if member.day is not None and asked.first <= member.day <= last and is_at(member, asked):
            found.setdefault(split_of(member, asked.by), []).append(member)
    return found


def moments(past: Past, asked: Asked) -> dict[str, date]:
    """The days at whose end a stock is looked at."""
    last = min(asked.last, past.until)
    if asked.by not in ("month", "year"):
        return {"": last}
    return {
        f"{day:%Y-%m}" if asked.by == "month" else f"{day:%Y}": day
        for day in sorted(_ends(asked.by, asked.first, last) | {last})
    }


def _ends(by: str, first: date, last: date) -> set[date]:
    """Days after which another month (or year) begins."""
    found = set()
    while first <= last:
        following = first + timedelta(days=1)
        if (following.month if by == "month" else following.year) != (
            first.month if by == "month" else first.year
        ):
            found.add(first)
        first = following
    return found


def stock(
    past: Past, asked: Asked, members_on: Callable[[Past, date], Iterable[Member]]
) -> dict[str, list[Member]]:
    """Those at the place at the end of the day, or of each month or year, by their split."""
    found: dict[str, list[Member]] = {}
    for key, day in moments(past, asked).items():
        for member in members_on(past, day):
            if is_at(member, asked):
                split = split_of(member, asked.by) if asked.by in ("centre", "zone", "office") else key
                found.setdefault(split, []).append(member)
    return found


def groups(members: list[Member]) -> dict[Keys, list[Member]]:
    """All of them, and those of each own kind."""
    found: dict[Keys, list[Member]] = {}
    for member in members:
        for own in {("",) * len(member.own), member.own}:
            found.setdefault(own, []).append(member)
    return found


# --- what is said of a group ----------------------------------------------------------------------------------------


def numbers(members: list[Member]) -> dict[Keys, Figure]:
    """How many."""
    return {own: Figure(value=len(some), n=len(some)) for own, some in groups(members).items()}


def shares(members: list[Member]) -> dict[Keys, Figure]:
    """How many of those of whom it is known, with Wilson's interval."""
    found = {}
    for own, some in groups(members).items():
        known = [one for one in some if one.yes is not None]
        found[own] = share(sum(bool(one.yes) for one in known), len(known), len(some) - len(known))
    return found


def bare_shares(members: list[Member]) -> dict[Keys, Figure]:
    """The same of all that there are: no sample, no interval."""
    return {
        own: Figure(value=one.value, n=one.n, count=one.count, left_out=one.left_out, unknown=one.unknown)
        for own, one in shares(members).items()
    }


def share(count: int, n: int, left_out: int = 0) -> Figure:
    if not n:
        return Figure(n=0, count=0, left_out=left_out, unknown="nobody")
    low, high = wilson(count, n)
    return Figure(value=count / n, n=n, count=count, low=low, high=high, left_out=left_out)


def wilson(count: int, n: int) -> tuple[float, float]:
    """The shares p for which |count/n - p| is at most z standard errors under p: found by halving."""
    z, seen = 1.959963984540054, count / n

    def is_inside(p: float) -> bool:
        return (seen - p) ** 2 <= z * z * p * (1 - p) / n

    def edge(inside: float, outside: float) -> float:
        for _step in range(60):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if is_inside(middle) else (inside, middle)
        return inside

    return (0.0 if count == 0 else edge(seen, 0.0)), (1.0 if count == n else edge(seen, 1.0))


def percentiles(members: list[Member]) -> dict[Keys, Figure]:
    """Each percentile of what is known, as one more key behind the own ones."""
    by_kind: dict[Keys, list[Member]] = {}
    for member in members:
        by_kind.setdefault(member.own, []).append(member)
    found = {}
    for own, some in by_kind.items():
        known = sorted(one.number for one in some if one.number is not None)
        for name, part in PERCENTILES.items():
            found[(*own, name)] = Figure(
                value=percentile(known, part) if known else None,
                n=len(known),
                left_out=len(some) - len(known),
                unknown="" if known else "nobody",
            )
    return found


def percentile(ordered: list[float], part: float) -> float:
    """Between two neighbours in proportion, as spreadsheets do."""
    place = (len(ordered) - 1) * part
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def answer(
    unit: str,
    asked: Asked,
    whole: dict[str, list[Member]],
    parts: dict[str, list[Member]],
    figures: Figures,
    headline: Keys = (),
) -> Answer:
    """Members in their splits as one answer. Without a split the parts are the own kinds."""
    all_of_it = figures(whole[""]) if whole.get("") else {}
    nothing = Figure(value=0, n=0) if unit in COUNTED else Figure(n=0, unknown="nobody")
    width = max((len(keys) for keys in all_of_it), default=0)
    found = all_of_it.get(headline or ("",) * width, nothing)
    if not asked.by:
        return Answer(found, {keys: one for keys, one in all_of_it.items() if any(keys)})
    cells = {
        (split, *keys): one for split, members in parts.items() for keys, one in figures(members).items()
    }
    return Answer(found, cells)
