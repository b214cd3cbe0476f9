"""A test is an alarm nowhere: not in the tables of the journal, not in routing, on no board, in no figure."""

import asyncio

import pytest

from egide.evaluation.measures.answering import answers
from egide.evaluation.records.build import build
from egide.evaluation.records.period import Period
from egide.evaluation.records.shapes import COUNTRY, Query
from egide.fleet.supervision import troubles
from egide.journal.service import Journal
from egide.protocol.envelope import Kind, Trigger
from tests.boards.desk.reading import order_on
from tests.support.asgi import IntakeClient
from tests.support.installation import HERE, HOME_CENTRE, HOME_ZONE, MANAGING_ZONE, Phone
from tests.support.pages import MONS, Pages, text_of


async def send_tests(pages: Pages, phone: Phone) -> None:
    """Every kind of test: by the button, by the screen, and one that comes an hour late."""
    now_s = pages.clock.now_us() // 1_000_000
    async with IntakeClient(pages.installation) as intake:
        for trigger, sent_at_s in (
            (Trigger.BUTTON, now_s),
            (Trigger.SCREEN, now_s),
            (Trigger.BUTTON, now_s - 3600),
        ):
            envelope = phone.envelope(Kind.TEST, trigger=int(trigger), position=HERE, sent_at_s=sent_at_s)
            reply = await intake.send(envelope)
            assert reply.status == 201 and reply.receipt.seq > 0
            assert not reply.receipt.alarm.startswith(phone.device)


def alarm_rows(journal: Journal) -> int:
    count: int = journal.connection.execute("SELECT count(*) FROM alarm").fetchone()[0]
    return count


@pytest.mark.parametrize("with_alarm", [False, True])
def test_a_test_counts_as_an_alarm_nowhere(pages: Pages, with_alarm: bool) -> None:
    phone, other = pages.phone(MONS), pages.phone(MONS)
    if with_alarm:
        # One real alarm of somebody else, so that a figure that counts nothing at all would show.
        pages.alarm(other)
    before = alarm_rows(pages.journal)
    head = pages.journal.head()
    asyncio.run(send_tests(pages, phone))
    rows = pages.journal.read(after=head)
    assert [row.kind for row in rows] == ["TestReceived"] * 3
    assert all(row.alarm is None and row.stream.startswith("test:") for row in rows)
    assert alarm_rows(pages.journal) == before == int(with_alarm)
    assert len(pages.journal.open_alarms()) == int(with_alarm)
    assert pages.journal.unrouted() == []
    assert troubles.alarmed([phone.kit]) == frozenset()
    board = pages.client(pages.user()).get("/desk/board")
    assert len(order_on(board)) == int(with_alarm)
    assert "3 tests of the last day: no alarms" in text_of(board)
    places = sorted({(HOME_ZONE, HOME_CENTRE, "mons"), (MANAGING_ZONE, HOME_CENTRE, "mons")})
    records = build(pages.journal, pages.clock, places)
    found = answers(records, Query(Period.of_year(records.about.until.year), COUNTRY))
    assert (found["alarms"].whole.value or 0) == int(with_alarm)
