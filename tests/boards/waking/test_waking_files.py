"""Devices of a zone are woken when somebody asks for a file of theirs."""

from egide.access.models import User
from egide.access.scope import scope_of
from egide.casework import models as files
from egide.casework.file.reading import read_file
from egide.casework.sharing.asking import do_ask
from egide.outbox.copy import copy_waiting
from tests.boards.teams import officer
from tests.boards.waking.test_waking import Worker, names, wakes, worker
from tests.support.pages import MONS, Pages
from tests.support.push_service import PushService

__all__ = ["worker"]


def test_rule_41_a_zone_is_woken_when_somebody_asks_for_a_file_of_theirs_and_nobody_who_is_barred(
    pages: Pages, service: PushService, worker: Worker
) -> None:
    browser = wakes(officer(pages), service.browser("mons"))
    wakes(officer(pages, "5415"), service.browser("gent"))
    cousin = pages.user("cousin", role="zone-officer", zone="5324")
    wakes(pages.client(cousin), service.browser("cousin"))
    case = pages.files[MONS].case.id
    files.BarredReader.objects.create(case_id=case, mark="user:cousin")
    person = read_file(case).beneficiary.facts
    assert person.born is not None
    stranger = scope_of(User.objects.get(name="officer-5415"))
    assert do_ask(stranger, person.name, person.born, "Her sister called from here") is None
    copy_waiting(pages.config, pages.journal)
    worker.step()
    assert names(service) == ["mons"]
    said = browser.read(service.deliveries[0].body) + repr(service.deliveries[0].headers)
    assert case not in said and person.name not in said
