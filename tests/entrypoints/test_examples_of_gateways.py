"""contracts/examples/ work as they stand: gateways in Python, JavaScript and curl, at the running road for SMS."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from egide.common.clock import SystemClock
from egide.connectors.calling import CallRefused
from egide.connectors.sms.answers import ANSWERS
from egide.connectors.texting import WebhookSender
from egide.connectors.webhooks import secret_of
from egide.entrypoints.stack.children import Child, open_listener
from tests.connectors.test_sms_rules import texts_of
from tests.support.installation import Installation
from tests.support.kannel import LOGIN
from tests.support.other_programs import command, run, said
from tests.support.sms_road import SECRET, UDH, keep_secret

HERS, ENGLISH = "+32470111111", 14
# A secret that the installation does not know. What runs already read its own at its start.
OTHER = "whsec_" + "QUJD" * 8


class Road:
    """The running process that gateways call, and its installation."""

    def __init__(self, installation: Installation, secret: str, **settings: str) -> None:
        self.installation = installation
        self.secret_file = keep_secret(installation.config.data_dir, secret + "\n")
        self._listener = open_listener()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        config = replace(installation.config, sms_secrets=str(self.secret_file), **settings)
        self._child = Child("egide.entrypoints.sms", [], config.environment(), self._listener)
        self._child.ready()

    def call(self, program: str, how: str, *words: object) -> subprocess.CompletedProcess[str]:
        return run(program, how, self.url, self.secret_file, *words)

    def kinds(self, alarm: str) -> list[str]:
        return self.installation.kinds(f"alarm:{alarm}")

    def close(self) -> None:
        self._child.stop()
        self._listener.close()


@contextmanager
def running(folder: Path, secret: str = SECRET, **settings: str) -> Iterator[Road]:
    with Installation(folder, SystemClock()) as installation:
        road = Road(installation, secret, **settings)
        try:
            yield road
        finally:
            road.close()


@contextmanager
def listening(program: str, folder: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The program that Egide calls: its address, and what it would send next."""
    folder.mkdir()
    secret_file = keep_secret(folder, SECRET + "\n")
    with subprocess.Popen(
        command(program, "listen", 0, secret_file), stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        lines = child.stdout
        try:
            yield (
                f"http://127.0.0.1:{json.loads(lines.readline())['port']}/",
                lambda: json.loads(lines.readline()),
            )
        finally:
            child.terminate()


@pytest.mark.parametrize("program", ["gateway.py", "gateway.mjs"])
def test_a_gateway_of_others_hands_on_a_press_and_sends_the_answer_that_it_asks_for(
    tmp_path: Path, program: str
) -> None:
    with (
        listening(program, tmp_path / "gateway") as (url, would_send),
        running(tmp_path / "data", sms_send_url=url) as road,
    ):
        phone = road.installation.enrol()
        first, second = texts_of(phone.press())
        alarm = phone.alarm()
        for text, state in ((f"{second}.{ENGLISH}", "waiting"), (first, "received")):
            handed = road.call(program, "text", text, HERS)
            assert said(handed.stdout) == [{"state": state}], handed.stderr
        assert would_send() == {"to": HERS, "text": ANSWERS[ENGLISH]}
        whole = road.call(program, "binary", UDH, phone.press().hex())
        assert said(whole.stdout) == [{"state": "received"}], whole.stderr
        assert {"PressReceived", "PressedAgain"} <= set(road.kinds(alarm))
        road.secret_file.write_text(OTHER)
        refused = road.call(program, "text", "STOP")
        assert refused.returncode != 0 and "401" in refused.stderr and "bad-signature" in refused.stderr


@pytest.mark.parametrize("program", ["gateway.py", "gateway.mjs"])
def test_a_gateway_of_others_sends_once_what_comes_twice_and_nothing_that_is_not_signed(
    tmp_path: Path, program: str
) -> None:
    with listening(program, tmp_path / "gateway") as (url, would_send):
        egide = WebhookSender(url, secret_of(SECRET), SystemClock())
        with pytest.raises(CallRefused, match="401"):
            WebhookSender(url, secret_of(OTHER), SystemClock()).send(HERS, "forged", "answer_0")
        for identity, text in (("answer_1", "once"), ("answer_1", "once"), ("answer_2", "another")):
            egide.send(HERS, text, identity)
        assert [would_send()["text"] for _ in range(2)] == ["once", "another"]


def test_a_gateway_in_curl_hands_on_a_press_and_a_text_as_somebody_wrote_it(tmp_path: Path) -> None:
    with running(tmp_path) as road:
        phone = road.installation.enrol()
        whole = road.call("gateway.sh", "binary", UDH, phone.press().hex(), HERS)
        assert said(whole.stdout) == [{"state": "received"}], whole.stderr
        assert road.kinds(phone.alarm()) == ["PressReceived"]
        no_press = road.call("gateway.sh", "text", 'A "word" \\ of\nsomebody')
        assert said(no_press.stdout) == [{"state": "refused", "reason": "not-a-press"}], no_press.stderr


def test_a_gateway_in_curl_speaks_as_kannel_does_and_hears_not_a_word(tmp_path: Path) -> None:
    with running(tmp_path, LOGIN, sms_form="kannel") as road:
        phone = road.installation.enrol()
        for text in texts_of(phone.press()):
            handed = road.call("gateway.sh", "kannel", text, HERS)
            assert (handed.returncode, handed.stdout.strip()) == (0, ""), handed.stderr
        assert road.kinds(phone.alarm()) == ["PressReceived"]
        road.secret_file.write_text(f"{LOGIN}x")
        refused = road.call("gateway.sh", "kannel", "STOP")
        assert refused.returncode != 0 and "401" in refused.stderr
