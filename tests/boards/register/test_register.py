"""The register of alarms: who finds which, by what, and what of it stands in the database."""

import re
from collections.abc import Iterable

import pytest
from django.test import Client

from egide.access.models import Follower, User
from egide.access.service import scope_of
from egide.alarm import events as a
from egide.boards.models import RegisteredAlarm, RegisterMark
from egide.boards.register import finding, keeping
from egide.casework.models import BarredReader, Case
from egide.casework.service import cases_named
from egide.events.casework import FileMoved
from egide.events.register import CaseErased, FileOpened, KitReturned
from egide.journal.ending.erasing import do_erase
from egide.journal.service import Entry
from tests.boards.teams import act, with_team
from tests.support.pages import GENT, LIEGE, MONS, Pages, near, text_of

DAY_S = 86_400


def listed(client: Client, **asked: str) -> list[str]:
    """The alarms on the page, from top to bottom."""
    reply = client.post("/register/", asked) if asked else client.get("/register/")
    assert reply.status_code == 200, reply.status_code
    return re.findall(r'href="/register/([0-9a-f]+-\d+)"', reply.content.decode())


def ended(pages: Pages, file: int = MONS, outcome: str = "arrest", **route: str) -> str:
    """An alarm with a team that reported, closed."""
    alarm = with_team(pages, file)
    act(pages, alarm, a.TeamOnSite(by="M 12"))
    act(pages, alarm, a.TeamReported(by="team:M 12", outcome=outcome, text="Found in the <stairs>."))
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome=outcome, reason="over"))
    return alarm


def clients(pages: Pages, people: Iterable[tuple[str, str, dict[str, str]]]) -> dict[str, Client]:
    return {name: pages.client(pages.user(name, role=role, **place)) for name, role, place in people}


def test_each_finds_the_alarms_of_their_centre_zone_or_office_and_nobody_else_any(pages: Pages) -> None:
    mons, gent = ended(pages), pages.alarm(pages.phone(GENT), near(pages.files[GENT]), "OVL", zone="5415")
    office = Case.objects.get(id=pages.files[MONS].case.id).office
    people = clients(
        pages,
        [
            ("chief", "supervisor", {"centre": "HAI"}),
            ("zone", "zone-officer", {"zone": "5324"}),
            ("reference", "reference-officer", {"zone": "5324"}),
            ("magistrate", "magistrate", {"office": office}),
            ("clerk", "clerk", {"office": office}),
        ],
    )
    assert all(listed(client) == [mons] for client in people.values())
    elsewhere = clients(
        pages,
        [
            ("chief-2", "supervisor", {"centre": "LIE"}),
            ("zone-2", "zone-officer", {"zone": "5330"}),
            ("magistrate-2", "magistrate", {"office": "liege"}),
        ],
    )
    for client in elsewhere.values():
        assert listed(client) == []
        for alarm in (mons, gent):
            assert client.get(f"/register/{alarm}").status_code == 404
    assert listed(pages.client(pages.user("gent", "supervisor", "OVL"))) == [gent]


def test_people_without_alarms_have_no_register(pages: Pages) -> None:
    alarm = ended(pages)
    for role in ("coordinator", "evaluator", "administrator", "data-protection", "support", "steering"):
        client = pages.client(pages.user(role, role=role))
        assert client.get("/register/").status_code == client.get(f"/register/{alarm}").status_code == 404


def test_a_neighbouring_zone_does_not_find_what_was_close_to_it(pages: Pages) -> None:
    shares = (a.Candidate("5324", 0.8), a.Candidate("5330", 0.2))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324", candidates=shares)
    neighbour = pages.client(pages.user("n", role="zone-officer", zone="5330"))
    assert listed(neighbour) == [] and neighbour.get(f"/register/{alarm}").status_code == 404


