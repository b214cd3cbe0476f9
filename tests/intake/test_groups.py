"""What waits is committed as one group: a bad row never fails its neighbours, a full disk acknowledges nothing."""

import asyncio
import fcntl
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from egide.protocol.envelope import Kind
from tests.intake.test_refusals import forged
from tests.support.asgi import IntakeClient, Reply
from tests.support.faults import fault_at
from tests.support.installation import HERE, Installation


@pytest.fixture
def installation(tmp_path: Path, journal_at: str) -> Iterator[Installation]:
    """The same on both engines."""
    with Installation(tmp_path, address=journal_at) as made:
        yield made


@contextmanager
def journal_busy(installation: Installation) -> Iterator[None]:
    """As if another process were appending all the time."""
    if address := installation.config.journal:
        with psycopg.connect(address) as another:
            another.execute("SELECT seq FROM egide_journal.last_seq FOR UPDATE")
            yield
    else:
        with installation.config.journal_db.with_suffix(".lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


async def sent_together(
    installation: Installation, intake: IntakeClient, envelopes: list[bytes]
) -> list[Reply]:
    """The replies to messages that all wait while the journal is busy, so that they are committed together."""
    with journal_busy(installation):
        tasks = [asyncio.create_task(intake.send(data)) for data in envelopes]
        # Nothing may be answered while nothing can be durable: time enough for anyone who would not wait.
        done, _ = await asyncio.wait(tasks, timeout=0.1)
        answered = {task.result().status for task in done}
    assert answered <= {400, 401}
    return list(await asyncio.gather(*tasks))


async def test_a_bad_row_never_fails_its_neighbours(installation: Installation, intake: IntakeClient) -> None:
    phone, other = installation.enrol(), installation.enrol()
    first = phone.press()
    await intake.send(first)
    replies = await sent_together(
        installation,
        intake,
        [
            other.press(),
            first,
            phone.envelope(Kind.TEXT, counter=1, body=b"conflict"),
            forged(phone),
            b"\x00",
            phone.press(counter=1, position=None),
            phone.envelope(Kind.POSITION, position=HERE, press=1),
            phone.press(),
        ],
    )
    assert [reply.status for reply in replies] == [201, 201, 409, 401, 400, 201, 201, 201]
    assert installation.kinds(f"alarm:{phone.alarm(1)}") == [
        "PressReceived",
        "PressConflicted",
        "PositionReceived",
        "PressedAgain",
    ]
    assert installation.kinds(f"alarm:{other.alarm(1)}") == ["PressReceived"]


async def test_a_row_that_the_journal_refuses_takes_nobody_with_it(
    installation: Installation, intake: IntakeClient
) -> None:
    phones = [installation.enrol() for _ in range(6)]
    with fault_at(installation, "alarm", "alarm", f"{phones[3].device}-1"):
        replies = await sent_together(installation, intake, [phone.press() for phone in phones])
    assert [reply.status for reply in replies] == [201, 201, 201, 503, 201, 201]
    assert replies[3].headers["retry-after"] == "1"
    assert len(installation.journal.open_alarms()) == 5
    assert (await intake.send(phones[3].press(counter=1))).status == 201


async def test_messages_that_race_for_one_alarm_are_all_kept(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    envelopes = [phone.press()]
    envelopes += [phone.envelope(Kind.POSITION, position=HERE, press=1) for _ in range(40)]
    envelopes += [phone.press() for _ in range(40)]
    replies = await sent_together(installation, intake, envelopes[::-1])
    assert {reply.status for reply in replies} == {201}
    assert len({reply.receipt.seq for reply in replies}) == len(envelopes)
    open_alarms = installation.journal.open_alarms()
    states = [installation.journal.alarm(alarm) for alarm in open_alarms]
    assert sum(state.press.presses for state in states if state is not None) == 41


@pytest.fixture
async def nearly_full(tmp_path: Path) -> AsyncIterator[tuple[Installation, IntakeClient]]:
    """Intake with a quota that a few messages fill."""
    with Installation(tmp_path) as roomy:
        pages = roomy.journal.connection.execute("PRAGMA page_count").fetchone()[0]
    with Installation(tmp_path, max_pages=pages + 12) as installation:
        async with IntakeClient(installation) as intake:
            yield installation, intake


async def test_a_full_disk_gets_507_and_nothing_is_acknowledged(
    nearly_full: tuple[Installation, IntakeClient],
) -> None:
    installation, intake = nearly_full
    phone = installation.enrol()
    await intake.send(phone.press())
    pieces = [phone.envelope(Kind.TEXT, press=1, body=bytes(4000)) for _ in range(27)]
    replies = [await intake.send(data) for data in pieces]
    refused = [reply for reply in replies if reply.status != 201]
    assert 0 < len(refused) < len(replies)
    assert {(r.status, r.reason, r.headers["retry-after"]) for r in refused} == {(507, "journal-full", "1")}
    assert len(installation.journal.stream(f"alarm:{phone.alarm(1)}")) == 1 + len(replies) - len(refused)
    assert 'status="507",reason="journal-full"' in await intake.metrics()


async def test_what_was_refused_on_a_full_disk_is_taken_when_there_is_room_again(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        phones = [installation.enrol() for _ in range(20)]
        pages = installation.journal.connection.execute("PRAGMA page_count").fetchone()[0]
    envelopes = [phone.press() for phone in phones]
    with Installation(tmp_path, max_pages=pages) as installation:
        async with IntakeClient(installation) as intake:
            replies = await asyncio.gather(*(intake.send(data) for data in envelopes))
            statuses = {reply.status for reply in replies}
            assert statuses <= {201, 507} and 507 in statuses
            kept = {reply.receipt.seq for reply in replies if reply.status == 201}
            assert len(installation.journal.open_alarms()) == len(kept)
    with Installation(tmp_path) as installation:
        async with IntakeClient(installation) as intake:
            again = await asyncio.gather(*(intake.send(data) for data in envelopes))
        assert {reply.status for reply in again} == {201}
        assert len(installation.journal.open_alarms()) == len(phones)
        assert len({row.seq for row in installation.journal.read()}) == installation.journal.head()


async def test_a_forged_message_on_a_full_disk_is_still_refused_as_forged(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        phone = installation.enrol()
        pages = installation.journal.connection.execute("PRAGMA page_count").fetchone()[0]
    with Installation(tmp_path, max_pages=pages) as installation:
        async with IntakeClient(installation) as intake:
            while (await intake.send(phone.envelope(Kind.NOTICE, body=bytes(2000)))).status != 507:
                pass
            assert (await intake.send(forged(phone))).status == 401


async def test_a_key_that_cannot_be_unwrapped_refuses_its_own_phone_and_nobody_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Installation(tmp_path) as installation:
        phones = [installation.enrol() for _ in range(3)]
    with sqlite3.connect(tmp_path / "keys.db") as keys:
        keys.execute("UPDATE case_key SET wrapped = zeroblob(60) WHERE case_id = ?", (phones[1].case,))
    with Installation(tmp_path) as installation:
        async with IntakeClient(installation) as intake:
            replies = await asyncio.gather(*(intake.send(phone.press()) for phone in phones))
    assert [reply.status for reply in replies] == [201, 503, 201]
    assert replies[1].reason == "journal-unavailable"
    assert "could not be" in caplog.text


async def test_a_forged_message_is_refused_even_when_the_technical_lane_cannot_be_written(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    with fault_at(installation, "event", "kind", "VerificationFailed"):
        assert (await intake.send(forged(phone))).status == 401
        assert (await intake.send(phone.press())).status == 201
