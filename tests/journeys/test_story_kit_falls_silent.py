"""A kit falls silent: its person is told quietly, then the zone, then the reference officer; it speaks, and it is over.

The coordinator shortens one limit after the other on the page, so that the story takes seconds and each step waits for
the one before; the worker takes them at once.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from egide.events.register import KitTroubleSolved, KitTroubleTold
from egide.fleet.supervision.rules import HIGHEST, OFFICER, PERSON, SILENT, WHOM, ZONE
from egide.protocol.envelope import Battery, Kind, Trigger
from egide.protocol.link import LinkFlag
from tests.journeys.conftest import MONS, World
from tests.support import browser as b
from tests.support.phones import HttpPhone

COORDINATOR, OFFICER_OF_MONS, REFERENCE = "coordinator-01", "mons-quevy-21", "mons-quevy-ref"
# Who is not yet to be told; rule 35 lets nobody wait longer.
LATER = {ZONE: "59 min", OFFICER: "1 h"}
LINKED = int(LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED)
WELL_KIT = """
SELECT w.kit, k.case_id FROM watched w JOIN kit k ON k.kit = w.kit WHERE w.level = ? AND k.managing_zone = ?
AND NOT EXISTS (SELECT 1 FROM trouble t WHERE t.kit = w.kit AND t.what <> ?)
ORDER BY w.since_us
"""


@dataclass
class Silence:
    """The story's kit and phone, and whose windows are open."""

    world: World
    kit: str
    phone: HttpPhone
    officer: Page
    reference: Page
    coordinator: Page
    since: int = 0

    def say(self, kind: Kind = Kind.HEARTBEAT, **fields: Any) -> list[str]:
        """The phone speaks; returns what it is asked to look at."""
        content = {"position": None, "battery": Battery(80, 80), "link": LINKED, **fields}
        status, answer = self.phone.post("/v1/messages", self.phone.envelope(kind, **content))
        assert status == 201, (status, answer)
        texts = [pending.get("text", "") for pending in answer["pending"] if pending["what"] == "check"]
        return [word for text in texts for word in text.split()]

    def told(self) -> list[str]:
        """Who was told of the silence since the story began, in order, and "solved"."""
        journal, words = self.world.journal, []
        for row in journal.stream(f"kit:{self.kit}"):
            is_told = row.seq > self.since and row.kind.startswith("KitTrouble")
            event = journal.open_event(row) if is_told else None
            if isinstance(event, KitTroubleTold) and event.what == SILENT:
                words.append(event.whom)
            if isinstance(event, KitTroubleSolved) and event.what == SILENT:
                words.append("solved")
        return words

    def shorten(self, **limits: str) -> None:
        """The coordinator lets these be told after so long."""
        page = self.coordinator
        page.goto(self.world.stack.host(COORDINATOR) + "/fleet/limits")
        for whom, text in limits.items():
            page.fill(f"[name='{HIGHEST}.{SILENT}.{whom}']", text)
        page.click("#limits-save")
        expect(page.locator(".messages")).to_contain_text("The limits are set")

    def until_told(self, *whom: str, speaking: bool = False) -> None:
        """`speaking`: the phone goes on meanwhile, so that it cannot fall silent anew before somebody looks."""

        def is_told() -> bool:
            if speaking:
                self.say()
            told = self.told()
            assert len(told) <= len(whom), "somebody was told too early or twice"
            return told == list(whom)

        self.world.until(is_told, f"{whom} are told")

    def task(self, page: Page) -> Locator:
        """This kit's task on the start page."""
        page.goto(f"{page.url.split('/', 3)[0]}//{page.url.split('/')[2]}/start")
        return page.locator(f".tasks a[href='/kits/{self.kit}/']")

    def row(self) -> Locator:
        """The kit in the list of its zone."""
        self.officer.goto(self.world.stack.host(OFFICER_OF_MONS) + "/kits/")
        return self.officer.locator(f"#kit-{self.kit}")

    def silent_kits(self) -> int:
        """How many kits of Mons the coordinator's numbers show as silent."""
        self.coordinator.goto(self.world.stack.host(COORDINATOR) + "/fleet/?zone=5324")
        number = self.coordinator.locator("#now dl div", has_text="silent").locator("dd")
        return int(number.inner_text())


def window(world: World, name: str, path: str) -> Page:
    page = world.window(language="en")
    b.sign_in(page, world.stack, name, path)
    page.wait_for_url(f"**{path}")
    return page