def test_rule_27_a_barred_reader_finds_nothing_whatever_the_role(pages: Pages) -> None:
    alarm = ended(pages)
    people = clients(
        pages,
        [
            ("chief", "supervisor", {"centre": "HAI"}),
            ("zone", "zone-officer", {"zone": "5324"}),
            ("magistrate", "magistrate", {"office": "mons"}),
        ],
    )
    for name in people:
        BarredReader.objects.create(case=Case.objects.get(id=pages.files[MONS].case.id), mark=f"user:{name}")
    for client in people.values():
        assert listed(client) == [] == listed(client, text="Alix")
        assert client.get(f"/register/{alarm}").status_code == 404
        assert client.get(f"/register/{alarm}/near/0").status_code == 404


def test_an_operator_finds_what_is_open_and_for_a_week_what_was_closed_a_supervisor_all(pages: Pages) -> None:
    alarm = ended(pages)
    one, other = User.objects.get(name="op-1"), pages.user("chief", role="supervisor")
    assert listed(pages.client(one)) == [alarm] == listed(pages.client(other))
    pages.clock.advance_s(8 * DAY_S)
    operator, chief = pages.client(one), pages.client(other)
    assert listed(operator) == [] and listed(chief) == [alarm]
    assert operator.get(f"/register/{alarm}").status_code == 404
    again = pages.alarm(pages.phone(LIEGE), near(pages.files[LIEGE]))
    assert listed(operator) == [again]


@pytest.mark.parametrize(
    ("asked", "finds"),
    [
        ({"text": "ALÍX"}, True),
        ({"text": "m12"}, True),
        ({"text": "insp. 21"}, True),
        ({"text": "nobody of that name"}, False),
        ({"outcome": "arrest"}, True),
        ({"outcome": "open"}, False),
        ({"zone": "5324"}, True),
        ({"zone": "5330"}, False),
        ({"centre": "HAI"}, True),
        ({"centre": "LIE"}, False),
        ({"since": "2026-01-01", "until": "2099-01-01"}, True),
        ({"until": "2020-01-01"}, False),
        ({"text": "alix", "outcome": "arrest", "zone": "5324"}, True),
        ({"text": "alix", "outcome": "injured"}, False),
    ],
)
def test_it_is_found_by_time_place_outcome_person_team_and_reference(
    pages: Pages, asked: dict[str, str], finds: bool
) -> None:
    alarm = ended(pages)
    for client in (
        pages.client(pages.user("chief", role="supervisor")),
        pages.client(pages.user("zone", role="zone-officer", zone="5324")),
        pages.client(pages.user("magistrate", role="magistrate", office="mons")),
    ):
        assert listed(client, **asked) == [alarm] * finds, asked


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "yesterday"},
        {"since": "2026-02-02", "until": "2026-02-01"},
        {"zone": "no such zone"},
        {"outcome": "no such outcome"},
        {"text": "x"},
        {"text": "x" * 81},
        {"before": "1'; DROP TABLE"},
        {"before": "9" * 19 + "-1"},
    ],
)
def test_what_cannot_be_looked_for_is_said_and_finds_nothing(pages: Pages, asked: dict[str, str]) -> None:
    ended(pages)
    reply = pages.client(pages.user("chief", role="supervisor")).post("/register/", asked)
    assert reply.status_code == 422 and b'href="/register/0' not in reply.content
    assert "No alarm fits." not in text_of(reply)


