"""What is written to somebody: how many things of which kind wait. No name, no number of a file, no link."""

from collections.abc import Iterable

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from egide.access.registries.tasks import Level
from egide.outbox.days import day_of
from egide.reminders.rules import Line

REFUSALS = {
    "no-address": gettext_lazy("That is no e-mail address."),
    "other-domain": gettext_lazy("Only addresses of the authority itself are taken here."),
    "no-hour": gettext_lazy("Choose an hour of the list."),
    "wrong-code": gettext_lazy(
        "That is not the code that was sent, or it is too old. Keep the address again for a new one."
    ),
}


def list_subject(number: int) -> str:
    """The subject of the daily list."""
    return ngettext(
        "Egide: %(number)d thing waits for you", "Egide: %(number)d things wait for you", number
    ) % {"number": number}


def urgent_subject() -> str:
    """The subject of a reminder that comes at once."""
    return _("Egide: something urgent waits for you")


def text_of(lines: Iterable[Line]) -> str:
    """The text of both."""
    told = "\n".join(_said(line) for line in lines)
    return "\n\n".join([told, _("Sign in as you always do, and see your start page."), _foot()]) + "\n"


def code_letter(code: str) -> tuple[str, str]:
    """Subject and text that bring the code to a new address."""
    text = _("Type this code on the page “How you are reminded”: {code}").format(code=code)
    return _("Egide: your code"), "\n\n".join([text, _("It is valid for half an hour."), _foot()]) + "\n"


def former_letter() -> tuple[str, str]:
    """Subject and text for an address to which nothing is sent any more."""
    text = _(
        "Reminders of your account do not come here any more. If that was not your wish, tell your administrator today."
    )
    return _("Egide: this address is reminded no more"), "\n\n".join([text, _foot()]) + "\n"


def _foot() -> str:
    return _("This message has no link, and nobody ever asks for a password by e-mail.")


def _said(line: Line) -> str:
    said = f"{line.number} × {line.word}"
    if line.level <= Level.URGENT:
        said = f"▲ {said} ({_level(line.level)})"
    if line.due_us is not None:
        day = date_format(day_of(line.due_us), "DATE_FORMAT")
        said = _("{what}: due {day}").format(what=said, day=day)
    return said


def _level(level: Level) -> str:
    return _("Danger to life") if level == Level.DANGER_TO_LIFE else _("Urgent")
