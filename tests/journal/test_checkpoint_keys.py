"""A new key of the checkpoints: the old one hands on, either checks all of the chain, and nobody else joins in."""

import os
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from egide.common.files import replace_secret
from egide.journal.ending import erasing
from egide.journal.proof import checkpoints as c
from egide.journal.proof.checkpoint import (
    Checkpoint,
    CheckpointDisagrees,
    Trust,
    check_signatures,
    hand_on,
    read_checkpoints,
    sign,
    statement,
)
from egide.journal.proof.erased import FILE_NAME as ERASED
from egide.journal.proof.erased import read_erased
from egide.journal.service import Journal
from egide.protocol.keys import SigningKey
from tests.support.backups import ended
from tests.support.installation import Installation


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "second place"
    made.mkdir()
    return made


@pytest.fixture
def installation(tmp_path: Path, place: Path) -> Installation:
    made = Installation(tmp_path / "data")
    made.config = replace(made.config, checkpoints_to=str(place))
    return made


def watched(installation: Installation) -> c.CheckpointKeeper:
    """A watch that starts, signs and copies."""
    installation.set_clock.advance_s(1)
    journal = Journal.open(installation.config, installation.clock)
    keeper = c.CheckpointKeeper(installation.config, journal, installation.clock)
    keeper.step()
    assert keeper.wrong() == {}
    return keeper


def with_following(installation: Installation) -> SigningKey:
    """What `egide keys rotate checkpoint` writes; the key before."""
    present, none = c.signing_keys(installation.config)
    assert none is None
    replace_secret(installation.config.data_dir / c.KEY_FILE, bytes(present) + os.urandom(32))
    return present


def without_old(installation: Installation) -> None:
    """And its second step."""
    _present, following = c.signing_keys(installation.config)
    assert following is not None
    replace_secret(installation.config.data_dir / c.KEY_FILE, bytes(following))


def signed(place: Path) -> list[Checkpoint]:
    found, unreadable = read_checkpoints((place / c.FILE_NAME).read_bytes())
    assert unreadable == 0
    return found


def public(key: SigningKey) -> bytes:
    return bytes(key.verify_key)


def rotated(installation: Installation) -> tuple[SigningKey, SigningKey]:
    """A watch before, one that hands on, one after: the old key and the new."""
    installation.open_alarm(installation.enrol())
    watched(installation)
    old = with_following(installation)
    installation.open_alarm(installation.enrol())
    watched(installation)
    without_old(installation)
    installation.open_alarm(installation.enrol())
    watched(installation)
    return old, c.signing_key(installation.config)


def test_whoever_knows_either_key_checks_all_that_was_ever_signed(
    installation: Installation, place: Path
) -> None:
    old, middle = rotated(installation)
    with_following(installation)
    watched(installation)
    without_old(installation)
    watched(installation)
    new = c.signing_key(installation.config)
    found = signed(place)
    assert [one.public_key for one in found] == [public(k) for k in (old, old, middle, middle, new)]
    assert [one.next_key for one in found if one.next_key] == [public(middle), public(new)]
    for key in (old, middle, new):
        check_signatures(found, public(key))
    comparison = c.Comparison(found)
    for row in installation.journal.every():
        comparison.add(row.seq, row.hash)
    comparison.check()
    with pytest.raises(CheckpointDisagrees, match="not signed"):
        check_signatures(found, public(SigningKey.generate()))


def test_until_watch_has_signed_it_the_old_key_is_in_force(installation: Installation, place: Path) -> None:
    installation.enrol()
    watched(installation)
    old = with_following(installation)
    present, following = c.signing_keys(installation.config)
    assert following is not None and not c.is_handed_on(installation.config, present, following)
    assert c.signing_key(installation.config) == old
    watched(installation)
    assert c.is_handed_on(installation.config, present, following)
    assert c.signing_key(installation.config) == following
    # A watch that starts again before the second step hands on nothing twice.
    watched(installation)
    assert len([one for one in signed(place) if one.next_key]) == 1
    assert signed(place)[-1].public_key == public(following)


