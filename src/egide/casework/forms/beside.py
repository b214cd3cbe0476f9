"""Further forms on the page of a perpetrator: a weapon, a measure. Each is left empty where there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import store
from egide.casework.forms.offering import initial_for, offer
from egide.casework.forms.parts import FORMS, FactsForm

PARTS: dict[str, Promise] = {
    "weapon": _("A weapon, known or suspected, if there is one"),
    "measure": _("A measure against this person, if there is one"),
}


@dataclass(frozen=True)
class Beside:
    """A form beside the one that the page is about."""

    part: str
    title: Promise
    form: FactsForm


def beside(case: m.Case, part: str, given: Any) -> list[Beside]:
    """What is asked on the same page as a new row of this part."""
    if part != "perpetrator":
        return []
    return [Beside(name, title, _form(case, name, given)) for name, title in PARTS.items()]


def _form(case: m.Case, part: str, given: Any) -> FactsForm:
    form = FORMS[part](given, prefix=part, initial=initial_for(case, part), empty_permitted=True)
    offer(form, case)
    # It is a measure against the person of this page, who is named there.
    form.fields.pop("against", None)
    return form


def do_add_beside(case: m.Case, who: f.Facts, more: Sequence[Beside], by: str) -> None:
    """Add the rows of those forms that somebody wrote into, inside the transaction of the caller."""
    for one in more:
        if one.form.has_changed():
            content = one.form.content()
            if isinstance(content, f.MeasureFacts) and isinstance(who, f.PerpetratorFacts):
                content = msgspec.structs.replace(content, against=who.name)
            store.do_add_row(case, one.part, content, by, **one.form.clear())
