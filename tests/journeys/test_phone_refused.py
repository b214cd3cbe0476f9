"""What the phone's app refuses while it is set up: one sentence each, what to do next, and nothing is kept."""

import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.x509.oid import NameOID
from playwright.sync_api import expect

from egide.alarm.events import PressedAgain, PressReceived, TestReceived
from egide.common.clock import SystemClock
from egide.events.register import KitIssued
from egide.protocol.envelope import Trigger
from tests.journeys.conftest import World
from tests.journeys.phone_app import PhoneApp, told

VECTORS = json.loads((Path(__file__).parents[2] / "contracts" / "bthome.json").read_text(encoding="utf-8"))
ADDRESS = bytes.fromhex(VECTORS["sequence_address"])
SHORT, LONG = 0x01, 0x04
# What the page has kept: names of rows, and how many presses and messages.
KEPT = """async () => {
  const open = indexedDB.open("notes");
  const database = await new Promise((resolve) => (open.onsuccess = () => resolve(open.result)));
  const all = (store, what) => new Promise((resolve) => {
    const found = database.transaction(store).objectStore(store)[what]();
    found.onsuccess = () => resolve(found.result);
  });
  const kept = [await all("phone", "getAllKeys"), await all("press", "count"), await all("outbox", "count")];
  database.close();
  return kept;
}"""
NOTHING = [[1], 0, 0]
# No Linux browser tells advertisements, so the platform's side is played here; the page's own code is the app's.
BROADCASTS = """
  self.BluetoothDevice ??= class extends EventTarget {};
  BluetoothDevice.prototype.watchAdvertisements = async function () {};
  const button = Object.assign(Object.setPrototypeOf(new EventTarget(), BluetoothDevice.prototype), { id: "b" });
  Object.defineProperty(navigator, "bluetooth", { configurable: true, value: {
    requestDevice: async () => button, getDevices: async () => [button], getAvailability: async () => true,
  } });
  window.broadcast = (hex) => {
    const bytes = Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
    const heard = new Event("advertisementreceived");
    heard.serviceData = new Map([["0000fcd2-0000-1000-8000-00805f9b34fb", new DataView(bytes.buffer)]]);
    button.dispatchEvent(heard);
  };
"""


def refused(phone: PhoneApp, sentence: str) -> None:
    """The officer's code leads to this sentence and to nothing else."""
    phone.page.locator("#enrol-next").click()
    expect(phone.page.locator("#enrol-fault")).to_contain_text(sentence)
    assert phone.page.evaluate(KEPT) == NOTHING


@pytest.mark.full(
    "tests/journeys/test_attack_decoy.py::test_a_small_app_lives_is_held_by_a_finger_and_comes_back_when_its_storage_is_lost",
    "tests/journeys/test_phone_rules.py::test_a_bad_enrolment_is_one_sentence_and_keeps_nothing",
    "tests/intake/test_enrolment.py::test_unknown_used_and_expired_codes_get_the_same_answer",
)
@pytest.mark.parametrize("why", ["wrong", "used", "expired"])
def test_a_code_that_opens_nothing_is_one_sentence(world: World, why: str) -> None:
    phone = PhoneApp(world)
    if why == "used":
        code = PhoneApp(world).enrol().code
    elif why == "expired":
        code = phone.fresh_code(valid_s=-1)
    else:
        code = "no such code"
    phone.type_code(code)
    refused(phone, "inconnu, déjà utilisé ou vieux de plus de 15 minutes. Demandez-en un nouveau.")


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate for localhost that nobody knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = folder / "server.pem"
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, pkcs8, plain)
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A server with an unknown certificate: its address, and whatever it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_OPTIONS(self) -> None:
            self.answer(b"")

        def do_POST(self) -> None:
            asked.append(self.path)
            self.answer(b'{"kid": "00"}')

        def answer(self, body: bytes) -> None:
            self.send_response(201)
            for what in ("Origin", "Headers"):
                self.send_header(f"Access-Control-Allow-{what}", "*")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = self_signed(tmp_path).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.full(
    "tests/journeys/test_phone_rules.py::test_a_bad_enrolment_is_one_sentence_and_keeps_nothing",
    "phone/tests/sender.test.ts",
)
@pytest.mark.parametrize("is_trusted", [False, True])
def test_a_strange_server_is_one_sentence_and_without_a_known_certificate_it_learns_nothing(
    world: World, stranger: tuple[str, list[str]], is_trusted: bool
) -> None:
    address, asked = stranger
    # The app's page names the stranger as its server; its policy would not even let it ask.
    phone = PhoneApp(world, bypass_csp=True, ignore_https_errors=is_trusted)
    phone.context.add_init_script(told("servers", address))
    phone.type_code()
    if is_trusted:
        refused(phone, "ne vient pas du bon serveur.")
    else:
        refused(phone, "Aucune réponse de confiance. Vérifiez le réseau et la date")
    assert asked == (["/v1/enrolments"] if is_trusted else []), "the code went to a stranger"


