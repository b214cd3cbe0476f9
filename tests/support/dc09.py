"""A monitoring station that is not ours (pysiaalarm), and alarm devices that are not (my-dc09-spt)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from my_dc09_spt.dc09_spt import dc09_spt
from pysiaalarm import CommunicationsProtocol, SIAAccount, SIAClient, SIAEvent

from egide.connectors.dispatch.receivers import FIELDS, Receiver
from tests.support.dispatch_system import DispatchSystem
from tests.support.ports import reserved
from tests.support.waiting import until

ACCOUNT = "5E1D"
KEY = b"A" * 16


@dataclass
class Station:
    """Where it is, and the events that it took."""

    url: str
    key_file: str
    came: list[SIAEvent] = field(default_factory=list)

    def took(self, number: int) -> list[SIAEvent]:
        """The first so many. It answers before it hands them on, each connection in its own thread: who asks for an
        order waits for one before the next is sent.
        """
        until(lambda: len(self.came) >= number, lambda: self.came)
        return self.came

    def told(self, number: int) -> list[SIAEvent]:
        """The first so many of alarms: polls and tests apart."""

        def news() -> list[SIAEvent]:
            return [event for event in self.came if event.code != "RP"]

        until(lambda: len(news()) >= number, lambda: self.came)
        return news()

    def receiver(self, system: DispatchSystem, fields: tuple[str, ...] = FIELDS, **more: str) -> Receiver:
        """As the settings name it."""
        beside = {"account": ACCOUNT} | ({"key_file": self.key_file} if self.key_file else {}) | more
        return Receiver("arc", str(system.secret_file), ("HAI",), self.url, fields, "dc09", beside)


@contextmanager
def monitoring_station(folder: Path, key: str = KEY.decode(), port: int = 0) -> Iterator[Station]:
    """It takes what it is sent until the end of the block. Its clock is this machine's."""
    file = folder / "arc.key"
    file.write_text(KEY.hex() + "\n", encoding="ascii")
    file.chmod(0o640)
    port = port or reserved()
    station = Station(f"dc09://127.0.0.1:{port}", str(file) if key else "")
    account = SIAAccount(ACCOUNT, key) if key else SIAAccount(ACCOUNT)
    client = SIAClient("127.0.0.1", port, [account], station.came.append, CommunicationsProtocol.TCP)
    client.sia_server.daemon_threads = True
    client.start()
    try:
        yield station
    finally:
        client.stop()


def dialler(account: str, key: bytes, port: int, road: str) -> dc09_spt:
    """A device by my-dc09-spt, which dials for each message, by `road` TCP or UDP."""
    spt = dc09_spt(account, line=0)
    spt.set_path("main", "primary", "127.0.0.1", port, account=account, line=0, key=key or None, type=road)
    return spt


if __name__ == "__main__":
    with monitoring_station(Path(sys.argv[1])) as made:
        sys.stdout.write(f"{made.url} {ACCOUNT}\n")
        sys.stdout.flush()
        # Until whoever started it is gone.
        sys.stdin.read()
