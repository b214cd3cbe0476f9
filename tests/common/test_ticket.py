"""Tickets: only what the web process made, unchanged and in time, lets a browser listen."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.common import ticket as tickets
from egide.common.encoding import from_base64url, to_base64url
from egide.common.sealing import SealingKey
from egide.common.ticket import Ticket, TicketError

KEY = b"k" * 32
TICKET = Ticket("an.operator", 1300, ("mons",), ("5324",), ("abc-1",), supervisor=True)


def test_a_ticket_brings_its_scope_until_it_is_out_of_date() -> None:
    text = tickets.issue(TICKET, KEY)
    assert tickets.check(text, KEY, 1299) == TICKET
    for now_s in (1300, 5000):
        with pytest.raises(TicketError, match="out of date"):
            tickets.check(text, KEY, now_s)


def test_a_ticket_of_another_key_is_refused() -> None:
    with pytest.raises(TicketError, match="not a ticket of ours"):
        tickets.check(tickets.issue(TICKET, b"x" * 32), KEY, 1000)


def test_a_ticket_that_was_changed_is_refused() -> None:
    text = tickets.issue(TICKET, KEY)
    changed = text[:40] + ("A" if text[40] != "A" else "B") + text[41:]
    with pytest.raises(TicketError, match="not a ticket of ours"):
        tickets.check(changed, KEY, 1000)


def test_nothing_can_be_read_in_a_ticket_not_even_whether_files_are_hidden() -> None:
    hiding = msgspec.structs.replace(TICKET, hidden=("00112233aabbccdd", "0123456789abcdef"))
    plain, hides = tickets.issue(TICKET, KEY), tickets.issue(hiding, KEY)
    assert len(plain) == len(hides)
    assert b"an.operator" not in from_base64url(plain) and b"0123456789abcdef" not in from_base64url(hides)
    assert tickets.check(hides, KEY, 1000).hidden == hiding.hidden


@given(st.text())
def test_checking_raises_nothing_but_its_own_error(one: str) -> None:
    for text in (one, tickets.issue(TICKET, KEY) + one + "."):
        with pytest.raises(TicketError):
            tickets.check(text, KEY, 1000)


def test_a_sealed_ticket_of_another_shape_is_refused() -> None:
    body = SealingKey(KEY).seal(msgspec.json.encode({"user": 5}), b"egide-ticket-2")
    with pytest.raises(TicketError, match="not a ticket of ours"):
        tickets.check(to_base64url(body), KEY, 1000)


def test_a_mark_tells_nobody_the_name_and_is_the_same_each_time() -> None:
    assert tickets.account_stream("an.operator") == tickets.account_stream("an.operator")
    assert "operator" not in tickets.account_stream("an.operator")
    assert tickets.account_stream("a") != tickets.session_stream("a")


def test_a_ticket_fits_into_a_cookie() -> None:
    text = tickets.issue(msgspec.structs.replace(TICKET, hidden=("0011223344556677",) * 120), KEY)
    assert len(text) < 3900
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
