"""`egide connectors`: which dispatch systems there are, and whether one takes a test."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from egide.common.config import Config
from tests.support.commands import run
from tests.support.dispatch_system import DispatchSystem, dispatch_system


@pytest.fixture
def system(tmp_path: Path) -> Iterator[DispatchSystem]:
    with dispatch_system(tmp_path / "ccic") as running:
        yield running


@pytest.fixture
def config(tmp_path: Path, system: DispatchSystem) -> Config:
    return Config(data_dir=tmp_path, dispatch_systems=str(system.settings(tmp_path)))


def test_it_lists_each_with_what_it_may_know_and_without_its_secret(
    config: Config, system: DispatchSystem
) -> None:
    for answer in (run(config, "connectors", "list"), run(config, "connectors", "list", "--json")):
        assert answer.returncode == 0 and system.url in answer.stdout and "weapon" in answer.stdout
        assert "whsec_" not in answer.stdout
    (one,) = json.loads(answer.stdout)["receivers"]
    assert (one["name"], one["centres"]) == ("ccic", ["HAI"])
    none = run(replace(config, dispatch_systems=""), "connectors", "list")
    assert none.returncode == 0 and "EGIDE_DISPATCH_SYSTEMS" in none.stdout


def test_a_test_is_marked_as_one_and_its_fate_is_told(config: Config, system: DispatchSystem) -> None:
    taken = run(config, "connectors", "test", "ccic")
    (said,) = system.taken("test")
    assert taken.returncode == 0 and said["id"] in taken.stdout
    assert said["test"] is True and "<status>Test</status>" in said["cap"]
    listed = run(config, "connectors", "list").stdout
    assert "\tLast try by hand: it was taken, " in listed and "\tLast message to it: nothing yet" in listed
    system.behave(status=503)
    refused = run(config, "connectors", "test", "ccic")
    assert refused.returncode == 1 and "refused-503" in refused.stderr
    (one,) = json.loads(run(config, "connectors", "list", "--json").stdout)["receivers"]
    (tried,) = one["last"]
    assert (tried["word"], tried["is_well"], tried["is_by_hand"]) == ("refused-503", False, True)


def test_an_unknown_name_and_a_wrong_file_end_with_2(config: Config, system: DispatchSystem) -> None:
    unknown = run(config, "connectors", "test", "nobody")
    assert unknown.returncode == 2 and "nobody" in unknown.stderr
    system.secret_file.write_text("whsec_geheim", encoding="ascii")
    for arguments in (("list",), ("test", "ccic")):
        wrong = run(config, "connectors", *arguments)
        assert wrong.returncode == 2 and "secret_file" in wrong.stderr and "geheim" not in wrong.stderr
    assert system.came == []
