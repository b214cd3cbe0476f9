"""The key of receipts is handed on, and a phone follows only who was handed it."""

import hashlib
from itertools import pairwise

import msgspec
import pytest

from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Pending, Receipt, sign_receipt
from egide.protocol.receipt_key import MOST, PENDING, Pinned, hand_on, handed_on

ENVELOPE = b"whatever was sent"
ONE, TWO, THREE, THIEF = (SigningKey(hashlib.sha256(bytes([number])).digest()) for number in range(4))


def public(key: SigningKey) -> bytes:
    return bytes(key.verify_key)


def link(key: SigningKey, following: SigningKey) -> str:
    return hand_on(key, public(following))


def receipt(key: SigningKey, *links: str) -> Receipt:
    plain = Receipt(1, "", 1, "noted", 2, tuple(Pending(PENDING, one) for one in links))
    return sign_receipt(key, hashlib.sha256(ENVELOPE).digest(), plain)


def after(pinned: Pinned, *receipts: Receipt) -> Pinned | None:
    for one in receipts:
        found = pinned.after(one, ENVELOPE)
        if found is None:
            return None
        pinned = found
    return pinned


BEGINNING = Pinned(public(ONE))
AHEAD = Pinned(public(ONE), public(TWO))


def test_a_phone_pins_the_next_key_ahead_and_lets_go_of_the_old_one_with_the_first_receipt_by_the_new() -> (
    None
):
    assert after(BEGINNING, receipt(ONE)) == BEGINNING
    told = receipt(ONE, link(ONE, TWO))
    assert after(BEGINNING, told) == AHEAD
    assert after(AHEAD, receipt(ONE), told) == AHEAD, "the old one still counts"
    assert after(AHEAD, receipt(TWO)) == Pinned(public(TWO))
    assert after(AHEAD, receipt(TWO), receipt(ONE)) is None
    assert after(AHEAD, receipt(TWO, link(TWO, THREE))) == Pinned(public(TWO), public(THREE))


@pytest.mark.parametrize(
    "forged",
    [
        link(THIEF, TWO),
        link(TWO, THIEF),
        hand_on(THIEF, public(ONE)),
        link(ONE, TWO)[:-1],
        "",
        "é",
    ],
)
def test_a_link_that_the_pinned_key_did_not_sign_pins_nothing(forged: str) -> None:
    assert handed_on(forged, public(ONE)) == b""
    assert after(BEGINNING, receipt(ONE, forged)) == BEGINNING
    # A middleman who puts one into a reply breaks its signature.
    spoilt = msgspec.structs.replace(receipt(ONE), pending=(Pending(PENDING, link(THIEF, THIEF)),))
    assert after(BEGINNING, spoilt) is None


def test_the_first_key_that_was_pinned_ahead_stays() -> None:
    """Whoever steals the old key between the two steps pins no phone that was told before."""
    assert after(AHEAD, receipt(ONE, link(ONE, THIEF))) == AHEAD
    assert AHEAD.along([link(ONE, THIEF)], receipt(THIEF), ENVELOPE) is None
    assert AHEAD.along([link(ONE, THIEF), link(ONE, TWO)], receipt(THIEF), ENVELOPE) is None


def test_a_phone_that_was_away_follows_the_chain_from_its_own_key() -> None:
    links = [link(ONE, TWO), link(TWO, THREE)]
    assert BEGINNING.along(links, receipt(TWO), ENVELOPE) == Pinned(public(TWO))
    assert BEGINNING.along(links, receipt(THREE), ENVELOPE) == Pinned(public(THREE))
    assert AHEAD.along(links, receipt(THREE), ENVELOPE) == Pinned(public(THREE))
    assert BEGINNING.along(links, receipt(TWO, link(TWO, THREE)), ENVELOPE) == Pinned(
        public(TWO), public(THREE)
    )
    # Another message led here while the links were on their way.
    assert Pinned(public(THREE)).along(links, receipt(THREE), ENVELOPE) == Pinned(public(THREE))
    assert BEGINNING.along(links, receipt(THIEF), ENVELOPE) is None
    assert BEGINNING.along(links[1:], receipt(THREE), ENVELOPE) is None, "a link is missing"
    assert BEGINNING.along(["", *links, "x"], receipt(THREE), ENVELOPE) == Pinned(public(THREE))


def test_an_old_key_leads_nowhere_from_a_newer_one() -> None:
    now = Pinned(public(TWO))
    links = [link(ONE, TWO), link(ONE, THIEF), link(THIEF, THIEF)]
    for key in (ONE, THIEF):
        assert now.after(receipt(key), ENVELOPE) is None
        assert now.along(links, receipt(key), ENVELOPE) is None


def test_a_chain_without_end_is_not_followed_to_it() -> None:
    keys = [SigningKey(hashlib.sha256(bytes([1, number])).digest()) for number in range(MOST + 2)]
    links = [link(one, other) for one, other in pairwise(keys)]
    first = Pinned(public(keys[0]))
    assert first.along(links, receipt(keys[MOST]), ENVELOPE) == Pinned(public(keys[MOST]))
    assert first.along(links, receipt(keys[MOST + 1]), ENVELOPE) is None