def test_pages_follow_each_other_and_each_alarm_stands_on_one_of_them(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PAGE", 3)
    phone = pages.phone(MONS)
    alarms = []
    for _ in range(7):
        alarms.append(pages.alarm(phone, near(pages.files[MONS]), zone="5324"))
        act(pages, alarms[-1], a.AlarmClosed("op-1", "handling-error", "over"))
        pages.clock.advance_s(4 * 3600)
    officer = pages.client(pages.user("zone", role="zone-officer", zone="5324"))
    seen, before = [], ""
    for _ in range(3):
        reply = officer.post("/register/", {"text": "Alix", "before": before} if before else {"text": "Alix"})
        page = re.findall(r'href="/register/([0-9a-f]+-\d+)"', reply.content.decode())
        older = re.search(r'name="before" value="([^"]+)"', reply.content.decode())
        seen.append(page)
        before = older[1] if older else ""
    assert seen == [alarms[:3:-1], alarms[3:0:-1], alarms[:1]] and not before


def test_what_happens_later_changes_the_line_and_what_was_looked_for_before_finds_it_no_more(
    pages: Pages,
) -> None:
    alarm = ended(pages)
    chief = pages.client(pages.user("chief", role="supervisor"))
    assert listed(chief, outcome="arrest") == [alarm]
    act(pages, alarm, a.HelpNeeded(by="M 12"))
    assert listed(chief, outcome="arrest") == [] and listed(chief, outcome="open") == [alarm]


def test_a_file_that_moves_takes_its_alarms_along_and_who_acted_keeps_them(pages: Pages) -> None:
    alarm, case = ended(pages), pages.files[MONS].case
    new = pages.client(pages.user("new", role="reference-officer", zone="5330"))
    assert listed(new) == []
    Case.objects.filter(id=case.id).update(managing_zone="5330", office="tournai")
    moved = FileMoved(case=case.id, user="x", from_zone="5324", to_zone="5330")
    pages.journal.append([Entry(stream=f"case:{case.id}", event=moved, case=case.id)])
    assert listed(new) == [alarm]
    assert listed(pages.client(pages.user("old", role="zone-officer", zone="5324"))) == [alarm]
    assert listed(pages.client(pages.user("m", role="magistrate", office="mons"))) == []
    assert listed(pages.client(pages.user("t", role="magistrate", office="tournai"))) == [alarm]


def test_rule_29_with_the_file_its_alarms_leave_the_register(pages: Pages) -> None:
    alarm, case = ended(pages), pages.files[MONS].case.id
    chief = pages.client(pages.user("chief", role="supervisor"))
    assert listed(chief) == [alarm]
    for kit in [row[0] for row in pages.journal.connection.execute("SELECT kit FROM kit").fetchall()]:
        pages.installation.append(f"kit:{kit}", KitReturned(kit=kit))
    do_erase(pages.journal, case, "first")
    assert isinstance(do_erase(pages.journal, case, "second"), CaseErased)
    assert listed(chief) == [] and chief.get(f"/register/{alarm}").status_code == 404
    assert not RegisteredAlarm.objects.exists() and not RegisterMark.objects.exists()


def test_the_database_alone_says_nothing_of_what_it_is_found_by(pages: Pages) -> None:
    ended(pages)
    keeping.catch_up()
    assert RegisteredAlarm.objects.count() == 1 and RegisterMark.objects.count() > 6
    stored = pages.stored()
    for word in (b"M 12", b"said m12", b"Insp. 21", b"insp21", b"arrest", b"Alix", b"centre HAI"):
        assert word not in stored, word


def test_people_of_the_same_name_whose_alarms_are_elsewhere_hide_none_and_are_not_counted(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "NAMED_MOST", 2)
    supervisor = pages.client(pages.user("chief", role="supervisor", centre="HAI"))
    numbers = {file.case.id: number for number, file in enumerate(pages.files)}
    last = list(cases_named(scope_of(User.objects.get(name="chief")), "demo", of_any=True))[-1]
    alarm = ended(pages, numbers[last])
    page = supervisor.post("/register/", {"text": "demo"})
    assert alarm in page.content.decode() and "More people" not in text_of(page)
    others = [number for number in numbers.values() if number != numbers[last]]
    ended(pages, others[0])
    assert "More people" in text_of(supervisor.post("/register/", {"text": "demo"}))


def test_it_can_be_thrown_away_and_made_again_and_following_twice_changes_nothing(pages: Pages) -> None:
    ended(pages)
    keeping.catch_up()

    def kept() -> tuple[object, ...]:
        rows = RegisteredAlarm.objects.values_list("alarm", "case", "opened_at_us", "content")
        marks = RegisterMark.objects.values_list("mark", "opened_at_us").order_by("mark")
        return list(rows), list(marks)

    before = kept()
    Follower.objects.filter(name=keeping.FOLLOWER).update(seq=0)
    assert keeping.catch_up() and kept() == before
    RegisteredAlarm.objects.all().delete()
    Follower.objects.filter(name=keeping.FOLLOWER).delete()
    assert keeping.catch_up() and kept() == before


def test_a_register_that_is_far_behind_says_so_and_goes_on(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm = ended(pages)
    monkeypatch.setattr(keeping, "CHUNK", 5)
    monkeypatch.setattr(keeping, "AT_ONCE", 1)
    monkeypatch.setattr(keeping.catch_up, "__defaults__", (1,))
    chief = pages.client(pages.user("chief", role="supervisor"))
    first = chief.get("/register/")
    assert "is being brought up to date" in text_of(first)
    for _ in range(30):
        last = chief.get("/register/")
    assert "is being brought up to date" not in text_of(last) and alarm in last.content.decode()


def test_opening_one_shows_what_happened_and_is_a_reading_that_stands_on_it(pages: Pages) -> None:
    alarm = ended(pages)
    act(pages, alarm, a.TextAsked(user="op-1", question="weapon"))
    officer = pages.client(pages.user("ref", role="reference-officer", zone="5324"))
    text = text_of(officer.get(f"/register/{alarm}"))
    for word in ("Alix", "What happened", "Found in the <stairs>.", "Does he have a weapon?", "Who read it"):
        assert word in text, word
    opened = [
        event
        for row in pages.journal.every()
        if row.kind == "FileOpened" and isinstance(event := pages.journal.open_event(row), FileOpened)
    ]
    assert [(one.user, one.alarm, one.case) for one in opened] == [("ref", alarm, pages.files[MONS].case.id)]
    assert "Ref" in text.split("Who read it")[1]


def test_the_way_has_every_position_of_the_phone_in_the_order_in_which_it_was_taken(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone, near(pages.files[MONS]), zone="5324")
    for north_m in (100, 200):
        pages.clock.advance_s(5)
        pages.send(alarm, a.PositionReceived, phone, position=near(pages.files[MONS], north_m=north_m))
    officer = pages.client(pages.user("zone", role="zone-officer", zone="5324"))
    page = officer.get(f"/register/{alarm}").content.decode()
    lats = [
        float(lat)
        for lat in re.findall(r"&quot;lat&quot;:([0-9.]+),&quot;lon&quot;:[0-9.]+,&quot;accuracy", page)
    ]
    way = lats[-3:]
    assert way == sorted(way) and way[0] < way[2] and 'max="2"' in page
    assert officer.get(f"/register/{alarm}/near/2").status_code == 200
    assert officer.get(f"/register/{alarm}/near/3").status_code == 404


def test_bans_of_the_file_are_drawn_for_who_has_it_and_for_others_while_it_is_open(pages: Pages) -> None:
    alarm = ended(pages)
    chief = pages.client(pages.user("chief", role="supervisor"))
    officer = pages.client(pages.user("zone", role="zone-officer", zone="5324"))
    closed = chief.get(f"/register/{alarm}").content.decode()
    assert "&quot;bans&quot;:[]" in closed
    assert "&quot;radius&quot;" in officer.get(f"/register/{alarm}").content.decode()
    act(pages, alarm, a.HelpNeeded(by="M 12"))
    assert "&quot;radius&quot;" in chief.get(f"/register/{alarm}").content.decode()


@pytest.mark.files("a quota of the file")
def test_a_journal_that_cannot_write_that_it_was_read_shows_nothing(pages: Pages) -> None:
    alarm = ended(pages)
    officer = pages.client(pages.user("zone", role="zone-officer", zone="5324"))
    assert listed(officer) == [alarm]
    pages.fill_disk()
    # What is left of the last page takes some more.
    for _ in range(60):
        reply = officer.get(f"/register/{alarm}")
        if reply.status_code != 200:
            break
    assert reply.status_code == 503 and b"Alix" not in reply.content
