"""Builds the record tables from the journal: fold everything, turn moments into days, identities into marks."""

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from egide.common.clock import Clock
from egide.evaluation.records.gathering.alarms import Alarms
from egide.evaluation.records.gathering.days import as_day, local, midnight
from egide.evaluation.records.gathering.files import Files
from egide.evaluation.records.gathering.kits import Kits
from egide.evaluation.records.gathering.others import Kept, Rollout, Surveys
from egide.evaluation.records.gathering.reading import feed
from egide.evaluation.records.gathering.taking import Handler
from egide.evaluation.records.kept import with_kept
from egide.evaluation.records.pseudonyms import Pseudonyms
from egide.evaluation.records.schemas import FOUNDED, IMPORTED, SCHEMAS, VICTIMS, VIOLENT, empty
from egide.evaluation.records.shapes import About, Records
from egide.journal.service import Journal

Place = tuple[str, str, str]
_US = pl.Int64
_HOUR_US = 3_600_000_000


def build(
    journal: Journal,
    clock: Clock,
    places: Iterable[Place],
    *,
    is_invented: bool = False,
    assumed: tuple[str, ...] = (),
) -> Records:
    """All record tables as the journal stands now. `places` are (zone, centre, office). Raises UnsealError."""
    head, now_us = journal.head(), clock.now_us()
    alarms, files, kits, rollout, surveys, kept = Alarms(), Files(), Kits(), Rollout(), Surveys(), Kept()
    handlers: dict[str, Handler] = {}
    for one in (alarms, files, kits, rollout, surveys, kept):
        handlers |= one.handlers()
    # When supervision notified anybody for the first time; before, nothing is known of silence.
    fed = feed(journal, handlers, head)
    watched_us = fed.first.get("KitTroubleTold")
    made = Tables(
        Pseudonyms(journal.keys), pl.DataFrame(list(places), schema=SCHEMAS["places"], orient="row")
    )
    until = made.days_of({"now": [now_us]}, "now")["now"][0]
    tables = {
        **made.alarms(alarms.columns()),
        **made.files(files, kits),
        **made.kits(kits, until),
        "silences": made.silences(kits.silence_columns(now_us)),
        **made.others(rollout, surveys),
        "places": made.places,
        **{name: empty(name) for name in IMPORTED},
    }
    first = journal.read(limit=1)
    since = made.days_of({"now": [first[0].at_us if first else now_us]}, "now")["now"][0]
    watched = made.days_of({"now": [watched_us]}, "now")["now"][0] if watched_us else None
    about = About(
        seq=head,
        since=since,
        until=until,
        built_at_us=now_us,
        is_invented=is_invented,
        assumed=assumed,
        silence_since=watched,
        unread=fed.unread,
    )
    finished = {name: made.finished(name, table) for name, table in tables.items()}
    return Records(about, with_kept(finished, kept.tables))


