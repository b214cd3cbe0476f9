"""A team on a bad network: what its phone fetches before the buttons can be used is small, and holds no map."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client

from tests.boards.teams import following, with_team
from tests.support.pages import Pages

# All that comes before the map, headers included.
MOST_BYTES = 40_000
HEAD_BYTES = 700


def fetched_by(page: str) -> list[str]:
    """The files that the page's markup asks for, by name."""
    head = static("")
    links = re.findall(r'<(?:link|script)[^>]* (?:href|src)="([^"]+)"', page)
    return [address.removeprefix(head) for address in links if address.startswith(head)]


def compressed(name: str) -> int:
    """The bytes of a file as it is sent."""
    path = finders.find(name)
    assert isinstance(path, str), name
    return len(gzip.compress(Path(path).read_bytes())) + HEAD_BYTES


def first_page(client: Client, alarm: str) -> str:
    return str(client.get(f"/team/{alarm}/").content.decode())


def test_buttons_and_weapons_are_in_the_first_answer_and_everything_beside_it_is_small(pages: Pages) -> None:
    alarm = with_team(pages)
    page = first_page(following(pages, alarm, "fr"), alarm)
    assert 'id="weapons"' in page and 'name="kind" value="help"' in page
    names = fetched_by(page)
    assert not [name for name in names if "leaflet" in name or "font" in name]
    sizes = {name: compressed(name) for name in names}
    styles = sum(size for name, size in sizes.items() if name.endswith(".css"))
    page_bytes = len(page.encode()) + HEAD_BYTES
    assert page_bytes + styles <= 30_000, "to be usable"
    assert page_bytes + sum(sizes.values()) <= MOST_BYTES, sizes


def test_no_style_of_the_page_asks_for_a_font(pages: Pages) -> None:
    alarm = with_team(pages)
    names = fetched_by(first_page(following(pages, alarm), alarm))
    path = finders.find("team/team.css")
    assert isinstance(path, str)
    assert ":root{--font:system-ui" in Path(path).read_text()
    # The house's own come first: the team's overrides them.
    styles = [name for name in names if name.endswith(".css")]
    assert styles.index("egide/egide.css") < styles.index("team/team.css")
