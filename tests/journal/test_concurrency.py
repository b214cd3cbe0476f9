"""Several processes and threads append and follow at once: nothing is lost, skipped or done twice."""

import multiprocessing
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egide.alarm.events import AlarmAcknowledged, NoteAdded
from egide.alarm.state import AlarmState
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.events.base import Event
from egide.journal.bell import Bell, Ringer
from egide.journal.errors import VersionConflict
from egide.journal.follow import Follower
from egide.journal.proof.verify import verify
from egide.journal.service import Entry, Journal, KeyStore, Stored
from tests.support.examples import examples
from tests.support.installation import Installation

SPAWN = multiprocessing.get_context("spawn")
NOTE = NoteAdded(user="op", text="-")


def append_many(data_dir: Path, name: str, count: int) -> None:
    """What each process does: its own stream and one that all share."""
    config = Config(data_dir=data_dir)
    journal = Journal.open(config, SystemClock(), KeyStore.open(config))
    for number in range(count):
        note = NoteAdded(user=name, text=str(number))
        journal.append([Entry(stream=f"system:{name}", event=note), Entry(stream="system:all", event=note)])


def test_processes_that_append_at_once_lose_nothing_and_leave_no_gap(tmp_path: Path) -> None:
    # They also open a fresh directory at once: journal, keys and master key are made by the first to come.
    processes = [SPAWN.Process(target=append_many, args=(tmp_path, name, 100)) for name in ("a", "b", "c")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    with Installation(tmp_path) as installation:
        rows = list(installation.journal.every())
        assert [row.seq for row in rows] == list(range(1, 601))
        assert verify(rows).streams == 4
        for name in ("a", "b", "c"):
            events = map(installation.journal.open_event, installation.journal.stream(f"system:{name}"))
            assert [e.text for e in events if isinstance(e, NoteAdded)] == [str(n) for n in range(100)]
        assert len(installation.journal.stream("system:all")) == 300


def test_the_first_acknowledgement_wins_and_the_other_sees_who(installation: Installation) -> None:
    alarm = installation.open_alarm(installation.enrol())
    barrier = threading.Barrier(8)
    losers: list[str] = []
    stored: list[Stored] = []

    def acknowledge(user: str) -> None:
        def decide(state: AlarmState) -> list[Event]:
            if state.lead.acknowledged_by:
                losers.append(state.lead.acknowledged_by)
                return []
            return [AlarmAcknowledged(user=user)]

        barrier.wait()
        stored.extend(installation.journal.decide(alarm, decide))
        installation.journal.connection.close()

    threads = [threading.Thread(target=acknowledge, args=(f"op-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = installation.journal.alarm(alarm)
    assert state is not None
    assert [row.kind for row in stored] == ["AlarmAcknowledged"]
    assert losers == [state.lead.acknowledged_by] * 7
    assert installation.kinds(f"alarm:{alarm}") == ["PressReceived", "AlarmAcknowledged"]


def test_a_decision_is_taken_again_when_the_alarm_moved_on(installation: Installation) -> None:
    alarm = installation.open_alarm(installation.enrol())
    seen: list[int] = []

    def decide(state: AlarmState) -> list[Event]:
        seen.append(state.version)
        if len(seen) < 3:
            installation.append(f"alarm:{alarm}", NOTE, case=state.case)
        return [AlarmAcknowledged(user="op")]

    installation.journal.decide(alarm, decide)
    assert seen == [1, 2, 3]
    assert installation.kinds(f"alarm:{alarm}")[-1] == "AlarmAcknowledged"


def test_a_decision_that_never_settles_ends_with_a_conflict(installation: Installation) -> None:
    alarm = installation.open_alarm(installation.enrol())

    def decide(state: AlarmState) -> list[Event]:
        installation.append(f"alarm:{alarm}", NOTE, case=state.case)
        return [NOTE]

    with pytest.raises(VersionConflict, match="kept moving"):
        installation.journal.decide(alarm, decide)


def test_deciding_on_no_alarm_is_an_error(installation: Installation) -> None:
    with pytest.raises(LookupError, match="no alarm nobody-1"):
        installation.journal.decide("nobody-1", lambda state: [NOTE])


class Killed(Exception):
    """The follower's process ends here."""


@settings(max_examples=examples(10))
@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(0, 120))
def test_a_follower_that_dies_anywhere_skips_nothing(
    tmp_path_factory: pytest.TempPathFactory, deaths: list[int], events: int
) -> None:
    with Installation(tmp_path_factory.mktemp("f")) as installation:
        journal = installation.journal
        if events:
            journal.append([Entry(stream="system:s", event=NOTE) for _ in range(events)])
        handled: list[int] = []

        def handle(row: Stored) -> None:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            handled.append(row.seq)

        for death in [*deaths, 10_000]:
            left = [death]
            follower = Follower(journal, "test")
            resumed_at = follower.seq
            assert resumed_at == max((seq for seq in handled if seq <= resumed_at), default=0)
            try:
                while follower.seq < journal.head():
                    follower.step(handle, 0)
                follower.close()
            except Killed:
                # No cursor is saved; only the name on the door goes, as it does when a process dies.
                follower._bell.close()
        assert sorted(set(handled)) == list(range(1, events + 1))
        assert journal.cursor("test") == events


def test_cursors_of_several_followers_are_their_own(installation: Installation) -> None:
    for _ in range(3):
        installation.append("system:s", NOTE)
    first = Follower(installation.journal, "first")
    first.step(lambda row: None, 0)
    first.close()
    second = Follower(installation.journal, "second")
    assert (first.seq, second.seq) == (3, 0)
    again = Follower(installation.journal, "first")
    assert again.seq == 3
    second.close()
    again.close()


def test_a_follower_is_woken_by_an_append_of_another_thread(installation: Installation) -> None:
    follower = Follower(installation.journal, "test")
    waiting = threading.Timer(0.05, lambda: installation.append("system:s", NOTE))
    waiting.start()
    # Without the bell this step would take its whole minute.
    follower.step(lambda row: None, 60)
    waiting.join()
    handled: list[int] = []
    follower.step(lambda row: handled.append(row.seq), 0)
    follower.close()
    assert handled == [1]


def test_a_follower_that_takes_a_breath_looks_once_for_all_that_rang_meanwhile(
    installation: Installation,
) -> None:
    follower, handled = Follower(installation.journal, "test", breath_s=60), list[int]()

    class Breath(threading.Event):
        """In which somebody appends."""

        def wait(self, timeout: float | None = None) -> bool:
            if timeout != 60:
                # Another thread of the bell waits for its end.
                return super().wait(timeout)
            installation.append("system:s", NOTE)
            installation.append("system:s", NOTE)
            return False

    follower._bell.closed = Breath()
    follower._bell.ring()
    installation.append("system:s", NOTE)
    for seen in ([1], [1], [1, 2, 3]):
        follower.step(lambda row: handled.append(row.seq), 0)
        assert handled == seen
    follower.close()


def test_a_cursor_is_saved_when_it_is_quiet_and_not_behind_each_event(installation: Installation) -> None:
    follower = Follower(installation.journal, "test")
    for nth in range(1, 4):
        installation.append("system:s", NOTE)
        # What is new is handled; then the bell of that append is still to be heard.
        follower.step(lambda row: None, 60)
        follower.step(lambda row: None, 60)
        assert (follower.seq, installation.journal.cursor("test")) == (nth, 0)
    follower.step(lambda row: None, 0)
    assert installation.journal.cursor("test") == 3
    follower.close()


def test_many_rings_are_one_waking(tmp_path: Path) -> None:
    bell, ringer = Bell(tmp_path, "test"), Ringer(tmp_path)
    for _ in range(1000):
        ringer.ring()
    bell.wait(60)
    with pytest.raises(BlockingIOError):
        bell.socket.recv(1)
    bell.close()
    assert list(tmp_path.iterdir()) == []


def test_the_bell_of_a_dead_follower_is_taken_off_the_door(tmp_path: Path) -> None:
    bell = Bell(tmp_path, "dead")
    bell.socket.close()
    living = Bell(tmp_path, "living")
    Ringer(tmp_path).ring()
    living.wait(60)
    assert [path.name.partition(".")[0] for path in tmp_path.iterdir()] == ["living"]
    living.close()


def test_ringing_where_nobody_listens_is_nothing(tmp_path: Path) -> None:
    Ringer(tmp_path / "nowhere").ring()
