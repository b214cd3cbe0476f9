"""A new master key while processes run: nothing that opened is lost, and what was wrapped anew opens with it alone."""

import dataclasses
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from egide.common.config import Config
from egide.common.database import open_database
from egide.common.sealing import SealingKey, UnsealError
from egide.journal.engines.chosen import keys_of
from egide.journal.engines.keys import sqlite as key_file
from egide.journal.errors import JournalUnavailable
from egide.journal.sealing import renewing
from egide.journal.sealing.keys import SYSTEM, KeyStore, MasterReplaced
from egide.journal.sealing.master import MasterKeyError, case_label, split_key, write_part
from egide.journal.sealing.renewing import RenewRefused
from tests.support.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "data")


def renew(installation: Installation) -> bytes:
    """Replace master.key; the key before."""
    old = (installation.config.data_dir / "master.key").read_bytes()
    assert renewing.do_renew_file(installation.config, installation.clock) is not None
    return old


def wrapped(config: Config) -> dict[str, bytes]:
    with closing(sqlite3.connect(config.data_dir / "keys.db")) as keys:
        return dict(keys.execute("SELECT case_id, wrapped FROM case_key"))


def test_running_processes_take_the_new_master_key_with_the_next_case(installation: Installation) -> None:
    first = installation.enrol()
    running = KeyStore.open(installation.config)
    idle = KeyStore.open(installation.config)
    unaware = KeyStore.open(installation.config)
    before = {case: running.case_key(case).raw for case in (first.case, SYSTEM)}
    renew(installation)
    # Its first deed since then makes a key, which must not be wrapped with what is gone.
    made = unaware.ensure("made unaware").raw
    # Somebody started since makes a case; a process from before must open it, and the other way round.
    started = KeyStore.open(installation.config)
    new = started.ensure("a case of after").raw
    assert running.case_key("a case of after").raw == new
    assert running.ensure("made by one of before").raw == started.case_key("made by one of before").raw
    assert started.case_key("made unaware").raw == made
    running.ensure_all(["many"])
    assert started.case_key("many").raw == idle.case_key("many").raw
    idle.warm()
    for store in (running, idle, started):
        assert {case: store.case_key(case).raw for case in before} == before
    # No key of a case is in a state that only the old master key, or none, would open.
    master = SealingKey((installation.config.data_dir / "master.key").read_bytes())
    for case, one in wrapped(installation.config).items():
        master.unseal(one, case_label(case))


def test_what_is_wrapped_anew_opens_with_the_new_key_alone_and_the_old_leads_there_until_it_is_forgotten(
    installation: Installation,
) -> None:
    phone = installation.enrol()
    config, keys = installation.config, keys_of(installation.config)
    earlier = wrapped(config)
    old = SealingKey(renew(installation))
    for case, one in wrapped(config).items():
        with pytest.raises(UnsealError):
            old.unseal(one, case_label(case))
    # A process that starts before it was handed the new key.
    assert KeyStore(keys, old).case_key(phone.case).raw == installation.keys.case_key(phone.case).raw
    assert renewing.waiting(keys) is not None
    with pytest.raises(RenewRefused, match="--finish"):
        renewing.do_renew_file(config, installation.clock)

    assert renewing.do_forget(config) and not renewing.do_forget(config)
    assert renewing.waiting(keys) is None
    with pytest.raises(MasterKeyError, match="opens none"):
        KeyStore(keys, old)
    files = b"".join(path.read_bytes() for path in config.data_dir.glob("keys.db*"))
    assert not [case for case, one in earlier.items() if one in files], (
        "and no page keeps what the old one opens"
    )
    assert renew(installation) != old.raw, "and it can be replaced again"


def test_a_process_that_slept_through_it_says_so_or_reads_the_key_again(installation: Installation) -> None:
    config, keys = installation.config, keys_of(installation.config)
    known = installation.enrol().case
    asleep = KeyStore.open(config)
    old = SealingKey((config.data_dir / "master.key").read_bytes())
    handed, looking = KeyStore(keys, old), KeyStore(keys, old)
    assert handed.case_key(known)
    renew(installation)
    # As every transaction does, whether it needs a new key or not.
    looking.forget_erased()
    renewing.do_forget(config)
    KeyStore.open(config).ensure("new")
    assert asleep.case_key("new"), "it may read the file, and does"
    assert looking.case_key("new"), "it took the new one in time"
    # One whose copy of the key is from its start cannot, and must not answer as if the case were not there.
    with pytest.raises(MasterReplaced):
        handed.case_key("new")
    with pytest.raises(MasterReplaced):
        handed.ensure("another")
    assert "another" not in wrapped(config)


