"""Form fields of the files' pages: days, choices that start empty, and lines with words to choose from."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

Choices = Iterable[tuple[str, str | Promise]]


def line(label: Any, *, required: bool = False, length: int = 200, **more: Any) -> forms.CharField:
    """One line of text."""
    return forms.CharField(label=label, required=required, max_length=length, **more)


def text(
    label: Any, *, required: bool = False, length: int = 4000, rows: int = 3, **more: Any
) -> forms.CharField:
    """Several lines of text."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=length, widget=widget, **more)


def day(label: Any, *, required: bool = False, **more: Any) -> forms.DateField:
    """A day, by the browser's own picker."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, input_formats=["%Y-%m-%d"], **more)


def tick(label: Any, **more: Any) -> forms.BooleanField:
    """A box to tick."""
    return forms.BooleanField(label=label, required=False, **more)


def choice(label: Any, choices: Choices, *, required: bool = True) -> forms.ChoiceField:
    """A choice that starts empty: nobody's answer is suggested (safety rule 15)."""
    return forms.ChoiceField(label=label, choices=[("", "—"), *choices], required=required)


def either(label: Any, choices: Choices, *, initial: str = "") -> forms.ChoiceField:
    """The same with every answer in sight, none chosen unless `initial` names the one that says nothing."""
    return forms.ChoiceField(label=label, choices=list(choices), initial=initial, widget=forms.RadioSelect)


YES_NO: tuple[tuple[str, Promise], ...] = (("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))
YES_NO_UNCLEAR = (*YES_NO, ("unclear", gettext_lazy("Unclear")))


def suggest(form: forms.Form, name: str, words: Iterable[str]) -> None:
    """Let people choose among `words`, or write something else: the browser's own list (`datalist`)."""
    field = form.fields[name]
    field.suggestions = list(dict.fromkeys(filter(None, words)))  # type: ignore[attr-defined]
    field.widget.attrs["list"] = f"{form[name].auto_id}_list"
