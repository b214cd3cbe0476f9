"""The button's memory survives, and never gives a counter twice."""

from pathlib import Path

from egide.button.rules import PENDING_MAX
from egide.button.store import ButtonStore, Identity

FRESH = Identity("C0:00:00:00:00:01", bytes(16))


def test_counter_and_pending_presses_are_there_again_after_a_restart(tmp_path: Path) -> None:
    store = ButtonStore(tmp_path / "b.db", FRESH)
    first, second = store.do_add_press(2000, 10), store.do_add_press(2000, 20)
    assert store.do_acknowledge(first.counter)
    store.close()
    again = ButtonStore(tmp_path / "b.db", Identity("C0:00:00:00:00:02", bytes(16)))
    assert again.pending() == [second]
    assert again.do_add_press(2000, 30).counter == 3
    assert again.identity() == FRESH


def test_an_acknowledgement_counts_once(tmp_path: Path) -> None:
    store = ButtonStore(tmp_path / "b.db", FRESH)
    press = store.do_add_press(2000, 10)
    assert store.do_acknowledge(press.counter)
    assert not store.do_acknowledge(press.counter)
    assert not store.do_acknowledge(99)


def test_memory_is_bounded_and_the_counter_goes_on(tmp_path: Path) -> None:
    store = ButtonStore(tmp_path / "b.db", FRESH)
    for number in range(PENDING_MAX + 5):
        store.do_add_press(2000, number)
    counters = [press.counter for press in store.pending()]
    assert len(counters) == PENDING_MAX
    assert (counters[0], counters[-1]) == (1, PENDING_MAX + 5)
    assert store.counter() == PENDING_MAX + 5


def test_a_button_serves_one_phone(tmp_path: Path) -> None:
    store = ButtonStore(tmp_path / "b.db", FRESH)
    store.do_set_bond("F0:00:00:00:00:01", "{}")
    store.do_set_subscribed("F0:00:00:00:00:01", True)
    assert store.is_subscribed("F0:00:00:00:00:01")
    store.do_set_bond("F0:00:00:00:00:02", "{}")
    assert list(store.bonds()) == ["F0:00:00:00:00:02"]
    assert not store.is_subscribed("F0:00:00:00:00:02")