def test_a_process_goes_on_though_the_key_is_replaced_again_while_it_looks_for_it(
    installation: Installation,
) -> None:
    config, path = installation.config, installation.config.data_dir / "master.key"
    installation.enrol()
    reads = 0

    def read() -> SealingKey:
        nonlocal reads
        reads += 1
        named = SealingKey(path.read_bytes())
        if reads == 1:
            renew(installation)
            renewing.do_forget(config)
        return named

    asleep = KeyStore(keys_of(config), SealingKey(path.read_bytes()), read)
    renew(installation)
    renewing.do_forget(config)
    assert asleep.ensure("new").raw == KeyStore.open(config).case_key("new").raw
    assert reads == 2


def test_a_split_key_is_replaced_by_two_new_parts(installation: Installation, tmp_path: Path) -> None:
    config, keys = installation.config, keys_of(installation.config)
    case = installation.enrol().case
    old, new = (SealingKey.fresh() for _ in range(2))
    for name, key in (("old", old), ("new", new)):
        for number, part in enumerate(split_key(key.raw)):
            write_part(part, tmp_path / f"{name}-{number}")
    before, after = (
        dataclasses.replace(config, master_parts=(tmp_path / f"{name}-0", tmp_path / f"{name}-1"))
        for name in ("old", "new")
    )
    renewing.do_renew(
        keys, SealingKey((config.data_dir / "master.key").read_bytes()), old, installation.clock
    )
    assert renewing.do_forget(before) and not (config.data_dir / "master.key").exists()
    with pytest.raises(RenewRefused, match="in force"):
        renewing.do_renew(keys, old, old, installation.clock)
    renewing.do_renew(keys, old, new, installation.clock)
    with pytest.raises(RenewRefused, match="name the master key before"):
        renewing.do_forget(before)
    assert KeyStore.open(before).case_key(case).raw == KeyStore.open(after).case_key(case).raw
    assert renewing.do_forget(after)
    with pytest.raises(MasterKeyError, match="opens none"):
        KeyStore.open(before)
    assert KeyStore.open(after).case_key(case)


def test_a_stranger_wraps_nothing_and_what_was_damaged_is_counted_and_left(
    installation: Installation,
) -> None:
    config, keys = installation.config, keys_of(installation.config)
    installation.keys.ensure("damaged")
    case, before = installation.enrol().case, wrapped(config)
    with pytest.raises(MasterKeyError, match="another installation"):
        renewing.do_renew(keys, SealingKey(bytes(32)), SealingKey.fresh(), installation.clock)
    assert wrapped(config) == before
    with keys.step() as execute:
        execute("UPDATE case_key SET wrapped = x'00' WHERE case_id = 'damaged'")
    renewed = renewing.do_renew_file(config, installation.clock)
    assert renewed is not None and renewed.damaged == 1
    assert KeyStore.open(config).case_key(case) and wrapped(config)["damaged"] == b"\0"


def test_a_key_database_that_somebody_writes_is_not_half_wrapped(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = wrapped(installation.config)
    monkeypatch.setattr(key_file, "open_database", partial(open_database, timeout_s=0.01))
    with closing(sqlite3.connect(installation.config.data_dir / "keys.db")) as keys:
        keys.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalUnavailable):
            renewing.do_renew_file(installation.config, installation.clock)
    assert wrapped(installation.config) == before
    assert renewing.do_renew_file(installation.config, installation.clock) is not None
    assert len((installation.config.data_dir / "master.key").read_bytes()) == 32


def test_the_last_step_fails_and_is_made_up_for(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, path = installation.enrol().case, installation.config.data_dir / "master.key"
    written: list[bytes] = []

    def once(path: Path, data: bytes) -> None:
        if written:
            raise OSError(28, "No space left on device")
        written.append(data)
        path.write_bytes(data)

    with monkeypatch.context() as patched:
        patched.setattr(renewing, "replace_secret", once)
        with pytest.raises(OSError, match="No space"):
            renewing.do_renew_file(installation.config, installation.clock)
    # All keys are under the new one, which nobody has but this file.
    assert len(path.read_bytes()) == 64
    assert KeyStore.open(installation.config).case_key(case).raw == installation.keys.case_key(case).raw
    assert renewing.do_renew_file(installation.config, installation.clock) is None
    assert path.read_bytes() == written[0][32:]
    assert KeyStore.open(installation.config).case_key(case)
