"""The pictures of files, their forms and the decision, for `tools.screenshots`."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tools.screenshots_kits import Studio, enter

OFFICER, MAGISTRATE, DUTCH_OFFICER, DUTCH_MAGISTRATE = (
    "mons-quevy-ref",
    "parquet-mons-01",
    "gent-ref",
    "parket-ovl-01",
)
WAITING, DUTCH_WAITING = "Dominique Fictif", "Lotte Verzonnen"


def shoot_files(studio: Studio) -> None:
    """A zone's files, one of them, and its forms."""
    with studio.window() as page:
        enter(studio, page, OFFICER, "/files/", "fr")
        studio.shoot(page, "files", "A zone's files (French)", whole=True)
        url = _open(page, WAITING)
        studio.shoot(page, "file", "One file: the next step first, then what it holds (French)", whole=True)
        page.goto(f"{url}measure/add")
        page.fill("#id_areas", "ici")
        page.click("#save")
        expect(page.locator("#id_areas_error")).to_be_visible()
        studio.shoot(page, "measure-refused", "What is wrong stands beside its field (French)", whole=True)
        page.goto(f"{url}step/analysis")
        studio.shoot(page, "analysis", "The risk analysis: questions that never decide (French)", whole=True)
        page.goto(f"{url}history")
        studio.shoot(page, "file-history", "What became of the file, and who read it (French)", whole=True)
        page.goto(f"{url}barred")
        studio.shoot(page, "barred", "Who must never see this file (French)", whole=True)
        page.goto(f"{studio.stack.host(OFFICER)}/files/by-reason")
        studio.shoot(page, "by-reason", "A file of another zone opens only for a reason (French)", whole=True)
    with studio.window() as page:
        enter(studio, page, DUTCH_OFFICER, "/files/", "de")
        _open(page, DUTCH_WAITING)
        studio.shoot(page, "file-german", "One file (German)", whole=True)


def shoot_decision(studio: Studio) -> None:
    """All on one page for whoever decides."""
    for name, who, file, language, title in (
        ("decision", MAGISTRATE, WAITING, "fr", "French"),
        ("decision-dutch", DUTCH_MAGISTRATE, DUTCH_WAITING, "nl", "Dutch"),
        ("decision-english", DUTCH_MAGISTRATE, DUTCH_WAITING, "en", "English"),
    ):
        with studio.window() as page:
            enter(studio, page, who, "/files/", language)
            _open(page, file)
            page.click("#to-decision")
            expect(page.locator("#decide")).to_be_visible()
            studio.shoot(page, name, f"The decision: reasons first, equal buttons ({title})", whole=True)


def _open(page: Page, name: str) -> str:
    page.locator("#files a", has_text=name).click()
    expect(page.locator("#step")).to_be_visible()
    return page.url


SHOTS: tuple[Callable[[Studio], None], ...] = (shoot_files, shoot_decision)
