"""One operator, in a quarter of a second: all is typed at the desk, and the alarm of somebody in danger is over."""

from django.test import Client

from egide.access.models import User
from egide.alarm.events import AlarmAcknowledged, PressedAgain, TeamUnderWay
from tests.boards.teams import following, offered, tap, with_team
from tests.support.attacks import TYPED
from tests.support.attacks import TYPED_END as END
from tests.support.installation import Phone
from tests.support.pages import MONS, Pages, near, text_of


def typed_to_the_end(pages: Pages, phone: Phone | None = None) -> tuple[Client, str]:
    """All that one operator can type, up to "on site"."""
    alarm = pages.alarm(phone or pages.phone(MONS), near(pages.files[MONS]))
    desk = pages.client(pages.user("op-1"))
    for step, form in TYPED:
        assert desk.post(f"/desk/alarms/{alarm}/{step}", form).status_code == 200
    return desk, alarm


def is_open(pages: Pages, alarm: str) -> bool:
    state = pages.journal.alarm(alarm)
    return state is not None and state.is_open


def test_what_an_operator_typed_ends_nothing_and_is_shown_as_their_word(pages: Pages) -> None:
    desk, alarm = typed_to_the_end(pages)
    for called_back in ("", "yes"):
        refused = desk.post(f"/desk/alarms/{alarm}/close", END | {"called_back": called_back})
        assert refused.status_code == 422
        assert "Only the word of the team or its zone ends the alarm" in text_of(refused)
    assert desk.post(f"/desk/alarms/{alarm}/on-site").status_code == 200
    assert is_open(pages, alarm)
    assert "as told by the operator, not yet by the team or its zone" in text_of(
        desk.get(f"/desk/alarms/{alarm}")
    )


def test_a_second_operator_cannot_do_it_either(pages: Pages) -> None:
    _desk, alarm = typed_to_the_end(pages)
    other = pages.client(pages.user("op-2"))
    other.post(f"/desk/alarms/{alarm}/on-site")
    assert other.post(f"/desk/alarms/{alarm}/close", END).status_code == 422
    assert is_open(pages, alarm)


def test_the_word_of_the_zone_ends_it(pages: Pages) -> None:
    desk, alarm = typed_to_the_end(pages)
    zone = pages.client(pages.user("officer-5324", role="zone-officer", zone="5324"))
    assert "told by the dispatch centre" in text_of(zone.get("/zone/"))
    assert zone.post(f"/zone/alarms/{alarm}/on-site").status_code == 302
    assert "told by the operator" not in text_of(desk.get(f"/desk/alarms/{alarm}"))
    assert desk.post(f"/desk/alarms/{alarm}/close", END).status_code == 200
    assert not is_open(pages, alarm)


def test_the_tap_of_the_team_ends_it(pages: Pages) -> None:
    desk, alarm = typed_to_the_end(pages)
    team = following(pages, alarm)
    assert "on-site" in offered(team, alarm)
    assert tap(team, alarm, "on-site", 1).status_code == 200
    assert "on-site" not in offered(team, alarm)
    assert desk.post(f"/desk/alarms/{alarm}/close", END).status_code == 200


def test_a_supervisor_who_heard_the_agreed_word_ends_it(pages: Pages) -> None:
    _desk, alarm = typed_to_the_end(pages)
    chief = pages.client(pages.user("chief", role="supervisor"))
    assert chief.post(f"/desk/alarms/{alarm}/close", END).status_code == 422
    assert chief.post(f"/desk/alarms/{alarm}/close", END | {"called_back": "yes"}).status_code == 200


def test_the_next_team_begins_anew(pages: Pages) -> None:
    """What confirmed one team's arrival says nothing of the next press."""
    phone = pages.phone(MONS)
    desk, alarm = typed_to_the_end(pages, phone)
    zone = pages.client(pages.user("officer-5324", role="zone-officer", zone="5324"))
    zone.post(f"/zone/alarms/{alarm}/on-site")
    desk.post(f"/desk/alarms/{alarm}/close", END)
    pages.send(alarm, PressedAgain, phone)
    pages.installation.act(alarm, AlarmAcknowledged(user="op-1"))
    assert desk.post(f"/desk/alarms/{alarm}/close", END).status_code == 422
    assert is_open(pages, alarm)


def test_the_teams_own_word_that_it_left_counts_after_an_operators(pages: Pages) -> None:
    """Her phone tells it by the team's word alone; an operator who was told by radio must not be in its way."""
    alarm = with_team(pages)
    desk, team = pages.client(User.objects.get(name="op-1")), following(pages, alarm)
    assert desk.post(f"/desk/alarms/{alarm}/under-way").status_code == 200
    assert "under-way" in offered(team, alarm)
    for number in (1, 2):
        assert tap(team, alarm, "under-way", number).status_code == 200
    assert desk.post(f"/desk/alarms/{alarm}/under-way").status_code == 200
    events = [pages.journal.open_event(row) for row in pages.journal.stream(f"alarm:{alarm}")]
    assert [one.told for one in events if isinstance(one, TeamUnderWay)] == ["operator", "team"]
