"""The team's phone: a link for one device, a page that is honest about its age, taps that survive a bad network."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from egide.alarm import events as a
from egide.alarm.state import AlarmState
from tests.journeys.conftest import World
from tests.journeys.inspecting import Inspector, Sizes, in_every_language_and_size
from tests.support import browser as b
from tests.support.phones import place

ZONE = "mons-quevy-21"


class Team:
    """A team's phone with an alarm for which it was named."""

    def __init__(self, world: World, language: str = "en") -> None:
        self.world = world
        self.language = language
        self.phone = world.phone()
        self.alarm = self.phone.press()
        world.until(lambda: world.state(self.alarm).lead.route, "routed")
        self.decide(a.AlarmAcknowledged("hainaut-12"), a.ZoneConfirmed("hainaut-12", "5324", "Insp. 21"))
        self.decide(a.TeamNamed("hainaut-12", "5324", "M 12"))

    def decide(self, *events: Any) -> None:
        self.world.journal.decide(self.alarm, lambda _state: list(events))

    @property
    def state(self) -> AlarmState:
        return self.world.state(self.alarm)

    def has(self, kind: str, times: int = 1) -> None:
        """Wait until the journal holds this kind at least so often."""
        self.world.until(lambda: self.world.kinds(self.alarm).count(kind) >= times, f"{times} {kind}")

    def zone_window(self, size: dict[str, int] = b.DESKTOP) -> Page:
        """The zone's page, signed in."""
        page = self.world.window(size, self.language)
        b.sign_in(page, self.world.stack, ZONE, "/zone/")
        expect(page.locator(f"#card-{self.alarm}")).to_be_visible()
        return page

    def code(self) -> str:
        """The short code of a fresh link, read from the zone's page."""
        page = self.zone_window()
        page.locator(f"#card-{self.alarm} form[action$='/link'] button").click()
        code = page.locator("#team-code").inner_text()
        page.context.close()
        return code

    def device(self, size: dict[str, int] = b.TELEPHONE) -> Page:
        """Another phone, with nothing on it."""
        context = self.world.browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            is_mobile=True,
            has_touch=True,
            geolocation={"latitude": 50.4541, "longitude": 3.9523, "accuracy": 9},
            permissions=["geolocation", "clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(b.PATIENCE_MS)
        self.world.keep(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: self.world.faults.append(f"{fault} {fault.stack}"))
        page.context.add_cookies([{"name": "egide_language", "value": self.language, "url": self.host}])
        return page

    @property
    def host(self) -> str:
        return f"http://localhost:{self.world.stack.ports['web']}"

    def open(self, page: Page, code: str) -> None:
        """Type the code on this phone."""
        page.goto(f"{self.host}/team/")
        page.fill("#code", code)
        page.tap("#code-submit")

    def opened(self, size: dict[str, int] = b.TELEPHONE) -> Page:
        """A phone that follows the alarm."""
        page = self.device(size)
        self.open(page, self.code())
        expect(page.locator("#weapons")).to_be_visible()
        expect(page.locator("body[data-ready]")).to_have_count(1)
        return page


@pytest.fixture
def team(world: World) -> Team:
    return Team(world)


def tap_line(page: Page, kind: str, state: str) -> None:
    """Wait until the phone says so of the latest tap of this kind."""
    expect(page.locator(f"#tap-list li[data-kind={kind}]").last).to_have_class(state)


def test_a_team_opens_its_page_by_code_goes_arrives_and_reports(team: Team) -> None:
    page = team.opened()
    team.has("TeamLinkOpened")
    expect(page.locator("#person h3")).to_contain_text("Alix Exemple")
    page.tap("[data-tap=under-way]")
    tap_line(page, "under-way", "sent")
    expect(page.locator("[data-tap=under-way]")).to_be_hidden()
    page.tap("[data-tap=on-site]")
    tap_line(page, "on-site", "sent")
    page.tap("#to-report")
    page.check("input[value=perpetrator-gone]")
    page.fill("#report-text", "Nobody there any more; she is with her sister.")
    page.tap("#report-send")
    expect(page.locator("#ended")).to_contain_text("Your report has arrived.")
    assert "Alix" not in page.content()
    assert "Nobody there" not in page.evaluate("() => JSON.stringify({...localStorage})")
    kinds = team.world.kinds(team.alarm)
    assert [kind for kind in kinds if kind.startswith("Team")] == [
        "TeamNamed", "TeamLinkMade", "TeamLinkOpened", "TeamUnderWay", "TeamOnSite", "TeamReported"
    ]  # fmt: skip
    assert team.state.team.report and team.state.team.report.by == "team:M 12"


def test_taps_without_a_network_are_kept_and_sent_once_each_in_their_order(team: Team) -> None:
    page = team.opened()
    page.context.set_offline(True)
    page.tap("[data-tap=under-way]")
    page.tap("[data-tap=on-site]")
    tap_line(page, "on-site", "kept")
    expect(page.locator("#tap-last")).to_contain_text("Under way kept, will be sent")
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("#stale")).to_contain_text("What you see is old")
    kept = page.evaluate("() => JSON.stringify({...localStorage, ...sessionStorage})")
    assert "under-way" in kept and "Alix" not in kept and "Couteau" not in kept
    # They survive a reload, and wait until the server has them.
    page.route("**/tap", lambda route: route.abort())
    page.context.set_offline(False)
    page.reload()
    tap_line(page, "on-site", "kept")
    page.unroute_all(behavior="wait")
    tap_line(page, "on-site", "sent")
    expect(page.locator("#stale")).to_be_hidden()
    kinds = [kind for kind in team.world.kinds(team.alarm) if kind in ("TeamUnderWay", "TeamOnSite")]
    assert kinds == ["TeamUnderWay", "TeamOnSite"]
    rows = [row for row in team.world.journal.stream(f"alarm:{team.alarm}") if row.kind == "TeamUnderWay"]
    event = team.world.journal.open_event(rows[0])
    assert isinstance(event, a.TeamUnderWay) and event.age_s >= 10, "the strip comes after twelve seconds"


