"""What other systems were told of an alarm, what they answered, and how it is called there (decision 0103)."""

import hashlib

from egide.events.base import Event

RAISED, ENDED = "raised", "closed"
# Of a team that is told by itself: it is no longer sent. The alarm goes on.
RELEASED = "released"
# Why a team was told nothing: its zone has no unit of this call sign.
NO_DEVICE = "no-device"
# How far it is over there: on somebody's screen, and answered by a person.
SHOWN_THERE, ANSWERED = "shown", "answered"
UNIT_ASSIGNED, UNIT_UNDER_WAY, UNIT_ARRIVED, UNIT_FREE = "assigned", "under-way", "arrived", "free"
# More of one system in one alarm are not kept: what it says later of those that are goes on.
MOST_UNITS = 20
_SIGNS = 32


class SystemTold(Event, frozen=True):
    """A dispatch system, `receiver` by its name in the settings, was told `about` the alarm: "raised" or "closed".

    Where it shows alarms to the team that is sent, each team is told by itself: `receiver` is then as `name_of_team`
    makes it, and "released" says that this team is no longer sent.

    `message` is the same whenever the same is sent again; `moment_us` is when it was raised (again) or closed. `fields`
    is what it carried. `why` is empty once a machine
    there took it, else a word of why not: that somebody saw it is another matter, and said by another event.
    """

    receiver: str
    message: str
    about: str
    moment_us: int
    fields: tuple[str, ...] = ()
    attempt: int = 1
    why: str = ""


class SystemAnswered(Event, frozen=True):
    """The dispatch system `receiver` says that the alarm is "shown" to somebody there, or "answered" by a person.

    `by` is whom it names, `reference` how the alarm is called there (an incident number); both may be empty. What it
    says changes nothing in the alarm.
    """

    receiver: str
    word: str
    by: str = ""
    reference: str = ""


class SystemSaidUnit(Event, frozen=True):
    """The dispatch system `receiver` says how far its unit is: "assigned", "under-way", "arrived" or "free". `unit` is
    its call sign there. What it says changes nothing in the alarm: who leads it says so here.
    """

    receiver: str
    unit: str
    word: str


def name_of_team(receiver: str, zone: str, call_sign: str) -> str:
    """How a team is called among those who are told. No name of a system has a space."""
    return f"{receiver} {zone} {call_sign}"


def team_in(receiver: str) -> tuple[str, str, str]:
    """The system, and of a team that is told by itself its zone and call sign, else twice nothing."""
    system, _space, team = receiver.partition(" ")
    zone, _space, call_sign = team.partition(" ")
    return system, zone, call_sign


def number_for(receiver: str, alarm: str, kind: str = "", moment_us: int = 0) -> str:
    """The number of the alarm for this receiver, or of one message about it: the same for the same news (hex).

    Two systems that compare what they have cannot put an alarm together, and nobody learns from it whose kit it was.
    """
    told = "\n".join((receiver, alarm, kind, str(moment_us)))
    return hashlib.sha256(told.encode()).hexdigest()[:_SIGNS]
