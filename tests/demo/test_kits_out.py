"""The demo's kits that are out: each in another state, found by the same pages as any other."""

from egide.access.models import User
from egide.casework.models import Case
from egide.demo.service import create_demo
from egide.fleet.models import Kit, KitState
from egide.fleet.supervision.rules import Settings, level_of
from egide.fleet.supervision.supervisor import Supervisor
from egide.fleet.supervision.troubles import health_of
from egide.journal.now.heartbeats import Heartbeats
from egide.outbox.copy import copy_waiting
from tests.fleet.test_fleet_pages import numbers_of
from tests.support.pages import Pages, text_of


def test_the_demo_shows_kits_in_every_state_and_supervision_agrees_with_what_was_written(
    pages: Pages,
) -> None:
    create_demo()
    copy_waiting(pages.config, pages.journal)
    out = Kit.objects.filter(state=KitState.ISSUED)
    assert out.count() == 7
    levels = health_of(out.values_list("id", flat=True), Settings(), pages.clock.now_us())
    for case in Case.objects.filter(id__in=out.values("case_id")):
        kit = out.get(case_id=case.id)
        assert levels[kit.id].level == level_of(case.danger, case.urgent) and case.stage == "running"
    supervisor = Supervisor(pages.journal, Heartbeats(pages.config), pages.clock, Settings())
    supervisor.seed()
    supervisor.step()
    told = [row.kind for row in pages.journal.every() if row.kind == "KitTroubleSolved"]
    assert told == [], "nothing that the demo wrote is taken back at once"
    officer = pages.client(User.objects.get(name="mons-quevy-21"))
    page = text_of(officer.get("/kits/"))
    first, second, third = (
        page.index(word) for word in ("The kit is silent", "no longer paired", "button’s battery")
    )
    assert first < second < third < page.index("All is well")
    coordinator = pages.client(User.objects.get(name="coordinator-01"))
    numbers = numbers_of(coordinator.get("/fleet/").content.decode())
    assert numbers["in use"] == "7" and numbers["silent"] == "2"
