"""What a row of each record table is, where it comes from, and which rule limits it: texts of the data dictionary."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

_PSEUDONYM = _(
    "Pseudonyms change every calendar year: rows of two years cannot be joined (decision 0018). Months, no days."
)
_BODIES = _("Bodies, no people: a zone or an office.")
_IMPORT = _("Imported from a file that the authority gave; not from the journal.")


@dataclass(frozen=True)
class TableText:
    """English texts. `first` and `last` name the columns between whose days a row holds; one day where equal."""

    row: str
    source: str
    rule: str
    first: str = ""
    last: str = ""


TABLES: dict[str, TableText] = {
    "requests": TableText(
        _("One request of a file for an alarm."),
        _("Journal: requests, questions and decisions of files."),
        _PSEUDONYM,
        "requested",
        "decided",
    ),
    "courses": TableText(
        _("One file, from its first decision on; what happened after it, in days."),
        _("Journal: decisions, reports added to files, outcomes of alarms, deaths, ends of files."),
        _PSEUDONYM,
        "decided",
        "decided",
    ),
    "deaths": TableText(
        _("One death that stands in a file, by the latest word on it."),
        _("Journal: deaths that zones and magistrates entered, corrected and took back."),
        _(
            "Year and region, no month and no mark: others know of a death, and would get from there to all rows of"
            " somebody’s year."
        ),
        "day",
        "day",
    ),
    "protections": TableText(
        _("One stretch of time in which a file’s kit was out, in one zone."),
        _("Journal: kits that left the house, came back or were lost; moves of files."),
        _PSEUDONYM,
        "begins",
        "ends",
    ),
    "reviews": TableText(
        _("One review that was set."),
        _("Journal: decisions, reviews, changes in life, ends of files."),
        _PSEUDONYM,
        "set",
        "settled",
    ),
    "alarms": TableText(
        _("One alarm; tests and control presses are none."),
        _("Journal: presses, routes, steps of operators, zones and teams, closings, reports of teams."),
        _(
            "Parts of a day and seconds between steps, no moment and no position; nothing of an operator (rule 34)."
            " Presses without an intervention are never counted by person (rule 32)."
        ),
        "day",
        "day",
    ),
    "kits": TableText(
        _("One kit that was out with somebody, in one zone."),
        _("Journal: kits that left the house, came back or were lost."),
        _PSEUDONYM,
        "begins",
        "ends",
    ),
    "items": TableText(
        _("One button or phone of the stock, in one state."),
        _("Journal: moves of the stock."),
        _("No serial number: a row leads to no kit and no person."),
        "begins",
        "ends",
    ),
    "silences": TableText(
        _("One day on which nothing was heard of a kit though it was due."),
        _("Journal: kits that fell silent and were heard again."),
        _PSEUDONYM,
        "day",
        "day",
    ),
    "certificates": TableText(
        _("One certificate of a trained officer or magistrate."),
        _("Journal: trainings."),
        _("Staff numbers become pseudonyms of one year; only for counting who is trained (rule 34)."),
        "begins",
        "ends",
    ),
    "sign_offs": TableText(
        _("One stretch of time in which a zone or an office was signed off."),
        _("Journal: sign-offs and their withdrawal."),
        _BODIES,
        "begins",
        "ends",
    ),
    "surveys": TableText(
        _("One invitation to a survey."),
        _("Journal: invitations, under random marks that lead to nobody."),
        _("No file, no account and no place: decision 0020."),
        "invited",
        "invited",
    ),
    "answers": TableText(
        _("One answer to one question of a survey."),
        _("Journal: answers to the survey, five at a time, under random marks that lead to nobody."),
        _("No free text; no file, no account and no place: decision 0020."),
        "answered",
        "answered",
    ),
    "places": TableText(
        _("One police zone with its dispatch centre and prosecutor’s office."),
        _("The list of zones of the roll-out."),
        _BODIES,
    ),
    "inhabitants": TableText(_("Inhabitants of one zone in one year."), _IMPORT, _BODIES, "year", "year"),
    "reports": TableText(_("Reports of stalking in one zone in one year."), _IMPORT, _BODIES, "year", "year"),
    "calls": TableText(
        _("One ordinary urgent call, to compare with."),
        _IMPORT,
        _("Region, month and part of the day; nothing of the caller."),
        "day",
        "day",
    ),
}
