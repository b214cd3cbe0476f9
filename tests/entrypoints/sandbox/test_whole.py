"""A sandbox as somebody types it, with the script of its documentation: each call is noted, each fault is played."""

import json
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook

from egide.common.clock import SystemClock, utc
from egide.connectors.sms.answers import ANSWERS
from egide.protocol import bthome
from egide.protocol.enrolment import Client, make_request
from egide.protocol.keys import SigningKey
from tests.protocol.test_traccar import forward
from tests.support.other_programs import command, said
from tests.support.other_programs import run as run_program
from tests.support.sandbox import EGIDE, Sandbox
from tests.support.sms_road import keep_secret
from tests.support.waiting import WITHIN_S, until
from tools.tree import ROOT

# The reader that the project shows to others.
READER = ROOT / "contracts" / "examples" / "verify_export.py"
CODE = re.compile(r'<dd id="code"><code>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){2})</code>')


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("sandbox"), "", "--open")
    # Its script counts presses and alarms: what a test asks of it comes behind.
    until(lambda: running.done("clock +300 s"), lambda: running.noted())
    yield running
    running.stop()


def key_of(page: str, behind: str, title: str) -> str:
    """What stands on the page under this title, the first below `behind`."""
    found = re.search(rf"<dt>{title}</dt><dd><code>([^<]+)</code>", page[page.index(behind) :])
    assert found is not None
    return found[1]


def signed(secret: str, said: dict[str, object] | None = None) -> tuple[bytes, dict[str, str]]:
    """What a dispatch system says by the machine's own clock, and its headers, by the library of others."""
    body, at = "" if said is None else json.dumps(said), utc(SystemClock().now_us())
    number = f"msg_{secrets.token_hex(8)}"
    return body.encode(), {
        "webhook-id": number,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(number, at, body),
    }


def test_the_script_of_the_documentation_is_played_to_its_end(sandbox: Sandbox) -> None:
    assert [one["failed"] for one in sandbox.noted() if "what" in one][:4] == [""] * 4
    # The phone heard nothing and sent the same again; both times one alarm.
    lost, again = sandbox.calls("press")[:2]
    assert lost["fault"] == "press 1: lose the answer" and again["fault"] == ""
    assert lost["asked"] == again["asked"] and (lost["status"], again["status"]) == (201, 201)
    assert json.loads(lost["answered"])["alarm"] == json.loads(again["answered"])["alarm"]
    # The dispatch system was away, and was told the same again.
    refused, held = sandbox.calls("alarm")[:2]
    assert refused["status"] == 503 and json.loads(refused["asked"])["type"] == "alarm.raised"
    assert held["fault"] == "alarm 2: hold the answer 40 s"


def test_a_step_that_a_board_refuses_says_why_in_its_words(sandbox: Sandbox) -> None:
    before = len(sandbox.noted())
    sandbox.post("/sandbox/step", b"what=under-way")
    until(lambda: len(sandbox.noted()) > before, lambda: sandbox.noted())
    failed = next(one["failed"] for one in reversed(sandbox.noted()) if one.get("what") == "under-way")
    assert re.fullmatch(r"under-way: 4[0-9]{2} /desk/[^ ]+ [^<>]{10,200}", failed), failed


def test_a_phone_of_somebody_else_enrols_with_the_code_of_the_page(sandbox: Sandbox) -> None:
    sandbox.post("/sandbox/code", b"")
    found = CODE.search(sandbox.page())
    assert found is not None
    body = msgspec.json.encode(make_request(found[1], SigningKey.generate(), Client("native", "1.0")))
    status, answer = sandbox.post("/v1/enrolments", body, "application/json")
    assert (status, json.loads(answer)["servers"]) == (201, [sandbox.url])
    # The same code a second time: refused, and the page says why.
    assert sandbox.post("/v1/enrolments", body.replace(b"1.0", b"1.1"), "application/json")[0] >= 400
    assert sandbox.calls("enrolment")[-1]["reason"] in sandbox.page()