def test_the_list_of_erased_files_goes_on_under_the_new_key(installation: Installation, place: Path) -> None:
    def erase() -> str:
        case = ended(installation)[0].case
        for person in ("dpo-1", "magistrate-1"):
            erasing.do_erase(installation.journal, case, person)
        return case

    cases = {erase()}
    watched(installation)
    with_following(installation)
    cases.add(erase())
    watched(installation)
    without_old(installation)
    cases.add(erase())
    watched(installation)
    new = public(c.signing_key(installation.config))
    found, others = read_erased(place / ERASED, Trust(new, signed(place)).covers)
    assert {one.case for one in found} == cases and others == 0
    # And by the new key alone, for whoever restores when the old one is long forgotten.
    assert {one.case for one in read_erased(place / ERASED, lambda key, _seq: key == new)[0]} == cases


def forgeries(
    old: SigningKey, new: SigningKey, last: Checkpoint, handed: Checkpoint
) -> dict[str, Checkpoint]:
    thief = SigningKey.generate()
    now = last.seq, last.running, last.at_us + 1
    taken = hand_on(old, thief, *now)
    return {
        "the old key goes on": sign(old, *now),
        "the old key hands on again": taken,
        "without the word of the new one": msgspec.structs.replace(taken, next_signature=bytes(64)),
        "by somebody whom nobody knows": hand_on(thief, SigningKey.generate(), *now),
        "to the new key by a thief": hand_on(thief, new, *now),
        "another new key in the line": msgspec.structs.replace(handed, next_key=public(thief)),
    }


@pytest.mark.parametrize(
    "name",
    list(forgeries(*(SigningKey.generate() for _ in range(2)), *(Checkpoint("", 1, b"", 0, b"", b""),) * 2)),
)
def test_nobody_joins_the_chain_who_was_not_handed_the_key(
    installation: Installation, place: Path, name: str
) -> None:
    old, new = rotated(installation)
    found = signed(place)
    handed = next(one for one in found if one.next_key)
    forged = forgeries(old, new, found[-1], handed)[name]
    for key in (old, new):
        with pytest.raises(CheckpointDisagrees, match=r"not signed|handed on twice"):
            check_signatures(sorted([*found, forged], key=lambda one: (one.seq, one.at_us)), public(key))


def test_a_line_that_our_key_did_not_sign_makes_nobody_its_predecessor(
    installation: Installation, place: Path
) -> None:
    installation.enrol()
    watched(installation)
    (first,) = signed(place)
    ours, thief = c.signing_key(installation.config), SigningKey.generate()
    word = hand_on(thief, SigningKey.generate(), first.seq, first.running, first.at_us)
    claimed = msgspec.structs.replace(word, next_key=public(ours))
    claimed = msgspec.structs.replace(claimed, signature=_signature(thief, claimed))
    lie = sign(thief, first.seq, bytes(32), first.at_us)
    assert not Trust(public(ours), [first, claimed, lie]).covers(public(thief), first.seq)
    # In the second place it raises no false alarm either.
    c.append_lines(place / c.FILE_NAME, [msgspec.json.encode(one) for one in (claimed, lie)])
    watched(installation)


def _signature(key: SigningKey, line: Checkpoint) -> bytes:
    return key.sign(statement(line.seq, line.running, line.at_us, next_key=line.next_key)).signature


def test_watch_says_that_the_key_was_handed_on_twice(installation: Installation, place: Path) -> None:
    old, _new = rotated(installation)
    last = signed(place)[-1]
    forged = hand_on(old, SigningKey.generate(), last.seq, last.running, last.at_us)
    c.append_lines(place / c.FILE_NAME, [msgspec.json.encode(forged)])
    keeper = c.CheckpointKeeper(installation.config, installation.journal, installation.clock)
    keeper.step()
    assert "handed on twice" in keeper.wrong()[c.JOURNAL]


def test_a_restore_from_before_it_goes_on_with_the_old_key_and_the_line_says_so(
    installation: Installation, place: Path
) -> None:
    old, new = rotated(installation)
    found = signed(place)
    first, last = found[0], found[-1]
    restored = sign(old, first.seq, first.running, last.at_us + 1, seen=last.seq)
    later = sign(old, last.seq + 5, bytes(32), last.at_us + 2)
    both = sorted([*found, restored, later], key=lambda one: (one.seq, one.at_us))
    for key in (old, new):
        check_signatures(both, public(key))
