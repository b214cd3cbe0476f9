"""The desk's words: for states, flags, outcomes, refusals, compass points and countries."""

from django.utils.translation import gettext_lazy as _

from egide.response import words
from egide.response.words import Words

FLAGS: Words = {
    "late": _("Late: sent earlier, arrived only now"),
    "clock-odd": _("The phone’s clock is wrong"),
    "grant-ended": _("The grant has ended: help all the same"),
    "kit-returned": _("The kit was handed back"),
    "no-position": _("No position in the message"),
    "unreadable": _("An entry of this alarm cannot be read"),
    "press-missing": _("The press itself has not arrived yet"),
    "possible-clone": _("Possible clone: two messages under one number"),
}

OUTCOMES: Words = {
    "arrest": _("Arrest"),
    "perpetrator-gone": _("Perpetrator gone"),
    "person-not-found": _("Person not found"),
    "nobody-seen-but-fear-founded": _("Nobody seen, but fear founded"),
    "help-refused": _("Help refused"),
    "injured": _("Somebody injured"),
    "killed": _("Somebody killed"),
    "child-taken": _("Child taken away"),
    "handling-error": _("Handling error"),
    "test": _("Test"),
    "technical": _("Technical fault"),
}

REFUSALS: Words = {
    **words.REFUSALS,
    "taken": _("Already taken by %(by)s"),
    "not-taken": _("Take the alarm first"),
    "other-centre-leads": _("Another centre leads this alarm. Take it over first."),
    "moved-on": _("The position has moved on meanwhile: this centre is no longer asked. See who leads."),
    "no-centre": _("Choose another centre"),
    "help-waits": _("The team needs help. Answer that first."),
    "nobody-there": _(
        "No team was with the person. Only a supervisor may close, after a call-back with the agreed word."
    ),
}

COUNTRIES: Words = {
    "DE": _("Germany"),
    "FR": _("France"),
    "GB": _("the United Kingdom"),
    "LU": _("Luxembourg"),
    "NL": _("the Netherlands"),
}

FAILURES: Words = {
    "bad-signature": _("the signature is wrong"),
    "unknown-key": _("the key is unknown"),
}

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
    "waiting": _("%(n)s to take"),
    "closed": _("Closed: %(name)s"),
    "notNow": _("Not possible for this alarm now"),
    "copied": _("Copied"),
    "live": _("Live"),
    "connecting": _("Connecting"),
    "lost": _("Connection lost"),
    "soundOn": _("Sound on"),
    "soundOff": _("Sound off"),
    "placeBan": _("Place ban"),
    "residenceBan": _("Temporary residence ban"),
    "failed": _("That did not get through. Try again."),
}
