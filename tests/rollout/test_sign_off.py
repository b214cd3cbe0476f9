"""Somebody answers for a zone or an office; who it is stays sealed, that it happened is an event."""

from datetime import date, timedelta

import pytest

from egide.outbox.copy import copy_waiting
from egide.outbox.days import today
from egide.rollout.models import SignOff
from egide.rollout.reference import do_load_reference
from egide.rollout.service import NoSuchBody, do_sign_off, do_withdraw, offices, signatures_of
from egide.rollout.sign_off import SignOffRefused
from tests.support.pages import Pages

NAME = "Commissaire Invention"


def test_a_sign_off_stands_until_it_is_withdrawn_and_both_are_events(pages: Pages) -> None:
    do_load_reference()
    do_sign_off("office", "mons", NAME, today() - timedelta(days=3), "coordinator")
    assert [missing.what for missing in offices("mons")["mons"].missing] == ["trained"]
    pages.clock.advance_s(86_400)
    do_withdraw("office", "mons", "Nobody is trained any more", "coordinator")
    assert [missing.what for missing in offices("mons")["mons"].missing] == ["trained", "signed-off"]
    copy_waiting(pages.config, pages.journal)
    assert pages.installation.kinds("rollout:office:mons") == ["SignedOff", "SignOffWithdrawn"]


def test_the_name_of_the_person_who_signed_is_read_back_and_is_not_in_clear(pages: Pages) -> None:
    do_load_reference()
    do_sign_off("zone", "5324", NAME, today(), "coordinator")
    assert [found.signer for found in signatures_of("zone", "5324")] == [NAME]
    stored = pages.stored()
    assert b"Invention" not in stored


@pytest.mark.parametrize(
    ("kind", "code", "name", "ahead_days", "error"),
    [
        ("zone", "0000", NAME, 0, NoSuchBody),
        ("office", "nowhere", NAME, 0, NoSuchBody),
        ("zone", "5324", "  ", 0, SignOffRefused),
        ("zone", "5324", "x" * 200, 0, SignOffRefused),
        ("zone", "5324", NAME, 1, SignOffRefused),
    ],
)
def test_what_cannot_be_signed_changes_nothing(
    pages: Pages, kind: str, code: str, name: str, ahead_days: int, error: type[Exception]
) -> None:
    do_load_reference()
    with pytest.raises(error):
        do_sign_off(kind, code, name, today() + timedelta(days=ahead_days), "coordinator")
    assert not SignOff.objects.exists()


def test_there_is_one_standing_sign_off_and_nothing_else_can_be_withdrawn(pages: Pages) -> None:
    do_load_reference()
    with pytest.raises(SignOffRefused, match="not-signed"):
        do_withdraw("zone", "5324", "a reason", "coordinator")
    do_sign_off("zone", "5324", NAME, date(2026, 1, 1), "coordinator")
    with pytest.raises(SignOffRefused, match="signed-already"):
        do_sign_off("zone", "5324", NAME, date(2026, 1, 2), "coordinator")
    assert SignOff.objects.count() == 1
