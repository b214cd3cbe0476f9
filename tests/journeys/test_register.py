"""After alarms: one found again, played, heard, taken out and verified by others; patrols; a shift handed over."""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from egide.alarm.events import AlarmClosed, TeamNamed, TeamReported, ZoneConfirmed
from egide.protocol import cbor
from egide.protocol.envelope import Kind
from tests.journeys.conftest import MONS, Desk, World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting
from tests.journeys.test_files import MAGISTRATE, OFFICER
from tests.support import browser as b
from tests.support.phones import HttpPhone, place

VERIFY = Path(__file__).parents[2] / "contracts" / "examples" / "verify_export.py"
NORTH = 0.0005


def closed_alarm(world: World) -> str:
    """An alarm with three positions, a piece of sound, a team and its report; closed."""
    phone: HttpPhone = world.phone(MONS)
    alarm = phone.press()
    home = world.person(MONS)
    for step in (1, 2):
        phone.move(place(home["lat"] + step * NORTH, home["lon"]))
    sound = phone.envelope(Kind.AUDIO, press=phone.counter, body=cbor.encode([0, b"opus"]))
    assert phone.post("/v1/messages", sound)[0] == 201
    world.until(lambda: world.state(alarm).lead.route, "routed")
    world.write_down(
        alarm,
        ZoneConfirmed("hainaut-12", "5324", "Insp. 21"),
        TeamNamed("hainaut-12", "5324", "M 12"),
        TeamReported(by="team:M 12", outcome="perpetrator-gone", text="Parti à pied vers la gare."),
        AlarmClosed(user="hainaut-12", outcome="perpetrator-gone", reason="Démo"),
    )
    return alarm


def find(page: Page, alarm: str, text: str = "alix") -> None:
    """Look for it, and open it."""
    page.fill("#text", text)
    page.click("#filter button.primary")
    page.click(f"#alarms a[href$='{alarm}']")
    expect(page.locator("#happened")).to_be_visible()