@pytest.mark.full(
    "tests/journeys/test_team.py::test_taps_without_a_network_are_kept_and_sent_once_each_in_their_order",
    "tests/boards/team/test_taps.py::test_rule_14_a_call_for_help_counts_once_also_when_it_was_answered_before_it_is_sent_again",
)
def test_what_was_tapped_survives_a_reload_and_is_sent_once(team: Team) -> None:
    page = team.opened()
    # The server hears each tap, and the phone never hears the answer.
    answers: list[int] = []

    def lose(route: Any) -> None:
        answers.append(route.fetch().status)
        route.abort()

    page.route("**/tap", lose)
    page.tap("#help")
    # Lost only while the browser is waited for: what waits on the journal alone would wait for ever.
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/tap")):
        page.tap("#help-yes")
    team.has("HelpNeeded")
    tap_line(page, "help", "kept")
    # Somebody answers: the same call, sent again, must not look like a new one.
    team.decide(a.HelpSeen("hainaut-12"))
    # The phone sends it again and again: a tap whose answer is just being lost must have lost it first.
    page.unroute_all(behavior="wait")
    page.reload()
    tap_line(page, "help", "sent")
    assert answers and answers[0] == 200
    assert team.world.kinds(team.alarm).count("HelpNeeded") == 1, "one call, however often it was sent"


@pytest.mark.full(
    "tests/journeys/test_team.py::test_taps_without_a_network_are_kept_and_sent_once_each_in_their_order",
    "tests/journeys/test_team.py::test_a_team_opens_its_page_by_code_goes_arrives_and_reports",
)
def test_the_phone_keeps_taps_and_nothing_of_what_it_showed(team: Team) -> None:
    page = team.opened()
    page.context.set_offline(True)
    page.check("input[value=arrest]")
    page.fill("#report-text", "Dictated on the way")
    page.tap("#report-send")
    tap_line(page, "report", "kept")
    kept = page.evaluate("() => JSON.stringify({...localStorage, ...sessionStorage})")
    assert "Dictated on the way" in kept and "Alix" not in kept and "Couteau" not in kept
    expect(page.locator("#report-text")).to_have_value("Dictated on the way")
    page.context.set_offline(False)
    expect(page.locator("#ended")).to_be_visible()
    assert "Dictated" not in page.evaluate("() => JSON.stringify({...localStorage})")


@pytest.mark.full("tests/boards/team/test_team_link.py")
def test_a_second_phone_is_refused_and_a_preview_opens_nothing(team: Team) -> None:
    code = team.code()
    first, second = team.device(), team.device()
    team.open(first, code)
    expect(first.locator("#weapons")).to_be_visible()
    team.open(second, code)
    expect(second.locator("#code-error")).to_contain_text("opened on another device already")
    assert second.goto(f"{team.host}/team/{team.alarm}/").status == 404  # type: ignore[union-attr]
    team.open(second, "XXXX XXXX")
    expect(second.locator("#code-error")).to_contain_text("opens nothing")
    expect(second.locator("#code")).to_have_value("XXXX XXXX")


@pytest.mark.full(
    "tests/boards/team/test_taps.py::test_a_report_of_another_is_refused_with_who_was_first_and_ones_own_takes_its_place",
)
def test_a_report_that_somebody_else_wrote_first_leaves_the_text_in_the_form(team: Team) -> None:
    page = team.opened()
    page.check("input[value=arrest]")
    page.fill("#report-text", "Our own words")
    team.decide(a.TeamReported(by=ZONE, outcome="arrest", text="By radio"))
    expect(page.locator("#stale")).to_contain_text("This page has ended")
    expect(page.locator("#report-text")).to_have_value("Our own words")
    page.tap("#report-send")
    expect(page.locator("#report-error")).to_contain_text(
        "Inspecteur 21 · Mons/Quévy wrote the report meanwhile"
    )
    expect(page.locator("#report-text")).to_have_value("Our own words")


