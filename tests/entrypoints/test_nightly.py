"""The figures are built each night by the worker, once, in a process of its own, and never by day."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from egide.common.clock import SetClock
from egide.common.config import Config
from egide.entrypoints.serving.lines import PARENT_VARIABLE
from egide.entrypoints.stack.migrated import copy_migrated
from egide.entrypoints.worker import nightly
from egide.evaluation.records.shapes import About
from egide.evaluation.records.store import NoRecords, RecordStore
from tests.support.installation import Installation

WITHIN_S = 60.0
NIGHT = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)


def us(moment: datetime) -> int:
    return int(moment.timestamp() * 1e6)


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        (datetime(2026, 11, 24, 3, 0, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 24, 4, 59, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 24, 5, 0, tzinfo=UTC), None),
        (datetime(2026, 11, 24, 2, 59, tzinfo=UTC), None),
        (datetime(2026, 7, 24, 2, 0, tzinfo=UTC), date(2026, 7, 24)),
        (datetime(2026, 11, 24, 15, 0, tzinfo=UTC), None),
    ],
)
def test_night_is_between_four_and_six_in_brussels_summer_and_winter(
    moment: datetime, night: date | None
) -> None:
    assert nightly.night_of(us(moment)) == night


class Clock(SetClock):
    """Counts how often it is asked."""

    asked = 0

    def now_us(self) -> int:
        self.asked += 1
        return super().now_us()


class Running:
    """The thread, looking without pause, with the installation's data."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.clock = Clock(us(NIGHT))
        self.stopped = threading.Event()
        # As an installation has it that sets nothing.
        config = replace(installation.config, figures_by_night=Config.figures_by_night)
        self.thread = self.beginning(config)

    def beginning(self, config: Config) -> threading.Thread:
        """The thread of a worker with these settings."""
        return threading.Thread(target=nightly.rebuild_until, args=(self.stopped, config, self.clock))

    def about(self) -> About | None:
        """What the current records say of themselves; None when there are none."""
        try:
            return RecordStore(self.installation.config).load().about
        except NoRecords:
            return None

    def built(self) -> About:
        """What the records say of themselves, once there are some."""
        self.until(lambda: self.about() is not None)
        about = self.about()
        assert about is not None
        return about

    def wait_turns(self) -> None:
        """Let the thread look three times more."""
        asked = self.clock.asked
        self.until(lambda: self.clock.asked >= asked + 3)

    def until(self, is_so: Callable[[], bool]) -> None:
        waited = threading.Event()
        for _ in range(int(WITHIN_S * 20)):
            if is_so():
                return
            waited.wait(0.05)
        pytest.fail("not in time")


# It gives way to everything: beside much else it would take a quarter of an hour. Here it does not.
PROMPT = "import os; os.nice = lambda _by: 0; from egide.entrypoints.rebuild import main; main()"


@pytest.fixture
def running(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(nightly, "LOOK_S", 0.05)
    monkeypatch.setattr(nightly, "REBUILD", (sys.executable, "-c", PROMPT))
    monkeypatch.setenv("EGIDE_DATA", str(installation.config.data_dir))
    monkeypatch.setenv("EGIDE_JOURNAL", installation.config.journal)
    # As in a worker that was itself started by another process.
    monkeypatch.setenv(PARENT_VARIABLE, str(os.getppid()))
    copy_migrated(installation.config.app_db)
    made = Running(installation)
    yield made
    made.stopped.set()
    made.thread.join(WITHIN_S)
    assert not made.thread.is_alive()


def test_the_figures_are_built_at_night_and_only_once(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.installation.open_alarm(running.installation.enrol())
    running.thread.start()
    first = running.built()
    assert first.seq == running.installation.journal.head()
    monkeypatch.setattr(nightly, "REBUILD", (sys.executable, "-c", "raise SystemExit('twice')"))
    running.wait_turns()
    assert running.built() == first


def test_nothing_is_built_by_day(running: Running) -> None:
    running.clock.advance_s(10 * 3600)
    running.thread.start()
    running.wait_turns()
    assert running.about() is None


def test_where_the_settings_say_so_the_worker_leaves_the_figures_alone_at_night_too(running: Running) -> None:
    running.thread = running.beginning(replace(running.installation.config, figures_by_night=False))
    running.thread.start()
    running.thread.join(WITHIN_S)
    assert not running.thread.is_alive() and running.about() is None


def test_what_failed_is_tried_again_in_the_same_night(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    working = nightly.REBUILD
    monkeypatch.setattr(nightly, "REBUILD", (sys.executable, "-c", "raise SystemExit(3)"))
    running.thread.start()
    running.until(lambda: "exit 3" in caplog.text)
    monkeypatch.setattr(nightly, "REBUILD", working)
    assert running.built().seq == running.installation.journal.head()
