"""What a button decides by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.button import rules
from egide.button.rules import Pending
from egide.protocol.frame import KEY_BYTES, MAX_AGE_S, decode_frame, encode_frame

S = 1_000_000


@pytest.mark.parametrize("hold_ms", [1000, 2000, 5000])
def test_a_hold_counts_from_its_time_on_and_not_before(hold_ms: int) -> None:
    assert rules.check_hold_ms(hold_ms) == hold_ms
    assert rules.hold_is_reached(hold_ms / 1000, hold_ms)
    assert not rules.hold_is_reached(hold_ms / 1000 - 0.001, hold_ms)


@pytest.mark.parametrize("hold_ms", [0, 999, 5001, 60_000])
def test_a_hold_time_outside_one_to_five_seconds_is_refused(hold_ms: int) -> None:
    with pytest.raises(ValueError, match=str(hold_ms)):
        rules.check_hold_ms(hold_ms)


def test_a_repeated_frame_says_how_long_ago_it_was() -> None:
    frame = rules.frame_for(Pending(3, 2000, 100 * S), 141 * S, 50)
    assert (frame.counter, frame.age_s, frame.battery_pct) == (3, 41, 50)


def test_a_clock_that_went_backwards_makes_the_age_unknown() -> None:
    assert rules.frame_for(Pending(3, 2000, 100 * S), 99 * S, 50).age_s is None


@given(
    st.builds(Pending, st.integers(1, 2**32 - 1), st.integers(0, 10**6), st.integers(0, 2**50)),
    st.integers(0, 2**50),
    st.integers(0, 100),
)
def test_every_press_can_be_said_at_any_time(press: Pending, now_us: int, battery_pct: int) -> None:
    frame = rules.frame_for(press, now_us, battery_pct)
    assert frame.age_s is None or frame.age_s <= MAX_AGE_S
    assert decode_frame(encode_frame(frame, bytes(KEY_BYTES)), bytes(KEY_BYTES)) == frame


def test_pauses_between_copies_grow_and_then_stay() -> None:
    pauses = [rules.repeat_after_s(copies) for copies in range(1, 30)]
    assert pauses == sorted(pauses)
    assert pauses[0] == 0.25
    assert set(pauses[4:]) == {5.0}


@given(st.integers(0, 60))
def test_a_full_memory_gives_up_neither_the_first_nor_the_newest_press(count: int) -> None:
    pending = [Pending(number, 2000, 0) for number in range(1, count + 1)]
    forgotten = rules.decide_forgotten(pending)
    kept = [press.counter for press in pending if press.counter not in forgotten]
    assert len(kept) == min(count, rules.PENDING_MAX)
    if count:
        assert kept[0] == 1 and kept[-1] == count


def test_rule_21_a_button_at_rest_shows_neither_name_nor_service() -> None:
    at_rest = rules.advertisement(pairing_open=False)
    assert (at_rest.discoverable, at_rest.name, at_rest.service) == (False, None, None)


def test_a_stranger_may_stay_only_inside_the_window() -> None:
    assert rules.may_stay(bonded=False, pairing_open=True)
    assert rules.may_stay(bonded=True, pairing_open=False)
    assert not rules.may_stay(bonded=False, pairing_open=False)
