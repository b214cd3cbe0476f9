"""Two databases of one address that both take writes: nothing starts on either, and who looks is told."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.common.postgres import leading
from egide.common.settings import NotSetUp
from egide.entrypoints.doctor.database import database
from egide.entrypoints.doctor.finding import WRONG
from egide.entrypoints.processes.ready import make_ready
from tests.support.installation import Installation
from tests.support.once import made_once
from tests.support.postgres import JOURNAL, USER, Server, make_cluster, serving

_TWO = "More than one machine of EGIDE_JOURNAL takes writes"


def test_nothing_starts_while_two_machines_of_an_address_take_writes(
    tmp_path: Path,
    postgres: Server,
    tmp_path_factory: pytest.TempPathFactory,
    worker_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leading, "PAUSE_S", 0.0)
    cluster = partial(made_once, tmp_path_factory, worker_id)("cluster", make_cluster)
    own, nowhere = postgres.address(JOURNAL).partition("?host=")[2], tmp_path / "nowhere"
    with (
        Installation(tmp_path / "data", SystemClock(), address=postgres.emptied()) as installation,
        serving(cluster, tmp_path_factory.mktemp("other")) as other,
    ):
        there = other.address(JOURNAL).partition("?host=")[2]
        address = f"postgresql://{USER}@/{JOURNAL}?host={own},{nowhere},{there}"
        config = replace(installation.config, journal=address)
        # A standby takes none, and one that is away is no trouble.
        with other.asked(JOURNAL) as asked:
            asked.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            asked.execute("SELECT pg_reload_conf()")
        make_ready(config)
        assert not [found for found in database(config) if _TWO in found.text]
        with other.asked(JOURNAL) as asked:
            asked.execute("SET default_transaction_read_only = off")
            asked.execute("ALTER SYSTEM RESET default_transaction_read_only")
            asked.execute("SELECT pg_reload_conf()")
        with pytest.raises(NotSetUp, match=re.escape(f"{_TWO} ({own}, {there})")):
            make_ready(config)
        (found,) = [found for found in database(config) if _TWO in found.text]
        assert found.grade == WRONG and "patronictl list" in found.text
    make_ready(config)
