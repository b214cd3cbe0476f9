"""The table of steps and commands: whole, and the one place that knows most of a step or a command."""

import re
from collections import Counter

import pytest
from babel.messages.pofile import read_po

from egide.alarm.refusals import CROSSED, REFUSALS
from egide.alarm.rows import ASIDE, BY_ITSELF, DESK, PAGE, TEAM, WAY, ZONE
from egide.alarm.table import COMMANDS, ROWS, STEP, TELLING, commands_of
from egide.alarm.table import WAY as STEPS_OF_THE_WAY
from egide.events import REGISTRY
from tools.messages import LANGUAGES, LOCALE
from tools.tree import ROOT

SOURCE = ROOT / "src" / "egide"
# Written from the contracts by `make reference`.
GENERATED = SOURCE / "entrypoints" / "cli" / "reference.html"
# How a step is written in Python, templates and scripts.
ON_SITE = re.compile(r"on-site|ON_SITE|TeamOnSite|on_site|onSite")
# Files of the server that know the step "on site" by one of its names; 39 before the table. Fewer is better.
STEP_KNOWN_IN = 23
# Files that know a command by its quoted name, its address, its button, or as something that a page `can` do.
COMMAND_KNOWN_IN = {
    "acknowledge": 7,
    "take-over": 2,
    "keep-centre": 2,
    "keep-zone": 2,
    "help-seen": 4,
    "localisation": 2,
    "block-phone": 3,
    "no-patrol": 4,
    "delayed": 1,
    "correct": 1,
}
REFUSED = re.compile(r'Refused\(\s*"([a-z-]+)"(?: if [^"]+ else "([a-z-]+)")?')


def sources() -> dict[str, str]:
    paths = (path for kind in ("*.py", "*.html", "*.js") for path in SOURCE.rglob(kind))
    return {
        path.relative_to(SOURCE).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
        if path != GENERATED
    }


def test_each_row_is_whole() -> None:
    assert len(STEP) == len(ROWS) and STEPS_OF_THE_WAY[0] == "shown" and STEPS_OF_THE_WAY[-1] == "closed"
    for row in ROWS:
        assert row.word and row.louder_s > 0
        assert row.supervisor_s == 0 or row.louder_s < row.supervisor_s
    assert set(TELLING) <= set(REGISTRY)
    assert all(STEP[step].record for step in TELLING.values() if step)


def test_each_command_has_a_name_a_key_and_a_place_of_its_own() -> None:
    names = [row.name for row in COMMANDS]
    assert len(set(names)) == len(names)
    for page in (DESK, ZONE, TEAM):
        keys = Counter(row.key for row in commands_of(page) if row.key)
        assert not keys or keys.most_common(1)[0][1] == 1, keys
    for row in COMMANDS:
        assert set(row.pages) <= {DESK, ZONE, TEAM} and row.pages and row.word
        assert not row.step or row.step in STEP
        assert row.lane in (WAY, ASIDE, PAGE, BY_ITSELF)
        assert row.writes and all(kind.__name__ in REGISTRY for kind in row.writes)
        # What is laid out by the table needs the words of its questions.
        assert row.lane in (PAGE, BY_ITSELF) or all(asked.word for asked in row.asks), row.name


def test_each_refusal_of_the_alarm_is_said_in_words() -> None:
    raised = {
        word
        for path in (SOURCE / "alarm").glob("*.py")
        for found in REFUSED.findall(path.read_text(encoding="utf-8"))
        for word in found
        if word
    }
    said_of_fields = {asked.refusal for row in COMMANDS for asked in row.asks}
    assert raised | said_of_fields == set(REFUSALS)
    assert set(REFUSALS) >= CROSSED


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_of_the_table_is_in_the_catalogues(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        translated = {message.id for message in read_po(file) if message.string}
    asked = [field for row in COMMANDS for field in row.asks]
    texts = [
        *(step.word for step in ROWS),
        *(text for row in COMMANDS for text in (row.word, row.short, row.listed)),
        # A key of one letter is the same everywhere.
        *(row.key for row in COMMANDS if len(row.key) > 1),
        *(text for field in asked for text in (field.word, *(word for _value, word in field.choices))),
        *REFUSALS.values(),
    ]
    assert {text for text in texts if text} <= translated


def test_few_files_know_a_step_by_its_name() -> None:
    knowing = sorted(name for name, text in sources().items() if ON_SITE.search(text))
    assert len(knowing) <= STEP_KNOWN_IN, knowing


def test_few_files_know_a_command_by_its_name() -> None:
    texts = sources()
    for command, most in COMMAND_KNOWN_IN.items():
        can = f"can.{command.replace('-', '_')}"
        ways = (f'"{command}"', f"desk-{command}", f"zone-{command}", f"act-{command}", f"/{command}", can)
        knowing = sorted(name for name, text in texts.items() if any(way in text for way in ways))
        assert len(knowing) <= most, (command, knowing)
