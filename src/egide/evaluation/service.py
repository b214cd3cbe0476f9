"""The face of this package: what is measured, the figures themselves, the tables for publication, and rebuilding."""

from django.conf import settings

from egide.access.registries.barring import files_that_bar
from egide.access.rules import Scope
from egide.common.clock import SetClock
from egide.common.config import Config
from egide.evaluation.measures import GROUPS, REGISTRY
from egide.evaluation.measures.answering import (
    CannotSplit,
    UnknownMeasure,
    UnknownPlace,
    answers,
    check_query,
)
from egide.evaluation.measures.gained import Compared, compare
from egide.evaluation.measures.gained import compared as what_is_compared
from egide.evaluation.measures.prepared import Prepared, prepare
from egide.evaluation.measures.prepared import read as read_prepared
from egide.evaluation.records.build import build
from egide.evaluation.records.kept import rows_about, without
from egide.evaluation.records.period import ImpossiblePeriod, Period
from egide.evaluation.records.pseudonyms import Pseudonyms
from egide.evaluation.records.shapes import (
    COUNTRY,
    SPLITS,
    UNKNOWN,
    About,
    Cell,
    Measure,
    Places,
    Query,
    Records,
    Result,
    dim_word,
)
from egide.evaluation.records.store import NoRecords, store
from egide.events.register import RecordsKept
from egide.fleet.service import hidden_kits
from egide.journal.queries.general import kits_of_case
from egide.outbox.service import clock, journal
from egide.rollout.service import zone_places

# A file of this name marks a data directory that holds an invented past and nothing else; its lines are the measures
# for which something was assumed.
INVENTED = "invented"


def records() -> Records:
    """The current records. Raises NoRecords."""
    return store().load()


def measures() -> dict[str, Measure]:
    """Every measure by its id, in the order in which they are shown."""
    return REGISTRY


def compute(
    period: Period, places: Places = COUNTRY, ids: tuple[str, ...] = (), by: str = ""
) -> dict[str, Result]:
    """The results of these measures (all, when none is named) for a period and place, split by `by`.

    Raises NoRecords, UnknownPlace, CannotSplit, UnknownMeasure.
    """
    return answers(records(), Query(period, places, by), ids)


def compared(period: Period, places: Places = COUNTRY) -> Compared:
    """What the time gained of a period and place is counted from, and what is left out. Raises NoRecords."""
    return what_is_compared(records(), Query(period, places))


def compute_for(
    scope: Scope, period: Period, places: Places, ids: tuple[str, ...], by: str = ""
) -> dict[str, Result]:
    """What `compute` gives, for somebody who must not learn of the files that bar them (safety rule 27)."""
    return answers(readable_by(scope, records()), Query(period, places, by), ids)


def checked(period: Period, places: Places = COUNTRY) -> Records:
    """The current records, once it is sure that the place exists. Raises NoRecords, UnknownPlace."""
    found = records()
    check_query(found, Query(period, places))
    return found


def readable_by(scope: Scope, found: Records) -> Records:
    """The records as this reader may take them out: without a row of a file that bars them (safety rule 27)."""
    cases = files_that_bar(scope)
    return without(found, Pseudonyms(journal().keys), cases, hidden_kits(scope)) if cases else found


def rebuild() -> About:
    """Build the records anew from the whole journal, and make them the current ones."""
    config: Config = settings.EGIDE
    past = config.data_dir / INVENTED
    is_past = past.exists()
    assumed = tuple(past.read_text(encoding="ascii").split()) if is_past else ()
    # An invented past ends with its last event, whatever day it is today.
    now = SetClock(_last_moment_us()) if is_past else clock()
    built = build(journal(), now, zone_places(), is_invented=config.demo or is_past, assumed=assumed)
    store().save(built, prepare(built))
    return built.about


def prepared() -> Prepared:
    """Answers that were computed with the current records, by period and measure. Raises NoRecords."""
    return read_prepared(store().prepared())


def rows_of(case: str) -> RecordsKept:
    """What evaluation keeps of a case that is about to be erased. Raises UnsealError."""
    kits = kits_of_case(journal(), case)
    built = build(journal(), clock(), zone_places())
    return RecordsKept(tables=rows_about(built, Pseudonyms(journal().keys), case, kits))


def _last_moment_us() -> int:
    last = journal().read(after=journal().head() - 1, limit=1)
    return last[0].at_us if last else clock().now_us()


__all__ = [
    "COUNTRY",
    "GROUPS",
    "SPLITS",
    "UNKNOWN",
    "About",
    "CannotSplit",
    "Cell",
    "Compared",
    "ImpossiblePeriod",
    "Measure",
    "NoRecords",
    "Period",
    "Places",
    "Query",
    "Records",
    "Result",
    "UnknownMeasure",
    "UnknownPlace",
    "checked",
    "compare",
    "compared",
    "compute",
    "dim_word",
    "measures",
    "prepared",
    "readable_by",
    "rebuild",
    "records",
    "rows_of",
    "store",
]
