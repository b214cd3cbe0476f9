"""Following the journal: every event once in order, from where this follower stopped last time."""

from collections.abc import Callable

from egide.journal.chain import Stored
from egide.journal.service import Journal

_SAVE_EVERY = 500


class Follower:
    """Reads on from a cursor kept in the journal's database.

    The cursor is saved once nothing new comes for a moment, not with each event: a save is a forced write, and waits in
    the same queue as a press. After a crash a follower sees some events again, so what it does must be unique by
    (stream, cause, kind).
    """

    def __init__(self, journal: Journal, name: str, breath_s: float = 0.0) -> None:
        """`breath_s` passes between a ring and the look at the journal: whom a press waits for goes first, and one look
        serves for all that rang meanwhile."""
        self._breath_s = breath_s
        self._journal = journal
        self._name = name
        self._bell = journal.bell(name)
        self.seq = self._saved = journal.cursor(name)

    def step(self, handle: Callable[[Stored], None], wait_s: float) -> None:
        """Handle all that is new; when there is nothing, wait for the bell up to `wait_s`, and save the cursor if it
        does not ring."""
        rows = self._journal.read(after=self.seq, limit=_SAVE_EVERY)
        for row in rows:
            handle(row)
            self.seq = row.seq
        is_quiet = not rows and not self._rings(wait_s)
        if self.seq - self._saved >= (1 if is_quiet else _SAVE_EVERY):
            self.save()

    def _rings(self, wait_s: float) -> bool:
        if not self._bell.wait(wait_s):
            return False
        if self._breath_s:
            self._bell.closed.wait(self._breath_s)
            # What rang until now is in the journal already.
            self._bell.drain()
        return True

    def save(self) -> None:
        """Keep the cursor."""
        self._journal.save_cursor(self._name, self.seq)
        self._saved = self.seq

    def close(self) -> None:
        """Save and hang up."""
        self.save()
        self._bell.close()
