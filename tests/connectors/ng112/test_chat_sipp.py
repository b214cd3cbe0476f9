"""The chat with a control room by sipp: it writes on the connection that we opened, and says things late and twice."""

from pathlib import Path

import pytest

from egide.alarm.events.elsewhere import CHAT_BEGUN, CHAT_OVER, CHAT_SAID
from egide.common.clock import SystemClock
from egide.connectors.dispatch.facts import SAID, Facts
from egide.connectors.ng112 import line as lines
from egide.connectors.ng112.report import message_of
from egide.connectors.ng112.road import deliver
from tests.connectors.ng112.judging import AT_US, facts, receiver
from tests.connectors.ng112.test_chat import CHAT, TALKS, Heard
from tests.support.sip.servers import sipp

PATIENT_S = 60.0


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with much else answers in time all the same."""
    monkeypatch.setattr(lines, "DEADLINE_S", PATIENT_S)


def test_it_writes_where_we_registered_and_takes_her_answer_beside(tmp_path: Path) -> None:
    with sipp(tmp_path / "sipp", "room", calls=2) as (url, process):
        heard = Heard(receiver(url, fields=TALKS))
        told = receiver(url, fields=TALKS, language="en")
        answer = Facts(
            SAID, facts().alarm, AT_US, AT_US, said="here", place=2, address="sip:room@control.example"
        )
        deliver(message_of(answer, told), told, SystemClock(), PATIENT_S)
        # It leaves once it had our answer to each.
        assert heard.down() == "unreachable"
        assert process.wait(timeout=PATIENT_S) == 0, (tmp_path / "sipp" / "said.txt").read_text()
    assert [(one.word, one.text) for one in heard.words] == [
        (CHAT_BEGUN, "Room 7 here"),
        (CHAT_SAID, "Is he there?"),
        (CHAT_OVER, ""),
    ]
    assert {(one.alarm, one.address) for one in heard.words} == {(CHAT, "sip:room@control.example")}


def test_what_it_says_again_has_the_number_that_it_had_and_another_cseq_is_another_message(
    tmp_path: Path,
) -> None:
    with sipp(tmp_path / "sipp", "room_again") as (url, process):
        heard = Heard(receiver(url, fields=TALKS))
        assert heard.down() == "unreachable"
        assert process.wait(timeout=PATIENT_S) == 0, (tmp_path / "sipp" / "said.txt").read_text()
    first, same, other, without = (one.number for one in heard.words)
    assert first == same and len({first, other, without}) == 3
    assert heard.words[-1].text == "No number"


def test_one_that_is_full_is_down_for_now(tmp_path: Path) -> None:
    with sipp(tmp_path / "sipp", "room_full") as (url, _process):
        assert Heard(receiver(url, fields=TALKS)).down() == "refused-503"
