"""Signed checkpoints: what was in the journal once stays provable, also against who can write its file (rule 36)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from egide.alarm.events import NoteAdded, PositionReceived
from egide.journal.chain import GENESIS, Stored
from egide.journal.errors import ChainBroken
from egide.journal.proof import checkpoints as c
from egide.journal.proof.checkpoint import (
    Checkpoint,
    CheckpointDisagrees,
    check_signatures,
    read_checkpoints,
    sign,
)
from egide.journal.proof.verify import verify
from egide.journal.service import Journal
from tests.support.installation import Installation
from tests.support.rewriting import rewrite, tampering


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The second place."""
    made = tmp_path / "second place"
    made.mkdir()
    return made


@pytest.fixture
def installation(tmp_path: Path, place: Path, journal_at: str) -> Installation:
    made = Installation(tmp_path / "data", address=journal_at)
    made.config = replace(made.config, checkpoints_to=str(place))
    return made


def keeper_of(installation: Installation) -> c.CheckpointKeeper:
    """A fresh watch: it holds no key of a case."""
    return c.CheckpointKeeper(
        installation.config, Journal.open(installation.config, installation.clock), installation.clock
    )


def signed(path: Path) -> list[Checkpoint]:
    found, unreadable = read_checkpoints((path / c.FILE_NAME).read_bytes())
    assert unreadable == 0
    return found


def held_against(installation: Installation, found: list[Checkpoint]) -> None:
    comparison = c.Comparison(found)
    verify(comparison.passing(installation.journal.every()))
    comparison.check()


def test_rule_36_a_checkpoint_leaves_the_house_at_the_start_every_hour_and_at_the_end(
    installation: Installation, place: Path
) -> None:
    installation.open_alarm(installation.enrol())
    keeper = keeper_of(installation)
    keeper.step()
    assert [one.seq for one in signed(place)] == [installation.journal.head()]
    installation.enrol()
    installation.set_clock.advance_s(3599)
    keeper.step()
    assert len(signed(place)) == 1
    installation.set_clock.advance_s(1)
    keeper.step()
    installation.set_clock.advance_s(1)
    keeper.step(is_last=True)
    assert [one.seq for one in signed(place)] == [3, 5, 5]
    assert (place / c.FILE_NAME).read_bytes() == (installation.config.data_dir / c.FILE_NAME).read_bytes()
    check_signatures(signed(place), bytes(c.signing_key(installation.config).verify_key))
    held_against(installation, signed(place))
    assert signed(place)[-1].running == verify(installation.journal.every()).running
    modes = [
        (installation.config.data_dir / name).stat().st_mode & 0o777 for name in (c.KEY_FILE, c.FILE_NAME)
    ]
    assert modes == [0o600, 0o640]
    # Whoever restores reads it under another account than watch.
    assert (place / c.FILE_NAME).stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rows: [row for row in rows if row.stream != rows[2].stream], "between event 1 and event 3"),
        (lambda rows: rows[:-1], "cut off"),
        (
            lambda rows: [*rows[:3], msgspec.structs.replace(rows[3], at_us=0), *rows[4:]],
            "between event 4 and event 7",
        ),
        (lambda rows: [*rows[:2], *rows[3:], rows[-1]], "between event 1 and event 3"),
        (lambda rows: [rows[1], rows[0], *rows[2:]], "between event 1 and event 3"),
    ],
    ids=["an alarm removed", "the end cut off", "an event replaced", "one for another", "the order changed"],
)
def test_rule_36_a_removed_replaced_or_cut_off_alarm_shows_though_every_chain_is_flawless(
    installation: Installation, place: Path, change: Callable[[list[Stored]], list[Stored]], says: str
) -> None:
    alarm = installation.open_alarm(installation.enrol())
    keeper = keeper_of(installation)
    keeper.step()
    installation.act(alarm, NoteAdded(user="op", text="-"))
    installation.open_alarm(installation.enrol())
    keeper.step(is_last=True)
    assert [one.seq for one in signed(place)] == [3, 7]
    rewrite(installation, change)
    with pytest.raises(CheckpointDisagrees, match=says):
        held_against(installation, signed(place))
    # And the next watch says so by itself, though the thief took this machine's checkpoints along.
    (installation.config.data_dir / c.FILE_NAME).unlink()
    again = keeper_of(installation)
    again.step()
    assert says in again.wrong()[c.JOURNAL]


def test_rule_36_a_running_watch_notices_that_the_end_was_cut_off(installation: Installation) -> None:
    installation.open_alarm(installation.enrol())
    keeper = keeper_of(installation)
    keeper.step()
    assert keeper.wrong() == {}
    installation.open_alarm(installation.enrol())
    keeper.step()
    rewrite(installation, lambda rows: rows[:4])
    keeper.step()
    assert "after event 4" in keeper.wrong()[c.JOURNAL]


def test_rule_36_a_second_place_that_is_down_is_said_tried_again_and_nothing_is_skipped(
    installation: Installation, place: Path
) -> None:
    place.rmdir()
    installation.open_alarm(installation.enrol())
    keeper = keeper_of(installation)
    for _ in range(3):
        keeper.step()
        assert str(place) in keeper.wrong()[c.COPIES]
        installation.set_clock.advance_s(3600)
    place.mkdir()
    keeper.step(is_last=True)
    assert keeper.wrong() == {}
    assert len(signed(place)) == 4
    # What was copied and vanished is said too, and written again.
    (place / c.FILE_NAME).unlink()
    installation.set_clock.advance_s(3600)
    keeper.step()
    assert "vanished" in keeper.wrong()[c.COPIES]
    assert len(signed(place)) == 5


