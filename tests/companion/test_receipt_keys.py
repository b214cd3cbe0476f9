"""The key of receipts is replaced under phones that are there, and under one that is away for all of it."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

from egide.common.clock import SystemClock
from egide.companion.enrol import CLIENT
from egide.companion.sending.sender import Sender
from egide.companion.store import PhoneStore
from egide.events.register import KitWatched
from egide.intake.receipt_keys import KEY_FILE
from egide.journal.service import Entry
from egide.protocol.enrolment import make_request
from egide.protocol.envelope import Kind, Message
from egide.protocol.receipt import Receipt
from tests.companion.intake import Kit, Server, serving
from tests.companion.phones import phone_store
from tests.support.commands import Answer, run
from tests.support.waiting import until


class Phone:
    """A phone as it starts: its store, and a sender that believes what the store says."""

    def __init__(self, server: Server, path: Path) -> None:
        self.server = server
        self.store: PhoneStore = phone_store(path)

    def enrol(self, kit: Kit) -> None:
        asyncio.run(self._enrol(kit))

    def tell(self) -> Receipt:
        """A sign of life, by a phone that was started anew."""
        return asyncio.run(self._tell())

    async def _enrol(self, kit: Kit) -> None:
        async with Sender((self.server.url,)) as sender:
            self.store.do_enrol(await sender.enrol(make_request(kit.code, self.store.key, CLIENT)))

    async def _tell(self) -> Receipt:
        enrolment = self.store.enrolment()
        assert enrolment is not None
        message = self.store.do_add(
            Message(kind=Kind.HEARTBEAT, counter=0, sent_at_s=SystemClock().now_us() // 1_000_000)
        )
        async with Sender((self.server.url,)) as sender:
            sender.trust(enrolment, self.store.key_ahead(), self.store.do_pin)
            return await sender.send(message.data)

    @property
    def key(self) -> str:
        enrolment = self.store.enrolment()
        assert enrolment is not None
        return enrolment.server_key


def rotate(server: Server, *more: str) -> Answer:
    return run(server.config, "keys", "rotate", "receipt", *more)


def restart(server: Server) -> None:
    server.process.stop()
    server.process.start()
    server.process.ready()


def finished(server: Server, *more: str) -> Answer:
    """The second step, once the restarted intake has said which key it knows."""
    answers: list[Answer] = []

    def is_known() -> bool:
        answers.append(rotate(server, "--finish", *more))
        return "Not every process" not in answers[-1].stderr

    until(is_known, lambda: answers[-1].stderr)
    return answers[-1]


def test_who_is_there_pins_the_new_key_ahead_and_who_was_away_follows(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        there, away = Phone(server, tmp_path / "there.db"), Phone(server, tmp_path / "away.db")
        kits = [server.issue() for _ in range(2)]
        for phone, kit in zip((there, away), kits, strict=True):
            phone.enrol(kit)
            watched = KitWatched(kit=kit.kit, level="urgent")
            server.journal.append([Entry(stream=f"kit:{kit.kit}", event=watched)])
        old = there.key
        assert "without --finish" in rotate(server, "--finish").stderr
        assert rotate(server).returncode == 0
        assert "--finish" in rotate(server).stderr
        # The running intake knows nothing of it yet.
        assert (there.tell()).pending == ()
        assert "restart egide-intake" in rotate(server, "--finish").stderr
        restart(server)
        there.tell()
        assert there.key == old and there.store.key_ahead()
        waits = finished(server)
        assert waits.returncode == 1 and "not heard since" in waits.stderr and ": 1." in waits.stderr
        assert finished(server, "--now").returncode == 0
        # Until it is started again, intake signs with the old one, which still counts.
        there.tell()
        restart(server)
        for phone in (there, away):
            phone.tell()
            assert phone.key != old and not phone.store.key_ahead()
        assert there.key == away.key

        # Once more, with somebody who enrols between the steps, and one who is away for both.
        assert rotate(server).returncode == 0
        restart(server)
        between = Phone(server, tmp_path / "between.db")
        between.enrol(server.issue())
        there.tell()
        assert finished(server, "--now").returncode == 0
        restart(server)
        for phone in (there, between, away):
            phone.tell()
        assert there.key == between.key == away.key != old
        assert len((server.config.data_dir / KEY_FILE).read_bytes()) == 32


def test_a_back_up_must_hold_the_new_key_before_phones_let_go_of_the_old_one(
    tmp_path: Path,
) -> None:
    with serving(tmp_path / "data") as server:
        place = tmp_path / "backups"
        place.mkdir()
        server.config = replace(server.config, backup_to=str(place))
        assert rotate(server).returncode == 0
        path = server.config.data_dir / KEY_FILE
        a_minute_ago_s = SystemClock().now_us() // 1_000_000 - 60
        os.utime(path, (a_minute_ago_s, a_minute_ago_s))
        restart(server)
        refused = finished(server, "--now")
        assert refused.returncode == 1 and "No back-up holds" in refused.stderr
