"""Words of the roll-out, in the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from egide.rollout import rules

REFUSALS = {
    "name": gettext_lazy("Give the name of the person who signed: 3 to 120 letters."),
    "future": gettext_lazy("This day is still to come."),
    "date": gettext_lazy("This is not a day such as 2026-11-25."),
    "signed-already": gettext_lazy("There is a signature already. Withdraw it first."),
    "reason": gettext_lazy("Say why: 3 to 200 letters."),
    "not-signed": gettext_lazy("There is no signature."),
    "telephone-name": gettext_lazy("Say who answers: 2 to 120 letters."),
    "telephone-number": gettext_lazy(
        "This is no telephone number: 3 to 15 digits, with + before the country."
    ),
    "telephone-abroad": gettext_lazy("A number abroad begins with + and the country, as in +31."),
    "telephone-country": gettext_lazy("Choose the country."),
    "patrol-sign": gettext_lazy("Give the call sign: 2 to 80 letters or digits."),
    "patrol-twice": gettext_lazy("The zone has a patrol of this call sign already."),
    "patrol-many": gettext_lazy("A zone keeps 200 patrols at most. Take one out first."),
    "telephone-twice": gettext_lazy("There is a number of this name already. Change that one."),
}
KINDS = {rules.ZONE: gettext_lazy("Police zone"), rules.OFFICE: gettext_lazy("Prosecutor’s office")}
SIGNERS = {rules.ZONE: gettext_lazy("Chief of zone"), rules.OFFICE: gettext_lazy("Prosecutor")}
TELEPHONE_KINDS = {
    rules.CENTRE: gettext_lazy("Dispatch centre"),
    rules.ABROAD: gettext_lazy("Neighbours abroad"),
    rules.ZONE: gettext_lazy("Police zone"),
}
COUNTRIES = {
    "DE": gettext_lazy("Germany"),
    "FR": gettext_lazy("France"),
    "GB": gettext_lazy("the United Kingdom"),
    "LU": gettext_lazy("Luxembourg"),
    "NL": gettext_lazy("the Netherlands"),
}
COURSES = {
    rules.POLICE: gettext_lazy("Course for police officers"),
    rules.MAGISTRATE: gettext_lazy("Course for magistrates"),
}


def missing_text(kind: str, missing: rules.Missing) -> str:
    """One thing that is missing, as a short phrase."""
    if missing.what == rules.TRAINED:
        counts = {"have": missing.have, "need": missing.need}
        if kind == rules.ZONE:
            return _("officers trained: %(have)s of %(need)s") % counts
        return _("magistrates trained: %(have)s of %(need)s") % counts
    return word_text(kind, missing.what)


def word_text(kind: str, what: str) -> str:
    """The same without numbers, where only the word is known."""
    texts = {
        rules.TRAINED: _("too few people trained"),
        rules.SIGNED_OFF: _("not signed by the chief of zone")
        if kind == rules.ZONE
        else _("not signed by the prosecutor"),
        rules.CENTRE_KNOWN: _("no dispatch centre"),
        rules.OFFICE_KNOWN: _("no prosecutor’s office"),
        rules.OFFICE_READY: _("the prosecutor’s office is not ready"),
    }
    return texts.get(what, _("not known to the roll-out"))
