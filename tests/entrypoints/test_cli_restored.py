"""`egide journal restored`: a database that came back from a back-up of its own is held against what others know, and
nothing starts on it before.

A copy of the database stands for the back-up here; `test_pgbackrest.py` makes and restores real ones.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.entrypoints.processes.ready import make_ready
from egide.events.base import encode
from egide.events.register import KitReturned
from egide.journal.ending.erasing import state_of
from egide.journal.now.kept import facts as kept_facts
from egide.journal.now.signs import Signs
from egide.journal.proof.checkpoints import FILE_NAME, CheckpointKeeper
from egide.journal.proof.erased import FILE_NAME as ERASED
from egide.journal.sealing.blobs import Blobs
from egide.journal.sealing.keys import KeyErased, KeyStore
from egide.journal.service import Journal
from egide.outbox.copy import copy_waiting, row_label
from egide.outbox.models import OutboxRow
from tests.intake.test_process import Running
from tests.intake.test_process_alone import until_copied
from tests.intake.test_process_keeping import away
from tests.support.backups import Kept, ended, erased
from tests.support.commands import Answer, run
from tests.support.installation import Installation
from tests.support.pages import ON_BOTH, Pages
from tests.support.postgres import JOURNAL, USER, Server
from tests.support.waiting import until

BACKUP, CASE, DIGEST = "journal_before", "c" * 32, "bb" * 32
BackUp = Callable[[], Callable[[str], str]]
Intakes = Callable[[str], Running]


@pytest.fixture
def running(tmp_path: Path, postgres: Server) -> Iterator[Installation]:
    with Installation(tmp_path / "data", SystemClock(), address=postgres.emptied()) as made:
        ended(made)
        yield made


@pytest.fixture
def kept(tmp_path: Path, running: Installation) -> Kept:
    made = Kept(tmp_path, running.config)
    made.watch()
    return made


@pytest.fixture
def back_up(postgres: Server) -> Iterator[BackUp]:
    """Keeps the database as it is; what that gives says where, for a user, it stands once it is restored."""

    def keep() -> Callable[[str], str]:
        with postgres.asked() as asked:
            postgres.send_away(postgres.address(JOURNAL))
            asked.execute(f"CREATE DATABASE {BACKUP} TEMPLATE {JOURNAL} STRATEGY FILE_COPY")
        return lambda user: postgres.address(BACKUP, user)

    yield keep
    with postgres.asked() as asked:
        asked.execute(f"DROP DATABASE IF EXISTS {BACKUP} WITH (FORCE)")


@pytest.fixture
def intakes(running: Installation, kept: Kept) -> Iterator[Intakes]:
    """Starts intake over the database at an address, in place of the one before."""
    started: list[Running] = []

    def start(address: str) -> Running:
        for one in started:
            one.child.stop()
        running.config = kept.config = replace(kept.config, journal=address)
        started.append(Running(running))
        return started[-1]

    yield start
    for one in started:
        one.child.kill()
        one.listener.close()


def told(kept: Kept, address: str, place: Path | None = None) -> Answer:
    """The command over a database that was restored."""
    config = replace(kept.config, journal=address)
    return run(config, "journal", "restored", "--second-place", str(place or kept.place))


def wait(journal: Journal, kit: str) -> None:
    """An event of the registers that the worker has not copied yet."""
    row = OutboxRow(stream=f"kit:{kit}", kind="KitReturned", case=CASE, created_at_us=1)
    row.body = journal.keys.record_key(CASE).seal(encode(KitReturned(kit=kit)), row_label(row.id))
    row.save(force_insert=True)


def opened(config: Config) -> Journal:
    return Journal.open(config, SystemClock(), KeyStore.open(config))


def test_what_is_gone_is_counted_signed_and_no_theft(
    running: Installation, kept: Kept, back_up: BackUp
) -> None:
    head, restored = running.journal.head(), back_up()
    ended(running)
    kept.watch()
    lost = running.journal.head() - head
    answer = told(kept, restored(USER))
    assert answer.returncode == 0, answer.stderr
    assert f"whole up to event {head} (" in answer.stdout
    assert f"second place saw it: events {lost}, minutes 1," in answer.stdout
    config = replace(kept.config, journal=restored(USER))
    keeper = CheckpointKeeper(config, opened(config), SystemClock())
    keeper.step(is_last=True)
    assert keeper.wrong() == {}
    shown = run(config, "journal", "verify", "--checkpoints", str(kept.place / FILE_NAME))
    assert shown.returncode == 0 and "was restored" in shown.stdout, shown.stderr
    # Given once more it finds the same, and what it signed excuses nothing that happens later.
    assert told(kept, restored(USER)).returncode == 0


def test_rule_29_what_was_erased_since_is_erased_again_before_anything_starts(
    running: Installation, kept: Kept, back_up: BackUp
) -> None:
    gone, _alarm = ended(running, "her sister's door is blue")
    stays, _alarm = ended(running)
    restored = back_up()
    erased(running, gone.case)
    kept.watch()
    config = replace(kept.config, journal=restored(USER))
    with pytest.raises(NotSetUp, match=r"keys of erased files \(1\): run `egide journal restored`"):
        make_ready(config)
    refused = told(kept, restored("intake"))
    assert refused.returncode == 1 and "start nothing" in refused.stderr, "who may not destroy keys says so"
    assert "egide_erase" in refused.stderr
    with pytest.raises(NotSetUp, match="keys of erased files"):
        make_ready(config)
    done = told(kept, restored("eraser"))
    assert done.returncode == 0 and "Erased again" in done.stdout, done.stderr
    journal = opened(config)
    with pytest.raises(KeyErased):
        journal.keys.case_key(gone.case)
    assert state_of(journal, gone.case).erased and journal.keys.has(stays.case)
    make_ready(config)


def test_rule_29_an_intake_that_began_alone_keeps_what_comes_until_the_database_was_held_against_the_list(
    running: Installation,
    kept: Kept,
    back_up: BackUp,
    postgres: Server,
    intakes: Intakes,
    capfd: pytest.CaptureFixture[str],
) -> None:
    gone, _alarm = ended(running)
    phone = running.enrol()
    make_ready(running.config)
    before = intakes(postgres.address(JOURNAL))
    until_copied(before)
    before.child.stop()
    restored = back_up()
    erased(running, gone.case)
    kept.watch()
    # All machines lost their power: this one is back first, and the database comes from its back-up.
    with away(postgres):
        intake = intakes(restored("intake"))
        assert intake.send(phone.press()) == 202
    until(lambda: "keys of erased files (1)" in capfd.readouterr().err, "it says what it waits for")
    assert intake.send(phone.press()) == 202, "the database is there, and nothing of it is used"
    intake.child.stop()
    done = told(kept, restored("eraser"))
    assert done.returncode == 0 and "Erased again" in done.stdout, done.stderr
    intake = intakes(restored("intake"))
    press = phone.press()
    until(lambda: intake.send(press) == 201, "it is in the journal behind those that were kept")
    until(lambda: kept_facts(kept.config).count == 0, "all of it is in the journal")
    kinds = [row.kind for row in opened(kept.config).every() if row.alarm and phone.device in row.stream]
    assert kinds == ["PressReceived", "PressedAgain", "PressedAgain"]


def test_a_list_of_erased_files_that_somebody_else_wrote_stops_nobody(
    running: Installation, kept: Kept, back_up: BackUp, tmp_path: Path
) -> None:
    phone, _alarm = ended(running)
    restored = back_up()
    with Installation(tmp_path / "other", SystemClock()) as other:
        (tmp_path / "theirs").mkdir()
        theirs = Kept(tmp_path / "theirs", other.config)
        gone, _alarm = ended(other)
        erased(other, gone.case)
        theirs.watch()
        line = (other.config.data_dir / ERASED).read_bytes().replace(gone.case.encode(), phone.case.encode())
    with (running.config.data_dir / ERASED).open("ab") as own:
        own.write(line)
    make_ready(replace(kept.config, journal=restored(USER)))


@pytest.mark.files("begins with a journal in a file")
@ON_BOTH
def test_records_sound_and_sessions_of_before_fit_the_older_journal(
    pages: Pages, postgres: Server, back_up: BackUp, tmp_path: Path
) -> None:
    config = replace(pages.config, journal=postgres.emptied())
    for name in ("journal.db", "keys.db"):
        (config.data_dir / name).unlink()
    kept = Kept(tmp_path, config)
    journal = opened(config)
    journal.keys.ensure(CASE)
    OutboxRow.objects.all().delete()
    wait(journal, "1")
    assert copy_waiting(config, journal) == 1
    kept.watch()
    restored = back_up()
    journal = opened(config)
    wait(journal, "2")
    assert copy_waiting(config, journal) == 1
    blobs = Blobs(config, journal.keys)
    blobs.put(CASE, DIGEST, b"sound")
    (config.data_dir / "web.key").write_bytes(bytes(48))
    answer = told(kept, restored(USER))
    assert answer.returncode == 0, answer.stderr
    assert "once more by the records: 1." in answer.stdout
    assert not blobs.has(DIGEST), "its phone sends it again"
    assert not (config.data_dir / "web.key").exists(), "whoever was signed out since stays out"
    again = replace(config, journal=restored(USER))
    journal = opened(again)
    assert copy_waiting(again, journal) == 1 and [row.kind for row in journal.stream("kit:2")] == [
        "KitReturned"
    ]


def test_rule_29_files_of_a_back_up_join_a_fresher_database_and_bring_the_list_of_erased_files(
    running: Installation, kept: Kept, back_up: BackUp, tmp_path: Path
) -> None:
    gone, _alarm = ended(running)
    kept.keep_master()
    file, to = kept.back_up(), tmp_path / "new"
    head, restored = running.journal.head(), back_up()
    erased(running, gone.case)
    kept.watch()
    shutil.rmtree(kept.config.data_dir)
    kept.config = replace(kept.config, journal=restored(USER))
    answer = kept.restore(file, to, "--files-only")
    assert answer.returncode == 0 and "bring the database back" in answer.stdout, answer.stderr
    config = replace(kept.config, data_dir=to)
    assert not [name for name in ("journal.db", "keys.db") if (to / name).exists()]
    with pytest.raises(NotSetUp, match="keys of erased files"):
        make_ready(config)
    kept.config = config
    done = told(kept, restored(USER))
    assert done.returncode == 0 and f"whole up to event {head} (" in done.stdout, done.stderr
    make_ready(config)
    as_file = replace(config, journal="")
    refused = run(as_file, "restore", str(file), "--to", str(tmp_path / "x"), "--key", str(kept.key), "--files-only",
                  "--second-place", str(kept.place))  # fmt: skip
    assert refused.returncode == 1 and "EGIDE_JOURNAL names none" in refused.stderr


def test_it_is_refused_where_it_would_harm(
    running: Installation, kept: Kept, back_up: BackUp, postgres: Server, tmp_path: Path
) -> None:
    restored = back_up()
    config = replace(kept.config, journal=restored(USER))
    answer = run(config, "journal", "restored")
    assert answer.returncode == 1 and "--without-second-place" in answer.stderr
    as_file = run(replace(config, journal=""), "journal", "restored", "--second-place", str(kept.place))
    assert as_file.returncode != 0 and "`egide restore`" in as_file.stderr
    Signs(config, SystemClock()).beat("intake")
    runs = told(kept, restored(USER))
    assert runs.returncode == 2 and "Stop all processes first" in runs.stderr
    empty = told(kept, postgres.emptied())
    assert empty.returncode == 1 and "holds no event" in empty.stderr
    assert (running.config.data_dir / FILE_NAME).read_bytes().count(b"egide-restored-1") == 0
