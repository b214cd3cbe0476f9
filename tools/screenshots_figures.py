"""The pictures of the figures and of the surveys, for `tools.screenshots`: the invented national history is read."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from egide.common.clock import SystemClock
from tools.screenshots_camera import LANGUAGES
from tools.screenshots_studio import Shot, Studio

EVALUATOR, STEERING, OFFICER = "evaluator-01", "steering-01", "mons-quevy-21"
SUPERVISOR = "hainaut-chef"
YEAR, COMPARED = "from=2023-01&to=2023-10", "from=2023-01&to=2023-06&from2=2022-01&to2=2022-06"
FORTY_DAYS_US = 40 * 86_400 * 1_000_000


def shoot_figures(studio: Studio) -> None:
    """The dashboard, a chapter, one measure, and what cannot be asked."""
    studio.read_history()
    host = studio.stack.host(EVALUATOR)
    for language, name in LANGUAGES.items():
        with studio.window() as page:
            studio.enter(page, EVALUATOR, f"/figures/?{YEAR}", language)
            expect(page.locator("table.figure-list").first).to_be_visible()
            studio.shoot(page, f"figures-{language}", f"The figures of a year ({name})", whole=True)
            if language == "fr":
                studio.sheet(page, "figures")
            page.goto(f"{host}/figures/chapter/alarms?{COMPARED}")
            studio.shoot(
                page, f"figures-compared-{language}", f"Two periods side by side ({name})", whole=True
            )
            if language == "fr":
                page.goto(f"{host}/figures/measure/steps?{YEAR}&by=month")
                studio.shoot(page, "figures-measure", "One measure, month by month (French)", whole=True)
                studio.sheet(page, "figures-measure")
                page.goto(f"{host}/figures/measure/felt-safer?from=2019-01&to=2023-10")
                caption = (
                    "A share of the survey: its number, its response, its interval, its assumption (French)"
                )
                studio.shoot(page, "figures-survey", caption, whole=True)
                page.goto(f"{host}/figures/?from=2023-13&to=2023-10&place=zone:9999")
                studio.shoot(page, "figures-refused", "A period and a place that do not exist (French)")


def shoot_own_figures(studio: Studio) -> None:
    """A centre's own, for its supervisor."""
    studio.read_history()
    with studio.window() as page:
        studio.enter(page, SUPERVISOR, f"/figures/own?{YEAR}", "fr")
        expect(page.locator("#m-answered .plot").first).to_be_visible()
        studio.shoot(page, "figures-own", "Figures of one's own centre (French)", whole=True)
        studio.sheet(page, "figures-own")


def shoot_outputs(studio: Studio) -> None:
    """What is handed out, the map of a day, and what the columns mean."""
    studio.read_history()
    for language, path, name, caption in (
        ("fr", f"outputs?{COMPARED}", "figures-outputs", "Reports and exports (French)"),
        ("nl", "map?from=2022-01&to=2022-12", "figures-map", "The roll-out on a day of the past (Dutch)"),
        ("de", "dictionary", "figures-dictionary", "What each measure counts (German)"),
    ):
        with studio.window() as page:
            studio.enter(page, EVALUATOR, f"/figures/{path}", language)
            studio.shoot(page, name, caption, whole=True)
            studio.sheet(page, name)


def shoot_published(studio: Studio) -> None:
    """The tables that leave the service: as they would be, published, and read by the steering committee."""
    studio.read_history()
    address = "/figures/published/2022/"
    with studio.window() as page:
        studio.enter(page, EVALUATOR, "/figures/published/2023/", "de")
        expect(page.locator("#not-yet")).to_be_visible()
        studio.shoot(
            page, "published-not-yet", "A year that is not over is not published (German)", whole=True
        )
    with studio.window() as page:
        studio.enter(page, EVALUATOR, address, "nl")
        expect(page.locator("#draft .figure").first).to_be_visible()
        caption = "What would be published: small cells are hidden (Dutch)"
        studio.shoot(page, "published-draft", caption, whole=True)
        studio.sheet(page, "published-draft")
        page.click("#publish-now")
        expect(page.locator("#out .figure").first).to_be_visible()
    with studio.window() as page:
        studio.enter(page, STEERING, "/figures/published/", "fr")
        studio.shoot(page, "published", "Years, and which edition of each is out (French)", whole=True)
        studio.sheet(page, "published")
        page.goto(studio.stack.host(STEERING) + address)
        expect(page.locator("#out .figure").first).to_be_visible()
        studio.shoot(page, "published-year", "Published tables of a year (French)", whole=True)
        studio.sheet(page, "published-year")


def shoot_surveys(studio: Studio) -> None:
    """The officer hands a link over; what stands behind it, on any device."""
    with carried_for_forty_days(studio), studio.window() as page:
        studio.enter(page, OFFICER, "/surveys/", "fr")
        studio.shoot(page, "surveys", "Who may be asked now (French)", whole=True)
        studio.sheet(page, "surveys")
        page.locator("form[action*='/surveys/for/'] button").first.click()
        expect(page.locator("#survey-link")).to_be_visible()
        studio.shoot(page, "survey-link", "A link and its number, shown once (French)", whole=True)
        path = "/" + page.locator("#survey-link").inner_text().split("/", 3)[3]
        code = page.locator("#survey-code").inner_text()
    for language, name in LANGUAGES.items():
        with studio.window() as page:
            page.goto(f"{studio.stack.host('www')}{path}?l={language}")
            if language == "fr":
                studio.shoot(page, "survey-number", "What shows without the number (French)")
            _shoot_questions(studio, page, code, language, name)


def _shoot_questions(studio: Studio, page: Page, code: str, language: str, name: str) -> None:
    page.fill("#code", code)
    page.click("#go")
    expect(page.locator("fieldset").first).to_be_visible()
    studio.shoot(page, f"survey-{language}", f"The questions ({name})", whole=True)
    if language == "en":
        page.locator("fieldset").first.locator("label").first.click()
        page.click("#send")
        expect(page.locator("#thanks")).to_be_visible()
        studio.shoot(page, "survey-thanks", "The answers arrived (English)")
        page.goto(page.url)
        expect(page.locator("#gone")).to_be_visible()
        studio.shoot(page, "survey-gone", "A link that was used, has expired or never was (English)")


@contextmanager
def carried_for_forty_days(studio: Studio) -> Iterator[None]:
    """As if the person of Mons had carried her kit that long, and nobody had asked her; for these pages alone.

    A kit that is out has no gates any more: the pictures of a kit that is being prepared need it as it was.
    """
    kit = studio.stack.demo["kits"][0]["kit"]
    out_at_us = SystemClock().now_us() - FORTY_DAYS_US
    change = "UPDATE fleet_kit SET state = ?, out_at_us = ? WHERE id = ?"
    with sqlite3.connect(studio.stack.config.app_db, timeout=15) as app:
        row = app.execute("SELECT state, out_at_us FROM fleet_kit WHERE id = ?", (kit,)).fetchone()
        app.execute(change, ("issued", out_at_us, kit))
        app.execute("DELETE FROM evaluation_asked")
    try:
        yield
    finally:
        with sqlite3.connect(studio.stack.config.app_db, timeout=15) as app:
            app.execute(change, (*row, kit))


SHOTS: tuple[Shot, ...] = (shoot_figures, shoot_own_figures, shoot_outputs, shoot_published, shoot_surveys)
