"""What other systems were told of an alarm, what they answered, and how it is called there (decision 0103)."""

import hashlib

from egide.events.base import Event

RAISED, ENDED = "raised", "closed"
# How far it is over there: on somebody's screen, and answered by a person.
SHOWN_THERE, ANSWERED = "shown", "answered"
UNIT_ASSIGNED, UNIT_UNDER_WAY, UNIT_ARRIVED, UNIT_FREE = "assigned", "under-way", "arrived", "free"
# More of one system in one alarm are not kept: what it says later of those that are goes on.
MOST_UNITS = 20
# What people at a control room do in a chat: they begin it, write, end it.
CHAT_BEGUN, CHAT_SAID, CHAT_OVER = "begun", "said", "over"
# More words of one system in one alarm are refused, and said to be: nobody reads as much at a desk.
MOST_WORDS = 100
_SIGNS = 32


class SystemTold(Event, frozen=True):
    """A dispatch system, `receiver` by its name in the settings, was told `about` the alarm: "raised" or "closed".

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


class SystemWrote(Event, frozen=True):
    """People at the control room `receiver` began a chat ("begun"), wrote `text` ("said") or ended it ("over").

    These are their words, for whoever has the alarm: nothing of them goes to her phone. `number` tells their message
    from every other, `address` is whom an answer is for there. They change nothing in the alarm.
    """

    receiver: str
    word: str
    text: str = ""
    number: str = ""
    address: str = ""


class TextPassed(Event, frozen=True):
    """The control room `receiver` was told the first `passed` of what she was asked without a sound and answered: a
    machine there took `message`, at the `attempt`-th try."""

    receiver: str
    passed: int
    message: str
    attempt: int = 1


def number_for(receiver: str, alarm: str, kind: str = "", moment_us: int = 0) -> str:
    """The number of the alarm for this receiver, or of one message about it: the same for the same news (hex).

    Two systems that compare what they have cannot put an alarm together, and nobody learns from it whose kit it was.
    """
    told = "\n".join((receiver, alarm, kind, str(moment_us)))
    return hashlib.sha256(told.encode()).hexdigest()[:_SIGNS]
