"""Sound that nobody heard goes, with its key, unless somebody heard or kept it; its hash stays (safety rule 23)."""

import hashlib
import shutil
from pathlib import Path

import pytest

from egide.alarm.events import AlarmClosed, AudioReceived, SoundExpired, SoundExported, SoundHeard, SoundKept
from egide.common.sealing import UnsealError
from egide.events.base import Event
from egide.journal.ending.erasing import do_hold, do_release
from egide.journal.ending.sounds import DAY_US, Expirer
from egide.journal.errors import JournalFull
from egide.journal.proof.verify import verify
from egide.journal.sealing.blobs import Blobs, NoSuchBlob
from egide.journal.sealing.keys import KeyErased, KeyStore
from egide.protocol import cbor
from egide.protocol.envelope import Kind
from tests.support.installation import Installation, Phone

DAYS = 30


class Sounds:
    """An alarm with sound, and the expirer that looks at it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.blobs = Blobs(installation.config, installation.keys)
        self.expirer = Expirer(installation.journal, self.blobs)
        self.phone = installation.enrol()
        self.alarm = installation.open_alarm(self.phone)

    def hear(self, number: int = 0, phone: Phone | None = None, alarm: str = "") -> str:
        """A piece of sound arrives; its digest."""
        phone = phone or self.phone
        data = phone.envelope(Kind.AUDIO, press=1, body=cbor.encode([number, b"voice" * 50]))
        digest = hashlib.sha256(data).hexdigest()
        self.blobs.put(phone.case, digest, data)
        event = self.installation.phone_event(
            AudioReceived, phone, digest=digest, number=number, size_bytes=250, envelope=b""
        )
        self.installation.append(f"alarm:{alarm or self.alarm}", event, case=phone.case)
        return digest

    def close(self) -> None:
        self.installation.act(
            self.alarm, AlarmClosed(user="op", outcome="handling-error", reason="", basis="team")
        )

    def look(self, days: float = 0) -> int:
        """Let days pass, then look twice, as two hours do."""
        self.installation.set_clock.advance_s(days * 86_400)
        now_us = self.installation.clock.now_us()
        return self.expirer.look(now_us, DAYS) + self.expirer.look(now_us, DAYS)

    def is_there(self, digest: str) -> bool:
        try:
            self.blobs.get(self.phone.case, digest)
        except (NoSuchBlob, KeyErased):
            return False
        return True


@pytest.fixture
def sounds(installation: Installation) -> Sounds:
    return Sounds(installation)


def test_rule_23_unheard_sound_expires_after_its_days_and_not_before(sounds: Sounds) -> None:
    digests = [sounds.hear(number) for number in range(3)]
    sounds.close()
    assert sounds.look(days=DAYS - 0.01) == 0 and all(map(sounds.is_there, digests))
    assert sounds.look(days=0.02) == 1 and not any(map(sounds.is_there, digests))
    assert sounds.installation.kinds(f"alarm:{sounds.alarm}")[-1] == "SoundExpired"
    state = sounds.installation.journal.alarm(sounds.alarm)
    assert state is not None and (state.talk.sounds, state.talk.sound_expired_pieces) == ((), 3)
    assert sounds.look(days=100) == 0, "it is told once"


def test_rule_23_expired_sound_is_unreadable_in_every_copy_and_its_hash_stays(
    sounds: Sounds, tmp_path: Path
) -> None:
    digest = sounds.hear()
    sounds.close()
    data_dir = sounds.installation.config.data_dir
    copy = tmp_path / "copy"
    shutil.copytree(data_dir / "blobs", copy)
    assert sounds.look(days=DAYS) == 1
    shutil.rmtree(data_dir / "blobs")
    shutil.copytree(copy, data_dir / "blobs")
    with pytest.raises(UnsealError):
        sounds.blobs.get(sounds.phone.case, digest)
    for file in data_dir.glob("keys.db*"):
        assert digest.encode() not in file.read_bytes()
    assert digest not in str(_keys(sounds.installation.keys))
    journal = sounds.installation.journal
    told = [journal.open_event(row) for row in journal.stream(f"alarm:{sounds.alarm}")]
    assert [event.digest for event in told if isinstance(event, AudioReceived)] == [digest]
    assert SoundExpired(pieces=1) in told
    assert verify(journal.every()).last_seq == journal.head()


@pytest.mark.parametrize(
    "event",
    [SoundHeard(user="op"), SoundExported(user="chief"), SoundKept(user="mag", reason="a trial is near")],
    ids=lambda event: event.kind,
)
def test_rule_23_what_was_heard_given_out_or_kept_stays(sounds: Sounds, event: Event) -> None:
    digest = sounds.hear()
    sounds.installation.act(sounds.alarm, event)
    sounds.close()
    assert sounds.look(days=10 * DAYS) == 0 and sounds.is_there(digest)


def test_rule_23_the_sound_of_an_open_alarm_stays(sounds: Sounds) -> None:
    digest = sounds.hear()
    assert sounds.look(days=10 * DAYS) == 0 and sounds.is_there(digest)


def test_rule_23_sound_that_came_late_has_its_own_time(sounds: Sounds) -> None:
    sounds.hear()
    sounds.close()
    sounds.installation.set_clock.advance_s(20 * 86_400)
    late = sounds.hear(1)
    assert sounds.look(days=DAYS - 1) == 0 and sounds.look(days=1) == 1
    again = sounds.hear(2)
    assert not sounds.is_there(late) and sounds.is_there(again)
    assert sounds.look(days=DAYS) == 1 and not sounds.is_there(again)


def test_rule_29_a_legal_hold_stops_the_expiry_until_it_is_released(sounds: Sounds) -> None:
    digest, journal, case = sounds.hear(), sounds.installation.journal, sounds.phone.case
    sounds.close()
    do_hold(journal, case, "mag", "a trial")
    assert sounds.look(days=2 * DAYS) == 0 and sounds.is_there(digest)
    do_release(journal, case, "mag", "over")
    assert sounds.look() == 1 and not sounds.is_there(digest)


def test_a_clock_that_is_wrong_at_one_look_destroys_nothing(sounds: Sounds) -> None:
    digest = sounds.hear()
    sounds.close()
    now_us = sounds.installation.clock.now_us()
    for at_us in (now_us, now_us + 1000 * DAY_US, now_us, now_us + 1000 * DAY_US, now_us):
        assert sounds.expirer.look(at_us, DAYS) == 0
    assert sounds.is_there(digest)


def test_the_sound_of_other_alarms_stays_readable(sounds: Sounds) -> None:
    sounds.hear()
    sounds.close()
    sounds.installation.set_clock.advance_s(DAYS * 86_400)
    other = sounds.installation.enrol()
    alarm = sounds.installation.open_alarm(other)
    digest = sounds.hear(0, other, alarm)
    assert sounds.look() == 1
    assert sounds.blobs.get(other.case, digest)


def test_what_could_not_be_told_is_done_again_and_told_once(
    sounds: Sounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = sounds.hear()
    sounds.close()
    discard = sounds.blobs.discard

    def fail(digests: list[str]) -> None:
        discard(digests)
        raise JournalFull("as a power cut between the key and the commit")

    monkeypatch.setattr(sounds.blobs, "discard", fail)
    assert sounds.look(days=DAYS) == 0
    assert "SoundExpired" not in sounds.installation.kinds(f"alarm:{sounds.alarm}")
    monkeypatch.setattr(sounds.blobs, "discard", discard)
    assert sounds.look() == 1 and not sounds.is_there(digest)
    assert sounds.installation.kinds(f"alarm:{sounds.alarm}").count("SoundExpired") == 1


def test_an_erased_case_takes_the_keys_of_its_sound_with_it(sounds: Sounds) -> None:
    digest = sounds.hear()
    sounds.close()
    sounds.installation.keys.destroy(sounds.phone.case)
    with pytest.raises(KeyErased):
        sounds.blobs.get(sounds.phone.case, digest)
    assert sounds.look(days=DAYS) == 0
    assert digest not in str(_keys(sounds.installation.keys))


def _keys(store: KeyStore) -> list[object]:
    return store._place.execute("SELECT digest FROM blob_key").fetchall()


def test_sound_from_before_blobs_had_keys_of_their_own_is_still_heard_and_goes_in_time(
    sounds: Sounds,
) -> None:
    digest, case, keys = sounds.hear(), sounds.phone.case, sounds.installation.keys
    path = sounds.installation.config.data_dir / "blobs" / digest[:2] / digest
    keys.destroy_blobs([digest])
    path.write_bytes(keys.record_key(case).seal(b"older", b"blob:" + digest.encode()))
    assert sounds.blobs.get(case, digest) == b"older"
    sounds.close()
    assert sounds.look(days=DAYS) == 1 and not path.exists()
