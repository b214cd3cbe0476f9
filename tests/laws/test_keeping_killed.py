"""Law: kill -9 of intake that keeps presses or brings them into the journal loses, doubles and turns round none."""

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from egide.alarm.events import PressedAgain, PressReceived
from egide.common.clock import SystemClock
from egide.journal.now import known
from egide.journal.now.kept import facts
from egide.protocol.envelope import Kind
from tests.intake.test_process import Running
from tests.support.installation import Installation
from tests.support.postgres import Server
from tests.support.waiting import until

PHONES, PRESSES, KILLS = 4, 100, 2


def pressed(installation: Installation, device: str) -> list[bytes]:
    """The presses of this phone in the journal's order; its alarm has signs of life, too."""
    journal = installation.journal
    rows = [row for row in journal.every() if row.stream.startswith(f"alarm:{device}-")]
    events = map(journal.open_event, rows)
    return [event.envelope for event in events if isinstance(event, PressReceived | PressedAgain)]


@contextmanager
def intake_of(installation: Installation) -> Iterator[Running]:
    """It is ended with this context."""
    running = Running(installation)
    try:
        yield running
    finally:
        running.child.kill()
        running.listener.close()


def expect_pressed(installation: Installation, sent: dict[str, list[bytes]]) -> None:
    """Each phone's presses are in the journal once, in the order in which they were sent."""
    assert {device: pressed(installation, device) for device in sent} == sent


def until_left(installation: Installation, most: int) -> None:
    """No more than so many are kept: looked at often, for the moment of a kill."""
    config = installation.config
    until(lambda: facts(config).count <= most, lambda: facts(config), every_s=0.0005)


@pytest.mark.law
def test_what_an_intake_kept_that_began_without_a_database_survives_kill_9_at_any_moment(
    tmp_path: Path, postgres: Server, rounds: int, chance: random.Random
) -> None:
    with Installation(tmp_path, SystemClock(), address=postgres.emptied()) as installation:
        phones = [installation.enrol() for _ in range(PHONES)]
        with intake_of(installation) as running:
            sent: dict[str, list[bytes]] = {phone.device: [] for phone in phones}
            until(lambda: known.facts(installation.config).count == PHONES, "they are known")
            for _ in range(max(1, rounds // 8)):
                postgres.stop(signal.SIGQUIT)
                kills = {chance.randrange(PRESSES) for _ in range(KILLS)}
                for number in range(PRESSES):
                    if number == 0 or number in kills:
                        running.child.kill()
                        running.child.start()
                    phone = phones[number % PHONES]
                    sent[phone.device].append(phone.press())
                    assert running.send(sent[phone.device][-1]) == 202
                postgres.start()
                # Killed anywhere: before the ordinary writer goes on, and while it brings all of it back.
                left = chance.randrange(PRESSES + 1)
                until_left(installation, left)
                running.child.kill()
                running.child.start()
                until_left(installation, 0)
            expect_pressed(installation, sent)


@pytest.mark.law
def test_what_was_kept_survives_kill_9_at_any_moment(
    tmp_path: Path, postgres: Server, rounds: int, chance: random.Random
) -> None:
    with (
        Installation(tmp_path, SystemClock(), address=postgres.emptied()) as installation,
        intake_of(installation) as running,
    ):
        phones = [installation.enrol() for _ in range(PHONES)]
        sent: dict[str, list[bytes]] = {phone.device: [] for phone in phones}
        for _ in range(max(1, rounds // 8)):
            for phone in phones:
                until(lambda at=phone: running.send(at.envelope(Kind.HEARTBEAT)) == 201, "it is heard")
            postgres.stop(signal.SIGQUIT)
            for number in range(PRESSES):
                phone = phones[number % PHONES]
                sent[phone.device].append(phone.press())
                assert running.send(sent[phone.device][-1]) == 202
            running.child.kill()
            postgres.start()
            for _kill in range(KILLS):
                running.child.start()
                left = chance.randrange(facts(installation.config).count + 1)
                until_left(installation, left)
                running.child.kill()
            running.child.start()
            until_left(installation, 0)
        expect_pressed(installation, sent)
