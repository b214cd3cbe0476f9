"""The file of settings: read everywhere in the same way, held to who may change it, refused with a sentence each."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from egide.common.config import Config, NotSetUp
from egide.common.settings import file, settings_of
from egide.common.settings.file import read_file
from egide.common.settings.sources import CREDENTIALS, Sources

Written = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Write the file of settings, and let the environment name it."""
    for name in list(os.environ):
        if name.startswith("EGIDE_") or name == CREDENTIALS:
            monkeypatch.delenv(name)
    path = tmp_path / "egide.toml"
    monkeypatch.setenv("EGIDE_CONFIG", str(path))

    def write(text: str) -> Path:
        path.write_text(text)
        path.chmod(0o640)
        return path

    return write


def refusal() -> str:
    with pytest.raises(NotSetUp) as told:
        Config.from_env()
    return str(told.value)


def secret(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_every_kind_of_value_is_read(written: Written) -> None:
    written(
        """
        data = "/srv/egide"
        web_origins = ["https://a.example/", "https://b.example"]
        demo = true
        connections = 512
        master_parts = ["/mnt/a/one", "/mnt/b/two"]
        trusted_proxies = ["10.0.0.0/24"]
        sms_number = "+32470000000"
        push_services = []
        """
    )
    config = Config.from_env()
    assert (config.data_dir, config.demo, config.connections) == (Path("/srv/egide"), True, 512)
    assert config.web_origins == ("https://a.example", "https://b.example")
    assert config.master_parts == (Path("/mnt/a/one"), Path("/mnt/b/two"))
    assert (config.trusted_proxies, config.sms_number) == (("10.0.0.0/24",), "+32470000000")
    assert config.push_services == (), "an empty list is a list, and none may be called"


def test_what_is_written_is_read_again_whatever_stands_in_it(written: Written, tmp_path: Path) -> None:
    config = Config(
        tmp_path / 'a "quoted" päth\\',
        ("https://a.example",),
        demo=True,
        asks_per_shift=7,
        alert_to=("a@b.example", 'c"d@e.example'),
        supervision=tmp_path / "limits.toml",
    )
    names = [name for name, each in settings_of(Config).items() if each.key != "metrics_token"]
    written(config.as_file(names))
    assert Config.from_env() == config


def test_every_setting_stands_in_the_file_once_below_its_heading(written: Written) -> None:
    text = Config(Path("/srv/egide")).as_file(["data_dir"])
    lines = text.splitlines()
    for each in settings_of(Config).values():
        assert (
            sum(line.startswith((f"#{each.key} =", f"{each.key} =", f"#{each.key}_file =")) for line in lines)
            == 1
        )
        assert text.count(f"[{each.variable}]") == 1 and text.count(f"# --- {each.group} ---") == 1
    assert 'data = "/srv/egide"' in lines


def test_the_environment_counts_before_the_file_and_an_empty_variable_does_not(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    written("connections = 512\nasks_per_shift = 5\n")
    monkeypatch.setenv("EGIDE_CONNECTIONS", "99")
    monkeypatch.setenv("EGIDE_ASKS_PER_SHIFT", "")
    config = Config.from_env()
    assert (config.connections, config.asks_per_shift) == (99, 5)


def test_the_file_at_the_default_place_is_read_and_the_null_device_means_none(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written("connections = 512\n")
    monkeypatch.setattr(file, "DEFAULT", path)
    monkeypatch.delenv("EGIDE_CONFIG")
    assert Config.from_env().connections == 512
    monkeypatch.setenv("EGIDE_CONFIG", os.devnull)
    assert Config.from_env().connections == 4096


def test_a_child_that_is_handed_everything_reads_no_file(
    written: Written, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written("connections = 512\n")
    for name, value in Config(tmp_path).environment().items():
        monkeypatch.setenv(name, value)
    assert Config.from_env() == Config(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "connections = 'many'",
            "connections is 'many': expected a whole number, 64 or more, without quotes.",
        ),
        ("connections = 3", "connections is 3: expected a whole number, 64 or more, without quotes."),
        ("connections = true", "connections is True: expected a whole number, 64 or more, without quotes."),
        ("demo = 1", "demo is 1: expected true or false, without quotes."),
        ("demo = 'yes'", "demo is 'yes': expected true or false, without quotes."),
        ("live_url = 3", "live_url is 3: expected an address in quotes."),
        (
            "web_origins = 'https://a.example'",
            'web_origins is \'https://a.example\': expected a list of texts, such as ["one", "two"].',
        ),
        (
            "web_origins = ['https://a.example,https://b.example']",
            "web_origins is ['https://a.example,https://b.example']: expected a list of texts, such as"
            ' ["one", "two"].',
        ),
        ("data = 'var'", "data is 'var': expected a path in quotes that begins with /."),
        (
            "sms_secrets = 'secrets'",
            "sms_secrets is 'secrets': expected a path in quotes that begins with /.",
        ),
        (
            "master_parts = ['one', 'two']",
            "master_parts is ['one', 'two']: expected a list of paths that begin with /, such as"
            ' ["/one", "/two"].',
        ),
        (
            "trusted_proxies = ['proxy']",
            "trusted_proxies is ['proxy']: expected a list of addresses or networks, such as"
            ' ["127.0.0.1", "10.0.0.0/24"].',
        ),
    ],
)
def test_a_wrong_value_is_told_with_the_file_and_the_key(written: Written, text: str, told: str) -> None:
    path = written(text)
    assert refusal() == f"{path}: {told}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("web_origin = []", "there is no setting web_origin; did you mean web_origins?"),
        ("colour = 'red'", "there is no setting colour; take it out, or write # before it."),
        ("EGIDE_DATA = '/srv'", "there is no setting EGIDE_DATA; take it out, or write # before it."),
        ("[alerts]\nalert_from = 'x'", "[alerts] begins a section; settings stand without one."),
        (
            "canary_every_s_file = '/x'",
            "there is no setting canary_every_s_file; did you mean canary_every_s?",
        ),
    ],
)
def test_a_key_that_is_no_setting_is_told(written: Written, text: str, told: str) -> None:
    path = written(text)
    assert refusal() == f"{path}: {told}"


