"""Work that one alone may do, with several processes over one PostgreSQL: who dies or is cut off is followed at once,
and never are there two."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from egide.common.clock import SetClock, SystemClock
from egide.entrypoints.serving import turns
from egide.entrypoints.stack.children import Child, stop_all
from egide.entrypoints.watch.rules import WORKER_BEAT
from egide.journal.engines import postgres_turn
from egide.journal.engines.chosen import turn_of
from egide.journal.engines.postgres_turn import PostgresTurn
from egide.journal.errors import JournalUnavailable
from egide.journal.now.signs import Signs
from tests.support.installation import Installation
from tests.support.postgres import JOURNAL, Server
from tests.support.waiting import until

_HOLDER = """
SELECT a.pid, split_part(application_name, ' ', 3)::int FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = hashtext('egide_turn')::bigint & 4294967295
  AND split_part(application_name, ' ', 2) = %s
"""


@pytest.fixture
def installation(tmp_path: Path, postgres: Server) -> Iterator[Installation]:
    with Installation(tmp_path, SystemClock(), address=postgres.emptied()) as made:
        yield made


def holders(postgres: Server, name: str) -> list[tuple[int, int]]:
    """Who holds this lock: the server's number of the connection, and the process."""
    with postgres.asked(JOURNAL) as asked:
        return asked.execute(_HOLDER, (name,)).fetchall()  # type: ignore[return-value]


def end_session(postgres: Server, name: str) -> None:
    with postgres.asked(JOURNAL) as asked:
        for backend, _process in holders(postgres, name):
            asked.execute("SELECT pg_terminate_backend(%s)", (backend,))


@pytest.fixture
def two(installation: Installation) -> Iterator[tuple[PostgresTurn, PostgresTurn]]:
    made = [turn_of(installation.config, "test", SystemClock()) for _ in range(2)]
    yield made[0], made[1]  # type: ignore[misc]
    for turn in made:
        turn.close()


def test_one_alone_holds_it_and_the_next_one_when_it_lets_go(
    installation: Installation, two: tuple[PostgresTurn, PostgresTurn]
) -> None:
    first, second = two
    assert first.take() and first.is_held and first.take()
    assert not second.take() and not second.is_held
    other = turn_of(installation.config, "another work", SystemClock())
    assert other.take()
    other.close()
    first.close()
    assert not first.is_held
    until(second.take, "the other one has it")
    assert second.is_held


def test_whose_session_is_ended_knows_it_before_it_is_taken(
    postgres: Server, two: tuple[PostgresTurn, PostgresTurn]
) -> None:
    first, second = two
    assert first.take()
    end_session(postgres, "test")
    until(lambda: not first.is_held, "it is noticed")
    until(second.take, "the other one has it")
    assert not first.take() and not first.is_held


