"""A death in the records: what is counted by whom, what a correction changes, and what never leaves."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from egide.common.clock import SetClock
from egide.evaluation import service
from egide.evaluation.exports import exporting
from egide.evaluation.exports.coarsening import EXPORTED
from egide.evaluation.exports.exporting import WantedExport
from egide.evaluation.measures.answering import answers
from egide.evaluation.records.gathering.days import TIME_ZONE
from egide.evaluation.records.kept import rows_about, without
from egide.evaluation.records.period import Period
from egide.evaluation.records.pseudonyms import Pseudonyms
from egide.evaluation.records.shapes import COUNTRY, Query, Records, Result
from egide.events.casework import DeathNoted, DeathTakenBack
from egide.events.register import KitReturned, RecordsKept
from egide.journal.ending.erasing import do_erase
from egide.outbox.days import day_of
from tests.evaluation.test_dashboard import member
from tests.evaluation.test_records import built, one_life
from tests.support.installation import Installation
from tests.support.pages import Pages, text_of


class Life:
    """One file with a kit that is out and an alarm that was closed; and deaths that are entered in it."""

    def __init__(self, installation: Installation, outcome: str = "arrest") -> None:
        self.installation = installation
        one_life(installation, outcome)
        row = installation.journal.connection.execute("SELECT kit, case_id FROM kit").fetchone()
        self.kit, self.case = str(row[0]), str(row[1])
        assert TIME_ZONE == "Europe/Brussels"

    @property
    def today(self) -> date:
        return day_of(self.installation.clock.now_us())

    def later(self, days: int) -> None:
        clock = self.installation.set_clock
        assert isinstance(clock, SetClock)
        clock.advance_s(days * 86_400)

    def note(self, death: str = "d1", **more: Any) -> None:
        said = {"who": "protected", "on": self.today, "violence": "unknown"} | more
        event = DeathNoted(case=self.case, user="anna", death=death, **said)
        self.installation.append(f"case:{self.case}", event, case=self.case)

    def take_back(self, death: str = "d1") -> None:
        event = DeathTakenBack(case=self.case, user="anna", death=death)
        self.installation.append(f"case:{self.case}", event, case=self.case)

    def bring_kit_back(self) -> None:
        self.installation.append(f"kit:{self.kit}", KitReturned(kit=self.kit), case=self.case)

    def records(self) -> Records:
        return built(self.installation)


@pytest.fixture
def life(installation: Installation) -> Life:
    return Life(installation)


def figures(records: Records) -> dict[str, Result]:
    return answers(records, Query(Period.parse(f"{records.about.since.year}-01..2033-12"), COUNTRY))


def cells(records: Records) -> dict[tuple[str, ...], float | None]:
    return {cell.keys: cell.value for cell in figures(records)["deaths"].cells}


def test_the_latest_word_counts_by_the_day_of_the_death(life: Life) -> None:
    on = life.today
    life.later(3)
    life.note(on=on)
    life.note("d2", who="child", on=on, violence="suspected")
    life.note("d3", who="perpetrator", on=on, violence="not-asked")
    life.later(60)
    life.note(on=on, violence="known")
    records = life.records()
    assert cells(records) == {("protected", "known"): 1, ("child", "suspected"): 1}
    found = figures(records)
    assert found["deaths"].whole.value == 2 and found["perpetrators-died"].whole.value == 1
    assert set(records["deaths"]["day"]) == {on}
    life.take_back("d2")
    assert cells(life.records()) == {("protected", "known"): 1}


def test_who_died_in_an_alarm_is_counted_with_its_outcome_and_not_twice(life: Life) -> None:
    life.note(in_alarm=True, violence="known")
    records = life.records()
    assert records["deaths"].height == 1 and cells(records) == {}
    assert figures(records)["deaths"].whole.value == 0


def test_whether_a_kit_was_out_on_that_day_stands_beside_it(life: Life) -> None:
    out = life.today
    life.later(10)
    life.bring_kit_back()
    life.later(10)
    for death, on in (("d1", out), ("d2", out + timedelta(days=9)), ("d3", out + timedelta(days=15))):
        life.note(death, who="relative", on=on, violence="excluded")
    rows = life.records()["deaths"].sort("day")
    assert rows["with_kit"].to_list() == [True, True, False]


@pytest.mark.parametrize(
    ("who", "violence", "again"),
    [
        ("protected", "known", True),
        ("child", "suspected", True),
        ("relative", "known", True),
        ("protected", "excluded", False),
        ("protected", "unknown", False),
        ("perpetrator", "not-asked", False),
    ],
)
def test_rule_34_a_death_behind_which_violence_is_known_or_suspected_is_a_new_incident(
    installation: Installation, who: str, violence: str, again: bool
) -> None:
    life = Life(installation, outcome="handling-error")
    life.later(60)
    life.note(who=who, violence=violence)
    life.later(200)
    assert life.records()["courses"]["incident_days"].to_list() == [60 if again else None]
    found = figures(life.records())["victim-again-6"].whole
    # Who died otherwise was not followed to the end: up to one of one.
    assert (found.count, found.n) == (int(again), 1)
    assert found.high == (1.0 if again or who == "protected" else 0.0)


def test_a_file_that_a_death_closes_is_left_and_waits_for_nothing(life: Life) -> None:
    life.later(5)
    life.note()
    found = figures(life.records())
    assert found["reviews-overdue"].whole.n == 0
    (left,) = life.records()["courses"]["left"]
    assert left == "died"
    life.take_back()
    assert life.records()["courses"]["left"].to_list() == [None]
    assert figures(life.records())["reviews-overdue"].whole.n == 1


def test_what_is_handed_out_tells_year_and_region_and_leads_to_no_other_row(life: Life) -> None:
    life.later(5)
    life.note(violence="suspected")
    records = life.records()
    assert list(EXPORTED["deaths"]) == ["period", "centre", "died", "violence", "in_alarm", "with_kit"]
    wanted = WantedExport(Period.of_year(records.about.until.year))
    row = exporting.rows_of(records, "deaths", wanted)
    assert row.height == 1 and not {"person", "day", "zone"} & set(row.columns)
    courses = exporting.rows_of(records, "courses", wanted)
    assert courses["left"].to_list() == ["ended"] and "died" not in str(courses.rows())


def test_it_stays_in_the_figures_when_the_file_is_erased_and_nothing_leads_back(life: Life) -> None:
    life.later(5)
    life.note(violence="known")
    life.bring_kit_back()
    before = life.records()
    journal, marks = life.installation.journal, Pseudonyms(life.installation.keys)
    kept = RecordsKept(rows_about(before, marks, life.case, [life.kit]))
    do_erase(journal, life.case, "dpo-1", kept)
    do_erase(journal, life.case, "dpo-2", kept)
    after = life.records()
    assert after["deaths"].equals(before["deaths"]) and cells(after) == {("protected", "known"): 1}
    assert life.case not in str(kept.tables)


def test_rule_27_a_reader_whom_the_file_bars_counts_no_death_of_it(life: Life) -> None:
    life.note()
    told = without(life.records(), Pseudonyms(life.installation.keys), (life.case,), (life.kit,))
    assert told["deaths"].is_empty() and not life.records()["deaths"].is_empty()


def test_records_of_before_there_was_the_table_are_no_records_until_they_are_built_anew(pages: Pages) -> None:
    service.rebuild()
    folder = service.store().folder
    (table,) = folder.glob("build-*/deaths.parquet")
    table.unlink()
    service.store().__dict__["_loaded"] = None
    with pytest.raises(service.NoRecords):
        service.records()
    client = member(pages, "evaluator")
    page = client.get("/figures/")
    assert page.status_code == 200 and "No figures were prepared yet" in text_of(page)
    service.rebuild()
    assert isinstance(service.records()["deaths"], pl.DataFrame)
    assert "Deaths outside of an alarm" in text_of(client.get("/figures/"))
