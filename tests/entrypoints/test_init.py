"""`egide init`: from an empty folder to the first administrator's link; whole, or gone on with, never over another."""

import hashlib
import os
import pty
import re
import signal
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest

from egide.common.config import Config
from egide.common.settings import settings_of
from egide.entrypoints.cli import main
from egide.entrypoints.cli.installing.places import MARKER
from egide.journal.proof.checkpoint import read_checkpoints
from egide.journal.proof.checkpoints import FILE_NAME, signing_key
from tests.support.installed import ANSWERS, PAGES, PHONES, Installed
from tests.support.waiting import WITHIN_S, until

LINK = re.compile(rf"{PAGES}/invitation/([\w-]{{32}})")


class Place(Installed):
    """A folder in which an installation is made."""

    def token(self) -> str:
        found = LINK.fullmatch(self.link.read_text().strip())
        assert found is not None
        return found[1]

    def contents(self) -> dict[str, str]:
        """Every file with what it holds."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in paths
        }


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, str]]:
    """An installation, and what the command said."""
    place = Place(tmp_path_factory.mktemp("made"))
    done = place.start(place.init(*ANSWERS, "--email", "service@example.org"))
    assert done.returncode == 0, done.stderr
    yield place, done.stdout


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_writes_settings_that_hold_and_nothing_that_others_read(made: tuple[Place, str]) -> None:
    place, _said = made
    config = place.settings()
    assert (config.web_origins, config.live_url, config.intake_urls) == ((PAGES,), PAGES, (PHONES,))
    assert (config.phone_url, config.trusted_proxies) == (f"{PHONES}/app/", ("127.0.0.1",))
    assert (config.data_dir, config.push_contact) == (place.data, "mailto:service@example.org")
    text = place.config.read_text()
    assert all(f"[{each.variable}]" in text for each in settings_of(Config).values())
    assert (mode(place.config), mode(place.data), mode(place.link)) == (0o640, 0o700, 0o600)
    assert [path.name for path in place.data.iterdir() if mode(path) & 0o077] == []
    assert {path.name for path in place.folder.iterdir()} == {"egide.toml", "data", "link"}


def test_it_makes_keys_databases_zones_and_a_checkpoint_that_verifies(made: tuple[Place, str]) -> None:
    place, said = made
    names = {path.name for path in place.data.iterdir()}
    assert {"master.key", "receipt.key", "checkpoint.key", "live.key", "web.key", "canary.key"} <= names
    assert {"journal.db", "keys.db", "app.db"} <= names and MARKER not in names
    public = bytes(signing_key(place.settings()).verify_key)
    (checkpoint,), _torn = read_checkpoints((place.data / FILE_NAME).read_bytes())
    assert checkpoint.public_key == public and checkpoint.is_signed and checkpoint.seq > 0
    assert public.hex() in said
    verified = place.run(place.command("journal", "verify"))
    assert verified.returncode == 0, verified.stderr


def test_it_says_where_the_master_key_lies_and_that_it_must_be_copied_and_split(
    made: tuple[Place, str],
) -> None:
    place, said = made
    line = next(line for line in said.splitlines() if line.startswith("Master key:"))
    assert str(place.data / "master.key") in line and "copy it now into a safe" in line
    assert "egide keys split FIRST SECOND --remove" in line


def test_every_command_that_it_names_is_there(made: tuple[Place, str]) -> None:
    _place, said = made
    named = {tuple(words.split()) for words in re.findall(r": egide ((?:[a-z]+ ?)+)", said)}
    assert named == {("keys", "split"), ("accounts", "first"), ("doctor",), ("accounts", "first", "anna")}
    for words in named:
        command = main
        for word in words[:2]:
            command = command.get_command(click.Context(command), word)
            assert command is not None, words


def test_the_link_stands_in_its_own_file_alone(made: tuple[Place, str]) -> None:
    place, said = made
    token = place.token().encode()
    assert token.decode() not in said
    holding = [path.name for path in place.folder.rglob("*") if path.is_file() and token in path.read_bytes()]
    assert holding == ["link"]


def test_a_second_time_it_says_what_is_there_and_changes_nothing(made: tuple[Place, str]) -> None:
    place, _said = made
    before = place.contents()
    again = place.run([*place.init(*ANSWERS)[:-6], *ANSWERS, "--link", str(place.folder / "other")])
    assert again.returncode == 2
    assert again.stderr == (
        f"Error: {place.config} is there already, and nothing was changed: its data are in {place.data}, which holds"
        " master.key, keys.db, journal.db, app.db. For another installation name another file with --config and"
        " another directory with --data.\n"
    )
    other = place.folder / "other.toml"
    command = [each if each != str(place.config) else str(other) for each in place.init(*ANSWERS)]
    command[command.index(str(place.link))] = str(place.folder / "other")
    over = place.run(command)
    assert (
        over.returncode == 2
        and f"{place.data} holds master.key, keys.db, journal.db, app.db, which" in over.stderr
    )
    assert place.contents() == before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--pages", "http://desk.example.org"),
            "--pages: 'http://desk.example.org' is not https:// and a name",
        ),
        (("--pages", "https://localhost"), "--pages: 'https://localhost' is not https:// and a name"),
        (("--pages", "https://a:b@desk.example.org"), "is not https:// and a name"),
        (("--pages", "https://desk.example.org:x"), "is not https:// and a name"),
        (("--phones", f"{PHONES}/app/"), f"--phones: '{PHONES}/app/' is not https:// and a name"),
        (("--phones", PAGES), "Phones need a name of their own"),
        (("--admin", "Anna!"), "'Anna!' cannot be used: small letters, digits and dashes"),
        (("--email", "service"), "'service' is no e-mail address."),
        (("--proxy", "in-front"), "EGIDE_TRUSTED_PROXIES is 'in-front': expected addresses or networks"),
        (("--account", "nobody-of-this-name"), "There is no account nobody-of-this-name on this machine."),
        (("--data", "/dev/null"), "/dev/null is no directory."),
    ],
)
def test_a_wrong_answer_is_refused_with_a_sentence_and_leaves_no_installation(
    place: Place, options: tuple[str, ...], told: str
) -> None:
    if "--account" in options and os.geteuid() != 0:
        told = "Only root makes an installation for another account"
    refused = place.run(place.init(*ANSWERS, *options))
    assert refused.returncode in (1, 2) and refused.stdout == ""
    assert refused.stderr.splitlines()[-1].startswith("Error: ") and told in refused.stderr
    assert not place.config.exists() and not place.link.exists()


def test_what_would_keep_or_overrule_what_it_writes_is_refused(place: Place) -> None:
    without = place.command("init", "--data", str(place.data), *ANSWERS)
    assert "The output is no terminal" in place.run(without).stderr
    overruled = place.run(place.init(*ANSWERS), EGIDE_DATA="/srv", EGIDE_CONNECTIONS="99")
    assert "EGIDE_DATA, EGIDE_CONNECTIONS would count before the file of settings" in overruled.stderr
    nowhere = [each if each != str(place.config) else os.devnull for each in place.init(*ANSWERS)]
    assert "Name the file to write with --config." in place.run(nowhere).stderr
    place.link.touch()
    assert "link exists; name another file." in place.run(place.init(*ANSWERS)).stderr
    assert not place.config.exists() and not place.data.exists()


def test_somebody_elses_files_are_left_alone(place: Place) -> None:
    place.data.mkdir()
    (place.data / "diary.txt").write_text("mine")
    refused = place.run(place.init(*ANSWERS))
    assert refused.returncode == 2
    assert f"{place.data} holds none of an installation's files, which no unfinished" in refused.stderr
    assert place.contents().keys() == {"data/diary.txt"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written_is_told(place: Place) -> None:
    place.folder.chmod(0o500)
    refused = place.run(place.init(*ANSWERS))
    assert "cannot be written by this account: give the command as root" in refused.stderr


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_it_refuses_in_the_readers_language(place: Place, language: str) -> None:
    told = {"fr": "Personne ne répond", "nl": "Niemand antwoordt", "de": "Niemand antwortet"}
    refused = place.run(place.init(), EGIDE_LANG=language)
    assert f"{told[language]}" in refused.stderr and "--pages" in refused.stderr


def test_on_a_terminal_it_asks_for_what_is_missing_and_shows_the_link(place: Place) -> None:
    ours, theirs = pty.openpty()
    command = place.command("init", "--data", str(place.data))
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={"EGIDE_LANG": "en"}
    ) as process:
        os.close(theirs)
        for question, answer in (("pages", PAGES), ("phones", PHONES), ("administrator", "anna")):
            assert question in read_until(ours, lambda text: text.endswith("? "))
            os.write(ours, f"{answer}\n".encode())
        read_until(ours, LINK.search)
        assert process.wait(WITHIN_S) == 0
    os.close(ours)
    assert place.settings().web_origins == (PAGES,)


def read_until(terminal: int, is_enough: Callable[[str], object]) -> str:
    """What is shown from now on until that is enough; a process that ended shows nothing more, which is an OSError."""
    text = ""
    while not is_enough(text):
        text += os.read(terminal, 4096).decode()
    return text


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("master.key", marks=pytest.mark.full("its other cases")),
        pytest.param("web.key", marks=pytest.mark.full("its other cases")),
        "app.db",
    ],
)
def test_killed_in_the_middle_it_goes_on_where_it_was(place: Place, name: str) -> None:
    with subprocess.Popen(
        place.init(*ANSWERS), env={"EGIDE_LANG": "en"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        until((place.data / name).exists, f"{name} is there")
        process.send_signal(signal.SIGKILL)
    assert (place.data / MARKER).exists() and not place.config.exists()
    check_goes_on(place)


def test_ended_just_before_the_settings_are_there_it_makes_a_new_link_for_one_person(place: Place) -> None:
    assert place.run(place.init(*ANSWERS[:-1], "berta")).returncode == 0
    earlier = place.token()
    # The last step but one: the data are whole, the file of settings lies beside its place.
    place.config.rename(f"{place.config}.new")
    place.link.unlink()
    (place.data / MARKER).touch()
    check_goes_on(place)
    assert place.token() != earlier
    again = place.run(place.command("accounts", "first", "anna", "--again"))
    assert (
        again.returncode == 0 and LINK.fullmatch(again.stdout.strip()) and place.token() not in again.stdout
    )
    with closing(sqlite3.connect(place.data / "app.db")) as records:
        links = records.execute("SELECT name, is_active FROM access_user ORDER BY name").fetchall()
        assert links == [("anna", 1), ("berta", 0)]
        assert records.execute("SELECT count(*) FROM access_invitation").fetchone() == (1,)


def check_goes_on(place: Place) -> None:
    done = place.run(place.init(*ANSWERS))
    assert done.returncode == 0, done.stderr
    assert place.settings().data_dir == place.data and not (place.data / MARKER).exists()
    assert {path.name for path in place.folder.iterdir()} == {"egide.toml", "data", "link"}
    assert place.run(place.command("journal", "verify")).returncode == 0
