"""What officers are told of kits with a trouble, which tests are due, and that a test is never an alarm."""

import pytest

from egide.access.registries.tasks import Level, Task
from egide.access.registries.tasks import tasks_of as all_tasks
from egide.access.rules import Scope
from egide.alarm.events import AlarmClosed, TestReceived
from egide.events.register import KitTroubleSolved, KitTroubleTold
from egide.fleet.kits.kits import stream_of
from egide.fleet.models import Kit
from egide.fleet.service import hand_over
from egide.fleet.supervision import rules as r
from egide.fleet.supervision import troubles
from egide.protocol.envelope import Trigger
from tests.fleet.files import ZONE, House, build_house, scope
from tests.support.installation import Phone
from tests.support.pages import Pages

SETTINGS = r.Settings()
DAY_S = r.DAY_S


class Out:
    """A kit that is out, with its phone; troubles as the supervisor writes them."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.house: House = build_house(pages)
        self.kit: Kit = self.house.prepare()
        self.phone: Phone = self.house.enrol(self.kit)
        self.house.prove_presses(self.kit, self.phone)
        hand_over(self.house.officer, self.kit.id)
        self.house.copy()
        self.reference = scope(pages, "reference-1", "reference-officer", ZONE)

    def tell(self, what: str, *whom: str) -> None:
        since_us = self.pages.clock.now_us()
        for one in whom:
            event = KitTroubleTold(kit=self.kit.id, what=what, whom=one, since_us=since_us)
            self.pages.installation.append(stream_of(self.kit), event, case=self.kit.case_id)

    def solve(self, what: str) -> None:
        event = KitTroubleSolved(kit=self.kit.id, what=what)
        self.pages.installation.append(stream_of(self.kit), event, case=self.kit.case_id)

    def tasks(self, who: Scope) -> list[Task]:
        return [task for task in all_tasks(who) if self.kit.id in task.url]

    def health(self) -> troubles.Health:
        now_us = self.pages.clock.now_us()
        return troubles.health_of([self.kit.id], SETTINGS, now_us)[self.kit.id]


@pytest.fixture
def out(pages: Pages) -> Out:
    return Out(pages)


def test_a_trouble_is_nobodys_task_until_the_zone_is_told_then_the_zones_then_the_reference_officers(
    out: Out,
) -> None:
    out.tell(r.SILENT, r.PERSON)
    assert out.tasks(out.house.officer) == out.tasks(out.reference) == []
    out.tell(r.SILENT, r.ZONE)
    (task,) = out.tasks(out.house.officer)
    assert task.word == "The kit is silent" and "safe way" in task.detail
    assert task.level is Level.DANGER_TO_LIFE
    assert out.tasks(out.reference) == []
    out.tell(r.SILENT, r.OFFICER)
    (task,) = out.tasks(out.reference)
    assert task.detail.startswith("The zone has not solved it.")


def test_a_kit_with_several_troubles_is_one_task_the_gravest_first(out: Out) -> None:
    for what in (r.APP, r.PHONE_BATTERY, r.SILENT):
        out.tell(what, r.PERSON, r.ZONE)
    (task,) = out.tasks(out.house.officer)
    assert task.word == "The kit is silent"
    assert "Also: The phone’s battery is low, The app is too old." in task.detail


def test_what_is_solved_is_gone_by_itself(out: Out) -> None:
    out.tell(r.SILENT, *r.WHOM)
    out.solve(r.SILENT)
    assert out.tasks(out.house.officer) == out.tasks(out.reference) == []
    (past,) = troubles.troubles_of(out.kit.id)
    assert past.what == r.SILENT and past.ended_us is not None and past.officer_us is not None


def test_rule_06_a_kit_in_an_open_alarm_comes_before_every_other_task(out: Out) -> None:
    out.tell(r.PHONE_BATTERY, r.ZONE)
    alarm = out.pages.installation.open_alarm(out.phone)
    first = all_tasks(out.house.officer)[0]
    assert first.level is Level.OPEN_ALARM and out.kit.id in first.url
    page = out.pages.client(out.pages.user("someone", role="zone-officer", zone=ZONE)).get("/start")
    assert "Open alarm" in page.content.decode()
    out.pages.installation.act(alarm, AlarmClosed("op", "handling-error", ""))
    (task,) = out.tasks(out.house.officer)
    assert task.level is Level.DANGER_TO_LIFE


def test_an_officer_of_another_zone_learns_nothing(out: Out) -> None:
    out.tell(r.SILENT, *r.WHOM)
    assert out.tasks(scope(out.pages, "elsewhere", "zone-officer", "5415")) == []


def test_a_test_is_done_then_due_then_failed_then_done(out: Out) -> None:
    assert out.health().test == troubles.DONE
    due_us = out.health().test_due_us
    out.pages.clock.advance_s(SETTINGS.test_days[r.HIGHEST] * DAY_S + 1)
    assert out.pages.clock.now_us() > due_us
    assert out.health().test == troubles.DUE
    late = out.pages.installation.phone_event(
        TestReceived, out.phone, trigger=Trigger.BUTTON, flags=("late",)
    )
    stream = f"test:{out.phone.device}-{late.counter}"
    out.pages.installation.append(stream, late, case=out.phone.case)
    assert out.health().test == troubles.FAILED
    out.house.test(out.phone)
    assert out.health().test == troubles.DONE


def test_a_test_by_the_screen_proves_nothing_of_the_button(out: Out) -> None:
    out.pages.clock.advance_s(SETTINGS.test_days[r.HIGHEST] * DAY_S + 1)
    out.house.test(out.phone, Trigger.SCREEN)
    assert out.health().test == troubles.DUE
