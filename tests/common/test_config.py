"""Settings are read from the environment and handed on to children unchanged."""

import os
from pathlib import Path

import pytest

from egide.common.config import Config, NotSetUp
from egide.common.settings import file, settings_of
from egide.common.settings.sources import CREDENTIALS
from tools import settings as written


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("EGIDE_") or name == CREDENTIALS:
            monkeypatch.delenv(name)
    # What lies there on this machine is not the tests'.
    monkeypatch.setattr(file, "DEFAULT", Path("/nowhere/egide.toml"))


def test_without_settings_everything_is_on_this_machine() -> None:
    config = Config.from_env()
    assert config.data_dir == Path("var").absolute()
    assert config.intake_urls == ("http://127.0.0.1:8402",)
    assert (config.web_origins, config.demo) == ((), False)


def test_lists_are_separated_by_commas_and_slashes_at_the_end_do_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EGIDE_WEB_ORIGINS", " https://a.example/ ,, https://b.example")
    assert Config.from_env().web_origins == ("https://a.example", "https://b.example")


def test_a_child_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = Config(tmp_path, ("http://a", "http://b"), "http://live", ("http://1", "http://2"), demo=True)
    for name, value in config.environment().items():
        monkeypatch.setenv(name, value)
    assert Config.from_env() == config


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Config.from_env()
    for each in settings_of(Config).values():
        monkeypatch.setenv(each.variable, " ")
    assert Config.from_env() == wanted


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("EGIDE_CONNECTIONS", "many", "a whole number, 64 or more"),
        ("EGIDE_WATCH_PATIENCE_S", "3", "a whole number of seconds, 4 or more"),
        ("EGIDE_SMS_PORT", "65536", "a whole number from 1 to 65535"),
        ("EGIDE_SMS_NUMBER", "ask", "digits, with + and the country before them"),
        ("EGIDE_DEMO", "yes", "1 or 0"),
        (
            "EGIDE_TRUSTED_PROXIES",
            "proxy",
            "addresses or networks such as 10.0.0.0/24, with commas between them",
        ),
    ],
)
def test_a_wrong_value_is_told_in_a_line_that_names_its_variable(
    variable: str, text: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(NotSetUp) as told:
        Config.from_env()
    assert str(told.value) == f"{variable} is {text!r}: expected {expected}."


def test_every_wrong_value_has_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGIDE_DEMO", "yes")
    monkeypatch.setenv("EGIDE_CONNECTIONS", "1")
    with pytest.raises(NotSetUp) as told:
        Config.from_env()
    assert [line.split()[0] for line in str(told.value).splitlines()] == ["EGIDE_DEMO", "EGIDE_CONNECTIONS"]


def test_every_setting_has_a_row_and_a_line_in_the_file_and_a_stale_page_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert written.main([], tmp_path) == 0 and written.main(["--check"], tmp_path) == 0
    page, lines = (tmp_path / "settings.md").read_text(), (tmp_path / "settings.env").read_text().splitlines()
    for each in settings_of(Config).values():
        assert f"| `{each.variable}` | `{each.key}` | {each.meaning}" in page
        assert sum(line.startswith(f"#{each.variable}=") for line in lines) == 1
    (tmp_path / "settings.md").write_text(page.replace("EGIDE_DEMO", "EGIDE_TRIAL"))
    assert written.main(["--check"], tmp_path) == 1 and "settings.md" in capsys.readouterr().err


def test_the_file_of_defaults_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Config.from_env()
    for line in written.as_environment().splitlines():
        name, equals, value = line.removeprefix("#").partition("=")
        if equals and name.startswith("EGIDE_"):
            monkeypatch.setenv(name, value)
    assert Config.from_env() == wanted


def test_the_written_file_of_defaults_changes_nothing_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wanted = Config.from_env()
    in_force = [line.removeprefix("#") for line in written.as_file().splitlines() if line.startswith("#")]
    # A comment has a space behind its mark, a setting has none.
    lines = [line for line in in_force if not line.startswith((" ", "data "))]
    assert len(lines) == len(settings_of(Config)) - 1
    path = tmp_path / "egide.toml"
    path.write_text("\n".join(lines))
    monkeypatch.setenv("EGIDE_CONFIG", str(path))
    assert Config.from_env() == wanted


def test_pages_of_other_origins_are_not_ours(tmp_path: Path) -> None:
    origins = ("http://localhost:8400", "https://desk.example")
    strange = (
        "",
        "null",
        "http://[",
        "http://localhost:x",
        "http://localhost:8401",
        "http://a.localhost:8401",
    )
    for demo in (False, True):
        config = Config(tmp_path, origins, demo=demo)
        assert [config.is_web_origin(origin) for origin in origins] == [True, True]
        assert not any(config.is_web_origin(origin) for origin in strange)
        assert config.is_web_origin("http://mons.localhost:8400") is demo
        assert not config.is_web_origin("http://mons.localhost.evil.example:8400")


def test_all_files_lie_in_the_data_directory(tmp_path: Path) -> None:
    config = Config(tmp_path)
    for path in (config.journal_db, config.app_db, config.bells_dir, config.zones_dir):
        assert path.parent == tmp_path
    assert config.addresses_file.is_relative_to(tmp_path)


def test_outside_the_demo_no_other_host_and_no_plain_http_can_have_set_a_cookie(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Config.from_env().cookie("egide_session") == "__Host-egide_session"
    monkeypatch.setenv("EGIDE_DEMO", "1")
    assert Config.from_env().cookie("egide_session") == "egide_session"
