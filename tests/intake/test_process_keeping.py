"""Intake while its PostgreSQL is stopped: presses are kept, and come into the journal once and in order."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import msgspec
import pytest
import requests

from egide.alarm.events import FromPhone
from egide.common.clock import SystemClock
from egide.common.files import secret_file
from egide.entrypoints.doctor import database as doctor
from egide.entrypoints.doctor.finding import OK, WRONG
from egide.intake.away.keeping import KeepingWriter
from egide.journal.engines.postgres_schema import SCHEMA
from egide.journal.now.kept import PURPOSE, Kept, facts, file_of
from egide.journal.now.known import PublicKeys
from egide.protocol.envelope import Kind
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Receipt, receipt_is_valid
from tests.intake.test_process import Running
from tests.support.asgi import COSE
from tests.support.contract import INTAKE
from tests.support.installation import HERE, Installation, Phone
from tests.support.postgres import JOURNAL, Server
from tests.support.waiting import WITHIN_S, until


@contextmanager
def away(postgres: Server) -> Iterator[None]:
    """Meanwhile there is no primary."""
    postgres.stop(signal.SIGQUIT)
    try:
        yield
    finally:
        postgres.start()


def receipt_of(running: Running, data: bytes, status: int) -> Receipt:
    """What the server signed for these bytes."""
    response = requests.post(running.url, data=data, headers={"Content-Type": COSE}, timeout=WITHIN_S)
    assert response.status_code == status, response.text
    headers = {name.lower(): value for name, value in response.headers.items()}
    INTAKE.check_answer("POST", "/v1/messages", status, headers, response.content)
    receipt = msgspec.json.decode(response.content, type=Receipt)
    key = SigningKey(secret_file(running.installation.config.data_dir / "receipt.key", 32))
    assert receipt_is_valid(receipt, data, bytes(key.verify_key))
    return receipt


def known(running: Running) -> Phone:
    """A phone that intake has heard."""
    phone = running.installation.enrol()
    running.deliver(phone.envelope(Kind.HEARTBEAT))
    return phone


def events_of(running: Running, phone: Phone) -> list[FromPhone]:
    """What the alarms of this phone hold from it, in the journal's order."""
    journal = running.installation.journal
    rows = [row for row in journal.every() if row.stream.startswith(f"alarm:{phone.device}-")]
    events = [journal.open_event(row) for row in rows]
    return [event for event in events if isinstance(event, FromPhone)]


def until_brought_back(running: Running) -> None:
    until(lambda: facts(running.installation.config).count == 0, "all of it is in the journal")


def test_a_press_is_kept_said_so_and_stands_in_the_journal_once_when_it_is_back(
    running: Running, postgres: Server
) -> None:
    phone = known(running)
    with away(postgres):
        press = phone.press()
        first = receipt_of(running, press, 202)
        assert (first.state, first.seq, first.alarm, first.pending) == ("kept", 0, "", ())
        assert first.next_counter == phone.counter + 1
        assert receipt_of(running, press, 202) == first
        assert facts(running.installation.config).count == 1
        metrics = requests.get(running.url.replace("messages", "metrics"), timeout=WITHIN_S).text
        assert "\negide_intake_kept 1\n" in metrics
        held = b"".join(
            path.read_bytes() for path in file_of(running.installation.config).parent.glob("kept.db*")
        )
        assert press not in held and press[16:80] not in held
    until_brought_back(running)
    (found,) = doctor.kept(running.installation.config, running.installation.clock)
    assert found.grade == OK
    assert [event.envelope for event in events_of(running, phone)] == [press]
    assert "kept" in events_of(running, phone)[0].flags
    later = receipt_of(running, press, 201)
    assert later.alarm == phone.alarm() and later.seq > 0
    # Keeping ends a moment after the file is empty.
    until(lambda: running.send(phone.press()) == 201, "the journal takes presses again")


@pytest.mark.parametrize("how", [Server.hanging, Server.without_standby])
def test_a_press_is_kept_while_the_database_hangs_and_breaks_nothing_off(
    running: Running, postgres: Server, how: Callable[[Server], AbstractContextManager[None]]
) -> None:
    phone, other = known(running), running.installation.enrol()
    copied = PublicKeys(running.installation.config)
    until(lambda: copied.find(other.device) is not None, "this machine has a copy of what is known of both")
    with how(postgres):
        press, alarm, later = phone.press(), phone.alarm(), phone.press()
        assert receipt_of(running, press, 202).state == receipt_of(running, later, 202).state == "kept"
        # Whose key intake has not needed yet: it is looked up.
        assert running.send(other.press()) == 202
    until_brought_back(running)
    assert [event.envelope for event in events_of(running, phone)] == [press, later]
    assert len(events_of(running, other)) == 1
    assert receipt_of(running, later, 201).alarm == alarm


def test_nothing_that_comes_later_overtakes_what_was_kept(running: Running, postgres: Server) -> None:
    phone = known(running)
    sent = [phone.press(), phone.envelope(Kind.POSITION, position=HERE, press=2), phone.press()]
    with away(postgres):
        assert [running.send(data) for data in sent] == [202] * 3
    # At once, while the others are on their way back or just behind them.
    sent.append(phone.press())
    assert running.send(sent[-1]) in (201, 202)
    until_brought_back(running)
    assert [event.envelope for event in events_of(running, phone)] == sent


