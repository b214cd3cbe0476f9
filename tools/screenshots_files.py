"""The pictures of files: their forms, the decision, what a support worker sees, sound; for `tools.screenshots`."""

from playwright.sync_api import Page, expect

from egide.alarm.events import AlarmClosed
from egide.protocol import cbor
from egide.protocol.envelope import Kind
from tools.screenshots_studio import Shot, Studio

OFFICER, MAGISTRATE, DUTCH_OFFICER, DUTCH_MAGISTRATE = (
    "mons-quevy-ref",
    "parquet-mons-01",
    "gent-ref",
    "parket-ovl-01",
)
HELPER = "support-01"
MONS = 0
WAITING, DUTCH_WAITING = "Dominique Fictif", "Lotte Verzonnen"


def shoot_files(studio: Studio) -> None:
    """A zone's files, one of them, and its forms."""
    with studio.window() as page:
        studio.enter(page, OFFICER, "/files/", "fr")
        studio.shoot(page, "files", "A zone's files (French)", whole=True)
        studio.sheet(page, "files")
        url = _open(page, WAITING)
        studio.shoot(page, "file", "One file: the next step first, then what it holds (French)", whole=True)
        studio.sheet(page, "file")
        page.goto(f"{url}measure/add")
        page.fill("#id_areas_0_place", "ici")
        page.click("#save")
        expect(page.locator("#id_areas_error")).to_be_visible()
        studio.shoot(page, "measure-refused", "What is wrong stands beside its field (French)", whole=True)
        page.goto(f"{studio.stack.host(OFFICER)}/files/new")
        studio.shoot(page, "file-new", "A new file: what is known begins with its value (French)", whole=True)
        studio.sheet(page, "file-new")
        page.goto(f"{url}perpetrator/add?then=next")
        caption = "One page a subject: a perpetrator with weapon and measure (French)"
        studio.shoot(page, "perpetrator-new", caption, whole=True)
        studio.sheet(page, "perpetrator-new")
        page.goto(f"{url}step/analysis")
        studio.shoot(page, "analysis", "The risk analysis: questions that never decide (French)", whole=True)
        studio.sheet(page, "analysis")
        page.goto(f"{url}history")
        studio.shoot(page, "file-history", "What became of the file, and who read it (French)", whole=True)
        studio.sheet(page, "file-history")
        page.goto(f"{url}barred")
        studio.shoot(page, "barred", "Who must never see this file (French)", whole=True)
        studio.sheet(page, "barred")
        page.goto(f"{studio.stack.host(OFFICER)}/files/by-reason")
        studio.shoot(page, "by-reason", "A file of another zone opens only for a reason (French)", whole=True)
        studio.sheet(page, "by-reason")
    with studio.window() as page:
        studio.enter(page, DUTCH_OFFICER, "/files/", "de")
        _open(page, DUTCH_WAITING)
        studio.shoot(page, "file-german", "One file (German)", whole=True)


def shoot_decision(studio: Studio) -> None:
    """All on one page for the person who decides."""
    for name, who, file, language, title in (
        ("decision", MAGISTRATE, WAITING, "fr", "French"),
        ("decision-dutch", DUTCH_MAGISTRATE, DUTCH_WAITING, "nl", "Dutch"),
        ("decision-english", DUTCH_MAGISTRATE, DUTCH_WAITING, "en", "English"),
    ):
        with studio.window() as page:
            studio.enter(page, who, "/files/", language)
            _open(page, file)
            page.click("#to-decision")
            expect(page.locator("#decide")).to_be_visible()
            studio.shoot(page, name, f"The decision: reasons first, equal buttons ({title})", whole=True)
            if name == "decision":
                studio.sheet(page, name)
            if file == WAITING:
                page.click("#to-form")
                page.click("button[value=granted]")
                expect(page.locator("#form-error")).to_be_focused()
                studio.shoot(page, "decision-refused", f"A decision with an error, told at once ({title})")


def _open(page: Page, name: str) -> str:
    page.locator("#files a", has_text=name).click()
    expect(page.locator("#step")).to_be_visible()
    return page.url


def shoot_sharing(studio: Studio) -> None:
    """What she lets a support worker see, on both sides."""
    case = studio.stack.demo["kits"][MONS]["case"]
    with studio.window() as page:
        studio.enter(page, OFFICER, f"/files/{case}/shared", "fr")
        studio.shoot(page, "shared-nobody", "Nobody sees anything before she agrees (French)", whole=True)
        page.fill("#reader", HELPER)
        for box in page.locator("[type=checkbox]").all():
            box.check()
        page.click("#save")
        expect(page.locator("#shares li")).to_have_count(1)
        studio.shoot(
            page, "shared", "What she lets a support worker see, and taking it back (French)", whole=True
        )
        studio.sheet(page, "shared")
        with studio.window() as reading:
            studio.enter(reading, HELPER, "/allowed/", "nl")
            studio.shoot(reading, "allowed", "Whose files a support worker may read (Dutch)", whole=True)
            studio.sheet(reading, "allowed")
            reading.locator("#files a").click()
            expect(reading.locator("#contact")).to_be_visible()
            studio.shoot(reading, "allowed-file", "The parts of a file that she allows (Dutch)", whole=True)
            studio.sheet(reading, "allowed-file")
        page.locator("#shares button").click()
        expect(page.locator("#shares li")).to_have_count(0)


