"""What a file already says, offered in its forms: nothing that is known is asked twice."""

from typing import Any

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file.reading import contents, places_of
from egide.casework.forms.fields import suggest
from egide.casework.forms.parts import FactsForm, MeasureForm, PerpetratorForm, PlaceForm, SourcedForm
from egide.casework.forms.positions import offer_places, places_around
from egide.outbox.days import today
from egide.outbox.service import keys

# A circle around a house.
HOUSE_M = 100


def offer(form: FactsForm, case: m.Case) -> None:
    """Let the officer choose among what this file and its neighbourhood hold."""
    if isinstance(form, PlaceForm):
        offer_places(form, "position", places_around(case.managing_zone))
        form.fields["position"].widget.attrs |= {"data-pick": form["radius"].auto_id, "data-address": True}
        form.fields["address"].widget.attrs["data-address"] = True
    if isinstance(form, MeasureForm):
        form.offer_places(place.facts for place in places_of(case.id))
        offer_places(form, "areas", places_around(case.managing_zone))
        suggest(form, "against", perpetrators_of(case.id))
    if isinstance(form, PerpetratorForm):
        suggest(form, "acts_for", perpetrators_of(case.id))
    if isinstance(form, SourcedForm):
        suggest(form, "source", sources_of(case.id))


def initial_for(case: m.Case, part: str) -> dict[str, Any]:
    """What the form of a new row begins with: facts of the file and of today, each to be corrected."""
    if part == "place":
        has_home = any(place.facts.kind == "home" for place in places_of(case.id))
        return {"radius": HOUSE_M} | ({} if has_home else {"kind": "home"})
    if part == "measure":
        known = perpetrators_of(case.id)
        return {"starts": today(), "against": known[0] if len(known) == 1 else ""}
    return {"role": "suspect"} if part == "perpetrator" else {}


def perpetrators_of(case_id: str) -> list[str]:
    """Their names, in the order of the file."""
    key = keys().record_key(case_id)
    return [one.name for one in contents(key, case_id, m.Perpetrator, f.PerpetratorFacts)]


def sources_of(case_id: str) -> list[str]:
    """The sources that this file names already, reports first."""
    key = keys().record_key(case_id)
    reports = [one.number for one in contents(key, case_id, m.Report, f.PoliceReportFacts)]
    said = [one.source for one in contents(key, case_id, m.Weapon, f.WeaponFacts)]
    return reports + said + [one.source for one in contents(key, case_id, m.Antecedent, f.AntecedentFacts)]
