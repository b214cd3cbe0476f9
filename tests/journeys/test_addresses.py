"""Where something is, as people say it: an address read out by radio, and one found by how it is typed."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.journeys.conftest import GENT, MONS, World
from tests.journeys.inspecting import inspecting
from tests.journeys.test_files import OFFICER
from tests.support import browser as b


def test_the_address_is_the_first_that_is_read_out_by_radio(world: World) -> None:
    desk = world.desk()
    alarm = world.phone(MONS).press()
    desk.acknowledge(alarm)
    # Within twenty metres there are two houses.
    expect(desk("#address")).to_contain_text("Rue de l’Exemple 12–13, 7000 Mons")
    desk.press_armed("l")
    expect(desk("#radio-dialog")).to_be_visible()
    expect(desk("#radio-text")).to_contain_text("Position : Rue de l’Exemple 12, 7000 Mons, à 20 m près.")
    said = desk("#radio-text").inner_text()
    assert said.index("Rue de l’Exemple 12") < said.index("50.45180"), "degrees come in the second breath"


def typing(page: Page, world: World, person: int) -> None:
    """The form for one more place in this person's file."""
    page.goto(f"{page.url.partition('/files/')[0]}/files/{world.person(person)['case']}/place/add")
    expect(page.locator("#id_address")).to_have_role("combobox")


def at_the_field(world: World, size: dict[str, int]) -> tuple[Page, Locator, Locator]:
    """A window in which an officer is about to type an address: the field, and what will stand below it."""
    page = world.window(size, "fr")
    b.sign_in(page, world.stack, OFFICER, "/files/")
    typing(page, world, MONS)
    return page, page.locator("#id_address"), page.locator("#id_address-suggested [role=option]")


@pytest.mark.parametrize(
    ("account", "language", "person", "typed", "meant"),
    [
        (OFFICER, "fr", MONS, "r exmple 12 mons", "Rue de l’Exemple 12, 7000 Mons"),
        pytest.param(
            "gent-ref",
            "nl",
            GENT,
            "vorbeeldstr 3 gent",
            "Voorbeeldstraat 3, 9000 Gent",
            marks=pytest.mark.full("its other cases"),
        ),
    ],
)
def test_an_address_typed_badly_is_found_and_taken_by_keys_alone(
    world: World, account: str, language: str, person: int, typed: str, meant: str
) -> None:
    with inspecting(world, language, [b.DESKTOP, b.NARROW]) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, account, "/files/")
        typing(page, world, person)
        page.select_option("#id_kind", "work")
        page.locator("#id_address").press_sequentially(typed)
        options = page.locator("#id_address-suggested [role=option]")
        expect(options.first).to_have_text(meant)
        inspector.look("addresses that may be meant")
        page.locator("#id_address").focus()
        page.keyboard.press("End")
        page.keyboard.type(" ")
        expect(options.first).to_have_text(meant)
        page.keyboard.press("ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Enter")
        expect(page.locator("#id_address")).to_have_value(meant)
        expect(options).to_have_count(0)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/files/{world.person(person)['case']}/**")
        expect(page.locator("main")).to_contain_text(meant)


def test_an_answer_that_comes_late_leaves_what_is_being_chosen(world: World) -> None:
    """While one chooses with the arrows, the answer to what was typed last arrives: the choice stays, and is taken."""
    page, field, options = at_the_field(world, b.DESKTOP)
    field.press_sequentially("r exmple 12 mons")
    expect(options.first).to_have_text("Rue de l’Exemple 12, 7000 Mons")
    held: list[Route] = []
    page.route("**/files/addresses", lambda route: held.append(route))
    with page.expect_request("**/files/addresses"):
        page.keyboard.type("x")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    with page.expect_request_finished():
        held[0].fulfill(json={"found": ["Rue de l’Exemple 99, 7000 Mons"]})
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Rue de l’Exemple 12, 7000 Mons")


def test_what_is_suggested_is_nobodys_wish(world: World) -> None:
    """Escape, leaving the field, or a server that does not answer: what was typed stays what it was."""
    page, field, options = at_the_field(world, b.TELEPHONE)
    field.press_sequentially("exmple mons")
    expect(options.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    field.press_sequentially(" 1")
    expect(options.first).to_be_visible()
    page.keyboard.press("Tab")
    expect(options).to_have_count(0)
    expect(field).to_have_value("exmple mons 1")
    page.route("**/files/addresses", lambda route: route.abort())
    field.focus()
    page.keyboard.press("End")
    with page.expect_event("requestfailed") as lost:
        page.keyboard.type("2")
    assert "exmple" not in lost.value.url
    expect(options).to_have_count(0)
    expect(field).to_have_value("exmple mons 12")
