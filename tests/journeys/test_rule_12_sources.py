"""Safety rule 12: source, date and whether it was verified stand beside every warning; old facts are called old."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.conftest import World
from tests.support import browser as b

SOURCED = "#weapons .warnings > li, #antecedents .warnings > li, .instruction > p, .perpetrator p:has(> b)"


@pytest.mark.full(
    "tests/boards/shown/test_briefing.py::test_rule_12_source_and_date_beside_every_warning",
    "tests/boards/shown/test_briefing.py::test_rule_12_a_reported_weapon_is_not_shown_as_a_verified_one",
)
def test_every_warning_has_its_source_its_date_and_its_standing(world: World) -> None:
    desk = world.desk()
    desk.choose(world.phone().press())
    warnings = desk(".panel.file").locator(SOURCED)

    expect(warnings).to_have_count(6)
    for warning in b.every(warnings):
        has_source(warning)
    expect(desk("#weapons .mark.verified").first).to_be_visible()
    expect(desk("#weapons .mark.reported").first).to_be_visible()


@pytest.mark.full("tests/boards/shown/test_briefing.py::test_rule_12_an_instruction_names_its_author")
def test_an_instruction_names_its_author(world: World) -> None:
    desk = world.desk()
    desk.choose(world.phone().press())

    expect(desk(".instruction .source")).to_contain_text("Insp. pr. Modèle (démo), zone 5324")


@pytest.mark.full(
    "tests/boards/shown/test_briefing.py::test_rule_12_children_stand_in_the_file_and_not_beside_the_person",
)
def test_children_are_said_to_be_in_the_file_not_with_her(world: World) -> None:
    desk = world.desk()
    desk.choose(world.phone().press())

    expect(desk("#person")).to_contain_text("2 enfants au dossier")


@pytest.mark.full("tests/boards/shown/test_briefing.py")
def test_measures_name_who_ordered_them_and_since_when(world: World) -> None:
    desk = world.desk()
    desk.choose(world.phone().press())

    measures = desk("#measures .measures > li")
    expect(measures).to_have_count(2)
    for measure in b.every(measures):
        expect(measure.locator(".source").first).to_have_text(re.compile(r"Tribunal.+\d{4}"))


def has_source(warning: Locator) -> None:
    expect(warning.locator("b").first).not_to_be_empty()
    expect(warning.locator(".source")).to_have_text(
        re.compile(r"(vérifié|déclaré)\s+\S.+,\s+\d{1,2} \S+ \d{4}")
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", warning.locator("time").get_attribute("datetime") or "")
