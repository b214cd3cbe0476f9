"""The real processes: a gateway of its own calls back, whatever ends in between; nothing is lost or doubled."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from egide.alarm.events import FromPhone, PhoneBlocked
from egide.common.clock import SystemClock
from egide.common.config import Config, NotSetUp
from egide.connectors.registry import problems_of
from egide.connectors.sms.forms import gateway_of
from egide.connectors.sms.gateway import Call, Gateway
from egide.connectors.sms.rules import Half
from egide.entrypoints.stack.children import Child, ChildFailed, open_listener
from egide.entrypoints.streams.kept_rows import asked
from egide.journal.now import known
from egide.journal.now.kept import facts
from egide.protocol.keys import SigningKey
from tests.connectors.test_sms_rules import texts_of
from tests.intake.test_copying import erase
from tests.intake.test_process_keeping import away
from tests.support.asgi import COSE, SMS_SECRET
from tests.support.installation import Installation, Phone
from tests.support.postgres import Server
from tests.support.sms_gateway import RECORDING, headers_for
from tests.support.sms_road import SECRET, UDH, SmsRoad, keep_secret
from tests.support.waiting import WITHIN_S, until

KILLS = 3


class Road(SmsRoad):
    """The road into an installation that can be looked into."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation.config)
        self.installation = installation

    def presses(self, phone: Phone) -> list[bytes]:
        """The signed messages in the phone's alarms, in the order of the journal."""
        return [event.envelope for event in self._said(phone)]

    def flags(self, phone: Phone) -> tuple[str, ...]:
        """The marks of the first of them."""
        return self._said(phone)[0].flags

    def _said(self, phone: Phone) -> list[FromPhone]:
        journal = self.installation.journal
        events = [journal.open_event(row) for row in journal.read(after=0, limit=10_000) if row.alarm]
        return [e for e in events if isinstance(e, FromPhone) and e.device == phone.device]


@pytest.fixture
def road(tmp_path: Path, journal_address: str) -> Iterator[Road]:
    with Installation(tmp_path, SystemClock(), address=journal_address) as installation:
        made = Road(installation)
        yield made
        made.close()


def test_the_gateway_delivers_both_kinds_and_is_told_what_became_of_them(road: Road) -> None:
    one, two = road.installation.enrol(), road.installation.enrol()
    binary = road.hand(udh=UDH, data=one.press().hex(), times=3)
    told = road.delivered(binary)
    assert (told["statuses"], told["answer"]) == ([200] * 3, {"state": "received"})
    data = two.press()
    for text, state in zip(texts_of(data)[::-1], ("waiting", "received"), strict=True):
        assert road.delivered(road.hand(text=text))["answer"] == {"state": state}
    assert road.presses(two) == [data] and len(road.presses(one)) == 1


