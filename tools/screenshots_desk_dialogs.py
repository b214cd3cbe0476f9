"""The pictures of what opens over the desk: dialogs, the palette, undo, a trouble of the system itself."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from egide.alarm.events import TeamNamed, TeamOnSite, ZoneConfirmed
from egide.common.clock import SystemClock
from egide.journal.bell import Ringer
from egide.journal.now.signs import ChainTrouble, Signs
from tests.support import browser as b
from tools.screenshots_camera import BOARD, DIALOG
from tools.screenshots_studio import Studio

TROUBLES = ("worker", "ladder")


def choose(page: Page, alarm: str) -> None:
    """Show one alarm with its file."""
    page.click(f"#row-{alarm} button")
    expect(page.locator(f"#briefing[data-alarm='{alarm}']")).to_be_visible()
    expect(page.locator("#map path").first).to_be_attached()
    page.mouse.move(0, 0)
    page.wait_for_function("() => !document.querySelector('#actions [aria-disabled=true]')")


def by_key(page: Page, key: str, shows: str) -> None:
    """Press a key of the board once its actions take keys, and wait for what it opens."""
    expect(page.locator("#alarm [aria-disabled=true]:visible")).to_have_count(0)
    page.keyboard.press(key)
    expect(page.locator(shows).first).to_be_visible()


def back_at(page: Page, alarm: str, key: str = "", shows: str = "") -> Callable[[], None]:
    """What leads from the desk's address to this alarm, and to what a key opens there."""

    def reach() -> None:
        b.unblock_sound(page)
        b.expect_live(page)
        choose(page, alarm)
        if key:
            by_key(page, key, shows)

    return reach


def arrive(studio: Studio, page: Page, alarm: str) -> None:
    """Colleagues record who went there."""
    studio.write_down(alarm, TeamNamed("hainaut-12", "5324", "Mons 12"))
    studio.write_down(alarm, TeamOnSite(by="Mons 12"))
    expect(page.locator("#missing")).to_be_visible()


def shoot_first_dialogs(studio: Studio, page: Page) -> None:
    """What is typed, and undoing it; who is informed and who goes."""
    alarm = str(page.locator("#briefing").get_attribute("data-alarm"))
    by_key(page, "z", "#zone-reference")
    studio.shoot(page, "zone-informed", "Which zone is informed, by whose name, and its numbers")
    studio.sheet(page, "zone-informed", back_at(page, alarm, "z", "#zone-reference"), DIALOG)
    page.keyboard.press("Escape")
    studio.write_down(alarm, ZoneConfirmed("hainaut-12", "5324", "Insp. 21"))
    expect(page.locator("#act-team")).to_be_enabled()
    by_key(page, "t", "#team-call-sign")
    studio.shoot(page, "team-named", "Which team goes")
    studio.sheet(page, "team-named", back_at(page, alarm, "t", "#team-call-sign"), DIALOG)
    page.keyboard.press("Escape")
    by_key(page, "n", "#note-text")
    page.fill("#note-text", "Voisine au téléphone : cris, puis silence.")
    studio.shoot(page, "note", "Writing a note")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#undo")).to_be_visible()
    studio.shoot(page, "undo", "What was just recorded can be undone for ten seconds")


def shoot_dialogs(studio: Studio, page: Page, alarm: str) -> None:
    """Each by its key, once a team is there."""
    for name, key, shows, caption in (
        ("closing", "c", "#close-reason", "Closing asks for an outcome and a reason"),
        ("radio", "l", "#radio-dialog", "What is read out by radio: the first breath, and the rest"),
        ("timeline", "j", "#timeline-text li", "One alarm, one timeline; a step is corrected from it"),
        ("keys", "?", "#help-dialog", "Everything has a key"),
        ("ask-silently", "q", "#ask-dialog", "A silent question, by one key and one number"),
        (
            "palette",
            "Control+k",
            "#palette-list [data-url]",
            "The palette: what can be done now, alarms, files",
        ),
    ):
        by_key(page, key, shows)
        if name == "ask-silently":
            expect(page.locator("#ask-dialog [aria-disabled=true]")).to_have_count(0)
        studio.shoot(page, name, caption)
        studio.sheet(page, name, back_at(page, alarm, key, shows), DIALOG)
        page.keyboard.press("Escape")


def shoot_trouble(studio: Studio, page: Page, alarm: str) -> None:
    """What the system finds wrong with itself stands at the foot, with what to do meanwhile."""
    signs = Signs(studio.stack.config, SystemClock())
    kept, again = signs.troubles(), back_at(page, alarm)

    def show() -> None:
        # Anew each time: the watch of this installation, which finds nothing wrong, takes them back.
        signs.do_keep([ChainTrouble(part, "-", 0) for part in TROUBLES], [])
        Ringer(studio.stack.journal().bells_dir).ring()
        expect(page.locator("#chain [data-parts=ladder]")).to_be_visible()

    def reach() -> None:
        again()
        show()

    show()
    studio.shoot(page, "desk-trouble", "A trouble of the system itself, and what to do meanwhile")
    studio.sheet(page, "desk-trouble", reach, BOARD)
    signs.do_keep(kept, [])
