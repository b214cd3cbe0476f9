"""The phone's part of the rules that protect people, each by its number, in the built app."""

import json
import re

import pytest
from playwright.sync_api import Route, expect

from egide.alarm.events import (
    AlarmAcknowledged,
    AudioReceived,
    NoticeReceived,
    PositionReceived,
    PressReceived,
    TestReceived,
)
from egide.events.register import DeviceEnrolled
from egide.protocol.link import APP_VERSION, LinkFlag, Notice
from tests.journeys.conftest import EUPEN, World
from tests.journeys.phone_app import GRANTED, HIDDEN, PIN, PhoneApp

VIBRATE = "Vibrer"
TEST_MS = 120_000
# Every text and every readable byte that a forensic look at the page's own storage finds.
STORED = """async () => {
  const plain = (value) => {
    if (value instanceof CryptoKey) return `key, extractable: ${value.extractable}`;
    if (value instanceof ArrayBuffer) return plain(new Uint8Array(value));
    if (value instanceof Uint8Array) return new TextDecoder("latin1").decode(value);
    if (value && typeof value === "object") return Object.entries(value).map(([k, v]) => `${k}=${plain(v)}`).join(" ");
    return String(value);
  };
  const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve) => (indexedDB.open(name).onsuccess = (e) => resolve(e.target.result)));
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store).getAll();
      await new Promise((resolve) => (all.onsuccess = resolve));
      found.push(...all.result.map(plain));
    }
  }
  return found.join("\\n");
}"""

