"""Somebody has her unlocked phone and the browser's developer tools: what the store opens, which code it tells of."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from egide.alarm.events import CancelReceived, PositionReceived, PressReceived
from egide.protocol.envelope import Trigger
from tests.journeys.conftest import World
from tests.journeys.phone_app import DURESS, PIN, PhoneApp
from tests.support import browser as b

# All that lies in the store, opened with the key that the page itself uses: developer tools can do the same.
OPENED = """async () => {
  const found = { local: { ...localStorage }, session: { ...sessionStorage }, rows: {}, open: {}, at: location.href };
  const name = "notes";
  const database = await new Promise((resolve) => (indexedDB.open(name).onsuccess = (e) => resolve(e.target.result)));
  const rows = async (store) => {
    const all = database.transaction(store).objectStore(store).getAll();
    await new Promise((resolve) => (all.onsuccess = resolve));
    return all.result;
  };
  const phone = await rows("phone");
  const { sealing } = phone.find(({ id }) => id === 1);
  const unseal = async (label, { iv, data }) => {
    const additionalData = new TextEncoder().encode(label);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, sealing, data);
    return new TextDecoder().decode(plain);
  };
  for (const row of phone) if (row.sealed) found.open[row.id] = await unseal(row.id, row.sealed);
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  // Written anew every minute, whatever happens.
  const own = phone.filter(({ id, sealed }) => sealed && id !== "checked");
  for (const row of own) found.rows[row.id] = hex(row.sealed.iv) + hex(row.sealed.data);
  found.rows.press = await rows("press");
  found.rows.outbox = (await rows("outbox")).map(({ kind, press }) => [kind, press]);
  found.counter = phone.find(({ id }) => id === 1).nextCounter;
  database.close();
  return found;
}"""


def dump(phone: PhoneApp) -> dict[str, Any]:
    found: dict[str, Any] = phone.page.evaluate(OPENED)
    return found


def at_rest(phone: PhoneApp) -> dict[str, Any]:
    """The same at a moment in which nothing waits to be sent: a moment later the next position may."""
    found: dict[str, Any] = {}

    def is_all_sent() -> bool:
        found.update(dump(phone))
        return bool(found["rows"]["outbox"] == [])

    phone.until(is_all_sent, "everything was sent")
    return found


def states(phone: PhoneApp) -> list[str]:
    """How far each press is, as the phone knows it."""
    return [press["state"] for press in dump(phone)["rows"]["press"]]


def open_page(phone: PhoneApp) -> None:
    """Whatever a code opens is there."""
    expect(phone.page.locator("#honest, #alarm-panel, #private")).to_be_visible()


def leave(phone: PhoneApp) -> None:
    phone.page.locator("#quit, #private-close").click()
    expect(phone.page.locator("#decoy")).to_be_visible()


def tells_no_secret(phone: PhoneApp, found: dict[str, Any]) -> None:
    text = json.dumps(found)
    assert "enrolment" in found["open"], "the attack works: what a press needs opens"
    for secret in (phone.kit, PIN, DURESS, phone.code, '"pin', '"duress', "threat", "quiet", "tested"):
        # Four digits may stand within what is sealed, which is written in hexadecimal, by chance.
        assert not re.search(rf"(?<![0-9a-f]){re.escape(secret)}(?![0-9a-f])", text), secret
    # What is left to try codes against are two boxes of one size, and neither has the server's half.
    boxes = json.loads(found["open"]["compartments"])["compartments"]
    assert len({(len(box["head"]), len(box["page"])) for box in boxes}) == 1


@pytest.mark.full(
    "tests/journeys/test_attack_phone_store.py::test_no_byte_of_the_store_tells_which_code_was_entered",
    "phone/tests/opening.test.ts::keeps of a test only what her code opens",
)
def test_the_store_opens_to_nobody_who_has_not_her_code(world: World) -> None:
    phone = PhoneApp(world, stretches=True).enrol()
    phone.test()
    phone.to_decoy()
    tells_no_secret(phone, at_rest(phone))


def say_safe(phone: PhoneApp, code: str) -> None:
    phone.unlock()
    phone.page.locator("#cancel").click()
    phone.enter(code)
    expect(phone.page.locator("#cancelled")).to_be_visible()


def open_at_rest(phone: PhoneApp, code: str) -> None:
    phone.unlock(code)
    open_page(phone)


@pytest.mark.parametrize(
    "enter",
    [
        open_at_rest,
        pytest.param(
            say_safe,
            marks=pytest.mark.full(
                "phone/tests/opening.test.ts::is the same after either code said in an alarm that she is safe",
            ),
        ),
    ],
)
def test_no_byte_of_the_store_tells_which_code_was_entered(
    world: World, enter: Callable[[PhoneApp, str], None]
) -> None:
    looks = []
    for code in (PIN, DURESS):
        phone = PhoneApp(world, stretches=True).enrol()
        phone.to_decoy()
        if enter is say_safe:
            phone.press()
            # How far an alarm is may be news at any moment, whatever is entered.
            phone.until(lambda phone=phone: states(phone) == ["routed"], "the phone knows of its route")  # type: ignore[misc]
        before = at_rest(phone)
        enter(phone, code)
        if code == DURESS:
            alarm = phone.alarm()
            phone.until(lambda alarm=alarm: world.state(alarm).press.duress, "the desk knows")  # type: ignore[misc]
        leave(phone)
        after = at_rest(phone)
        changed = [name for name in before["rows"] if before["rows"][name] != after["rows"][name]]
        looks.append((changed, sorted(after["rows"]), len(after["rows"]["press"])))
        if enter is open_at_rest:
            assert changed == [], "entering a code wrote something"
            tells_no_secret(phone, after)
    assert looks[0] == looks[1]


@pytest.mark.full(
    "phone/tests/app.test.ts::goes on telling where she is after the page was loaded anew",
    "phone/tests/opening.test.ts::is not written to by what is told under threat",
)
def test_a_press_under_threat_is_followed_without_a_trace_and_after_a_reload_too(world: World) -> None:
    phone = PhoneApp(world, stretches=True).enrol()
    phone.to_decoy()
    before = at_rest(phone)
    phone.unlock(DURESS)
    open_page(phone)
    [press] = phone.events(PressReceived)
    assert press.trigger == Trigger.DURESS
    phone.until(lambda: len(phone.events(PositionReceived)) > 2, "positions")
    leave(phone)
    after = at_rest(phone)
    assert after["rows"] == before["rows"]
    assert after["counter"] - before["counter"] <= 2, "the counter tells how much was sent"
    phone.page.reload()
    expect(phone.page.locator("#decoy")).to_be_visible()
    count = len(phone.events(PositionReceived))
    phone.until(lambda: len(phone.events(PositionReceived)) > count + 2, "positions after the reload")
    assert at_rest(phone)["rows"] == before["rows"]
    # Her own code after that shows nothing of it either, as long as the alarm is open.
    phone.unlock()
    expect(phone.page.locator("#honest")).to_be_visible()


def test_four_digits_cannot_be_tried_and_a_press_never_waits_for_a_code(world: World) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    phone.page.locator("#decoy h1").click(click_count=3)
    fault = phone.page.locator("#pad-fault")
    # Her two codes were the first two of the hour.
    for guess in ("0000", "0001", "0002"):
        phone.enter(guess)
        expect(fault).to_contain_text("pas le code")
    for guess in ("0003", "0004"):
        phone.enter(guess)
        expect(fault).to_contain_text("Attendez une heure")
    # Hers was among the codes of that day: somebody else's guesses do not shut her out.
    phone.enter(PIN)
    open_page(phone)
    leave(phone)
    phone.press()


@pytest.mark.full(
    "phone/tests/opening.test.ts::opens to nobody without the server's half",
    "tests/journeys/test_phone_press.py::test_a_press_without_network_goes_out_later_as_what_it_was",
)
def test_without_a_network_the_decoy_stays_and_a_press_is_kept(world: World) -> None:
    phone = PhoneApp(world, stretches=True).enrol()
    phone.to_decoy()
    phone.context.set_offline(True)
    for code in (PIN, DURESS, "0000"):
        phone.unlock(code)
        expect(phone.page.locator("#pad-fault")).to_contain_text("connexion")
        phone.page.locator("main > button").click()
        expect(phone.page.locator("#decoy")).to_be_visible()
    phone.hold()
    phone.until_stored()
    phone.context.set_offline(False)
    phone.alarm()
    assert [press.trigger for press in phone.events(PressReceived)] == [Trigger.SCREEN]
    assert phone.events(CancelReceived) == []


@pytest.mark.full(
    "tests/journeys/test_attack_phone_store.py::test_no_byte_of_the_store_tells_which_code_was_entered",
    "tests/fleet/test_pages.py::test_the_qr_opens_the_app_and_holds_no_code_that_a_history_would_keep",
)
def test_the_browsers_own_files_keep_no_code(world: World, tmp_path: Path) -> None:
    phone = PhoneApp(world)
    # A window that is not private, of the browser that people have: its history lies on the disk.
    window = world.browser.browser_type.launch_persistent_context(
        tmp_path,
        executable_path=b.path_of(*b.NAMES),
        args=[*b.ARGUMENTS, "--headless=new"],
        permissions=["geolocation"],
    )
    page = window.pages[0]
    page.goto(phone.address())
    page.locator("#decoy h1").click(click_count=3)
    page.locator("#code").fill(phone.code)
    page.locator("#enrol-next").click()
    page.locator("#pin").fill(PIN)
    page.locator("#duress-pin").fill(DURESS)
    page.locator("#pin-next").click()
    expect(page.locator("#allow")).to_be_visible()
    assert page.evaluate("[location.hash, sessionStorage.length]") == ["", 0]
    window.close()
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(file.name == "History" and b"/app/" in file.read_bytes() for file in files), (
        "a history is kept"
    )
    assert [file.name for file in files if phone.code.encode() in file.read_bytes()] == []
