"""Two databases of one address that both take writes: nothing starts on either, who looks is told, and boards are."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.postgres import leading
from egide.common.settings import NotSetUp
from egide.entrypoints.doctor.database import database
from egide.entrypoints.doctor.finding import WRONG
from egide.entrypoints.processes.ready import make_ready
from egide.entrypoints.watch import rounds
from egide.entrypoints.watch.__main__ import watch_over
from egide.entrypoints.watch.rules import LEADERS
from egide.journal.engines.chosen import turn_of
from egide.journal.now.signs import ChainTrouble, Signs
from egide.journal.service import Journal
from tests.support.installation import Installation
from tests.support.nursery import run_loaded
from tests.support.once import made_once
from tests.support.postgres import JOURNAL, USER, Server, make_cluster, serving
from tests.support.waiting import until

_TWO = "More than one machine of EGIDE_JOURNAL takes writes"


@contextmanager
def watching(config: Config) -> Iterator[Signs]:
    """All that watch does, and where it says what it finds."""
    clock, stopped = SystemClock(), threading.Event()
    turn = turn_of(config, "watch", clock)

    def run() -> None:
        assert turn.take()
        journal = Journal.open(config, clock)
        watch_over(config, journal, clock, turn, stopped)
        journal.connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield Signs(config, clock)
    finally:
        stopped.set()
        thread.join()
        turn.close()


class Both:
    """Two servers of one address, and a name at which nobody is. The other is a standby until it `leads`."""

    def __init__(self, own: Server, other: Server, away: Path) -> None:
        self.own, self.there = own.place, other.place
        self.address = f"postgresql://{USER}@/{JOURNAL}?host={self.own},{away},{self.there}"
        self._other = other

    def lead(self, is_leading: bool) -> None:
        """Let the other one take writes, or refuse them."""
        with self._other.asked(JOURNAL) as asked:
            asked.execute("SET default_transaction_read_only = off")
            value = "off" if is_leading else "on"
            asked.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
            asked.execute("SELECT pg_reload_conf()")


@pytest.fixture
def place(
    tmp_path: Path,
    postgres: Server,
    tmp_path_factory: pytest.TempPathFactory,
    worker_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Config, Both]]:
    monkeypatch.setattr(leading, "PAUSE_S", 0.0)
    monkeypatch.setattr(rounds, "LEADERS_EVERY_S", 0.1)
    cluster = partial(made_once, tmp_path_factory, worker_id)("cluster", make_cluster)
    with (
        Installation(tmp_path / "data", SystemClock(), address=postgres.emptied()) as installation,
        serving(cluster, tmp_path_factory.mktemp("other")) as other,
    ):
        both = Both(postgres, other, tmp_path / "nowhere")
        yield replace(installation.config, journal=both.address, watch_patience_s=4), both


def test_nothing_starts_while_two_machines_of_an_address_take_writes(place: tuple[Config, Both]) -> None:
    config, both = place
    # A standby takes none, and one that is away is no trouble.
    both.lead(False)
    make_ready(config)
    assert not [found for found in database(config) if _TWO in found.text]
    both.lead(True)
    with pytest.raises(NotSetUp, match=re.escape(f"{_TWO} ({both.own}, {both.there})")):
        make_ready(config)
    (found,) = [found for found in database(config) if _TWO in found.text]
    assert found.grade == WRONG and "patronictl list" in found.text
    both.lead(False)
    make_ready(config)


@pytest.mark.full(
    "tests/entrypoints/test_two_lead.py::test_nothing_starts_while_two_machines_of_an_address_take_writes"
)
@pytest.mark.parametrize("process", ["ready", "cli serve"])
def test_a_real_start_looks_for_twenty_seconds_and_refuses_in_a_sentence(
    place: tuple[Config, Both], process: str
) -> None:
    config, both = place
    both.lead(True)
    module, *words = process.split()
    config = replace(
        config,
        web_origins=("https://desk.example.org",),
        intake_urls=("https://weather.example.net",),
        live_url="https://desk.example.org",
        phone_url="https://weather.example.net/app/",
        trusted_proxies=("127.0.0.1",),
    )
    environment = os.environ | config.environment() | {"EGIDE_LANG": "en"}
    ended = run_loaded(f"egide.entrypoints.{module}", words, environment)
    assert ended.returncode == 1 and ended.stdout == "", ended
    (told,) = ended.stderr.splitlines()
    assert f"{_TWO} ({both.own}, {both.there})" in told and "patronictl list" in told


def test_watch_tells_boards_while_two_take_writes_and_that_it_is_over(place: tuple[Config, Both]) -> None:
    config, both = place
    both.lead(False)
    with watching(config) as signs:

        def told() -> list[ChainTrouble]:
            return [trouble for trouble in signs.troubles() if trouble.kind == LEADERS]

        until(lambda: "watch" in signs.beats(), "it looks")
        assert told() == []
        both.lead(True)
        until(told, "it says so")
        assert told()[0].why == f"{both.own}, {both.there}"
        both.lead(False)
        until(lambda: not told(), "it is over")
