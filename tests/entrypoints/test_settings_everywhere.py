"""Every process and the command `egide` take the file of settings in the same way, or do not start at all."""

import subprocess
from pathlib import Path

import pytest

from egide.common.config import Config
from egide.common.settings import settings_of
from egide.common.settings.file import read_file
from egide.common.settings.sources import Sources
from tests.support.nursery import run_loaded

PROCESSES = ("intake", "live", "web", "worker", "watch", "sms", "metrics", "rebuild", "ready")


def started(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """One that ends by itself."""
    module, *others = arguments
    return run_loaded(module, others, {"EGIDE_LANG": "en", **environment})


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_refuses_a_wrong_file_before_it_writes_anything(name: str, tmp_path: Path) -> None:
    path, data = tmp_path / "egide.toml", tmp_path / "data"
    path.write_text(f'data = "{data}"\nconections = 5\n')
    path.chmod(0o640)
    ended = started([f"egide.entrypoints.{name}", "--config", str(path)])
    told = f"{path}: there is no setting conections; did you mean connections?\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", told)
    assert not data.exists()


def test_addresses_that_are_missing_are_all_named_before_anything_is_made(tmp_path: Path) -> None:
    path, data = tmp_path / "egide.toml", tmp_path / "data"
    path.write_text(f'data = "{data}"\nweb_origins = ["https://desk.example.org"]\n')
    path.chmod(0o640)
    ended = started(["egide.entrypoints.ready", "--config", str(path)])
    assert (ended.returncode, ended.stdout) == (1, "") and not data.exists()
    told = ended.stderr.splitlines()
    named = ["EGIDE_LIVE_URL", "EGIDE_INTAKE_URLS", "EGIDE_PHONE_URL", "docs/operations/connections.md"]
    assert [line.split()[0] for line in told] == named


def test_the_command_takes_the_file_from_its_option_and_from_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "egide.toml"
    path.write_text(f'data = "{tmp_path / "data"}"\n')
    path.chmod(0o640)
    told = f"There is no journal in {tmp_path / 'data'}."
    assert told in started(["egide.entrypoints.cli", "--config", str(path), "status"]).stderr
    assert told in started(["egide.entrypoints.cli", "status"], EGIDE_CONFIG=str(path)).stderr
    folder = started(["egide.entrypoints.cli", "--config", str(tmp_path), "status"])
    told = f"Error: {tmp_path} cannot be read (Is a directory): start as an account that may,"
    assert folder.returncode == 1 and folder.stderr.startswith(told)
    path.chmod(0o666)
    refused = started(["egide.entrypoints.cli", "status"], EGIDE_CONFIG=str(path))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "can be changed by others than its owner (mode 0666)" in refused.stderr


def written(tmp_path: Path, text: str) -> tuple[Path, Path]:
    """A file of settings, and the one that its secret lies in."""
    path, token = tmp_path / "egide.toml", tmp_path / "token"
    token.write_text("hunter2")
    token.chmod(0o600)
    path.write_text(f'metrics_token_file = "{token}"\n{text}')
    path.chmod(0o640)
    return path, token


def test_what_is_in_force_is_shown_with_where_it_stands_and_no_secret(tmp_path: Path) -> None:
    path, token = written(tmp_path, 'connections = 512\nalert_url = "https://a.example/hunter3"\n')
    shown = started(["egide.entrypoints.cli", "--config", str(path), "settings"], EGIDE_ASKS_PER_SHIFT="7")
    assert shown.returncode == 0, shown.stderr
    lines = set(shown.stdout.splitlines())
    assert {
        f"connections = 512  # {path}",
        "asks_per_shift = 7  # environment",
        'data = "var"  # not set',
        f"metrics_token = …  # {path}",
        f"alert_url = …  # {path}",
    } <= lines
    assert len(lines) == len(settings_of(Config)) and "hunter" not in shown.stdout
    token.chmod(0o644)
    wrong = started(["egide.entrypoints.cli", "--config", str(path), "settings"])
    assert (wrong.returncode, wrong.stdout) == (1, "") and f"chmod 600 {token}" in wrong.stderr


def test_after_an_upgrade_the_file_is_written_anew_with_its_own_values(tmp_path: Path) -> None:
    path, token = written(tmp_path, 'connections = 512\nweb_origins = ["https://a.example"]\n')
    command = ["egide.entrypoints.cli", "--config", str(path), "settings", "--renew"]
    renewed = started(command, EGIDE_ASKS_PER_SHIFT="7")
    assert renewed.returncode == 0 and "hunter2" not in renewed.stdout
    assert all(f"[{each.variable}]" in renewed.stdout for each in settings_of(Config).values())
    before = Config.of(Sources({}, read_file(path)))
    path.write_text(renewed.stdout)
    assert Config.of(Sources({}, read_file(path))) == before
    assert read_file(path).values == {
        "connections": 512,
        "web_origins": ["https://a.example"],
        "metrics_token_file": str(token),
    }
    assert started(command).stdout == renewed.stdout
