"""What the phone decides by itself."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.companion import rules
from egide.companion.rules import Verdict
from egide.protocol.frame import ButtonFrame, FrameKind


def press(counter: int) -> ButtonFrame:
    return ButtonFrame(FrameKind.PRESS, counter, 2000)


def test_a_higher_counter_is_a_new_press_even_when_some_were_missed() -> None:
    assert rules.judge(press(6), highest=5, is_kept=False) is Verdict.ACCEPT
    assert rules.judge(press(60), highest=5, is_kept=False) is Verdict.ACCEPT


def test_a_kept_counter_is_a_repeat_of_the_button() -> None:
    assert rules.judge(press(5), highest=5, is_kept=True) is Verdict.DUPLICATE
    assert rules.judge(press(3), highest=5, is_kept=True) is Verdict.DUPLICATE


def test_a_press_that_is_heard_after_a_later_one_counts_and_one_from_far_back_is_a_replay() -> None:
    assert rules.judge(press(4), highest=5, is_kept=False) is Verdict.ACCEPT
    assert rules.judge(press(37), highest=100, is_kept=False) is Verdict.ACCEPT
    assert rules.judge(press(36), highest=100, is_kept=False) is Verdict.REPLAY


@given(st.integers(1, 10_000), st.sampled_from([rules.LONGEST_PRESS_PAUSE_S, rules.LONGEST_PAUSE_S]))
def test_pauses_have_full_jitter_under_a_limit_that_doubles(failures: int, longest_s: float) -> None:
    limit = min(longest_s, rules.FIRST_PAUSE_S * 2 ** min(failures - 1, 20))
    assert 0 < rules.pause_s(failures, longest_s, random.Random()) <= limit


def test_a_press_is_tried_again_within_fifteen_seconds_however_long_it_has_failed() -> None:
    chance = random.Random(7)
    assert max(rules.pause_s(1000, rules.LONGEST_PRESS_PAUSE_S, chance) for _ in range(500)) <= 15


def test_positions_are_quick_until_somebody_has_seen_the_alarm_and_not_for_ever() -> None:
    assert rules.tell_after_s(5, "received", 1) == 1
    assert rules.tell_after_s(5, "acknowledged", 1) == 5
    assert rules.tell_after_s(5, "received", rules.QUICK_TELLS) == 5
    assert rules.tell_after_s(0.5, "received", 1) == 0.5


def test_servers_are_tried_in_turn_beginning_with_the_last_good_one() -> None:
    assert rules.server_order(["a", "b", "c"], 1) == [1, 2, 0]


@pytest.mark.parametrize(
    "url",
    ["https://intake.example", "http://127.0.0.1:8402", "http://[::1]:1", "http://intake.localhost:8402/"],
)
def test_https_anywhere_and_plain_http_on_this_machine_alone(url: str) -> None:
    assert rules.check_server(url) == url.rstrip("/")


@pytest.mark.parametrize("url", ["http://intake.example", "http://10.0.0.1", "ftp://x", "intake.example", ""])
def test_a_server_that_would_show_the_trail_to_the_network_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="server address"):
        rules.check_server(url)


def test_rule_21_what_makes_a_button_findable() -> None:
    assert rules.findable_because(True, None, []) is None
    assert rules.findable_because(False, None, []) == "it keeps one address"
    assert rules.findable_because(True, "Tag", []) == "it shows the name 'Tag'"
    assert rules.findable_because(True, None, ["company 004c"]) == "it shows company 004c"


@given(st.integers(1, 2**32 - 1), st.integers(0, 2**32))
def test_the_counter_never_goes_back_and_never_leaps(own: int, told: int) -> None:
    following = rules.next_counter(own, told)
    assert own <= following <= own + rules.LONGEST_LEAP
    assert following in (own, told)
