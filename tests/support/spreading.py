"""How the tests of a run are spread over its workers, so that no core idles while tests wait (decision 0023).

A test belongs to a lane by its path. Stories in the browser and tests of processes mostly wait, so their workers take
one test at a time; everything else computes, and goes out by file, because the tests of a file may share what they
build. Tests that share one installation go to one worker as a whole. A worker stays in its lane until
nothing is left there, then helps in another. None comes back to the browser's: while Playwright runs in a process, no
asynchronous test can. Two of the others end there, where a browser more is worth its start.
"""

from collections.abc import Sequence

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

BROWSER, WAITING, COMPUTING = "browser", "waiting", "computing"
# Folders and files whose tests start processes or hold a radio, and wait for them.
WAITING_PATHS = (
    "tests/laws/",
    "tests/watch/",
    "tests/companion/",
    "tests/button/",
    "tests/entrypoints/",
    "tests/connectors/test_kannel.py",
    "tests/connectors/test_sms_process",
    "tests/intake/test_process",
    "tests/attacks/running/",
)
# Folders and files whose tests share one installation: started once, not once for each worker that has one of them.
TOGETHER_PATHS = (
    # What is compiled in Java.
    "tests/android/",
    "tests/attacks/running/",
    "tests/connectors/test_kannel.py",
    "tests/matrix/",
    "tests/entrypoints/test_demo.py",
    "tests/entrypoints/test_examples_of_phones.py",
    "tests/entrypoints/test_fork_server.py",
    "tests/entrypoints/test_init.py",
    # The tables of the records in PostgreSQL take seconds.
    "tests/entrypoints/test_records_moves.py",
    "tests/entrypoints/sandbox/test_guard.py",
    "tests/entrypoints/sandbox/test_whole.py",
    "tests/entrypoints/test_serve.py",
    "tests/entrypoints/test_upgrade.py",
    "tests/entrypoints/test_whole.py",
)
# What begins first, the longest of each lane before the others: a run must not wait for it alone at the end.
LONG_PATHS = (
    # Each of its two takes ten minutes of a processor in the full run.
    "tests/laws/test_three_phones",
    "tests/matrix/",
    "tests/android/",
    # It writes the history, for which others would only wait.
    "tests/evaluation/test_report",
    "tests/attacks/running/",
    "tests/watch/test_rule_04_chain",
    "tests/entrypoints/test_private",
    "tests/laws/",
    "tests/entrypoints/test_demo.py",
    "tests/entrypoints/test_examples_of_phones.py",
    "tests/companion/test_radio_bleak",
    "tests/companion/test_commands",
    "tests/journeys/test_story_",
    "tests/journeys/test_pages",
    "tests/journeys/test_rule_06_silence",
    "tests/journeys/test_figures",
    "tests/journeys/test_files",
    "tests/journeys/test_rule_01_operator_away",
    "tests/journeys/test_phone_desk",
    "tests/journeys/test_phone_pages",
    "tests/journeys/test_phone_rules",
    "tests/journeys/test_cut_off",
)
# Which lanes a worker serves, in this order; so many workers of a run, then again. Two in the browser's lane:
# each more costs an installation, a browser and what both do at rest, and they end no sooner than the other lanes.
TURNS = (
    (BROWSER, WAITING, COMPUTING),
    (COMPUTING, WAITING, BROWSER),
    (BROWSER, WAITING, COMPUTING),
    (WAITING, COMPUTING, BROWSER),
    (COMPUTING, WAITING),
    (WAITING, COMPUTING),
    (COMPUTING, WAITING),
    (WAITING, COMPUTING),
)
WORKERS_A_CORE = 3
# Stories that must be left for a worker to begin with them last: an installation and a browser take as long as two.
WORTH_A_BROWSER = 12


def lane_of(nodeid: str) -> str:
    """The lane of a test."""
    if nodeid.startswith("tests/journeys/"):
        return BROWSER
    return WAITING if nodeid.startswith(WAITING_PATHS) else COMPUTING


def unit_of(nodeid: str) -> str:
    """What goes to one worker as a whole: a test that waits, a file that computes, or what shares an installation."""
    for shared in TOGETHER_PATHS:
        if nodeid.startswith(shared):
            return shared
    return nodeid.partition("::")[0] if lane_of(nodeid) == COMPUTING else nodeid


def is_worth_a_browser(turn: Sequence[str], left: int) -> bool:
    """Whether a worker of these lanes begins with stories where so many are left: always where they are its first."""
    return turn[0] == BROWSER or left >= WORTH_A_BROWSER


def rank_of(unit: str) -> int:
    """Its place in LONG_PATHS; all others share the last."""
    ranks = (rank for rank, path in enumerate(LONG_PATHS) if unit.startswith(path))
    return next(ranks, len(LONG_PATHS))


class Lanes(LoadScopeScheduling):
    """Gives each worker the next unit of the first of its lanes that has one."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        self._turns: dict[WorkerController, Sequence[str]] = {}

    def schedule(self) -> None:
        """Give each worker its lanes, then its first units."""
        if self.collection is None:
            nodes = sorted(self.nodes, key=lambda node: node.gateway.id)
            self._turns = {node: TURNS[number % len(TURNS)] for number, node in enumerate(nodes)}
        super().schedule()

    def remove_node(self, node: WorkerController) -> str | None:
        """Give what a worker that died has left to others; the test in which it died, which has failed.

        xdist would hand out that test and what was done, too: who gets nothing else asks for no more, and the run
        never ends.
        """
        workload = self.assigned_work.pop(node)
        left = {
            unit: [test for test, is_done in tests.items() if not is_done] for unit, tests in workload.items()
        }
        died_in = next((test for tests in left.values() for test in tests), None)
        for unit, tests in left.items():
            if rest := {test: False for test in tests if test != died_in}:
                self.workqueue[unit] = rest
        for other in self.assigned_work:
            self._reschedule(other)
        return died_in

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        unit = self._next_for(node)
        if unit is None:
            node.shutdown()
            return
        self.workqueue.move_to_end(unit, last=False)
        super()._assign_work_unit(node)

    def _next_for(self, node: WorkerController) -> str | None:
        """The unit that this worker takes next: of its first lane that has any, the longest, else the first."""
        # One that replaces a worker that died takes what is left.
        for lane in self._turns.get(node, (WAITING, COMPUTING, BROWSER)):
            waiting = [unit for unit in self.workqueue if lane_of(unit) == lane]
            if waiting and (lane != BROWSER or self._may_tell_stories(node, len(waiting))):
                return min(waiting, key=rank_of)
        return None

    def _may_tell_stories(self, node: WorkerController, left: int) -> bool:
        has_browser = any(lane_of(unit) == BROWSER for unit in self.assigned_work[node])
        return has_browser or is_worth_a_browser(self._turns.get(node, (BROWSER,)), left)
