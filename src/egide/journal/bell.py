"""The doorbell: a writer rings, and followers wake. A lost ring costs a poll's pause, never an event."""

import contextlib
import os
import socket
import threading
from pathlib import Path

POLL_S = 1.0


class Bell:
    """A datagram socket in the bells directory, one for each follower."""

    def __init__(self, bells_dir: Path, name: str) -> None:
        bells_dir.mkdir(parents=True, exist_ok=True)
        self.path = bells_dir / f"{name}.{os.getpid()}"
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.closed = threading.Event()

    def wait(self, timeout_s: float = POLL_S) -> bool:
        """Whether the bell rang within `timeout_s`; returns as soon as it does."""
        self.socket.settimeout(timeout_s)
        has_rung = False
        # The second where nothing at all is to be waited for.
        with contextlib.suppress(TimeoutError, BlockingIOError):
            self.socket.recv(1)
            has_rung = True
        self.drain()
        return has_rung

    def drain(self) -> None:
        """Forget further rings that wait: one look at the journal answers them all."""
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.socket.recv(1)

    def ring(self) -> None:
        """Wake its follower; one that is awake, or has hung up, needs no ring."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ringing:
            ringing.setblocking(False)
            ringing.sendto(b"!", str(self.path))

    def close(self) -> None:
        """Hang up and take the name off the door."""
        self.closed.set()
        self.socket.close()
        self.path.unlink(missing_ok=True)


class Ringer:
    """Rings every bell of a directory."""

    def __init__(self, bells_dir: Path) -> None:
        self._dir = bells_dir
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def ring(self) -> None:
        """Wake all followers. A bell whose follower died is removed; a full one is ringing already."""
        try:
            bells = list(os.scandir(self._dir))
        except FileNotFoundError:
            return
        for bell in bells:
            try:
                self._socket.sendto(b"!", bell.path)
            except BlockingIOError:
                continue
            except ConnectionRefusedError:
                Path(bell.path).unlink(missing_ok=True)
            except OSError:
                continue
