"""A step of a zone that is late says who is on duty there now and the number to ring, to those at a desk alone."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from egide.access.models import User
from egide.access.service import scope_of
from egide.alarm import events as a
from egide.alarm.ladder import clocks
from egide.boards.desk.painting import Listener, changed_rows
from egide.boards.shown.clocks import zone_to_ring
from egide.events.base import Event
from egide.outbox.service import clock
from egide.rollout.models import Duty, TelephoneNumber
from tests.boards.teams import following, officer, with_team
from tests.support.pages import EUPEN, GENT, LIEGE, MONS, Pages, near, text_of

pytestmark = pytest.mark.usefixtures("with_files")

HOUR_US = 3_600_000_000
WAY: tuple[Event, ...] = (
    a.AlarmAcknowledged(user="op-1"),
    a.ZoneConfirmed(user="op-1", zone="5330", reference="Insp. 21"),
    a.TeamNamed(user="op-1", zone="5330", call_sign="M 12"),
)
ON_DUTY, ITS_NUMBER = "Officer Exemple", "Dispatching Exemple"


def keep(zone: str = "5324", name: str = ON_DUTY) -> None:
    """The zone has a roster that says who is on duty, and a number of its own."""
    now_us = clock().now_us()
    said = {"number": "+32 65 00 00 07", "starts_us": now_us - HOUR_US, "ends_us": now_us + 12 * HOUR_US}
    Duty.objects.create(kind="zone", place=zone, name=name, **said)
    TelephoneNumber.objects.create(kind="zone", place=zone, name=ITS_NUMBER, number="+32 65 00 00 01")


def desk(pages: Pages) -> Client:
    return pages.client(User.objects.filter(name="op-1").first() or pages.user())


def to_ring(client: Client, path: str) -> list[str]:
    """What a page has to ring, each with its due and step."""
    page = client.get(path).content.decode()
    return re.findall(r'<section class="to-ring".*?</section>', page, re.S)


@pytest.mark.parametrize(
    ("done", "told", "step", "zone"),
    [
        (0, (), "acknowledged", ""),
        (1, (), "zone-confirmed", "5324"),
        (2, (), "team-named", "5330"),
        (3, (), "under-way", "5330"),
        (3, (a.NoPatrolFree(user="op-1", zone="5330"),), "zone-confirmed", "5324"),
        (3, (a.TeamUnderWay(by="team:M 12"), a.TeamOnSite(by="team:M 12")), "reported", "5330"),
        (3, (a.HelpNeeded(by="team:M 12"),), "help-seen", ""),
        (3, (a.TeamReported(by="team:M 12", outcome="arrest", text="Done."),), "closed", ""),
    ],
)
def test_the_zone_is_that_of_who_must_act_or_be_told(
    pages: Pages, done: int, told: tuple[Event, ...], step: str, zone: str
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324")
    for event in (*WAY[:done], *told):
        pages.clock.advance_s(1)
        pages.installation.act(alarm, event)
    state = pages.journal.alarm(alarm)
    assert state is not None and step in {clock.step for clock in clocks(state)}
    assert zone_to_ring(state, step) == zone


def late(pages: Pages, alarm: str) -> str:
    """Its running step misses a deadline."""
    pages.clock.advance_s(130)
    # First the operator whose board is away loses it.
    pages.climb(alarm)
    pages.climb(alarm)
    return alarm


def test_once_it_is_late_the_desk_has_who_is_on_duty_first_and_the_zones_number_behind(pages: Pages) -> None:
    keep()
    alarm = with_team(pages)
    assert not to_ring(desk(pages), f"/desk/alarms/{alarm}")
    (found,) = to_ring(desk(pages), f"/desk/alarms/{late(pages, alarm)}")
    assert re.search(rf"{ON_DUTY}.*tel:\+3265000007.*until.*{ITS_NUMBER}.*tel:\+3265000001", found, re.S)


def test_that_nobody_is_on_duty_is_said_and_no_roster_is_missed_where_there_is_none(pages: Pages) -> None:
    keep()
    alarm = late(pages, with_team(pages))
    Duty.objects.update(ends_us=clock().now_us())
    (found,) = to_ring(desk(pages), f"/desk/alarms/{alarm}")
    assert "nobody is on duty there now" in found and ON_DUTY not in found and ITS_NUMBER in found
    pages.installation.act(alarm, a.ZoneConfirmed(user="op-1", zone="federal", reference="DAS"))
    pages.installation.act(alarm, a.TeamNamed(user="op-1", zone="federal", call_sign="DAS 1"))
    (found,) = to_ring(desk(pages), f"/desk/alarms/{late(pages, alarm)}")
    assert "To ring: " in found and "nobody is on duty" not in found


def test_the_ladder_says_it_of_what_runs_and_the_overview_once_it_is_late(pages: Pages) -> None:
    keep()
    alarm = with_team(pages)
    chief = pages.client(pages.user("chief", role="supervisor"))
    ladder = text_of(desk(pages).get(f"/desk/alarms/{alarm}/ladder"))
    running = ladder[ladder.index("Under way runs since") : ladder.index("On site not begun")]
    assert re.search(rf"To ring: .*5324.*{ON_DUTY}.*{ITS_NUMBER}", running) and ladder.count(ON_DUTY) == 1
    assert not to_ring(chief, "/desk/overview")
    late(pages, alarm)
    (found,) = to_ring(chief, "/desk/overview")
    assert ON_DUTY in found


def test_nobody_else_reads_it(pages: Pages) -> None:
    """Who sees the numbers of zones at their board: operators and supervisors of the alarm's centres."""
    keep()
    alarm = late(pages, with_team(pages))
    assert pages.client(pages.user("far", centre="LIE")).get(f"/desk/alarms/{alarm}").status_code == 404
    for client, path in (
        (officer(pages), "/zone/"),
        (officer(pages), f"/zone/alarms/{alarm}/timeline"),
        (following(pages, alarm), f"/team/{alarm}/"),
        (desk(pages), "/desk/board"),
        (desk(pages), "/desk/wall"),
    ):
        page = client.get(path)
        assert page.status_code == 200, path
        assert ON_DUTY not in page.content.decode() and "to-ring" not in page.content.decode(), path


def test_rosters_are_looked_up_once_a_page_and_never_for_a_row(pages: Pages) -> None:
    keep()
    chief = pages.client(pages.user("chief", role="supervisor"))
    counted = []
    for file in (MONS, GENT, LIEGE):
        alarm = late(pages, with_team(pages, file=file))
        with CaptureQueriesContext(connection) as asked:
            assert len(to_ring(chief, "/desk/overview")) == len(counted) + 1
        counted.append(len(asked))
        assert _of_rosters(asked) == 1
    # The first page reads what a process then remembers.
    assert counted == sorted(counted, reverse=True) and counted[1] == counted[2], counted
    with CaptureQueriesContext(connection) as asked:
        desk(pages).get("/desk/board")
        changed_rows([alarm], [Listener(scope_of(User.objects.get(name="op-1")), frozenset(), "en")])
    assert not _of_rosters(asked)
    # That of a press just now has them for its dialogs alone.
    with CaptureQueriesContext(connection) as asked:
        desk(pages).get(f"/desk/alarms/{pages.alarm(pages.phone(EUPEN), near(pages.files[EUPEN]))}")
    assert _of_rosters(asked) == 1


def _of_rosters(asked: CaptureQueriesContext) -> int:
    return sum('"rollout_duty"' in query["sql"] for query in asked.captured_queries)
