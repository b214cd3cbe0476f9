"""What can go wrong with the journal, in the words that entry points translate into answers."""


class JournalError(Exception):
    """Base of the journal's own errors."""


class JournalFull(JournalError):
    """The disk (or the quota) is full; nothing of the transaction was kept."""


class VersionConflict(JournalError):
    """The stream moved on since the state on which a decision was made."""


class AlreadyDone(JournalError):
    """This action for this cause is in the journal already."""


class ChainBroken(JournalError):
    """An event was removed or changed; `seq` is the first one that does not fit."""

    def __init__(self, seq: int, why: str) -> None:
        super().__init__(f"event {seq}: {why}")
        self.seq = seq
        self.why = why
