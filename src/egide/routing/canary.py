"""Canaries in the worker: their key becomes known, and the latest one is placed as a press would be."""

import logging
from pathlib import Path

from egide.events.system import CanaryEnrolled, CanaryReceived, CanaryRouted
from egide.geography.locate import Locator
from egide.journal.canaries import STREAM
from egide.journal.chain import Stored
from egide.journal.errors import AlreadyDone, VersionConflict
from egide.journal.queries import general as queries
from egide.journal.service import Entry, Journal
from egide.protocol.keys import PUBLIC_KEY_BYTES, kid_of

log = logging.getLogger("egide.worker")


class CanaryDesk:
    """Enrols and routes canaries. Shown an event twice, it acts once."""

    def __init__(self, journal: Journal, locator: Locator, public_key_file: Path) -> None:
        self._journal = journal
        self._locator = locator
        self._file = public_key_file
        self._enrolled = b""

    def enrol(self) -> None:
        """Let intake know the key in the file, if there is one that it does not know. Raises JournalError.

        Only this process can: it holds keys, and the file lies where only the system's own account writes.
        """
        try:
            public_key = bytes.fromhex(self._file.read_text())
        except (FileNotFoundError, ValueError):
            return
        if public_key == self._enrolled or len(public_key) != PUBLIC_KEY_BYTES:
            return
        self._enrolled = public_key
        device = kid_of(public_key).hex()
        if queries.kit_of_device(self._journal, device):
            log.error("the key in %s is a phone's; no canary is enrolled", self._file.name)
            return
        if queries.known_canary(self._journal, device) is None:
            event = CanaryEnrolled(device=device, public_key=public_key)
            try:
                self._journal.append([Entry(stream=f"{STREAM}{device}", event=event, expected=0)])
            except VersionConflict:
                return

    def handle(self, row: Stored) -> None:
        """Place the canary of this event, unless a later one waits already: it will speak for this one.

        So a CanaryRouted always says: routing has come as far as the newest canary.
        """
        if row.kind != CanaryReceived.__name__ or not row.stream.startswith(STREAM):
            return
        known = queries.known_canary(self._journal, row.stream.removeprefix(STREAM))
        if known is None or known.seq > row.seq or known.routed_seq >= row.seq:
            return
        event = self._journal.open_event(row)
        assert isinstance(event, CanaryReceived), row.kind
        entry = Entry(stream=row.stream, event=self._place(event), cause=row.seq)
        try:
            self._journal.append([entry])
        except AlreadyDone:
            return

    def _place(self, canary: CanaryReceived) -> CanaryRouted:
        routed = CanaryRouted(device=canary.device, counter=canary.counter)
        at = canary.position
        if at is None:
            return routed
        found = self._locator.locate(at.lat_e7, at.lon_e7, at.accuracy_m)
        return CanaryRouted(
            device=canary.device, counter=canary.counter, zone=found.zone or "", centre=found.centre or ""
        )
