"""`egide restore`: an installation goes on from a back-up, and everything that is gone is said; else nothing is
there.
"""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import msgspec
import pytest

from egide.common.clock import SystemClock
from egide.common.config import RESTORING
from egide.entrypoints.backup import restoring
from egide.entrypoints.backup.archive import write_archive
from egide.journal.ending.erasing import state_of
from egide.journal.proof.checkpoints import FILE_NAME, CheckpointKeeper
from egide.journal.proof.erased import FILE_NAME as ERASED
from egide.journal.proof.verify import verify
from egide.journal.sealing.keys import KeyErased, KeyRows, KeyStore
from egide.journal.service import Journal
from tests.support.backups import Kept, ended, erased, found_in
from tests.support.commands import COMMAND, WITHIN_S, run
from tests.support.installation import Installation
from tests.support.nursery import run_loaded

SECRET = "she sleeps at her aunt's"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "data", SystemClock()) as made:
        ended(made, SECRET)
        yield made


@pytest.fixture
def kept(tmp_path: Path, running: Installation) -> Kept:
    made = Kept(tmp_path, running.config)
    made.keep_master()
    made.watch()
    return made


def opened(kept: Kept, to: Path) -> Journal:
    config = replace(kept.config, data_dir=to)
    return Journal.open(config, SystemClock(), KeyStore.open(config))


def told(journal: Journal) -> str:
    """All events that can be opened."""
    texts = []
    for row in journal.every():
        try:
            texts.append(str(journal.open_event(row)))
        except KeyErased:
            texts.append("gone")
    return " ".join(texts)


def test_what_is_restored_is_what_was_there_and_what_is_missing_is_said(
    running: Installation, kept: Kept, tmp_path: Path
) -> None:
    before = verify(running.journal.every())
    file, to = kept.back_up(), tmp_path / "new"
    phone, _alarm = ended(running)
    kept.watch()
    lost = running.journal.head() - before.last_seq
    shutil.rmtree(running.config.data_dir)
    answer = kept.restore(file, to)
    assert answer.returncode == 0, answer.stderr
    assert f"whole up to event {before.last_seq}" in answer.stdout
    assert f"second place saw it: events {lost}, minutes 1," in answer.stdout
    assert all(path.stat().st_mode & 0o077 == 0 for path in [to, *to.rglob("*")])
    journal = opened(kept, to)
    assert verify(journal.every()) == before and SECRET in told(journal)
    with pytest.raises(KeyErased):
        journal.keys.case_key(phone.case)
    assert not (to / RESTORING).exists()


def test_rule_48_watch_goes_on_after_a_restore_and_the_gap_stays_provable(
    running: Installation, kept: Kept, tmp_path: Path
) -> None:
    file, to = kept.back_up(), tmp_path / "new"
    ended(running)
    kept.watch()
    assert kept.restore(file, to).returncode == 0
    config, clock = replace(kept.config, data_dir=to), SystemClock()
    journal = opened(kept, to)
    keeper = CheckpointKeeper(config, journal, clock)
    keeper.step()
    assert keeper.wrong() == {}, "a restore that was signed is no theft"
    shown = run(config, "journal", "verify", "--checkpoints", str(kept.place / FILE_NAME))
    assert shown.returncode == 0 and "was restored" in shown.stdout, shown.stderr
    # It excuses what was lost then, and nothing that happens later.
    with Installation(to, clock) as again:
        again.open_alarm(again.enrol())
        keeper = CheckpointKeeper(config, again.journal, clock)
        keeper.step(is_last=True)
    kept.config = config
    earlier, third = kept.back_up(), tmp_path / "third"
    assert kept.restore(earlier, third).returncode == 0, "and a restored one can be restored"
    copy = (kept.place / FILE_NAME).read_bytes().splitlines()
    unsigned = [line for line in copy if b"egide-restored-1" not in line]
    (tmp_path / "without.jsonl").write_bytes(b"\n".join(unsigned) + b"\n")
    key = run(config, "journal", "key").stdout.strip()
    hidden = run(config, "journal", "verify", "--checkpoints", str(tmp_path / "without.jsonl"), "--key", key)
    assert hidden.returncode == 1 and "BROKEN" in hidden.stderr, "without that line it is a theft"


