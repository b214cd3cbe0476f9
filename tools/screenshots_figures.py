"""The pictures of the figures and of the surveys, for `tools.screenshots`: the invented national history is read."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from egide.common.clock import SystemClock
from tools.screenshots_kits import Studio, enter

EVALUATOR, OFFICER = "evaluator-01", "mons-quevy-21"
LANGUAGES = {"fr": "French", "nl": "Dutch", "de": "German", "en": "English"}
YEAR, COMPARED = "from=2023-01&to=2023-10", "from=2023-01&to=2023-06&from2=2022-01&to2=2022-06"
FORTY_DAYS_US = 40 * 86_400 * 1_000_000


def prepare(studio: Studio) -> None:
    """The figures of the invented national history, written once."""
    kept = studio.stack.config.data_dir / "evaluation"
    if kept.exists():
        return
    with tempfile.TemporaryDirectory(prefix="egide-history-") as made:
        command = [sys.executable, "-m", "egide.entrypoints.cli", "evaluate", "--history", "--period", "2023"]
        subprocess.run(command, env=os.environ | {"EGIDE_DATA": made}, check=True, stdout=subprocess.DEVNULL)
        shutil.copytree(Path(made) / "evaluation", kept)


def shoot_figures(studio: Studio) -> None:
    """The dashboard, a chapter, one measure, and what cannot be asked."""
    prepare(studio)
    host = studio.stack.host(EVALUATOR)
    for language, name in LANGUAGES.items():
        with studio.window() as page:
            enter(studio, page, EVALUATOR, "/figures/", language)
            page.goto(f"{host}/figures/?{YEAR}")
            expect(page.locator("table.figure-list").first).to_be_visible()
            studio.shoot(page, f"figures-{language}", f"The figures of a year ({name})", whole=True)
            page.goto(f"{host}/figures/chapter/alarms?{COMPARED}")
            studio.shoot(
                page, f"figures-compared-{language}", f"Two periods side by side ({name})", whole=True
            )
            if language == "fr":
                page.goto(f"{host}/figures/measure/steps?{YEAR}&by=month")
                studio.shoot(page, "figures-measure", "One measure, month by month (French)", whole=True)
                page.goto(f"{host}/figures/measure/felt-safer?from=2019-01&to=2023-10")
                caption = (
                    "A share of the survey: its number, its response, its interval, its assumption (French)"
                )
                studio.shoot(page, "figures-survey", caption, whole=True)
                page.goto(f"{host}/figures/?from=2023-13&to=2023-10&place=zone:9999")
                studio.shoot(page, "figures-refused", "A period and a place that do not exist (French)")


def shoot_outputs(studio: Studio) -> None:
    """What is handed out, the map of a day, and what the columns mean."""
    prepare(studio)
    host = studio.stack.host(EVALUATOR)
    for language, path, name, caption in (
        ("fr", f"outputs?{COMPARED}", "figures-outputs", "Reports and exports (French)"),
        ("nl", "map?from=2022-01&to=2022-12", "figures-map", "The roll-out on a day of the past (Dutch)"),
        ("de", "dictionary", "figures-dictionary", "What each measure counts (German)"),
    ):
        with studio.window() as page:
            enter(studio, page, EVALUATOR, "/figures/", language)
            page.goto(f"{host}/figures/{path}")
            studio.shoot(page, name, caption, whole=True)


def shoot_surveys(studio: Studio) -> None:
    """The officer hands a link over; what stands behind it, on any device."""
    carry_for_forty_days(studio)
    with studio.window() as page:
        enter(studio, page, OFFICER, "/surveys/", "fr")
        studio.shoot(page, "surveys", "Who may be asked now (French)", whole=True)
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


def carry_for_forty_days(studio: Studio) -> None:
    """As if the person of Mons had carried her kit that long, and nobody had asked her."""
    kit = studio.stack.demo["kits"][0]["kit"]
    out_at_us = SystemClock().now_us() - FORTY_DAYS_US
    with sqlite3.connect(studio.stack.config.app_db, timeout=15) as app:
        app.execute("UPDATE fleet_kit SET state = 'issued', out_at_us = ? WHERE id = ?", (out_at_us, kit))
        app.execute("DELETE FROM evaluation_asked")


SHOTS: tuple[Callable[[Studio], None], ...] = (shoot_figures, shoot_outputs, shoot_surveys)
