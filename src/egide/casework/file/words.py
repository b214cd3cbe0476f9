"""What the codes of a file say to people, in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from egide.casework.file.rules_life import Stage

Words = dict[str, Promise]

STAGES: Words = {
    Stage.REQUEST: _("Being written"),
    Stage.ANALYSIS: _("Risk analysis"),
    Stage.CONSULTATION: _("Consultation"),
    Stage.DECISION: _("To be decided"),
    Stage.MORE_ASKED: _("More was asked"),
    Stage.AGREEMENT: _("Agreement to sign"),
    Stage.ISSUE: _("Kit to hand out"),
    Stage.RUNNING: _("Alarm in use"),
    Stage.ENDING: _("Ending"),
    Stage.ENDED: _("Closed"),
    Stage.REFUSED: _("Refused"),
    Stage.WITHDRAWN: _("Withdrawn"),
    Stage.DIED: _("Closed: the person died"),
}
# Who has the next step, and what it is.
NEXT: Words = {
    Stage.REQUEST: _("The zone completes the file and asks the prosecutor’s office."),
    Stage.ANALYSIS: _("The zone writes the risk analysis."),
    Stage.CONSULTATION: _("Police and prosecutor look at it together."),
    Stage.DECISION: _("The magistrate decides."),
    Stage.MORE_ASKED: _("The zone answers what the magistrate asked."),
    Stage.AGREEMENT: _("The zone explains the agreement and has it signed."),
    Stage.ISSUE: _("The zone hands out a tested kit."),
    Stage.RUNNING: _("Until the review, or until life changes."),
    Stage.ENDING: _("The zone announces the end, thirty days ahead, with a plan."),
    Stage.ENDED: _("Nothing more to do. The file is kept for its time, then its key is discarded."),
    Stage.REFUSED: _("With new facts the zone can ask again."),
    Stage.WITHDRAWN: _("The zone takes the kit back; presses still get through until then."),
    Stage.DIED: _(
        "There is no notice to give. The zone takes the kit back when the time is right; a press still gets through"
        " until then. What is known of the death can be corrected below."
    ),
}
# What a support worker tells the zone.
SUPPORT_WORDS: Words = {
    "review": _("a review is proposed"),
    "trouble": _("something is wrong"),
    "call-back": _("a call-back is asked for"),
}
SUPPORT_FAULTS: Words = {
    "no-kind": _("Choose what it is about."),
    "no-words": _("Say it in 3 to 1,000 letters."),
    "many-words": _("The zone has five of yours to see to already. Ring it if it cannot wait."),
}
# By what else than a name a file was found.
DETAILS: Words = {
    "plate": _("Vehicles"),
    "telephone": _("Telephone"),
    "address": _("Address"),
    "report": _("Report"),
}
MISSING: Words = {
    "name": _("Name of the person"),
    "language": _("Language of the person"),
    "safe-contact": _("A safe way to reach the person"),
    "consent": _("Consent, with its date"),
    "home": _("Home, or a zone chosen by the person"),
    "perpetrator": _("At least one perpetrator"),
    "conditions": _("Questions about the conditions answered"),
    "analysis": _("Risk analysis"),
}
# What a call-back needs while a kit is out: without them it proves nothing, or puts her in danger.
CALL_BACK: Words = {
    "phone": _("For a call-back: the number of the person"),
    "safe-when": _("For a call-back: when it is safe"),
    "word": _("For a call-back: the agreed word"),
}
REFUSALS: Words = {
    "not-your-step": _("This step belongs to somebody else."),
    "not-now": _("The file is not at this step."),
    "incomplete": _("The file is not complete."),
    "not-lower": _(
        "An officer may raise danger and urgency, not lower them. The magistrate can, with reasons."
    ),
    "no-reasons": _("Write your reasons first."),
    "no-review-day": _("A grant needs a day of review."),
    "review-day": _("The day of review lies ahead, within a year."),
    "no-proposal": _("The zone has not given its part of the review yet."),
    "notice-too-short": _(
        "At least thirty days lie between the day on which the person was informed and the end."
    ),
    "grace-too-short": _("Thirty days of grace at least follow the end."),
    "notice-runs": _("The announced day of the end has not come yet."),
    "death-day": _("The day lies between the opening of the file and today."),
    "death-violence": _(
        "Say whether violence by the perpetrator is behind it. Of the perpetrator’s own death it is not asked."
    ),
    "died-already": _("The death of the protected person is entered already: correct that entry."),
}
PARTS: Words = {
    "beneficiary": _("Protected person"),
    "perpetrator": _("Perpetrators and people who act for them"),
    "weapon": _("Weapons, known or suspected"),
    "antecedent": _("Antecedents and assessments"),
    "report": _("Reports"),
    "child": _("Children"),
    "person": _("Other people"),
    "measure": _("Measures"),
    "place": _("Places"),
    "context": _("Context"),
}
ADD: Words = {
    "perpetrator": _("Add a perpetrator"),
    "weapon": _("Add a weapon"),
    "antecedent": _("Add an antecedent or assessment"),
    "report": _("Add a report"),
    "child": _("Add a child"),
    "person": _("Add a person"),
    "measure": _("Add a measure"),
    "place": _("Add a place"),
}
MEASURES: Words = {
    "residence-ban": _("Temporary residence ban"),
    "place-ban": _("Place ban"),
    "contact-ban": _("Contact ban"),
    "other": _("Other measure"),
}
ROLES: Words = {"suspect": _("Suspect"), "convicted": _("Convicted")}
PERSON_ROLES: Words = {
    "at-risk": _("Also at risk"),
    "witness": _("Witness"),
    "to-warn": _("To be warned"),
    "support": _("Support worker"),
}
PLACES: Words = {"home": _("Home"), "work": _("Work"), "school": _("School"), "other": _("Other place")}
LANGUAGES: Words = {"fr": _("French"), "nl": _("Dutch"), "de": _("German"), "en": _("English")}
DECISIONS: Words = {
    "granted": _("Granted"),
    "refused": _("Refused"),
    "more-asked": _("More asked"),
    "withdrawn": _("Withdrawn"),
}
LIFE_EVENTS: Words = {
    "release": _("Release from prison"),
    "end-of-ban": _("End of a ban"),
    "hearing": _("Hearing"),
    "custody": _("Custody or visits of children"),
    "moved-house": _("Moved house"),
    "other": _("Something else"),
}
DEATHS: Words = {
    "protected": _("The protected person"),
    "child": _("A child"),
    "relative": _("A relative, or somebody close"),
    "perpetrator": _("The perpetrator"),
}
# Of violence by the perpetrator.
VIOLENCE: Words = {
    "known": _("It is known"),
    "suspected": _("It is suspected"),
    "excluded": _("It is excluded"),
    "unknown": _("It is not known yet"),
    "not-asked": _("It is not asked"),
}
STEPS: Words = {
    "conditions": _("Conditions answered"),
    "requested": _("Asked for"),
    "analysed": _("Risk analysis written"),
    "raised": _("Danger or urgency raised"),
    "consulted": _("Consultation held"),
    "decided": _("Decision"),
    "answered": _("Answer to the magistrate"),
    "signed": _("Agreement signed"),
    "issued": _("Kit handed out"),
    "life-changed": _("Life changed"),
    "proposed": _("Zone’s part of the review"),
    "reviewed": _("Review decided"),
    "end-announced": _("End announced"),
    "withdrawn": _("Withdrawn"),
    "ended": _("Closed"),
    "dropped": _("The person no longer asks for it"),
    "moved": _("Moved to another zone"),
    "died": _("A death, or what is known of it"),
    "death-taken-back": _("A death taken back: a mistake"),
}

SOUND_REFUSALS: Words = {
    "sound-gone": _(
        "The sound was deleted meanwhile: nobody had listened to it. Its hashes are in the journal."
    ),
    "sound-no-reason": _("Write in a sentence why it must be kept. Nothing was changed."),
}


def missing_words(codes: tuple[str, ...]) -> list[str]:
    """What is missing, in the reader's language, in the order of the pages."""
    return [str(MISSING[code]) for code in codes]