def test_rule_29_an_erased_case_stays_erased_though_an_older_back_up_is_restored(
    running: Installation, kept: Kept, tmp_path: Path
) -> None:
    gone, _alarm = ended(running, "her sister's door is blue")
    open_one = running.enrol()
    running.open_alarm(open_one)
    file, to = kept.back_up(), tmp_path / "new"
    assert gone.case in {
        case for case, _key in msgspec.json.decode(kept.content(file)["keys.json"], type=KeyRows).cases
    }
    erased(running, gone.case)
    kept.watch()
    shutil.rmtree(running.config.data_dir)
    answer = kept.restore(file, to)
    assert answer.returncode == 0 and "Erased again" in answer.stdout, answer.stderr
    journal = opened(kept, to)
    with pytest.raises(KeyErased):
        journal.keys.case_key(gone.case)
    assert state_of(journal, gone.case).erased and "gone" in told(journal) and "blue" not in told(journal)
    (wrapped,) = (
        key
        for case, key in msgspec.json.decode(kept.content(file)["keys.json"], type=KeyRows).cases
        if case == gone.case
    )
    assert found_in(to, wrapped) == []
    assert journal.alarm(open_one.alarm()) is not None, "others are as they were"
    # Restored once more from the same old file, now by the list that went along.
    assert kept.restore(file, tmp_path / "once more").returncode == 0


def test_rule_29_the_list_of_erased_cases_leaves_the_house_by_watch_and_cannot_be_forged(
    running: Installation, kept: Kept, tmp_path: Path
) -> None:
    phone, _alarm = ended(running)
    stays, _alarm = ended(running)
    file = kept.back_up()
    erased(running, phone.case)
    assert (kept.place / ERASED).read_bytes() == b"", "there from the start, so that a missing one shows"
    kept.watch()
    (line,) = (kept.place / ERASED).read_bytes().splitlines()
    assert phone.case.encode() in line
    forged = line.replace(phone.case.encode(), stays.case.encode())
    (kept.place / ERASED).write_bytes(line + b"\n" + forged + b"\n" + line[:40])
    answer = kept.restore(file, tmp_path / "new")
    assert answer.returncode == 0 and "nobody signed: 2" in answer.stdout, answer.stderr
    journal = opened(kept, tmp_path / "new")
    assert journal.keys.case_key(stays.case)
    with pytest.raises(KeyErased):
        journal.keys.case_key(phone.case)
    (kept.place / ERASED).unlink()
    refused = kept.restore(file, tmp_path / "other")
    assert refused.returncode == 1 and "could bring one back" in refused.stderr
    without = kept.restore(file, tmp_path / "other", "--without-second-place", second_place=None)
    assert without.returncode == 0 and "Nobody can say what is missing" in without.stdout


def test_only_an_empty_place_becomes_an_installation(
    running: Installation, kept: Kept, tmp_path: Path
) -> None:
    file, used = kept.back_up(), tmp_path / "used"
    used.mkdir()
    (used / "something").touch()
    answer = kept.restore(file, used)
    assert answer.returncode == 1 and "is not empty" in answer.stderr
    assert kept.restore(file, running.config.data_dir).returncode == 1
    empty = tmp_path / "empty"
    empty.mkdir()
    assert kept.restore(file, empty).returncode == 0
    assert SECRET in told(opened(kept, empty))


