"""Every page of the phone's app: four languages, 320 pixels, text at twice its size, axe, keyboard, no network."""

import re
import shutil
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import expect

from egide.alarm.events import AlarmAcknowledged, TeamNamed, TeamOnSite, TeamUnderWay, TextAsked
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.journeys.inspecting import IN_EVERY_LANGUAGE, LANGUAGES, LONGEST, TEXTS
from tests.journeys.phone_app import DURESS, PIN, PhoneApp, told
from tests.support import browser as b

LOCALES = Path(__file__).parents[2] / "phone" / "src" / "locales"
TWICE = "document.documentElement.style.fontSize = '200%'"
ONCE = "document.documentElement.style.fontSize = ''"
WIDE = "[document.documentElement.scrollWidth, innerWidth]"
# What the Tab key must reach, by id or text: the page behind the decoy is built anew while one walks.
ACTIONS = """() => [...document.querySelectorAll("a[href], button, input, select")]
  .filter((at) => !at.disabled && at.checkVisibility())
  .map((at) => at.id || at.closest("label")?.innerText || at.innerText)"""
FOCUSED = """() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const name = at.id || at.closest("label")?.innerText || at.innerText;
  return [name, at === document.body || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)];
}"""
# The platform's voice: what it is asked to say is written down.
VOICE = """
  window.spoken = [];
  speechSynthesis.speak = (words) => { window.spoken.push([words.lang, words.text]); };
"""


@cache
def texts_of(language: str) -> dict[str, str]:
    """The app's texts, by key."""
    source = (LOCALES / f"{language}.ts").read_text(encoding="utf-8")
    return dict(re.findall(r'^  "([\w.-]+)": "(.*)",$', source, re.MULTILINE))


def foreign(language: str) -> frozenset[str]:
    """English texts that read differently in `language`: none of them may be seen there."""
    own = texts_of(language)
    differing = {words for key, words in texts_of("en").items() if words != own[key]}
    return frozenset(differing - set(own.values()))


class Inspector:
    """Looks at one page after the other and writes down what is wrong."""

    def __init__(self, phone: PhoneApp, language: str) -> None:
        self.page = phone.page
        self.language = language
        self._is_full = phone.world.is_full
        self._is_whole = self._is_full or language == LONGEST
        self.faults: list[str] = []

    def look(self, name: str) -> None:
        """Check what is on the screen now."""
        assert self.page.locator("html").get_attribute("lang") == self.language
        self._read(name)
        if self._is_whole:
            self.faults += [f"{name}: axe {fault}" for fault in violations(self.page, self._is_full)]
        if self.language == LONGEST:
            self._walk(name)

    def look_in_the_other_languages(self, name: str) -> None:
        """Choose each other language on the page of settings, for its words and its width; and back."""
        chosen = self.language
        for language in (*(other for other in LANGUAGES if other != chosen), chosen):
            self.page.locator("#language").select_option(language)
            expect(self.page.locator("html")).to_have_attribute("lang", language)
            self.language = language
            self._read(f"{name} in {language}")

    def _read(self, name: str) -> None:
        seen = set(self.page.evaluate(TEXTS))
        self.faults += [f"{name}: not translated: {words}" for words in seen & foreign(self.language)]
        self.faults += [
            f"{name}: raw text: {words}" for words in seen if re.search(r"\{\w*\}|undefined|NaN", words)
        ]
        for size in (ONCE, TWICE):
            self.page.evaluate(size)
            wide, room = self.page.evaluate(WIDE)
            if wide > room:
                self.faults.append(f"{name}: {wide} pixels wide, {room} seen ({size})")
        self.page.evaluate(ONCE)

    def _walk(self, name: str) -> None:
        """Reach every action with the Tab key, each with a visible focus."""
        missing = set(self.page.evaluate(ACTIONS))
        for _ in range(len(missing) + 6):
            self.page.keyboard.press("Tab")
            focused, shows = self.page.evaluate(FOCUSED)
            missing.discard(focused)
            if not shows:
                self.faults.append(f"{name}: focus does not show on {focused}")
        self.faults += [f"{name}: Tab does not reach {what}" for what in missing]


