"""Keeps this machine's copy of what the journal says of phones up to date, in a thread beside the writer: it is as of
a moment ago, and the next intake may begin with it while there is no primary.
"""

import logging
import threading
from collections.abc import Collection, Iterable, Sequence

from egide.common.clock import Clock
from egide.common.postgres.patience import answered_within
from egide.events.register import CaseErased
from egide.intake import lookup
from egide.intake.away.showing import Showing
from egide.journal.errors import JournalUnavailable
from egide.journal.now.kept import PURPOSE
from egide.journal.now.known import Known, KnownPhone
from egide.journal.queries import intake as queries
from egide.journal.queries.endings import BARRING_KIND, ENDING_KINDS
from egide.journal.service import Clear, Journal

log = logging.getLogger("egide.intake")

# For so long a phone that was enrolled, blocked or erased may be known as before.
PAUSE_S = 2.0
LOOK_S, KEYS_S = 30.0, 1.0
_CHUNK, _EVENTS = 500, 1000
# As many as live itself looks at when it begins.
_ENDINGS, _ENDINGS_OF = 10_000, {*ENDING_KINDS, BARRING_KIND}
_OF_PHONES = ("alarm", "test", "device")


class Copying:
    """Reads all phones at first and whenever the journal was away, then those of kits of which anything happened."""

    def __init__(self, journal: Journal, clock: Clock, known: Known, showing: Showing) -> None:
        self._journal = journal
        self._clock = clock
        self._known = known
        self._showing = showing
        self._seq: int | None = None
        self._lent = b""

    def start(self) -> None:
        """Look again and again, in a thread, until the process ends."""
        threading.Thread(target=self._look_for_ever, name="phones-copied", daemon=True).start()

    def _look_for_ever(self) -> None:
        pause = threading.Event()
        while True:
            try:
                with answered_within(LOOK_S):
                    self.look()
            except JournalUnavailable as error:
                # Another machine may go on from where this one has not been.
                self._seq = None
                log.warning("the copy of what is known of phones stays as it was: %s", error)
            pause.wait(PAUSE_S)

    def look(self) -> None:
        """Bring the copy up to date. Raises JournalUnavailable."""
        with self._known.alone():
            at_us, head = self._clock.now_us(), self._journal.head()
            if self._seq is None or head < self._seq or self._take_news():
                self._take_all()
                self._seq = head
            keys = self._journal.keys
            # Keys are one thread's at a time: presses wait for this one.
            with answered_within(KEYS_S):
                # So it hears of another master key too.
                keys.forget_erased(exact=True)
                if not keys.opens_lent(self._lent, PURPOSE):
                    self._lent = keys.lent(PURPOSE)
            self._known.note_moment(at_us, self._lent)
        self._showing.note_moment(at_us)

    def _take_all(self) -> None:
        before, seen = self._known.kids(), [""]
        head = self._journal.head()
        self._note_endings(self._journal.read_clear(max(0, head - _ENDINGS), _ENDINGS))
        with self._journal.reading() as reader:
            while devices := queries.devices_behind(reader, seen[-1], _CHUNK):
                self._take(devices)
                seen += devices
        self._drop(before.difference(seen))

    def _take_news(self) -> bool:
        """Whether all phones have to be read again, since nothing says any more whose were erased."""
        while rows := self._journal.read_clear(self._seq or 0, _EVENTS):
            self._note_endings(rows)
            if any(row.kind == CaseErased.__name__ for row in rows):
                return True
            devices, kits = named_in(rows)
            with self._journal.reading() as reader:
                touched = queries.of_same_kits(reader, devices, kits)
                for at in range(0, len(touched), _CHUNK):
                    self._take(touched[at : at + _CHUNK])
            self._seq = rows[-1].seq
        return False

    def _note_endings(self, rows: Sequence[Clear]) -> None:
        """Whoever shows what is kept must know who has left."""
        self._known.note_endings([row for row in rows if row.kind in _ENDINGS_OF])

    def _take(self, devices: Collection[str]) -> None:
        with self._journal.reading() as reader:
            phones = lookup.find_known(reader, devices)
        self._known.keep(phones)
        learn(self._showing, phones)

    def _drop(self, kids: Collection[str]) -> None:
        self._known.keep((), gone=kids)
        for kid in kids:
            self._showing.forget(kid)


def learn(showing: Showing, phones: Iterable[KnownPhone]) -> None:
    """What can be read of these is what this machine knows."""
    for phone in phones:
        if (sender := lookup.sender_in(phone)) is not None:
            showing.learn(lookup.device_of(sender), sender.highest)


def named_in(rows: Sequence[Clear]) -> tuple[set[str], set[str]]:
    """The phones and the kits that these events are of, by the names of their streams."""
    devices, kits = set(), set()
    for row in rows:
        what, _colon, name = row.stream.partition(":")
        if what in _OF_PHONES:
            devices.add(name.partition("-")[0])
        elif what == "kit":
            kits.add(name)
    return devices, kits