def shoot_addresses(studio: Studio) -> None:
    """What may be meant by an address that is typed badly."""
    case = studio.stack.demo["kits"][0]["case"]
    with studio.window() as page:
        studio.enter(page, OFFICER, f"/files/{case}/place/add", "fr")
        page.locator("#id_address").press_sequentially("r exmple mons")
        expect(page.locator("#id_address-suggested [role=option]").first).to_be_visible()
        studio.shoot(page, "place-suggested", "A place is added by its address, typed badly (French)")
        page.keyboard.press("Escape")
        studio.sheet(page, "place-suggested")


def shoot_file_map(studio: Studio) -> None:
    """Where things lie in one file."""
    with studio.window() as page:
        studio.enter(page, OFFICER, f"/files/{studio.stack.demo['kits'][MONS]['case']}/", "fr")
        ground = page.locator("#ground")

        def is_drawn() -> None:
            expect(page.locator("#ground-map .leaflet-overlay-pane path").first).to_be_attached()

        is_drawn()
        caption = "Places and bans of a file on the authority's own streets (French)"
        studio.shoot(page, "file-map", caption, at=ground)
        studio.sheet(page, "file-map", is_drawn, at=ground)


def shoot_death(studio: Studio) -> None:
    """A death outside of an alarm: of a relative, entered and taken back, so that the file stands where it stood."""
    with studio.window() as page:
        studio.enter(page, OFFICER, "/files/", "fr")
        url = _open(page, WAITING)
        page.click("#step-death")
        expect(page.locator("#save")).to_be_visible()
        studio.shoot(
            page, "death", "Somebody of a file died: who, when, by violence or not (French)", whole=True
        )
        studio.sheet(page, "death")
        page.check("input[name=who][value=relative]")
        # Nobody of a file died before the file began, and the demo's begin today.
        page.fill("#id_on", page.evaluate("() => new Date().toLocaleDateString('sv')"))
        page.check("input[name=violence][value=unknown]")
        page.fill("#id_source", "Médecin (démo)")
        page.click("#save")
        page.locator("#deaths a").click()
        expect(page.locator("#take-back")).to_be_visible()
        studio.shoot(
            page, "death-known", "What is known of a death is put right or taken back (French)", whole=True
        )
        studio.sheet(page, "death-known")
        page.fill("#id_reasons", "Autre dossier (démo)")
        page.click("#take-back")
        page.wait_for_url(f"{url}#deaths")


def shoot_kept_sound(studio: Studio) -> None:
    """Sound that nobody listened to, and the prosecutor who keeps it."""
    phone = studio.phone(MONS)
    alarm = phone.press()
    sound = phone.envelope(Kind.AUDIO, press=phone.counter, body=cbor.encode([0, b"opus"]))
    status, answer = phone.post("/v1/messages", sound)
    if status != 201:
        raise ValueError(f"intake answered {status}: {answer}")
    studio.write_down(alarm, AlarmClosed("hainaut-12", "handling-error", "Démo"))
    with studio.window() as page:
        studio.enter(page, MAGISTRATE, f"/files/{studio.stack.demo['kits'][MONS]['case']}/", "fr")
        here = page.locator(f"#sound-{alarm}")
        expect(here).to_be_visible()
        caption = "Sound that nobody listened to, and until when it stays (French)"
        studio.shoot(page, "sound-waits", caption, at=here)
        page.locator(f"#keep-{alarm}").click()
        expect(page.locator("#keep-sound")).to_be_visible()
        studio.shoot(page, "keep-sound", "A prosecutor keeps sound (French)", whole=True)
        studio.sheet(page, "keep-sound")
        page.fill("#reason", "Procès")
        page.click("#keep-sound")
        expect(page.locator("#reason-error")).to_be_visible()
        studio.shoot(
            page, "keep-sound-refused", "Sound is kept for a reason, or not at all (French)", whole=True
        )
        page.fill("#reason", "Procès en mars, la défense la demande.")
        page.click("#keep-sound")
        expect(here).to_contain_text("Procès en mars")
        studio.shoot(page, "sound-kept", "Sound that is kept: by whom, since when, why (French)", at=here)


SHOTS: tuple[Shot, ...] = (
    shoot_files,
    shoot_decision,
    shoot_sharing,
    shoot_addresses,
    shoot_file_map,
    shoot_death,
    shoot_kept_sound,
)