@pytest.mark.full(
    "phone/tests/surroundings.test.ts",
    "phone/tests/listening.test.ts",
)
def test_a_refused_microphone_is_said_while_setting_up_and_in_the_settings(world: World) -> None:
    phone = PhoneApp(world)
    phone.enrol_up_to_microphone()
    phone.page.locator("#allow").click()
    expect(phone.page.locator("main [role=alert]")).to_contain_text("Personne n’écoutera")
    for step in ("deny", "deny", "done", "settings"):
        phone.page.locator(f"#{step}").click()
    wish = phone.page.get_by_label("La police peut écouter")
    wish.click()
    expect(phone.page.locator("#listen-fault")).to_contain_text("Le micro est refusé")
    expect(wish).not_to_be_checked()


class Broadcaster:
    """A button that only broadcasts, set up with the key of the phone's kit."""

    def __init__(self, phone: PhoneApp) -> None:
        self.phone = phone
        phone.context.add_init_script(BROADCASTS)
        issued = phone.world.journal.open_event(phone.world.journal.stream(f"kit:{phone.kit}")[0])
        assert isinstance(issued, KitIssued)
        self.key = issued.button_key

    def link(self) -> None:
        """The officer says which button it is, types its address, and the page listens for it."""
        page = self.phone.page
        page.locator("#button-model").select_option("shelly")
        page.locator("#button-address").fill(":".join(f"{byte:02X}" for byte in ADDRESS))
        page.locator("#allow").click()

    def say(self, data: bytes) -> None:
        self.phone.page.evaluate("(hex) => window.broadcast(hex)", data.hex())

    def press(self, counter: int, event: int = LONG, key: bytes | None = None) -> None:
        """One press, heard three times as in the air."""
        info, tail = b"\x45", counter.to_bytes(4, "little")
        plain = bytes([0x01, 80, 0x3A, event])
        sealed = AESCCM(key or self.key, tag_length=4).encrypt(
            ADDRESS + b"\xd2\xfc" + info + tail, plain, None
        )
        for _ in range(3):
            self.say(info + sealed[:-4] + tail + sealed[-4:])


@pytest.mark.full(
    "phone/tests/engine_button.test.ts",
    "phone/tests/bthome.test.ts",
)
def test_a_button_that_broadcasts_is_heard_once_for_each_press_also_after_a_reload(world: World) -> None:
    phone = PhoneApp(world)
    button = Broadcaster(phone)
    phone.enrol_up_to_button()
    button.link()
    expect(phone.page.locator("#allow")).to_be_disabled()
    button.press(10)
    phone.page.locator("#done").click()
    phone.honest("through")
    # What linked it is said again, though it was a long press: neither an alarm nor the test.
    phone.arm_test()
    button.press(10)
    button.press(11)
    phone.until(lambda: phone.events(TestReceived), "the test")
    button.press(12, SHORT)
    button.press(11)
    button.press(13)
    alarm = phone.alarm()
    [press] = phone.events(PressReceived)
    assert press.trigger == Trigger.BUTTON
    assert press.battery is not None and press.battery.button_pct == 80
    phone.page.reload()
    phone.unlock()
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")
    for counter in (13, 5, 14):
        button.press(counter)
    phone.until(lambda: phone.events(PressedAgain), "pressed again")
    assert (len(phone.events(PressedAgain)), len(phone.events(TestReceived))) == (1, 1)
    assert phone.alarms() == [alarm]


@pytest.mark.full(
    "phone/tests/bthome.test.ts",
    "phone/tests/engine_button.test.ts",
)
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x44\x01\x50\x3a\x04", "parle sans chiffrement"),
        (b"\x20\x01\x50\x3a\x04", "pas un bouton qui fonctionne ici"),
        (None, "à quelqu’un d’autre"),
    ],
)
def test_a_button_that_is_unencrypted_unknown_or_somebody_elses_is_refused_with_the_reason(
    world: World, data: bytes | None, sentence: str
) -> None:
    phone = PhoneApp(world)
    button = Broadcaster(phone)
    phone.enrol_up_to_button()
    fault = phone.page.locator("main [role=alert]")
    phone.page.locator("#button-model").select_option("shelly")
    phone.page.locator("#button-address").fill("no address")
    phone.page.locator("#allow").click()
    expect(fault).to_contain_text("douze signes")
    button.link()
    expect(phone.page.locator("#allow")).to_be_disabled()
    if data is None:
        button.press(1, key=bytes(16))
    else:
        button.say(data)
    expect(fault).to_contain_text(sentence)
    phone.page.locator("#deny").click()
    phone.page.locator("#done").click()
    expect(phone.page.locator("#proof-button")).to_contain_text("aucun relié")


def test_rule_21_a_button_that_anybody_can_follow_is_refused_outside_the_demo(world: World) -> None:
    phone = PhoneApp(world)
    button = Broadcaster(phone)

    phone.context.add_init_script(told("stage", ""))
    phone.enrol_up_to_button()
    button.link()
    expect(phone.page.locator("main [role=alert]")).to_contain_text("suivre ce bouton par radio")


@pytest.mark.full(
    "tests/journeys/test_phone_refused.py::test_rule_21_a_button_that_anybody_can_follow_is_refused_outside_the_demo",
)
def test_a_browser_that_cannot_listen_says_so(world: World) -> None:
    phone = PhoneApp(world)
    button = Broadcaster(phone)
    phone.context.add_init_script("delete BluetoothDevice.prototype.watchAdvertisements;")
    phone.enrol_up_to_button()
    button.link()
    expect(phone.page.locator("main [role=alert]")).to_contain_text("ne peut pas entendre un tel bouton")
