"""Settings are read from the environment and handed on to children unchanged."""

import os
from pathlib import Path

import pytest

from egide.common.config import Config


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("EGIDE_"):
            monkeypatch.delenv(name)


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


def test_outside_the_demo_no_other_host_and_no_plain_http_can_have_set_a_cookie(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Config.from_env().cookie("egide_session") == "__Host-egide_session"
    monkeypatch.setenv("EGIDE_DEMO", "1")
    assert Config.from_env().cookie("egide_session") == "egide_session"
