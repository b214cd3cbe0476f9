"""Weapons, duress and instruction stand complete above the fold in the fullest alarm, at the desk's sizes (rule 44)."""

import re
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from egide.alarm.events import AlarmAcknowledged, HandoverOffered, HelpNeeded, NoteAdded, StepMissed
from egide.protocol.envelope import Trigger
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import MONS, World
from tests.journeys.inspecting import LONGEST
from tests.support import browser as b
from tests.support.phones import HttpPhone

SIZES = ({"width": 1920, "height": 1080}, {"width": 1280, "height": 720}, {"width": 2560, "height": 1440})
LEAST = SIZES[1]
PINNED = "#alarm-name, #duress, #pinned .warnings > li, #pinned .instruction"
# More weapons and instructions than a file of the demo has, with long sources.
FULL_FILE = """
import sys, django
django.setup()
from datetime import timedelta
from egide.casework import models as m, service
from egide.casework.file import facts as f
from egide.outbox.days import today
on = today() - timedelta(days=200)
source = "PV MO.00.DÉMO.77/2026, déclaration de la voisine du second étage"
def said(kind, text, **more):
    return kind(text=text, source=source, on=on, **more)
case = service.do_create_case(
    managing_zone="5324", managing_centre="HAI", office="mons",
    facts=f.CaseFacts(instructions=(
        said(f.Sourced, "Approcher à deux, sans sirène, par la cour de derrière.", verified=True),
        said(f.Sourced, "Ne pas prononcer son nom dans la cage d’escalier."),
    )),
    beneficiary=f.BeneficiaryFacts(name="Hélène-Charlotte Exemple-Spécimen (démo)", born=on, languages="français"),
)
weapons = ("Couteau de cuisine", "Fusil de chasse à deux coups", "Batte de base-ball", "Produit corrosif en flacon")
service.do_add(case, m.Weapon, *(said(f.WeaponFacts, text, verified=True, known=True) for text in weapons))
print(case.id)
"""


@pytest.fixture
def person(world: World) -> dict[str, Any]:
    """Somebody of Mons with a fuller file than those of the demo."""
    environment = world.stack.config.environment()
    environment |= {"DJANGO_SETTINGS_MODULE": "egide.entrypoints.settings"}
    made = subprocess.run(
        [sys.executable, "-c", FULL_FILE], env=environment, capture_output=True, text=True, check=True
    )
    return {**world.person(MONS), "case": made.stdout.strip()}


def below_the_fold(page: Page) -> list[str]:
    """What of the pinned parts is not seen whole."""
    return [
        str(text)
        for text in page.evaluate(
            """(parts) => [...document.querySelectorAll(parts)].filter((at) => {
                const { left, right, top, bottom } = at.getBoundingClientRect();
                const middle = (left + right) / 2;
                const seen = [top + 2, bottom - 2].every((y) => at.contains(document.elementFromPoint(middle, y)));
                return !seen || bottom > innerHeight;
            }).map((at) => at.textContent.trim())""",
            PINNED,
        )
    ]


def test_rule_44_pinned_parts_and_the_next_action_are_above_the_fold_in_the_fullest_alarm(
    world: World, person: dict[str, Any]
) -> None:
    phone = HttpPhone(world.stack, person)
    alarm = phone.press()
    phone.press()
    phone.cancel(trigger=Trigger.DURESS)
    world.write_down(alarm, AlarmAcknowledged("hainaut-12"))
    world.arrive(alarm)
    world.write_down(
        alarm,
        NoteAdded("hainaut-07", "Cris, puis silence."),
        HelpNeeded(by="M 12"),
        HandoverOffered("hainaut-07", centre="LIE"),
    )
    for language in ("fr", "nl", LONGEST) if world.is_full else (LONGEST,):
        desk = world.desk(page=world.window(SIZES[0], language))
        desk.choose(alarm)
        page = desk.page
        expect(desk("#duress")).to_be_visible()
        expect(desk("#pinned .warnings > li")).to_have_count(4)
        expect(desk("#pinned .instruction")).to_have_count(2)
        # The least room in each other language; the longest words in all of it.
        for size in SIZES if world.is_full or language == LONGEST else (LEAST,):
            resize(page, size)
            # Its own button, or the same again at the foot of the file.
            if size["height"] >= 1080:
                expect(desk("#act-help-seen")).to_be_in_viewport(ratio=0.9)
            else:
                expect(desk("#next-bar-act")).to_be_in_viewport(ratio=1)
                assert desk("#next-bar-act").inner_text() == desk("#act-help-seen").inner_text()
            assert below_the_fold(page) == [], (language, size)
    assert violations(page) == []
    # It does what it says.
    resize(page, SIZES[1])
    expect(desk("#alarm [aria-disabled=true]:visible")).to_have_count(0)
    desk("#next-bar-act").click()
    expect(desk("#help-seen-by")).to_be_attached()
    resize(page, b.TELEPHONE)
    assert violations(page) == []


def resize(page: Page, size: dict[str, int]) -> None:
    """Give the window this size; nothing may lie beside it."""
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.full(
    "tests/boards/desk/test_coming.py::test_a_row_says_the_step_who_must_act_and_until_when",
    "tests/journeys/test_rule_04_bell.py::test_rows_never_move_under_the_pointer",
)
def test_a_row_that_is_held_still_says_in_the_longest_language_what_comes_next_and_who_has_it(
    world: World,
) -> None:
    desk = world.desk(page=world.window(SIZES[0], "de"))
    for size in (*SIZES, b.TELEPHONE):
        resize(desk.page, size)
        desk.page.mouse.move(0, 0)
        alarm = world.phone().press()
        row = desk.row(alarm)
        row.locator("button").hover()
        expect(row.locator("button")).to_have_attribute("style", re.compile("height"))
        world.write_down(alarm, AlarmAcknowledged("hainaut-12"))
        world.arrive(alarm)
        world.write_down(
            alarm,
            HelpNeeded(by="M 12"),
            StepMissed(step="help-seen", rung=2, action="supervisor", due_at_us=1),
            HandoverOffered("hainaut-07", centre="LIE"),
        )
        expect(row.locator(".coming")).to_contain_text("CIC und Aufsicht")
        expect(row.locator("button")).to_have_attribute("style", re.compile("height"))
        assert cut_off(desk.page, alarm) == [], size


def cut_off(page: Page, alarm: str) -> list[str]:
    """What of the row's first lines is not seen whole."""
    return [
        str(text)
        for text in page.evaluate(
            """(row) => {
                const card = document.getElementById(row).querySelector("button");
                const foot = card.getBoundingClientRect().bottom;
                const lines = card.querySelectorAll(".card-name, .card-zone, .card-next > *, .card-by");
                return [...lines].filter((at) => at.getBoundingClientRect().bottom > foot).map((at) => at.textContent);
            }""",
            f"row-{alarm}",
        )
    ]
