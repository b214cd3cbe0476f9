"""What an operator can ask without a sound, and what is answered with one finger: information only (safety rule 8)."""

from collections.abc import Mapping

from egide.alarm.refusals import marked as _

QUESTIONS: Mapping[str, str] = {
    "safe": _("Are you safe?"),
    "there": _("Is he there?"),
    "weapon": _("Does he have a weapon?"),
    "speak": _("Can you speak?"),
    "children": _("Are children with you?"),
}
ANSWERS: Mapping[str, str] = {
    "yes": _("Yes"),
    "no": _("No"),
    "here": _("He is here"),
    "safe": _("I am safe"),
    "weapon": _("He has a weapon"),
}
