"""The pictures of signing in and of the desk, for `tools.screenshots`."""

from playwright.sync_api import Page, expect

from egide.alarm.events import (
    AlarmAcknowledged,
    HelpNeeded,
    NoteAdded,
    ShownOnBoard,
    TeamNamed,
    TeamOnSite,
    TeamReported,
    TeamUnderWay,
    ZoneConfirmed,
)
from egide.protocol.envelope import Trigger
from tests.support import browser as b
from tests.support.phones import place
from tools.screenshots_camera import BOARD, DIALOG
from tools.screenshots_desk_dialogs import (
    arrive,
    back_at,
    by_key,
    choose,
    shoot_dialogs,
    shoot_first_dialogs,
    shoot_trouble,
)
from tools.screenshots_studio import Shot, Studio

MONS, GENT, LIEGE, EUPEN = range(4)
CHARLEROI = place(50.4112, 4.4449, 35)
NEAR_FRANCE = place(50.5552, 3.2920, 250)
LIEGE_STATION = place(50.6246, 5.5667, 30)
MAUBEUGE = place(50.2775, 3.9730, 25)


def shoot_gate(studio: Studio) -> None:
    """What everybody sees before, or instead of, the desk."""
    host = studio.stack.host("hainaut-12")
    with studio.window() as page:
        page.set_extra_http_headers({"Accept-Language": "fr"})
        page.goto(host + "/sign-in")
        expect(page.locator("#sign-in-submit")).to_be_visible()
        studio.shoot(page, "sign-in", "Signing in (French)")
        studio.sheet(page, "sign-in")
        page.fill("#name", "hainaut-12")
        page.fill("#password", "?")
        page.click("#sign-in-submit")
        expect(page.locator("[role=alert]").first).to_be_visible()
        studio.shoot(page, "sign-in-refused", "Name and password do not match")
        page.goto(host + "/nowhere")
        studio.shoot(page, "not-found", "What does not exist, and what is not for this reader: the same page")
    with studio.window() as page:
        studio.enter(page, "mons-quevy-21", "/zone/")
        expect(page.locator("#waking")).to_be_visible()
        studio.shoot(page, "zone", "A police zone's page, on a quiet night")
        studio.sheet(page, "zone", lambda: b.unblock_sound(page))
        page.goto(studio.stack.host("mons-quevy-21") + "/account")
        studio.shoot(page, "account", "Who is not at a desk: a zone officer's account")
        studio.sheet(page, "account")


def shoot_sound(studio: Studio) -> None:
    """The two pages that cover the desk until the bell is known to be heard."""
    with studio.window() as page:
        studio.enter(page, "hainaut-12")
        hear_sound_test(page)
        studio.shoot(page, "shift-start", "Before a shift: is the bell heard? Alarms wait behind it")
        studio.sheet(page, "shift-start", lambda: hear_sound_test(page), BOARD)
        tab = page.context.new_page()
        tab.add_init_script("sessionStorage.setItem('egide-sound-heard', 'yes')")
        tab.goto(page.url)
        expect(tab.locator("#sound-blocked")).to_be_visible()
        studio.shoot(tab, "sound-blocked", "The browser blocks the sound: nothing else can be seen")
        studio.sheet(
            tab, "sound-blocked", lambda: expect(tab.locator("#sound-blocked")).to_be_visible(), BOARD
        )


def hear_sound_test(page: Page) -> None:
    """The bell rings once, and the page asks whether it was heard."""
    page.click("#sound-test")
    expect(page.locator("#sound-heard")).to_be_focused()


