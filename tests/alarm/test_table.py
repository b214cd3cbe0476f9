"""The table of steps and commands: whole, and the one place that knows most of a step."""

import re

from egide.alarm.rows import DESK, TEAM, ZONE
from egide.alarm.table import COMMANDS, ROWS, STEP, TELLING, WAY
from egide.events import REGISTRY
from tools.tree import ROOT

# How a step is written in Python, templates and scripts.
ON_SITE = re.compile(r"on-site|ON_SITE|TeamOnSite|on_site|onSite")
# Files of the server that know the step "on site" by one of its names; 39 before the table. Fewer is better.
KNOWN_IN = 24


def test_each_row_is_whole() -> None:
    assert len(STEP) == len(ROWS) and WAY[0] == "shown" and WAY[-1] == "closed"
    for row in ROWS:
        assert row.word and row.louder_s > 0
        assert row.supervisor_s == 0 or row.louder_s < row.supervisor_s
    assert set(TELLING) <= set(REGISTRY)
    assert all(STEP[step].record for step in TELLING.values() if step)


def test_each_command_has_a_name_a_key_and_a_place_of_its_own() -> None:
    names = [row.name for row in COMMANDS]
    keys = [row.key for row in COMMANDS if row.key]
    assert len(set(names)) == len(names) and len(set(keys)) == len(keys)
    for row in COMMANDS:
        assert set(row.who) <= {DESK, ZONE, TEAM} and row.who
        assert not row.step or row.step in STEP


def test_few_files_know_a_step_by_its_name() -> None:
    source = ROOT / "src" / "egide"
    paths = [path for kind in ("*.py", "*.html", "*.js") for path in source.rglob(kind)]
    knowing = [
        path.relative_to(source).as_posix()
        for path in paths
        if ON_SITE.search(path.read_text(encoding="utf-8"))
    ]
    assert len(knowing) <= KNOWN_IN, sorted(knowing)
