"""A whole wake-up in Firefox ESR: it asks a push service for an address, decrypts what comes, and shows it."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.conftest import MONS, World
from tests.support import browser as b
from tests.support.firefox import DELIVERED, firefox
from tests.support.push_service import Delivery
from tests.support.waiting import until

OFFICER = "mons-quevy-21"
STATE = 'document.getElementById("waking-state").textContent'
SHOWN = """navigator.serviceWorker.getRegistration("/zone/").then((one) => one.getNotifications()).then((all) =>
  all.map(({ title, body, tag }) => [title, body, tag]))"""
TOLD = "performance.getEntriesByType('resource').some((one) => one.name.endsWith('/wake/off'))"


@pytest.mark.full(
    "tests/journeys/test_waking.py::test_a_zone_that_let_itself_be_woken_is_woken_by_an_alarm_until_it_says_no_more",
    "tests/connectors/test_unifiedpush.py::test_a_browser_behind_the_authoritys_own_server_reads_what_any_other_would",
)
def test_firefox_shows_the_notification_of_a_press(world: World, tmp_path: Path) -> None:
    push = world.push
    assert push is not None
    with firefox(tmp_path / "firefox", push) as window:
        host = world.stack.host(OFFICER)
        window.open(f"http://{urlsplit(host).netloc}{b.account(world.stack, OFFICER)['door']}")
        window.open(f"http://{urlsplit(host).netloc}/zone/")
        words = window.evaluate('({ ...document.getElementById("waking").dataset })')
        until(lambda: window.evaluate(STATE) == words["off"], lambda: window.evaluate(STATE))
        window.evaluate('document.getElementById("wake-on").click() ?? null')
        until(lambda: window.evaluate(STATE) == words["ready"], lambda: window.evaluate(STATE))
        window.evaluate(
            "(window.woken = 0, navigator.serviceWorker.addEventListener('message',"
            " ({ data }) => data === 'wake' && (window.woken += 1)), null)"
        )

        def came() -> list[Delivery]:
            return [one for one in push.deliveries if one.path == f"/push/{window.address()}"]

        phone = world.phone(MONS)
        alarm = phone.press()
        until(came, "the browser's device is woken")
        first = came()[0]
        window.hand_on(first)
        until(lambda: window.evaluate(SHOWN), lambda: window.said)
        ((title, body, tag),) = window.evaluate(SHOWN)
        assert (title, body) == ("Regardez la page", "Il y a du nouveau.")
        assert len(tag) == 32 and alarm not in tag and phone.kit not in tag
        until(lambda: window.evaluate("window.woken") == 1, "the page looks by itself")
        # The same once more takes the place of the first.
        window.hand_on(first)
        until(lambda: window.said == [DELIVERED, DELIVERED], lambda: window.said)
        until(lambda: window.evaluate("window.woken") == 2, "it was given to the page's worker again")
        assert window.evaluate(SHOWN) == [[title, body, tag]]
        window.evaluate('document.getElementById("wake-off").click() ?? null')
        until(lambda: window.evaluate(STATE) == words["off"], lambda: window.evaluate(STATE))
        # The page says it once the browser has forgotten; from a window that closes the server would not hear of it.
        until(lambda: window.evaluate(TOLD), "the server has forgotten it, too")
