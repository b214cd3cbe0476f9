"""Forms of papers from elsewhere: what one is, and whether the team that is sent is handed it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from egide.casework.forms.fields import day, line, tick
from egide.casework.forms.parts import check_past

# Stands beside the mark wherever it is made.
SHOWN_WHOLE = _(
    "While an alarm of this file is open, the team’s telephone shows the whole paper, and so do the dispatch centre and"
    " the zone. A non-disclosed address must not stand in it."
)


class LookedForField(forms.MultipleChoiceField):
    """Of which non-disclosed addresses a paper says nothing. A tick of one that is not hidden any more does no harm."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: Any) -> bool:
        return True


class MarkForm(forms.Form):
    """What is said of a paper before a team is handed it: of each non-disclosed address, that it does not tell it."""

    use_required_attribute = False
    looked_for = LookedForField(
        label=_("I looked through the whole paper, and it does not say"), required=False
    )

    def __init__(self, given: Any, hidden: Mapping[str, str], **more: Any) -> None:
        super().__init__(given, **more)
        self.hidden = hidden
        if hidden:
            self.fields["looked_for"].choices = list(hidden.items())  # type: ignore[attr-defined]
        else:
            del self.fields["looked_for"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.is_for_team() and not set(self.hidden) <= set(given.get("looked_for", ())):
            self.add_error(
                "looked_for", gettext("Look for each of these addresses, and say that it is not there.")
            )
        return given

    def is_for_team(self) -> bool:
        """Whether a team is to be handed the paper."""
        return True


class AttachmentForm(MarkForm):
    """What a paper from elsewhere is, whom it comes from, of which day (rule 12), and whether a team is handed it."""

    title = line(_("What it is (report, certificate, picture)"), required=True, length=120)
    source = line(_("Whom it comes from"), required=True, length=120)
    on = day(_("Of which day"), required=True, validators=[check_past])
    paper = forms.FileField(
        label=_("File"),
        help_text=_("PDF, JPEG, PNG or WebP, at most 8 MB. What could act in it is refused."),
    )
    for_team = tick(_("To be handed to the team that is sent"), help_text=SHOWN_WHOLE)
    field_order = ("title", "source", "on", "paper", "for_team", "looked_for")

    def is_for_team(self) -> bool:
        return bool(self.cleaned_data.get("for_team"))
