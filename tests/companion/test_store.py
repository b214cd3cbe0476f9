"""The phone's memory: one step for counter and message, nothing lost, nothing left lying about."""

import sqlite3
from pathlib import Path

import pytest

from egide.companion.store import PhoneStore
from egide.protocol.envelope import Kind, Message, Position, decode
from egide.protocol.receipt import Receipt
from tests.virtual import phone_store

HERE = Position(504542000, 39523000, 12)


def press(sent_at_s: int = 1000) -> Message:
    return Message(kind=Kind.PRESS, counter=0, sent_at_s=sent_at_s, position=HERE)


def position(of: int) -> Message:
    return Message(kind=Kind.POSITION, counter=0, sent_at_s=1001, position=HERE, press=of)


def receipt(alarm: str, state: str = "received", next_counter: int = 0) -> Receipt:
    return Receipt(1, alarm, 5, state, next_counter, (), "")


def reopened(store: PhoneStore, path: Path) -> PhoneStore:
    store.close()
    return phone_store(path)


def test_a_press_is_there_with_the_same_bytes_after_a_restart(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    kept = store.do_add_press(7, press())
    again = reopened(store, tmp_path / "p.db")
    assert again.unsent_presses() == [kept]
    assert (again.button_highest(), again.has_press(7), again.has_press(6)) == (7, True, False)
    assert decode(kept.data).is_signed_by(bytes(again.key.verify_key))


def test_counters_rise_over_all_messages_and_restarts(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    counters = [store.do_add_press(1, press()).counter, store.do_add(position(1)).counter]
    again = reopened(store, tmp_path / "p.db")
    counters += [again.do_add(position(1)).counter, again.do_add_press(2, press()).counter]
    assert counters == [1, 2, 3, 4]


def test_a_receipt_ends_the_sending_and_the_bytes_are_gone(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    kept, there = store.do_add_press(1, press()), store.do_add(position(1))
    store.do_take_receipt(kept, receipt("k-1"), 0)
    store.do_take_receipt(there, receipt("k-1"), 0)
    assert store.unsent_presses() == []
    assert store.next_other() is None
    store.close()
    left = (tmp_path / "p.db").read_bytes()
    assert decode(there.data).payload not in left


def test_a_refusal_is_noted_and_the_message_stays(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    kept = store.do_add_press(1, press())
    store.do_note_refusal(kept.counter, 401)
    (waiting,) = store.unsent_presses()
    assert (waiting.data, waiting.refused) == (kept.data, 401)


def test_the_newest_position_goes_first_and_refused_ones_last(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    store.do_add_press(1, press())
    old, new = store.do_add(position(1)), store.do_add(position(1))
    assert store.next_other() == new
    store.do_note_refusal(new.counter, 409)
    assert store.next_other() == old


def test_a_heartbeat_at_rest_replaces_those_that_wait_and_nothing_else(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    store.do_add_press(1, press())
    in_alarm = store.do_add(Message(kind=Kind.HEARTBEAT, counter=0, sent_at_s=1, press=1))
    store.do_add(Message(kind=Kind.HEARTBEAT, counter=0, sent_at_s=2))
    newest = store.do_add(Message(kind=Kind.HEARTBEAT, counter=0, sent_at_s=3))
    assert store.next_other() == newest
    store.do_take_receipt(newest, receipt(""), 0)
    assert store.next_other() == in_alarm
    assert len(store.unsent_presses()) == 1


def test_a_higher_counter_of_the_server_is_adopted(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    kept = store.do_add_press(1, press())
    store.do_take_receipt(kept, receipt("k-1", next_counter=500), 0)
    assert store.do_add(position(1)).counter == 500


def test_news_of_an_alarm_is_news_once_and_closing_ends_it(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    kept = store.do_add_press(1, press())
    assert store.do_take_receipt(kept, receipt("k-1"), 0)
    there = store.do_add(position(1))
    assert store.do_take_receipt(there, receipt("k-1", "acknowledged"), 0)
    there = store.do_add(position(1))
    assert not store.do_take_receipt(there, receipt("k-1", "acknowledged"), 0)
    assert store.open_press() is not None
    there = store.do_add(position(1))
    assert store.do_take_receipt(there, receipt("k-1", "closed"), 0)
    assert store.open_press() is None


def test_a_press_of_the_button_is_kept_once_also_behind_a_later_one_and_lowers_nothing(
    tmp_path: Path,
) -> None:
    store = phone_store(tmp_path / "p.db")
    assert store.do_add_press(5, press()) is not None
    assert store.do_add_press(4, press()) is not None
    for counter in (5, 4):
        assert store.do_add_press(counter, press()) is None
        assert not store.do_note_button(counter)
    assert len(store.unsent_presses()) == 2
    again = reopened(store, tmp_path / "p.db")
    assert again.button_highest() == 5
    kept = again.do_add_press(6, press())
    assert kept is not None
    assert kept.counter == 3


def test_a_failed_step_leaves_neither_counter_nor_press(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    store._db.execute(
        "create trigger full before insert on outbox begin select raise(abort, 'disk full'); end"
    )
    with pytest.raises(sqlite3.IntegrityError, match="disk full"):
        store.do_add_press(1, press())
    store._db.execute("drop trigger full")
    assert (store.button_highest(), store.unsent_presses()) == (0, [])
    kept = store.do_add_press(1, press())
    assert kept is not None
    assert kept.counter == 1


def test_what_she_did_goes_before_places_and_places_before_sound(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    given = (
        Kind.AUDIO,
        Kind.AUDIO,
        Kind.POSITION,
        Kind.POSITION,
        Kind.NOTICE,
        Kind.TEXT,
        Kind.TEXT,
        Kind.CANCEL,
    )
    for kind in given:
        store.do_add(Message(kind=kind, counter=0, sent_at_s=1))
    order = []
    while (waiting := store.next_other()) is not None:
        order.append((waiting.kind, waiting.counter))
        store.do_take_receipt(waiting, receipt(""), 0)
    assert order == [
        (Kind.CANCEL, 8),
        (Kind.TEXT, 6),
        (Kind.TEXT, 7),
        (Kind.NOTICE, 5),
        (Kind.POSITION, 4),
        (Kind.POSITION, 3),
        (Kind.AUDIO, 1),
        (Kind.AUDIO, 2),
    ]


def test_a_test_is_kept_like_a_press_that_is_over(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    kept = store.do_add_press(3, Message(kind=Kind.TEST, counter=0, sent_at_s=1))
    assert kept is not None
    assert (store.has_press(3), store.button_highest(), store.open_press()) == (True, 3, None)
    assert store.followed_press(0, 3600) is None
    assert store.next_other() == kept
    assert store.unsent_presses() == []