@pytest.mark.full(
    "tests/boards/shown/test_briefing.py::test_the_position_is_held_against_the_bans_in_force",
    "tests/boards/team/test_team.py",
)
def test_the_position_moves_on_the_page_and_the_file_says_what_it_breaches(team: Team) -> None:
    page = team.opened()
    expect(page.locator("#team-where .ban.inside")).to_contain_text("Inside: Place ban")
    person = team.world.person(0)
    team.phone.move(place(person["lat"] + 0.02, person["lon"], 15))
    expect(page.locator("#team-where .ban.outside")).to_be_visible()
    expect(page.locator("#measures .chip.alarm")).to_have_count(0)
    geo = re.escape(f"geo:{person['lat'] + 0.02:.5f},{person['lon']:.5f}")
    expect(page.locator("#navigate")).to_have_attribute("href", re.compile(f"^{geo}"))
    page.tap("#copy")
    expect(page.locator("#copy-word")).to_have_text("Copied")
    assert page.evaluate("() => navigator.clipboard.readText()").startswith(f"{person['lat'] + 0.02:.5f}, ")


def test_rule_14_need_help_takes_two_taps_and_shows_red_at_the_zone_with_the_position(team: Team) -> None:
    zone = team.zone_window()
    page = team.opened()
    page.tap("#help")
    page.tap("#help-not")
    assert "HelpNeeded" not in team.world.kinds(team.alarm)
    page.tap("#help")
    expect(page.locator("#help-yes")).to_be_focused()
    page.tap("#help-yes")
    team.has("HelpNeeded")
    red = zone.locator(f"#help-{team.alarm}")
    expect(red).to_contain_text("M 12 needs help")
    expect(red).to_contain_text("50.45410, 3.95230")
    expect(page.locator("#help-state")).to_contain_text("Use the radio too")
    team.decide(a.HelpSeen("hainaut-12"))
    expect(page.locator("#help-state")).to_contain_text("Seen by Opératrice 12")
    expect(page.locator("#help-now")).to_contain_text("Seen by Opératrice 12")
    expect(red).to_have_class(re.compile("seen"))


@pytest.mark.full(
    "tests/journeys/test_team.py::test_the_teams_pages_are_accessible_translated_and_fit",
    "tests/boards/team/test_taps.py::test_rule_14_help_after_the_closing_opens_the_alarm_again_and_a_bad_position_holds_up_nothing",
)
def test_rule_14_help_after_the_closing_opens_the_alarm_again(team: Team) -> None:
    page = team.opened()
    team.decide(a.AlarmClosed("hainaut-12", "arrest", "told"))
    expect(page.locator("#closed")).to_contain_text("Your report is still to be written")
    expect(page.locator("[data-tap=on-site]")).to_be_hidden()
    page.tap("#help")
    page.tap("#help-yes")
    team.has("HelpNeeded")
    assert team.state.is_open


@pytest.mark.full(
    "tests/boards/team/test_team.py::test_only_notes_for_the_team_are_shown_with_their_author",
    "tests/journeys/test_team.py::test_rule_14_need_help_takes_two_taps_and_shows_red_at_the_zone_with_the_position",
)
def test_what_the_centre_writes_for_the_team_appears_on_its_phone(team: Team) -> None:
    page = team.opened()
    team.decide(a.NoteAdded("hainaut-12", "Second person at the window", for_team=True))
    expect(page.locator(".note")).to_contain_text("Second person at the window")
    expect(page.locator(".note")).to_contain_text("Opératrice 12")


def inspect(world: World, page: Page, language: str, sizes: Sizes) -> Iterator[Inspector]:
    inspector = Inspector(world, page, language, sizes)
    yield inspector
    inspector.look_in_the_other_languages()
    assert not inspector.faults, "\n".join(inspector.faults)


@in_every_language_and_size([b.TELEPHONE, b.NARROW])
def test_the_teams_pages_are_accessible_translated_and_fit(world: World, language: str, sizes: Sizes) -> None:
    team = Team(world, language)
    page = team.opened(sizes[0])
    for inspector in inspect(world, page, language, sizes):
        inspector.look("team")
        inspector.walk("team")
        page.tap("#help")
        inspector.look("need help")
        page.tap("#help-not")
        team.decide(a.AlarmClosed("hainaut-12", "arrest", "told"))
        expect(page.locator("#closed")).to_be_visible()
        expect(page.locator("#help"), "a team may still be in danger").to_be_enabled()
        inspector.look("closed")
        team.decide(a.TeamReported(by=ZONE, outcome="arrest", text="By radio"))
        expect(page.locator("#ended")).to_be_visible()
        inspector.look("ended")
        page.goto(f"{team.host}/team/")
        inspector.look("code")
        inspector.walk("code")


@pytest.mark.full("tests/journeys/test_team.py::test_the_teams_pages_are_accessible_translated_and_fit")
def test_everything_works_by_keyboard_alone(team: Team) -> None:
    page = team.opened()
    for selector in ("[data-tap=under-way]", "[data-tap=on-site]"):
        page.locator(selector).focus()
        page.keyboard.press("Enter")
    page.locator("#help").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    team.has("HelpNeeded")
    team.has("TeamOnSite")
