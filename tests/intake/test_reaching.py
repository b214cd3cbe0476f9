"""Asking after a journal that was away: nobody who tells of it is left without an answer."""

import pytest

from egide.intake.away import reaching
from egide.intake.away.reaching import Reaching
from tests.support.installation import Installation
from tests.support.waiting import until


def test_who_loses_the_journal_just_as_it_answered_is_asked_for_again(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "PAUSE_S", 0)
    asking = Reaching(installation.journal.head)
    for time in range(2000):
        asking.begin()
        until(lambda: asking.is_reached, f"asked for the {time}th time", within_s=20, every_s=0)