def test_a_copy_is_tried_again_a_minute_after_it_failed(installation: Installation, place: Path) -> None:
    place.rmdir()
    installation.open_alarm(installation.enrol())
    keeper = keeper_of(installation)
    keeper.step()
    place.mkdir()
    installation.set_clock.advance_s(59)
    keeper.step()
    assert not (place / c.FILE_NAME).exists()
    installation.set_clock.advance_s(1)
    keeper.step()
    assert len(signed(place)) == 1 and keeper.wrong() == {}


def test_a_clock_that_jumps_delays_no_checkpoint_and_makes_none(
    installation: Installation, place: Path
) -> None:
    installation.open_alarm(installation.enrol())
    keeper = keeper_of(installation)
    for jump_s in (0, -86_400, 86_400 * 2):
        installation.set_clock.jump_s(jump_s)
        keeper.step()
    assert len(signed(place)) == 1
    installation.set_clock.jump_s(-86_400 * 9)
    installation.set_clock.advance_s(3600)
    keeper.step()
    assert len(signed(place)) == 2


def test_a_forged_or_changed_checkpoint_is_not_believed(installation: Installation, place: Path) -> None:
    installation.open_alarm(installation.enrol())
    keeper_of(installation).step()
    (true,) = signed(place)
    key = bytes(c.signing_key(installation.config).verify_key)
    stranger = sign(c.SigningKey.generate(), true.seq, true.running, true.at_us)
    changed = msgspec.structs.replace(true, seq=true.seq - 1)
    for forged in (stranger, changed, msgspec.structs.replace(stranger, public_key=key)):
        with pytest.raises(CheckpointDisagrees, match="not signed"):
            check_signatures([forged], key)
    # Nor does one in the second place raise a false alarm.
    c.append_lines(place / c.FILE_NAME, [msgspec.json.encode(one) for one in (stranger, changed)])
    keeper = keeper_of(installation)
    keeper.step()
    assert keeper.wrong() == {}


def test_a_line_that_a_power_cut_tore_spoils_no_other(installation: Installation, place: Path) -> None:
    installation.open_alarm(installation.enrol())
    keeper_of(installation).step()
    own = installation.config.data_dir / c.FILE_NAME
    for path in (own, place / c.FILE_NAME):
        with path.open("ab") as file:
            file.write(b'{"format":"egide-che')
    installation.set_clock.advance_s(1)
    keeper = keeper_of(installation)
    keeper.step()
    found, unreadable = read_checkpoints((place / c.FILE_NAME).read_bytes())
    assert (len(found), unreadable) == (2, 1)
    assert keeper.wrong() == {}


def test_a_fresh_installation_signs_that_it_is_empty(installation: Installation, place: Path) -> None:
    keeper = keeper_of(installation)
    keeper.step()
    [first] = signed(place)
    assert (first.seq, first.running) == (0, GENESIS) and keeper.wrong() == {}
    installation.open_alarm(installation.enrol())
    held_against(installation, [first])


def test_a_copy_that_was_overwritten_in_place_is_found_and_written_again_within_the_hour(
    installation: Installation, place: Path
) -> None:
    keeper, copy = keeper_of(installation), place / c.FILE_NAME
    installation.open_alarm(installation.enrol())
    keeper.step()
    whole = copy.read_bytes()
    copy.write_bytes(b"x" * (len(whole) - 1) + b"\n")
    installation.set_clock.advance_s(3)
    installation.open_alarm(installation.enrol())
    keeper.step()
    # In an alarm only what is new is read and written.
    assert keeper.wrong() == {} and copy.read_bytes().startswith(b"xxx")
    installation.set_clock.advance_s(3600)
    keeper.step()
    assert "vanished" in keeper.wrong()[c.COPIES]
    assert set(whole.splitlines()) <= set(copy.read_bytes().splitlines())


def test_without_a_second_place_there_is_trouble_from_the_start_and_for_good(
    installation: Installation,
) -> None:
    installation.config = replace(installation.config, checkpoints_to="")
    keeper = keeper_of(installation)
    for _ in range(2):
        keeper.step()
        assert "no second place is set" in keeper.wrong()[c.COPIES]
    installation.config = replace(installation.config, demo=True)
    assert keeper_of(installation).wrong() == {}


def test_each_step_of_an_alarm_is_sealed_within_seconds_and_her_way_waits(
    installation: Installation, place: Path
) -> None:
    keeper = keeper_of(installation)
    keeper.step()
    phone = installation.enrol()
    installation.set_clock.advance_s(c.ALARM_S)
    keeper.step()
    assert [one.seq for one in signed(place)] == [0], "no alarm yet"
    alarm = installation.open_alarm(phone)
    keeper.step()
    pressed = installation.journal.head()
    assert [one.seq for one in signed(place)] == [0, pressed]
    installation.act(alarm, NoteAdded(user="op", text="-"))
    keeper.step()
    assert len(signed(place)) == 2
    installation.set_clock.advance_s(c.ALARM_S)
    keeper.step()
    assert [one.seq for one in signed(place)] == [0, pressed, pressed + 1]
    installation.act(alarm, installation.phone_event(PositionReceived, phone))
    installation.set_clock.advance_s(c.ALARM_S)
    keeper.step()
    assert len(signed(place)) == 3


def test_a_chain_that_is_broken_is_found_before_any_checkpoint_is_asked(
    installation: Installation, place: Path
) -> None:
    installation.open_alarm(installation.enrol())
    keeper_of(installation).step()
    with tampering(installation) as execute:
        execute("UPDATE event SET kind = 'X' WHERE seq = 2")
    with pytest.raises(ChainBroken):
        held_against(installation, signed(place))