def look_at_setting_up(phone: PhoneApp, inspector: Inspector) -> None:
    """From the officer's code to the first test."""
    page = phone.page
    phone.type_code()
    inspector.look("code")
    page.locator("#enrol-next").click()
    expect(page.locator("#pin")).to_be_visible()
    inspector.look("two codes")
    page.locator("#pin").fill(PIN)
    page.locator("#duress-pin").fill(DURESS)
    page.locator("#pin-next").click()
    expect(page.locator(".pictogram[data-shows=place]")).to_be_visible()
    inspector.look("position")
    page.locator("#allow").click()
    expect(page.locator(".pictogram[data-shows=microphone]")).to_be_visible()
    inspector.look("microphone")
    page.locator("#deny").click()
    page.locator("#button-model").select_option("shelly")
    inspector.look("button")
    page.locator("#deny").click()
    page.locator("#send-test").click()
    expect(page.locator("#first-test")).to_have_text(texts_of(inspector.language)["test.received"])
    inspector.look("all is set up")
    page.locator("#done").click()


def look_at_first_pages(phone: PhoneApp, inspector: Inspector) -> None:
    """Each small app that the first page can be, with its pages; the last one stays chosen."""
    page = phone.page
    for decoy in ("timer", "converter", "calendar", "notes"):
        page.locator("#settings").click()
        page.locator("#decoy-choice").select_option(decoy)
        phone.to_decoy()
        expect(page.locator("#decoy .body > *").first).to_be_visible()
        inspector.look(decoy)
        if decoy == "notes":
            page.locator("#note-new").click()
            inspector.look("a note")
        phone.unlock()


def look_at_an_alarm(phone: PhoneApp, inspector: Inspector, world: World) -> None:
    """The page behind the decoy in an alarm, with a question."""
    page = phone.page
    phone.to_decoy()
    inspector.look("decoy")
    alarm = phone.press()
    world.write_down(alarm, AlarmAcknowledged("hainaut-12"), TextAsked("hainaut-12", "weapon"))
    page.locator("#decoy h1").click(click_count=3)
    inspector.look("pad")
    phone.enter(PIN)
    expect(page.locator("#question")).to_be_visible()
    expect(page.locator("#alarm-panel")).to_have_attribute("data-state", "acknowledged")
    inspector.look("alarm")
    world.write_down(alarm, TeamNamed("mons-quevy-21", "5324", "M 12"))
    for step, event in (("under-way", TeamUnderWay("team:M 12")), ("on-site", TeamOnSite("team:M 12"))):
        world.write_down(alarm, event)
        expect(page.locator("#alarm-panel")).to_have_attribute("data-state", step)
        inspector.look(f"alarm, {step}")
    page.locator("#cancel").click()
    phone.enter(PIN)
    expect(page.locator("#cancelled")).to_be_visible()
    inspector.look("she said that she is safe")
    phone.to_decoy()
    phone.context.set_offline(True)
    phone.hold()
    phone.unlock()
    expect(page.locator("#sms-2")).to_be_visible()
    inspector.look("alarm without network")
    phone.context.set_offline(False)


@IN_EVERY_LANGUAGE
def test_every_page_is_right_in_its_language_at_320_pixels_and_twice_the_size(
    world: World, language: str
) -> None:
    phone = PhoneApp(world, viewport=b.NARROW, locale=f"{language}-BE")
    phone.context.add_init_script(told("sms", "+3200000000"))
    phone.context.add_init_script(told("sms-answers", "yes"))
    inspector = Inspector(phone, language)
    look_at_setting_up(phone, inspector)
    phone.honest("screen")
    inspector.look("home")
    phone.page.locator("#settings").click()
    inspector.look("settings")
    inspector.look_in_the_other_languages("settings")
    phone.page.get_by_label(texts_of(language)["settings.sms"]).check()
    phone.page.locator("#settings-back").click()
    phone.arm_test()
    inspector.look("armed test")
    phone.hold()
    expect(phone.page.locator("#test")).to_have_attribute("data-step", "received")
    inspector.look("received test")
    phone.page.locator("#test-stop").click()
    look_at_first_pages(phone, inspector)
    look_at_an_alarm(phone, inspector, world)
    phone.enter(DURESS)
    expect(phone.page.locator("#private-note")).to_be_visible()
    inspector.look("private note")
    assert inspector.faults == []


