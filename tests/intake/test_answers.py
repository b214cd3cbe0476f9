"""A try to answer by SMS stands beside its press, and nowhere else, whatever the process that reads asks for."""

from pathlib import Path

from egide.alarm.events.sms import SmsAnswerTried
from egide.intake.answers import do_note_answer
from egide.intake.passing import AnswerTried
from tests.support.installation import Installation, Phone


def noted(installation: Installation) -> list[tuple[str, SmsAnswerTried]]:
    journal = installation.journal
    events = [(row.stream, journal.open_event(row)) for row in journal.read(limit=1000)]
    return [(stream, event) for stream, event in events if isinstance(event, SmsAnswerTried)]


def note(installation: Installation, phone: Phone, press: int) -> bool:
    return do_note_answer(installation.journal, AnswerTried(1, phone.device, press, 2, "timeout"))


def test_it_stands_on_the_alarm_of_the_press(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        phone = installation.enrol()
        alarm = installation.open_alarm(phone)
        press = installation.journal.stream(f"alarm:{alarm}")[0].seq
        assert note(installation, phone, press)
        tried = SmsAnswerTried(device=phone.device, press=press, attempt=2, why="timeout")
        assert noted(installation) == [(f"alarm:{alarm}", tried)]


def test_neither_on_somebody_elses_alarm_nor_outside_of_alarms(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        phone, other = installation.enrol(), installation.enrol()
        alarm = installation.open_alarm(other)
        theirs = installation.journal.stream(f"alarm:{alarm}")[0].seq
        enrolled = installation.journal.stream(f"device:{phone.device}")[0].seq
        for press in (theirs, enrolled, 0, 10_000):
            assert not note(installation, phone, press)
        assert noted(installation) == []