# What a person lets a support worker see (`sharing.PARTS`), and what can be wrong in the form.
SHARED_PARTS: dict[str, Promise] = {
    "contact": _("How to reach her safely, her languages and needs"),
    "measures": _("Measures in force, without places"),
    "dates": _("Where the file stands, and its dates"),
}
SHARE_FAULTS: dict[str, Promise] = {
    "no-such-worker": _("There is no support worker’s account of this name."),
    "choose": _("Choose the support worker from the list."),
    "too-often": _("You have looked for many people within the hour. Try again later."),
    "no-parts": _("Choose at least one part."),
    "not-agreed": _("Without her own wish nothing is shown to anybody."),
}

# Who can be barred from a file (`bars`), and what can be wrong when somebody looks for them.
UNITS: dict[str, Promise] = {
    "zone": _("Police zone"),
    "centre": _("Emergency centre"),
    "office": _("Prosecutor’s office"),
}
NOBODY = _("Nobody has this name any more: it bars nobody.")
BAR_FAULTS: dict[str, Promise] = {
    "short": _("Write three letters or more of the name."),
    "many": _("More than eight fit: write more of the name."),
    "nobody": _(
        "No account and no unit fits. Whoever has no account sees nothing; their unit can be barred."
    ),
    "too-often": _("You have looked for many people within the hour. Try again later."),
    "unknown": _("Pick somebody from the list: there is no such account or unit."),
    "own": _("You would bar yourself. Ask another zone to manage this file first."),
}
