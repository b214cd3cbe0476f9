"""A magistrate of the file's office keeps sound that nobody has heard, with a reason (safety rules 15 and 23)."""

import hashlib
from datetime import timedelta

import pytest

from egide.alarm.events import AlarmClosed, AudioReceived, PressReceived, SoundExpired, SoundHeard, SoundKept
from egide.casework import models as m
from egide.casework.life.retention import RetentionError, unheard_sound_days
from egide.journal.sealing.blobs import Blobs
from egide.outbox.days import today
from egide.protocol import cbor
from egide.protocol.envelope import Kind
from tests.casework.people import OFFICE, ZONE, Office
from tests.support.installation import Phone
from tests.support.pages import text_of
from tests.support.refusals import faults_of


class Recording:
    """A file with an alarm that has two pieces of sound, closed today."""

    def __init__(self, office: Office, is_closed: bool = True) -> None:
        self.office, self.case = office, office.file()
        self.pages = office.pages
        made = self.pages.installation
        kit = made.issue_kit(case=self.case.id)
        self.phone: Phone = made.enrol(kit)
        self.alarm = made.open_alarm(self.phone)
        for number in range(2):
            data = self.phone.envelope(Kind.AUDIO, press=1, body=cbor.encode([number, b"voice"]))
            digest = hashlib.sha256(data).hexdigest()
            Blobs(made.config, made.keys).put(self.case.id, digest, data)
            event = made.phone_event(
                AudioReceived, self.phone, digest=digest, number=number, size_bytes=5, envelope=b""
            )
            made.append(f"alarm:{self.alarm}", event, case=self.case.id)
        if is_closed:
            made.act(self.alarm, AlarmClosed(user="op", outcome="handling-error", reason="", basis="team"))

    @property
    def page(self) -> str:
        return f"/files/{self.case.id}/sound/{self.alarm}/keep"

    def shown(self, client: object = None) -> str:
        """What the file says of sound."""
        reply = (client or self.office.magistrate).get(f"/files/{self.case.id}/")  # type: ignore[attr-defined]
        assert reply.status_code == 200
        return text_of(reply)


@pytest.fixture
def recording(office: Office) -> Recording:
    return Recording(office)


def test_rule_23_the_file_says_when_unheard_sound_goes(recording: Recording) -> None:
    day = (today() + timedelta(days=30)).strftime("%-d %B %Y")
    for client in (recording.office.magistrate, recording.office.officer, recording.office.clerk):
        shown = recording.shown(client)
        assert "2 pieces of sound" in shown and f"It is deleted on {day}" in shown
    assert "Keep this sound" in recording.shown()
    assert "Keep this sound" not in recording.shown(recording.office.officer)
    assert "Keep this sound" not in recording.shown(recording.office.clerk)


def test_rule_23_the_prosecutor_keeps_it_with_a_reason_that_stands_in_the_journal(
    recording: Recording,
) -> None:
    magistrate = recording.office.magistrate
    page = magistrate.get(recording.page)
    assert page.status_code == 200 and 'name="reason" rows="4" maxlength="4000"></textarea>' in str(
        page.content
    )
    refused = magistrate.post(recording.page, {"reason": "because"})
    assert refused.status_code == 422 and "Write in a sentence" in text_of(refused)
    assert faults_of(refused.content.decode()) == ["reason"]
    assert ">because</textarea>" in refused.content.decode(), "what was typed is kept"
    kept = magistrate.post(recording.page, {"reason": " The trial is in March 2027. "})
    assert kept.status_code == 302
    journal = recording.pages.journal
    (event,) = [
        event
        for row in journal.stream(f"alarm:{recording.alarm}")
        if isinstance(event := journal.open_event(row), SoundKept)
    ]
    assert (event.user, event.reason) == ("mag-1", "The trial is in March 2027.")
    for client in (magistrate, recording.office.officer):
        shown = recording.shown(client)
        assert (
            "Kept by" in shown and "The trial is in March 2027." in shown and "It is deleted on" not in shown
        )
    assert magistrate.post(recording.page, {"reason": "Once more, for another reason."}).status_code == 302
    assert recording.pages.installation.kinds(f"alarm:{recording.alarm}").count("SoundKept") == 1


def test_rule_23_nobody_else_can_keep_it_or_learns_of_the_page(recording: Recording) -> None:
    office = recording.office
    others = (
        office.officer,
        office.clerk,
        office.client("far-mag", "magistrate", office="gent"),
        office.client("op-9", "operator", centre="HAI"),
        office.client("chief-9", "supervisor", centre="HAI"),
        office.client("dpo-9", "data-protection"),
    )
    for client in others:
        assert client.get(recording.page).status_code == 404
        assert client.post(recording.page, {"reason": "A reason that is long."}).status_code == 404
    assert "SoundKept" not in recording.pages.installation.kinds(f"alarm:{recording.alarm}")


def test_the_page_of_another_files_alarm_does_not_exist(recording: Recording) -> None:
    other = Recording(recording.office)
    wrong = f"/files/{recording.case.id}/sound/{other.alarm}/keep"
    assert recording.office.magistrate.post(wrong, {"reason": "A reason that is long."}).status_code == 404


def test_rule_23_what_was_heard_or_is_gone_is_said_and_cannot_be_kept_any_more(recording: Recording) -> None:
    made = recording.pages.installation
    made.act(recording.alarm, SoundHeard(user="op"))
    assert "Somebody listened: it is evidence, and stays." in recording.shown()
    assert "Keep this sound" not in recording.shown()
    gone = Recording(recording.office)
    made.act(gone.alarm, SoundExpired(pieces=2))
    assert "nobody had listened. The hashes stay." in gone.shown()
    refused = recording.office.magistrate.post(gone.page, {"reason": "A reason that is long."})
    assert refused.status_code == 422 and "The sound was deleted meanwhile" in text_of(refused)


def test_rule_23_sound_of_an_open_alarm_can_be_kept_at_once(office: Office) -> None:
    recording = Recording(office, is_closed=False)
    assert "The alarm is open." in recording.shown()
    assert office.magistrate.post(recording.page, {"reason": "A reason that is long."}).status_code == 302


def test_a_file_without_sound_says_nothing_of_it(office: Office) -> None:
    case = office.file()
    assert "Sound of alarms" not in text_of(office.officer.get(f"/files/{case.id}/"))
    assert m.Case.objects.filter(id=case.id, managing_zone=ZONE, office=OFFICE).exists()
    assert PressReceived.__name__ not in office.pages.installation.kinds(f"case:{case.id}")


def test_the_days_are_a_setting_of_the_authority(office: Office) -> None:
    data_dir = office.pages.config.data_dir
    assert unheard_sound_days(data_dir) == 30
    own = data_dir / "retention.toml"
    own.write_text("[days]\nrefused = 10\n")
    assert unheard_sound_days(data_dir) == 30, "what it does not name is as delivered"
    own.write_text("[days]\nrefused = 10\n[sound]\nunheard_days = 7\n")
    assert unheard_sound_days(data_dir) == 7
    for wrong in ("unheard_days = 0", 'unheard_days = "7"', "others = 3"):
        own.write_text(f"[days]\nrefused = 10\n[sound]\n{wrong}\n")
        with pytest.raises(RetentionError):
            unheard_sound_days(data_dir)