def test_rule_33_everything_can_be_done_with_the_keyboard_alone(world: World) -> None:
    phone = PhoneApp(world)
    page, keys = phone.page, phone.page.keyboard

    def go(to: str) -> None:
        for _ in range(25):
            if page.evaluate("document.activeElement.id") == to:
                return
            keys.press("Tab")
        raise AssertionError(f"Tab does not reach #{to}")

    def use(name: str) -> None:
        expect(page.locator(f"#{name}")).to_be_visible()
        go(name)
        keys.press("Enter")

    page.goto(phone.address())
    expect(page.locator("#decoy")).to_be_visible()
    keys.press("Enter")
    expect(page.locator("#code")).to_be_focused()
    keys.type(phone.code)
    use("enrol-next")
    for name, code in (("pin", PIN), ("duress-pin", DURESS)):
        expect(page.locator(f"#{name}")).to_be_visible()
        go(name)
        keys.type(code)
    keys.press("Enter")
    use("allow")
    expect(page.locator(".pictogram[data-shows=microphone]")).to_be_visible()
    use("deny")
    expect(page.locator("#button-model")).to_be_visible()
    use("deny")
    use("done")
    use("quit")
    expect(page.locator("#decoy")).to_be_visible()
    keys.down(" ")
    phone.held()
    keys.up(" ")
    alarm = phone.alarm()
    keys.press("Enter")
    expect(page.locator("#pad")).to_be_focused()
    keys.type(PIN)
    keys.press("Enter")
    use("cancel")
    expect(page.locator("#pad")).to_be_focused()
    keys.type(PIN)
    keys.press("Enter")
    expect(page.locator("#cancelled")).to_be_visible()
    assert world.state(alarm).is_open


def test_a_tap_counts_although_the_page_tells_newer_facts_meanwhile(world: World) -> None:
    phone = PhoneApp(world).enrol()
    page = phone.page
    page.locator("#settings").scroll_into_view_if_needed()
    box = page.locator("#settings").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    before = page.locator("#proof-road").inner_text()
    expect(page.locator("#proof-road")).not_to_have_text(before, use_inner_text=True)
    expect(page.locator("#proof-road")).to_contain_text("le serveur a répondu il y a")
    expect(page.locator("#proof-phone")).to_contain_text("vérifié il y a")
    page.mouse.up()
    expect(page.locator("#settings-back")).to_be_visible()


def test_rule_33_pages_are_read_aloud_for_who_chose_it_and_only_when_tapped(world: World) -> None:
    phone = PhoneApp(world)
    phone.context.add_init_script(VOICE)
    phone.enrol()
    page = phone.page
    expect(page.locator("#aloud")).to_have_count(0)
    phone.choose("Un bouton qui lit la page")
    phone.honest("screen")
    assert page.evaluate("window.spoken") == []
    page.locator("#aloud").click()
    [[language, words]] = page.evaluate("window.spoken")
    assert language == "fr-BE"
    assert "Aucun bouton n’est relié" in words
    phone.to_decoy()
    expect(page.locator("#aloud")).to_have_count(0)
    expect(page.locator(".pictogram"), "a picture on the decoy").to_have_count(0)


