"""A real intake in a process of its own, with kits whose one-time codes are ready to be used."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from egide.alarm.state import AlarmState
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.ids import new_id
from egide.demo.world import kit_issued
from egide.entrypoints.stack.children import Child, open_listener
from egide.events.register import EnrolmentOffered
from egide.journal.service import Entry, Journal, KeyStore
from egide.protocol.enrolment import Settings, code_hash


class Kit(msgspec.Struct, frozen=True):
    """An issued kit and its code."""

    kit: str
    code: str
    button_id: str
    button_key: bytes


class Server:
    """The intake, which can be killed and started again on the same address, and its journal to read."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self._listener = open_listener()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.config = Config(data_dir=data, **{"intake_urls": (self.url,), **settings})
        self.journal = Journal.open(self.config, SystemClock(), KeyStore.open(self.config))
        self.process = Child("egide.entrypoints.intake", [], self.config.environment(), self._listener)
        self.process.ready()

    def issue(self, settings: Settings | None = None) -> Kit:
        """A kit for a new case, and a code that is good for an hour."""
        case, kit = new_id(), Kit(new_id(), secrets.token_hex(4), new_id(), secrets.token_bytes(16))
        self.journal.keys.ensure(case)
        issued = kit_issued(
            0,
            kit=kit.kit,
            case=case,
            button_id=kit.button_id,
            button_key=kit.button_key,
            settings=settings or Settings(position_interval_s=1),
        )
        expires_at_s = SystemClock().now_us() // 1_000_000 + 3600
        offered = EnrolmentOffered(kit=kit.kit, code_hash=code_hash(kit.code), expires_at_s=expires_at_s)
        stream = f"kit:{kit.kit}"
        self.journal.append([Entry(stream=stream, event=event, case=case) for event in (issued, offered)])
        return kit

    def device_of(self, kit: Kit) -> str:
        """The phone that enrolled for this kit."""
        found = self.journal.connection.execute("SELECT max(device) FROM device WHERE kit = ?", (kit.kit,))
        return str(found.fetchone()[0])

    def kinds(self, alarm: str) -> list[str]:
        """What the journal says of an alarm, in order."""
        return [stored.kind for stored in self.journal.stream(f"alarm:{alarm}")]

    def alarm(self, alarm: str) -> AlarmState:
        state = self.journal.alarm(alarm)
        assert state is not None
        return state

    def decide(self, alarm: str, *events: Any) -> None:
        """What an operator does."""
        case = self.alarm(alarm).case
        self.journal.append([Entry(stream=f"alarm:{alarm}", event=event, case=case) for event in events])

    def stop(self) -> None:
        self.process.kill()
        self._listener.close()


@contextmanager
def serving(data: Path, **settings: Any) -> Iterator[Server]:
    """`settings`: of the installation, by their names in Config."""
    server = Server(data, **settings)
    try:
        yield server
    finally:
        server.stop()
