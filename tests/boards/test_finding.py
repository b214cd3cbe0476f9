"""The palette finds an open alarm by what the reader's own page shows of it, and pages by their names."""

import re

from django.test import Client

from egide.alarm.events import AlarmClosed, Candidate
from tests.boards.teams import officer
from tests.support.pages import MONS, Pages, near


def found(client: Client, text: str) -> list[str]:
    """Where the finds lead."""
    return re.findall(r'data-url="([^"]+)"', client.post("/palette", {"text": text}).content.decode())


def test_an_open_alarm_is_found_on_desk_and_zone_and_by_a_neighbour_never_by_its_name(pages: Pages) -> None:
    shares = (Candidate("5324", 0.8), Candidate("5330", 0.2))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324", candidates=shares)
    desk, elsewhere = pages.client(pages.user()), pages.client(pages.user("op-2", centre="LIE"))
    zone, neighbour = officer(pages), officer(pages, "5330")
    for text in ("alix", "ALÍX  ex", "mons"):
        assert f"/desk/#row-{alarm}" in found(desk, text), text
        assert f"/zone/#card-{alarm}" in found(zone, text), text
        assert found(elsewhere, text) == [], text
    assert found(neighbour, "alix") == []
    assert found(neighbour, "close to") == [f"/zone/#card-{alarm}"]
    pages.installation.act(alarm, AlarmClosed("op-1", "test", "over"))
    assert found(desk, "alix") == []


def test_an_officer_of_two_zones_is_led_to_the_zone_that_the_alarm_concerns(pages: Pages) -> None:
    user = pages.user("both", role="zone-officer", zone="5324")
    user.memberships.create(role="zone-officer", place="5330")
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324")
    assert f"/zone/?zone=5324#card-{alarm}" in found(pages.client(user), "alix")


def test_pages_are_found_by_name_all_while_nothing_is_typed_and_never_one_of_another_role(
    pages: Pages,
) -> None:
    magistrate = pages.client(pages.user("m", role="magistrate", office="mons"))
    administrator = pages.client(pages.user("a", role="administrator"))
    assert {"/start", "/files/", "/account"} <= {*found(magistrate, "")}
    assert found(magistrate, "files") == ["/files/"]
    assert "/files/" not in found(administrator, "") and "/accounts" in found(administrator, "acc")


def test_what_is_searched_is_asked_by_post_alone_and_ends_with_the_session(pages: Pages) -> None:
    desk = pages.client(pages.user())
    assert desk.get("/palette?text=alix").status_code == 405
    assert pages.client().post("/palette", headers={"X-Egide-Fragment": "1"}).status_code == 401
