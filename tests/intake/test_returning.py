"""What comes back into the journal holds up nobody who presses meanwhile, and whose it is hears as soon as it is in."""

import gc
import itertools
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec
import psycopg
import pytest

from egide.common.clock import SystemClock
from egide.entrypoints.serving import writing
from egide.entrypoints.serving.writing import Frames, frame
from egide.intake.away import keeping, returning
from egide.intake.away.keeping import Keeper, KeepingWriter
from egide.intake.away.returning import Returning
from egide.intake.passing import Answered, Arrival
from egide.intake.writer import Outcome
from egide.journal.engines.postgres_schema import SCHEMA
from egide.journal.errors import JournalUnavailable
from egide.journal.now.kept import PURPOSE, Kept, facts
from egide.protocol.envelope import decode
from egide.protocol.receipt import Receipt
from tests.support.installation import Installation, Phone
from tests.support.postgres import JOURNAL, Server
from tests.support.waiting import until

NUMBERS = itertools.count(1)
LOCK = 7


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine of the tests is, a database that answers is there."""
    for module in (keeping, returning):
        monkeypatch.setattr(module, "PATIENCE_S", 60.0)


@pytest.fixture
def installation(tmp_path: Path, postgres: Server) -> Iterator[Installation]:
    with Installation(tmp_path, SystemClock(), address=postgres.emptied()) as made:
        yield made


def arrival(data: bytes) -> Arrival:
    envelope = decode(data)
    digest = sha256(data).digest()
    return Arrival(next(NUMBERS), envelope.kid.hex(), digest, data, envelope.message)


def keep(installation: Installation, messages: Sequence[bytes]) -> None:
    """As a life before this one left them."""
    arrivals = [arrival(data) for data in messages]
    rows = [(one.kid, one.message.counter, one.digest, one.data, False) for one in arrivals]
    Kept(installation.config, installation.keys.purpose_key(PURPOSE)).add(rows, 1)


def writer_at(installation: Installation, clock: SystemClock | None = None) -> KeepingWriter:
    return KeepingWriter(installation.config, installation.journal, clock or installation.clock)


def is_back(writer: KeepingWriter) -> bool:
    """After another look, as its process takes it between two groups."""
    writer.bring_back()
    return not writer.is_keeping


@contextmanager
def held_up(postgres: Server, phone: Phone) -> Iterator[None]:
    """Meanwhile no step ends that holds a press of this phone."""
    with postgres.asked(JOURNAL) as owner:
        owner.execute(f"SET search_path = {SCHEMA}")
        owner.execute(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN PERFORM pg_advisory_xact_lock({LOCK}); RETURN NEW; END $$"
        )
        owner.execute(
            "CREATE TRIGGER waits BEFORE INSERT ON event FOR EACH ROW"
            f" WHEN (NEW.stream LIKE 'alarm:{phone.device}-%') EXECUTE FUNCTION wait()"
        )
        owner.execute(f"SELECT pg_advisory_lock({LOCK})")
        try:
            yield
        finally:
            owner.execute(f"SELECT pg_advisory_unlock({LOCK})")
            owner.execute("DROP FUNCTION wait CASCADE")


def somebody_waits(postgres: Server) -> bool:
    """Whether a step is held up just now."""
    with postgres.asked(JOURNAL) as owner:
        row = owner.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        ).fetchone()
    return row != (0,)


def test_who_presses_while_the_journal_holds_up_what_comes_back_is_kept_at_once_and_who_is_in_is_told(
    installation: Installation, postgres: Server
) -> None:
    first, held = installation.enrol(), installation.enrol()
    sent = [first.press() for _ in range(64)]
    waiting = held.press()
    keep(installation, [*sent, waiting])
    writer = writer_at(installation)
    with held_up(postgres, held):
        until(lambda: is_back(writer) or somebody_waits(postgres), "the third group is held up")
        told = writer.handle([arrival(sent[0])])[0]
        assert told.status == 201
        receipt = msgspec.json.decode(told.body, type=Receipt)
        assert (receipt.alarm, receipt.seq > 0) == (first.alarm(1), True)
        assert [answer.status for answer in writer.handle([arrival(waiting), arrival(first.press())])] == [
            202,
            202,
        ]
        assert somebody_waits(postgres), "nobody waited for it"
    until(lambda: is_back(writer), "all is back")
    assert facts(installation.config).count == 0
    assert len(installation.kinds(f"alarm:{first.alarm(1)}")) == 65
    # The ordinary way, behind it.
    assert [answer.status for answer in writer.handle([arrival(waiting)])] == [201]


class Stepping(SystemClock):
    """So many seconds go by whenever somebody looks."""

    def __init__(self, step_s: int) -> None:
        self._steps = itertools.count(step=step_s * 1_000_000)

    def steady_us(self) -> int:
        return next(self._steps)


@pytest.mark.parametrize(("took_s", "groups"), [(0, [16, 32, 52]), (1, [16] * 6 + [4])])
def test_what_is_brought_back_slowly_comes_in_small_groups_and_who_presses_then_is_kept_on(
    took_s: int, groups: list[int], installation: Installation
) -> None:
    phone = installation.enrol()
    keep(installation, [phone.press() for _ in range(100)])
    keeper = Keeper(installation.config, installation.clock, installation.keys.purpose_key(PURPOSE))
    writer, clock, found = writer_at(installation), Stepping(took_s), list[int]()

    def store(group: Sequence[Arrival]) -> list[Outcome] | None:
        found.append(len(group))
        return writer._commit(group)

    bringing = Returning(installation.journal, clock, keeper.leaving, keeper.showing, store, writer._answered)
    if took_s:
        with pytest.raises(JournalUnavailable, match="not quickly"):
            bringing.bring()
    else:
        bringing.bring()
    assert (found, facts(installation.config).count) == (groups, 0)
    # Nobody pressed meanwhile.
    bringing.bring()
    assert bringing.is_through()


def answers_of(writer: KeepingWriter, messages: Sequence[bytes]) -> list[int]:
    """The statuses, in the order of the messages, that the loop of the writer's process gives to all at once."""
    here, there = socket.socketpair()
    arrivals = [arrival(data) for data in messages]
    here.sendall(frame(arrivals))
    here.shutdown(socket.SHUT_WR)
    incoming = writing._Incoming(there)
    try:
        writing._store_until_closed(writing._Begun(writer, writer, ()), incoming)
    finally:
        gc.unfreeze()
    there.close()
    with here:
        said = b"".join(iter(lambda: here.recv(1 << 16), b""))
    answers = [
        one for body in Frames().feed(said) for one in msgspec.msgpack.decode(body, type=list[Answered])
    ]
    statuses = {answer.number: answer.status for answer in answers}
    return [statuses[one.number] for one in arrivals]


