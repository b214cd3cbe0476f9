"""What `egide demo` prints: an address for each role that opens signed in, with a page to work on."""

import pytest
from playwright.sync_api import expect

from egide.access.rules import ROLES
from tests.journeys.conftest import World


@pytest.mark.full(
    "tests/access/test_pages.py::test_a_door_of_the_demo_opens_in_the_demo_alone",
    "tests/access/test_pages.py::test_the_start_page_leads_to_the_page_of_the_role",
)
def test_each_address_of_the_demo_opens_signed_in(world: World) -> None:
    opened = {}
    for user in world.stack.demo["users"]:
        if user["role"] in opened:
            continue
        page = world.window()
        answer = page.goto(world.stack.host(user["name"]) + user["door"])
        assert answer is not None and answer.status == 200
        expect(page.locator("h1").first).to_be_attached()
        assert "sign-in" not in page.url and user["door"] not in page.url
        opened[user["role"]] = page.url
        page.context.close()
    assert set(opened) == set(ROLES)


@pytest.mark.full(
    "tests/access/test_pages.py::test_a_door_of_the_demo_opens_in_the_demo_alone",
)
@pytest.mark.parametrize("token", ["x", "ImFkbWluLTAxIg:1vNk0S:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])
def test_any_other_address_does_not_exist(world: World, token: str) -> None:
    page = world.window()
    answer = page.goto(f"{world.stack.host('admin-01')}/demo/{token}")
    assert answer is not None and answer.status == 404
