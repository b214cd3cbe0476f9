"""Safety rule 43: an open alarm shows on every page of people whom it concerns, at once, and to nobody else."""

import re

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from egide.access.models import User
from egide.access.rules import scope_for
from egide.alarm.events import AlarmClosed, Candidate
from egide.boards.concerning import strips_of
from egide.casework.models import BarredReader
from tests.support.pages import MONS, Pages, near

pytestmark = pytest.mark.usefixtures("with_files")

# The account, its role, its place, and where its line leads; nothing for people whom the alarm does not concern.
READERS = [
    ("operator", "HAI", "/desk/#row-{alarm}"),
    ("supervisor", "HAI", "/desk/#row-{alarm}"),
    ("zone-officer", "5324", "/zone/#card-{alarm}"),
    ("reference-officer", "5324", "/zone/#card-{alarm}"),
    ("zone-officer", "5330", "/zone/#card-{alarm}"),
    ("magistrate", "mons", "/files/{case}/"),
    ("clerk", "mons", "/files/{case}/"),
    ("operator", "OVL", ""),
    ("supervisor", "OVL", ""),
    ("zone-officer", "5415", ""),
    ("reference-officer", "5415", ""),
    ("magistrate", "oost-vlaanderen", ""),
    ("clerk", "oost-vlaanderen", ""),
    ("coordinator", "", ""),
    ("steering", "", ""),
    ("evaluator", "", ""),
    ("administrator", "", ""),
    ("data-protection", "", ""),
    ("support", "", ""),
]
SHARES = (Candidate("5324", 0.8), Candidate("5330", 0.2))
# Who has nothing of the file: neither its number nor that there is an alarm.
BARRED = [("operator", "HAI"), ("reference-officer", "5324"), ("magistrate", "mons"), ("clerk", "mons")]


def account(pages: Pages, role: str, place: str) -> User:
    user = User.objects.create(name=f"{role}-{place.lower()}".strip("-"), title="Somebody", password="x")
    user.memberships.create(role=role, place=place)
    return user


def strip_of(pages: Pages, user: User, path: str = "/account") -> str:
    """What the strip of a page says, or what it is told later."""
    page = pages.client(user).get(path).content.decode()
    found = re.search(r'<div id="alarm-strip".*?>(.*?)</div>', page, re.DOTALL)
    return (found[1] if found else page).strip()


def alarm_of_mons(pages: Pages) -> str:
    return pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324", candidates=SHARES)


