"""The record tables: what science may see. No name, address, position or free text; days and hours, no moments.

`person` and `kit` are pseudonyms that change with the calendar year of the row (pseudonyms.py): rows of two years
cannot be joined. Where a measure needs more than one year of a life, the builder has put the days into one row.
"""

import polars as pl
from django.utils.translation import gettext_noop as _

_PLACE = {"zone": pl.String, "centre": pl.String, "office": pl.String}
_WHO: dict[str, pl.DataType | type[pl.DataType]] = {"period": pl.Int16, "person": pl.String, **_PLACE}

# There was a danger, by the word of the people on the spot.
FOUNDED = (
    "arrest",
    "perpetrator-gone",
    "nobody-seen-but-fear-founded",
    "help-refused",
    "injured",
    "killed",
    "child-taken",
)

# Whose death is one of those who were to be protected; and what is said of violence where it is or may be behind it.
VICTIMS, VIOLENT = ("protected", "child", "relative"), ("known", "suspected")

SCHEMAS: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    # One row for each request of a file for an alarm.
    "requests": {
        **_WHO,
        "requested": pl.Date,
        "decided": pl.Date,
        "decision": pl.String,
        "more_asked": pl.Int16,
    },
    # One row for each file, from its first decision on.
    "courses": {
        **_WHO,
        "decided": pl.Date,
        "decision": pl.String,
        "incident_days": pl.Int32,
        "killed": pl.Boolean,
        "left_days": pl.Int32,
        "left": pl.String,
    },
    # One row for each death that stands in a file.
    "deaths": {
        **_WHO,
        "day": pl.Date,
        "died": pl.String,
        "violence": pl.String,
        "in_alarm": pl.Boolean,
        "with_kit": pl.Boolean,
    },
    # One row for each stretch of time in which a file's kit was out, in one zone.
    "protections": {
        **_WHO,
        "begins": pl.Date,
        "ends": pl.Date,
        "is_first": pl.Boolean,
        "is_last": pl.Boolean,
        "days": pl.Int32,
    },
    "reviews": {**_WHO, "set": pl.Date, "due": pl.Date, "settled": pl.Date},
    "alarms": {
        **_WHO,
        "day": pl.Date,
        "hour": pl.Int8,
        "managing_zone": pl.String,
        "trigger": pl.String,
        "outcome": pl.String,
        "presses": pl.Int16,
        "went": pl.Boolean,
        "arrest": pl.Boolean,
        "seen_s": pl.Int32,
        "acknowledged_s": pl.Int32,
        "confirmed_s": pl.Int32,
        "under_way_s": pl.Int32,
        "on_site_s": pl.Int32,
    },
    "kits": {"period": pl.Int16, "kit": pl.String, **_PLACE, "begins": pl.Date, "ends": pl.Date},
    "items": {**_PLACE, "what": pl.String, "state": pl.String, "begins": pl.Date, "ends": pl.Date},
    "silences": {"period": pl.Int16, "kit": pl.String, **_PLACE, "day": pl.Date, "hours": pl.Float32},
    "certificates": {
        "period": pl.Int16,
        "person": pl.String,
        "subject": pl.String,
        "begins": pl.Date,
        "ends": pl.Date,
    },
    "sign_offs": {"subject": pl.String, "begins": pl.Date, "ends": pl.Date},
    "surveys": {
        "period": pl.Int16,
        **_PLACE,
        "invitation": pl.String,
        "questionnaire": pl.String,
        "version": pl.Int32,
        "role": pl.String,
        "invited": pl.Date,
        "answered": pl.Date,
    },
    "answers": {
        "period": pl.Int16,
        **_PLACE,
        "invitation": pl.String,
        "questionnaire": pl.String,
        "version": pl.Int32,
        "role": pl.String,
        "answered": pl.Date,
        "question": pl.String,
        "choice": pl.String,
    },
    # Not from the journal: the places of the roll-out, and files that somebody imported.
    "places": {"zone": pl.String, "centre": pl.String, "office": pl.String},
    "inhabitants": {**_PLACE, "year": pl.Int16, "inhabitants": pl.Int64},
    "reports": {**_PLACE, "year": pl.Int16, "reports": pl.Int64},
    "calls": {**_PLACE, "day": pl.Date, "hour": pl.Int8, "on_site_s": pl.Int32},
}
IMPORTED = ("inhabitants", "reports", "calls")