@pytest.mark.parametrize(("slow_s", "behind"), [(-1.0, 202), (3600.0, 201)])
def test_who_waits_behind_a_group_that_took_long_is_kept(
    slow_s: float, behind: int, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SLOW_S", slow_s)
    monkeypatch.setattr(keeping, "_NOTING_S", 60.0)
    phones = [installation.enrol() for _ in range(17)]
    writer = writer_at(installation)
    # What is known of phones is of no matter here, and would be looked at for ever.
    monkeypatch.setattr(writer.copying, "start", lambda: None)
    assert answers_of(writer, [phone.press() for phone in phones]) == [201] * 16 + [behind]
    until(lambda: not writer.is_keeping or is_back(writer), "all is back")


def test_a_press_does_not_wait_behind_signs_of_life_that_cannot_be_noted(
    installation: Installation, postgres: Server
) -> None:
    phone = installation.enrol()
    writer = writer_at(installation)
    assert [one.status for one in writer.handle([arrival(phone.press())])] == [201]
    with psycopg.connect(postgres.address(JOURNAL)) as owner:
        owner.execute("LOCK TABLE egide_now.heard IN ACCESS EXCLUSIVE MODE")
        writer.note_remembered()
        assert writer.is_keeping
        assert [one.status for one in writer.handle([arrival(phone.press())])] == [202]
    until(lambda: is_back(writer), "all is back")


def test_a_file_that_cannot_be_read_any_more_does_not_stand_before_the_journal(
    installation: Installation,
) -> None:
    phone = installation.enrol()
    keep(installation, [phone.press()])
    writer = writer_at(installation)
    writer._kept._connection.execute("DROP TABLE kept")
    until(lambda: is_back(writer), "the journal is written again")
    assert [one.status for one in writer.handle([arrival(phone.press())])] == [201]


def test_what_is_wrong_with_the_program_itself_ends_the_writer_and_is_not_tried_for_ever(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fault(Exception):
        pass

    def fail(*_args: object) -> None:
        raise Fault

    keep(installation, [installation.enrol().press()])
    writer = writer_at(installation)
    monkeypatch.setattr(writer._returning, "_settle", fail)
    with pytest.raises(Fault):
        until(lambda: is_back(writer), "it is tried")
