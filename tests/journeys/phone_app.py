"""One phone with the built web app, as a person's hand uses it."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Browser, Geolocation, Page, Request, expect

from egide.alarm.events import FromPhone, PressConflicted, PressReceived
from egide.events.base import Event
from egide.protocol.enrolment import CODE_LIFETIME_S, Settings
from tests.journeys.conftest import MONS, World
from tests.support import browser as b
from tests.support.phones import issue_kit
from tests.support.waiting import WITHIN_S

# What a finger holds in a story; and what the page's timer may be late.
QUICK = Settings(hold_ms=800)
SLACK_MS = 200
PIN, DURESS = "2468", "1357"
GRANTED = ["geolocation"]
TELEPHONE = {"width": 390, "height": 844}
# The platform has no motor here: what the page asks of it is written down.
VIBRATIONS = """
  window.vibrations = [];
  navigator.vibrate = (pattern) => { window.vibrations.push(pattern); return true; };
"""
# How long the finger or the key has been down.
HELD = """
  let downAt = 0;
  addEventListener("pointerdown", () => (downAt = performance.now()), true);
  addEventListener("keydown", ({ repeat }) => repeat || (downAt = performance.now()), true);
  window.heldMs = () => performance.now() - downAt;
"""

# The slow step from a code to bytes takes a quarter of a second of a processor, twice in each enrolment and once for
# each code. Here it is as quick as another hash; `stretches` has the app's own (test_attack_phone_store.py).
QUICK_STEP = """
  window.Worker = class {
    async postMessage([code, salt]) {
      const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(code), "PBKDF2", false, ["deriveBits"]);
      const once = { name: "PBKDF2", hash: "SHA-256", salt, iterations: 1 };
      this.onmessage({ data: new Uint8Array(await crypto.subtle.deriveBits(once, key, 256)) });
    }
    terminate() {}
  };
