"""A monitoring station is told of an alarm over SIA DC-09, and asked whether it is there; the station is pysiaalarm."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pysiaalarm import SIAEvent
from siadc09.message import parse_frame

from egide.alarm.events.elsewhere import number_for
from egide.connectors.dc09 import station
from egide.connectors.dispatch.facts import MOVED, RAISED, TEST, Facts, Refused
from egide.connectors.dispatch.receivers import FIELDS, ID, Receiver, problems
from egide.entrypoints.worker.telling import POLLED_AGAIN_US, Polling
from egide.protocol.dc09 import frames as dc09
from tests.boards.test_cad import move
from tests.support.dc09 import ACCOUNT, KEY, Station, monitoring_station
from tests.support.dispatch_system import DispatchSystem, settings_file
from tests.support.pages import MONS, Pages, near
from tests.support.telling import Clock, Told, close

ALARM, AT_US = "0123456789abcdef-1", 1_798_700_000_000_000
CIRCLE = (50.4542, 3.9523, 20, AT_US - 3_000_000)
LINK = "https://desk.egide.example/desk/from/1"


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Station]:
    with monitoring_station(tmp_path) as running:
        yield running


def fields_of(event: SIAEvent) -> dict[str, str]:
    return {one.identifier: str(one.value) for one in event.extended_data or ()}


def test_a_station_hears_where_once_and_that_it_is_over_and_not_who(
    pages: Pages, system: DispatchSystem, watching: Station
) -> None:
    told = Told(pages, watching.receiver(system))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    watching.took(1)
    move(pages, alarm, north_m=300)
    told.turn(after_s=5)
    close(pages, alarm)
    told.turn(after_s=5)
    raised, closed = watching.took(2)
    assert (raised.code, closed.code) == ("HA", "HH") and raised.encrypted and closed.encrypted
    # The same zone: the station's own screen puts the end to its alarm.
    assert raised.message == closed.message
    said = fields_of(raised)
    assert said["Y"].startswith("50N") and said["X"].startswith("003E") and said["V"].startswith("http")
    assert alarm not in str(raised) + str(said) and fields_of(closed).keys() == {"I"}
    assert told.noted(alarm) == [("raised", "", 1), ("closed", "", 1)]


def test_a_test_is_no_alarm_and_a_poll_says_only_that_it_is_there(
    system: DispatchSystem, watching: Station
) -> None:
    one = watching.receiver(system)
    station.send(Facts(TEST, "", AT_US, AT_US), one, Clock())
    watching.took(1)
    station.poll(one, Clock())
    took = watching.took(2)
    assert [event.code for event in took] == ["RP", "RP"]
    assert [str(event.message_type) for event in took] == [
        "MessageTypes.SIADCS",
        "MessageTypes.NULL",
    ]


def test_a_station_that_is_away_or_has_another_key_took_nothing(
    pages: Pages, system: DispatchSystem, tmp_path: Path
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    with monitoring_station(tmp_path) as first:
        one = first.receiver(system)
    told = Told(pages, one)
    told.turn()
    assert told.noted(alarm) == [("raised", "unreachable", 1)]
    with pytest.raises(Refused):
        station.poll(one, Clock())
    with monitoring_station(tmp_path, key="B" * 16) as other:
        stranger = Told(pages, replace_url(one, other.url))
        stranger.turn()
    assert not other.came and told.noted(alarm)[0][1]


def replace_url(one: Receiver, url: str) -> Receiver:
    return Receiver(one.name, one.secret_file, one.centres, url, one.fields, one.kind, one.more)


@contextmanager
def answering(said: bytes, is_held: bool = False) -> Iterator[str]:
    """A station that says this to whoever comes, and no more."""
    listener, stopped = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        connection, _address = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(said)
            if is_held:
                stopped.wait(30)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"dc09://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stopped.set()
        thread.join()
        listener.close()


def answer_of(token: str, sequence: int, key: bytes = b"", at_s: int = 0) -> bytes:
    content = dc09.Content("", (), at_s or Clock().now_us() // 1_000_000)
    return dc09.written(token, sequence, ACCOUNT, content, key)


NUMBER = 1 + int(Facts(RAISED, ALARM, AT_US, AT_US).number("arc")[:8], 16) % 9999


@pytest.mark.parametrize(
    ("said", "is_held", "why"),
    [
        (b"", False, "unreachable"),
        (b"", True, "timeout"),
        (b"x" * 5000, True, "timeout"),
        (b"HTTP/1.1 400\r", False, "bad-frame"),
        (dc09.refused(AT_US // 1_000_000), False, "nak"),
        (answer_of("DUH", NUMBER), False, "duh"),
        # Only who has the key can say that it is taken, and of this frame, now.
        (answer_of("ACK", NUMBER), False, "not-encrypted"),
        (answer_of("ACK", NUMBER, b"B" * 16), False, "wrong-key"),
        (answer_of("ACK", NUMBER % 9999 + 1, KEY), False, "other-number"),
        (answer_of("ACK", NUMBER, KEY, at_s=1_700_000_000), False, "old-answer"),
    ],
    ids=["away", "silent", "endless", "web", "nak", "duh", "clear", "key", "number", "old"],
)
def test_what_is_no_acknowledgement_under_the_key_took_nothing(
    system: DispatchSystem, tmp_path: Path, said: bytes, is_held: bool, why: str
) -> None:
    with monitoring_station(tmp_path) as running, answering(said, is_held) as url:
        one = replace_url(running.receiver(system), url)
        with pytest.raises(Refused) as refused:
            station.send(Facts(RAISED, ALARM, AT_US, AT_US, CIRCLE), one, Clock(), deadline_s=0.5)
    assert refused.value.why == why


def test_the_same_news_has_the_same_number_and_the_list_says_what_stands_in_it(
    system: DispatchSystem, tmp_path: Path
) -> None:
    with monitoring_station(tmp_path, key="") as running:
        facts = Facts(RAISED, ALARM, AT_US, AT_US, CIRCLE, weapon=True, link=LINK)
        bare = running.receiver(system, fields=(ID,))
        for number, one in enumerate((running.receiver(system), running.receiver(system), bare), start=1):
            station.send(facts, one, Clock())
            running.took(number)
        station.send(Facts(MOVED, ALARM, AT_US + 5, AT_US, CIRCLE), bare, Clock())
        first, second, less = running.took(3)
    assert first.sequence == second.sequence == less.sequence == f"{NUMBER:04d}"
    assert "arme" in fields_of(first)["I"] and fields_of(first)["V"] == LINK
    assert fields_of(less).keys() == {"I"} and "arme." not in fields_of(less)["I"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"url": "https://arc.example"}, "dc09://host:port"),
        ({"url": "dc09://arc.example"}, "dc09://host:port"),
        ({"more": {"account": "1234"}}, "key_file is missing"),
        ({"more": {"account": "12", "key_file": "/none"}}, "account is '12'"),
        ({"more": {"account": "1234", "key_file": "/none"}}, "key_file cannot be used"),
        ({"more": {}}, "more cannot be used"),
        ({"url": "dc09://127.0.0.1:9", "more": {"account": "1234", "poll_s": "1"}}, "poll_s is '1'"),
        ({"url": "dc09://127.0.0.1:9", "more": {"account": "1234", "language": "it"}}, "language is 'it'"),
    ],
)
def test_a_wrong_entry_is_named(
    pages: Pages, system: DispatchSystem, tmp_path: Path, change: dict[str, object], what: str
) -> None:
    entry = system.entry() | {"kind": "dc09", "url": "dc09://arc.example:7001"} | change
    config = replace(pages.installation.config, dispatch_systems=str(settings_file(tmp_path, (entry,))))
    assert what in " ".join(problems(config))


def test_a_second_decoder_reads_the_same(system: DispatchSystem, tmp_path: Path) -> None:
    fields = ("X003E57.138", "Y50N27.252", "IEgide 694154")
    for key in (b"", KEY, b"C" * 24, b"D" * 32):
        frame = dc09.written(
            dc09.SIA, 7, ACCOUNT, dc09.Content(f"#{ACCOUNT}|Nri1/HA047", fields, 1_798_700_000), key
        )
        read = parse_frame(frame, key or None)
        assert (read.idtoken, read.seq, read.encrypted) == ("SIA-DCS", 7, bool(key))
        assert "Holdup Alarm" in str(read) and "Latitude: 50N27.252" in str(read)


def test_the_page_shows_what_is_sent() -> None:
    page = (Path(__file__).parents[2] / "docs" / "connectors" / "dc09.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```dc09\n(.*?)\n```", page, re.DOTALL)
    more = {"account": ACCOUNT, "language": "en"}
    one = Receiver("arc", "-", ("HAI",), "dc09://127.0.0.1:7001", FIELDS, "dc09", more)
    link = f"https://desk.egide.example/desk/from/{number_for('arc', ALARM)}"
    facts = Facts(RAISED, ALARM, AT_US, AT_US, CIRCLE, weapon=True, link=link)
    assert station.framed(facts, one, AT_US // 1_000_000).decode("ascii").strip() == shown


def test_a_dead_station_is_missed_without_an_alarm_and_found_again(
    system: DispatchSystem, tmp_path: Path
) -> None:
    clock = Clock()
    with monitoring_station(tmp_path) as first:
        one = first.receiver(system, poll_s="60")
        polling = Polling(one, clock)
        assert not polling.is_away() and not polling.is_away()
        first.took(1)
    clock.pause_us += 60_000_000
    assert polling.is_away()
    with monitoring_station(tmp_path, port=urlsplit(one.url).port or 0) as again:
        assert polling.is_away() and not again.came
        clock.pause_us += POLLED_AGAIN_US
        assert not polling.is_away() and again.took(1)
