"""The dashboard over records that were built from invented files."""

import pytest
from django.test import Client

from egide.access.models import User
from egide.evaluation import service
from egide.fleet.service import hand_over
from egide.rollout.service import do_load_reference
from tests.fleet.files import build_house
from tests.support.pages import Pages


def member(pages: Pages, role: str) -> Client:
    user = User.objects.create(name=f"{role}-x", title=role.title(), password="correct horse battery")
    user.memberships.create(role=role, place="")
    return pages.client(user)


@pytest.fixture
def built(pages: Pages) -> Pages:
    do_load_reference()
    house = build_house(pages)
    hand_over(house.officer, house.ready_kit().id)
    house.copy()
    service.rebuild()
    return pages


def test_dump(built: Pages) -> None:
    client = member(built, "evaluator")
    for path in ("/figures/", "/figures/chapter/alarms", "/figures/chapter/people", "/figures/measure/kits-in-use?by=zone"):
        reply = client.get(path)
        assert reply.status_code == 200
        open("/tmp/o6_" + path.strip("/").replace("/", "_").split("?")[0] + ".html", "wb").write(reply.content)
    assert client.get("/figures/?from=2026-13&to=x&place=zone:9").status_code == 422
