"""The person's own copy: her alarms with every position, when somebody read the file, and no non-disclosed address."""

from egide.alarm import events as a
from egide.casework import models as m
from egide.events.register import FileOpened
from tests.boards.teams import act
from tests.support.pages import MONS, Pages, near, text_of


def copy(pages: Pages) -> str:
    client = pages.client(pages.user("ref", role="reference-officer", zone="5324"))
    return text_of(client.post(f"/files/{pages.files[MONS].case.id}/export"))


def moved(pages: Pages) -> str:
    """A closed alarm that began at her home and ended a kilometre away."""
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone, near(pages.files[MONS]), zone="5324")
    pages.clock.advance_s(60)
    pages.send(alarm, a.PositionReceived, phone, position=near(pages.files[MONS], north_m=1_000))
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="perpetrator-gone", reason="over"))
    return alarm


def coordinates(pages: Pages, north_m: int = 0) -> str:
    at = near(pages.files[MONS], north_m=north_m)
    return f"{at.lat_e7 / 1e7:.5f}, {at.lon_e7 / 1e7:.5f}"


def test_it_holds_each_alarm_with_its_end_and_every_position_and_the_readings(pages: Pages) -> None:
    moved(pages)
    pages.user("reader", role="zone-officer", zone="5324")
    case = pages.files[MONS].case.id
    pages.installation.append(f"case:{case}", FileOpened(case=case, user="reader"), case=case)
    text = copy(pages)
    assert "Perpetrator gone" in text
    assert coordinates(pages) in text and coordinates(pages, 1_000) in text
    assert "Own zone or office" in text.split("When somebody read the file")[1]
    # Who it was stands with the officer who answers for it.
    assert "Reader" not in text


def test_a_position_at_a_non_disclosed_address_stands_on_no_copy(pages: Pages) -> None:
    moved(pages)
    m.Place.objects.filter(case=pages.files[MONS].case.id).update(non_disclosed=True)
    text = copy(pages)
    assert coordinates(pages) not in text and "at a non-disclosed address" in text
    assert coordinates(pages, 1_000) in text
