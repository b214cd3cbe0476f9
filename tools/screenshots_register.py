"""The pictures of the register of alarms, what it leads to in a file, patrols and the change of a shift."""

from playwright.sync_api import expect

from egide.alarm.events import AlarmClosed, TeamNamed, TeamReported, ZoneConfirmed
from tests.support.phones import place
from tools.screenshots_files import MAGISTRATE, MONS, OFFICER
from tools.screenshots_studio import Shot, Studio

# Of a degree: some forty metres.
_STEP = 0.0004


def shoot_register(studio: Studio) -> None:
    """The list, and one alarm with its way."""
    phone = studio.phone(MONS)
    alarm = phone.press()
    home = studio.stack.demo["kits"][MONS]
    for step in range(1, 6):
        phone.move(place(home["lat"] + step * _STEP, home["lon"] + step * _STEP, accuracy_m=15))
    studio.write_down(
        alarm,
        ZoneConfirmed("hainaut-12", "5324", "Insp. 21"),
        TeamNamed("hainaut-12", "5324", "Mons 12 (démo)"),
        TeamReported("team:Mons 12 (démo)", "perpetrator-gone", "Parti à pied vers la gare."),
        AlarmClosed("hainaut-12", "perpetrator-gone", "Démo"),
    )
    with studio.window() as page:
        studio.enter(page, MAGISTRATE, "/register/", "fr")
        expect(page.locator("#alarms tbody tr").first).to_be_visible()
        studio.shoot(
            page, "register", "Every alarm of an office, and by what it is found (French)", whole=True
        )
        studio.sheet(page, "register")
        page.click(f"#alarms a[href$='{alarm}']")
        expect(page.locator("#way .leaflet-overlay-pane path").first).to_be_attached()
        page.locator("#moment").focus()
        page.keyboard.press("ArrowLeft")
        expect(page.locator("#moment-said")).to_contain_text("±")
        studio.shoot(page, "register-alarm", "What happened in an alarm, and its way (French)", whole=True)
        studio.sheet(page, "register-alarm")
    with studio.window() as page:
        studio.enter(page, OFFICER, f"/files/{studio.stack.demo['kits'][MONS]['case']}/", "fr")
        page.click(f"#findings a[href*='{alarm}']")
        expect(page.locator("#leave")).to_be_visible()
        studio.shoot(page, "finding", "What an alarm found, to be confirmed or left out (French)", whole=True)
        studio.sheet(page, "finding")
        page.click("#leave")
        page.click("#attach")
        expect(page.locator("#id_paper")).to_be_visible()
        studio.shoot(page, "attach", "A paper from elsewhere is attached to a file (French)", whole=True)
        studio.sheet(page, "attach")


def shoot_patrols(studio: Studio) -> None:
    """Who is on duty."""
    with studio.window() as page:
        studio.enter(page, OFFICER, "/rollout/patrols/", "fr")
        studio.shoot(page, "patrols", "A zone's patrols, and who is on duty (French)", whole=True)
        studio.sheet(page, "patrols")
        page.goto(f"{studio.stack.host(OFFICER)}/rollout/duties/")
        studio.shoot(page, "duties", "Who is on duty now, and the number to ring (French)", whole=True)
        studio.sheet(page, "duties")


def shoot_shift(studio: Studio) -> None:
    """What one operator hands over to the next."""
    with studio.window() as page:
        studio.enter(page, "hainaut-12", "/shift/", "fr")
        page.fill("#note", "Le deuxième téléphone est en panne (démo).")
        page.click("#hand-over button")
        expect(page.locator("#waits")).to_be_visible()
    with studio.window() as page:
        studio.enter(page, "hainaut-chef", "/shift/", "fr")
        expect(page.locator("#sign-shift")).to_be_visible()
        studio.shoot(page, "shift", "A shift is handed over, and signed by both (French)", whole=True)
        studio.sheet(page, "shift")


SHOTS: tuple[Shot, ...] = (shoot_register, shoot_patrols, shoot_shift)
