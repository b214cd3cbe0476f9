"""The pictures of the register of alarms, what it leads to in a file, patrols and the change of a shift."""

import io

from PIL import Image
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
        page.fill("#id_title", "Constat de coups (démo)")
        page.fill("#id_source", "Médecin de garde (démo)")
        page.fill("#id_on", "2026-02-03")
        page.set_input_files("#id_paper", {"name": "a.png", "mimeType": "image/png", "buffer": _picture()})
        page.click("#save")
        page.locator("#papers a[href$='/team']").first.click()
        expect(page.locator("#save")).to_be_visible()
        studio.shoot(page, "for-team", "A paper is marked for the team that is sent (French)", whole=True)
        studio.sheet(page, "for-team")


def _picture() -> bytes:
    written = io.BytesIO()
    Image.linear_gradient("L").save(written, "PNG")
    return written.getvalue()


def shoot_patrols(studio: Studio) -> None:
    """Who is on duty."""
    with studio.window() as page:
        studio.enter(page, OFFICER, "/rollout/patrols/", "fr")
        studio.shoot(page, "patrols", "A zone's patrols, and who is on duty (French)", whole=True)
        studio.sheet(page, "patrols")
        page.goto(f"{studio.stack.host(OFFICER)}/rollout/duties/")
        studio.shoot(page, "duties", "Who is on duty now, and the number to ring (French)", whole=True)
        studio.sheet(page, "duties")
        page.locator("a[href*='/duties/exchange/']").first.click()
        page.select_option("#with", index=1)
        page.click("form[method=get] button")
        expect(page.locator("#exchange-now")).to_be_visible()
        studio.shoot(
            page, "duty-exchange", "Two people exchange a duty: before and after (French)", whole=True
        )
        studio.sheet(page, "duty-exchange")


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
