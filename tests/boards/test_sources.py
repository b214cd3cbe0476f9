"""A press on a device that is no phone shows as what it proves, and where its position comes from (decision 0104)."""

from datetime import date

import pytest
from django.utils.translation import gettext, override

from egide.alarm import events as a
from egide.alarm.state import SourcePress, changed
from egide.boards.service import brief
from egide.boards.shown.earlier import SPOKEN
from egide.boards.shown.radio import radio_text
from egide.boards.shown.timeline import timeline_of
from egide.geography.locate import Location
from egide.routing.rules import decide_route
from tests.boards.shown.test_radio import HERE, fullest
from tests.support.installation import ORIGIN
from tests.support.pages import MONS, Pages, text_of
from tests.support.sources import PLACE
from tests.support.standing import standing

MONS_PLACE = a.Place(name="Mons", distance_m=1200, bearing_deg=135, compass="SE")
SOURCE = "00112233445566aa"


def pressed(pages: Pages, **fields: object) -> a.SourcePressed:
    about = {
        "source": SOURCE,
        "case": pages.files[MONS].case.id,
        "road": "bthome",
        "proof": a.BY_BUTTON,
        "counter": 7,
        "report": b"frame",
        "position": PLACE,
        "position_from": a.REGISTERED,
        "origin": ORIGIN,
    }
    return a.SourcePressed(**{**about, **fields})


def opened(pages: Pages, basis: str = a.REGISTERED, **fields: object) -> str:
    event = pressed(pages, **fields)
    alarm = f"{event.source}-7"
    pages.phone(MONS)
    pages.installation.append(f"alarm:{alarm}", event, case=event.case, expected=0)
    pages.installation.route(alarm, centre="HAI", basis=basis, position=event.position)
    return alarm


def test_desk_and_board_say_that_no_phone_signed_it_and_that_the_address_is_registered(pages: Pages) -> None:
    alarm = opened(pages)
    client = pages.client(pages.user())
    text = text_of(client.get(f"/desk/alarms/{alarm}"))
    assert "Button without a phone: its frame was checked here" in text
    assert "No phone signed this press." in text
    assert "Registered address of the device" in text
    assert "where the device stands, not where the person was seen" in text
    assert "Pressed on a device that is no phone." in text_of(client.get("/desk/board"))


def test_a_tracker_s_word_names_its_service(pages: Pages) -> None:
    alarm = opened(
        pages,
        a.REPORTED,
        road="traccar",
        proof=a.BY_SERVICE,
        carrier="fleet-be",
        position_from=a.REPORTED,
    )
    text = text_of(pages.client(pages.user()).get(f"/desk/alarms/{alarm}"))
    assert "Reported by a tracker’s service, which nobody here can check (fleet-be)" in text
    assert "Position that a tracker reports" in text


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("fr", "Aucun téléphone n’a signé cet appui."),
        ("nl", "Geen telefoon heeft deze druk ondertekend."),
        ("de", "Kein Telefon hat diesen Druck signiert."),
        ("en", "No phone signed this press."),
    ],
)
def test_the_team_and_the_zone_read_it_too(pages: Pages, language: str, word: str) -> None:
    alarm = opened(pages)
    officer = pages.user("officer-1", role="zone-officer", zone="5324")
    client = pages.client(officer, language)
    assert word in text_of(client.get("/zone/"))
    assert word in text_of(client.get(f"/zone/alarms/{alarm}/file/"))


def test_the_timeline_says_what_was_proven(pages: Pages) -> None:
    (line, *_rest) = timeline_of(opened(pages))
    assert str(line.word) == "Press on a device that is no phone"
    assert line.told[0] == "Button without a phone: its frame was checked here"
    assert any("Registered address" in told for told in line.told)


def located(*_at: object) -> Location:
    return Location(
        zone="5324",
        centre="HAI",
        candidates=(),
        outside_share=0,
        border_m=900,
        outside=None,
        nearest_zone=None,
        place=None,
    )


def test_where_a_phone_says_it_is_counts_before_any_source(pages: Pages) -> None:
    alarm = opened(pages)
    state = pages.journal.alarm(alarm)
    assert state is not None
    (moved,) = decide_route(
        standing(source_presses=state.press.source_presses, origin=state.origin),
        located,
        0,
        lambda _: a.Ladder(()),
    )
    assert isinstance(moved, a.AlarmRouted) and moved.route.basis == a.REGISTERED
    assert moved.route.position == PLACE
    pages.send(alarm, a.PositionReceived, pages.phone(MONS))
    now = pages.journal.alarm(alarm)
    assert now is not None
    (again,) = decide_route(now, located, pages.clock.now_us(), lambda _: a.Ladder(()))
    assert isinstance(again, a.AlarmRouted | a.PositionLocated) and again.route.basis == "position"


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
@pytest.mark.parametrize("proof", [a.BY_BUTTON, a.BY_SERVICE])
def test_rule_03_what_is_read_out_says_whose_word_it_is_within_the_first_breath(
    language: str, proof: str
) -> None:
    position_from = a.REGISTERED if proof == a.BY_BUTTON else a.REPORTED
    route = a.Route(
        zone="5324", centre="HAI", managing_zone="5324", basis=position_from, position=HERE, place=MONS_PLACE
    )
    beside = SourcePress(SOURCE, "bthome", proof, "", HERE, position_from, 0)
    state = standing(route=route, source_presses=(beside,), presses=1)
    with override(language):
        said = radio_text(brief(fullest(), HERE, date(2026, 11, 27)), state)
        position = {
            a.REGISTERED: gettext("Registered address: %(place)s, to within %(accuracy)s."),
            a.REPORTED: gettext("Position that a tracker reports: %(place)s, to within %(accuracy)s."),
        }[position_from]
        assert any(position.partition("%")[0] in one for one in said.first)
        assert str(SPOKEN[proof]) in (*said.first, *said.second)
        assert said.first_s <= 20
        phoned = radio_text(brief(fullest(), HERE, date(2026, 11, 27)), changed(state, presses=2))
        assert str(SPOKEN[proof]) not in (*phoned.first, *phoned.second)
