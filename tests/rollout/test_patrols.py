"""The patrols of a zone: who keeps the list, what is refused, and where those on duty are offered."""

import re

import pytest
from django.test import Client

from egide.alarm import events as a
from egide.events.rollout import PatrolKept
from egide.outbox.models import OutboxRow
from egide.outbox.service import waiting
from egide.rollout.models import Patrol
from egide.rollout.patrols import MOST
from tests.boards.teams import act
from tests.support.pages import MONS, Pages, near, text_of


def officer(pages: Pages, name: str = "ref", role: str = "zone-officer", zone: str = "5324") -> Client:
    return pages.client(pages.user(name, role=role, zone=zone))


def keep(client: Client, sign: str = "M 12", telephone: str = "", zone: str = "5324") -> int:
    said = {"zone": zone, "call_sign": sign, "telephone": telephone}
    return client.post("/rollout/patrols/", said).status_code


def offered(client: Client, address: str) -> list[str]:
    """The call signs that a page offers to press."""
    return re.findall(r'data-call-sign="([^"]+)"', client.get(address).content.decode())


def test_an_officer_keeps_the_patrols_of_their_own_zone_and_says_who_is_on_duty(pages: Pages) -> None:
    client = officer(pages)
    assert keep(client, " M  12 ", "+32 470 00 00 01") == 302
    row = Patrol.objects.get()
    assert (row.zone, row.call_sign, row.telephone, row.on_duty) == ("5324", "M 12", "+32 470 00 00 01", True)
    pages.clock.advance_s(60)
    client.post("/rollout/patrols/", {"zone": "5324", "id": str(row.id), "off": "yes"})
    row.refresh_from_db()
    assert not row.on_duty and row.changed_at_us == pages.clock.now_us()
    told = waiting("rollout:zone:5324", PatrolKept)
    assert told is not None and (told[0].call_sign, told[0].on_duty, told[0].by) == ("M 12", False, "ref")
    # Said twice it is one event.
    number = OutboxRow.objects.filter(kind="PatrolKept").count()
    client.post("/rollout/patrols/", {"zone": "5324", "id": str(row.id), "off": "yes"})
    assert OutboxRow.objects.filter(kind="PatrolKept").count() == number
    client.post("/rollout/patrols/", {"zone": "5324", "id": str(row.id), "out": "yes"})
    assert not Patrol.objects.exists()
    out = waiting("rollout:zone:5324", PatrolKept)
    assert out is not None and out[0].is_out and not out[0].telephone


@pytest.mark.parametrize(
    ("sign", "telephone", "words"),
    [
        ("M", "", "Give the call sign"),
        ("M" * 81, "", "Give the call sign"),
        ("m 12", "", "already"),
        ("M 14", "ring me", "no telephone number"),
        ("M 14", "+32 " + "1" * 40, "no telephone number"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field_and_what_was_typed_stays(
    pages: Pages, sign: str, telephone: str, words: str
) -> None:
    client = officer(pages)
    keep(client)
    said = {"zone": "5324", "call_sign": sign, "telephone": telephone}
    reply = client.post("/rollout/patrols/", said)
    assert reply.status_code == 422 and words in text_of(reply)
    assert f'value="{sign}"' in reply.content.decode() and Patrol.objects.count() == 1


def test_a_zone_keeps_two_hundred_at_most(pages: Pages) -> None:
    Patrol.objects.bulk_create(Patrol(zone="5324", call_sign=f"M {n}") for n in range(MOST))
    client = officer(pages)
    assert keep(client, "one more") == 422 and Patrol.objects.count() == MOST


def test_nobody_of_elsewhere_reads_or_changes_the_list(pages: Pages) -> None:
    keep(officer(pages), "M 12")
    row = Patrol.objects.get()
    other = officer(pages, "other", zone="5330")
    assert "M 12" not in text_of(other.get("/rollout/patrols/"))
    for said in ({"off": "yes"}, {"out": "yes"}, {"call_sign": "X 1"}):
        reply = other.post("/rollout/patrols/", {"zone": "5324", "id": str(row.id)} | said)
        assert reply.status_code == 404
    # Nor by the number of a patrol under one's own zone.
    other.post("/rollout/patrols/", {"zone": "5330", "id": str(row.id), "out": "yes"})
    assert Patrol.objects.get().on_duty
    for role, place in (("magistrate", {"office": "mons"}), ("operator", {"centre": "HAI"})):
        client = pages.client(pages.user(role, role=role, **place))
        assert client.get("/rollout/patrols/").status_code == 404


def test_those_on_duty_of_the_zone_that_leads_are_offered_at_the_desk_and_on_its_page(pages: Pages) -> None:
    client = officer(pages)
    for sign in ("M 12", "M 14"):
        keep(client, sign, "+32 470 00 00 01")
    keep(officer(pages, "other", zone="5330"), "T 1", zone="5330")
    Patrol.objects.filter(call_sign="M 14").update(on_duty=False)
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324")
    operator = pages.client(pages.user("op-1"))
    assert offered(operator, f"/desk/alarms/{alarm}") == []
    act(pages, alarm, a.AlarmAcknowledged(user="op-1"))
    act(pages, alarm, a.ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"))
    assert offered(operator, f"/desk/alarms/{alarm}") == ["M 12"] == offered(client, "/zone/")
    # Any other is typed.
    assert operator.post(f"/desk/alarms/{alarm}/team", {"call_sign": "typed 7"}).status_code == 200
