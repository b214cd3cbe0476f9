"""A modem with gammu-smsd in kannel's place: what comes is handed on by a script, what goes lies in its outbox."""

from dataclasses import replace
from pathlib import Path

import pytest

from egide.alarm.events import FromPhone
from egide.common.clock import SetClock, SystemClock
from egide.common.config import Config
from egide.connectors.gammu import STUCK_S, OutboxSender
from egide.connectors.registry import problems_of, roads_of
from egide.connectors.sms.answers import ANSWERS
from egide.entrypoints.stack.children import Child, open_listener
from tests.connectors.test_sms_rules import texts_of
from tests.support.gammu import modem
from tests.support.installation import Installation
from tests.support.kannel import LOGIN
from tests.support.sms_road import keep_secret
from tests.support.waiting import until

HERS, FRENCH = "+32470111111", 2


def test_a_text_lies_whole_in_the_outbox_once_whatever_is_repeated(tmp_path: Path) -> None:
    clock = SetClock(SystemClock().now_us())
    sender = OutboxSender(tmp_path, clock)
    for _ in range(2):
        sender.send(HERS, ANSWERS[FRENCH], "answer_1")
    sender.send(HERS, ANSWERS[1], "answer_2")
    sender.check()
    files = sorted(tmp_path.iterdir())
    assert len(files) == 2 and all(path.name.startswith(f"OUTC_{HERS}_") for path in files)
    assert {path.read_text("utf-16") for path in files} == {ANSWERS[1], ANSWERS[FRENCH]}
    clock.advance_s(STUCK_S + 60)
    with pytest.raises(OSError, match="sends nothing") as stuck:
        sender.check()
    assert HERS[1:] not in str(stuck.value)


def test_an_outbox_that_is_not_there_is_an_error_without_a_number(tmp_path: Path) -> None:
    sender = OutboxSender(tmp_path / "away", SetClock(0))
    with pytest.raises(OSError, match="takes nothing") as away:
        sender.send(HERS, "x", "answer_1")
    assert HERS[1:] not in str(away.value)
    with pytest.raises(OSError, match="cannot be written"):
        sender.check()


def test_a_folder_is_an_address_in_kannels_form_alone(tmp_path: Path) -> None:
    url = f"file://{tmp_path}"
    config = Config(
        tmp_path, sms_form="kannel", sms_secrets=str(keep_secret(tmp_path, LOGIN)), sms_send_url=url
    )
    assert problems_of(config) == []
    assert "EGIDE_SMS_SEND_URL" in problems_of(replace(config, sms_send_url="file://host/outbox"))[0][1]
    signed = replace(config, sms_form="webhook", sms_secrets=str(keep_secret(tmp_path)))
    assert "EGIDE_SMS_SEND_URL" in problems_of(signed)[0][1]


@pytest.mark.full(
    "tests/connectors/test_gammu.py::test_a_text_lies_whole_in_the_outbox_once_whatever_is_repeated",
    "tests/connectors/test_kannel_calls.py",
)
def test_a_press_comes_by_a_modem_and_the_sentence_and_an_alert_go_by_it(tmp_path: Path) -> None:
    listener = open_listener()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    folder = tmp_path / "gammu"
    folder.mkdir()
    with Installation(tmp_path / "data", SystemClock()) as installation, modem(folder, url, LOGIN) as daemon:
        config = replace(
            installation.config,
            sms_form="kannel",
            sms_secrets=str(keep_secret(tmp_path, LOGIN)),
            sms_send_url=f"file://{daemon.outbox}",
            alert_sms=("+32470222222",),
        )
        child = Child("egide.entrypoints.sms", [], config.environment(), listener)
        child.ready()
        try:
            phone = installation.enrol()
            data = phone.press()
            first, second = texts_of(data)
            for text in (f"{second}.{FRENCH}", 'Hello "you"\\', first):
                daemon.come(text, HERS)

            def presses() -> list[bytes]:
                events = [
                    installation.journal.open_event(row)
                    for row in installation.journal.read(after=0, limit=1000)
                    if row.alarm
                ]
                return [e.envelope for e in events if isinstance(e, FromPhone)]

            until(lambda: presses() == [data], presses)
            until(lambda: len(list(daemon.sent.iterdir())) == 1, lambda: list(daemon.outbox.iterdir()))
            (sent,) = daemon.sent.iterdir()
            assert HERS in sent.name and sent.read_text("utf-16") == ANSWERS[FRENCH]
            (way,) = roads_of(config)
            way.check()
            child.kill()
        finally:
            child.stop()
            listener.close()
    assert "EG1" not in (folder / "said").read_text(errors="replace")
