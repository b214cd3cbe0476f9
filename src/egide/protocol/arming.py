"""A test that an officer arms on a kit's phone (safety rule 20): the text in a signed reply, what the phone says back.

A reply belongs to the one message that it answers, and the server writes into each what holds at that moment: so the
text stands in every reply to a sign of life for as long as the phone may go on, and a reply without it ends the test.
"""

import re

import msgspec

# The word of what is pending (protocol/receipt.py); its text is `offer_text`.
PENDING = "test"
# Bodies of notices: the phone armed the test of this number; it let it go before anybody pressed.
ARMED, LET_GO = "test-armed:", "test-off:"
# What a test alarm says in its body when an officer armed it; the number follows.
BY_OFFICER = "officer:"

# A phone at rest speaks every fifteen minutes (protocol/settings.py), and Doze may hold that back for some more.
OFFER_S = 20 * 60
# Of the phone's own clock, from the moment at which it armed the test.
LASTS_S = 120
# No phone takes one that could stand for longer: the clocks of two machines may differ by so much.
MOST_OFFER_S = OFFER_S + 10 * 60
_MOST_NUMBER = (1 << 32) - 1
_OFFER = re.compile("([0-9]{1,10}):([0-9]{1,12})", re.ASCII)


class Offer(msgspec.Struct, frozen=True):
    """The test of this number, which only rises for a kit, may be armed until this second of the server's clock."""

    number: int
    until_s: int


def offer_text(offer: Offer) -> str:
    """The offer as the text of something pending."""
    return f"{offer.number}:{offer.until_s}"


def offer_of(text: str, received_at_ms: int) -> Offer | None:
    """What a reply of this time offers; None for what arms nothing: over, too long, without a number, no offer."""
    found = _OFFER.fullmatch(text)
    if found is None:
        return None
    offer = Offer(int(found[1]), int(found[2]))
    lasts_s = offer.until_s - received_at_ms // 1000
    return offer if 1 <= offer.number <= _MOST_NUMBER and 0 < lasts_s <= MOST_OFFER_S else None


def said_of_test(text: str) -> tuple[str, int] | None:
    """What a notice or a test alarm says of an officer's test: (ARMED, LET_GO or BY_OFFICER, its number); or None."""
    for word in (ARMED, LET_GO, BY_OFFICER):
        number = text.removeprefix(word)
        if number != text and number.isascii() and number.isdecimal() and 1 <= int(number) <= _MOST_NUMBER:
            return word, int(number)
    return None
