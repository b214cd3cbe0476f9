"""The worker's own thread discards unheard sound, and survives a setting that cannot be read (safety rule 23)."""

import hashlib
import threading
from collections.abc import Iterator

import pytest

from egide.alarm.events import AlarmClosed, AudioReceived
from egide.entrypoints.worker import expiring
from egide.journal.sealing.blobs import Blobs
from egide.protocol import cbor
from egide.protocol.envelope import Kind
from tests.support.installation import Installation

WITHIN_S = 60


class Running:
    """The thread, looking without pause."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.stopped = threading.Event()
        arguments = (self.stopped, installation.config, installation.journal, installation.clock)
        self.thread = threading.Thread(target=expiring.expire_until, args=arguments)

    def unheard(self) -> tuple[str, str]:
        """An alarm that ended long ago with sound that nobody heard, and the digest of that."""
        made = self.installation
        phone = made.enrol()
        alarm = made.open_alarm(phone)
        data = phone.envelope(Kind.AUDIO, press=1, body=cbor.encode([0, b"voice"]))
        digest = hashlib.sha256(data).hexdigest()
        Blobs(made.config, made.keys).put(phone.case, digest, data)
        event = made.phone_event(AudioReceived, phone, digest=digest, number=0, size_bytes=5, envelope=b"")
        made.append(f"alarm:{alarm}", event, case=phone.case)
        made.act(alarm, AlarmClosed(user="op", outcome="handling-error", reason="", basis="team"))
        made.set_clock.advance_s(31 * 86_400)
        return alarm, digest

    def until_told(self, alarm: str) -> bool:
        """Whether the thread discards the sound of `alarm` in time."""
        waited = threading.Event()
        for _ in range(WITHIN_S * 100):
            if self.installation.kinds(f"alarm:{alarm}")[-1] == "SoundExpired":
                return True
            waited.wait(0.01)
        return False


@pytest.fixture
def running(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(expiring, "LOOK_S", 0.01)
    made = Running(installation)
    yield made
    made.stopped.set()
    made.thread.join(WITHIN_S)
    assert not made.thread.is_alive()


def test_rule_23_the_worker_discards_unheard_sound_when_its_days_are_over(running: Running) -> None:
    alarm, digest = running.unheard()
    running.thread.start()
    assert running.until_told(alarm)
    assert not Blobs(running.installation.config, running.installation.keys).has(digest)


def test_while_the_setting_cannot_be_read_nothing_is_discarded(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    alarm, digest = running.unheard()
    own = running.installation.config.data_dir / "retention.toml"
    own.write_text("[days]\nended = 10\n[sound]\nunheard_days = 0\n")
    running.thread.start()
    for _ in range(WITHIN_S * 100):
        if "unheard_days = 0" in caplog.text:
            break
        running.stopped.wait(0.01)
    assert "no sound was discarded" in caplog.text
    assert Blobs(running.installation.config, running.installation.keys).has(digest)
    own.unlink()
    assert running.until_told(alarm), "it goes on by itself"