class Tables:
    """Turns what was gathered into tables of the schema."""

    def __init__(self, pseudonyms: Pseudonyms, places: pl.DataFrame) -> None:
        self._pseudonyms = pseudonyms
        self.places = places
        self._alarms = pl.DataFrame()

    def days_of(self, columns: dict[str, list[object]], *moments: str) -> pl.DataFrame:
        """The columns as a table, with these columns of microseconds turned into days."""
        table = pl.DataFrame(columns, schema_overrides=dict.fromkeys(moments, _US), strict=False)
        return table.with_columns(as_day(name) for name in moments)

    def alarms(self, columns: dict[str, list[object]]) -> dict[str, pl.DataFrame]:
        """The alarms; their moments are kept for the courses of files alone."""
        steps = {name: pl.Int64 for name in columns if name.endswith("_s")}
        texts = dict.fromkeys(("case", "zone", "centre", "outcome"), pl.String)
        table = pl.DataFrame(columns, schema_overrides={"opened": _US, **texts, **steps})
        self._alarms = table.select("case", "opened", "outcome")
        table = table.with_columns(
            as_day("opened", "day"),
            local("opened").dt.hour().alias("hour"),
            # A clock that was set back must not make anything come before the press.
            pl.col(*steps).clip(lower_bound=0),
        )
        table = self._marked(table, "person", "case", "day")
        offices = self.places.select("zone", "office", pl.col("centre").alias("zone_centre"))
        table = table.join(offices, on="zone", how="left").with_columns(
            # An alarm that no centre was given: the one of its zone.
            pl.when(pl.col("centre") == "")
            .then(pl.col("zone_centre"))
            .otherwise(pl.col("centre"))
            .fill_null("")
            .alias("centre"),
            pl.col("office").fill_null(""),
        )
        return {"alarms": table}

    def files(self, files: Files, kits: Kits) -> dict[str, pl.DataFrame]:
        """Requests, reviews, deaths and courses."""
        requests = self.days_of(files.request_columns(), "requested", "decided")
        reviews = self.days_of(files.review_columns(), "set", "due", "settled")
        return {
            "requests": self._placed(self._marked(requests, "person", "case", "requested")),
            "reviews": self._placed(self._marked(reviews, "person", "case", "set")),
            **self._courses(files, self._deaths(files, kits)),
        }

    def _deaths(self, files: Files, kits: Kits) -> pl.DataFrame:
        """The deaths by case, each with whether a kit was out."""
        deaths = self.days_of(files.death_columns(), "day").with_columns(pl.col("case").cast(pl.String))
        deaths = deaths.with_row_index("number")
        out = self.days_of(kits.protection_columns(), "begins", "ends")
        out = out.select(pl.col("case").cast(pl.String), "begins", "ends")
        met = deaths.select("number", "case", "day").join(out, on="case")
        held = met.filter(
            (pl.col("begins") <= pl.col("day"))
            & (pl.col("ends").is_null() | (pl.col("ends") > pl.col("day")))
        )
        return deaths.with_columns(pl.col("number").is_in(held["number"].implode()).alias("with_kit"))

    def _courses(self, files: Files, deaths: pl.DataFrame) -> dict[str, pl.DataFrame]:
        overrides = dict.fromkeys(("decided", "incident", "left_at"), _US)
        table = pl.DataFrame(files.course_columns(), schema_overrides={**overrides, "case": pl.String})
        founded = self._alarms.filter(pl.col("outcome").is_in(FOUNDED)).join(
            table.select("case", "decided"), on="case"
        )
        later = founded.filter(pl.col("opened") >= pl.col("decided")).group_by("case")
        met = later.agg(
            pl.col("opened").min().alias("met"), (pl.col("outcome") == "killed").any().alias("died")
        )
        table = table.join(met, on="case", how="left").with_columns(
            pl.min_horizontal("incident", "met").alias("incident"),
            (pl.col("killed") | pl.col("died").fill_null(False)).alias("killed"),
        )
        days = table.with_columns(as_day(name) for name in overrides)
        since = pl.col("decided")
        violent = deaths.filter(pl.col("died").is_in(VICTIMS) & pl.col("violence").is_in(VIOLENT))
        fatal = violent.select("case", "day").join(days.select("case", "decided"), on="case")
        fatal = fatal.filter(pl.col("day") >= since).group_by("case").agg(pl.col("day").min().alias("fatal"))
        days = days.join(fatal, on="case", how="left").with_columns(
            pl.min_horizontal("incident", "fatal").alias("incident")
        )
        days = days.with_columns(
            (pl.col("incident") - since).dt.total_days().alias("incident_days"),
            (pl.col("left_at") - since).dt.total_days().alias("left_days"),
        )
        return {
            "courses": self._placed(self._marked(days, "person", "case", "decided")),
            "deaths": self._placed(self._marked(deaths, "person", "case", "day")),
        }

    def kits(self, kits: Kits, until: date) -> dict[str, pl.DataFrame]:
        """Kits in use, the stock, and the time of each file under protection."""
        in_use = self.days_of(kits.kit_columns(), "begins", "ends")
        items = self.days_of(kits.item_columns(), "begins", "ends")
        return {
            "kits": self._placed(self._marked(in_use, "kit", "kit_id", "begins")),
            "items": self._placed(items),
            "protections": self._protections(kits, until),
        }

    def silences(self, columns: dict[str, list[object]]) -> pl.DataFrame:
        """Hours of silence of each kit on each day."""
        texts = dict.fromkeys(("kit_id", "zone"), pl.String)
        table = pl.DataFrame(columns, schema_overrides={"since": _US, "until": _US, **texts})
        table = table.with_columns(local("since"), local("until"))
        day = pl.date_ranges(pl.col("since").dt.date(), pl.col("until").dt.date())
        table = table.with_columns(day.alias("day")).explode("day")
        begins = pl.max_horizontal("since", midnight(pl.col("day")))
        ends = pl.min_horizontal("until", midnight(pl.col("day") + timedelta(days=1)))
        hours = ((ends - begins).dt.total_microseconds() / _HOUR_US).alias("hours")
        table = table.with_columns(hours).filter(pl.col("hours") > 0)
        return self._placed(self._marked(table, "kit", "kit_id", "day"))

    def _protections(self, kits: Kits, until: date) -> pl.DataFrame:
        table = self.days_of(kits.protection_columns(), "begins", "ends").with_columns(
            pl.col("case").cast(pl.String)
        )
        last = pl.lit(until, dtype=pl.Date) + timedelta(days=1)
        held = (pl.coalesce(pl.col("ends"), last) - pl.col("begins")).dt.total_days()
        number = pl.int_range(pl.len()).over("case")
        table = table.with_columns(
            (number == 0).alias("is_first"),
            (number == pl.len().over("case") - 1).alias("is_last"),
            held.sum().over("case").alias("all_days"),
        ).with_columns(pl.when("is_last").then(pl.col("all_days")).alias("days"))
        return self._placed(self._marked(table, "person", "case", "begins"))

    def others(self, rollout: Rollout, surveys: Surveys) -> dict[str, pl.DataFrame]:
        """Certificates, sign-offs and surveys."""
        names = ("subject", "staff", "begins", "ends")
        certificates = pl.DataFrame(
            rollout.certificate_rows(),
            schema={**dict.fromkeys(names[:2], pl.String), **dict.fromkeys(names[2:], pl.Date)},
            orient="row",
        )
        asked = self.days_of(surveys.survey_columns(), "invited", "answered")
        answers = self.days_of(surveys.answer_columns(), "answered")
        return {
            "certificates": self._marked(certificates, "person", "staff", "begins"),
            "sign_offs": pl.DataFrame(rollout.sign_off_columns(), schema=SCHEMAS["sign_offs"]),
            "surveys": self._placed(asked).with_columns(_year("invited")),
            "answers": self._placed(answers).with_columns(_year("answered")),
        }

    def finished(self, name: str, table: pl.DataFrame) -> pl.DataFrame:
        """Exactly the columns of the schema, in an order that says nothing of the order of events."""
        schema = SCHEMAS[name]
        finished = table.select(pl.col(column).cast(kind) for column, kind in schema.items())
        return finished.sort(list(schema), nulls_last=True)

    def _marked(self, table: pl.DataFrame, mark: str, identity: str, day: str) -> pl.DataFrame:
        """With the year of `day` as `period`, and a mark of this year instead of an identity."""
        table = table.with_columns(_year(day), pl.col(identity).cast(pl.String))
        pairs = table.select("period", identity).unique()
        marks = [self._pseudonyms.mark(year, mark, who) for year, who in pairs.iter_rows()]
        made = pairs.with_columns(pl.Series(mark, marks, dtype=pl.String))
        return table.join(made, on=["period", identity], how="left").drop(identity)

    def _placed(self, table: pl.DataFrame) -> pl.DataFrame:
        """With the centre and office of the zone."""
        table = table.with_columns(pl.col("zone").cast(pl.String))
        return table.join(self.places, on="zone", how="left").with_columns(
            pl.col("centre").fill_null(""), pl.col("office").fill_null("")
        )


def _year(day: str) -> pl.Expr:
    return pl.col(day).dt.year().cast(pl.Int16).alias("period")
