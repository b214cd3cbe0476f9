"""A person's story as it comes to be: the file, its kit, its alarm, and everybody's windows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.conftest import World
from tests.journeys.test_story_one_alarm_to_the_end import Story
from tests.support import browser as b

OFFICER = "mons-quevy-21"
LAT, LON = 50.44873, 3.95512


@dataclass
class Told(Story):
    """The story with its file, kit and alarm as they come to be; `pictures` are bytes that nobody may find in clear."""

    world: World
    language: str = "en"
    host_of: Callable[[str], str] = field(init=False)
    case: str = ""
    number: str = ""
    kit: str = ""
    alarm: str = ""
    pictures: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.host_of = self.world.stack.host

    def sign_in(self, name: str, path: str = "/start", size: dict[str, int] = b.DESKTOP) -> Page:
        """A window of this account's own, in English."""
        page = self.world.window(size, self.language)
        b.sign_in(page, self.world.stack, name, path)
        page.wait_for_url(f"**{path}")
        return page

    def file(self, page: Page, path: str = "") -> None:
        """Open the file, or one of its pages."""
        page.goto(f"{self.host_of(OFFICER)}/files/{self.case}/{path}")

    def add(self, page: Page, part: str, **values: Any) -> None:
        """Add one row to the file by its form."""
        self.file(page, f"{part}/add")
        fill(page, values)
        page.click("#save")
        expect(page.locator(f"#{part}")).to_be_visible()


def fill(page: Page, values: dict[str, Any]) -> None:
    """Write `values` into the fields of a form, by their names: text, a choice, or True for a box to tick."""
    for name, value in values.items():
        at = page.locator(f"#edit [name={name}]")
        if value is True:
            at.first.check()
        elif at.first.get_attribute("type") == "radio":
            page.check(f"#edit [name={name}][value='{value}']")
        elif at.evaluate("at => at.tagName") == "SELECT":
            at.select_option(value)
        else:
            at.fill(value)
