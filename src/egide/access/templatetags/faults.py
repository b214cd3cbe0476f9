"""What is wrong in a form, listed once at the top of the page, each fault a link to its field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.utils.translation import gettext

register = template.Library()
# Fields of several choices have no control of their own name: the link leads to the first choice.
CHOICES = ("radioselect", "checkboxselectmultiple")


@dataclass(frozen=True)
class Fault:
    """One fault: the field's id, empty where it is no fault of one field; the field's name as it is shown."""

    target: str
    label: str
    text: str

    @property
    def words(self) -> str:
        """The fault after the name of its field."""
        return (
            gettext("%(label)s: %(text)s") % {"label": self.label, "text": self.text}
            if self.label
            else self.text
        )


@register.inclusion_tag("access/error_summary.html", takes_context=True)
def error_summary(context: Context) -> dict[str, list[Fault]]:
    """The faults of the page's `form`, or of its `errors` by name of the field; nothing where there are none.

    A field's id is that of its form, or its name; `error_targets` names another, or none where the fault is that of the
    whole form.
    """
    # Some pages have further forms beside theirs.
    forms = [context.get("form"), *(one.form for one in context.get("beside") or ())]
    errors = context.get("errors") or getattr(context.get("asked"), "errors", None)
    targets = context.get("error_targets") or {}
    faults: list[Fault] = []
    if any(isinstance(form, BaseForm) and form.is_bound for form in forms):
        faults += [fault for form in forms if isinstance(form, BaseForm) for fault in _of_form(form, targets)]
    elif isinstance(errors, Mapping):
        faults += [
            Fault(targets.get(name, str(name)), "", text)
            for name, error in errors.items()
            for text in _texts(error)
        ]
    return {"faults": faults}


def _of_form(form: BaseForm, targets: Mapping[str, str]) -> Iterator[Fault]:
    for text in form.non_field_errors():
        yield Fault("", "", str(text))
    for field in form:
        for text in field.errors:
            yield Fault(targets.get(field.name, _target(field)), str(field.label), str(text))


def _target(field: BoundField) -> str:
    return f"{field.auto_id}_0" if field.widget_type in CHOICES else str(field.id_for_label or field.auto_id)


def _texts(error: Any) -> list[str]:
    """One fault of a field, or several of the form as a whole."""
    return [str(one) for one in error] if isinstance(error, list | tuple) else [str(error)]
