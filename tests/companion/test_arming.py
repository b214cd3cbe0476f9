"""Safety rule 20 on the phone: what an officer armed is one press for two minutes, and nothing arms it again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from egide.common.clock import SetClock
from egide.companion import rules
from egide.companion.officers import Arming
from egide.companion.store import PhoneStore
from egide.protocol.arming import MOST_OFFER_S, PENDING, Offer, offer_of, offer_text, said_of_test
from egide.protocol.envelope import Kind
from egide.protocol.receipt import Pending, Receipt
from tests.virtual import phone_store

NOW_S = 1_800_000_000
TEST, REAL = {"kind": Kind.TEST, "body": b"officer:7"}, {"kind": Kind.PRESS}


class Life:
    """One life of a phone on its store, with a clock and an alarm that a test sets."""

    def __init__(self, store: PhoneStore, clock: SetClock) -> None:
        self.clock, self.said, self.alarm_is_open = clock, list[str](), False
        self.arming = Arming(store, clock, self.said.append, self._report, lambda: self.alarm_is_open)

    def _report(self, step: str, **_facts: object) -> None:
        self.reported = step

    def take(self, text: str = "", alarm: str = "", at_s: int = NOW_S) -> bool:
        pending = (Pending(PENDING, text),) if text else ()
        return self.arming.take(Receipt(0, alarm, at_s * 1000, "noted", 1, pending))

    def made(self) -> object:
        return self.arming.made(self.clock.now_us())


OFFER = offer_text(Offer(7, NOW_S + 600))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PhoneStore]:
    store = phone_store(tmp_path / "p.db")
    yield store
    store.close()


@pytest.fixture
def life(store: PhoneStore) -> Life:
    return Life(store, SetClock(NOW_S * 1_000_000))


def test_rule_20_an_officers_test_is_one_press_and_says_so(life: Life) -> None:
    assert life.take(OFFER)
    assert life.said == ["test-armed:7"]
    assert life.arming.pause_s(900) == rules.ARMED_TELL_S
    life.clock.advance_s(2)
    assert life.made() == TEST
    assert life.made() == REAL
    # The replies on their way still name it: it was armed once.
    assert not life.take(OFFER)
    assert (life.made(), life.said) == (REAL, ["test-armed:7"])


def test_rule_20_it_ends_after_two_minutes_of_the_phones_clock(life: Life) -> None:
    life.take(OFFER)
    life.clock.advance_s(rules.TEST_LASTS_S)
    assert not life.take(OFFER)
    assert life.arming.pause_s(900) == 900
    assert life.made() == REAL


def test_rule_20_a_press_of_before_it_or_of_an_age_that_nobody_knows_is_real(life: Life) -> None:
    life.take(OFFER)
    life.clock.advance_s(2)
    assert life.arming.made(life.clock.now_us() - 1_500_000, rules.AGE_STEP_US) == REAL
    assert life.made() == REAL, "whatever it was, the next one is real again"


def test_rule_20_a_clock_set_back_makes_it_no_longer(life: Life) -> None:
    life.take(OFFER)
    life.clock.advance_s(-3600)
    assert life.made() == REAL


@pytest.mark.parametrize("again", ["", offer_text(Offer(9, NOW_S - 1)), "7"])
def test_it_goes_with_the_first_reply_that_no_longer_names_it(life: Life, again: str) -> None:
    life.take(OFFER)
    assert not life.take(again)
    assert life.said == ["test-armed:7", "test-off:7"]
    assert life.made() == REAL


def test_it_goes_with_a_reply_that_names_an_alarm(life: Life) -> None:
    life.take(OFFER)
    assert not life.take(OFFER, alarm="k-1")
    assert life.made() == REAL


def test_a_later_one_takes_its_place_and_an_earlier_one_never(life: Life) -> None:
    life.take(OFFER)
    assert life.take(offer_text(Offer(8, NOW_S + 600)))
    assert life.said == ["test-armed:7", "test-off:7", "test-armed:8"]
    assert not life.take(OFFER)
    assert life.made() == REAL


def test_a_restart_leaves_nothing_armed_and_the_same_arms_nothing_again(
    life: Life, store: PhoneStore
) -> None:
    life.take(OFFER)
    again = Life(store, life.clock)
    assert again.made() == REAL
    assert not again.take(OFFER)
    assert (again.made(), again.said) == (REAL, [])


def test_nothing_is_armed_in_an_alarm(life: Life) -> None:
    life.alarm_is_open = True
    assert not life.take(OFFER)
    life.alarm_is_open = False
    assert life.made() == REAL
    life.take(OFFER)
    life.alarm_is_open = True
    assert life.made() == REAL


def test_what_the_disk_refuses_to_remember_is_not_armed(life: Life, store: PhoneStore) -> None:
    store._db.execute("pragma query_only = on")
    assert not life.take(OFFER)
    store._db.execute("pragma query_only = off")
    assert (life.made(), life.said) == (REAL, [])


def test_rule_46_leaving_her_pages_ends_what_her_code_armed_and_that_alone(life: Life) -> None:
    life.arming.arm(120)
    life.arming.arm(0)
    assert life.made() == REAL
    life.take(OFFER)
    life.arming.arm(0)
    assert life.made() == TEST
    life.arming.arm(120)
    assert life.made() == {"kind": Kind.TEST, "body": None}


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("7:1800000600", Offer(7, NOW_S + 600)),
        (f"4294967295:{NOW_S + MOST_OFFER_S}", Offer((1 << 32) - 1, NOW_S + MOST_OFFER_S)),
        (f"4294967296:{NOW_S + 600}", None),
        (f"0:{NOW_S + 600}", None),
        (f"7:{NOW_S}", None),
        (f"7:{NOW_S + MOST_OFFER_S + 1}", None),
        ("7:9999999999999", None),
        ("٧:1800000600", None),
        ("-7:1800000600", None),
        ("7:1800000600\n", None),
        ("7", None),
        ("", None),
    ],
)
def test_even_the_servers_word_arms_nothing_that_is_over_or_could_stand_for_long(
    text: str, offer: Offer | None
) -> None:
    assert offer_of(text, NOW_S * 1000) == offer


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("test-armed:7", ("test-armed:", 7)),
        ("test-off:7", ("test-off:", 7)),
        ("officer:4294967295", ("officer:", (1 << 32) - 1)),
        ("officer:4294967296", None),
        ("officer:0", None),
        ("officer:", None),
        ("officer:٧", None),
        ("officer:-7", None),
        ("7", None),
        ("", None),
    ],
)
def test_a_phone_says_which_test_it_means(text: str, said: tuple[str, int] | None) -> None:
    assert said_of_test(text) == said