def test_what_is_not_for_the_file_is_refused_as_before_and_said_again(
    running: Running, postgres: Server
) -> None:
    phone, stranger = known(running), running.installation.enrol()
    with away(postgres):
        assert running.send(phone.press()) == 202
        for kind in (Kind.HEARTBEAT, Kind.TEST, Kind.NOTICE):
            assert running.send(phone.envelope(kind)) == 503
        # Its key is in the journal alone: nobody can say here whose press this is.
        assert running.send(stranger.press()) == 503
        forged = bytearray(phone.press())
        forged[-1] ^= 1
        assert running.send(bytes(forged)) == 503
        assert facts(running.installation.config).count == 1
    until_brought_back(running)
    until(lambda: running.send(stranger.press()) == 201, "the other phone is heard")


def test_what_cannot_be_stored_holds_up_nothing_that_came_behind_it(
    running: Running, postgres: Server
) -> None:
    broken, phone = known(running), known(running)
    presses = [broken.press(), phone.press()]
    with away(postgres):
        assert [running.send(data) for data in presses] == [202, 202]
        running.child.kill()
    with postgres.asked(JOURNAL) as owner:
        owner.execute(f"SET search_path = {SCHEMA}")
        owner.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$"
        )
        owner.execute(
            "CREATE TRIGGER not_this_one BEFORE INSERT ON event FOR EACH ROW"
            f" WHEN (NEW.stream LIKE 'alarm:{broken.device}-%') EXECUTE FUNCTION refuse()"
        )
        try:
            running.child.start()
            until(
                lambda: [event.envelope for event in events_of(running, phone)] == presses[1:], "it is back"
            )
            until(lambda: running.send(phone.press()) == 201, "the journal takes presses again")
            (found,) = doctor.kept(running.installation.config, running.installation.clock)
            assert found.grade == WRONG and ": 1 (" in found.text
        finally:
            owner.execute("DROP FUNCTION refuse CASCADE")
    running.child.kill()
    running.child.start()
    until_brought_back(running)
    assert [event.envelope for event in events_of(running, broken)] == presses[:1]


def test_a_press_is_kept_while_the_disk_of_the_database_is_full(running: Running, postgres: Server) -> None:
    """It answers and leads, and takes nothing: nobody takes over from it."""
    phone = known(running)
    with postgres.asked(JOURNAL) as owner:
        owner.execute(f"SET search_path = {SCHEMA}")
        owner.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'no room' USING ERRCODE = 'disk_full'; END $$"
        )
        owner.execute("CREATE TRIGGER no_room BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION refuse()")
        try:
            sent = [phone.press(), phone.press()]
            for press in sent:
                assert receipt_of(running, press, 202).state == "kept"
            assert running.send(phone.envelope(Kind.TEST)) == 503
            assert facts(running.installation.config).count == len(sent)
        finally:
            owner.execute("DROP FUNCTION refuse CASCADE")
    until_brought_back(running)
    until(lambda: running.send(sent[0]) == 201, "the journal takes presses again")
    assert [event.envelope for event in events_of(running, phone)] == sent


def test_a_press_of_a_phone_that_the_journal_lost_stays_in_the_file(
    running: Running, postgres: Server
) -> None:
    """As when another machine went on from an older state."""
    lost, phone = known(running), known(running)
    with away(postgres):
        assert [running.send(data) for data in (lost.press(), phone.press())] == [202, 202]
        running.child.kill()
    with postgres.asked(JOURNAL) as owner:
        owner.execute(f"DELETE FROM {SCHEMA}.device WHERE device = %s", (lost.device,))
    running.child.start()
    until(lambda: running.send(phone.press()) == 201, "the journal takes presses again")
    assert (len(events_of(running, phone)), facts(running.installation.config).count) == (
        phone.counter - 1,
        1,
    )


def test_what_was_kept_of_an_erased_file_goes_with_it(running: Running, postgres: Server) -> None:
    phone = known(running)
    with away(postgres):
        assert running.send(phone.press()) == 202
        running.child.kill()
    running.installation.keys.destroy(phone.case)
    running.child.start()
    until_brought_back(running)
    assert events_of(running, phone) == []


def test_what_a_life_before_kept_is_shown_from_the_first_moment_and_brought_back(
    tmp_path: Path, postgres: Server
) -> None:
    with Installation(tmp_path, SystemClock(), address=postgres.emptied()) as installation:
        phone = installation.enrol()
        press, digest = phone.press(), b"d" * 32
        Kept(installation.config, installation.keys.purpose_key(PURPOSE)).add(
            [(phone.device, 1, digest, press, False)], 1
        )
        writer = KeepingWriter(installation.config, installation.journal, installation.clock)
        writer.warm()
        (line,) = writer.showing.lines()
        assert (line.kit, line.presses, line.position) == (phone.kit, 1, HERE)
        until(lambda: writer.bring_back() or not writer.is_keeping, "all is back")
        until(lambda: writer.showing.lines() == [], "its line has gone")
        assert installation.kinds(f"alarm:{phone.alarm()}") == ["PressReceived"]
