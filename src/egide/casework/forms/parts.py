"""Forms of the parts of a file: what a person types becomes the facts of one row, and back."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Any, ClassVar

import msgspec
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from egide.casework.file import facts as f
from egide.casework.file import words as w
from egide.casework.forms.fields import choice, day, either, line, text, tick
from egide.casework.forms.positions import (
    AROUND_M,
    NAMED_RADIUS_M,
    AreasField,
    PositionField,
    TypedPosition,
    parse_address,
    parse_radius,
    show_area,
    show_position,
)
from egide.outbox.days import today

# The languages of documents, by their own names.
OWN_NAMES = {"fr": "français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}


class FactsForm(forms.Form):
    """Fields that bear the names of the facts they fill; whatever the form does not ask for is kept as it was."""

    facts: ClassVar[type[f.Facts]]
    # Fields that begin with a value: alone they do not make a form written.
    in_advance: ClassVar[frozenset[str]] = frozenset()
    use_required_attribute = False

    def has_changed(self) -> bool:
        """Whether somebody wrote into the form."""
        return bool(set(self.changed_data) - self.in_advance)

    @classmethod
    def initial_of(cls, facts: f.Facts) -> dict[str, Any]:
        """What the form shows for `facts`."""
        return {name: getattr(facts, name) for name in cls.base_fields if name in facts.__struct_fields__}

    def values(self) -> dict[str, Any]:
        """The facts' fields that this form fills."""
        return {
            name: self.cleaned_data[name]
            for name in self.facts.__struct_fields__
            if name in self.cleaned_data
        }

    def content(self, before: f.Facts | None = None) -> f.Facts:
        """The facts, on the ground of those that were there before."""
        values = self.values()
        return msgspec.structs.replace(before, **values) if before else self.facts(**values)

    def clear(self) -> dict[str, Any]:
        """Clear columns of the row."""
        return {}


def check_past(value: date) -> None:
    """A day that has come. Raises forms.ValidationError."""
    if value > today():
        raise forms.ValidationError(gettext("This day lies ahead."))


class BeneficiaryForm(FactsForm):
    facts = f.BeneficiaryFacts
    name = line(_("Name"), required=True, length=120)
    born = day(_("Born on"), required=True, validators=[check_past])
    language = choice(_("Language of the documents"), w.LANGUAGES.items())
    languages = line(_("Speaks"), required=True)
    interpreter = line(_("Interpreter needed for"))
    needs = text(_("Needs (deafness, walking, medicine …)"), rows=2)
    phone = line(_("Telephone"), length=40)
    safe_contact = text(_("Safe way to reach the person"), rows=2)
    safe_when = line(_("When it is safe"))
    unsafe_contact = line(_("Never use"))
    agreed_word = line(
        _("Word agreed for a call-back"),
        length=60,
        help_text=_(
            "Only the person and the police know it. It proves on the telephone that nobody forces them."
        ),
    )
    silence = text(_("How to make contact in silence"), rows=2)
    description = text(_("Description"), rows=2)
    routine = text(_("Routine, usual ways"), rows=2)
    consent = text(_("What the person agrees to, in their words"), rows=2)
    consent_on = day(_("Agreed on"), validators=[check_past])


class ContextForm(FactsForm):
    facts = f.CaseFacts
    context = text(_("What happened, in short"), required=True, rows=6)
    reference = line(_("Reference of the police"), length=60)


class PerpetratorForm(FactsForm):
    facts = f.PerpetratorFacts
    name = line(_("Name"), required=True, length=120)
    born = day(_("Born on"), validators=[check_past])
    national = line(_("Identity number"), length=40)
    role = choice(_("Suspect or convicted"), w.ROLES.items())
    relation = line(_("Relation to the person"))
    acts_for = line(_("Acts for (name of the perpetrator, if not on their own account)"), length=120)
    description = text(_("Description"), rows=2)
    vehicle = line(_("Vehicles"))
    addictions = line(_("Addictions"))
    likely_places = text(_("Likely places"), rows=2)
    detained_until = day(_("Detained until"))


class SourcedForm(FactsForm):
    """A statement with its source and date (rule 12)."""

    facts = f.Sourced
    text = text(_("Statement"), required=True, rows=2)
    source = line(_("Source (report, certificate, who said it)"), required=True)
    on = day(_("On"), required=True, validators=[check_past])
    verified = tick(_("Verified, not only reported"))


