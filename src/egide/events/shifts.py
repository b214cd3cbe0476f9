"""What a dispatch centre hands over at the change of a shift."""

from egide.events.base import Event


class ShiftHandedOver(Event, frozen=True):
    """Somebody hands the shift of a centre over: alarms that are `open`, closed ones that wait for a report, what
    `troubles` the system had (their kinds), and what else is to be known."""

    user: str
    centre: str
    note: str
    open: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()


class ShiftTakenOver(Event, frozen=True):
    """Somebody else has read it and takes the shift over: `handed` is the version of what was handed over."""

    user: str
    centre: str
    handed: int
