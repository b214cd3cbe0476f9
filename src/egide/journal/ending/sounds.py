"""Sound that nobody heard goes after a while, unless a magistrate keeps it (safety rule 23). No event is touched.

A piece's key and file are destroyed; its hash stays in the journal, so that it can be shown that there was one.
"""

import logging

from egide.alarm.events import SoundExpired, SoundExported, SoundHeard, SoundKept
from egide.alarm.state import AlarmState
from egide.common.sealing import UnsealError
from egide.journal.ending import erasing
from egide.journal.errors import JournalError, or_unavailable
from egide.journal.sealing.blobs import Blobs
from egide.journal.sealing.keys import KeyErased, KeysInUse
from egide.journal.service import Journal

log = logging.getLogger("egide.worker")

DAY_US = 86_400 * 1_000_000
_STAYS = (SoundHeard.__name__, SoundExported.__name__, SoundKept.__name__)
# By clear columns alone: alarms whose last sound nobody took, and which did not expire since.
_UNHEARD = f"""
WITH sound AS MATERIALIZED (
  SELECT stream, max(seq) AS last FROM event WHERE kind = 'AudioReceived' AND stream LIKE 'alarm:%' GROUP BY stream
)
SELECT substr(stream, 7) FROM sound
WHERE NOT EXISTS (
  SELECT 1 FROM event WHERE event.stream = sound.stream AND kind IN ({",".join("?" * len(_STAYS))})
) AND NOT EXISTS (
  SELECT 1 FROM event WHERE event.stream = sound.stream AND kind = 'SoundExpired' AND event.seq > last
)
"""


def expires_at_us(state: AlarmState, days: int) -> int | None:
    """When the sound of an alarm goes; None while it stays: the alarm is open, or somebody heard or kept it."""
    if not state.talk.sounds or state.is_open:
        return None
    if state.talk.sound_heard_at_us or state.talk.sound_exported_at_us or state.talk.sound_kept_at_us:
        return None
    return max(state.closing.closed_at_us, *(piece.at_us for piece in state.talk.sounds)) + days * DAY_US


class Expirer:
    """Looks from time to time. What was due at two looks goes: a clock that was wrong for a moment destroys nothing."""

    def __init__(self, journal: Journal, blobs: Blobs) -> None:
        self._journal = journal
        self._blobs = blobs
        self._due: frozenset[str] = frozenset()

    @or_unavailable
    def look(self, now_us: int, days: int) -> int:
        """Discard what was due at the last look too; how many alarms lost their sound. Raises JournalUnavailable."""
        due = frozenset(alarm for alarm in self._unheard() if self._is_due(alarm, now_us, days))
        expired = sum(self._expire(alarm, now_us, days) for alarm in sorted(due & self._due))
        self._due = due
        if expired:
            try:
                self._journal.keys.scrub()
            except KeysInUse as error:
                log.warning("destroyed keys are still in the log of keys.db: %s", error)
        return expired

    def _unheard(self) -> list[str]:
        return [alarm for (alarm,) in self._journal.connection.execute(_UNHEARD, _STAYS)]

    def _is_due(self, alarm: str, now_us: int, days: int) -> bool:
        try:
            state = self._journal.alarm(alarm)
            at_us = None if state is None else expires_at_us(state, days)
            return (
                state is not None
                and at_us is not None
                and at_us <= now_us
                and not erasing.state_of(self._journal, state.case).hold
            )
        except (KeyErased, UnsealError):
            return False

    def _expire(self, alarm: str, now_us: int, days: int) -> bool:
        """Decided and destroyed while the journal's lock is held: nobody can hear or keep it in between.

        After a crash the same comes again, and destroys nothing twice.
        """
        try:
            with self._journal.transaction() as transaction:
                state = self._journal.alarm(alarm)
                if state is None or not self._is_due(alarm, now_us, days):
                    return False
                expired = SoundExpired(pieces=len(state.talk.sounds))
                self._journal.decide_within(transaction, alarm, lambda _state: [expired])
                self._blobs.discard([piece.digest for piece in state.talk.sounds])
        except (JournalError, OSError):
            log.exception("the sound of alarm %s could not be discarded, will try again", alarm)
            return False
        return True