def test_what_does_not_fit_is_refused_with_a_sentence_and_leaves_nothing(
    running: Installation, kept: Kept, tmp_path: Path
) -> None:
    file, to = kept.back_up(), tmp_path / "new"
    whole = file.read_bytes()
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    files = {
        "half": whole[: len(whole) // 2],
        "without its end": whole[:-20],
        "changed": bytes(changed),
        "another file": b"PK\x03\x04 nothing of ours",
        "empty": b"",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        answer = kept.restore(tmp_path / name, to)
        assert answer.returncode == 1 and name in answer.stderr, (name, answer.stderr)
        assert "Traceback" not in answer.stderr and not any(to.iterdir()), name
    (tmp_path / "elsewhere").mkdir()
    with Installation(tmp_path / "elsewhere" / "data", SystemClock()) as other:
        stranger = Kept(tmp_path / "elsewhere", other.config)
        other.enrol()
        stranger.keep_master()
        stranger.watch()
    (tmp_path / "no key").write_text("hello\n")
    refusals = {
        "does not open with this key": {"key": stranger.key},
        "holds no key that opens": {"key": tmp_path / "no key"},
        "belongs to another installation": {"master": stranger.master},
        "is in no back-up": {"master": None},
        "are those of another installation": {"second_place": stranger.place},
        "holds no checkpoints": {"second_place": kept.safe},
        "Name the second place": {"second_place": None},
    }
    for says, named in refusals.items():
        answer = kept.restore(file, to, **named)
        assert answer.returncode == 1 and says in answer.stderr, (says, answer.stderr)
        assert not any(to.iterdir()), says


def test_a_master_of_another_installation_is_refused_though_there_is_no_case_yet(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with (
        Installation(tmp_path / "one" / "data", SystemClock()) as one,
        Installation(tmp_path / "two" / "data", SystemClock()) as two,
    ):
        kept, other = Kept(tmp_path / "one", one.config), Kept(tmp_path / "two", two.config)
        for installation, made in ((one, kept), (two, other)):
            assert run(made.config, "journal", "export", str(made.safe / "all.jsonl")).returncode == 0
            assert installation.journal.head() == 1
            made.keep_master()
            made.watch()
        answer = kept.restore(kept.back_up(), tmp_path / "new", master=other.master)
        assert answer.returncode == 1 and "another installation" in answer.stderr


@pytest.mark.parametrize("of", ["0.0.1", "99.0"])
def test_a_back_up_of_an_older_or_newer_version_says_which_version_restores_it(
    running: Installation, kept: Kept, tmp_path: Path, of: str
) -> None:
    content = kept.content(kept.back_up())
    here = metadata.version("egide")
    content["backup.json"] = content["backup.json"].replace(f'"{here}"'.encode(), f'"{of}"'.encode())
    with (tmp_path / "other").open("wb") as out:
        write_archive(out, kept.config.backup_recipient, list(content.items()))
    answer = kept.restore(tmp_path / "other", tmp_path / "new")
    assert answer.returncode == 1 and f"of Egide {of}" in answer.stderr and here in answer.stderr


def test_an_archive_that_would_write_elsewhere_writes_nothing(kept: Kept, tmp_path: Path) -> None:
    content = list(kept.content(kept.back_up()).items())
    for name in ("../outside", "/tmp/outside", "blobs/../../outside", "zones/../x", "web.key"):
        with (tmp_path / "other").open("wb") as out:
            write_archive(out, kept.config.backup_recipient, [*content, (name, b"x")])
        answer = kept.restore(tmp_path / "other", tmp_path / "new")
        assert answer.returncode == 1 and "no back-up of Egide does" in answer.stderr, name
        assert not any((tmp_path / "new").iterdir())
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("keys.json", b"{", "is no back-up of Egide"),
        ("keys.json", b'{"cases": [["a"]], "blobs": [], "erased": []}', "is no back-up of Egide"),
        ("journal.db", b"no database " * 1000, "journal.db: file is not a database"),
        ("app.db", b"no database " * 1000, "app.db: file is not a database"),
    ],
)
def test_what_somebody_sealed_who_knows_the_recipient_alone_is_refused_with_a_sentence(
    kept: Kept, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    members = kept.content(kept.back_up()) | {name: content}
    with (tmp_path / "other").open("wb") as out:
        write_archive(out, kept.config.backup_recipient, list(members.items()))
    answer = kept.restore(tmp_path / "other", tmp_path / "new")
    assert answer.returncode == 1 and says in answer.stderr, answer.stderr
    assert answer.stderr.count("\n") == 1 and not any((tmp_path / "new").iterdir())


@pytest.mark.parametrize("kib", [4, 24, 80])
def test_a_disk_without_room_takes_nothing(kept: Kept, tmp_path: Path, kib: int) -> None:
    to = tmp_path / "new"
    files = {"--to": to, "--key": kept.key, "--master": kept.master, "--second-place": kept.place}
    options = [str(word) for pair in files.items() for word in pair]
    command = ["prlimit", f"--fsize={kib << 10}", "--", *COMMAND, "restore", str(kept.back_up()), *options]
    environment = {**os.environ, **replace(kept.config, data_dir=to).environment(), "EGIDE_LANG": "en"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=WITHIN_S)
    assert ended.returncode == 1 and ended.stderr.startswith("Error: "), ended.stderr
    assert ended.stderr.count("\n") == 1 and str(to) in ended.stderr and not any(to.iterdir())
    assert "not whole" not in ended.stderr, "it is not the back-up's fault"


def test_nothing_starts_where_the_disk_failed_while_all_was_moved_to_its_place(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_folder: Path) -> None:
        raise OSError(errno.EIO, "the disk")

    monkeypatch.setattr(restoring, "sync_folder", fail)
    answer = kept.restore(kept.back_up(), tmp_path / "new")
    assert answer.returncode == 1 and "a restore that did not end: empty" in answer.stderr
    assert (tmp_path / "new" / RESTORING).exists()


def test_a_back_up_in_which_an_event_was_replaced_is_not_restored(
    running: Installation, kept: Kept, tmp_path: Path
) -> None:
    content = kept.content(kept.back_up())
    (row,) = (row for row in running.journal.every() if row.seq == 3)
    assert content["journal.db"].count(row.body) == 1
    content["journal.db"] = content["journal.db"].replace(row.body, bytes(len(row.body)))
    with (tmp_path / "other").open("wb") as out:
        write_archive(out, kept.config.backup_recipient, list(content.items()))
    answer = kept.restore(tmp_path / "other", tmp_path / "new")
    assert answer.returncode == 1 and "broken at event 3" in answer.stderr
    assert not any((tmp_path / "new").iterdir())


@pytest.mark.parametrize("process", ["intake", "worker", "live", "web", "watch", "metrics", "ready"])
def test_nothing_starts_on_what_is_restored_by_half(kept: Kept, tmp_path: Path, process: str) -> None:
    half = tmp_path / "half"
    (half / RESTORING).mkdir(parents=True)
    environment = {**os.environ, **replace(kept.config, data_dir=half).environment(), "EGIDE_LANG": "en"}
    ended = run_loaded(f"egide.entrypoints.{process}", [], environment)
    assert ended.returncode != 0 and "a restore that did not end" in ended.stderr
    assert "Traceback" not in ended.stderr and list(half.iterdir()) == [half / RESTORING]


def test_a_restore_that_was_killed_is_not_gone_on_with(kept: Kept, tmp_path: Path) -> None:
    half = tmp_path / "half"
    (half / RESTORING).mkdir(parents=True)
    answer = kept.restore(kept.back_up(), half)
    assert answer.returncode == 1 and "a restore that did not end" in answer.stderr
    assert run(replace(kept.config, data_dir=half), "status").returncode == 1


def test_accounts_that_share_a_group_find_what_is_theirs_and_no_key(
    running: Installation, kept: Kept, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    assert kept.restore(kept.back_up(), shared).returncode == 0
    modes = {path.name: path.stat().st_mode & 0o777 for path in shared.iterdir() if path.is_file()}
    assert {modes[name] for name in ("journal.db", "keys.db", "checkpoints.jsonl", "erased.jsonl")} == {0o660}
    assert {modes[name] for name in ("master.key", "checkpoint.key", "settings.env")} == {0o600}