# What each column means; the data dictionary of every export is made of this.
COLUMNS = {
    "period": _("Calendar year of the row; pseudonyms are those of this year."),
    "person": _("Pseudonym of a file (or of a trained person) within this year."),
    "kit": _("Pseudonym of a kit within this year."),
    "zone": _(
        "Code of the police zone. Of an alarm: the zone that led, else that of the position. Of a request: the one that"
        " had the file when it was settled, or has it now. Of a course: the one that had it at the first decision."
    ),
    "centre": _("Code of the dispatch centre; for an alarm the one that led."),
    "office": _("Code of the prosecutor’s office."),
    "managing_zone": _("Code of the zone that managed the file."),
    "requested": _("Day on which the zone asked for an alarm."),
    "decided": _(
        "Day of the decision, of the withdrawal of the request or of the erasing of the file; empty before."
    ),
    "decision": _(
        "“granted”, “refused” or “dropped”: taken back by the person, or left by her death; empty before."
    ),
    "more_asked": _("How often the prosecutor’s office asked for more before it decided."),
    "incident_days": _(
        "Days from the first decision to the first new incident that is on record; empty for none."
    ),
    "killed": _("Whether an alarm of this file ended with the person killed."),
    "left_days": _(
        "Days from the first decision until nobody looked after the file any more; empty while open."
    ),
    "left": _(
        "How it was left: “refused”, “withdrawn”, “ended”, “dropped”, “died” (in exports told as “ended”) or “erased”;"
        " empty while open."
    ),
    "died": _("Who died: “protected”, “child”, “relative” or “perpetrator”."),
    "violence": _(
        "Violence by the perpetrator, by the latest word: “known”, “suspected”, “excluded”, “unknown” (not known yet),"
        " “not-asked” (his own death)."
    ),
    "in_alarm": _("Whether an alarm was closed with it: then it is counted with the outcomes."),
    "with_kit": _("Whether a kit of the file was out on that day."),
    "begins": _("First day."),
    "ends": _("First day on which it no longer holds; empty while it holds."),
    "is_first": _("Whether this is the first stretch of the file."),
    "is_last": _("Whether this is the last stretch of the file so far."),
    "days": _(
        "On the last stretch: days under protection in all; until the last day of the records while it runs."
    ),
    "set": _("Day on which the review was set."),
    "due": _("Day by which the review is due."),
    "settled": _(
        "Day on which it was held, no longer needed, or went to another zone with the file; empty while it is not."
    ),
    "day": _("Day, in the authority’s time."),
    "hour": _("Hour of day, 0 to 23, in the authority’s time."),
    "trigger": _("What set the alarm off: “button”, “screen”, “duress” or “unknown”."),
    "outcome": _("How it ended, a word of the list of outcomes; empty while open."),
    "presses": _("How often the button was pressed."),
    "went": _("Whether a team went."),
    "arrest": _("Whether somebody was arrested, by the closing or by the team’s report."),
    "seen_s": _(
        "Seconds from reception until a board had shown it, a started one counted whole; empty when not known."
    ),
    "acknowledged_s": _("Seconds from reception until an operator took it; empty when not known."),
    "confirmed_s": _("Seconds from reception until a zone was informed by name; empty when not known."),
    "under_way_s": _("Seconds from reception until a team was under way; empty when not known."),
    "on_site_s": _(
        "Seconds until a team was on the spot: from reception, or from the call; empty when not known."
    ),
    "what": _("“button” or “phone”."),
    "state": _("Where the item is in its life: stock, zone, prepared, issued, repair, lost, retired."),
    "hours": _("Hours of this day in which nothing was heard of the kit though it was due."),
    "subject": _("“zone:CODE” or “office:CODE”."),
    "invitation": _("Random mark of one invitation; it leads to nobody."),
    "questionnaire": _("Which questionnaire."),
    "version": _("Which version of it."),
    "role": _("“beneficiary” or “officer”."),
    "invited": _("Day of the invitation."),
    "answered": _("Day of the answer; empty without one."),
    "question": _("Which question."),
    "choice": _("Code of the chosen answer."),
    "year": _("Calendar year."),
    "inhabitants": _("Inhabitants of the zone in this year, as imported."),
    "reports": _("Reports of stalking in the zone in this year, as imported."),
}


def empty(name: str) -> pl.DataFrame:
    """A table without a row."""
    return pl.DataFrame(schema=SCHEMAS[name])