def test_a_gateway_of_others_hands_on_a_press_and_is_given_the_answer_to_send(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """By the words of the reference alone: its examples, what the page shows, a clock that was turned meanwhile."""
    secret = keep_secret(tmp_path, key_of(sandbox.page(), "sandbox/gateway", "Secret") + "\n")
    sandbox.post("/sandbox/code", b"")
    found = CODE.search(sandbox.page())
    assert found is not None
    enrolled = run_program("phone.py", "enrol", sandbox.url, found[1], tmp_path)
    assert enrolled.returncode == 0, enrolled.stderr
    texts = run_program("phone.py", "texts", tmp_path, 14).stdout.splitlines()
    words = command("gateway.py", "listen", 0, secret)
    with (
        subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as gateway,
        ExitStack() as stopped,
    ):
        assert gateway.stdout is not None
        stopped.callback(gateway.terminate)
        port = json.loads(gateway.stdout.readline())["port"]
        assert sandbox.post("/sandbox/gateway", f"url=http://127.0.0.1:{port}/".encode())[0] == 200
        for text, state in zip(texts, ("waiting", "received"), strict=True):
            handed = run_program("gateway.py", "text", sandbox.url, secret, text, "+32470111111")
            assert said(handed.stdout) == [{"state": state}], handed.stderr
        sent = json.loads(gateway.stdout.readline())
        until(
            lambda: [one["status"] for one in sandbox.calls("send")] == [202], lambda: sandbox.calls("send")
        )
    assert sent == {"to": "+32470111111", "text": ANSWERS[14]}
    assert [one["status"] for one in sandbox.calls("text")] == [200, 200]


def test_the_tracker_of_the_page_raises_an_alarm_that_a_reader_can_open(sandbox: Sandbox) -> None:
    secret = key_of(sandbox.page(), "reports/traccar", "Secret")
    bearer = {"Authorization": f"Bearer {secret}"}
    status, answer = sandbox.post("/v1/reports/traccar", forward(), "application/json", bearer)
    assert (status, json.loads(answer)) == (200, {"state": "received"})
    assert sandbox.calls("report")[-1]["status"] == 200
    assert b'"kind":"SourcePressed"' in sandbox.get("/sandbox/journal")


def test_the_button_of_the_page_presses_over_a_gateway_and_a_recorded_frame_is_refused_in_words(
    sandbox: Sandbox,
) -> None:
    page = sandbox.page()
    source, address, key = (
        key_of(page, "A button over a gateway", title) for title in ("Source", "Button", "Key of the button")
    )
    said = bthome.Advertised(7, (bthome.Event.LONG_PRESS,), 88, 7)
    frame = bthome.encode(said, bthome.address_bytes(address), bytes.fromhex(key))
    body = json.dumps({"source": source, "frame": frame.hex()}).encode()
    assert sandbox.post("/v1/reports", body, "application/json")[0] == 200
    earlier = bthome.Advertised(6, (bthome.Event.LONG_PRESS,), 88, 6)
    frame = bthome.encode(earlier, bthome.address_bytes(address), bytes.fromhex(key))
    body = json.dumps({"source": source, "frame": frame.hex()}).encode()
    assert sandbox.post("/v1/reports", body, "application/json")[0] == 409
    assert [one["reason"] for one in sandbox.calls("report") if one["path"] == "/v1/reports"] == [
        "",
        "old-counter",
    ]
    assert "The frame counts lower than one that was heard before" in sandbox.page()


def test_a_dispatch_system_answers_says_how_far_its_unit_is_and_is_refused_in_words(sandbox: Sandbox) -> None:
    secret = key_of(sandbox.page(), "A dispatch system that is called", "Secret")
    told = sandbox.calls("alarm")
    alarm = next(json.loads(one["asked"])["alarm"] for one in told if "alarm.raised" in one["asked"])
    before = len(sandbox.calls("answer"))

    def say(signing: str = secret, **said: object) -> int:
        body, headers = signed(signing, {"alarm": alarm, **said})
        return sandbox.post("/dispatch/cad/answers", body, "application/json", headers)[0]

    # By the machine's clock, although the sandbox's is five minutes on.
    assert say(type="alarm.answered", by="Op. 7", reference="2027-000123") == 204
    assert say(type="unit.under_way", unit="M 12") == 204
    assert say(type="unit.lost", unit="M 12") == 422
    assert say("whsec_" + "A" * 43 + "=", type="alarm.shown") == 401
    assert [one["status"] for one in sandbox.calls("answer")[before:]] == [204, 204, 422, 401]
    assert b'"kind":"SystemSaidUnit"' in sandbox.get("/sandbox/journal")
    assert "No right signature of this system" in sandbox.page()


def test_a_dispatch_system_that_fetches_gets_the_alarm_and_takes_it(sandbox: Sandbox) -> None:
    secret = key_of(sandbox.page(), "A dispatch system that fetches", "Secret")

    def fetched() -> list[dict[str, object]]:
        _body, headers = signed(secret)
        due = json.loads(sandbox.get("/dispatch/cad-feed/messages", headers))["messages"]
        return [one for one in due if one["type"] == "alarm.raised"]

    until(lambda: fetched(), lambda: sandbox.noted())
    message = fetched()[0]
    body, headers = signed(
        secret, {"type": "message.taken", "alarm": message["alarm"], "message": message["id"]}
    )
    assert sandbox.post("/dispatch/cad-feed/answers", body, "application/json", headers)[0] == 204
    assert message["id"] not in [one["id"] for one in fetched()]
    assert json.loads(sandbox.calls("fetch")[0]["answered"]).keys() == {"messages"}


def test_a_reader_gets_the_newest_open_alarm_with_the_key_that_opens_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    copy = tmp_path / "alarm.jsonl"
    copy.write_bytes(sandbox.get("/sandbox/journal/alarm"))
    reader = [sys.executable, str(READER), str(copy)]
    read = subprocess.run(reader, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert read.returncode == 0, read.stderr
    assert "PressReceived" in read.stdout or "SourcePressed" in read.stdout


def test_with_open_the_console_and_a_tab_of_each_role_open_in_the_person_s_browser(sandbox: Sandbox) -> None:
    until(lambda: f"{sandbox.url}/sandbox/" in sandbox.opened(), lambda: sandbox.opened())
    assert len(sandbox.opened()) > 5


def test_a_bad_script_is_refused_on_the_page_and_nothing_starts_by_the_command(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    status, page = sandbox.post("/sandbox/script?lang=en", b"text=press+1%3A+eat+it")
    assert status == 422 and "Line 1, “press 1: eat it”" in page.decode()
    (tmp_path / "bad").write_text("press 1: eat it\n", encoding="utf-8")
    command = [str(EGIDE), "sandbox", "--script", str(tmp_path / "bad"), "--data", str(tmp_path / "data")]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert answer.returncode == 2 and "Line 1" in answer.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("option", ["--once", "--json"])
def test_a_demo_that_is_a_sandbox_does_not_end_by_itself_and_says_so(option: str, tmp_path: Path) -> None:
    command = [str(EGIDE), "demo", "--sandbox", option, "--data", str(tmp_path / "data")]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert answer.returncode == 2 and "leave out --once and --json" in answer.stderr
    assert not (tmp_path / "data").exists()