def test_who_hangs_stops_counting_before_the_server_lets_go(
    installation: Installation,
    postgres: Server,
    two: tuple[PostgresTurn, PostgresTurn],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As when its cable is out, or it is stopped: nothing that it sends arrives any more."""
    monkeypatch.setattr(postgres_turn, "RENEW_S", 1000)
    _first, second = two
    clock = SetClock(0)
    hanging = turn_of(installation.config, "test", clock)
    assert hanging.take() and hanging.is_held
    # By its own clock, whatever its socket says.
    clock.advance_s(postgres_turn.HELD_S - 0.1)
    assert hanging.is_held
    clock.advance_s(0.2)
    assert not hanging.is_held and not second.take()
    until(second.take, "the server let it go")
    hanging.close()
    # Counted from the same moment, the holder is the first to stop; and all of it is no longer than five seconds.
    assert postgres_turn.HELD_S + turns.LOOK_S < postgres_turn.LET_GO_S + postgres_turn.GRACE_S
    assert postgres_turn.LET_GO_S + turns.TRY_S + postgres_turn.GRACE_S <= 5


def test_one_that_has_just_started_waits_as_well_before_it_begins(installation: Installation) -> None:
    """Whose session the server has ended may not have looked yet; on one machine there is nobody to wait for."""
    clock, over = SystemClock(), threading.Event()
    turn = turn_of(installation.config, "test", clock)
    began_us = clock.steady_us()
    assert turns.wait_for_turn("test", turn, installation.config, clock, over)
    assert clock.steady_us() - began_us >= postgres_turn.GRACE_S * 1e6
    turn.close()
    alone = turn_of(replace(installation.config, journal=""), "test", clock)
    assert alone.take() and alone.grace_s == 0


def test_who_waits_for_it_leaves_a_server_that_hangs(
    postgres: Server, two: tuple[PostgresTurn, PostgresTurn]
) -> None:
    first, second = two
    assert first.take() and not second.take()
    with postgres.hanging():
        with pytest.raises(JournalUnavailable):
            second.take()
        until(lambda: not first.is_held, "the holder stopped counting")
    until(lambda: first.take() or second.take(), "one of them has it")


def test_without_an_answer_nobody_takes_it(installation: Installation) -> None:
    away = replace(installation.config, journal="postgresql://worker@127.0.0.1:1/journal?connect_timeout=2")
    turn = turn_of(away, "test", SystemClock())
    with pytest.raises(JournalUnavailable):
        turn.take()
    assert not turn.is_held


def test_on_one_machine_it_always_is_ones_turn(installation: Installation) -> None:
    turn = turn_of(replace(installation.config, journal=""), "worker", SystemClock())
    assert turn.take() and turn.is_held


def test_of_two_workers_one_works_and_the_other_goes_on_when_it_dies_or_is_cut_off(
    installation: Installation, postgres: Server
) -> None:
    """One is killed, one has its connection ended: each alarm gets its route once, by the one that is left."""
    environment = installation.config.environment() | {"EGIDE_LANG": "en"}
    workers = [Child("egide.entrypoints.worker", [], environment) for _ in range(2)]
    by_pid = {worker.process.pid: worker for worker in workers}
    try:
        for worker in workers:
            worker.ready()
        alarms = [installation.open_alarm(installation.enrol())]
        until(lambda: not installation.journal.unrouted(), "the first alarm is routed")
        (_backend, first) = holders(postgres, "worker")[0]
        os.kill(first, signal.SIGKILL)
        by_pid[first].process.wait(20)
        alarms.append(installation.open_alarm(installation.enrol()))
        until(lambda: not installation.journal.unrouted(), "the other one routes")
        ((_backend, second),) = holders(postgres, "worker")
        assert second != first
        signs = Signs(installation.config, SystemClock())
        by_pid[first].start()
        by_pid[first].ready()
        until(lambda: turns.waits_as("worker") in signs.beats(), "the first one waits")
        assert WORKER_BEAT in signs.beats()
        end_session(postgres, "worker")
        # It ends, rather than go on beside the next one.
        assert by_pid[second].process.wait(20) == turns.LOST
        alarms.append(installation.open_alarm(installation.enrol()))
        until(lambda: not installation.journal.unrouted(), "the first one routes again")
        assert holders(postgres, "worker")[0][1] == by_pid[first].process.pid
        for alarm in alarms:
            kinds = [row.kind for row in installation.journal.stream(f"alarm:{alarm}")]
            assert kinds.count("AlarmRouted") == 1
    finally:
        stop_all(workers)


def test_a_watch_that_waited_sees_what_died_with_the_first_one(
    installation: Installation, postgres: Server, tmp_path: Path
) -> None:
    """Watch and worker of the first machine are killed; the watch of another one signs, and says that nobody routes."""
    place = tmp_path / "second place"
    place.mkdir()
    config = replace(installation.config, checkpoints_to=str(place), watch_patience_s=4)
    environment = config.environment() | {"EGIDE_LANG": "en"}
    worker = Child("egide.entrypoints.worker", [], environment)
    watches = [Child("egide.entrypoints.watch", [], environment) for _ in range(2)]
    by_pid = {watch.process.pid: watch for watch in watches}
    signs = Signs(config, SystemClock())

    def signed() -> int:
        written = place / "checkpoints.jsonl"
        return written.read_bytes().count(b"\n") if written.exists() else 0

    try:
        for child in (worker, *watches):
            child.ready()
        until(
            lambda: WORKER_BEAT in signs.beats() and turns.waits_as("watch") in signs.beats(), "all are there"
        )
        (_backend, first) = holders(postgres, "watch")[0]
        # The first one may fall before it signed anything: then there is no file yet.
        for child in (worker, by_pid[first]):
            child.process.kill()
            child.process.wait(20)
        before = signed()
        until(lambda: "worker" in {trouble.part for trouble in signs.troubles()}, "the other one says so")
        assert holders(postgres, "watch")[0][1] != first
        until(lambda: signed() > before, "it signs")
    finally:
        stop_all([worker, *watches])
