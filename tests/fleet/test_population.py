"""The seeded country of the benchmarks is made of files, kits and users as the pages would have written them."""

import pytest

from benchmarks.lives import STAGES
from benchmarks.population import Population, Size
from egide.access.models import User
from egide.access.service import scope_of
from egide.casework.file.reading import read_file
from egide.casework.models import Case
from egide.casework.service import names_of
from egide.fleet.models import Item, ItemMove, Kit
from egide.fleet.service import view_of
from egide.fleet.stock import rules
from egide.fleet.stock.stock import counts, counts_at
from egide.rollout.models import Attendance, SignOff
from egide.rollout.service import zones
from tests.support.pages import Pages

SIZE = Size(files=120, kits=20, users=60)


@pytest.fixture
def written(pages: Pages) -> Pages:
    wrote = pages.begin("population", lambda _: list(Population(SIZE, seed=3).write()))
    assert wrote == ["roll-out", "users", "files", "kits"]
    return pages


def test_every_file_can_be_read_and_its_columns_say_what_its_steps_say(written: Pages) -> None:
    assert Case.objects.count() == SIZE.files
    for case in Case.objects.all():
        file = read_file(case.id)
        assert file.life.stage == case.stage and file.life.danger == case.danger
        assert file.beneficiary.facts.name
    assert {case.stage for case in Case.objects.all()} <= {stage for stage, _weight in STAGES}


def test_kits_belong_to_running_files_and_their_moves_add_up(written: Pages) -> None:
    assert Item.objects.filter(kind=rules.BUTTON).count() == SIZE.kits
    running = Case.objects.filter(stage="running").count()
    assert Kit.objects.count() == min(SIZE.kits, running) > 0
    assert counts() == counts_at(written.clock.now_us())
    for item in Item.objects.all():
        way = list(ItemMove.objects.filter(item=item))
        assert way[-1].now == item.state
        assert all(rules.may_move(move.was, move.now, with_kit=True) for move in way)


def test_somebody_of_each_zone_sees_its_kits_and_every_zone_takes_part(written: Pages) -> None:
    assert User.objects.count() == SIZE.users
    assert all(found.is_ready for found in zones().values())
    kit = Kit.objects.all()[0]
    zone = Case.objects.get(id=kit.case_id).managing_zone
    officer = User.objects.filter(memberships__role="zone-officer")[0]
    officer.memberships.update(place=zone)
    assert view_of(scope_of(officer), kit.id).kit == kit


def test_the_same_seed_gives_the_same_people(pages: Pages) -> None:
    names = []
    for _round in range(2):
        list(Population(Size(files=5, kits=0, users=10), seed=7).write())
        names.append(names_of(list(Case.objects.order_by("number").values_list("id", flat=True))))
        for model in (Case, User, Attendance, SignOff):
            model._default_manager.all().delete()
    assert len(set(names[0].values())) > 1 and names[0] == names[1]
