"""What zones, centres and offices keep so that people reach each other: numbers, patrols, duty rosters."""

from egide.events.base import Event


class TelephoneNumberKept(Event, frozen=True):
    """The number on which a zone, a centre or a neighbour abroad is reached, as somebody keeps it from here on.

    `subject` is "zone:5324", "centre:HAI" or "abroad:LIE" (the centre that holds it, with `country`); `number` is empty
    once it is taken out, `checked_on` a date (ISO 8601) or empty when nobody has rung it yet.
    """

    subject: str
    name: str
    number: str
    by: str
    country: str = ""
    checked_on: str = ""


class PatrolKept(Event, frozen=True):
    """A patrol of a zone's list, as somebody says it from here on: on duty or not, or `is_out`: kept no longer."""

    zone: str
    call_sign: str
    telephone: str
    by: str
    on_duty: bool = False
    is_out: bool = False


class DutiesKept(Event, frozen=True):
    """Lines of a duty roster were kept: `number` of them, -1 for one that was taken out; `subject` is "zone:5324" or
    "office:mons". Names and numbers of people stand in the roster alone.
    """

    subject: str
    by: str
    number: int
    from_us: int
    until_us: int


class DutiesExchanged(Event, frozen=True):
    """People of a duty roster exchanged duties: who stands in `number` lines between these moments is another; by whom
    it was written down, and `subject` as above. Names and numbers stand in the roster alone.
    """

    subject: str
    by: str
    number: int
    from_us: int
    until_us: int
