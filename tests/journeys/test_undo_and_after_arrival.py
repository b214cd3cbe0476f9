"""A slip undone at desk, zone and team; a step corrected from the timeline; nobody rung back after arrival."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from egide.alarm import events as a
from egide.common.clock import SystemClock
from tests.journeys.conftest import Desk, World
from tests.journeys.inspecting import Inspector, inspecting
from tests.journeys.test_late_and_corrected import fill
from tests.journeys.test_rule_01_operator_away import TURN
from tests.journeys.test_team import Team, tap_line
from tests.support import browser as b

LANGUAGE = "de"
# Ten seconds, and some for what is on its way.
LATE_US = 15_000_000


class Story(Team):
    """An alarm that nobody has taken yet."""

    def __init__(self, world: World) -> None:
        self.world, self.language = world, LANGUAGE
        self.phone = world.phone()
        self.alarm = self.phone.press()

    def undone(self, say: Callable[[], None], undo: Callable[[], None], kind: str) -> None:
        """Say something and undo it. Ten seconds are short where many browsers share a machine: then once more."""
        for _time in range(4):
            before = self.world.kinds(self.alarm)
            say()
            self.has(kind, before.count(kind) + 1)
            said_us = self.world.journal.stream(f"alarm:{self.alarm}")[-1].at_us
            undo()
            if self._is_undone(before.count("StepUndone"), said_us):
                return
        raise AssertionError(f"{kind} was undone in none of four times")

    def _is_undone(self, before: int, said_us: int) -> bool:
        """Whether it is, as soon as it is; not when it can no longer be."""

        def is_undone() -> bool:
            return self.world.kinds(self.alarm).count("StepUndone") > before

        def is_late() -> bool:
            return SystemClock().now_us() - said_us > LATE_US

        self.world.until(lambda: is_undone() or is_late(), "undone, or too late for it")
        return is_undone()


def test_a_slip_at_the_desk_is_undone_by_a_key(world: World) -> None:
    the_operator_undoes_by_a_key(world.desk(page=world.window(language=LANGUAGE)), Story(world))


@pytest.mark.full(
    "tests/journeys/test_undo_and_after_arrival.py::test_a_slip_at_the_desk_is_undone_by_a_key",
    "tests/alarm/test_undo.py",
    "tests/alarm/test_correction.py",
    "tests/journeys/test_late_and_corrected.py::test_an_operator_records_a_delay_and_corrects_a_step_by_keys",
)
def test_a_slip_is_undone_and_a_step_corrected_from_the_timeline(world: World) -> None:
    with inspecting(world, LANGUAGE, [b.DESKTOP, b.TELEPHONE]) as inspector:
        story = Story(world)
        desk = world.desk("hainaut-12", inspector.page)
        the_operator_undoes_by_a_key(desk, story)
        zone = story.zone_window()
        the_zone_undoes_the_wrong_team(story, zone)
        phone = story.opened()
        the_team_undoes_a_tap(story, phone)
        the_operator_corrects_from_the_timeline(desk, story, inspector)


def the_operator_undoes_by_a_key(desk: Desk, story: Story) -> None:
    desk.acknowledge(story.alarm)

    def say() -> None:
        desk.press_armed("n")
        desk("#note-text").fill("Falscher Alarm")
        desk.page.keyboard.press("Control+Enter")

    def undo() -> None:
        # Within the first second the key does nothing (safety rule 4).
        expect(desk("#undo-word")).to_contain_text("Notiz")
        expect(desk("#undo[data-armed=yes], #undo[hidden]")).to_have_count(1)
        desk.page.keyboard.press("Control+z")

    story.undone(say, undo, "NoteAdded")
    expect(desk("#undo")).to_be_hidden()


def the_zone_undoes_the_wrong_team(story: Story, page: Page) -> None:
    story.decide(a.ZoneConfirmed("hainaut-12", "5324", "Insp. 21"), a.TeamNamed("hainaut-12", "5324", "M 12"))
    card = page.locator(f"#card-{story.alarm}")

    def say() -> None:
        late = f"#delayed-{story.alarm}"
        b.put_hand_in(page, late)
        fill(late, page, minutes="15", reason="Umleitung")
        page.locator(f"{late} button").click()

    def undo() -> None:
        with page.expect_navigation():
            card.locator("form.undo button").click()

    expect(card.locator(f"#delayed-{story.alarm}")).to_be_visible()
    story.undone(say, undo, "TeamDelayed")
    expect(card.locator("form.undo")).to_have_count(0)
    assert story.state.team.delay is None or story.world.kinds(story.alarm).count("TeamDelayed") > 1


def the_team_undoes_a_tap(story: Story, page: Page) -> None:
    def say() -> None:
        page.tap("[data-tap=under-way]")
        tap_line(page, "under-way", "sent")

    def undo() -> None:
        page.tap("[data-undo]")
        expect(page.locator("#tap-list li[data-kind=undo]").last).not_to_have_class("kept")

    story.undone(say, undo, "TeamUnderWay")
    expect(page.locator("[data-tap=under-way]")).to_be_visible()
    assert not story.state.team.under_way_at_us


def the_operator_corrects_from_the_timeline(desk: Desk, story: Story, inspector: Inspector) -> None:
    story.decide(
        a.TeamUnderWay(by="hainaut-12", told="operator"), a.TeamOnSite(by="hainaut-12", told="operator")
    )
    expect(desk("#missing")).to_be_visible()
    desk.press_armed("j")
    lines = desk("#timeline-text .timeline li")
    # What was undone stands in no way out; what the operator said is the operator's to correct.
    expect(lines.locator("[data-command]")).to_have_count(2)
    expect(lines.and_(desk.page.locator(".undone"))).not_to_have_count(0)
    inspector.look("timeline")
    desk("#timeline-text [data-step=on-site]").click()
    expect(desk("#command-form [name=step]")).to_have_value("on-site")
    fill("#command-form", desk.page, so="not", reason="Andere Straße")
    desk("#command-save").click()
    story.has("StepCorrected")


@pytest.mark.full(
    "tests/boards/desk/test_rule_01_idle.py",
    "tests/boards/desk/test_closing.py::test_once_a_team_is_there_what_is_missing_is_named_with_its_button_and_no_supervisor_is_rung",
)
def test_rule_01_with_a_team_on_site_nobody_is_rung_back_and_what_is_missing_is_named(world: World) -> None:
    page = world.window()
    page.add_init_script(TURN)
    desk, colleague = world.desk("hainaut-12", page), world.desk("hainaut-07")
    alarm = world.phone().press()
    desk.acknowledge(alarm)
    world.arrive(alarm)
    expect(desk("#missing li")).to_have_count(2)
    expect(desk("#missing #act-link")).to_be_visible()

    page.evaluate("window.turn(75_000)")
    b.expect_live(page)
    expect(desk("#still-there")).to_be_hidden()
    world.write_down(alarm, a.TeamReported(by="mons-quevy-21", outcome="arrest", text="Arrêté"))
    expect(desk("#missing li")).to_have_count(1)
    expect(desk("#missing #act-close")).to_be_visible()
    expect(colleague.row(alarm)).to_have_attribute("data-rings", "no")
    assert "OperatorLeft" not in world.kinds(alarm)
