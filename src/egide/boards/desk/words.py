"""The desk's words: for states, flags, outcomes, refusals, compass points and countries."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from egide.alarm.events import ABORTED, ACCEPTED, COMPLETED, ENDED, RAISED, REJECTED, RELEASED, silent
from egide.boards.shown import words
from egide.boards.shown.words import Words

FLAGS: Words = {
    "late": _("Late: sent earlier, arrived only now"),
    "clock-odd": _("The phone’s clock is wrong"),
    "grant-ended": _("The grant has ended: help all the same"),
    "kit-returned": _("The kit was handed back"),
    "no-position": _("No position in the message"),
    "press-missing": _("The press itself has not arrived yet"),
    "possible-clone": _("Possible clone: two messages under one number"),
    "by-sms": _("By SMS"),
    "source-clock-odd": _("The device’s clock is wrong"),
    "kept": _("Kept by the server while the system could not store it"),
}

# What was wrong with phone and button in the last message.
PHONE: Words = {
    "unpaired": _("no button paired"),
    "radio-off": _("the phone’s Bluetooth is off: no button is heard"),
    "away": _("the button is not with the phone"),
    "position-refused": _("the phone refuses the position"),
    "no-fix": _("the phone finds no position"),
    "microphone-refused": _("the phone refuses the microphone"),
}

# What a dispatch system was told last, and whether a machine there took it.
TOLD: Mapping[tuple[str, bool], "str | Promise"] = {
    (RAISED, True): _("a machine there took the alarm; nobody there says they have seen it"),
    (RAISED, False): _("does not take the alarm: tell them by telephone. Tried since"),
    (ENDED, True): _("a machine there knows that the alarm is over"),
    (ENDED, False): _("does not take that the alarm is over; tried since"),
    (RELEASED, True): _("a machine there knows that this team is no longer sent"),
    (RELEASED, False): _("does not take that this team is no longer sent: tell it by radio. Tried since"),
}

# How far a copy is that was handed to a control room of others.
COPY_WAITS = _("does not take the copy yet: call them. Handed over")
COPY_LOST = _("the copy did not arrive there: call them. Sent")
COPY_SENT = _("their exchange took the copy; nobody there has answered")
COPY_THERE = _("their system has the copy; nobody there has answered")
COPY_ENDED = _("had a copy before the alarm was opened again; hand it over anew if they are needed. Sent")
COPY_ANSWERS: Words = {
    ACCEPTED: _("a person there accepts. The alarm stays ours"),
    REJECTED: _("a person there refuses: see who goes"),
    COMPLETED: _("they say that it is done for them. The alarm stays ours"),
    ABORTED: _("they say that they broke it off: see who goes"),
}

NO_DEVICE_THERE = _("nothing was sent, the list of its zone has no such patrol: tell it by radio")
SHOWN_ELSEWHERE = _("shown there; nobody there has answered")
ANSWERED_ELSEWHERE = _("answered by a person there")

# In which direction somebody moved.
HEADINGS: Words = {
    "N": pgettext_lazy("heading", "to the north"),
    "NE": pgettext_lazy("heading", "to the north-east"),
    "E": pgettext_lazy("heading", "to the east"),
    "SE": pgettext_lazy("heading", "to the south-east"),
    "S": pgettext_lazy("heading", "to the south"),
    "SW": pgettext_lazy("heading", "to the south-west"),
    "W": pgettext_lazy("heading", "to the west"),
    "NW": pgettext_lazy("heading", "to the north-west"),
}

# Who gave an alarm up: it rings again as new (safety rule 1).
LEFT: Words = {
    "idle": _("%(by)s is away from the board: it rings again"),
    "offline": _("%(by)s’s board is cut off: it rings again"),
    "signed-out": _("%(by)s has signed out: it rings again"),
}

OUTCOMES = words.OUTCOMES

QUESTIONS: Words = {word: gettext_lazy(text) for word, text in silent.QUESTIONS.items()}
ANSWERS: Words = {word: gettext_lazy(text) for word, text in silent.ANSWERS.items()}

FAILURES: Words = {
    "bad-signature": _("the signature is wrong"),
    "unknown-key": _("the key is unknown"),
    "blocked-phone": _("pressed on a phone that was blocked"),
    "wrong-key": _("a frame that the button’s key did not make"),
    "old-counter": _("a frame with a number that was used: recorded by somebody, or the button was reset"),
    "not-encrypted": _("a frame in the clear of a device that has a key"),
    "old-time": _("a frame of another time: recorded by somebody, or the device’s clock is wrong"),
    "half-message": _("half of a press came by SMS, the other half has not come"),
}

# What a missed deadline sets off, as a sentence and as the head of a column.
LADDER_ACTIONS: Words = {
    "louder": _("rings louder, at every board of the centre"),
    "supervisor": _("the supervisor is notified, and the zone directly"),
    "neighbour": _("%(centre)s is shown a copy; this centre goes on leading"),
    "louder-column": _("Louder, all boards"),
    "supervisor-column": _("Supervisor and zone"),
    "neighbour-column": _("Copy to the neighbouring centre"),
}

# The keys that choose a line of a list: those of the row of digits, in their order.
_DIGITS = "1234567890-"


def numbered(words: Words) -> list[tuple[str, str, object]]:
    """Each line of a list with the key that chooses it, its value and its words."""
    return [(key, value, text) for key, (value, text) in zip(_DIGITS, words.items(), strict=False)]


# What the scripts say; they hold no text of their own.
SCRIPT_WORDS: Words = {
    "newAlarm": _("New alarm: %(name)s, %(zone)s"),
    "newDuress": _("Duress: %(name)s, %(zone)s"),
    "late": _("Late: %(step)s: %(name)s"),
    "pressedAgain": _("Pressed again: %(name)s"),
    "takenBy": _("Taken by %(by)s: %(name)s"),
    "newBelow": _("New alarm below; the order changes as soon as you leave the list"),
    "caughtUp": _("Caught up: %(n)s came meanwhile"),
    "wait": _("One second: this has only just appeared"),
    "noAlarmChosen": _("No alarm is chosen"),
    "closed": _("Closed: %(name)s"),
    "nothingToUndo": _(
        "There is nothing to undo: more than ten seconds have passed, or somebody has gone on from it"
    ),
    "notNow": _("Not possible for this alarm now"),
    "copied": _("Copied"),
    "live": _("Live"),
    "connecting": _("Connecting"),
    "lost": _("Connection lost"),
    "help": _("The team needs help: %(name)s, %(zone)s"),
    "asked": _("Take over? %(centre)s leads: %(name)s, %(zone)s"),
    "supervisor": _("%(by)s asks the supervisor: %(name)s"),
    "leads": _("%(centre)s leads now: %(name)s"),
    "lostRings": _("You no longer have the alarm of %(name)s. %(left)s."),
    "lostTaken": _("You no longer have the alarm of %(name)s: %(by)s has it now."),
    "stillThere": _("Still there? Press any key. Otherwise your alarms (%(n)s) ring again in %(s)s s."),
    "reach": _("up to %(m)s away by now"),
    "teamHere": _("Team needs help"),
    "keptPress": _("Pressed at %(at)s (presses: %(n)s), %(zone)s"),
    "keptOpen": _("An open alarm goes on, since %(at)s, %(zone)s"),
    "keptUnknown": _("zone not known here"),
    "keptDuress": _("Duress"),
    "keptPlace": _("position %(lat)s, %(lon)s (± %(m)s m) of %(at)s"),
    "keptNoPlace": _("no position"),
    "keptEarlier": _("by an earlier phone of this kit"),
    "keptOld": _("nothing newer than the journal has: perhaps an old message, sent again"),
    "keptKnown": _("kit and zone as they were known %(ago)s before"),
    "keptKit": _("kit %(id)s"),
    "placeBan": _("Place ban"),
    "residenceBan": _("Temporary residence ban"),
    "failed": _("That did not get through. Try again."),
    "readingFile": _("Weapons and instruction: the file is being read"),
    "fileFailed": _("The file did not come: weapons are not known here. R reads it again."),
}