def test_everything_that_is_wrong_is_told_at_once(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written("colour = 'red'\nconnections = 3\ndemo = 1\n")
    monkeypatch.setenv("EGIDE_ASKS_PER_SHIFT", "0")
    assert [line.removeprefix(f"{path}: ").split()[0] for line in refusal().splitlines()] == [
        "there",
        "demo",
        "connections",
        "EGIDE_ASKS_PER_SHIFT",
    ]


def test_a_file_that_is_no_toml_is_refused_whole(written: Written) -> None:
    path = written("connections = 512\nlive_url = https://a.example\n")
    assert refusal().startswith(f"{path} is no TOML, so nothing of it counts: ") and "line 2" in refusal()
    path.write_bytes(b'live_url = "\xff"\n')
    assert refusal().startswith(f"{path} is no TOML")


def test_a_file_that_is_not_there_or_is_none_is_refused(written: Written) -> None:
    path = written("")
    path.unlink()
    assert refusal().startswith(f"{path} is not there: ")
    path.mkdir()
    assert refusal().startswith(f"{path} cannot be read (Is a directory)")
    path.rmdir()
    os.mkfifo(path, 0o600)
    assert refusal() == f"{path} is no file."


@pytest.mark.parametrize("mode", [0o660, 0o646, 0o666])
def test_a_file_that_others_may_change_is_refused(written: Written, mode: int) -> None:
    path = written("")
    path.chmod(mode)
    assert refusal() == (
        f"{path} can be changed by others than its owner (mode {mode:04o}): chmod 640 {path}"
    )


def test_a_file_that_another_account_owns_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = os.stat_result((stat.S_IFREG | 0o640, 0, 0, 1, 4242, 4242, 0, 0, 0, 0))
    monkeypatch.setattr(os, "geteuid", lambda: 4343)
    path = tmp_path / "egide.toml"
    with pytest.raises(NotSetUp, match="belongs to another account, which could change it: chown root"):
        file.check_writers(path, status)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    file.check_writers(path, status)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_this_account_cannot_read_is_refused(written: Written) -> None:
    path = written("connections = 512\n")
    path.chmod(0)
    assert refusal().startswith(f"{path} cannot be read (Permission denied): start as an account that may")


def test_a_secret_does_not_stand_in_the_file_and_is_not_repeated(written: Written) -> None:
    path = written("metrics_token = 'hunter2'")
    assert refusal().startswith(f"{path}: metrics_token is a secret") and "hunter2" not in refusal()


def test_a_secret_comes_from_a_file_of_its_own(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = secret(tmp_path / "token", "hunter2\n")
    written(f"metrics_token_file = '{own}'")
    assert Config.from_env().metrics_token == "hunter2"
    other = secret(tmp_path / "other", "correct horse")
    monkeypatch.setenv("EGIDE_METRICS_TOKEN_FILE", str(other))
    assert Config.from_env().metrics_token == "correct horse"
    monkeypatch.setenv("EGIDE_METRICS_TOKEN", "x")
    assert refusal() == "EGIDE_METRICS_TOKEN and EGIDE_METRICS_TOKEN_FILE are both set: keep the second."


def test_what_may_hold_a_secret_stands_in_either(written: Written, tmp_path: Path) -> None:
    written("alert_url = 'https://a.example'")
    assert Config.from_env().alert_url == "https://a.example"
    own = secret(tmp_path / "url", "https://a.example/hunter2")
    path = written(f"alert_url_file = '{own}'")
    assert Config.from_env().alert_url == "https://a.example/hunter2"
    written(f"alert_url = 'https://a.example'\nalert_url_file = '{own}'")
    assert refusal() == f"{path}: alert_url and alert_url_file are both set: keep the second."


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [
        ("hunter2", 0o604, "others can read or change"),
        ("hunter2", 0o620, "others can read or change"),
        ("\n", 0o600, "must hold the value alone, on one line"),
        ("hunter2\nhunter3", 0o600, "must hold the value alone, on one line"),
        ("x" * 5000, 0o600, "must hold the value alone, on one line"),
        ("", 0o600, "must hold the value alone, on one line"),
        (None, 0o600, "cannot be read (No such file or directory)"),
    ],
)
def test_a_file_with_a_secret_that_cannot_be_taken_is_refused(
    written: Written, tmp_path: Path, text: str | None, mode: int, told: str
) -> None:
    own = tmp_path / "token"
    if text is not None:
        secret(own, text, mode)
    path = written(f"metrics_token_file = '{own}'")
    assert refusal().startswith(f"{path}: metrics_token_file: ") and told in refusal()
    assert "hunter" not in refusal()


def test_a_pin_that_is_for_other_accounts_stops_nobody_who_may_not_read_it(
    written: Written, tmp_path: Path
) -> None:
    """live and watch read the settings that name it, and get no further with it than that."""
    own = secret(tmp_path / "pin", "0417", 0o600)
    written(f"master_pin_file = '{own}'\nmetrics_token_file = '{own}'")
    assert Config.from_env().master_pin == "0417"
    own.chmod(0)
    # Root, too, may not read it then.
    within = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    ask = "from egide.common.config import Config; print([Config.from_env().master_pin])"

    def asked() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*within, sys.executable, "-c", ask], capture_output=True, text=True, check=False
        )

    assert "metrics_token_file: " in asked().stderr, "a secret that all need is missed"
    written(f"master_pin_file = '{own}'")
    assert asked().stdout == "['']\n", asked().stderr


def test_credentials_of_systemd_are_found_by_their_names_and_count_before_the_file(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    for name in ("metrics_token", "master_part_1", "master_part_2", "sms_secrets"):
        secret(credentials / name, f"of {name}", 0o440)
    path = tmp_path / "egide.toml"
    path.write_text(
        "sms_secrets = '/etc/egide/sms'\nmaster_parts = ['/a', '/b']\nalert_url = 'https://a.example'\n"
    )
    path.chmod(0o640)
    config = Config.of(Sources({CREDENTIALS: str(credentials)}, read_file(path)))
    assert (config.metrics_token, config.alert_url) == ("of metrics_token", "https://a.example")
    assert config.master_parts == (credentials / "master_part_1", credentials / "master_part_2")
    assert config.sms_secrets == str(credentials / "sms_secrets")
