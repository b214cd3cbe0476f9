"""Phones and sources that are none speak for kits: who asks about one of them does not read through all."""

from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.journal.named import OPENED, SPEAKERS
from egide.journal.queries import watched
from tests.support.installation import Installation

HOME = (
    f"SELECT k.home_centre FROM alarm a JOIN {SPEAKERS} d ON d.device = a.device JOIN kit k ON k.kit = d.kit"
    f" WHERE a.opened_seq = {OPENED}"
)


@pytest.mark.files("asks SQLite how it would look")
@pytest.mark.parametrize(("sql", "asked"), [(watched._DEVICES_IN_ALARM, ()), (HOME, ("alarm:x-1",))])
def test_no_question_reads_through_all_phones(tmp_path: Path, sql: str, asked: tuple[str, ...]) -> None:
    with Installation(tmp_path / "data", SystemClock()) as installation:
        plan = installation.journal.connection.execute(f"EXPLAIN QUERY PLAN {sql}", asked).fetchall()
    steps = [str(row[3]) for row in plan]
    assert steps and not [step for step in steps if step.startswith(("SCAN device", "SCAN o", "SCAN source"))]
    assert not [step for step in steps if "AUTOMATIC" in step]
