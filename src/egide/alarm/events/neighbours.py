"""A copy of an alarm is handed to a control room of others, by hand, and what they say to it (decision 0109)."""

from egide.events.base import Event

# How far it came there. A person of theirs said the last four; the first two are a machine's.
DELIVERED, UNDELIVERED = "delivered", "undelivered"
ACCEPTED, REJECTED, COMPLETED, ABORTED = "accepted", "rejected", "completed", "aborted"


class NeighbourAsked(Event, frozen=True):
    """An operator hands a copy of the alarm to the control room `receiver`, by its name in the settings.

    The alarm stays where it is, and so does its ladder (safety rule 2).
    """

    user: str
    receiver: str


class NeighbourSaid(Event, frozen=True):
    """The control room `receiver` says how far the copy is: "delivered" or "undelivered" (a machine), "accepted",
    "rejected", "completed" or "aborted" (a person). `there_us` is when it was said, by their clock, in µs since 1970.

    What they say changes nothing in the alarm.
    """

    receiver: str
    word: str
    cause: str = ""
    there_us: int = 0
