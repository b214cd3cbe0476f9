"""Teams that carry TAK see the alarm on their map, and nobody else on that server does."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest

from egide.alarm.events.elsewhere import number_for
from egide.connectors.dispatch.facts import CLOSED, RAISED, TEST, Facts, Refused
from egide.connectors.dispatch.receivers import FIELDS, ID, Receiver, problems
from egide.connectors.tak import cot, road
from tests.boards.test_cad import move
from tests.support.certificates import Authority
from tests.support.dispatch_system import DispatchSystem, settings_file
from tests.support.pages import MONS, Pages, near
from tests.support.tak.server import TakServer, device, tak_server
from tests.support.telling import Clock, Told, close
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("with_files")

ALARM, AT_US = "0123456789abcdef-1", 1_798_700_000_000_000
PONG = b"<event version='2.0' uid='takPong' type='t-x-c-t-r'><point lat='0' lon='0'/></event>"
CIRCLE = (50.4542, 3.9523, 20, AT_US - 3_000_000)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TakServer]:
    authority = Authority(tmp_path)
    with tak_server(tmp_path / "tak", authority) as running:
        yield running


def shown_on(server: TakServer, system: DispatchSystem, **more: str) -> Receiver:
    beside = server.more("M 12", **more)
    return Receiver("tak", str(system.secret_file), ("HAI",), server.url, kind="tak", more=beside)


def test_the_team_that_is_named_sees_it_move_and_end_and_nobody_else_on_the_server_does(
    pages: Pages, system: DispatchSystem, server: TakServer
) -> None:
    told = Told(pages, shown_on(server, system))
    with device(server, "M 12") as team, device(server, "M 14") as other:
        alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
        told.turn()
        pages.clock.advance_s(5)
        move(pages, alarm, north_m=300)
        told.turn()
        pages.clock.advance_s(5)
        close(pages, alarm)
        told.turn()
        until(lambda: len(team.came) == 3, lambda: team.types)
        # One that comes later is shown nothing of before.
        with device(server, "M 12") as late:
            assert late.types == []
        assert other.types == []
    raised, moved, closed = team.came
    assert team.types == [cot.ALARM, cot.ALARM, cot.OVER]
    assert len({one.get("uid") for one in team.came}) == 1 and alarm not in str(raised.attrib)
    first, second = (one.find("point") for one in (raised, moved))
    assert first is not None and second is not None
    assert first.get("ce") == "20.0" and first.get("lat") != second.get("lat")
    emergency = closed.find("detail/emergency")
    assert emergency is not None and emergency.get("cancel") == "true"
    said = raised.findtext("detail/remarks") or ""
    assert "Alarme silencieuse" in said and "arme" in said and "/desk/from/" in said
    assert told.noted(alarm) == [("raised", "", 1), ("closed", "", 1)]


def test_a_server_that_is_away_or_not_the_right_one_took_nothing(
    pages: Pages, system: DispatchSystem, server: TakServer, tmp_path: Path
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    stranger = Authority(tmp_path / "stranger") if (tmp_path / "stranger").mkdir() is None else None
    assert stranger is not None
    wrong = Told(pages, shown_on(server, system, authorities=str(stranger.pem)))
    wrong.turn()
    assert wrong.noted(alarm) == [("raised", "unreachable", 1)]
    right = Told(pages, shown_on(server, system))
    right.turn()
    assert right.noted(alarm)[-1] == ("raised", "", 1)


def test_without_a_position_there_is_nothing_to_show_and_the_first_one_is_shown_at_once(
    pages: Pages, system: DispatchSystem, server: TakServer
) -> None:
    told = Told(pages, shown_on(server, system))
    with device(server, "M 12") as team:
        alarm = pages.alarm(pages.phone(MONS), None)
        for pause_s in (0, 1, 2, 5, 10):
            told.turn(pause_s)
        assert told.noted(alarm) == [("raised", "no-position", 1)]
        # The next try without news would be half a minute later.
        pages.clock.advance_s(5)
        move(pages, alarm)
        told.turn()
        until(lambda: team.types == [cot.ALARM], lambda: team.types)
    assert told.noted(alarm) == [("raised", "no-position", 1), ("raised", "", 6)]
    assert told.teller.failing == 0


@contextmanager
def answering(said: bytes, is_held: bool = False) -> Iterator[str]:
    """A server that says this to whoever comes, and no more."""
    listener, stopped = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        connection, _address = listener.accept()
        with connection:
            with suppress(OSError):
                # Who was told enough has left.
                connection.sendall(said)
            if is_held:
                stopped.wait(30)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stopped.set()
        thread.join()
        listener.close()


@pytest.mark.parametrize(
    ("said", "is_held", "why"),
    [
        (b"", False, "unreachable"),
        (b"", True, "timeout"),
        (b"<event type='t-x-c-t'/>" * 9, True, "timeout"),
        (PONG, True, "timeout"),
        (
            b"<event type='b-t-f'><remarks>type='t-x-c-t-r' \"t-x-c-t-r\"</remarks></event>" * 9,
            True,
            "timeout",
        ),
        (PONG * 9, True, "strange-answer"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False, "unreachable"),
        (b"<event/>" * (road.MOST_BYTES // 4), True, "timeout"),
    ],
    ids=["away", "silent", "no answer", "one answer", "in a text", "somebody else", "web", "endless"],
)
def test_what_does_not_answer_the_question_took_nothing(said: bytes, is_held: bool, why: str) -> None:
    with answering(said, is_held) as url:
        one = Receiver("tak", "-", ("HAI",), url, kind="tak", more={"call_signs": "M 12"})
        with pytest.raises(Refused) as refused:
            road.send(Facts(RAISED, ALARM, AT_US, AT_US, CIRCLE), one, Clock(), deadline_s=0.5)
    assert refused.value.why == why


def test_what_a_device_is_told_is_what_the_list_says_and_a_test_is_no_emergency() -> None:
    facts = Facts(RAISED, ALARM, AT_US, AT_US, CIRCLE, weapon=True, link="https://desk.example/desk/from/1")

    def event(kind: str = RAISED, fields: tuple[str, ...] = FIELDS, language: str = "en") -> xml.Element:
        circle = CIRCLE if kind == RAISED else None
        one = Receiver("tak", "-", ("HAI",), "tls://tak.example:8089", fields, "tak")
        told = Facts(kind, ALARM, AT_US, AT_US, circle, weapon=True, link=facts.link)
        return xml.fromstring(cot.written(told, one, ["M 12", "M 14"], language, AT_US))

    whole = event()
    assert [one.get("callsign") for one in whole.findall("detail/marti/dest")] == ["M 12", "M 14"]
    assert "names a weapon" in (whole.findtext("detail/remarks") or "")
    bare = event(fields=(ID, "circle"))
    assert "weapon" not in xml.tostring(bare).decode() and "https" not in xml.tostring(bare).decode()
    trial = event(TEST)
    assert not str(trial.get("type")).startswith("b-a-o") and trial.find("detail/emergency") is None
    point = event(CLOSED).find("point")
    assert point is not None and point.get("ce") == cot.UNKNOWN
    texts = {event(language=language).findtext("detail/remarks") for language in ("fr", "nl", "de", "en")}
    assert len(texts) == 4
    assert str(whole.get("stale")) > str(whole.get("time"))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"url": "https://tak.example"}, "tls://host"),
        ({"url": "tcp://tak.example:8087"}, "on this machine alone"),
        ({"fields": ["id"]}, "circle"),
        ({"more": {"call_signs": " , "}}, "names no device"),
        ({"more": {"call_signs": "M<12"}}, "no call sign has"),
        ({"more": {}}, "call_signs"),
        ({"more": {"call_signs": "M 12", "language": "it"}}, "language"),
        ({"more": {"call_signs": "M 12", "password": "x"}}, "more cannot be used"),
        ({"more": {"call_signs": "M 12", "authorities": "/none.pem"}}, "cannot be used"),
    ],
)
def test_a_wrong_entry_is_named(
    pages: Pages, system: DispatchSystem, tmp_path: Path, change: dict[str, object], what: str
) -> None:
    entry = (
        system.entry() | {"kind": "tak", "url": "tls://tak.example", "more": {"call_signs": "M 12"}} | change
    )
    config = replace(pages.installation.config, dispatch_systems=str(settings_file(tmp_path, (entry,))))
    (sentence,) = problems(config)
    assert what in sentence


def test_the_page_shows_what_is_sent() -> None:
    page = (Path(__file__).parents[2] / "docs" / "connectors" / "tak.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```xml\n(.*?)\n```", page, re.DOTALL)
    one = Receiver("tak", "-", ("HAI",), "tls://tak.example:8089", kind="tak")
    link = f"https://desk.egide.example/desk/from/{number_for('tak', ALARM)}"
    facts = Facts(RAISED, ALARM, AT_US, AT_US, CIRCLE, weapon=True, link=link)
    assert cot.written(facts, one, ["M 12", "M 14"], "en", AT_US).decode() == shown
