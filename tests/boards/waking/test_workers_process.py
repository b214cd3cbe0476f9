"""The worker's own process wakes pages: over HTTP, as soon as it can, and with the next rung when it cannot."""

import pytest
from django.conf import settings

from egide.alarm import events as a
from egide.alarm.state import Missed
from egide.alarm.table import STEPS
from egide.common.clock import SystemClock
from egide.entrypoints.stack.children import Child
from egide.routing.service import do_set_ladder
from tests.boards.teams import officer
from tests.boards.waking.test_waking import state_of, tried, wakes
from tests.support.pages import GENT, MONS, Pages, near
from tests.support.push_service import PushService
from tests.support.waiting import until


def test_the_workers_own_process_wakes_a_zone_and_takes_the_next_rung_when_it_cannot(
    pages: Pages, service: PushService
) -> None:
    mons, gent = service.browser("mons"), service.browser("gent")
    wakes(officer(pages), mons)
    wakes(officer(pages, "5415"), gent)
    service.answers["gent"] = [503, 503, 503]
    # No deadline passes by itself here, unless the worker needs seconds for its first alarm.
    patient = a.Ladder(tuple(a.Rung(step, 600, "louder") for step in STEPS))
    for centre in ("HAI", "OVL"):
        do_set_ladder(pages.journal, "chief", centre, patient)
    worker = Child("egide.entrypoints.worker", [], settings.EGIDE.environment())
    try:
        worker.ready()
        woken = press_now(pages, MONS)
        came = service.next()
        assert mons.read(came.body) == came.headers["topic"]
        failed = press_now(pages, GENT)
        assert service.next().path == "/push/gent"
        until(lambda: missed_for_a_push(pages, failed), "the next rung")
    finally:
        worker.stop()
    assert [event.why for event in tried(pages, woken)] == [""]
    [missed] = missed_for_a_push(pages, failed)
    assert missed.due_at_us == state_of(pages, failed).pushes[0].at_us
    assert missed_for_a_push(pages, woken) == []


@pytest.mark.files("holds the lock beside the file")
def test_records_that_cannot_be_opened_at_the_start_are_tried_again(
    pages: Pages, service: PushService, capfd: pytest.CaptureFixture[str]
) -> None:
    mons = wakes(officer(pages), service.browser("mons"))
    lock = pages.config.data_dir / "app.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    worker = Child("egide.entrypoints.worker", [], settings.EGIDE.environment())
    said: list[str] = []

    def is_said() -> bool:
        said.append(capfd.readouterr().err)
        return "the records cannot be opened" in "".join(said)

    try:
        worker.ready()
        until(is_said)
        press_now(pages, MONS)
        lock.rmdir()
        came = service.next(within_s=60)
    finally:
        worker.stop()
    assert mons.read(came.body) == came.headers["topic"]


def press_now(pages: Pages, file: int) -> str:
    """An alarm of this moment, which the worker itself routes."""
    pages.clock.jump_s(SystemClock().now_us() / 1e6 - pages.clock.now_us() / 1e6)
    return pages.installation.open_alarm(pages.phone(file), position=near(pages.files[file]))


def missed_for_a_push(pages: Pages, alarm: str) -> list[Missed]:
    return [missed for missed in state_of(pages, alarm).missed if missed.because == "push"]
