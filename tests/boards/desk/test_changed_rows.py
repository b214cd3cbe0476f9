"""Rows that changed go to the readers at a board: each sees what fetching the list would show, and nothing else."""

import re
from collections.abc import Iterator

import msgspec
import pytest

from egide.access.models import User
from egide.access.scope import live_ticket, scope_of
from egide.alarm.events import AlarmAcknowledged, AlarmClosed, Origin, ShownOnBoard, SupervisorAsked
from egide.alarm.events.steps import UNROUTED_S
from egide.boards.desk.painting import painter
from egide.casework.models import BarredReader
from egide.common import ticket as tickets
from egide.common.files import secret_file
from egide.entrypoints.processes.web import paint
from egide.entrypoints.serving.painted import BoardReader, ChangedAlarms, Painted
from egide.entrypoints.streams.rows import _reader
from tests.support.pages import GENT, MONS, Pages, near

pytestmark = pytest.mark.usefixtures("with_files")


@pytest.fixture
def people(pages: Pages) -> list[User]:
    """Operators and supervisors of two centres, one whom the file of Mons bars, and somebody without a desk."""
    barred = pages.user("cousin")
    BarredReader.objects.create(case_id=pages.files[MONS].case.id, mark="user:cousin")
    return [
        barred,
        pages.user("op-1"),
        pages.user("op-2"),
        pages.user("op-3", centre="OVL"),
        pages.user("chief", "supervisor"),
        pages.user("chief-there", "supervisor", centre="OVL"),
        pages.user("officer", "zone-officer", zone="5324"),
    ]


def reader_of(pages: Pages, user: User, language: str) -> BoardReader:
    """As the live stream knows them: by their ticket."""
    key = secret_file(pages.config.data_dir / "live.key", 32)
    ticket = tickets.check(live_ticket(scope_of(user), pages.clock), key, pages.clock.now_us() // 1_000_000)
    return _reader(ticket, language)


def in_languages(people: list[User]) -> list[tuple[User, str]]:
    """All in French, and one of them in Dutch too."""
    return [*((user, "fr") for user in people), (people[1], "nl")]


def pushed(pages: Pages, alarms: list[str], people: list[User]) -> dict[tuple[str, str, str], str]:
    """Each row by reader, language and alarm; "" for an alarm that is closed."""
    who = in_languages(people)
    packed = msgspec.msgpack.encode(paint(ChangedAlarms(alarms, [reader_of(pages, *one) for one in who])))
    answer = msgspec.msgpack.decode(packed, type=Painted)
    assert answer.head == pages.journal.head()
    seen = {}
    for row in answer.rows:
        for number in row.readers:
            user, language = who[number]
            assert (user.name, language, row.alarm) not in seen, "one row for each"
            seen[user.name, language, row.alarm] = row.html.strip()
    return seen


def fetched(pages: Pages, people: list[User]) -> dict[tuple[str, str, str], str]:
    """The same rows out of the lists of those who have one."""
    seen = {}
    for user, language in in_languages(people):
        page = pages.client(user, language).get("/desk/board").content.decode()
        for row in re.findall(r"<li id=\"row-.*?</li>", page, re.DOTALL):
            alarm = re.search(r'data-alarm="([^"]+)"', row)
            assert alarm is not None
            seen[user.name, language, alarm[1]] = row.strip()
    return seen


def moments(pages: Pages) -> Iterator[list[str]]:
    """Two alarms as they go on: before a route, taken, late, handed over; what changed each time."""
    first = pages.installation.open_alarm(pages.phone(MONS), origin=Origin("5324", "5324", "HAI"))
    yield [first]
    pages.clock.advance_s(UNROUTED_S)
    yield [first]
    pages.installation.route(first, centre="HAI")
    second = pages.alarm(pages.phone(GENT), near(pages.files[GENT]), centre="OVL")
    yield [first, second]
    pages.installation.act(first, ShownOnBoard(user="op-1", centre="HAI"))
    pages.installation.act(first, AlarmAcknowledged(user="op-1"))
    yield [first]
    pages.clock.advance_s(90)
    pages.climb(first)
    pages.installation.act(first, SupervisorAsked(user="op-1"))
    yield [first, second]
    pages.installation.route(first, centre="OVL")
    yield [second, first]


def test_what_is_pushed_is_what_fetching_shows_to_every_reader_at_every_moment(
    pages: Pages, people: list[User]
) -> None:
    readers = set()
    for changed in moments(pages):
        seen = pushed(pages, changed, people)
        shown = {of: row for of, row in fetched(pages, people).items() if of[2] in changed}
        assert seen == shown
        readers |= {name for name, _language, _alarm in seen}
    assert readers == {"op-1", "op-2", "op-3", "chief", "chief-there"}


def test_rule_27_whoever_may_not_see_an_alarm_does_not_even_hear_that_it_closed(
    pages: Pages, people: list[User]
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.installation.act(alarm, AlarmClosed(user="op-1", outcome="arrest", reason=""))
    seen = pushed(pages, [alarm, "no-such-alarm"], people)
    assert seen == {
        (name, language, alarm): ""
        for name, language in (("op-1", "fr"), ("op-2", "fr"), ("chief", "fr"), ("op-1", "nl"))
    }


def test_a_row_is_painted_once_for_all_who_see_the_same(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.installation.act(alarm, AlarmAcknowledged(user="op-7"))
    readers = [BoardReader(f"op-{number}", ("HAI",), (), False, (), (), "fr") for number in range(50)]
    painter(pages.journal.keys)._painted.clear()
    rows = paint(ChangedAlarms([alarm], readers)).rows
    assert sorted((len(row.readers), 'data-mine="yes"' in row.html) for row in rows) == [
        (1, True),
        (49, False),
    ]
    assert paint(ChangedAlarms([alarm], readers)).rows == rows
    assert len(painter(pages.journal.keys)._painted) == 2


def test_rows_fetched_alone_are_those_of_the_list_and_only_those_asked_for(
    pages: Pages, people: list[User]
) -> None:
    alarm, other = (pages.alarm(pages.phone(MONS), near(pages.files[MONS])) for _ in range(2))
    for user in people[:-1]:
        client = pages.client(user)
        listed = re.findall(r'<li id="row-([^"]+)"', client.get("/desk/board").content.decode())
        alone = client.get("/desk/board/rows", {"alarm": [alarm, "no-such-alarm"]}).content.decode()
        assert re.findall(r'<li id="row-([^"]+)"', alone) == [one for one in listed if one != other]
    assert pages.client(people[-1]).get("/desk/board/rows", {"alarm": alarm}).status_code == 404
