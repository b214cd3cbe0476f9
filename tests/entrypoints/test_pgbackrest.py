"""The database of the journal is destroyed and comes back by pgBackRest: to its end, and to a moment of before."""

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from egide.common.clock import SetClock, SystemClock
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.entrypoints.doctor.database_backups import database_backups
from egide.entrypoints.processes.ready import make_ready
from egide.journal.engines.chosen import keys_of
from egide.journal.proof.checkpoints import FILE_NAME
from egide.journal.proof.verify import verify
from egide.journal.sealing.keys import KeyErased, KeyStore, read_rows
from egide.journal.service import Journal
from tests.support.backups import Kept, ended, erased, found_in
from tests.support.commands import run
from tests.support.installation import Installation
from tests.support.once import made_once
from tests.support.pgbackrest import Repository
from tests.support.postgres import JOURNAL, Server, make_cluster, serving
from tests.support.waiting import until

HOUR_US = 3_600_000_000
# As delivered, but for what a test of two seconds has no use for.
SETTINGS = {"listen_addresses": "", "shared_buffers": "8MB", "max_connections": "60"}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "pgbackrest", tmp_path / "cluster")


@pytest.fixture
def server(
    tmp_path: Path, repository: Repository, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Server]:
    cluster = made_once(tmp_path_factory, worker_id, "cluster", make_cluster)
    (tmp_path / "cluster").mkdir()
    with serving(cluster, tmp_path / "cluster", {**SETTINGS, **repository.settings}) as made:
        yield made


def destroy_and_restore(server: Server, repository: Repository, *target: str) -> None:
    """Until the database takes writes again."""
    server.stop(signal.SIGQUIT)
    shutil.rmtree(server.data)
    server.data.mkdir(mode=0o700)
    repository.do("restore", *target)
    server.start()
    with server.asked() as asked:
        until(lambda: asked.execute("SELECT pg_is_in_recovery()").fetchone() == (False,), "it takes writes")


def opened(config: Config) -> Journal:
    return Journal.open(config, SystemClock(), KeyStore.open(config))


@pytest.mark.full(
    "tests/entrypoints/test_cli_restored.py::test_what_is_gone_is_counted_signed_and_no_theft",
    "tests/entrypoints/test_cli_restored.py::test_rule_29_what_was_erased_since_is_erased_again_before_anything_starts",
)
def test_a_destroyed_database_comes_back_to_its_end_and_to_a_moment_of_before(
    tmp_path: Path, server: Server, repository: Repository
) -> None:
    with Installation(tmp_path / "data", SystemClock(), address=server.address(JOURNAL)) as running:
        gone, _alarm = ended(running, "her sister's door is blue")
        with_keys = keys_of(running.config)
        wrapped = dict(read_rows(with_keys).cases)[gone.case]
        with_keys.close()
        kept = Kept(tmp_path, running.config)
        repository.do("stanza-create")
        repository.do("backup", "--type=full")
        ended(running)
        stopped_s = repository.info()[0]["backup"][0]["timestamp"]["stop"]
        # pgBackRest counts in seconds, and takes a back-up that ended before the moment.
        later = f"SELECT now() > to_timestamp({stopped_s + 1})"
        with server.asked() as asked:
            until(lambda: asked.execute(later).fetchone() == (True,), "a second has passed")
            (moment,) = asked.execute("SELECT now()").fetchone() or ("",)
        erased(running, gone.case)
        repository.archive_all(server)
        archived = verify(running.journal.every())
        ended(running)
        kept.watch()
        lost = running.journal.head() - archived.last_seq
    assert found_in(repository.place, wrapped) == found_in(repository.place, b"egide_journal") == []

    destroy_and_restore(server, repository)
    make_ready(running.config)
    answer = run(kept.config, "journal", "restored", "--second-place", str(kept.place))
    assert answer.returncode == 0, answer.stderr
    assert f"whole up to event {archived.last_seq} (" in answer.stdout
    assert f"second place saw it: events {lost}, minutes 1," in answer.stdout
    journal = opened(kept.config)
    assert verify(journal.every()) == archived
    with pytest.raises(KeyErased):
        journal.keys.case_key(gone.case)
    journal.connection.close()

    # Somebody wants the moment before a mistake: the erasing of before is none.
    destroy_and_restore(server, repository, "--type=time", f"--target={moment}", "--target-action=promote")
    with pytest.raises(NotSetUp, match="keys of erased files"):
        make_ready(running.config)
    answer = run(kept.config, "journal", "restored", "--second-place", str(kept.place))
    assert answer.returncode == 0 and "Erased again" in answer.stdout, answer.stderr
    make_ready(running.config)
    journal = opened(kept.config)
    with pytest.raises(KeyErased):
        journal.keys.case_key(gone.case)
    journal.connection.close()
    kept.watch()
    proof = run(kept.config, "journal", "verify", "--checkpoints", str(kept.place / FILE_NAME))
    assert proof.returncode == 0 and "was restored" in proof.stdout, proof.stderr


@pytest.mark.full(
    "tests/entrypoints/test_doctor.py::test_back_ups_of_the_database_are_told_by_what_pgbackrest_says"
)
def test_doctor_tells_of_real_back_ups_and_of_an_archive_that_is_away(
    tmp_path: Path, server: Server, repository: Repository
) -> None:
    told = tmp_path / "info.json"
    config = Config(data_dir=tmp_path, journal=server.address(JOURNAL), database_backups=str(told))

    def said(hours: int = 0) -> tuple[str, str]:
        told.write_text(json.dumps(repository.info()))
        (found,) = database_backups(config, SetClock(SystemClock().now_us() + hours * HOUR_US))
        return found.grade, found.text

    assert said()[0] == "wrong"
    repository.do("stanza-create")
    assert said()[0] == "wrong" and "no valid backups" in said()[1]
    repository.do("backup", "--type=full")
    assert said() == (
        "ok",
        "The last back-up of the database is fresh (hours: 0), and what comes since is archived.",
    )
    assert said(30)[0] == "look" and said(80)[0] == "wrong"
    away = repository.place.rename(repository.place.with_name("away"))
    with server.asked() as asked:
        # Where nothing was written nothing is to be archived.
        asked.execute("CREATE TABLE written ()")
        asked.execute("SELECT pg_switch_wal()")
        sql = "SELECT last_failed_time > last_archived_time FROM pg_stat_archiver"
        until(lambda: asked.execute(sql).fetchone() == (True,), "it cannot archive")
    (found,) = database_backups(config, SystemClock())
    assert found.grade == "wrong" and "cannot archive" in found.text
    away.rename(repository.place)
