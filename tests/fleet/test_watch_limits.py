"""Limits that a person sets count at once, also for kits that are out, and after the worker was started anew."""

from dataclasses import replace

import pytest

from egide.fleet.supervision import rules as r
from egide.fleet.supervision.limit_faults import WrongSettings
from egide.fleet.supervision.rules import Ladder, Settings
from egide.fleet.supervision.watch_limits import do_set_limits, limits_of
from tests.fleet.test_supervision import Watch, watch

__all__ = ["watch"]


def shorter(level: str, what: str, ladder: Ladder) -> Settings:
    """The defaults with one other ladder."""
    settings = Settings()
    ladders = {name: dict(of_level) for name, of_level in settings.ladders.items()}
    ladders[level][what] = ladder
    return replace(settings, ladders=ladders)


async def test_new_limits_count_at_once_for_a_kit_that_is_out(watch: Watch) -> None:
    phone = watch.kit(r.HIGHEST)
    await watch.beat(phone)
    watch.wait(5 * 60)
    assert watch.told(phone) == []
    do_set_limits(
        watch.installation.journal, "coordinator-01", shorter(r.HIGHEST, r.SILENT, Ladder(120, 240, 360))
    )
    watch.step()
    assert watch.told(phone) == [(r.SILENT, r.PERSON), (r.SILENT, r.ZONE)]
    watch.start()
    watch.wait(60)
    assert watch.told(phone)[2:] == [(r.SILENT, r.OFFICER)]


async def test_rule_35_limits_that_cannot_be_are_not_even_written(watch: Watch) -> None:
    journal = watch.installation.journal
    head = journal.head()
    with pytest.raises(WrongSettings, match="within 3600 seconds"):
        do_set_limits(journal, "coordinator-01", shorter(r.HIGHEST, r.SILENT, Ladder(60, 60, 86_400)))
    assert journal.head() == head and limits_of(journal, Settings()).settings == Settings()
