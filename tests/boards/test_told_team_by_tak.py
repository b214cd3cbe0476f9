"""The team that is sent sees the alarm on its map: by the list of its zone's units, each team by itself."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from egide.access.models import User
from egide.alarm import events as a
from egide.alarm.events.elsewhere import name_of_team, number_for
from egide.boards import telling
from egide.boards.desk.presenting import told_of
from egide.connectors.dispatch.facts import RAISED, TEST, Facts
from egide.connectors.dispatch.receivers import Receiver, problems
from egide.connectors.tak import cot, road
from egide.rollout import patrols
from tests.boards.teams import act, officer, state, with_team
from tests.boards.test_cad import move
from tests.support.certificates import Authority
from tests.support.dispatch_system import DispatchSystem, settings_file
from tests.support.pages import MONS, Pages, text_of
from tests.support.tak.server import TakServer, device, tak_server
from tests.support.telling import Clock, Told, close
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("with_files")

OURS, THEIRS = "5324", "5415"
RAISED_HERE, OVER_HERE = cot.ALARM, cot.OVER


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TakServer]:
    with tak_server(tmp_path / "tak", Authority(tmp_path)) as running:
        yield running


def teams_on(server: TakServer, system: DispatchSystem) -> Receiver:
    more = {name: value for name, value in server.more().items() if name != "call_signs"}
    return Receiver(
        "tak",
        str(system.secret_file),
        ("HAI",),
        server.url,
        kind="tak",
        more=more | {"language": "en"},
        teams="{zone} {call_sign}",
    )


def unit(zone: str, call_sign: str) -> None:
    patrols.do_keep(zone, call_sign, "", "officer")


def name(pages: Pages, alarm: str, call_sign: str, zone: str = OURS) -> None:
    act(pages, alarm, a.TeamNamed(user="op-1", zone=zone, call_sign=call_sign))


def said(pages: Pages, alarm: str) -> list[tuple[str, str, str]]:
    """What was noted of each team, in order: who, what, why not."""
    rows = (pages.journal.open_event(row) for row in pages.journal.stream(f"alarm:{alarm}"))
    return [
        (one.receiver.removeprefix("tak "), one.about, one.why)
        for one in rows
        if isinstance(one, a.SystemTold)
    ]


def words(pages: Pages, alarm: str) -> list[tuple[str, str]]:
    return [(line.receiver, line.word) for line in told_of(state(pages, alarm))]


def test_only_the_team_that_is_named_sees_it_and_one_that_is_replaced_sees_the_end_and_nothing_else(
    pages: Pages, system: DispatchSystem, server: TakServer
) -> None:
    for zone, sign in ((OURS, "M 12"), (OURS, "M 14"), (THEIRS, "M 12")):
        unit(zone, sign)
    told = Told(pages, teams_on(server, system))
    with (
        device(server, "5324 M 12") as first,
        device(server, "5324 M 14") as second,
        device(server, "5415 M 12") as namesake,
        device(server, "M 12") as bare,
    ):
        alarm = with_team(pages)
        told.turn()
        until(lambda: first.types == [RAISED_HERE], lambda: first.types)
        name(pages, alarm, "M 14")
        told.turn()
        until(lambda: second.types == [RAISED_HERE], lambda: second.types)
        until(lambda: first.types == [RAISED_HERE, OVER_HERE], lambda: first.types)
        pages.clock.advance_s(5)
        move(pages, alarm, north_m=300)
        told.turn()
        until(lambda: len(second.types) == 2, lambda: second.types)
        close(pages, alarm)
        told.turn()
        until(lambda: second.types == [RAISED_HERE, RAISED_HERE, OVER_HERE], lambda: second.types)
        assert first.types == [RAISED_HERE, OVER_HERE] and namesake.types == [] and bare.types == []
    assert first.came[1].findtext("detail/remarks") == "Your team is no longer sent here."
    assert second.came[2].findtext("detail/remarks") == "The alarm is closed."
    # Under numbers of their own: two teams that compare what they have cannot put more together than they were told.
    assert first.came[0].get("uid") == first.came[1].get("uid") != second.came[0].get("uid")
    assert said(pages, alarm) == [
        ("5324 M 12", "raised", ""),
        ("5324 M 12", "released", ""),
        ("5324 M 14", "raised", ""),
        ("5324 M 14", "closed", ""),
    ]


def test_a_team_that_is_named_again_is_told_again_and_one_of_another_zone_takes_its_place(
    pages: Pages, system: DispatchSystem, server: TakServer
) -> None:
    for zone, sign in ((OURS, "M 12"), (OURS, "M 14"), (THEIRS, "M 12")):
        unit(zone, sign)
    told = Told(pages, teams_on(server, system))
    with device(server, "5324 M 12") as ours, device(server, "5415 M 12") as theirs:
        alarm = with_team(pages)
        told.turn()
        for sign in ("M 14", "M 12"):
            name(pages, alarm, sign)
            told.turn()
        until(lambda: len(ours.types) == 3, lambda: ours.types)
        act(pages, alarm, a.ZoneConfirmed(user="op-1", zone=THEIRS, reference="Insp. 4"))
        told.turn()
        until(lambda: len(ours.types) == 4, lambda: ours.types)
        name(pages, alarm, "M 12", THEIRS)
        told.turn()
        until(lambda: theirs.types == [RAISED_HERE], lambda: theirs.types)
        assert ours.types == [RAISED_HERE, OVER_HERE] * 2
    # Nothing is told twice under two ids, and a second time has an id of its own.
    rows = (pages.journal.open_event(row) for row in pages.journal.stream(f"alarm:{alarm}"))
    messages = [one.message for one in rows if isinstance(one, a.SystemTold)]
    assert len(messages) == len(set(messages))
    told.turn()
    Told(pages, told.receiver).turn()
    assert len(said(pages, alarm)) == len(messages), "a worker that begins anew has nothing to tell"


def test_without_a_unit_on_the_list_nothing_is_sent_and_the_board_says_so(
    pages: Pages, system: DispatchSystem, server: TakServer
) -> None:
    unit(THEIRS, "M 12")
    told = Told(pages, teams_on(server, system))
    with device(server, "5324 M 12") as team, device(server, "5415 M 12") as namesake:
        alarm = with_team(pages)
        told.turn()
        assert said(pages, alarm) == [("5324 M 12", "raised", a.NO_DEVICE)]
        assert "the list of its zone has no such patrol" in dict(words(pages, alarm))["tak M 12 (5324)"]
        page = text_of(pages.client(User.objects.get(name="op-1")).get(f"/desk/alarms/{alarm}"))
        assert "tak M 12 (5324)" in page and "has no such patrol" in page
        assert "Sees nothing on its map" in text_of(officer(pages).get("/zone/"))
        assert "Sees nothing on its map" not in text_of(officer(pages, THEIRS).get("/zone/"))
        # It is the list that is wrong, and no server: nobody is sent to look after one.
        assert told.teller.failing == 0
        told.turn(after_s=11)
        assert len(said(pages, alarm)) == 1
        # Written down, however it is spelled, it is told without anybody naming it again.
        unit(OURS, "m 12")
        told.turn(after_s=11)
        assert said(pages, alarm)[-1] == ("5324 M 12", "raised", "")
        assert "Sees nothing on its map" not in text_of(officer(pages).get("/zone/"))
        assert "took the alarm" in dict(words(pages, alarm))["tak M 12 (5324)"]
        assert team.types == [] and namesake.types == [], "the device has another name"


def test_another_team_waits_for_none_that_has_no_device(
    pages: Pages, system: DispatchSystem, server: TakServer
) -> None:
    unit(OURS, "M 14")
    told = Told(pages, teams_on(server, system))
    with device(server, "5324 M 14") as second:
        alarm = with_team(pages)
        told.turn()
        name(pages, alarm, "M 14")
        told.turn()
        until(lambda: second.types == [RAISED_HERE], lambda: second.types)
    assert [who for who, _word in words(pages, alarm)] == ["tak M 14 (5324)"], "the first is sent no longer"


def test_each_team_has_its_own_state_and_its_end_is_told_once_the_server_is_back(
    pages: Pages, system: DispatchSystem, tmp_path: Path
) -> None:
    for sign in ("M 12", "M 14"):
        unit(OURS, sign)
    with tak_server(tmp_path / "first") as server:
        told = Told(pages, teams_on(server, system))
        alarm = with_team(pages)
        told.turn()
    name(pages, alarm, "M 14")
    told.turn()
    assert said(pages, alarm)[1:] == [
        ("5324 M 12", "released", "unreachable"),
        ("5324 M 14", "raised", "unreachable"),
    ]
    lines = dict(words(pages, alarm))
    assert "no longer sent: tell it by radio" in lines["tak M 12 (5324)"]
    assert "tell them by telephone" in lines["tak M 14 (5324)"]
    with tak_server(tmp_path / "second") as again:
        back = Told(pages, teams_on(again, system))
        back.turn()
    assert said(pages, alarm)[3:] == [("5324 M 12", "released", ""), ("5324 M 14", "raised", "")]
    # What its people answer stands beside this team alone.
    one = name_of_team("tak", OURS, "M 14")
    assert telling.alarm_told("tak", number_for(one, alarm)) == (alarm, one)
    assert telling.alarm_told("other", number_for(one, alarm)) is None
    telling.do_note_answer(alarm, a.SystemAnswered(one, a.ANSWERED, "M 14"))
    assert dict(words(pages, alarm)) == {
        "tak M 12 (5324)": "a machine there knows that this team is no longer sent",
        "tak M 14 (5324)": "answered by a person there",
    }


@contextmanager
def hanging_up() -> Iterator[tuple[str, list[int]]]:
    """A server that answers nobody, and who came."""
    listener, came = socket.create_server(("127.0.0.1", 0)), list[int]()

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, address = listener.accept()
                came.append(address[1])
                connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", came
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_a_server_that_is_away_is_waited_for_once_and_not_by_each_of_its_teams(
    pages: Pages, system: DispatchSystem
) -> None:
    for sign in ("M 12", "M 14", "M 16"):
        unit(OURS, sign)
    alarm = with_team(pages)
    for sign in ("M 12", "M 14"):
        team = name_of_team("tak", OURS, sign)
        opened_us = state(pages, alarm).opened_at_us
        message = number_for(team, alarm, RAISED, opened_us)
        act(pages, alarm, a.SystemTold(team, message, a.RAISED, opened_us, ("id",)))
    name(pages, alarm, "M 16")
    with hanging_up() as (url, came):
        more = {"language": "en"}
        told = Told(
            pages,
            Receiver(
                "tak",
                str(system.secret_file),
                ("HAI",),
                url,
                kind="tak",
                more=more,
                teams="{zone} {call_sign}",
            ),
        )
        told.turn()
        assert len(came) == 1
        told.turn(after_s=1)
        assert len(came) == 2, "and once at the next try"
    assert said(pages, alarm)[2:] == [
        ("5324 M 12", "released", "unreachable"),
        ("5324 M 14", "released", "unreachable"),
        ("5324 M 16", "raised", "unreachable"),
    ]
    assert told.teller.failing == 1


def test_a_test_asks_the_server_and_no_device(server: TakServer, system: DispatchSystem) -> None:
    with device(server, "5324 M 12") as team:
        road.send(Facts(TEST, "", 1, 1), teams_on(server, system), Clock())
        with device(server, "after"):
            assert team.types == []
    with pytest.raises(ValueError, match="call sign"):
        cot.written(Facts(TEST, "", 1, 1), teams_on(server, system), [], "en", 1)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"teams": "{call_sign}"}, "expected {zone} and {call_sign}"),
        ({"teams": "{zone}, {call_sign}"}, "no call sign has"),
        ({"more": {"call_signs": "M 12"}}, "expected one of them"),
        ({"kind": "webhook"}, "teams is for tak"),
        ({}, ""),
    ],
)
def test_names_of_devices_that_could_be_anothers_are_no_entry(
    pages: Pages, system: DispatchSystem, tmp_path: Path, change: dict[str, object], what: str
) -> None:
    one = {"kind": "tak", "url": "tls://tak.example", "teams": "{zone} {call_sign}", "more": {}}
    entry = system.entry("tak") | one | change
    path = settings_file(tmp_path, (entry,))
    found = problems(replace(pages.config, dispatch_systems=str(path)))
    assert what in " ".join(found) and bool(found) is bool(what)


def test_administrators_read_that_only_the_team_that_is_sent_is_told(
    pages: Pages, system: DispatchSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = system.entry("tak") | {"kind": "tak", "url": "tls://tak.example", "teams": "{zone} {call_sign}"}
    path = settings_file(tmp_path, (entry,))
    monkeypatch.setattr(settings, "EGIDE", replace(settings.EGIDE, dispatch_systems=str(path)))
    page = text_of(pages.client(pages.user("admin-1", role="administrator", centre="")).get("/systems/"))
    assert "the team that is sent, and nobody else; its device is called {zone} {call_sign}" in " ".join(
        page.split()
    )


def test_a_device_is_never_two(pages: Pages, system: DispatchSystem, server: TakServer) -> None:
    """Call signs of a receiver have commas between them: a unit with one in its name is no device."""
    unit(OURS, "M 12, M 14")
    told = Told(pages, teams_on(server, system))
    alarm = with_team(pages, file=MONS)
    name(pages, alarm, "M 12, M 14")
    told.turn()
    assert said(pages, alarm) == [("5324 M 12, M 14", "raised", a.NO_DEVICE)]