def shoot_desk(studio: Studio) -> None:
    """Three alarms in Hainaut in different states, and everything that can be done to one."""
    near_border, taken, home = studio.phone(GENT), studio.phone(LIEGE), studio.phone(MONS)
    near_border.position, taken.position = NEAR_FRANCE, CHARLEROI
    old = taken.press()
    taken.press()
    seen = ShownOnBoard(user="hainaut-07", centre="HAI")
    note = NoteAdded("hainaut-07", "Patrouille Charleroi 4 en route, arrive par le boulevard.")
    with studio.desk("hainaut-12") as page:
        expect(page.locator(f"#row-{old}")).to_be_visible()
        studio.write_down(old, seen, AlarmAcknowledged("hainaut-07"), note)
        border = near_border.press()
        new = home.press()
        choose(page, new)
        studio.shoot(
            page, "desk", "The desk: a new alarm from inside a place ban, with the briefing", whole=True
        )
        studio.sheet(page, "desk", back_at(page, new), BOARD)
        choose(page, border)
        studio.shoot(
            page,
            "desk-border",
            "Close to the border, and which zones the circle touches",
            whole=True,
        )
        choose(page, old)
        studio.shoot(page, "desk-taken", "Taken by a colleague, pressed again, with a note", whole=True)
        studio.sheet(page, "desk-taken", back_at(page, old), BOARD)
        choose(page, new)
        page.keyboard.press("Space")
        expect(page.locator("#taken-by")).to_be_visible()
        shoot_first_dialogs(studio, page)
        arrive(studio, page, new)
        shoot_dialogs(studio, page, new)
        shoot_trouble(studio, page, new)
        shoot_technical(studio, page)
        live = studio.stack.children["live"]
        # A window that is told to be offline may keep a stream that it has.
        live.kill()
        page.context.set_offline(True)
        expect(page.locator("#lost")).to_be_visible()
        studio.shoot(page, "connection-lost", "The line is lost: said at once, with what to do instead")
        live.start()
        live.ready()
        page.context.set_offline(False)
        expect(page.locator("#caught-up")).to_be_visible()
        studio.shoot(page, "caught-up", "The line is back, and what was missed is there")
    studio.clear()


def shoot_technical(studio: Studio, page: Page) -> None:
    """A press that does not verify, and an alarm from abroad."""
    clone = studio.phone(MONS)
    press = bytearray(clone.envelope())
    press[-1] ^= 1
    clone.post("/v1/messages", bytes(press))
    expect(page.locator("#technical")).to_be_visible()
    away = studio.phone(EUPEN)
    away.position = MAUBEUGE
    alarm = away.press()
    choose(page, alarm)
    studio.shoot(page, "abroad", "An alarm from abroad; the technical lane below the alarms", whole=True)
    studio.sheet(page, "abroad", back_at(page, alarm), BOARD)


def shoot_duress(studio: Studio) -> None:
    """Somebody forces her to end the alarm: the phone is quiet, the desk is not."""
    phone, other = studio.phone(MONS), studio.phone(GENT)
    other.position = NEAR_FRANCE
    alarm = phone.press()
    other.press()
    with studio.desk("hainaut-12") as page:
        choose(page, alarm)
        page.keyboard.press("Space")
        expect(page.locator("#taken-by")).to_be_visible()
        phone.press(trigger=Trigger.DURESS)
        expect(page.locator("#call-back .not-now")).to_be_attached()
        studio.shoot(
            page, "desk-duress", "Under duress: first in the list, and nobody is rung back", whole=True
        )
        studio.sheet(page, "desk-duress", back_at(page, alarm), BOARD)
    studio.clear()


