"""What watch has found and must still say: in memory, and in watch.db, so that a watch that is killed goes on."""

import logging
import queue
from collections.abc import Sequence

import msgspec

from egide.connectors.base import Alert
from egide.entrypoints.watch import words
from egide.entrypoints.watch.roads import Carrier
from egide.journal.bell import Ringer
from egide.journal.chain import Unshown
from egide.journal.errors import JournalUnavailable
from egide.journal.now.signs import ALARM, ChainTrouble, Signs, WaitingAlert

log = logging.getLogger("egide.watch")


class Ledger:
    """Everything is kept before it is sent: notified twice after a crash rather than never."""

    def __init__(self, signs: Signs, ringer: Ringer) -> None:
        self._signs = signs
        self._ringer = ringer
        self._carriers: Sequence[Carrier] = ()
        self._troubles: dict[str, ChainTrouble] = {}
        self._waiting: dict[tuple[str, str], WaitingAlert] = {}
        self._delivered: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._unsent: list[WaitingAlert] = []
        self._is_kept = True
        try:
            self._troubles = {trouble.part: trouble for trouble in signs.troubles()}
            self._waiting = {(w.road, w.id): w for w in signs.waiting()}
        except JournalUnavailable as error:
            log.error("watch.db cannot be read; what was reported before is reported again: %s", error)

    @property
    def broken(self) -> list[str]:
        """Parts that are known to be broken."""
        return [trouble.part for trouble in self._troubles.values() if trouble.kind != ALARM]

    @property
    def named_alarms(self) -> list[str]:
        """Alarms that were reported to be on no board, with their lives."""
        return [part.partition(":")[2] for part, t in self._troubles.items() if t.kind == ALARM]

    def start(self, carriers: Sequence[Carrier]) -> None:
        """Take these roads, and give them what still waits. What waits for a road that is gone waits no more."""
        self._carriers = carriers
        roads = {carrier.road.name for carrier in carriers}
        self._waiting = {key: waiting for key, waiting in self._waiting.items() if waiting.road in roads}
        for waiting in self._waiting.values():
            self._send(waiting)

    def note_delivered(self, road: str, alert: str) -> None:
        """A road took an alert. From any thread."""
        self._delivered.put((road, alert))

    def note_broken(self, part: str, why: str, now_us: int) -> None:
        """A part broke: boards and roads learn of it."""
        trouble = ChainTrouble(part, why, now_us)
        alert = words.broken(trouble)
        log.error("%s: %s (%s)", alert.subject, part, why)
        self._troubles[part] = trouble
        self._tell(alert)

    def note_why(self, part: str, why: str) -> None:
        """Of a part that is broken already: what is said of it is what is so now. Nobody is rung for it again."""
        known = self._troubles[part]
        if known.why != why:
            self._troubles[part] = msgspec.structs.replace(known, why=why)
            self._is_kept = False

    def note_mended(self, part: str) -> None:
        """A part works again."""
        alert = words.mended(self._troubles.pop(part))
        log.warning("%s: %s", alert.subject, part)
        self._tell(alert)

    def note_on_no_board(self, unshown: Unshown, now_us: int) -> None:
        """An alarm that no board shows goes out by the roads."""
        log.error("alarm %s is on no board", unshown.alarm)
        alert = words.on_no_board(unshown)
        part = f"{ALARM}:{alert.id}"
        self._troubles[part] = ChainTrouble(part, "unshown", now_us)
        self._tell(alert)

    def forget_shown(self, still: Sequence[str]) -> None:
        """Alarms that a board has shown since, or that are closed, are no trouble any more."""
        for name in set(self.named_alarms).difference(still):
            del self._troubles[f"{ALARM}:{name}"]
            self._is_kept = False

    def keep(self) -> None:
        """Write what changed, ring the boards, and only then let the roads have it."""
        while not self._delivered.empty():
            self._waiting.pop(self._delivered.get(), None)
            self._is_kept = False
        if self._is_kept:
            return
        try:
            self._signs.do_keep(list(self._troubles.values()), list(self._waiting.values()))
            self._is_kept = True
        except JournalUnavailable as error:
            log.error("watch.db cannot be written, will try again: %s", error)
        self._ringer.ring()
        unsent, self._unsent = self._unsent, []
        for waiting in unsent:
            self._send(waiting)

    def _tell(self, alert: Alert) -> None:
        self._is_kept = False
        for carrier in self._carriers:
            waiting = WaitingAlert(alert.id, carrier.road.name, alert.subject, alert.text)
            self._waiting[(waiting.road, waiting.id)] = waiting
            self._unsent.append(waiting)

    def _send(self, waiting: WaitingAlert) -> None:
        for carrier in self._carriers:
            if carrier.road.name == waiting.road:
                carrier.carry(Alert(waiting.id, waiting.subject, waiting.text))
