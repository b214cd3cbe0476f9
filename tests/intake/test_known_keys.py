"""Whose key intake looks up, and where, while its writer keeps: nobody waits for a journal that is known to be away."""

import queue
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from egide.common.clock import SetClock
from egide.intake.away.copying import Copying
from egide.intake.away.keeping import KeepingWriter
from egide.intake.away.showing import Showing
from egide.intake.service import KEPT_S, Answer, Intake, Reply
from egide.intake.writer_thread import WriterThread
from egide.journal.now.kept import PURPOSE
from egide.journal.now.known import Known
from tests.support.installation import NOW_S, Installation, Phone
from tests.support.postgres import Server
from tests.support.waiting import WITHIN_S


def reply_to_all(answers: list[tuple[Reply, Answer]]) -> None:
    for reply, answer in answers:
        reply(answer)


class Door:
    """Intake whose writer keeps, beside a journal that answers whoever asks it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        writer = KeepingWriter(installation.config, installation.journal, installation.clock)
        writer.begin()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self.intake = Intake(
            installation.config,
            installation.journal,
            installation.clock,
            reply_to_all,
            WriterThread(writer),
        )
        self.intake.start()

    def send(self, data: bytes) -> int:
        self.intake.submit(data, self._answers.put)
        return self._answers.get(timeout=WITHIN_S)[0]

    def copy(self) -> None:
        """This machine's copy is as the journal is now."""
        known = Known(self.installation.config, self.installation.keys.purpose_key(PURPOSE))
        clock = self.installation.clock
        Copying(self.installation.journal, clock, known, Showing(clock)).look()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW_S * 1_000_000)


@pytest.fixture
def door(tmp_path: Path, clock: SetClock, postgres: Server) -> Iterator[tuple[Door, Phone]]:
    """With a phone whose key was read as it began."""
    with Installation(tmp_path, clock, address=postgres.emptied()) as installation:
        phone = installation.enrol()
        made = Door(installation)
        yield made, phone
        made.intake.stop()


def test_while_the_writer_keeps_the_copy_of_this_machine_is_asked_and_not_the_journal(
    door: tuple[Door, Phone], clock: SetClock
) -> None:
    made, phone = door
    copied = made.installation.enrol()
    made.copy()
    # Of whom the journal alone knows: only there a key could be found.
    later = made.installation.enrol()
    assert made.send(phone.press()) == HTTPStatus.ACCEPTED
    assert made.send(copied.press()) == HTTPStatus.ACCEPTED
    assert made.send(later.press()) == HTTPStatus.SERVICE_UNAVAILABLE
    clock.advance_s(KEPT_S)
    assert made.send(later.press()) == HTTPStatus.ACCEPTED


def test_before_anything_was_kept_the_journal_is_asked(door: tuple[Door, Phone]) -> None:
    made, _phone = door
    assert made.send(made.installation.enrol().press()) == HTTPStatus.ACCEPTED