def shoot_team(studio: Studio) -> None:
    """A team in danger, a handover to another centre as both see it, and closing with the team's report."""
    phone = studio.phone(MONS)
    alarm = phone.press()
    sent = (
        ZoneConfirmed(user="mons-quevy-21", zone="5324", reference="Insp. 21"),
        TeamNamed(user="mons-quevy-21", zone="5324", call_sign="Mons 12", telephone="0470 00 00 12"),
        TeamUnderWay(by="mons-quevy-21"),
    )
    with studio.desk("hainaut-12") as page:
        choose(page, alarm)
        page.keyboard.press("Space")
        expect(page.locator("#taken-by")).to_be_visible()
        studio.write_down(alarm, *sent)
        at = phone.position
        beside = at and place(at.lat_e7 / 1e7 + 0.002, at.lon_e7 / 1e7 + 0.003, 25)
        studio.write_down(alarm, HelpNeeded(by="Mons 12", position=beside))
        choose_again(page, "#act-help-seen")
        studio.shoot(page, "team-in-danger", "A team needs help: red, first, with its position", whole=True)
        studio.sheet(page, "team-in-danger", back_at(page, alarm), BOARD)
        page.keyboard.press("s")
        page.keyboard.press("Enter")
        expect(page.locator("#help-seen-by")).to_be_visible()
        phone.move(LIEGE_STATION)
        choose_again(page, "#act-keep-centre")
        studio.shoot(page, "handover", "The position moved on: who leads, and who is asked", whole=True)
        studio.sheet(page, "handover", back_at(page, alarm), BOARD)
        with studio.desk("liege-05") as other:
            choose_again(other, "#act-take-over")
            studio.shoot(other, "take-over", "The same alarm at the centre that is asked", whole=True)
        by_key(page, "e", "#ladder-steps")
        studio.shoot(page, "ladder", "What happens when, if nobody acts")
        studio.sheet(page, "ladder", back_at(page, alarm, "e", "#ladder-steps"), DIALOG)
        page.keyboard.press("Escape")
        report = "Interpellé devant la porte ; elle est chez sa sœur."
        studio.write_down(alarm, TeamOnSite(by="Mons 12"), TeamReported("Mons 12", "arrest", report))
        choose_again(page, "#act-close.main")
        page.keyboard.press("c")
        expect(page.locator("#close-reason")).to_be_visible()
        studio.shoot(page, "closing-report", "The team's report is offered for the closing")
        studio.sheet(page, "closing-report", back_at(page, alarm, "c", "#close-reason"), DIALOG)
    studio.clear()


def choose_again(page: Page, action: str) -> None:
    """Wait until this action can be used."""
    expect(page.locator(action)).to_be_visible()
    expect(page.locator("#alarm [aria-disabled=true]:visible")).to_have_count(0)


WAY = (
    ZoneConfirmed(user="hainaut-07", zone="5330", reference="Insp. 40"),
    TeamNamed(user="hainaut-07", zone="5330", call_sign="Charleroi 4"),
    TeamUnderWay(by="Charleroi 4"),
)


def shoot_supervisor(studio: Studio) -> None:
    """What a supervisor has beside the board."""
    elsewhere, forced = studio.phone(LIEGE), studio.phone(GENT)
    elsewhere.position, forced.position = CHARLEROI, NEAR_FRANCE
    under_way = elsewhere.press()
    forced.press(trigger=Trigger.DURESS)
    studio.phone(MONS).press()
    studio.write_down(under_way, AlarmAcknowledged("hainaut-07"), *WAY)
    with studio.desk("hainaut-12") as operator, studio.window() as page:
        choose_again(operator, "#act-acknowledge")
        operator.keyboard.press("Space")
        expect(operator.locator("#taken-by")).to_be_visible()
        studio.enter(page, "hainaut-chef", "/desk/overview")
        expect(page.locator("#live-state")).to_have_attribute("data-state", "live")
        studio.shoot(page, "overview", "A supervisor's overview of alarms and operators", whole=True)
        studio.sheet(page, "overview", lambda: b.expect_live(page), BOARD)
        page.goto(studio.stack.host("hainaut-chef") + "/desk/wall")
        b.expect_live(page)
        studio.shoot(page, "wall", "The wall of the room: what is next, and nobody's name", whole=True)
        studio.sheet(page, "wall", lambda: b.expect_live(page), BOARD)
        page.goto(studio.stack.host("hainaut-chef") + "/desk/ladder")
        studio.shoot(page, "deadlines", "The deadlines of a centre", whole=True)
        studio.sheet(page, "deadlines")
    studio.clear()


def shoot_empty(studio: Studio) -> None:
    """The usual state."""
    with studio.desk("liege-05") as page:
        studio.shoot(page, "desk-empty", "A quiet night")
        studio.sheet(page, "desk-empty", lambda: b.unblock_sound(page), BOARD)


SHOTS: tuple[Shot, ...] = (
    shoot_gate,
    shoot_empty,
    shoot_sound,
    shoot_desk,
    shoot_duress,
    shoot_team,
    shoot_supervisor,
)
