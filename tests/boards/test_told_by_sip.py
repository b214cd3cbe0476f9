"""A receiver over SIP is told of an alarm as every dispatch system is: by the same state, once by id, in its order."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from egide.alarm import events as a
from egide.connectors.dispatch.receivers import ID, Receiver, problems
from egide.connectors.dispatch.trying import do_try
from egide.connectors.registry import problems_of
from egide.entrypoints.worker.turns import AGAIN_AFTER_S
from egide.journal.now.signs import Signs
from tests.connectors.ng112.places import lost_file
from tests.support.certificates import Authority
from tests.support.dispatch_system import DispatchSystem, settings_file
from tests.support.pages import MONS, Pages, near, text_of
from tests.support.sip.servers import Server, kamailio
from tests.support.telling import Told, close
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("with_files")

MORE = {"sender": "sip:egide@police.example"}


@pytest.fixture
def psap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    # A machine that is busy with much else is given its time.
    monkeypatch.setattr("egide.connectors.ng112.road.DEADLINE_S", 60.0)
    authority = Authority(tmp_path)
    authority.server("127.0.0.1")
    with kamailio(tmp_path / "psap", "psap", authority=authority) as server:
        yield server


def over_sip(psap: Server, system: DispatchSystem, url: str = "", **more: str) -> Receiver:
    secret = str(system.secret_file)
    beside = MORE | {"authorities": str(psap.authority)} | more
    return Receiver("psap", secret, ("HAI",), url or psap.tls, kind="sip", more=beside)


def test_it_hears_of_the_alarm_of_each_later_position_and_of_the_end(
    pages: Pages, system: DispatchSystem, psap: Server
) -> None:
    told = Told(pages, over_sip(psap, system))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS], accuracy_m=40))
    told.turn()
    pages.clock.advance_s(5)
    pages.send(alarm, a.PositionReceived, pages.phone(MONS), position=near(pages.files[MONS], north_m=100))
    told.turn()
    pages.clock.advance_s(5)
    close(pages, alarm)
    told.turn()
    told.turn()
    until(lambda: len(psap.came) == 3, lambda: psap.said)
    raised, moved, closed = psap.came
    assert [one.kind for one in psap.came] == ["Alert", "Update", "Cancel"]
    assert raised.incidents == moved.incidents == closed.incidents and alarm not in psap.said
    assert raised.pos != moved.pos and raised.radius == "40" and closed.pos == ""
    assert told.noted(alarm) == [("raised", "", 1), ("closed", "", 1)]


def test_one_that_is_away_hears_of_it_under_the_same_number_when_it_is_back(
    pages: Pages, system: DispatchSystem, psap: Server
) -> None:
    away = Told(pages, over_sip(psap, system, "sip:127.0.0.1:9;transport=tcp"))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    away.turn()
    away.turn(AGAIN_AFTER_S[0])
    back = Told(pages, over_sip(psap, system))
    back.turn()
    assert back.noted(alarm) == [("raised", "unreachable", 1), ("raised", "", 1)]
    rows = [pages.journal.open_event(row) for row in pages.journal.stream(f"alarm:{alarm}")]
    assert len({row.message for row in rows if isinstance(row, a.SystemTold)}) == 1


def test_what_was_misread_there_is_shown_at_the_desk_as_not_taken(
    pages: Pages, system: DispatchSystem, psap: Server
) -> None:
    told = Told(pages, over_sip(psap, system, to="urn:service:counseling"))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    assert told.noted(alarm) == [("raised", "refused-404", 1)]
    assert "does not take the alarm" in text_of(pages.client(pages.user()).get(f"/desk/alarms/{alarm}"))


def test_an_administrator_tries_it_with_a_test_that_is_one_on_the_wire(
    pages: Pages, system: DispatchSystem, psap: Server
) -> None:
    number = do_try(over_sip(psap, system), Signs(pages.installation.config, pages.clock), pages.clock)
    until(lambda: psap.came, lambda: psap.said)
    (read,) = psap.came
    assert (read.identifier, read.status, read.uri) == (number, "Test", "urn:service:test.sos.police")


def test_the_page_of_administrators_says_where_it_is_called(
    pages: Pages, system: DispatchSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = system.entry("esrp") | {"kind": "sip", "url": "sip:127.0.0.1:5060;transport=tcp", "more": MORE}
    path = settings_file(tmp_path, (entry,))
    monkeypatch.setattr(settings, "EGIDE", replace(settings.EGIDE, dispatch_systems=str(path)))
    administrator = pages.client(pages.user("admin-1", role="administrator", centre=""))
    assert "is called at 127.0.0.1:5060" in text_of(administrator.get("/systems/"))


def test_what_is_wrong_with_it_is_named_with_the_rest_of_its_file(
    pages: Pages, system: DispatchSystem, tmp_path: Path
) -> None:
    entry = system.entry("psap") | {
        "kind": "sip",
        "url": "sip:psap.example",
        "more": MORE | {"colour": "blue"},
    }
    right = entry | {"url": "sip:127.0.0.1", "more": MORE, "fields": [ID]}
    for given, expected in ((entry, ["unknown field `colour`"]), (right, [])):
        path = settings_file(tmp_path, (given,))
        found = problems(replace(pages.installation.config, dispatch_systems=str(path)))
        assert [word in one for word, one in zip(expected, found, strict=True)] == [True] * len(expected)
    webhook = system.entry() | {"more": MORE}
    path = settings_file(tmp_path, (webhook,))
    (sentence,) = problems(replace(pages.installation.config, dispatch_systems=str(path)))
    assert "more is set" in sentence


def test_a_fault_in_the_file_of_lost_is_a_fault_of_the_connectors(pages: Pages, tmp_path: Path) -> None:
    config = replace(pages.installation.config, lost=str(lost_file(tmp_path, {})))
    assert [(name, "nobody would be found" in text) for name, text in problems_of(config)] == [
        ("ng112", True)
    ]