class AntecedentForm(SourcedForm):
    facts = f.AntecedentFacts
    kind = either(_("What it is"), (("fact", _("A fact")), ("assessment", _("Somebody’s assessment"))))

    @classmethod
    def initial_of(cls, facts: f.Facts) -> dict[str, Any]:
        assessment = isinstance(facts, f.Sourced) and facts.assessment
        return super().initial_of(facts) | {"kind": "assessment" if assessment else "fact"}

    def values(self) -> dict[str, Any]:
        return super().values() | {"assessment": self.cleaned_data["kind"] == "assessment"}


class WeaponForm(SourcedForm):
    facts = f.WeaponFacts
    text = line(_("Weapon"), required=True)
    known = tick(_("Somebody saw it (otherwise it is suspected)"))


class PoliceReportForm(FactsForm):
    facts = f.PoliceReportFacts
    number = line(_("Number"), required=True, length=60)
    on = day(_("On"), required=True, validators=[check_past])
    about = text(_("About"), required=True, rows=2)
    unit = line(_("Unit that took it"))


class ChildForm(FactsForm):
    facts = f.ChildFacts
    name = line(_("Name"), required=True, length=120)
    born = day(_("Born on"), required=True, validators=[check_past])
    school = line(_("School"))
    remark = line(_("Remark (health, needs)"))


class PersonForm(FactsForm):
    facts = f.PersonFacts
    name = line(_("Name"), required=True, length=120)
    role = choice(_("Why in the file"), w.PERSON_ROLES.items())
    relation = line(_("Relation to the person"))
    contact = line(_("How to reach"))
    remark = line(_("Remark"))


