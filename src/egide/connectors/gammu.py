"""A modem on this machine with gammu-smsd: a text goes out as a file in its outbox (gammu 1.42, SMSD files backend)."""

import hashlib
import os
from pathlib import Path

from egide.common.clock import Clock

# The daemon looks every few seconds; what lies there for longer is not being sent.
STUCK_S = 180
_SIGNS = 16
_BEGUN = ".begun-"


class OutboxSender:
    """Writes into this folder, which the accounts of `sms`, `watch` and gammu share. A repeat under the same id is the
    same file. What it is called names the number: nobody else may look into the folder."""

    def __init__(self, outbox: Path, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    def send(self, to: str, text: str, id: str, report: str = "") -> None:
        """On the disk, whole, when this returns. Raises OSError; nobody is told what became of it."""
        name = hashlib.sha256(id.encode()).hexdigest()[:_SIGNS]
        begun = self._outbox / f"{_BEGUN}{name}"
        try:
            # With its mark: without one the daemon reads the machine's own character set (files backend, "txt").
            content = text.encode("utf-16")
            descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o660)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            begun.rename(self._outbox / f"OUTC_{to}_{name}.txt")
        except OSError as error:
            # Its own words would name the file, and with it the number.
            raise OSError(f"the outbox of gammu takes nothing: {error.strerror}") from None

    def check(self) -> None:
        """Raises OSError where nothing can be written, or what was written is not taken away."""
        if not os.access(self._outbox, os.W_OK | os.X_OK):
            raise OSError(f"{self._outbox} cannot be written to")
        now_s = self._clock.now_us() / 1e6
        waiting = [now_s - path.stat().st_mtime for path in self._outbox.glob("OUT*")]
        if waiting and max(waiting) > STUCK_S:
            raise OSError(f"gammu-smsd sends nothing: a text waits for {max(waiting):.0f} s")