# Addresses, headers and texts of all that the service worker keeps.
CACHED = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const reply = await cache.match(request);
      found.push(name, request.url, JSON.stringify([...reply.headers]), await reply.text());
    }
  }
  return found.join("\\n");
}"""
# What the page's memories are called, and what no name may hold.
NAMES = "async () => [...(await caches.keys()), ...(await indexedDB.databases()).map(({ name }) => name)]"
TELLING = ("alarm", "egide", "polic", "safe", "press")
CLEARED = (
    "(async () => { for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name); })()"
)


@pytest.mark.full(
    "phone/tests/engine_telling.test.ts",
    "tests/boards/desk/test_rule_06_silence.py",
)
def test_rule_06_a_phone_that_falls_silent_says_where_it_was(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    alarm = phone.press()
    lat, lon = float(phone.person["lat"]) + 0.01, float(phone.person["lon"])
    phone.context.set_geolocation({"latitude": lat, "longitude": lon, "accuracy": 12})

    def is_told() -> bool:
        told = phone.events(PositionReceived)
        return bool(told) and abs(told[-1].position.lat_e7 / 1e7 - lat) < 1e-4

    world.until(is_told, "where she went after the press")
    phone.context.close()
    desk = world.desk()
    desk.choose(alarm)
    expect(desk("#coordinates")).to_have_text(f"{lat:.5f}, {lon:.5f}")


@pytest.mark.full(
    "phone/tests/app.test.ts",
    "phone/tests/locales.test.ts",
    "phone/tests/proofs.test.ts",
    "tests/intake/test_refusals.py",
)
def test_rule_10_a_key_that_the_server_does_not_know_is_said_at_rest_and_in_an_alarm(world: World) -> None:
    phone = PhoneApp(world, service_workers="block").enrol()
    phone.page.route(
        "**/v1/messages",
        lambda route: route.fulfill(status=401, body='{"error":"Unauthorized","reason":"unknown-key"}'),
    )
    phone.page.reload()
    phone.unlock()
    phone.honest("refused")
    expect(phone.page.locator("#honest")).to_contain_text("112")
    phone.to_decoy()
    phone.hold()
    phone.unlock()
    expect(phone.page.locator("#trouble")).to_contain_text("112")
    phone.page.unroute("**/v1/messages")
    phone.alarm()


def test_rule_16_the_line_is_only_as_good_as_the_last_round_trip(world: World) -> None:
    phone = PhoneApp(world, service_workers="block").enrol()
    phone.honest("screen")
    expect(phone.page.locator("#honest")).to_contain_text("tant qu’elle est ouverte")
    phone.context.set_offline(True)
    phone.honest("offline")
    refused: list[Route] = []
    phone.page.route("**/v1/messages", lambda route: (refused.append(route), route.abort()))
    phone.context.set_offline(False)
    phone.honest("unproved")
    before = len(refused)
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    phone.until(lambda: len(refused) > before, "it asked again")
    phone.honest("unproved")
    phone.page.unroute("**/v1/messages")
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    phone.honest("screen")


@pytest.mark.full(
    "phone/tests/surroundings.test.ts",
    "phone/tests/app.test.ts",
    "phone/tests/proofs.test.ts",
    "tests/boards/desk/test_phone_faults.py",
)
def test_rule_16_a_refused_position_is_said_here_and_to_the_desk(world: World) -> None:
    phone = PhoneApp(world, permissions=[]).enrol_without_position()
    phone.honest("no-position")
    world.until(lambda: phone.events(NoticeReceived), "notices")
    phone.to_decoy()
    phone.press()
    [press] = phone.events(PressReceived)
    assert "no-position" in press.flags
    assert LinkFlag(press.link) == LinkFlag.POSITION_REFUSED
    bodies = [event.body.decode() for event in phone.events(NoticeReceived)]
    assert Notice.POSITION_REFUSED in bodies
    assert any(body.startswith(APP_VERSION) for body in bodies)


@pytest.mark.full(
    "phone/tests/surroundings.test.ts",
    "phone/tests/app.test.ts",
    "phone/tests/link.test.ts",
    "tests/boards/desk/test_phone_faults.py",
)
def test_rule_16_a_microphone_that_was_taken_back_is_said_here_and_to_the_desk(world: World) -> None:
    phone = PhoneApp(world, permissions=[*GRANTED, "microphone"]).enrol(listens=True)
    phone.honest("screen")
    expect(phone.page.locator("dl")).to_contain_text("pendant une alarme")
    # The person, or the browser by itself, takes it back in its settings.
    phone.context.clear_permissions()
    phone.context.grant_permissions(GRANTED)
    expect(phone.page.locator("dl")).to_contain_text("le micro est refusé")
    world.until(
        lambda: Notice.MICROPHONE_REFUSED in [e.body.decode() for e in phone.events(NoticeReceived)],
        "the notice",
    )
    phone.to_decoy()
    phone.press()
    [press] = phone.events(PressReceived)
    assert LinkFlag.MICROPHONE_REFUSED in LinkFlag(press.link)
    assert phone.events(AudioReceived) == []
    desk = world.desk()
    desk.choose(phone.alarm())
    expect(desk(".signals")).to_contain_text("le téléphone refuse le micro")


def test_rule_18_a_press_makes_no_sound_light_or_notification(world: World) -> None:
    phone = PhoneApp(world)
    phone.context.add_init_script(
        """window.shown = [];
        for (const [owner, name] of [[AudioContext.prototype, "resume"], [HTMLMediaElement.prototype, "play"],
            [ServiceWorkerRegistration.prototype, "showNotification"], [Element.prototype, "requestFullscreen"],
            [MediaDevices.prototype, "getUserMedia"], [window, "alert"]])
          owner[name] = () => { window.shown.push(name); };
        window.Notification = class {
          static permission = "denied";
          constructor() { window.shown.push("Notification"); }
        };"""
    )
    phone.enrol()
    phone.to_decoy()
    alarm = phone.press()
    world.write_down(alarm, AlarmAcknowledged("hainaut-12"))
    world.until(lambda: len(phone.events(PositionReceived)) > 2, "positions")
    assert phone.page.evaluate("window.shown") == []
    assert phone.vibrations == [], "she did not choose it"


@pytest.mark.full(
    "tests/journeys/test_attack_decoy.py::test_a_small_app_lives_is_held_by_a_finger_and_comes_back_when_its_storage_is_lost",
    "tests/journeys/test_attack_decoy.py::test_a_code_under_threat_opens_a_note_and_nothing_that_is_hers",
)
def test_rule_19_the_decoy_is_her_choice_and_nothing_behind_it_opens_without_the_code(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.page.locator("#settings").click()
    phone.page.locator("#decoy-choice").select_option("calendar")
    expect(phone.page).to_have_title("Calendrier")
    phone.page.locator("#language").select_option("nl")
    expect(phone.page.locator("#settings-back")).to_have_text("Terug")
    phone.page.reload()
    expect(phone.page.locator("#decoy h1")).to_have_text("Kalender")
    expect(phone.page).to_have_title("Kalender")
    manifest = phone.page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then((r) => r.json())"
    )
    assert manifest["name"] == "Kalender"
    assert phone.page.locator("link[rel=icon]").get_attribute("href") == "./calendar.svg"
    words = phone.page.content().lower()
    assert [word for word in ("alarm", "egide", "polic", "polit", "112") if word in words] == []
    # Nothing to go back to, and the code is not in the address.
    assert phone.page.evaluate("history.length") <= 2
    assert "#" not in phone.page.url
    phone.unlock()
    expect(phone.page.locator("#honest")).to_be_visible()
    # Anyone who comes back to the page finds the decoy.
    phone.page.evaluate(HIDDEN)
    expect(phone.page.locator("#decoy")).to_be_visible()


def test_rules_19_21_and_22_what_lies_on_the_phone_says_nothing_and_its_key_cannot_leave_it(
    world: World,
) -> None:
    phone = PhoneApp(world).enrol()
    [enrolled] = phone.events_of_stream(f"device:{phone.device}", DeviceEnrolled)
    assert len(enrolled.public_key) == 32
    phone.to_decoy()
    phone.context.set_offline(True)
    phone.hold()
    phone.until_stored()
    stored = phone.page.evaluate(STORED)
    assert stored.count("extractable: false") >= 2
    assert "extractable: true" not in stored
    secrets = [
        phone.kit,
        phone.code,
        "127.0.0.1",
        "http",
        "decoy",
        "button",
        str(phone.person["lat"])[:5],
    ]
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    kept = phone.page.evaluate(CACHED)
    assert "/app/assets/index" in kept
    personal = (phone.kit, phone.code, phone.device, str(phone.person["lat"])[:5])
    assert [word for word in personal if word in kept] == []
    keys = [name for name in ("buttonHighest", "buttonCounter") if name in stored]
    for name in keys:
        stored = stored.replace(name, "")
    assert [word for word in secrets if word in stored] == []
    # Four digits may stand within a moment's microseconds by chance.
    assert not re.search(rf"(?<!\d){PIN}(?!\d)", stored)
    names = phone.page.evaluate(NAMES)
    assert len(names) >= 2
    assert [word for word in TELLING if word in " ".join(names).lower()] == []
    # Storage that is cleared makes another phone: the kit does not follow it.
    phone.page.evaluate(CLEARED)
    phone.page.goto("about:blank")
    phone.context.set_offline(False)
    phone.page.goto(phone.address())
    expect(phone.page.locator("#decoy")).to_be_visible()


@pytest.mark.full(
    "tests/journeys/test_attack_armed_test.py::test_after_the_test_a_hold_on_its_page_is_real_and_the_page_had_said_so",
    "phone/tests/engine_button.test.ts",
)
def test_rule_20_a_test_is_one_press_and_the_next_is_real(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.test()
    assert len(phone.events(TestReceived)) == 1 and phone.alarms() == []
    phone.to_decoy()
    phone.press()
    assert len(phone.events(PressReceived)) == 1


@pytest.mark.full("phone/tests/engine_button.test.ts")
def test_rule_20_an_armed_test_ends_by_itself(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.arm_test()
    phone.page.evaluate(f"Date.now = ((now) => () => now.call(Date) + {TEST_MS + 1000})(Date.now)")
    expect(phone.page.locator("#test-start")).to_be_visible()
    phone.to_decoy()
    phone.press()
    assert phone.events(TestReceived) == []


@pytest.mark.full(
    "tests/journeys/test_phone_pages.py::test_rule_33_everything_can_be_done_with_the_keyboard_alone",
    "phone/tests/app.test.ts",
)
def test_rule_33_the_hold_time_is_hers_and_the_space_bar_holds_too(world: World) -> None:
    phone = PhoneApp(world, EUPEN).enrol()
    phone.page.locator("#settings").click()
    phone.page.locator("#hold").select_option("1")
    phone.page.locator("#settings-back").click()
    phone.to_decoy()
    phone.page.keyboard.down(" ")
    phone.held(1200)
    phone.page.keyboard.up(" ")
    phone.alarm()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        pytest.param(
            {"status": 404, "body": '{"reason":"unknown-code"}'},
            "inconnu",
            marks=pytest.mark.full(
                "its other cases",
                "tests/journeys/test_attack_decoy.py::test_a_small_app_lives_is_held_by_a_finger_and_comes_back_when_its_storage_is_lost",
            ),
        ),
        (
            {"status": 201, "body": json.dumps({"kid": "00", "server_key": "x"})},
            "ne vient pas du bon serveur",
        ),
        ({"status": 503, "body": "{}"}, "Aucune réponse de confiance"),
        pytest.param(None, "Aucune réponse de confiance", marks=pytest.mark.full("its other cases")),
    ],
)
def test_a_bad_enrolment_is_one_sentence_and_keeps_nothing(
    world: World, answer: dict[str, object] | None, sentence: str
) -> None:
    phone = PhoneApp(world, service_workers="block")
    phone.page.route(
        "**/v1/enrolments",
        lambda route: route.fulfill(**answer) if answer else route.abort(),
    )
    phone.type_code()
    phone.page.locator("#enrol-next").click()
    expect(phone.page.locator("#enrol-fault")).to_contain_text(sentence)
    assert phone.page.locator("#code").input_value() == phone.code, "what was typed stays"
    phone.page.reload()
    expect(phone.page.locator("#decoy")).to_be_visible()
    # The same code still works once the way is free.
    phone.page.unroute("**/v1/enrolments")
    phone.enrol()
