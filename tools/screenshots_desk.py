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
from tests.support.phones import place
from tools.screenshots_studio import Shot, Studio

MONS, GENT, LIEGE, EUPEN = range(4)
CHARLEROI = place(50.4112, 4.4449, 35)
NEAR_FRANCE = place(50.5552, 3.2920, 250)
LIEGE_STATION = place(50.6246, 5.5667, 30)
MAUBEUGE = place(50.2775, 3.9730, 25)


def choose(page: Page, alarm: str) -> None:
    """Show one alarm with its file."""
    page.click(f"#row-{alarm} button")
    expect(page.locator(f"#briefing[data-alarm='{alarm}']")).to_be_visible()
    expect(page.locator("#map path").first).to_be_attached()
    page.mouse.move(0, 0)
    page.wait_for_function("() => !document.querySelector('#actions [aria-disabled=true]')")


def shoot_gate(studio: Studio) -> None:
    """What everybody sees before, or instead of, the desk."""
    host = studio.stack.host("hainaut-12")
    with studio.window() as page:
        page.set_extra_http_headers({"Accept-Language": "fr"})
        page.goto(host + "/sign-in")
        expect(page.locator("#sign-in-submit")).to_be_visible()
        studio.shoot(page, "sign-in", "Signing in (French)")
        page.fill("#name", "hainaut-12")
        page.fill("#password", "?")
        page.click("#sign-in-submit")
        expect(page.locator("[role=alert]").first).to_be_visible()
        studio.shoot(page, "sign-in-refused", "Name and password do not fit")
        page.goto(host + "/nowhere")
        studio.shoot(page, "not-found", "What does not exist, and what is not for this reader: the same page")
    with studio.window() as page:
        studio.enter(page, "mons-quevy-21", "/zone/")
        expect(page.locator("#waking")).to_be_visible()
        studio.shoot(page, "zone", "A police zone's page, on a quiet night")
        page.goto(studio.stack.host("mons-quevy-21") + "/account")
        studio.shoot(page, "account", "Who is not at a desk: a zone officer's account")


def shoot_sound(studio: Studio) -> None:
    """The two pages that cover the desk until the bell is known to be heard."""
    with studio.window() as page:
        studio.enter(page, "hainaut-12")
        page.click("#sound-test")
        expect(page.locator("#sound-heard")).to_be_focused()
        studio.shoot(page, "shift-start", "Before a shift: is the bell heard? Alarms wait behind it")
        tab = page.context.new_page()
        tab.add_init_script("sessionStorage.setItem('egide-sound-heard', 'yes')")
        tab.goto(page.url)
        expect(tab.locator("#sound-blocked")).to_be_visible()
        studio.shoot(tab, "sound-blocked", "The browser blocks the sound: nothing else can be seen")


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
        choose(page, border)
        studio.shoot(
            page,
            "desk-border",
            "Close to the border, and which zones the circle touches",
            whole=True,
        )
        choose(page, old)
        studio.shoot(page, "desk-taken", "Taken by a colleague, pressed again, with a note", whole=True)
        choose(page, new)
        page.keyboard.press("Space")
        expect(page.locator("#taken-by")).to_be_visible()
        shoot_dialogs(studio, page)
        shoot_technical(studio, page)
        page.context.set_offline(True)
        expect(page.locator("#lost")).to_be_visible()
        studio.shoot(page, "connection-lost", "The line is lost: said at once, with what to do instead")
        page.context.set_offline(False)
        expect(page.locator("#caught-up")).to_be_visible()
        studio.shoot(page, "caught-up", "The line is back, and what was missed is there")
    studio.clear()


def shoot_dialogs(studio: Studio, page: Page) -> None:
    """Note, closing, keys."""
    page.click("#act-note")
    expect(page.locator("#note-text")).to_be_focused()
    page.fill("#note-text", "Voisine au téléphone : cris, puis silence.")
    studio.shoot(page, "note", "Writing a note")
    page.keyboard.press("Escape")
    page.click("#act-close")
    page.check("input[value='perpetrator-gone']")
    page.fill("#close-reason", "Parti avant l’arrivée ; la patrouille 3 l’a vue seule.")
    caption = "Closing asks for an outcome and a reason"
    studio.shoot(page, "closing", caption, at=page.locator("#close-save"))
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help-dialog")).to_be_visible()
    studio.shoot(page, "keys", "Everything has a key")
    page.keyboard.press("Escape")


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


def shoot_languages(studio: Studio) -> None:
    """The same desk in Dutch and in German."""
    for person, name, word in (
        (GENT, "oost-vlaanderen-03", "dutch"),
        (EUPEN, "luettich-09", "german"),
    ):
        with studio.desk(name) as page:
            choose(page, studio.phone(person).press())
            studio.shoot(page, f"desk-{word}", f"The desk in {word.title()}", whole=True)
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
        page.keyboard.press("s")
        page.keyboard.press("Enter")
        expect(page.locator("#help-seen-by")).to_be_visible()
        phone.move(LIEGE_STATION)
        choose_again(page, "#act-keep-centre")
        studio.shoot(page, "handover", "The position moved on: who leads, and who is asked", whole=True)
        with studio.desk("liege-05") as other:
            choose_again(other, "#act-take-over")
            studio.shoot(other, "take-over", "The same alarm at the centre that is asked", whole=True)
        page.keyboard.press("e")
        expect(page.locator("#ladder-steps")).to_be_visible()
        studio.shoot(page, "ladder", "What happens when, if nobody acts")
        page.keyboard.press("Escape")
        report = "Interpellé devant la porte ; elle est chez sa sœur."
        studio.write_down(alarm, TeamOnSite(by="Mons 12"), TeamReported("Mons 12", "arrest", report))
        choose_again(page, "#act-close.main")
        page.keyboard.press("c")
        expect(page.locator("#close-reason")).to_be_visible()
        studio.shoot(page, "closing-report", "The team's report is offered for the closing")
    studio.clear()


def choose_again(page: Page, action: str) -> None:
    """Wait until this action can be used."""
    expect(page.locator(action)).to_be_visible()
    expect(page.locator("#alarm [aria-disabled=true]:visible")).to_have_count(0)


def shoot_supervisor(studio: Studio) -> None:
    """What a supervisor has beside the board."""
    studio.phone(MONS).press()
    with studio.desk("hainaut-12") as operator, studio.window() as page:
        choose_again(operator, "#act-acknowledge")
        operator.keyboard.press("Space")
        expect(operator.locator("#taken-by")).to_be_visible()
        studio.enter(page, "hainaut-chef", "/desk/overview")
        expect(page.locator("#live-state")).to_have_attribute("data-state", "live")
        studio.shoot(page, "overview", "A supervisor's overview of alarms and operators", whole=True)
        page.goto(studio.stack.host("hainaut-chef") + "/desk/ladder")
        studio.shoot(page, "deadlines", "The deadlines of a centre", whole=True)
    studio.clear()


def shoot_empty(studio: Studio) -> None:
    """The usual state."""
    with studio.desk("liege-05") as page:
        studio.shoot(page, "desk-empty", "A quiet night")


SHOTS: tuple[Shot, ...] = (
    shoot_gate,
    shoot_empty,
    shoot_sound,
    shoot_desk,
    shoot_languages,
    shoot_team,
    shoot_supervisor,
)