def test_a_closed_alarm_is_found_played_heard_taken_out_and_verified(world: World, tmp_path: Path) -> None:
    alarm = closed_alarm(world)
    page = world.window(b.DESKTOP, "fr")
    b.sign_in(page, world.stack, MAGISTRATE, "/register/")
    find(page, alarm)
    assert "alix" not in page.url.casefold()
    expect(page.locator(".timeline")).to_contain_text("Parti à pied vers la gare.")

    # Its way, position by position, by keys.
    said = page.locator("#moment-said")
    expect(page.locator("#way .leaflet-overlay-pane path").first).to_be_attached()
    last = said.inner_text().split("·")[1].strip()
    page.locator("#moment").focus()
    page.keyboard.press("Home")
    expect(said).not_to_contain_text(last)
    # The address comes once the slider rests.
    expect(said).to_contain_text("7000 Mons")

    # Unheard sound is kept first.
    expect(page.locator("audio")).to_have_count(0)
    page.click("text=Conserver le son")
    page.fill("#reason", "Procès en mars, la défense la demande.")
    page.click("#keep-sound")
    page.wait_for_url(f"**/files/{world.person(MONS)['case']}/")
    page.goto(f"{world.stack.host(MAGISTRATE)}/register/{alarm}")
    source = page.locator("audio").get_attribute("src")
    heard = page.evaluate("async (url) => (await fetch(url)).text()", source)
    assert heard == "opus"
    world.until(lambda: world.state(alarm).talk.sound_heard_at_us, "that it was heard is on record")

    # Taken out for the criminal file, and verified without this system.
    with page.expect_download() as download:
        page.click("button[value=criminal]")
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        archive.extractall(tmp_path)
    whole = subprocess.run(
        [sys.executable, str(VERIFY), str(tmp_path / "alarm.jsonl")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert whole.returncode == 0, whole.stderr
    assert (tmp_path / "alarm.pdf").read_bytes().startswith(b"%PDF-")
    page.reload()
    expect(page.locator("#readers-title + ul li")).not_to_have_count(0)


def test_without_its_map_the_slider_says_where_and_when(world: World) -> None:
    alarm = closed_alarm(world)
    page = world.window(b.TELEPHONE, "nl")
    page.route("**/leaflet.js", lambda route: route.abort())
    b.sign_in(page, world.stack, OFFICER, f"/register/{alarm}")
    expect(page.locator("#way")).to_be_hidden()
    said = page.locator("#moment-said")
    before = said.inner_text()
    page.locator("#moment").focus()
    page.keyboard.press("ArrowLeft")
    expect(said).not_to_have_text(before)


@in_every_language_and_size()
def test_the_register_and_one_alarm_of_it(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        alarm = closed_alarm(world)
        b.sign_in(page, world.stack, MAGISTRATE, "/register/")
        expect(page.locator("#alarms tbody tr").first).to_be_visible()
        inspector.look("register")
        inspector.walk("register")
        page.fill("#text", "x" * 80)
        page.click("#filter button.primary")
        expect(page.locator("#alarms")).to_have_count(0)
        inspector.look("nothing fits")
        page.fill("#since", "2026-02-02")
        page.fill("#until", "2026-02-01")
        page.click("#filter button.primary")
        expect(page.locator("#until-error")).to_be_visible()
        inspector.look("register refused")
        page.goto(f"{world.stack.host(MAGISTRATE)}/register/{alarm}")
        expect(page.locator("#way .leaflet-overlay-pane path").first).to_be_attached()
        inspector.look("an alarm of the register")
        inspector.walk("an alarm of the register")
        inspector.look_in_the_other_languages()


@pytest.mark.full(
    "tests/casework/test_findings.py",
    "tests/casework/test_attachments.py",
    "tests/journeys/test_files.py::test_the_pages_of_an_officer",
)
@in_every_language_and_size()
def test_what_an_alarm_found_becomes_a_fact_and_a_paper_is_attached(
    world: World, language: str, sizes: Sizes
) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        alarm = closed_alarm(world)
        b.sign_in(page, world.stack, OFFICER, f"/files/{world.person(MONS)['case']}/")
        page.click(f"#findings a[href*='{alarm}']")
        expect(page.locator("#id_text")).to_have_value(re.compile("Parti à pied vers la gare."))
        inspector.look("what an alarm found")
        inspector.walk("what an alarm found")
        page.fill("#id_source", "")
        page.click("#save")
        expect(page.locator("#id_source_error")).to_be_visible()
        inspector.look("a finding without a source")
        page.click("#leave")
        expect(page.locator(f"#findings a[href*='{alarm}']")).to_have_count(0)
        page.click("#attach")
        inspector.look("attach a paper")
        inspector.walk("attach a paper")
        page.click("#save")
        expect(page.locator("#id_paper_error")).to_be_visible()
        inspector.look("a paper refused")


@pytest.mark.full(
    "tests/rollout/test_patrols.py::test_an_officer_keeps_the_patrols_of_their_own_zone_and_says_who_is_on_duty",
    "tests/rollout/test_patrols.py::test_what_cannot_be_kept_is_said_at_its_field_and_what_was_typed_stays",
)
@in_every_language_and_size()
def test_a_zone_keeps_its_patrols(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OFFICER, "/rollout/patrols/")
        expect(page.locator(".numbers li")).not_to_have_count(0)
        inspector.look("patrols")
        inspector.walk("patrols")
        page.fill("#call_sign", "Mons 12 (démo)")
        page.click("aside button.primary")
        expect(page.locator("#call_sign-error")).to_be_visible()
        inspector.look("a patrol refused")
        inspector.look_in_the_other_languages()


def test_a_patrol_on_duty_is_picked_at_the_desk_by_keys_alone(world: World) -> None:
    desk: Desk = world.desk()
    alarm = world.phone(MONS).press()
    desk.acknowledge(alarm)
    world.write_down(alarm, ZoneConfirmed("hainaut-12", "5324", "Insp. 21"))
    expect(desk("#act-team")).to_be_visible()
    desk.press_armed("t")
    expect(desk("#team-dialog")).to_be_visible()
    expect(desk("#team-dialog [data-call-sign]")).to_have_text(["Mons 12 (démo)", "Mons 14 (démo)"])
    desk("#team-call-sign").focus()
    desk.page.keyboard.press("Shift+Tab")
    desk.page.keyboard.press("Enter")
    expect(desk("#team-call-sign")).to_have_value("Mons 14 (démo)")
    expect(desk("#team-save")).to_be_focused()
    desk.page.keyboard.press("Enter")
    expect(desk("#team-dialog")).to_be_hidden()
    world.until(lambda: world.state(alarm).team.named, "the team is named")
    named = world.state(alarm).team.named
    assert named and (named.call_sign, named.telephone) == ("Mons 14 (démo)", "+32 000 40 014 0")


@pytest.mark.full(
    "tests/boards/shifts/test_shifts.py::test_what_stands_is_handed_over_by_one_and_taken_over_by_another_each_an_event",
)
@in_every_language_and_size()
def test_a_shift_is_handed_over(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        closed_alarm(world)
        b.sign_in(page, world.stack, "hainaut-12", "/shift/")
        inspector.look("change of shift")
        inspector.walk("change of shift")
        page.fill("#note", "Le deuxième téléphone est en panne (démo).")
        page.click("#hand-over button")
        expect(page.locator("#waits")).to_be_visible()
        inspector.look("handed over")
        other = world.window(sizes[0], language)
        b.sign_in(other, world.stack, "hainaut-chef", "/shift/")
        other.click("#sign-shift")
        expect(other.locator("#waits")).to_have_count(0)
        expect(other.locator("#log ~ ol li").first).to_contain_text("Le deuxième téléphone")


def test_a_duty_magistrate_is_found_and_rung_from_the_desk(world: World) -> None:
    page = world.window(b.DESKTOP, "fr")
    b.sign_in(page, world.stack, "hainaut-12", "/rollout/duties/")
    row = page.locator("#on-duty tr", has_text="Substitut de garde (démo)")
    expect(row.locator("a.dial")).to_have_attribute("href", "tel:+32000500010")
