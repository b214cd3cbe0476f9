"""Tickets: only what the web process made, unchanged and in time, lets a browser listen."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.common import ticket as tickets
from egide.common.encoding import to_base64url
from egide.common.ticket import Ticket, TicketError

KEY = b"k" * 32
TICKET = Ticket("an.operator", 1300, ("mons",), ("5324",), ("abc-1",), supervisor=True)


def test_a_ticket_brings_its_scope_until_it_is_out_of_date() -> None:
    text = tickets.issue(TICKET, KEY)
    assert tickets.check(text, KEY, 1299) == TICKET
    for now_s in (1300, 5000):
        with pytest.raises(TicketError, match="out of date"):
            tickets.check(text, KEY, now_s)


def test_a_ticket_of_another_key_is_forged() -> None:
    with pytest.raises(TicketError, match="forged"):
        tickets.check(tickets.issue(TICKET, b"x" * 32), KEY, 1000)


def test_a_wider_scope_under_the_old_seal_is_forged() -> None:
    wider = msgspec.json.encode(msgspec.structs.replace(TICKET, everything=True))
    seal = tickets.issue(TICKET, KEY).partition(".")[2]
    with pytest.raises(TicketError, match="forged"):
        tickets.check(f"{to_base64url(wider)}.{seal}", KEY, 1000)


@given(st.text(), st.text())
def test_checking_raises_nothing_but_its_own_error(one: str, two: str) -> None:
    for text in (one, f"{one}.{two}", tickets.issue(TICKET, KEY) + one + "."):
        with pytest.raises(TicketError):
            tickets.check(text, KEY, 1000)


def test_a_sealed_ticket_of_another_shape_is_refused() -> None:
    body = msgspec.json.encode({"user": 5})
    mac = tickets._mac(KEY, body)
    with pytest.raises(TicketError, match="not a ticket of this version"):
        tickets.check(f"{to_base64url(body)}.{to_base64url(mac)}", KEY, 1000)


def test_a_ticket_fits_into_a_cookie() -> None:
    text = tickets.issue(TICKET, KEY)
    assert len(text) < 400
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
