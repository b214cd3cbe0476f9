"""For all tests: how they are chosen, spread and summed up; an installation for each test that asks."""

import gc
import os
import random
import sys
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter
from xdist.remote import Producer
from xdist.workermanage import WorkerController

from egide.entrypoints.stack.installation import Stack
from tests.support.choosing import meant_among
from tests.support.closing import do_forget_earlier, do_keep_log, summarise
from tests.support.examples import do_choose
from tests.support.installation import Installation
from tests.support.leavings import do_watch, leavings_of
from tests.support.nursery import left_running, nursing
from tests.support.once import made_once
from tests.support.people import start_with_people
from tests.support.postgres import IN_POSTGRES, Server, make_cluster, serving
from tests.support.spreading import WORKERS_A_CORE, Lanes
from tests.support.workers import do_fork_workers

# jsonschema takes it when it finds it, and it builds 38 grammars of web addresses as it is loaded: two seconds of every
# worker. It judges "iri" alone, which no contract and no schema names.
NOT_LOADED = "rfc3987_syntax"
sys.modules[NOT_LOADED] = None  # type: ignore[assignment]
# What a run with PostgreSQL repeats: the tests that ask for one of these.
OF_ENGINES = {"journal_address", "records_at", "start_stack"}
# How many tests this run leaves to the full one, and the name under which a worker says so.
LEFT_OUT, LEFT_OUT_OF_WORKER = pytest.StashKey[int](), "left_out"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run what is marked `full`, too")


def pytest_configure(config: pytest.Config) -> None:
    do_watch(config)
    do_choose(config)
    # The settings of an installation on this machine are not those of the tests.
    os.environ["EGIDE_CONFIG"] = os.devnull


def pytest_sessionstart(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        do_forget_earlier()
        do_fork_workers(session.config)


def pytest_collection() -> None:
    """What is read now stays until the end of the run: the garbage collector looks at none of it, now or later."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    # Looked for less often, for pages make and leave much: it took one second in thirteen of a run.
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only `make test-full` runs, unless somebody means it; in a run with PostgreSQL what is the same
    with files, and what speaks of files."""
    if IN_POSTGRES:
        other = [item for item in items if not is_of_engines(item)]
        items[:] = [item for item in items if is_of_engines(item)]
        config.hook.pytest_deselected(items=other)
    if config.getoption("--full"):
        return
    full = {item for item in items if item.get_closest_marker("full")}
    meant = meant_among([(item.path, item in full) for item in items], config.args, config.rootpath)
    left_out = [item for item, is_meant in zip(items, meant, strict=True) if not is_meant]
    items[:] = [item for item, is_meant in zip(items, meant, strict=True) if is_meant]
    config.hook.pytest_deselected(items=left_out)
    config.stash[LEFT_OUT] = len(left_out)
    if hasattr(config, "workeroutput"):
        config.workeroutput[LEFT_OUT_OF_WORKER] = len(left_out)


def is_of_engines(item: pytest.Item) -> bool:
    """Whether a run with PostgreSQL repeats it."""
    asked: list[str] = getattr(item, "fixturenames", [])
    return not OF_ENGINES.isdisjoint(asked) and item.get_closest_marker("files") is None


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    """Each worker reads all the tests: what one left out, all did."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get(LEFT_OUT_OF_WORKER, 0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what a failed test said."""
    report = yield
    if report.failed:
        do_keep_log(report)
    return report


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    # Anyone who runs the tests in their own order (mutation testing, for one) has no seed.
    summarise(terminalreporter, config.getoption("randomly_seed", "none"), config.stash.get(LEFT_OUT, 0))


def pytest_xdist_auto_num_workers() -> int:
    """Workers of a run: so many for each core that it may use, since most tests wait."""
    return WORKERS_A_CORE * len(os.sched_getaffinity(0))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    return Lanes(config, log)


@pytest.fixture(scope="session", autouse=True)
def nursery(pytestconfig: pytest.Config) -> Iterator[None]:
    """Processes begin with their libraries loaded."""
    with nursing():
        yield
        leavings_of(pytestconfig).note_processes(left_running())


@pytest.fixture(scope="session")
def start_stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[Stack], None]:
    """Starts a whole installation with invented people, whom another has written."""
    go_over = None
    if IN_POSTGRES:
        # It loads Django.
        from tests.support.going_over import go_over_into  # noqa: PLC0415

        go_over = partial(go_over_into, request.getfixturevalue("postgres"))
    return partial(
        start_with_people, made_once=partial(made_once, tmp_path_factory, worker_id), go_over=go_over
    )


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Server]:
    """A server of this worker, over a cluster that is made once in a run."""
    cluster = made_once(tmp_path_factory, worker_id, "cluster", make_cluster)
    with serving(cluster, tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The moments of this test: others in each run, the same again with the run's seed."""
    return random.Random(f"{request.config.getoption('randomly_seed', 'none')} {request.node.nodeid}")


@pytest.fixture(params=("sqlite", "postgres"))
def journal_at(request: pytest.FixtureRequest) -> str:
    """Where the journal stands, as EGIDE_JOURNAL says it: in a file, and then in PostgreSQL."""
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres").emptied()


@pytest.fixture
def journal_address(request: pytest.FixtureRequest) -> str:
    """Where the journal of an installation stands, as EGIDE_JOURNAL says it: in a file, unless the whole run asks
    otherwise."""
    return str(request.getfixturevalue("postgres").emptied()) if IN_POSTGRES else ""


@pytest.fixture
def records_at(request: pytest.FixtureRequest) -> str:
    """Where the records stand, as EGIDE_RECORDS says it: in a file, unless a test or the whole run asks otherwise."""
    engine = getattr(request, "param", "postgres" if IN_POSTGRES else "sqlite")
    if engine == "sqlite":
        return ""
    # It loads Django.
    from tests.support.pages import make_tables  # noqa: PLC0415

    return str(request.getfixturevalue("postgres").records(make_tables))


@pytest.fixture
def installation(tmp_path: Path, journal_address: str) -> Iterator[Installation]:
    """A fresh data directory with its journal and keys, under a clock that is set."""
    with Installation(tmp_path, address=journal_address) as made:
        yield made
