"""The outcomes with which an alarm can be closed (safety rule 11), in the order in which they are offered."""

from collections.abc import Mapping

from egide.alarm.refusals import marked as _

OUTCOMES: Mapping[str, str] = {
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
