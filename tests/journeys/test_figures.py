"""Who reads the figures, and what stands beside each; two years of an invented past are there to be read."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting, tab_to
from tests.support import browser as b
from tests.support.once import made_once

EVALUATOR, COMMITTEE = "evaluator-01", "steering-01"
SUPERVISOR = "hainaut-chef"
OTHERS = ("hainaut-12", "mons-quevy-21", "mons-quevy-ref", "parquet-mons-01", "dpo-01", "admin-01")
YEAR = "from=2026-01&to=2026-10"
COMPARED = "from=2026-01&to=2026-06&from2=2025-01&to2=2025-06"
ADDRESSES = {
    "all": f"/figures/?{YEAR}",
    "compared": f"/figures/?{COMPARED}",
    "alarms": f"/figures/chapter/alarms?{YEAR}",
    "surveys": f"/figures/chapter/surveys?{YEAR}",
    "times": f"/figures/chapter/times?{COMPARED}",
    "gained": f"/figures/measure/time-gained?{YEAR}",
    "one by month": f"/figures/measure/nuisance-share?{YEAR}&by=month",
    "one by zone": f"/figures/measure/kits-in-use?{YEAR}&by=zone",
    "refused": "/figures/?from=2026-13&to=2026-10&place=zone:9999",
    "unknown": "/figures/?from=2011-01&to=2011-12",
}
# Another chapter, another series, a comparison as in "times", and figures without a plot or without a value: looked at
# in `make test-full`.
OF_THE_SAME_KIND = ("compared", "alarms", "surveys", "gained", "one by zone", "unknown")


def write_past_years(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "tests.support.past_years", str(folder)], check=True)


@pytest.fixture
def read(world: World, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> World:
    """The installation with the figures of two years that have passed."""
    world.show_figures(made_once(tmp_path_factory, worker_id, "past-years", write_past_years))
    return world


def enter(world: World, name: str, path: str, language: str = "en", size: dict[str, int] = b.DESKTOP) -> Page:
    page = world.window(size, language)
    b.sign_in(page, world.stack, name, path)
    page.wait_for_url(f"**{path}")
    return page


def fetched(page: Page, path: str) -> list[object]:
    """Status and text of what the server answers to this window."""
    found: list[object] = page.evaluate(
        "async path => { const reply = await fetch(path); return [reply.status, await reply.text()] }", path
    )
    return found


@in_every_language_and_size([b.DESKTOP, b.NARROW])
def test_the_pages_of_the_figures(read: World, language: str, sizes: Sizes) -> None:
    with inspecting(read, language, sizes) as inspector:
        page, host = inspector.page, read.stack.host(EVALUATOR)
        b.sign_in(page, read.stack, EVALUATOR, "/figures/")
        page.wait_for_url("**/figures/")
        for name, address in ADDRESSES.items():
            if name in OF_THE_SAME_KIND and not read.is_full:
                continue
            page.goto(host + address)
            inspector.look(name)
            if name in ("all", "times", "refused"):
                inspector.walk(name)


@pytest.mark.full(
    "tests/evaluation/test_own_figures.py::test_a_supervisor_sees_their_centre_and_a_reference_officer_their_zone",
    "tests/evaluation/test_own_figures.py::test_an_impossible_month_is_named_in_its_field",
    "tests/journeys/test_figures.py::test_the_pages_of_the_figures",
)
@in_every_language_and_size([b.DESKTOP, b.NARROW])
def test_the_figures_of_the_house(read: World, language: str, sizes: Sizes) -> None:
    with inspecting(read, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, read.stack, SUPERVISOR, f"/figures/own?{YEAR}")
        expect(page.locator("#m-answered .plot, #m-answered table")).not_to_have_count(0)
        inspector.look("figures of the house")
        inspector.walk("figures of the house")
        page.fill("#from", "2026-13")
        page.click("#show")
        expect(page.locator("#from-error")).to_be_visible()
        inspector.look("figures of the house refused")
        inspector.look_in_the_other_languages()


@pytest.mark.full(
    "tests/journeys/test_figures.py::test_the_pages_of_the_figures",
    "tests/evaluation/test_dashboard.py::test_a_figure_stands_beside_its_population_unit_and_source",
)
def test_the_evaluator_reads_the_year_by_keyboard_alone(read: World) -> None:
    page = enter(read, EVALUATOR, "/start")
    tab_to(page, "nav a[href='/figures/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/figures/")
    rows = b.every(page.locator("table.figure-list tbody tr"))
    assert len(rows) > 25
    for row in rows:
        # The title with its unit, the figure, and beside it the population and the source.
        assert [bool(cell.strip()) for cell in b.texts(row.locator("td"))] == [True, True, True]
        assert len(b.every(row.locator(".about"))) >= 2
    everywhere = page.locator("#m-interventions .big").inner_text()
    for field, month in (("#from", "2026-01"), ("#to", "2026-06")):
        # Tab takes hold of all that stands in the field; what is typed replaces it.
        tab_to(page, field)
        page.keyboard.type(month)
    tab_to(page, "#place")
    page.keyboard.type("Mons/")
    tab_to(page, "#show")
    page.keyboard.press("Enter")
    page.wait_for_url("**from=2026-01&to=2026-06&place=zone%3A5324**")
    expect(page.locator(".lead").first).to_contain_text("Mons/Quévy")
    assert 0 < int(page.locator("#m-interventions .big").inner_text()) < int(everywhere)
    # Surveys carry no place: said in words, and no 0.
    expect(page.locator("#m-felt-safer .unknown")).to_be_visible()
    expect(page.locator("#m-felt-safer")).to_contain_text("ask for the whole country")
    tab_to(page, "#m-nuisance-share a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/measure/nuisance-share?**")
    tab_to(page, "#by")
    page.keyboard.type("mo")
    tab_to(page, "#show")
    page.keyboard.press("Enter")
    page.wait_for_url("**by=month**")
    expect(page.locator("svg.wide[role=img]")).to_be_visible()
    expect(page.locator("svg.narrow")).to_be_hidden()
    table = page.locator(".figure details table tbody tr")
    # Six months, each with all causes together and each of the three.
    expect(table).to_have_count(6 * 4)
    assert all(" of " in row for row in b.texts(table))


@pytest.mark.full(
    "tests/evaluation/test_rules_survey.py",
    "tests/evaluation/test_dashboard.py::test_a_figure_stands_beside_its_population_unit_and_source",
)
def test_a_share_of_the_survey_stands_with_its_number_its_response_and_its_interval(read: World) -> None:
    page = enter(read, EVALUATOR, "/figures/")
    page.goto(f"{read.stack.host(EVALUATOR)}/figures/chapter/surveys?{YEAR}")
    # Five rounds in 2026: seven people were asked each time, five answered.
    invited, answered = 5 * 7, 5 * 5
    response, safer = page.locator("#m-survey-response"), page.locator("#m-felt-safer")
    expect(response).to_contain_text(f"{answered} of {invited}")
    expect(safer).to_contain_text(f"of {answered}")
    for one in (response, safer):
        assert " % to " in one.inner_text() and "95 % interval (Wilson)" in one.inner_text()


@pytest.mark.full(
    "tests/evaluation/test_dashboard.py::test_two_periods_stand_side_by_side_without_a_claim",
)
def test_the_committee_compares_two_periods(read: World) -> None:
    page = enter(read, COMMITTEE, "/figures/", "nl")
    for name, value in (("from", "2026-01"), ("to", "2026-06"), ("from2", "2025-01"), ("to2", "2025-06")):
        page.fill(f"#{name}", value)
    page.click("#show")
    page.wait_for_url("**from2=2025-01**")
    cells = page.locator("#m-interventions .big")
    expect(cells).to_have_count(2)
    now, before = (int(text) for text in b.texts(cells))
    assert now > before > 0
    page.goto(f"{read.stack.host(COMMITTEE)}/figures/chapter/alarms?{COMPARED}")
    # Both periods in one plot, both figures above it, and no word of an effect.
    expect(page.locator("#m-outcomes svg.wide")).to_be_visible()
    expect(page.locator("#m-outcomes")).to_contain_text("een verschil is geen effect")


@pytest.mark.full(
    "tests/evaluation/test_dashboard.py::test_an_impossible_question_is_answered_in_words_and_kept_in_its_field",
)
@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("from=2026-13&to=2026-12", "from", "« 2026-13 »"),
        ("from=2026-10&to=2026-01", "to", "précède le premier"),
        ("from=bientôt", "from", "« bientôt »"),
        ("from2=2026-00", "from2", "« 2026-00 »"),
        ("place=zone:9999", "place", "« zone:9999 »"),
    ],
)
def test_an_impossible_question_is_answered_by_a_sentence_beside_its_field(
    read: World, query: str, field: str, said: str
) -> None:
    page = enter(read, EVALUATOR, "/figures/", "fr")
    reply = page.goto(f"{read.stack.host(EVALUATOR)}/figures/?{query}")
    assert reply and reply.status == 422
    text = page.locator(f"#{field}-error").inner_text()
    assert said in text.replace("\u00a0", " ").replace("\u202f", " "), text
    assert page.locator(f"#{field}").get_attribute("aria-describedby") == f"{field}-error"
    # Nothing that was typed is lost, also what no browser takes for a month.
    for name, value in (part.split("=") for part in query.split("&")):
        if name != "place":
            expect(page.locator(f"#{name}")).to_have_value(value)


@pytest.mark.full(
    "tests/evaluation/test_dashboard.py::test_what_is_not_known_is_said_in_words_and_is_no_zero",
)
def test_an_empty_population_is_a_word_and_no_zero(read: World) -> None:
    page = enter(read, EVALUATOR, "/figures/", "fr")
    page.goto(read.stack.host(EVALUATOR) + ADDRESSES["unknown"])
    rows = page.locator("table.figure-list tbody tr")
    unknown = b.every(page.locator("tr .unknown"))
    assert len(b.every(rows)) == len(unknown) > 25
    expect(page.locator(".big")).to_have_count(0)


@pytest.mark.full(
    "tests/evaluation/test_dashboard.py::test_who_reads_figures_and_who_does_not",
    "tests/matrix/test_matrix.py",
)
def test_for_all_others_the_figures_do_not_exist(read: World) -> None:
    for name in OTHERS:
        page = read.window(language="fr")
        b.sign_in(page, read.stack, name, "/account")
        page.wait_for_url("**/account")
        expect(page.locator("a[href='/figures/']")).to_have_count(0)
        nothing = fetched(page, "/figures-of-nothing/")
        for address in ADDRESSES.values():
            assert fetched(page, address) == nothing == [404, nothing[1]], (name, address)
        page.context.close()


@pytest.mark.full(
    "tests/evaluation/test_dashboard.py::test_a_plot_has_its_table_and_draws_nothing_that_the_policy_blocks",
)
def test_what_is_printed_has_the_figures_their_tables_and_no_buttons(read: World) -> None:
    page = enter(read, EVALUATOR, "/figures/", "fr")
    page.goto(read.stack.host(EVALUATOR) + ADDRESSES["alarms"])
    page.emulate_media(media="print")
    for hidden in ("form.figures-bar", ".chapters", "#show"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator("#m-alarms .big")).to_be_visible()
    expect(page.locator("#m-alarms svg.middle")).to_be_visible()
    table = page.locator("#m-alarms details table")
    assert table.evaluate("at => at.getBoundingClientRect().height") > 50
    expect(page.locator("#m-alarms .about").first).to_be_visible()
    # A4 is 210 mm wide, less the margins: nothing is cut off.
    page.set_viewport_size({"width": 700, "height": 900})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 700
    assert page.pdf(format="A4").startswith(b"%PDF")
