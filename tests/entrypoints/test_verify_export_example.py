"""contracts/examples/verify_export.py proves and opens an export where nothing of Egide is installed."""

import base64
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from egide.alarm import events as a
from egide.common.clock import SystemClock
from egide.common.files import replace_secret
from egide.journal.proof import checkpoints as c
from egide.journal.proof.checkpoint import hand_on, sign
from egide.journal.proof.export import FORMAT, Header, write_export
from egide.protocol.keys import SigningKey
from tests.support import other_programs as programs
from tests.support.installation import Installation
from tools.tree import ROOT

SCRIPT = ROOT / "contracts" / "examples" / "verify_export.py"
SECRET = "zweiter Stock links"
OTHERS = [one for one in programs.LANGUAGES if one != ".py"]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for packages that holds `cryptography` and what it needs, and nothing of ours."""
    place = tmp_path_factory.mktemp("elsewhere")
    for name in ("cryptography", "cffi", "_cffi_backend"):
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin is not None
        source = Path(spec.origin)
        source = source.parent if source.name == "__init__.py" else source
        (place / source.name).symlink_to(source)
    return place


def run(elsewhere: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The script in an interpreter without this environment's packages."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(elsewhere), "PYTHONUTF8": "1"}
    command = [sys.executable, "-S", str(SCRIPT), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, cwd=elsewhere)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "data", SystemClock())


def a_whole_story(installation: Installation) -> str:
    """An alarm with an event of every kind that can be made without further ado, the new ones too."""
    alarm = installation.open_alarm(installation.enrol())
    installation.route(alarm)
    for event in (
        a.ShownOnBoard(user="op", centre="mons"),
        a.AlarmAcknowledged(user="op"),
        a.OperatorLeft(user="op", why="idle"),
        a.AlarmAcknowledged(user="op-2"),
        a.ZoneConfirmed(user="op-2", zone="5324", reference="Insp. 21"),
        a.TeamNamed(user="op-2", zone="5324", call_sign="M 12"),
        a.TeamUnderWay(by="op-2"),
        a.TeamOnSite(by="op-2"),
        a.NoteAdded(user="op-2", text=SECRET),
        a.AlarmClosed(user="op-2", outcome="arrest", reason="-"),
    ):
        installation.act(alarm, event)
    return alarm


def export(installation: Installation, file: Path, alarm: str = "") -> Path:
    stream = f"alarm:{alarm}" if alarm else ""
    rows = installation.journal.stream(stream) if stream else list(installation.journal.every())
    key = installation.keys.stream_key(rows[0].key, stream).raw if stream else b""
    with file.open("wb") as out:
        write_export(Header(FORMAT, 1, stream, key), rows, out)
    return file


def test_nothing_of_ours_can_be_imported_there(elsewhere: Path) -> None:
    for name in ("egide", "msgspec", "nacl"):
        command = [sys.executable, "-S", "-c", f"import {name}"]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(elsewhere)}
        assert subprocess.run(command, env=environment, capture_output=True, cwd=elsewhere).returncode == 1


def test_one_alarm_verifies_and_opens(installation: Installation, tmp_path: Path, elsewhere: Path) -> None:
    alarm = a_whole_story(installation)
    installation.open_alarm(installation.enrol())
    answer = run(elsewhere, str(export(installation, tmp_path / "one.jsonl", alarm)))
    assert answer.returncode == 0, answer.stderr
    shown = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [one["kind"] for one in shown] == installation.kinds(f"alarm:{alarm}")
    assert next(one for one in shown if one["kind"] == "NoteAdded")["text"] == SECRET


@pytest.mark.parametrize("language", OTHERS)
def test_a_reader_in_another_language_says_the_same(
    installation: Installation, tmp_path: Path, language: str
) -> None:
    alarm = a_whole_story(installation)
    file = export(installation, tmp_path / "one.jsonl", alarm)
    answer = programs.run(f"verify_export{language}", file)
    assert answer.returncode == 0, answer.stderr
    shown = programs.said(answer.stdout)
    assert [one["kind"] for one in shown] == installation.kinds(f"alarm:{alarm}")
    assert next(one for one in shown if one["kind"] == "NoteAdded")["text"] == SECRET
    whole = programs.run(f"verify_export{language}", export(installation, tmp_path / "all.jsonl"))
    assert programs.said(whole.stdout)[0]["whole"] == installation.journal.head()


def test_a_whole_copy_verifies_and_agrees_with_its_checkpoints(
    installation: Installation, tmp_path: Path, elsewhere: Path
) -> None:
    a_whole_story(installation)
    c.CheckpointKeeper(installation.config, installation.journal, installation.clock).step()
    installation.open_alarm(installation.enrol())
    file, seen = export(installation, tmp_path / "all.jsonl"), installation.config.data_dir / c.FILE_NAME
    key = bytes(c.signing_key(installation.config).verify_key).hex()
    assert run(elsewhere, str(file)).returncode == 0
    agreed = run(elsewhere, str(file), "--checkpoints", str(seen), "--key", key)
    assert agreed.returncode == 0 and SECRET not in agreed.stdout, agreed.stderr
    foreign = run(elsewhere, str(file), "--checkpoints", str(seen), "--key", "00" * 32)
    assert foreign.returncode == 1 and "does not hold" in foreign.stderr
    # A shorter journal, flawless by itself, is not what the checkpoint saw.
    with (tmp_path / "short.jsonl").open("wb") as out:
        write_export(Header(FORMAT, 1), list(installation.journal.every())[:5], out)
    short = run(elsewhere, str(tmp_path / "short.jsonl"), "--checkpoints", str(seen), "--key", key)
    assert short.returncode == 1 and "cut off" in short.stderr


def test_a_key_that_was_handed_on_is_followed_and_nobody_elses_is(
    installation: Installation, tmp_path: Path, elsewhere: Path
) -> None:
    config = installation.config
    a_whole_story(installation)
    keys = [c.signing_key(config)]
    c.CheckpointKeeper(config, installation.journal, installation.clock).step()
    replace_secret(config.data_dir / c.KEY_FILE, bytes(keys[0]) + bytes(range(32)))
    installation.open_alarm(installation.enrol())
    c.CheckpointKeeper(config, installation.journal, installation.clock).step(is_last=True)
    keys.append(c.signing_key(config))
    file, seen = export(installation, tmp_path / "all.jsonl"), config.data_dir / c.FILE_NAME
    assert b"next_key" in seen.read_bytes() and keys[0] != keys[1]

    def checked(checkpoints: Path, key: SigningKey) -> str:
        words = ("--checkpoints", str(checkpoints), "--key", bytes(key.verify_key).hex())
        answer = run(elsewhere, str(file), *words)
        return "" if answer.returncode == 0 else answer.stderr

    assert [checked(seen, key) for key in keys] == ["", ""]
    head, running = installation.journal.head(), bytes(32)
    for forged in (
        sign(keys[0], head + 1, running, 1),
        hand_on(keys[0], SigningKey.generate(), 1, running, 1),
    ):
        spoilt = tmp_path / "spoilt.jsonl"
        spoilt.write_bytes(seen.read_bytes() + msgspec.json.encode(forged) + b"\n")
        told = checked(spoilt, keys[1])
        assert "not signed by this key" in told or "handed on twice" in told


def _changed(line: bytes, **fields: object) -> bytes:
    return json.dumps({**json.loads(line), **fields}).encode()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda lines: lines[:-1], "cut off"),
        (lambda lines: [*lines[:-2], lines[-1]], "does not fit"),
        (lambda lines: [*lines[:3], *lines[4:]], "does not follow"),
        (lambda lines: [*lines[:3], _changed(lines[3], at_us=0), *lines[4:]], "was changed"),
        (lambda lines: [*lines[:3], _changed(lines[3], body=""), *lines[4:]], "was changed"),
        (
            lambda lines: [_changed(lines[0], key=base64.b64encode(bytes(32)).decode()), *lines[1:]],
            "cannot be opened",
        ),
        (lambda lines: [_changed(lines[0], stream="alarm:other-1"), *lines[1:]], "another stream"),
        (lambda lines: [_changed(lines[0], format="egide-journal-9"), *lines[1:]], "format"),
        (lambda lines: [b"{}", b"nothing"], "format"),
        (lambda lines: [], "empty"),
    ],
    ids=["no end", "one less", "a gap", "time", "body", "key", "stream", "format", "other", "empty"],
)
def test_a_spoilt_export_does_not_hold(
    installation: Installation,
    tmp_path: Path,
    elsewhere: Path,
    spoil: Callable[[list[bytes]], list[bytes]],
    says: str,
) -> None:
    alarm = a_whole_story(installation)
    file = export(installation, tmp_path / "one.jsonl", alarm)
    file.write_bytes(b"\n".join(spoil(file.read_bytes().splitlines())) + b"\n")
    answer = run(elsewhere, str(file))
    assert answer.returncode == 1 and says in answer.stderr and "Traceback" not in answer.stderr
    assert SECRET not in answer.stdout
    for language in OTHERS:
        other = programs.run(f"verify_export{language}", file)
        assert other.returncode == 1 and "does not hold" in other.stderr and SECRET not in other.stdout
