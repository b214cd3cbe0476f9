"""The canary: a device of watch's own, whose presses go by the same address, signature and transaction as a phone's."""

import os
import threading
from pathlib import Path

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.encoding import from_json
from egide.common.files import secret_file
from egide.connectors.calling import CallRefused, call
from egide.journal.queries.general import known_canary
from egide.journal.service import Journal
from egide.protocol.envelope import Kind, Message, Position, Source, encode
from egide.protocol.keys import SigningKey, kid_of
from egide.protocol.receipt import Receipt

ANSWER_S = 3.0
_UNAUTHORIZED = 401
# Grand-Place, Brussels: inside the country, so that the locator has real work.
PLACE = Position(508_467_000, 43_525_000, 20, 0, Source.MANUAL)


class CanaryLost(Exception):
    """Intake did not keep the canary; the words say why."""


class CanaryUnknown(Exception):
    """Intake answers, and does not know the canary's key (yet): the worker has not enrolled it."""


class Canary:
    """The device. Its counter stands in the journal: a watch that is started again goes on from there."""

    def __init__(self, config: Config, journal: Journal, clock: Clock) -> None:
        self._key = SigningKey(secret_file(config.data_dir / "canary.key", 32))
        public_key = bytes(self._key.verify_key)
        self.device = kid_of(public_key).hex()
        self._journal = journal
        self._clock = clock
        self._counter = 0
        # One press at a time: one that overtakes another would find its counter used.
        self._lock = threading.Lock()
        _publish(config.canary_public_key, public_key.hex())

    def press(self, intake: str) -> int:
        """One press at an intake address; its seq. Raises CanaryLost, CanaryUnknown, JournalUnavailable."""
        with self._lock:
            known = known_canary(self._journal, self.device)
            self._counter = max(self._counter, known.counter if known else 0) + 1
            receipt = self._post(f"{intake}/v1/messages", self._envelope())
            kept = known_canary(self._journal, self.device)
        if kept is None or kept.seq != receipt.seq or kept.counter != self._counter:
            raise CanaryLost("a receipt came for what is not in the journal")
        return receipt.seq

    def routed_seq(self) -> int:
        """The last press of it that came through routing, 0 when none did. Raises JournalUnavailable."""
        known = known_canary(self._journal, self.device)
        return known.routed_seq if known else 0

    def _envelope(self) -> bytes:
        now_s = self._clock.now_us() // 1_000_000
        return encode(
            Message(kind=Kind.PRESS, counter=self._counter, sent_at_s=now_s, position=PLACE), self._key
        )

    def _post(self, url: str, body: bytes) -> Receipt:
        headers = {"content-type": "application/cose"}
        try:
            return from_json(call(url, body, headers, ANSWER_S), Receipt)
        except CallRefused as refused:
            if refused.status == _UNAUTHORIZED:
                raise CanaryUnknown(str(refused)) from refused
            raise CanaryLost(str(refused)) from refused
        except (OSError, ValueError) as error:
            raise CanaryLost(str(error)) from error


def _publish(path: Path, text: str) -> None:
    """Replace the file in one step: the worker never reads half a key.

    After a restore it is another account's, which alone may replace it there; it holds the same.
    """
    if path.exists() and path.read_text() == text:
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)