@pytest.mark.parametrize(("role", "place", "leads_to"), READERS)
def test_rule_43_the_strip_is_for_people_whom_the_alarm_concerns(
    pages: Pages, role: str, place: str, leads_to: str
) -> None:
    case, user = pages.files[MONS].case, account(pages, role, place)
    calm = {path: strip_of(pages, user, path) for path in ("/account", "/open-alarms")}
    assert calm == {"/account": "", "/open-alarms": ""}
    alarm = alarm_of_mons(pages)
    for path in calm:
        strip = strip_of(pages, user, path)
        assert re.findall(r'href="([^"]*)"', strip) == (
            [leads_to.format(alarm=alarm, case=case.id)] if leads_to else []
        )
        assert bool(strip) is bool(leads_to)
        assert (case.number in strip) is (bool(leads_to) and place != "5330")
        assert "Alix" not in strip and "Mons" not in strip, "it names nobody and no place"
    pages.installation.act(alarm, AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    assert {path: strip_of(pages, user, path) for path in calm} == calm


@pytest.mark.parametrize(("role", "place"), BARRED)
def test_rule_27_the_strip_tells_a_barred_reader_nothing(pages: Pages, role: str, place: str) -> None:
    user = account(pages, role, place)
    BarredReader.objects.create(case_id=pages.files[MONS].case.id, mark=f"user:{user.name}")
    alarm_of_mons(pages)
    assert strip_of(pages, user) == strip_of(pages, user, "/open-alarms") == ""
    assert "An alarm is open" not in pages.client(user).get("/start").content.decode()


def test_the_start_page_names_the_open_alarm_first(pages: Pages) -> None:
    alarm = alarm_of_mons(pages)
    for role, place, name in (
        ("reference-officer", "5324", "Alix Exemple (démo)"),
        ("zone-officer", "5330", "Alarm close to this zone"),
        ("magistrate", "mons", "Alix Exemple (démo)"),
    ):
        page = pages.client(account(pages, role, place)).get("/start").content.decode()
        tasks = re.findall(r'<li class="life"><a href="([^"]*)">\s*<b>(.*?)</b>', page)
        url = f"/files/{pages.files[MONS].case.id}/" if role == "magistrate" else f"/zone/#card-{alarm}"
        assert tasks[:1] == [(url, name)]


def test_many_alarms_are_one_line_and_each_leads_where_its_reader_acts(pages: Pages) -> None:
    operator, magistrate = account(pages, "operator", "HAI"), account(pages, "magistrate", "mons")
    alarms = [alarm_of_mons(pages) for _ in range(3)]
    strip = strip_of(pages, operator)
    assert "3 alarms concern you" in strip and f'href="/desk/#row-{alarms[0]}"' in strip, "the desk opens it"
    assert 'href="/start"' in strip_of(pages, magistrate)


def test_a_page_that_shows_its_own_alarms_has_only_those_of_other_places(pages: Pages) -> None:
    both = account(pages, "operator", "HAI")
    both.memberships.create(role="zone-officer", place="5415")
    alarm_of_mons(pages)
    other = pages.alarm(pages.phone(MONS), zone="5415", centre="OVL")
    assert re.findall(r'href="([^"]*)"', strip_of(pages, both, "/desk/")) == [f"/zone/#card-{other}"]
    alone = pages.client(account(pages, "operator", "LIE")).get("/desk/").content.decode()
    assert "alarm-strip" not in alone, "a desk that has no other place asks for nothing"


def test_a_page_about_one_alarm_has_the_others(pages: Pages) -> None:
    officer = account(pages, "zone-officer", "5324")
    alarm = alarm_of_mons(pages)
    about = f"/zone/alarms/{alarm}/file/"
    assert strip_of(pages, officer, about) == ""
    assert alarm in strip_of(pages, officer, "/open-alarms?on=&about=nothing")
    alarm_of_mons(pages)
    assert "2 alarms concern you" in strip_of(pages, officer, about)
    assert "2 alarms concern you" in strip_of(pages, officer, f"/zone/alarms/{alarm}/timeline")


def test_the_strip_costs_nothing_while_no_alarm_is_open_and_little_then(pages: Pages) -> None:
    magistrate = scope_for("m", "M", account(pages, "magistrate", "mons").posts())
    officer = scope_for("o", "O", account(pages, "zone-officer", "5324").posts())
    _files = pages.files
    for scope, most in ((magistrate, 2), (officer, 4)):
        with CaptureQueriesContext(connections["default"]) as asked:
            assert list(strips_of(scope)) == []
        assert len(asked) == 0
        alarm = alarm_of_mons(pages)
        with CaptureQueriesContext(connections["default"]) as asked:
            assert len(list(strips_of(scope))) == 1
        assert len(asked) <= most, [query["sql"] for query in asked]
        pages.installation.act(alarm, AlarmClosed(user="op-1", outcome="test", reason="over"))


def test_asking_again_and_again_reads_who_asks_and_nothing_else(pages: Pages) -> None:
    client = pages.client(account(pages, "magistrate", "mons"))
    with CaptureQueriesContext(connections["default"]) as asked:
        client.get("/open-alarms", headers={"X-Egide-Fragment": "1"})
    tables = [re.findall(r'FROM "(\w+)"', query["sql"]) for query in asked]
    assert tables == [["django_session"], ["access_user"], ["access_membership"]]


def test_an_idle_page_still_shows_an_alarm_and_a_page_without_session_does_not(pages: Pages) -> None:
    client = pages.client(account(pages, "magistrate", "mons"))
    alarm_of_mons(pages)
    pages.clock.advance_s(3600)
    fragment = {"X-Egide-Fragment": "1"}
    assert client.get("/files/", headers=fragment).status_code == 401
    assert "concerns you" in client.get("/open-alarms", headers=fragment).content.decode()
    assert pages.client().get("/open-alarms", headers=fragment).status_code == 401


@pytest.mark.parametrize(
    ("role", "place", "ways"),
    [
        ("zone-officer", "5324", ["/start", "/zone/", "/files/", "/kits/", "/surveys/"]),
        ("supervisor", "HAI", ["/start", "/desk/", "/desk/overview"]),
        ("operator", "HAI", ["/start", "/desk/"]),
    ],
)
def test_every_page_of_an_account_has_the_same_ways(
    pages: Pages, role: str, place: str, ways: list[str]
) -> None:
    client = pages.client(account(pages, role, place))
    for path in ("/account", *ways[:3]):
        page = client.get(path).content.decode()
        found = re.search(r'id="places".*?</nav>', page, re.DOTALL)
        assert found and set(ways) <= set(re.findall(r'href="([^"]*)"', found[0])), path
