"""What the person chose, and what the phone keeps to itself until the alarm is closed; durable in the store."""

from enum import StrEnum

import msgspec

from egide.companion.pin import HashedPin


class Quiet(StrEnum):
    """Why the phone says nothing of the alarm that is open.

    CANCELLED: she said that she is safe. THREAT: a code under threat opened the phone, which looks as always.
    THREAT_CANCELLED: a code under threat was taken for "I am safe", and all looks as after that.
    """

    NO = ""
    CANCELLED = "cancelled"
    THREAT = "threat"
    THREAT_CANCELLED = "threat-cancelled"

    @property
    def is_threat(self) -> bool:
        return self in (Quiet.THREAT, Quiet.THREAT_CANCELLED)


class Choices(msgspec.Struct, frozen=True):
    """`listen_off`: the operator switched listening in off, for the alarm that is open. `told_version`: the version of
    this program that the zone knows of."""

    pin: HashedPin | None = None
    duress: HashedPin | None = None
    vibrates: bool = False
    listens: bool = False
    listen_off: bool = False
    quiet: Quiet = Quiet.NO
    tested_at_us: int | None = None
    told_version: str = ""


def as_threat(quiet: Quiet, asked: Quiet) -> Quiet:
    """What `quiet` becomes once a code under threat was entered, which would look like `asked`."""
    if quiet is Quiet.NO:
        return asked
    return Quiet.THREAT if quiet is Quiet.THREAT else Quiet.THREAT_CANCELLED
