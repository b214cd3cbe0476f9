"""The master key in two parts: neither says anything, both together open what the key sealed (safety rule 36)."""

import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from egide.common.config import Config
from egide.journal.sealing.keys import KeyErased, KeyStore
from egide.journal.sealing.master import MasterKeyError, join_parts, read_part, split_key, write_part
from tests.support.installation import Installation

KEY = bytes(range(32))


def test_rule_36_two_authorities_hold_a_part_each_and_neither_part_says_anything(tmp_path: Path) -> None:
    splits = [split_key(KEY) for _ in range(200)]
    assert {join_parts(parts) for parts in splits} == {KEY}
    for number in (0, 1):
        secrets = [parts[number].secret for parts in splits]
        assert len(set(secrets)) == len(secrets), "the same key never gives the same part twice"
        # A part is uniformly random: over 200 splits each of its bits is set about half of the time.
        for bit in range(256):
            ones = sum(secret[bit // 8] >> (bit % 8) & 1 for secret in secrets)
            assert 50 < ones < 150
    write_part(splits[0][0], tmp_path / "one")
    assert (tmp_path / "one").stat().st_mode & 0o077 == 0
    assert KEY not in (tmp_path / "one").read_bytes()


def test_rule_36_processes_start_from_two_parts_and_not_from_one(tmp_path: Path) -> None:
    with Installation(tmp_path / "data") as installation:
        phone = installation.enrol()
        alarm = installation.open_alarm(phone)
        row = installation.journal.stream(f"alarm:{alarm}")[0]
        master = installation.config.data_dir / "master.key"
        parts = (tmp_path / "a.part", tmp_path / "b.part")
        for part, path in zip(split_key(master.read_bytes()), parts, strict=True):
            write_part(part, path)
        master.unlink()
        split = dataclasses.replace(installation.config, master_parts=parts)
        assert KeyStore.open(split).case_key(phone.case).raw == installation.keys.case_key(phone.case).raw
        assert not master.exists(), "opened from its parts, the key is written nowhere"
        assert installation.journal.open_event(row)
        for one in parts:
            with pytest.raises(MasterKeyError):
                KeyStore.open(dataclasses.replace(installation.config, master_parts=(one,)))
            with pytest.raises(MasterKeyError, match="twice"):
                KeyStore.open(dataclasses.replace(installation.config, master_parts=(one, one)))
        with pytest.raises(MasterKeyError, match="EGIDE_MASTER_PARTS"):
            KeyStore.open(installation.config)
        assert not master.exists(), "a missing key is never replaced by a new one that opens nothing"


def test_parts_of_another_installation_or_of_two_splits_are_named_as_such(tmp_path: Path) -> None:
    with Installation(tmp_path / "data") as installation:
        installation.enrol()
        first, second = split_key(KEY), split_key(KEY)
        for name, part in (("a1", first[0]), ("b1", first[1]), ("b2", second[1])):
            write_part(part, tmp_path / name)

        def opened(*names: str) -> KeyStore:
            parts = tuple(tmp_path / name for name in names)
            return KeyStore.open(dataclasses.replace(installation.config, master_parts=parts))

        with pytest.raises(MasterKeyError, match="two different splits"):
            opened("a1", "b2")
        with pytest.raises(MasterKeyError, match="opens none"):
            opened("a1", "b1")


@pytest.mark.parametrize(
    "spoilt",
    [b"", b"{}", b"not JSON", b"one letter", b"short"],
)
def test_a_part_that_was_damaged_is_noticed_before_it_makes_a_wrong_key(
    tmp_path: Path, spoilt: bytes
) -> None:
    part = split_key(KEY)[0]
    path = tmp_path / "part"
    write_part(part, path)
    if spoilt == b"one letter":
        path.write_bytes(msgspec.json.encode(msgspec.structs.replace(part, secret=bytes(32))))
    elif spoilt == b"short":
        path.write_bytes(msgspec.json.encode(msgspec.structs.replace(part, secret=part.secret[:-1])))
    else:
        path.write_bytes(spoilt)
    with pytest.raises(MasterKeyError, match=str(path)):
        read_part(path)
    with pytest.raises(MasterKeyError, match="cannot be read"):
        read_part(tmp_path / "nowhere")


def test_a_part_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "part").write_text("precious")
    with pytest.raises(FileExistsError):
        write_part(split_key(KEY)[0], tmp_path / "part")
    assert (tmp_path / "part").read_text() == "precious"


def test_settings_name_the_two_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGIDE_MASTER_PARTS", f"{tmp_path}/a:{tmp_path}/b")
    config = Config.from_env()
    assert config.master_parts == (tmp_path / "a", tmp_path / "b")
    assert config.environment()["EGIDE_MASTER_PARTS"] == f"{tmp_path}/a:{tmp_path}/b"


def test_an_erased_key_is_gone_from_every_store_that_remembered_it(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        phone = installation.enrol()
        other = KeyStore.open(installation.config)
        warmed = KeyStore.open(installation.config)
        warmed.warm()
        assert other.case_key(phone.case) is not None
        with closing(sqlite3.connect(installation.config.data_dir / "keys.db")) as keys:
            (wrapped,) = keys.execute(
                "SELECT wrapped FROM case_key WHERE case_id = ?", (phone.case,)
            ).fetchone()
        assert any(wrapped in path.read_bytes() for path in tmp_path.glob("keys.db*"))
        told: list[str] = []
        other.on_erased(told.append)
        installation.keys.destroy(phone.case)
        installation.keys.scrub()
        for store in (installation.keys, other, warmed, KeyStore.open(installation.config)):
            with pytest.raises(KeyErased):
                store.case_key(phone.case)
            with pytest.raises(KeyErased):
                store.ensure(phone.case)
        assert told == [phone.case]
        with closing(sqlite3.connect(installation.config.data_dir / "keys.db")) as keys:
            assert keys.execute("SELECT count(*) FROM case_key").fetchone() == (0,)
        assert [path for path in tmp_path.glob("keys.db*") if wrapped in path.read_bytes()] == []
