"""From a day to a day, for whoever looks something up."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _


class Period(forms.Form):
    """Both days are optional, and belong to it."""

    since = forms.DateField(
        label=_("From"), required=False, error_messages={"invalid": _("A day such as 2026-11-25.")}
    )
    until = forms.DateField(
        label=_("Until"), required=False, error_messages={"invalid": _("A day such as 2026-11-25.")}
    )

    def clean_until(self) -> date | None:
        """A time that ends before it begins finds nothing: say so."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            raise forms.ValidationError(_("This day is before the first one."))
        return until if isinstance(until, date) else None