"""

# The telephone is locked, or something else comes to the front; then she is back.
HIDDEN = """for (const now of ["hidden", "visible"]) {
  Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
# How many messages wait in the phone's memory to be sent.
WAITING = """async () => {
  let waiting = 0;
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve) => (indexedDB.open(name).onsuccess = (e) => resolve(e.target.result)));
    if (database.objectStoreNames.contains("outbox")) {
      const count = database.transaction("outbox").objectStore("outbox").count();
      waiting += await new Promise((resolve) => (count.onsuccess = () => resolve(count.result)));
    }
    database.close();
  }
  return waiting;
}"""


def told(name: str, content: str) -> str:
    """A script by which the app's page is told something else than the installation says."""
    return f"""document.addEventListener("readystatechange", () => {{
      const meta = document.querySelector("meta[name={name}]");
      if (meta) meta.content = {json.dumps(content)};
    }});"""


class PhoneApp:
    """A window of a telephone's size at the person's home, with a kit and an officer's code of its own.

    Or with the kit of `person` (kit, case, lat, lon) and the `code` that stands on an officer's screen.
    """

    def __init__(
        self,
        world: World,
        number: int = MONS,
        permissions: list[str] | None = None,
        browser: Browser | None = None,
        person: dict[str, Any] | None = None,
        code: str = "",
        settings: Settings = QUICK,
        *,
        stretches: bool = False,
        **options: Any,
    ) -> None:
        self.world = world
        self.person = person or world.person(number)
        self.kit = self.person["kit"] if person else issue_kit(world.stack, self.person, settings)
        self._hold_ms = (Settings() if person else settings).hold_ms
        self.code = code or self.fresh_code()
        place: Geolocation = {
            "latitude": float(self.person["lat"]),
            "longitude": float(self.person["lon"]),
            "accuracy": 12,
        }
        defaults = {"viewport": TELEPHONE, "is_mobile": True, "has_touch": True, "locale": "fr-BE"}
        granted = GRANTED if permissions is None else permissions
        browser = browser or (world.whole_browser() if "microphone" in granted else world.browser)
        self.context = browser.new_context(**{**defaults, **options}, geolocation=place, permissions=granted)
        self.context.set_default_timeout(b.PATIENCE_MS)
        self.context.add_init_script(VIBRATIONS)
        self.context.add_init_script(HELD)
        if not stretches:
            self.context.add_init_script(QUICK_STEP)
        world.keep(self.context)
        self.page = self.new_page()
        self.sent: list[Request] = []
        self.context.on("request", self._note)

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda fault: self.world.faults.append(f"{fault} {fault.stack}"))
        return page

    def _note(self, request: Request) -> None:
        if request.url.endswith("/v1/messages") and request.method == "POST":
            self.sent.append(request)

    def fresh_code(self, valid_s: int = CODE_LIFETIME_S) -> str:
        """One more code for the kit, as the officer's page offers it."""
        return self.world.stack.offer_code(self.kit, self.person["case"], valid_s)

    def address(self) -> str:
        """The app's address, as the officer's QR says it."""
        return f"http://localhost:{self.world.stack.ports['web']}/app/"

    # -- the person's hand -------------------------------------------------------------------------------------

    def enrol(self, code: str = "", listens: bool = False) -> "PhoneApp":
        """Through all steps to the end, without button; with microphone only if she wants it."""
        self._enrol(code)
        self.page.locator("#allow").click()
        self._skip_the_rest(listens)
        return self

    def enrol_without_position(self) -> "PhoneApp":
        """The same for a person whose browser refuses the position."""
        self._enrol("")
        self.page.locator("#allow").click()
        expect(self.page.locator("main [role=alert]")).not_to_be_empty()
        self.page.locator("#deny").click()
        self._skip_the_rest()
        return self

    def type_code(self, code: str = "") -> None:
        """Open the app, and type the officer's code behind the decoy's title."""
        self.page.goto(self.address())
        self.page.locator("#decoy h1").click(click_count=3)
        self.page.locator("#code").fill(code or self.code)

    def _enrol(self, code: str) -> None:
        self.type_code(code)
        self.page.locator("#enrol-next").click()
        self.page.locator("#pin").fill(PIN)
        self.page.locator("#duress-pin").fill(DURESS)
        self.page.locator("#pin-next").click()

    def enrol_up_to_microphone(self) -> None:
        """To the step where she is asked whether she wants to be heard."""
        self._enrol("")
        self.page.locator("#allow").click()
        expect(self.page.locator("[data-shows=microphone]")).to_be_visible()

    def enrol_up_to_button(self) -> None:
        """To the step where the button is linked."""
        self.enrol_up_to_microphone()
        self.page.locator("#deny").click()
        expect(self.page.locator("#button-model")).to_be_visible()

    def _skip_the_rest(self, listens: bool = False) -> None:
        self.page.locator("#allow" if listens else "#deny").click()
        expect(self.page.locator("#button-model")).to_be_visible()
        self.page.locator("#deny").click()
        self.page.locator("#done").click()
        expect(self.page.locator("#honest")).to_be_visible()

    def honest(self, word: str) -> None:
        """The one line says so, sooner or later."""
        expect(self.page.locator("#honest")).to_have_attribute("data-honest", word)

    def choose(self, *labels: str) -> None:
        """Tick choices in the settings by their text, and go home again."""
        self.page.locator("#settings").click()
        for label in labels:
            self.page.get_by_label(label).check()
        self.page.locator("#settings-back").click()

    def to_decoy(self) -> None:
        self.page.locator("#quit").click()
        # The small app comes a moment after its page.
        expect(self.page.locator("#decoy .body")).not_to_be_empty()

    def unlock(self, pin: str = PIN) -> None:
        """Three taps on the decoy's title, then the code."""
        self.page.locator("#decoy h1").click(click_count=3)
        self.enter(pin)

    def enter(self, pin: str) -> None:
        self.page.locator("#pad").fill(pin)
        self.page.locator("#pad-enter").click()

    def hold(self, for_ms: int = 0) -> None:
        """A finger on the decoy or on the page of the test, for as long as its kit asks for."""
        expect(self.page.locator("#decoy, #test")).to_be_visible()
        self.page.mouse.move(180, 600)
        self.page.mouse.down()
        self.held(for_ms)
        self.page.mouse.up()

    def arm_test(self) -> None:
        """From her own page to that of the test, where a hold is one."""
        self.page.locator("#test-start").click()
        expect(self.page.locator("#test")).to_have_attribute("data-step", "armed")

    def test(self) -> None:
        """A test on the screen, received; she is on her own page again."""
        self.arm_test()
        self.hold()
        self.until_tested()

    def until_tested(self) -> None:
        """The page of the test says that it was received; she is on her own page again."""
        expect(self.page.locator("#test")).to_have_attribute("data-step", "received")
        self.page.locator("#test-stop").click()
        expect(self.page.locator("#test-sent")).to_be_visible()

    def held(self, for_ms: int = 0) -> None:
        """Wait until finger or key has been down for so long by the page's own clock."""
        ms = for_ms or self._hold_ms + SLACK_MS
        # Not with each of sixty pictures a second, which would be drawn for it.
        self.page.wait_for_function("(ms) => heldMs() > ms", arg=ms, polling=50)

    def press(self) -> str:
        """Hold the decoy until the alarm is in the journal; returns it."""
        self.hold()
        return self.alarm()

    def until_stored(self, count: int = 1) -> None:
        """Wait until this many messages lie in the phone's memory to be sent."""
        self.until(lambda: self.page.evaluate(WAITING) >= count, f"{count} stored")

    # -- what became of it -------------------------------------------------------------------------------------

    @property
    def device(self) -> str:
        sql = "SELECT device FROM device WHERE kit = ?"
        return str(self.world.journal.connection.execute(sql, (self.kit,)).fetchone()[0])

    def alarms(self) -> list[str]:
        """All alarms of this phone, oldest first."""
        sql = "SELECT alarm FROM alarm WHERE device = ? ORDER BY opened_seq"
        return [row[0] for row in self.world.journal.connection.execute(sql, (self.device,))]

    def alarm(self) -> str:
        """Its newest alarm, once its press is in the journal: a position may come first, and opens it as well."""
        presses = (PressReceived, PressConflicted)
        self.world.until(
            lambda: any(map(self.events, presses)) and self.alarms(), "the press is in the journal"
        )
        return self.alarms()[-1]

    def events(self, kind: type[Event]) -> list[Any]:
        """What the journal holds of this phone, of one kind, oldest first."""
        return [event for event in self._all() if type(event) is kind]

    def from_phone(self) -> list[FromPhone]:
        """Everything that the phone said and the journal keeps."""
        return [event for event in self._all() if isinstance(event, FromPhone)]

    def _all(self) -> Iterator[Any]:
        sql = """SELECT stream FROM message WHERE device = ?1
          UNION SELECT 'alarm:' || alarm FROM alarm WHERE device = ?1 ORDER BY 1"""
        for (stream,) in self.world.journal.connection.execute(sql, (self.device,)).fetchall():
            for row in self.world.journal.stream(stream):
                yield self.world.journal.open_event(row)

    def events_of_stream(self, stream: str, kind: type[Event]) -> list[Any]:
        """The same of one stream."""
        events = [self.world.journal.open_event(row) for row in self.world.journal.stream(stream)]
        return [event for event in events if type(event) is kind]

    def until(self, is_true: Callable[[], object], what: str) -> None:
        """Wait until `is_true` while Playwright goes on answering for the page's requests."""
        deadline = time.monotonic() + WITHIN_S
        while not is_true():
            assert time.monotonic() < deadline, f"within {WITHIN_S} s: {what}"
            self.page.wait_for_timeout(100)

    @property
    def vibrations(self) -> list[Any]:
        found: list[Any] = self.page.evaluate("window.vibrations")
        return found
