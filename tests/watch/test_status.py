"""`egide status`: one look at every process, an exit code for a script, and no silence made up by a clock."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.cli.status import NEEDED, SERVING, lines_of
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import Beat, ChainTrouble, Signs
from tests.support.commands import run, start
from tests.support.installation import Installation

HOUR_US = 3_600_000_000
NAMES = (*NEEDED, *(f"{kind} 8400" for kind in SERVING))


def beats(at_us: int) -> dict[str, Beat]:
    return {name: Beat(name, at_us, 7, 9) for name in NAMES}


@pytest.fixture
def signs(tmp_path: Path) -> Iterator[Signs]:
    with Installation(tmp_path, SystemClock()) as installation:
        yield Signs(installation.config, SystemClock())


def test_all_heard_and_nothing_wrong_ends_with_0(tmp_path: Path, signs: Signs) -> None:
    for name in NAMES:
        signs.beat(name, 7, 9)
    came = Outcomes(signs, SystemClock())
    came.failed("traces", "out", "timeout")
    came.do_keep()
    config = Config(tmp_path, traces_url="http://127.0.0.1:1/")
    result = run(config, "status", "--json")
    told = json.loads(result.stdout)
    (road,) = told["roads"]
    assert (road["road"], road["word"], road["is_by_hand"]) == ("traces", "timeout", False)
    assert "look     traces: Last trace: it did not work (timeout), " in run(config, "status").stdout
    assert result.returncode == 0 and told["ok"] is True
    assert {line["name"]: line["behind"] for line in told["processes"]} == dict.fromkeys(NAMES, 2)
    assert (told["troubles"], told["open_alarms"], told["boards"], told["canary_age_s"]) == ([], 0, 0, None)


@pytest.mark.parametrize("missing", NAMES)
def test_a_process_that_is_needed_and_never_spoke_is_wrong(missing: str) -> None:
    heard = {name: beat for name, beat in beats(0).items() if name != missing}
    silent = [line.name for line in lines_of(heard, heard, 0) if not line.is_heard]
    assert silent == [missing.split()[0] if missing.startswith(SERVING) else missing]


def test_the_road_for_short_messages_is_needed_where_a_gateway_is_set() -> None:
    heard = beats(0)
    assert all(line.is_heard for line in lines_of(heard, heard, 0))
    (silent,) = [line for line in lines_of(heard, heard, 0, (*SERVING, "sms")) if not line.is_heard]
    assert silent.name == "sms"


@pytest.mark.parametrize("jump_us", [-5 * HOUR_US, 5 * HOUR_US])
def test_a_clock_that_jumped_makes_nobody_silent_and_nobody_heard(jump_us: int) -> None:
    before, after = beats(0), beats(2_000_000)
    assert all(line.is_heard for line in lines_of(before, after, 2_000_000 + jump_us))
    assert not any(line.is_heard for line in lines_of(before, before, jump_us))


def test_what_watch_found_is_told_and_ends_with_1(tmp_path: Path, signs: Signs) -> None:
    for name in NAMES:
        signs.beat(name)
    signs.do_keep([ChainTrouble("worker", "stuck", SystemClock().now_us())], [])
    result = start(Config(tmp_path), "status")
    assert result.returncode == 1
    assert re.search(r"^WRONG    worker: stuck \(\d+ s\)$", result.stdout, re.MULTILINE)


def test_without_a_journal_it_says_where_it_looked(tmp_path: Path) -> None:
    result = run(Config(tmp_path / "nowhere"), "status")
    assert result.returncode == 1 and "EGIDE_DATA" in result.stderr
