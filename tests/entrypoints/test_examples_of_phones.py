"""contracts/examples/ work as they stand: phones and sources in Python, JavaScript and curl, at a running intake."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from egide.alarm.events import FromPhone
from egide.common.clock import SystemClock
from egide.connectors.sms.rules import fit, read_text
from egide.entrypoints.stack.children import Child, open_listener
from egide.events.sources import SourceEnrolled
from egide.protocol.envelope import Kind, decode
from egide.protocol.sources import PURPOSE, TRACCAR, source_id
from tests.support.installation import Installation
from tests.support.other_programs import EXAMPLES, LANGUAGES, run, said
from tests.support.sources import enrol_button

SECRET = secrets.token_hex(20)


class Running:
    """A running intake and its installation; `url` is where it is, for phones too."""

    def __init__(self, installation: Installation, url: str, secret_file: Path) -> None:
        self.installation = installation
        self.url = url
        self.secret_file = secret_file

    def kinds(self, alarm: str) -> list[str]:
        return self.installation.kinds(f"alarm:{alarm}")

    def envelopes(self, alarm: str) -> list[bytes]:
        """What phones said in this alarm, in order."""
        journal = self.installation.journal
        events = (journal.open_event(row) for row in journal.stream(f"alarm:{alarm}"))
        return [event.envelope for event in events if isinstance(event, FromPhone)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("examples")
    with Installation(folder / "data", SystemClock()) as installation:
        services, secret_file = folder / "services", folder / "secret"
        services.write_text(f"fleet {SECRET}\n", encoding="utf-8")
        services.chmod(0o640)
        secret_file.write_text(SECRET, encoding="utf-8")
        listener = open_listener()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        environment = installation.config.environment() | {
            "EGIDE_INTAKE_URLS": url,
            "EGIDE_TRACKER_SERVICES": str(services),
        }
        child = Child("egide.entrypoints.intake", [], environment, listener)
        child.ready()
        yield Running(installation, url, secret_file)
        child.stop()
        listener.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_of_others_enrols_and_presses(running: Running, tmp_path: Path, language: str) -> None:
    code = f"PHON-{language[1:].upper()}"
    running.installation.offer(running.installation.issue_kit(), code)
    enrolled = run(f"phone{language}", "enrol", running.url, f" {code.lower()}", tmp_path)
    assert enrolled.returncode == 0, enrolled.stderr
    (device,) = (one["kid"] for one in said(enrolled.stdout))
    where = (running.url, tmp_path) if language == ".sh" else (tmp_path,)
    receipts = []
    for _ in range(2):
        pressed = run(f"phone{language}", "press", *where)
        assert pressed.returncode == 0, pressed.stderr
        receipts += said(pressed.stdout)
    assert [one["alarm"] for one in receipts] == [f"{device}-1"] * 2
    assert running.kinds(f"{device}-1") == ["PressReceived", "PressedAgain"]
    texts = run(f"phone{language}", "texts", tmp_path, 14)
    first, second = map(read_text, texts.stdout.splitlines())
    assert fit(first, second) and second.answer == 14, texts.stderr
    message = decode(first.data + second.data).message
    assert (message.kind, message.counter) == (Kind.PRESS, 3)
    # By either road, whichever comes first, it is the same press.
    (receipt,) = said(run(f"phone{language}", "press", *where).stdout)
    assert receipt["alarm"] == f"{device}-1"
    assert running.envelopes(f"{device}-1")[2:] == [first.data + second.data]
    assert {oct(path.stat().st_mode)[-2:] for path in tmp_path.glob("phone.*")} == {"00"}
    again = run(f"phone{language}", "enrol", running.url, code, tmp_path)
    assert again.returncode != 0 and "unknown-code" in again.stderr + again.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_gateway_of_others_hands_on_what_a_button_said(running: Running, language: str) -> None:
    button = enrol_button(running.installation)
    frame = button.held().hex()
    answers = [run(f"source{language}", "button", running.url, button.source, frame) for _ in range(2)]
    assert [said(answer.stdout) for answer in answers] == [[{"state": "received"}]] * 2, answers[0].stderr
    assert running.kinds(f"{button.source}-1") == ["SourcePressed"]
    wrong = run(f"source{language}", "button", running.url, "0" * 16, frame)
    assert wrong.returncode != 0 and "unknown-source" in wrong.stderr + wrong.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_service_of_others_speaks_for_its_trackers(running: Running, language: str) -> None:
    kit, name = running.installation.issue_kit(), f"3569380356{language}"
    key = running.installation.keys.purpose_key(PURPOSE).raw
    source = source_id(key, TRACCAR, name)
    event = SourceEnrolled(source=source, kit=kit.kit, road=TRACCAR, name=name, user="officer")
    running.installation.append(f"source:{source}", event, case=kit.case)
    answer = run(f"source{language}", "tracker", running.url, running.secret_file, name)
    assert said(answer.stdout) == [{"state": "received"}], answer.stderr
    (alarm,) = (one for one in running.installation.journal.open_alarms() if one.startswith(source))
    assert running.kinds(alarm) == ["SourcePressed"]


def test_nothing_is_left_beside_the_examples() -> None:
    assert {path.suffix for path in EXAMPLES.iterdir()} == set(LANGUAGES)
