"""A press wakes every browser of its zone, whoever is on duty: a roster that is wrong must keep nobody from hearing."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from egide.access.models import User
from egide.outbox.service import clock
from egide.rollout.models import Duty
from tests.boards.teams import officer
from tests.boards.waking.test_waking import Worker, alarm_in, names, wakes, worker
from tests.support.pages import Pages
from tests.support.push_service import PushService

__all__ = ["worker"]


def test_who_is_on_duty_decides_of_no_wake_up(pages: Pages, service: PushService, worker: Worker) -> None:
    wakes(officer(pages, name="on-duty"), service.browser("on-duty"))
    wakes(officer(pages, name="off-duty"), service.browser("off-duty"))
    now_us = clock().now_us()
    Duty.objects.create(
        kind="zone",
        place="5324",
        name="On duty",
        number="+32 65 00 00 01",
        account=User.objects.get(name="on-duty"),
        starts_us=now_us - 1,
        ends_us=now_us + 3_600_000_000,
    )
    alarm_in(pages)
    with CaptureQueriesContext(connection) as asked:
        worker.step()
    assert names(service) == ["off-duty", "on-duty"]
    assert not [query for query in asked.captured_queries if "rollout_duty" in query["sql"]]