def begin(world: World) -> Silence:
    """A kit of Mons that is well, at the highest level, with a phone that speaks and was tested.

    No phone stands behind the demo's kits: it may have been silent for long before it speaks here.
    """
    of_kit = world.journal.connection.execute
    asked = (HIGHEST, "5324", SILENT)
    world.until(lambda: of_kit(WELL_KIT, asked).fetchone(), "a well kit")
    kit, case = of_kit(WELL_KIT, asked).fetchone()
    phone = HttpPhone(world.stack, world.person(MONS) | {"case": case}, kit)
    story = Silence(
        world,
        kit,
        phone,
        window(world, OFFICER_OF_MONS, "/kits/"),
        window(world, REFERENCE, "/start"),
        window(world, COORDINATOR, "/fleet/limits"),
    )
    story.say()
    story.say(Kind.TEST, trigger=int(Trigger.BUTTON))
    is_open = "SELECT 1 FROM trouble WHERE kit = ? AND ended_us IS NULL"
    world.until(lambda: of_kit(is_open, (kit,)).fetchone() is None, "its silence is over")
    story.since = world.journal.head()
    return story


@pytest.mark.full(
    "tests/fleet/test_supervision.py::test_a_kit_falls_silent_the_person_then_the_zone_then_the_officer_and_it_is_solved_by_itself",
    "tests/fleet/test_fleet_pages.py",
    "tests/fleet/test_tasks_watch.py",
)
def test_a_kit_falls_silent_until_it_speaks_again(world: World) -> None:
    story = begin(world)
    silent_before = story.silent_kits()
    nobody_may_wait_for_a_day(story)
    try:
        assert SILENT not in story.say()
        story.shorten(**{PERSON: "15 s", **LATER})
        the_person_is_told_first(story)
        then_the_zone_has_a_task(story)
        then_the_reference_officer(story)
        # The demo's other kits are silent too, sooner or later.
        assert story.silent_kits() > silent_before
        it_speaks_and_all_is_over(story)
    finally:
        the_defaults_are_back(story)


def nobody_may_wait_for_a_day(story: Silence) -> None:
    page = story.coordinator
    page.goto(story.world.stack.host(COORDINATOR) + "/fleet/limits")
    page.fill(f"[name='{HIGHEST}.{SILENT}.{OFFICER}']", "1 d")
    page.click("#limits-save")
    expect(page.locator(f"[id='{HIGHEST}.{SILENT}.{OFFICER}-error']")).to_contain_text("never after a day")


def the_person_is_told_first(story: Silence) -> None:
    story.until_told(PERSON)
    row = story.row()
    expect(row).to_contain_text("The kit is silent")
    expect(row).to_contain_text("the phone tells her quietly")
    expect(row).to_contain_text("Your turn from")
    expect(row.locator(".care-step a")).to_have_count(0)
    expect(story.task(story.officer)).to_have_count(0)


def then_the_zone_has_a_task(story: Silence) -> None:
    story.shorten(**{ZONE: "16 s"})
    story.until_told(PERSON, ZONE)
    expect(story.task(story.reference)).to_have_count(0)
    task = story.task(story.officer)
    expect(task).to_contain_text("The kit is silent")
    task.click()
    expect(story.officer.locator("#care")).to_contain_text("Reach her by the safe way")
    story.officer.locator("#care .care-step a").click()
    expect(story.officer.locator("#beneficiary")).to_contain_text("SMS")


def then_the_reference_officer(story: Silence) -> None:
    story.shorten(**{OFFICER: "17 s"})
    story.until_told(*WHOM)
    expect(story.task(story.reference)).to_contain_text("The zone has not solved it.")


def it_speaks_and_all_is_over(story: Silence) -> None:
    """The first answer carries the notice; the trouble closes by itself; nobody is told a second time."""
    assert SILENT in story.say()
    # It goes on speaking: fifteen seconds later it would be silent anew.
    story.until_told(*WHOM, "solved", speaking=True)
    assert SILENT not in story.say()
    expect(story.row()).to_contain_text("All is well")
    for page in (story.officer, story.reference):
        assert SILENT not in story.say()
        expect(story.task(page)).to_have_count(0)
    story.officer.goto(f"{story.world.stack.host(OFFICER_OF_MONS)}/kits/{story.kit}/")
    story.officer.locator("details summary").last.click()
    life = story.officer.locator("ol.life")
    for words in (
        "The person is notified quietly",
        "The zone is notified",
        "The reference officer is notified",
        "Right again",
    ):
        expect(life.locator("li", has_text=f"{words}: The kit is silent")).not_to_have_count(0)


def the_defaults_are_back(story: Silence) -> None:
    story.coordinator.goto(story.world.stack.host(COORDINATOR) + "/fleet/limits")
    story.coordinator.click("#limits-reset")
    expect(story.coordinator.locator(".messages")).to_contain_text("The limits are set")
