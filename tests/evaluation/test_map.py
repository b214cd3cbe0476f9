"""The map of the roll-out on a day of the past, from the records; inside the service only (rule 34)."""

import re
from collections import Counter
from datetime import date

import pytest

from egide.evaluation import service
from egide.evaluation.pages import report, rollout_map
from egide.evaluation.records.period import Period
from egide.evaluation.records.shapes import COUNTRY, Places
from tests.evaluation.test_dashboard import member, text_of
from tests.evaluation.test_published import house
from tests.support.pages import Pages

__all__ = ["house"]
LATE = "from=2023-01&to=2023-10"


@pytest.mark.parametrize(("year", "day"), [(2019, date(2019, 12, 31)), (2022, date(2022, 12, 31))])
def test_the_zones_on_the_map_are_those_of_the_measure(house: Pages, year: int, day: date) -> None:
    rows = rollout_map.zones_on(day, COUNTRY)
    measured = service.compute(Period.of_year(year), COUNTRY, ("zones-available",))["zones-available"].whole
    counts = Counter(row.stage for row in rows)
    assert (counts["ready"], len(rows)) == (measured.count, measured.n)
    assert set(counts) <= set(rollout_map.STAGES)
    assert sum(total for _centre, _numbers, total in rollout_map.by_centre(rows)) == len(rows)


def test_a_zone_goes_from_not_begun_to_available_and_may_fall_back(house: Pages) -> None:
    begun = {row.code for row in rollout_map.zones_on(date(2019, 6, 30), COUNTRY) if row.stage != "none"}
    ready = {row.code for row in rollout_map.zones_on(date(2023, 10, 31), COUNTRY) if row.stage == "ready"}
    assert len(begun) < 10 and len(ready) > 170


def test_every_zone_is_drawn_and_stands_in_the_table(house: Pages) -> None:
    page = member(house, "evaluator").get(f"/figures/map?{LATE}").content.decode()
    paths = re.findall(r'<path class="(\w+)"\s+d="M[^"]+"><title>([^<]+): available</title>', page)
    assert len(paths) > 170 and {stage for stage, _name in paths} == {"ready"}
    table = page[page.index("<details") :]
    assert all(name in table for _stage, name in paths)
    assert "On 31 October 2023" in text_of(page.encode()) and "Reference map" in page


def test_a_place_bounds_the_map(house: Pages) -> None:
    rows = rollout_map.zones_on(date(2023, 10, 31), Places("centre", ("HAI",)))
    assert 10 < len(rows) < 40
    page = member(house, "steering").get(f"/figures/map?{LATE}&place=centre:HAI").content.decode()
    assert page.count('<path class="') == len(rows)


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("from=2011-01&to=2011-12", 200, "The records hold nothing of this period."),
        ("from=2023-13", 422, "The month “2023-13” does not exist."),
        (LATE + "&place=zone:4711", 422, "There is no such place"),
    ],
)
def test_what_cannot_be_drawn_is_said(house: Pages, asked: str, status: int, said: str) -> None:
    reply = member(house, "evaluator").get(f"/figures/map?{asked}")
    assert reply.status_code == status and said in reply.content.decode()


def test_rule_34_the_map_is_for_the_service_and_in_no_report(house: Pages) -> None:
    for role, place in (("operator", "HAI"), ("zone-officer", "5324"), ("administrator", "")):
        assert member(house, role, place).get(f"/figures/map?{LATE}").status_code == 404
    issue = report.issue_of(2022)
    assert not any(
        "<path class" in (part["svg"] or "") for part in report.report_data(issue, "en")["sections"]
    )
