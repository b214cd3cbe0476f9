"""The answers to what cannot be done: each word of `Refused` as a sentence.

English message ids, which the pages translate; `%(by)s` is the colleague who was first.
"""

from collections.abc import Mapping


def marked(text: str) -> str:
    """Marks an English text for the catalogues where it stands in a table of this package; the pages translate it."""
    return text


_ = marked

REFUSALS: Mapping[str, str] = {
    "closed": _("Already closed by %(by)s"),
    "taken": _("Already taken by %(by)s"),
    "not-taken": _("Take the alarm first"),
    "other-centre-leads": _("Another centre leads this alarm. Take it over first."),
    "moved-on": _("The position has moved on meanwhile: this centre is no longer asked. See who leads."),
    "no-centre": _("Choose another centre"),
    "no-neighbour": _("Choose one of the control rooms of the list"),
    "no-zone": _("This zone is not concerned. Choose one of the list."),
    "no-name": _("Write a name or a reference: without it nobody counts as informed"),
    "zone-first": _("Inform the zone first, with a name or a reference"),
    "other-leads": _("Another zone leads; only it sends a team"),
    "team-first": _("Name the team first"),
    "not-earlier": _("Only a phone that pressed after another one took its place can be blocked"),
    "arrived": _("The team is on the spot already"),
    "too-long": _("Too long"),
    "not-said": _("Nobody has said this step: there is nothing to correct"),
    "not-your-word": _("The team or its zone said this itself: only they correct it"),
    "no-fit": _("This does not fit with the other times. Look at when the team left and arrived."),
    "empty": _("Write a few words"),
    "no-outcome": _("Choose an outcome"),
    "no-choice": _("Choose one of the list"),
    "no-question": _("Choose one of the questions"),
    "no-time": _("Write a whole number of minutes"),
    "duress": _("A code under threat was entered: send nothing to the phone"),
    "help-waits": _("The team needs help. Answer that first."),
    "only-told": _(
        "Only the word of the team or its zone ends the alarm, or a supervisor after a call-back with the agreed word."
    ),
    "nobody-there": _(
        "No team was with the person. Only a supervisor may close, after a call-back with the agreed word."
    ),
    "reported": _("The report is written already, by %(by)s"),
    "too-many": _("Too many links were made for this alarm. Tell the team by radio."),
    "no-link": _("This link or code opens nothing. Check it, or ask the dispatch centre for a new one."),
    "link-used": _("This link was opened on another device already. Ask the dispatch centre for a new one."),
    "link-expired": _("This link is older than a day. Ask the dispatch centre for a new one."),
    "other-team": _("%(by)s was sent instead of you. Ask the dispatch centre by radio."),
    "undo-gone": _("This cannot be undone any more: somebody has gone on from it. Say what is right now."),
    "undo-late": _("More than ten seconds have passed. Correct the step, or say what is right now."),
    "open": _("The alarm is still open"),
    "followed-up": _("Already done by %(by)s"),
}
# Somebody else was quicker: the page shows what is true now.
CROSSED = frozenset({"taken", "closed", "other-centre-leads", "moved-on"})
