"""What the person chose, durable in the store; and what the phone keeps to itself in an alarm, in memory alone."""

from enum import StrEnum

import msgspec

from egide.companion.pin import HashedPin


class Quiet(StrEnum):
    """Why the phone says nothing of the alarm that is open; never on the disk.

    CANCELLED: she said that she is safe. THREAT: a code under threat opened the phone, which looks as always.
    THREAT_CANCELLED: a code under threat was taken for "I am safe", and all looks as after that. UNSURE: an earlier
    life of this phone left an open alarm, and nobody knows which code was entered in it.
    """

    NO = ""
    CANCELLED = "cancelled"
    THREAT = "threat"
    THREAT_CANCELLED = "threat-cancelled"
    UNSURE = "unsure"

    @property
    def is_threat(self) -> bool:
        return self in (Quiet.THREAT, Quiet.THREAT_CANCELLED)

    @property
    def tells_nothing(self) -> bool:
        """Whether not even news of the alarm may be shown."""
        return self.is_threat or self is Quiet.UNSURE

    @property
    def says_cancelled(self) -> bool:
        return self in (Quiet.CANCELLED, Quiet.THREAT_CANCELLED)


class Choices(msgspec.Struct, frozen=True, omit_defaults=True):
    """`listen_off`: the operator switched listening in off, for the alarm that is open. `told_version`: the version of
    this program that the zone knows of. `pin`, `duress`: only in a store of an older version, until both codes are
    chosen again. `tested_at_us`: only until codes are chosen, then it lies under hers.
    """

    pin: HashedPin | None = None
    duress: HashedPin | None = None
    vibrates: bool = False
    listens: bool = False
    listen_off: bool = False
    tested_at_us: int | None = None
    told_version: str = ""


def as_threat(quiet: Quiet, asked: Quiet) -> Quiet:
    """What `quiet` becomes once a code under threat was entered, which would look like `asked`."""
    if quiet in (Quiet.NO, Quiet.UNSURE):
        return asked
    return Quiet.THREAT if quiet is Quiet.THREAT else Quiet.THREAT_CANCELLED
