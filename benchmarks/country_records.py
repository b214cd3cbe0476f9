"""Ten years of a large country as record tables, invented: what the builder would have made of its journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from egide.evaluation.records.schemas import SCHEMAS, empty
from egide.evaluation.records.shapes import About, Records

FIRST, LAST = date(2016, 1, 1), date(2025, 12, 31)
_DAYS = (LAST - FIRST).days + 1
_OUTCOMES = {
    "handling-error": 0.35,
    "test": 0.12,
    "technical": 0.08,
    "perpetrator-gone": 0.2,
    "arrest": 0.07,
    "nobody-seen-but-fear-founded": 0.1,
    "person-not-found": 0.03,
    "help-refused": 0.03,
    "injured": 0.015,
    "killed": 0.001,
    "child-taken": 0.004,
}
_FOUNDED = ("perpetrator-gone", "arrest", "nobody-seen-but-fear-founded", "help-refused", "injured", "killed")


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    alarms: int = 1_000_000
    files: int = 200_000
    calls: int = 500_000


def country_records(places: pl.DataFrame, size: Size, seed: int) -> Records:
    """All tables. `places` has zone, centre, office."""
    made = _Country(places, np.random.default_rng(seed))
    tables = {
        **made.lives(size.files),
        "alarms": made.alarms(size.alarms, size.files),
        **made.numbers(size.calls),
        **made.surveys(size.files // 10),
        **made.training(),
        "places": places,
    }
    about = About(seq=0, since=FIRST, until=LAST, built_at_us=0, is_invented=True, silence_since=FIRST)
    full = {name: _finished(name, tables[name]) if name in tables else empty(name) for name in SCHEMAS}
    return Records(about, full)


Days = npt.NDArray[np.int64]


class _Country:
    def __init__(self, places: pl.DataFrame, chance: np.random.Generator) -> None:
        self._places = places
        self._chance = chance
        # Zones differ in size, as they do.
        weights = chance.pareto(1.5, len(places)) + 1
        self._weights = weights / weights.sum()

    def _zones(self, number: int) -> pl.DataFrame:
        picked = self._chance.choice(len(self._places), number, p=self._weights)
        return self._places[picked]

    def _table(
        self, zones: pl.DataFrame, columns: Mapping[str, Any], day: str, who: str = ""
    ) -> pl.DataFrame:
        made = zones.with_columns(pl.Series(name, values) for name, values in columns.items())
        made = made.with_columns(pl.col(day).dt.year().alias("period"))
        if who:
            marks = self._chance.integers(0, 2**63, len(made), dtype=np.int64)
            made = made.with_columns(pl.Series(who, [f"{mark:016x}" for mark in marks]))
        return made

    def lives(self, files: int) -> dict[str, pl.DataFrame]:
        """Requests, courses, protections, reviews, kits, the stock, silences."""
        chance = self._chance
        zones = self._zones(files)
        asked = chance.integers(0, _DAYS - 200, files)
        decided = asked + chance.geometric(0.15, files)
        decision = chance.choice(["granted", "refused", "dropped"], files, p=[0.75, 0.17, 0.08])
        granted = decision == "granted"
        began, lasted = (
            decided + chance.integers(1, 15, files),
            chance.gamma(2, 110, files).astype(np.int64) + 10,
        )
        ended = began + lasted
        incident = np.where(chance.random(files) < 0.3, chance.integers(1, 900, files), -1)
        found = {
            "requests": self._table(
                zones,
                {
                    "requested": _day(asked),
                    "decided": _day(decided),
                    "decision": decision,
                    "more_asked": chance.integers(0, 2, files),
                },
                "requested",
                "person",
            ),
            "courses": self._table(
                zones,
                {
                    "decided": _day(decided),
                    "decision": decision,
                    "incident_days": _none_below_zero(incident),
                    "killed": chance.random(files) < 0.0005,
                    "left_days": _none_below_zero(np.where(granted, ended - decided, 0)),
                    "left": np.where(granted, "ended", decision),
                },
                "decided",
                "person",
            ),
        }
        out = zones.filter(pl.Series(granted))
        begins, ends = began[granted], np.where(ended[granted] < _DAYS, ended[granted], -1)
        return found | self._outside(out, begins, ends)

    def _outside(self, zones: pl.DataFrame, begins: Days, ends: Days) -> dict[str, pl.DataFrame]:
        """What comes with a kit that left the house."""
        chance, number = self._chance, len(zones)
        spans = {"begins": _day(begins), "ends": _day(ends)}
        whole = {"is_first": np.ones(number, bool), "is_last": np.ones(number, bool)}
        held = {"days": np.where(ends >= 0, ends - begins, _DAYS - begins)}
        due = begins + 183
        settled = np.where(ends >= 0, np.minimum(due + chance.integers(-20, 20, number), ends), -1)
        reviews = {"set": _day(begins), "due": _day(due), "settled": _day(settled)}
        silent = chance.integers(0, number, number * 3)
        at = begins[silent] + chance.integers(0, 200, len(silent))
        hours = {
            "day": _day(np.minimum(at, _DAYS - 1)),
            "hours": chance.gamma(1, 4, len(silent)).clip(0.5, 24),
        }
        stock = pl.DataFrame(
            {
                "what": ["button"] * number,
                "state": chance.choice(["stock", "zone", "issued", "repair", "lost"], number),
                **spans,
            }
        )
        return {
            "protections": self._table(zones, {**spans, **whole, **held}, "begins", "person"),
            "kits": self._table(zones, spans, "begins", "kit"),
            "reviews": self._table(zones, reviews, "set", "person"),
            "items": pl.concat([zones, stock], how="horizontal"),
            "silences": self._table(zones[silent], hours, "day", "kit"),
        }

    def alarms(self, number: int, files: int) -> pl.DataFrame:
        """Alarms with their steps; a team went to most of those that were no mistake."""
        chance = self._chance
        zones = self._zones(number)
        outcome = chance.choice(
            list(_OUTCOMES), number, p=np.array([*_OUTCOMES.values()]) / sum(_OUTCOMES.values())
        )
        went = np.where(np.isin(outcome, _FOUNDED), True, chance.random(number) < 0.15)
        seen = chance.gamma(2, 3, number)
        confirmed = seen + chance.gamma(2, 20, number)
        under_way = confirmed + chance.gamma(2, 40, number)
        on_site = under_way + chance.lognormal(5.8, 0.5, number)
        lost = chance.random(number) < 0.03
        steps = {
            "seen_s": seen,
            "acknowledged_s": seen + 4,
            "confirmed_s": confirmed,
            "under_way_s": np.where(went, under_way, -1),
            "on_site_s": np.where(went & ~lost, on_site, -1),
        }
        columns = {
            "day": _day(chance.integers(0, _DAYS, number)),
            "hour": chance.integers(0, 24, number),
            "managing_zone": zones["zone"],
            "trigger": chance.choice(["button", "screen", "duress"], number, p=[0.9, 0.08, 0.02]),
            "outcome": outcome,
            "presses": chance.geometric(0.7, number),
            "went": went,
            "arrest": outcome == "arrest",
            **{name: _none_below_zero(values.astype(np.int64)) for name, values in steps.items()},
        }
        return self._table(zones, columns, "day", "person")

    def numbers(self, calls: int) -> dict[str, pl.DataFrame]:
        """What is imported: urgent calls, inhabitants, reports of stalking."""
        chance = self._chance
        zones = self._zones(calls)
        columns: dict[str, Any] = {
            "day": _day(chance.integers(0, _DAYS, calls)),
            "hour": chance.integers(0, 24, calls),
            "on_site_s": chance.lognormal(6.5, 0.4, calls).astype(np.int64),
        }
        years = pl.DataFrame({"year": list(range(FIRST.year, LAST.year + 1))})
        by_year = self._places.join(years, how="cross")
        size = len(by_year)
        return {
            "calls": zones.with_columns(pl.Series(name, values) for name, values in columns.items()),
            "inhabitants": by_year.with_columns(
                pl.Series("inhabitants", chance.integers(20_000, 500_000, size))
            ),
            "reports": by_year.with_columns(pl.Series("reports", chance.integers(50, 2000, size))),
        }

    def surveys(self, number: int) -> dict[str, pl.DataFrame]:
        """Invitations, and answers without a place."""
        chance = self._chance
        day = chance.integers(0, _DAYS - 30, number)
        marks = [f"{mark:016x}" for mark in chance.integers(0, 2**63, number, dtype=np.int64)]
        base = pl.DataFrame({"zone": [""] * number, "centre": [""] * number, "office": [""] * number})
        shared = {
            "invitation": marks,
            "questionnaire": ["beneficiaries"] * number,
            "version": np.ones(number, np.int64),
            "role": ["beneficiary"] * number,
        }
        surveys = self._table(
            base, {**shared, "invited": _day(day), "answered": _day(np.full(number, -1))}, "invited"
        )
        answered = self._table(
            base,
            {
                **shared,
                "answered": _day(day + 10),
                "question": ["safer"] * number,
                "choice": chance.choice(["clearly", "somewhat", "same"], number),
            },
            "answered",
        )
        return {"surveys": surveys, "answers": answered.head(number * 6 // 10)}

    def training(self) -> dict[str, pl.DataFrame]:
        """Two trained officers in every zone and office, all the time."""
        subjects = [f"zone:{zone}" for zone in self._places["zone"]]
        subjects += [f"office:{office}" for office in self._places["office"].unique()]
        twice = subjects * 2
        certificates = pl.DataFrame(
            {
                "period": [FIRST.year] * len(twice),
                "person": [f"{number:016x}" for number in range(len(twice))],
                "subject": twice,
                "begins": [FIRST] * len(twice),
                "ends": [None] * len(twice),
            }
        )
        signed = pl.DataFrame({"subject": subjects, "begins": FIRST, "ends": None})
        return {"certificates": certificates, "sign_offs": signed}


def _day(numbers: Days) -> pl.Series:
    """Days since FIRST as dates; none for what is below zero."""
    first = (FIRST - date(1970, 1, 1)).days
    return _none_below_zero(np.where(numbers >= 0, numbers + first, -1)).cast(pl.Date)


def _none_below_zero(numbers: Days) -> pl.Series:
    values = pl.Series(numbers.astype(np.int32))
    return pl.select(pl.when(values >= 0).then(values)).to_series()


def _finished(name: str, table: pl.DataFrame) -> pl.DataFrame:
    return table.select(pl.col(column).cast(kind) for column, kind in SCHEMAS[name].items())