class MeasureForm(FactsForm):
    facts = f.MeasureFacts
    in_advance = frozenset({"starts"})
    kind = choice(_("Measure"), w.MEASURES.items())
    issuer = line(_("Issued by"), required=True)
    reference = line(_("Reference"), length=60)
    starts = day(_("From"), required=True)
    ends = day(_("Until (included)"))
    against = line(_("Against"), length=120)
    conditions = text(_("Conditions"), rows=2)
    around = forms.MultipleChoiceField(
        label=_("A circle of 300 m around these places of the file"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    areas = AreasField(
        label=_("Circles on the ground"),
        required=False,
        max_length=4000,
        help_text=_(
            "An address, or a place of the list, which means its middle. Degrees are taken as well: 50.4518, 3.9571"
        ),
    )

    def offer_places(self, places: Iterable[f.PlaceFacts]) -> None:
        """Let the officer choose among the places of the file: nobody types the degrees of a known address."""
        self._places = {str(number): place for number, place in enumerate(places)}
        field = self.fields["around"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (number, f"{w.PLACES[place.kind]} · {place.address}") for number, place in self._places.items()
        ]
        if not self._places:
            del self.fields["around"]

    @classmethod
    def initial_of(cls, facts: f.Facts) -> dict[str, Any]:
        areas = (facts.area, *facts.more_areas) if isinstance(facts, f.MeasureFacts) and facts.area else ()
        return super().initial_of(facts) | {"areas": "\n".join(map(show_area, areas))}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("starts") and given.get("ends") and given["ends"] < given["starts"]:
            self.add_error("ends", gettext("The end comes before the beginning."))
        has_circle = given.get("areas") or given.get("around") or "areas" in self.errors
        if given.get("kind") in ("place-ban", "residence-ban") and not has_circle:
            self.add_error(
                "areas", gettext("This measure needs a circle, so that a position can be held against it.")
            )
        return given

    def values(self) -> dict[str, Any]:
        chosen = (self._places[number] for number in self.cleaned_data.get("around", ()))
        around = tuple(
            msgspec.structs.replace(place.area, radius_m=AROUND_M, label=str(w.PLACES[place.kind]))
            for place in chosen
        )
        areas = (*self.cleaned_data["areas"], *around)
        return super().values() | {"area": areas[0] if areas else None, "more_areas": areas[1:]}


class PlaceForm(FactsForm):
    facts = f.PlaceFacts
    kind = choice(_("Kind of place"), w.PLACES.items())
    address = line(_("Address"), required=True)
    non_disclosed = tick(_("Non-disclosed address: shown to the managing zone alone"))
    position = PositionField(
        label=_("Where it is, if the address is not found"),
        required=False,
        max_length=200,
        help_text=_(
            "A place of the list means its middle, with 1,500 metres around. Degrees as a map shows them are exact: "
            "50.4518, 3.9571"
        ),
    )
    radius = line(_("Radius in metres"), required=True, length=6)
    entrance = line(_("Entrance"))
    floor = line(_("Floor"))
    bell = line(_("Name on the bell"))
    door_code = line(_("Door code"))
    dog = line(_("Dog"))
    meeting_point = line(_("Meeting point"))

    @classmethod
    def initial_of(cls, facts: f.Facts) -> dict[str, Any]:
        assert isinstance(facts, f.PlaceFacts)
        where = {"position": show_position(facts.area), "radius": facts.area.radius_m}
        return super().initial_of(facts) | where

    def clean_radius(self) -> int:
        return parse_radius(self.cleaned_data["radius"])

    def clean_position(self) -> TypedPosition | None:
        """As it was written, else that of the address; also where the person moved and only the address was changed."""
        written: TypedPosition | None = self.cleaned_data["position"]
        address = self.cleaned_data.get("address")
        if not address:
            return written
        if written is None:
            return self._found(address)
        if "address" in self.changed_data and "position" not in self.changed_data:
            with suppress(forms.ValidationError):
                return parse_address(address)
        return written

    def _found(self, address: str) -> TypedPosition | None:
        """Where the address is; what is wrong with it is said beside it."""
        try:
            return parse_address(address)
        except forms.ValidationError as fault:
            self.add_error("address", fault)
            return None

    def values(self) -> dict[str, Any]:
        position, radius_m = self.cleaned_data["position"], self.cleaned_data["radius"]
        area = f.Area(
            lat_e7=position.lat_e7,
            lon_e7=position.lon_e7,
            radius_m=max(radius_m, NAMED_RADIUS_M) if position.is_named else radius_m,
            label=str(w.PLACES[self.cleaned_data["kind"]]),
        )
        return super().values() | {"area": area}

    def clear(self) -> dict[str, Any]:
        return {"non_disclosed": self.cleaned_data["non_disclosed"]}


class BreachForm(FactsForm):
    facts = f.Breach
    on = day(_("On"), required=True, validators=[check_past])
    source = line(_("Source (report, certificate, who said it)"), required=True)


class ExtensionForm(FactsForm):
    facts = f.Extension
    on = day(_("Decided on"), required=True, validators=[check_past])
    until = day(_("Until (included)"), required=True)
    issuer = line(_("Issued by"), required=True)


class NewFileForm(forms.Form):
    """What opens a file: who the person is, how to reach them safely, what happened. The rest follows, page by page."""

    use_required_attribute = False
    zone = forms.ChoiceField(label=_("Managing zone"))
    name = line(_("Name of the protected person"), required=True, length=120)
    born = day(_("Born on"), required=True, validators=[check_past])
    language = choice(_("Language of the documents"), w.LANGUAGES.items())
    languages = line(_("Speaks, if not the language of the documents"))
    context = text(_("What happened, in short"), required=True, rows=6)
    safe_contact = text(_("Safe way to reach the person"), rows=2)
    unsafe_contact = line(_("Never use"))
    consent = text(_("What the person agrees to, in their words"), rows=2)
    consent_on = day(_("Agreed on"), validators=[check_past])

    def __init__(self, *arguments: Any, zones: dict[str, str], **more: Any) -> None:
        super().__init__(*arguments, **more)
        field = self.fields["zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(zones.items())
        if len(zones) == 1:
            field.widget = forms.HiddenInput()

    def beneficiary(self) -> f.BeneficiaryFacts:
        """The protected person. Nobody agreed on a day without having said to what."""
        given = {name: self.cleaned_data[name] for name in self.fields if name not in ("zone", "context")}
        given["languages"] = given["languages"] or OWN_NAMES[given["language"]]
        return f.BeneficiaryFacts(**given | ({} if given["consent"] else {"consent_on": None}))


FORMS: dict[str, type[FactsForm]] = {
    "beneficiary": BeneficiaryForm,
    "perpetrator": PerpetratorForm,
    "weapon": WeaponForm,
    "antecedent": AntecedentForm,
    "report": PoliceReportForm,
    "child": ChildForm,
    "person": PersonForm,
    "measure": MeasureForm,
    "place": PlaceForm,
    "context": ContextForm,
}
# What is added to a row one by one: (part, name) -> (field of the facts, form).
ITEMS: dict[tuple[str, str], tuple[str, type[FactsForm]]] = {
    ("perpetrator", "assessment"): ("personality", SourcedForm),
    ("measure", "breach"): ("breaches", BreachForm),
    ("measure", "extension"): ("extensions", ExtensionForm),
    ("context", "instruction"): ("instructions", SourcedForm),
}