@pytest.mark.parametrize("whom", ["the reading process", "its writer"])
def test_killed_again_and_again_between_keeping_and_handing_on_nothing_is_lost_or_doubled(
    road: Road, whom: str
) -> None:
    over, kills = threading.Event(), threading.Semaphore(0)

    def kill() -> None:
        while not over.wait(0.25):
            pid = road.child.process.pid
            (writer,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            os.kill(int(writer) if whom == "its writer" else pid, signal.SIGKILL)
            road.child.process.wait()
            road.child.start()
            road.child.ready()
            kills.release()

    sent: dict[str, list[bytes]] = {}
    phones, calls = [], []
    killer = threading.Thread(target=kill)
    killer.start()
    for _ in range(KILLS):
        for phone in [road.installation.enrol() for _ in range(4)]:
            one, other = sent[phone.device] = [phone.press() for _ in range(2)]
            phones.append(phone)
            calls.append(road.hand(udh=UDH, data=one.hex(), times=2))
            calls += [road.hand(text=text) for text in texts_of(other)]
        assert kills.acquire(timeout=60)
    answers = {call: road.delivered(call) for call in calls}
    over.set()
    killer.join()
    assert all(told["statuses"][-1] in (200, 202) for told in answers.values())
    until(
        lambda: all(sorted(road.presses(phone)) == sorted(sent[phone.device]) for phone in phones),
        lambda: [len(road.presses(phone)) for phone in phones],
        every_s=0.1,
    )


def test_rule_09_by_https_and_by_sms_from_two_processes_is_one_press(road: Road) -> None:
    listener = open_listener()
    intake = Child("egide.entrypoints.intake", [], road.environment, listener)
    intake.ready()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/messages"
    try:
        phones = [road.installation.enrol() for _ in range(8)]
        for phone in phones:
            data = phone.press()
            call = road.hand(udh=UDH, data=data.hex())
            assert (
                requests.post(url, data=data, headers={"Content-Type": COSE}, timeout=WITHIN_S).status_code
                == 201
            )
            assert road.delivered(call)["answer"] == {"state": "received"}
            assert road.presses(phone) == [data]
    finally:
        intake.kill()
        listener.close()


def test_begun_without_a_primary_it_keeps_what_known_phones_send_shows_it_and_brings_it_back_once(
    tmp_path: Path, postgres: Server
) -> None:
    with Installation(tmp_path, SystemClock(), address=postgres.emptied()) as installation:
        road = Road(installation)
        try:
            one, two = installation.enrol(), installation.enrol()
            kit, erased = installation.issue_kit(), installation.enrol()
            blocked = installation.enrol(kit)
            installation.open_alarm(blocked)
            installation.enrol(kit)
            stranger = Phone(SigningKey.generate(), "no-kit", "no-case")
            installation.act(blocked.alarm(), PhoneBlocked(user="op", device=blocked.device))
            erase(installation, erased)
            now_us = installation.clock.now_us()
            until(lambda: known.facts(installation.config).at_us > now_us, "this machine knows them")
            with away(postgres):
                road.child.kill()
                road.child.start()
                road.child.ready()
                whole, halves = one.press(), two.press()
                calls = [road.hand(udh=UDH, data=whole.hex())]
                calls += [road.hand(text=text) for text in texts_of(halves)]
                told = [road.delivered(call)["answer"] for call in calls]
                assert told[0] == {"state": "kept"}
                assert sorted(answer["state"] for answer in told[1:]) == ["kept", "waiting"]
                for other in (erased, blocked, stranger):
                    answer = road.delivered(road.hand(udh=UDH, data=other.press().hex(), tries=1))["answer"]
                    assert answer == {"state": "kept"} or answer["reason"] == "unknown-key"
                lines = asyncio.run(asked(installation.config))
                assert {(line.kit, line.presses) for line in lines} == {(one.kit, 1), (two.kit, 1)}
                assert facts(installation.config).count == 2
            until(lambda: facts(installation.config).count == 0, "all of it is in the journal")
            for phone, data in ((one, whole), (two, halves)):
                assert road.presses(phone) == [data]
            assert {"by-sms", "kept"} <= set(road.flags(one))
            assert not road.presses(erased) and not road.presses(stranger)
            assert len(road.presses(blocked)) == 1, "the one from before"
        finally:
            road.close()


def test_a_gateway_with_another_secret_or_clock_is_refused(road: Road) -> None:
    data = road.installation.enrol().press().hex()
    other = "whsec_" + base64.b64encode(b"x" * 32).decode()
    for change, reason in (({"secret": other}, "bad-signature"), ({"skew_s": -3600}, "outside-window")):
        told = road.delivered(road.hand(udh=UDH, data=data, tries=2, **change))
        assert told["statuses"] == [401, 401] and told["answer"]["reason"] == reason


def test_what_the_gateway_sends_today_looks_like_what_was_recorded() -> None:
    body = json.dumps({"text": "EG12/2AAAA"}).encode()
    headers = headers_for(SECRET, "msg_recorded", body, 1_800_000_000)
    if os.environ.get("EGIDE_RECORD"):
        RECORDING.write_text(json.dumps({"headers": headers, "body": body.decode()}, indent=1) + "\n")
    recorded = json.loads(RECORDING.read_text())
    assert recorded == {"headers": headers, "body": body.decode()}
    gateway = Gateway([SMS_SECRET], 16_161)
    assert gateway.read(recorded["headers"], b"", recorded["body"].encode(), 1_800_000_060) == Call(
        Half(2, b"\0\0\0"), "", "msg_recorded"
    )


@pytest.mark.parametrize(
    ("text", "mode", "named"),
    [
        ("", 0o600, "holds no secret"),
        ("whsec_short", 0o600, "line 1 of sms.secrets is no secret"),
        ("# a line\n\nMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", 0o600, "line 3 of sms.secrets"),
        (SECRET, 0o644, "others can read"),
    ],
)
def test_settings_that_cannot_be_right_are_named(tmp_path: Path, text: str, mode: int, named: str) -> None:
    assert problems_of(Config(tmp_path)) == [], "no gateway is to call"
    path = keep_secret(tmp_path, text)
    path.chmod(mode)
    config = Config(tmp_path, sms_secrets=str(path))
    ((connector, problem),) = problems_of(config)
    assert connector == "sms" and named in problem and SECRET not in problem
    with pytest.raises(NotSetUp, match=r"EGIDE_SMS_SECRETS"):
        gateway_of(config)


def test_a_file_that_is_not_there_is_named_and_without_one_the_process_does_not_start(tmp_path: Path) -> None:
    config = Config(tmp_path, sms_secrets=str(tmp_path / "nowhere"))
    assert "nowhere cannot be read" in problems_of(config)[0][1]
    with pytest.raises(ChildFailed):
        Child("egide.entrypoints.sms", ["--port", "0"], Config(tmp_path).environment()).ready()


def test_secrets_of_the_account_of_sms_alone_are_no_fault_to_whoever_may_not_read_them(
    tmp_path: Path,
) -> None:
    path = keep_secret(tmp_path)
    environment = {**os.environ, **Config(tmp_path, sms_secrets=str(path)).environment()}
    asking = (
        "from egide.common.config import Config; from egide.connectors.registry import problems_of;"
        " print(problems_of(Config.from_env()))"
    )

    def asked(*arguments: str) -> tuple[str, str]:
        # Root, too, may not read it then.
        within = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
        command = [*within, sys.executable, *arguments]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return ended.stdout, ended.stderr

    path.chmod(0)
    assert asked("-c", asking) == ("[]\n", "")
    # The process that needs them says so, and does not start.
    out, said = asked("-m", "egide.entrypoints.sms", "--port", "0")
    assert out == "" and f"EGIDE_SMS_SECRETS: {path} cannot be read" in said and "Traceback" not in said
    path.chmod(0o004)
    assert "others can read" in asked("-c", asking)[0]
