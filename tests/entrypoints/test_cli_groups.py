"""`egide` finds every command, and loads only what the given one needs."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from egide.common.config import Config
from egide.entrypoints.cli import main
from tests.support.commands import run

ASKED = """
import sys
from egide.entrypoints.cli import main
main(sys.argv[1:], standalone_mode=False)
print([name for name in ("django", "bumble", "polars", "shapely", "aiohttp") if name in sys.modules])
"""


def commands(group: click.Group, name: str = "egide") -> Iterator[tuple[str, click.Command | None]]:
    context = click.Context(group)
    for each in group.list_commands(context):
        command = group.get_command(context, each)
        yield f"{name} {each}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {each}")


def test_every_command_stands_where_its_name_says_and_tells_what_it_does() -> None:
    found = dict(commands(main))
    assert {"egide status", "egide journal verify", "egide journal tail", "egide keys split"} <= found.keys()
    assert [name for name, command in found.items() if command is None or not command.help] == []
    assert [name for name, command in found.items() if command and command.name != name.split()[-1]] == []


@pytest.mark.parametrize("group", [("journal",), ("keys",)])
def test_a_command_waits_for_nothing_that_only_others_need(group: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", ASKED, *group, "--help"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0 and answer.stdout.splitlines()[-1] == "[]", answer.stderr


def test_a_name_that_is_nearly_one_is_answered_with_it(tmp_path: Path) -> None:
    answer = run(Config(tmp_path), "journal", "verifi")
    assert answer.returncode == 2 and "verify" in answer.stderr


def test_a_wrong_setting_is_a_sentence_and_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGIDE_CONNECTIONS", "many")
    result = CliRunner().invoke(main, ["status"])
    assert (result.exit_code, result.output) == (
        1,
        "Error: EGIDE_CONNECTIONS is 'many': expected a whole number, 64 or more.\n",
    )