# A second of film, made by this browser.
FILM = """() => new Promise((resolve) => {
  const canvas = document.createElement("canvas");
  const recorder = new MediaRecorder(canvas.captureStream(10), { mimeType: "video/webm;codecs=vp8" });
  const drawn = canvas.getContext("2d");
  const draw = setInterval(() => {
    drawn.fillStyle = `hsl(${performance.now() % 360} 80% 50%)`;
    drawn.fillRect(0, 0, 300, 150);
  }, 50);
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.onstop = async () => {
    clearInterval(draw);
    resolve([...new Uint8Array(await new Blob(parts).arrayBuffer())]);
  };
  recorder.start();
  setTimeout(() => recorder.stop(), 1000);
})"""
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:01.000\nTenez le bouton deux secondes.\n"


@pytest.mark.full(
    "tests/attacks/test_phones_host_tells_who_serves_it.py::test_of_the_authoritys_folder_only_films_with_captions_are_told_and_only_films_are_given",
)
def test_rule_33_a_film_in_sign_language_shows_with_its_captions_where_the_authority_has_put_one(
    world: World,
) -> None:
    phone = PhoneApp(world).enrol()
    page, folder = phone.page, world.stack.config.sign_dir
    page.locator("#settings").click()
    with page.expect_response("**/app/sign/") as told:
        page.locator("#language").select_option("nl")
    assert told.value.json() == {"films": []}
    expect(page.locator("video")).to_have_count(0)
    folder.mkdir()
    try:
        (folder / "fr.webm").write_bytes(bytes(page.evaluate(FILM)))
        with page.expect_response("**/app/sign/") as told:
            page.locator("#language").select_option("fr")
        assert told.value.json() == {"films": []}, "a film without captions"
        (folder / "fr.vtt").write_text(CAPTIONS, encoding="utf-8")
        page.locator("#settings-back").click()
        page.locator("#settings").click()
        film = page.locator("#signed video")
        expect(film).to_be_visible()
        assert film.evaluate("(film) => [film.paused, film.muted, film.readyState]") == [True, True, 0]
        film.evaluate("(film) => film.play()")
        phone.until(lambda: film.evaluate("(film) => film.currentTime > 0.1"), "it plays")
        phone.until(lambda: film.evaluate("(film) => film.textTracks[0].cues?.length === 1"), "captions")
        inspector = Inspector(phone, "fr")
        inspector.look("settings with a film")
        assert inspector.faults == []
        # Nothing else lies under that address.
        for name in ("..%2Fapp.db", "fr.exe", "xx.vtt"):
            assert page.evaluate("(name) => fetch(`sign/${name}`).then((reply) => reply.status)", name) == 404
        phone.to_decoy()
        expect(page.locator("video")).to_have_count(0)
    finally:
        shutil.rmtree(folder)


def test_rule_16_the_first_page_warns_in_its_own_words_and_never_because_of_a_press(world: World) -> None:
    phone = PhoneApp(world).enrol()
    page = phone.page
    phone.to_decoy()
    note = page.locator("#decoy-note")
    expect(note).to_be_empty()
    phone.context.set_offline(True)
    page.wait_for_function("() => !navigator.onLine")
    expect(note).to_be_empty()
    page.evaluate("Date.now = ((now) => () => now.call(Date) + 301_000)(Date.now)")
    expect(note).to_have_text(texts_of("fr")["decoy.stale"])
    phone.hold()
    expect(note).to_be_empty()
    phone.context.set_offline(False)
    phone.alarm()


@pytest.mark.full(
    "phone/tests/app.test.ts",
    "phone/tests/opening.test.ts",
)
def test_a_test_is_asked_for_after_thirty_days(world: World) -> None:
    phone = PhoneApp(world).enrol()
    due = phone.page.locator("#test-due")
    expect(due).to_have_text(texts_of("fr")["test.none"])
    phone.test()
    expect(due).to_have_count(0)
    phone.page.evaluate("Date.now = ((now) => () => now.call(Date) + 31 * 86_400_000)(Date.now)")
    expect(due).to_have_text(texts_of("fr")["test.due"])
