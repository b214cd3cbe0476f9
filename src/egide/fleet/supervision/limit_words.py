"""Words of the limits of supervision, in the reader's language: who is notified, and why a limit is refused."""

from django.utils.translation import gettext_lazy as _

from egide.fleet.supervision import rules as watch

WHOM = {
    watch.PERSON: _("the person, quietly"),
    watch.ZONE: _("the zone"),
    watch.OFFICER: _("the reference officer"),
}
FAULTS = {
    "order": _(
        "The zone is notified no earlier than the person, the reference officer no earlier than the zone."
    ),
    "hour": _(
        "Where the danger is highest everybody hears of silence within an hour, and never after a day."
    ),
    "page": _(
        "The zone hears of a web page’s cleared storage within the hour: at once, or after an hour of silence."
    ),
    "day": _("Where it is urgent, silence may not last a day."),
    "graver": _(
        "The graver the danger, the sooner somebody is notified: this is later than for a milder one."
    ),
    "battery": _("A battery is well again only at a higher charge than the one at which it is low."),
    "duration": _("Write a number with s, min, h or d, such as 20 min; 0 is at once."),
    "longest": _("At most 90 days."),
    "days": _("Write a whole number of days from 1 to 90."),
    "percent": _("Write a whole number from 1 to 99."),
}
BATTERY_LOW, BATTERY_GOOD = _("low from"), _("well again from")
