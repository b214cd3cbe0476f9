"""Intake that begins while its PostgreSQL is stopped: it knows the phones that the journal had when this machine looked
last, keeps what they send, and believes nobody else.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import requests

from egide.alarm.events import PhoneBlocked
from egide.common.config import Config
from egide.entrypoints.doctor import database as doctor
from egide.entrypoints.doctor.finding import LOOK, OK
from egide.entrypoints.processes.ready import may_begin_alone
from egide.entrypoints.stack.children import ChildFailed
from egide.journal.now import known
from egide.journal.now.kept import facts
from egide.journal.sealing import renewing
from egide.protocol.envelope import Kind, Sealed, seal_payload, unwrap
from egide.protocol.keys import SigningKey
from tests.intake.test_copying import erase
from tests.intake.test_process import Running
from tests.intake.test_process_keeping import away, events_of, receipt_of, until_brought_back
from tests.support.installation import HERE, Phone
from tests.support.postgres import Server
from tests.support.waiting import WITHIN_S, until


def until_copied(running: Running) -> None:
    """What happened so far is known on this machine."""
    now_us = running.installation.clock.now_us()
    until(lambda: known.facts(running.installation.config).at_us > now_us, "the journal was looked at")


@contextmanager
def begun_alone(running: Running, postgres: Server) -> Iterator[None]:
    """Intake, started anew while there is no primary."""
    until_copied(running)
    with away(postgres):
        running.child.kill()
        running.child.start()
        yield


def stranger() -> Phone:
    """A phone that nobody enrolled."""
    return Phone(SigningKey.generate(), "no-kit", "no-case")


def in_its_name(phone: Phone, key: SigningKey) -> bytes:
    """Its next press, signed by this key."""
    kid, payload = bytes.fromhex(phone.device), unwrap(phone.press()).payload
    return seal_payload(kid, payload, key.sign(Sealed(kid, payload, b"").to_be_signed).signature)


def table(config: Config) -> closing[sqlite3.Connection]:
    """The copy, for whoever may write it."""
    return closing(sqlite3.connect(known.file_of(config), isolation_level=None))


def test_it_takes_presses_of_phones_that_it_never_heard_and_brings_them_back_once_in_order(
    running: Running, postgres: Server
) -> None:
    phone, other = running.installation.enrol(), running.installation.enrol()
    with begun_alone(running, postgres):
        sent = [phone.press(), phone.envelope(Kind.POSITION, position=HERE, press=1), phone.press()]
        first = receipt_of(running, sent[0], 202)
        assert (first.state, first.seq, first.alarm, first.next_counter) == ("kept", 0, "", 2)
        assert [running.send(data) for data in sent] == [202] * 3
        assert running.send(other.press()) == 202
        for kind in (Kind.HEARTBEAT, Kind.TEST):
            assert running.send(phone.envelope(kind)) == 503
        metrics = requests.get(running.url.replace("messages", "metrics"), timeout=WITHIN_S).text
        assert "\negide_intake_kept 4\n" in metrics and "\negide_intake_known_age_seconds " in metrics
        # Killed once more: what it kept and what it knows outlives that.
        running.child.kill()
        running.child.start()
        sent.append(phone.press())
        assert running.send(sent[-1]) == 202
    # While it is on its way back, and behind that.
    sent.append(phone.press())
    assert running.send(sent[-1]) in (201, 202)
    until_brought_back(running)
    assert [event.envelope for event in events_of(running, phone)] == sent
    assert len(events_of(running, other)) == 1
    until(lambda: running.send(phone.envelope(Kind.HEARTBEAT)) == 201, "the ordinary writer goes on")


def test_nobody_gets_in_whom_the_journal_had_refused_when_this_machine_looked_last(
    running: Running, postgres: Server
) -> None:
    installation = running.installation
    kit = installation.issue_kit()
    blocked, newer, erased = installation.enrol(kit), installation.enrol(kit), installation.enrol()
    for data in (blocked.press(), newer.press(), erased.envelope(Kind.HEARTBEAT)):
        running.deliver(data)
    installation.act(blocked.alarm(), PhoneBlocked(user="op", device=blocked.device))
    erase(installation, erased)
    with begun_alone(running, postgres):
        assert running.send(blocked.press()) == 401
        forged = bytearray(newer.press())
        forged[-1] ^= 1
        for data in (erased.press(), stranger().press(), bytes(forged)):
            assert running.send(data) == 503
        assert facts(installation.config).count == 0
        assert running.send(newer.press()) == 202
    until_brought_back(running)


def test_a_key_that_somebody_put_into_the_copy_opens_nothing(running: Running, postgres: Server) -> None:
    """Public keys stand there in the clear: neither a new one nor one in the place of another is believed."""
    phone, intruder = running.installation.enrol(), stranger()
    config = running.installation.config
    until_copied(running)
    with away(postgres):
        running.child.kill()
        with table(config) as copy:
            key = bytes(intruder.key.verify_key)
            copy.execute("UPDATE phone SET public_key = ? WHERE kid = ?", (key, phone.device))
            copy.execute("INSERT INTO phone SELECT ?, ?, body FROM phone LIMIT 1", (intruder.device, key))
        running.child.start()
        for data in (intruder.press(), in_its_name(phone, intruder.key)):
            assert running.send(data) == 503
        assert facts(config).count == 0
    until(lambda: running.send(phone.press()) == 201, "the journal knows better")


def test_without_a_copy_it_says_what_it_waits_for_and_takes_nothing(
    running: Running, postgres: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    until_copied(running)
    config, clock = running.installation.config, running.installation.clock
    (found,) = doctor.known(config, clock)
    assert found.grade == OK and may_begin_alone(config)
    with away(postgres):
        running.child.kill()
        for part in config.data_dir.glob("known.db*"):
            part.unlink()
        with pytest.raises(ChildFailed):
            running.child.start()
            running.child.ready()
        assert "has not known any phone yet" in capfd.readouterr().err
        (found,) = doctor.known(config, clock)
        assert found.grade == LOOK and not may_begin_alone(config)


def test_another_master_key_opens_what_was_known_under_the_one_before(
    running: Running, postgres: Server
) -> None:
    """Both stand in the file while it is replaced; behind that, the copy is under the new one."""
    phone, config = running.installation.enrol(), running.installation.config
    until_copied(running)
    assert renewing.do_renew_file(config, running.installation.clock) is not None
    until_copied(running)
    assert renewing.do_forget(config)
    with begun_alone(running, postgres):
        assert running.send(phone.press()) == 202
    until_brought_back(running)
    assert len(events_of(running, phone)) == 1


def test_under_a_master_key_that_it_has_never_seen_it_says_so(
    running: Running, postgres: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    until_copied(running)
    config = running.installation.config
    with away(postgres):
        running.child.kill()
        (config.data_dir / "master.key").write_bytes(b"k" * 32)
        with pytest.raises(ChildFailed):
            running.child.start()
            running.child.ready()
        assert "The master key was replaced since" in capfd.readouterr().err
