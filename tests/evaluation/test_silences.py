"""Silent hours come from what supervision told, and are unknown where it never told of anything."""

from datetime import date

import polars as pl
import pytest

from egide.evaluation.measures.answering import answers
from egide.evaluation.records.kept import rows_about
from egide.evaluation.records.period import Period
from egide.evaluation.records.pseudonyms import Pseudonyms
from egide.evaluation.records.shapes import COUNTRY, Cell, Places, Query, Records
from egide.events import register as r
from tests.evaluation.test_records import built
from tests.support.installation import HOME_ZONE, MANAGING_ZONE, Installation

HOUR_S, DAY_S = 3600, 86_400


def out(installation: Installation) -> r.KitIssued:
    """A kit that is with somebody."""
    kit = installation.issue_kit()
    installation.append(f"kit:{kit.kit}", r.KitHandedOver(kit=kit.kit, by="anna"), case=kit.case)
    return kit


def silent(
    installation: Installation, kit: r.KitIssued, for_s: int, whom: str = "person", what: str = "silent"
) -> None:
    since_us = installation.clock.now_us() - for_s * 1_000_000
    told = r.KitTroubleTold(kit=kit.kit, what=what, whom=whom, since_us=since_us)
    installation.append(f"kit:{kit.kit}", told, case=kit.case)


def solved(installation: Installation, kit: r.KitIssued, what: str = "silent") -> None:
    installation.append(f"kit:{kit.kit}", r.KitTroubleSolved(kit=kit.kit, what=what), case=kit.case)


def hours(
    records: Records, by: str = "", period: Period | None = None, places: Places = COUNTRY
) -> dict[str, Cell]:
    asked = period or Period(date(2027, 1, 1), records.about.until)
    result = answers(records, Query(asked, places, by), ("silent-hours",))["silent-hours"]
    return {"": result.whole} | {cell.keys[0]: cell for cell in result.cells}


def test_silence_counts_from_when_the_kit_was_heard_last_until_it_is_heard_again(
    installation: Installation,
) -> None:
    clock = installation.set_clock
    kit, other = out(installation), out(installation)
    clock.advance_s(10 * DAY_S)
    silent(installation, kit, HOUR_S)
    # The zone is told of the same silence: it is one.
    clock.advance_s(23 * HOUR_S)
    silent(installation, kit, DAY_S, "zone")
    clock.advance_s(6 * HOUR_S)
    solved(installation, kit)
    # Another trouble is no silence.
    silent(installation, other, 0, what="button-battery")
    clock.advance_s(5 * DAY_S)
    records = built(installation)
    rows = records["silences"]
    assert rows["hours"].sum() == pytest.approx(30)
    assert len(set(rows["kit"])) == 1 and rows["day"].n_unique() == 2
    cell = hours(records)[""]
    since = records.about.silence_since
    assert since is not None
    days = (records.about.until - since).days + 1
    told = rows.filter(pl.col("day") >= since)["hours"].sum()
    assert cell.n == 2 * days and cell.value == pytest.approx(told / (2 * days) * 30)


def test_a_silence_that_lasts_counts_until_now_and_one_that_was_lost_until_then(
    installation: Installation,
) -> None:
    clock = installation.set_clock
    kit, lost = out(installation), out(installation)
    clock.advance_s(5 * DAY_S)
    silent(installation, kit, HOUR_S)
    silent(installation, lost, HOUR_S)
    clock.advance_s(2 * HOUR_S)
    installation.append(f"kit:{lost.kit}", r.KitLost(kit=lost.kit, by="anna"), case=lost.case)
    clock.advance_s(7 * HOUR_S)
    records = built(installation)
    by_kit = records["silences"].group_by("kit").agg(pl.col("hours").sum())
    assert sorted(by_kit["hours"].to_list()) == pytest.approx([3, 10])


def test_without_a_word_of_supervision_silence_is_unknown_and_no_zero(installation: Installation) -> None:
    clock = installation.set_clock
    kit = out(installation)
    clock.advance_s(40 * DAY_S)
    cell = hours(built(installation))[""]
    assert cell.value is None and cell.unknown == "not-recorded"
    silent(installation, kit, HOUR_S)
    solved(installation, kit)
    clock.advance_s(40 * DAY_S)
    records = built(installation)
    since = records.about.silence_since
    assert since is not None
    assert hours(records)[""].unknown == ""
    before = Period(date(2027, 1, 1), date(2027, 1, 31))
    assert before.last < since
    cell = hours(records, period=before)[""]
    assert cell.value is None and cell.unknown == "not-recorded"
    # Months before are not there at all; the last one is a 0 that is known.
    months = hours(records, "month", Period(date(2027, 1, 1), date(2027, 4, 30)))
    assert "2027-01" not in months
    assert months[f"{records.about.until:%Y-%m}"].value == 0


def test_silence_belongs_to_the_zone_that_had_the_kit(installation: Installation) -> None:
    clock = installation.set_clock
    kit = out(installation)
    clock.advance_s(3 * DAY_S)
    silent(installation, kit, HOUR_S)
    clock.advance_s(2 * HOUR_S)
    moved = r.KitMoved(kit=kit.kit, managing_zone=HOME_ZONE, home_zone=HOME_ZONE, home_centre="mons")
    installation.append(f"kit:{kit.kit}", moved, case=kit.case)
    clock.advance_s(4 * HOUR_S)
    solved(installation, kit)
    rows = built(installation)["silences"]
    by_zone = dict(rows.group_by("zone").agg(pl.col("hours").sum()).iter_rows())
    assert by_zone == {MANAGING_ZONE: pytest.approx(3), HOME_ZONE: pytest.approx(4)}


def test_silences_of_an_erased_case_stay_in_the_figures(installation: Installation) -> None:
    kit = out(installation)
    installation.set_clock.advance_s(3 * DAY_S)
    silent(installation, kit, HOUR_S)
    solved(installation, kit)
    records = built(installation)
    kept = rows_about(records, Pseudonyms(installation.keys), kit.case, [kit.kit])
    assert "silences" in kept and kit.kit not in kept["silences"]
