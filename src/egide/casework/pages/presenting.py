"""Rows of a file as its page shows them: a title, labelled values, source and date, marks that never rest on colour."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER, Scope
from egide.access.service import titles
from egide.access.templatetags.units import day as show_day
from egide.access.templatetags.units import metres
from egide.casework.file import facts as f
from egide.casework.file import words as w
from egide.casework.file.reading import File, FileRow, places_of
from egide.casework.file.rules import age_years, areas_of, is_in_force
from egide.casework.file.rules_life import Stage
from egide.casework.forms.parts import FORMS, FactsForm
from egide.casework.forms.positions import show_area
from egide.casework.models import Case
from egide.casework.papers.handing import HELD_BACK, hidden_addresses, state_of
from egide.casework.papers.keeping import PaperShown
from egide.outbox.days import today

Value = str | Promise

# Values that are codes, by field name.
_CODES: dict[str, dict[str, Promise]] = {
    "kind": w.MEASURES | w.PLACES,
    "role": w.ROLES | w.PERSON_ROLES,
    "language": w.LANGUAGES,
}
_TITLES = ("name", "text", "number", "address")
ITEM_WORDS = {
    "assessment": _("Add an assessment"),
    "breach": _("Add a breach"),
    "extension": _("Add an extension"),
    "instruction": _("Add an instruction"),
}
_ITEMS = {"perpetrator": ("assessment",), "measure": ("breach", "extension"), "context": ("instruction",)}


@dataclass(frozen=True)
class Item:
    """A line inside of a row: a statement with its source, a breach, an extension."""

    text: str
    source: str
    is_assessment: bool = False


@dataclass(frozen=True)
class ShownRow:
    """One row. `marks` are (css class, sign, words)."""

    id: str
    title: Value
    values: Sequence[tuple[Value, Value]] = ()
    marks: Sequence[tuple[str, str, Value]] = ()
    source: str = ""
    items: Sequence[Item] = ()
    edit_url: str = ""
    item_urls: Sequence[tuple[Value, str]] = ()
    is_over: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the file with its rows."""

    part: str
    title: Value
    rows: Sequence[ShownRow] = ()
    add_url: str = ""
    add_word: Value = ""
    hidden: int = 0
    links: Sequence[tuple[Value, str]] = field(default=())


ORDER = (
    "beneficiary",
    "place",
    "child",
    "person",
    "perpetrator",
    "weapon",
    "antecedent",
    "report",
    "measure",
)


def manages(scope: Scope, case: Case) -> bool:
    """Whether the reader is an officer of the managing zone: they alone write, and see a non-disclosed address."""
    return case.managing_zone in scope.places(ZONE_OFFICER, REFERENCE_OFFICER)


def missing_links(
    file: File, possible: Collection[str], codes: Sequence[str] | None = None
) -> list[tuple[str, str]]:
    """What is missing, each with the page on which it is mended, where somebody who writes the file may do so now.

    `codes` are those of the whole file, or the ones given.
    """
    missing = file.missing if codes is None else tuple(codes)
    case = file.case.id
    people = reverse("file-edit", args=[case, "beneficiary", file.beneficiary.id])
    steps = {
        name: reverse("file-step", args=[case, name])
        for name in ("conditions", "analysis")
        if name in possible
    }
    places = steps | {"perpetrator": reverse("file-add", args=[case, "perpetrator"])}
    own = ("name", "language", "safe-contact", "consent", "home")
    return [
        (word, people if code in own else places.get(code, ""))
        for code, word in zip(missing, w.missing_words(missing), strict=True)
    ]


@dataclass(frozen=True)
class MarkOfPaper:
    """That a paper goes to teams, since when and by whom; `is_held_back` until it was looked through once more."""

    by: str
    at_us: int
    is_held_back: bool


def marks_of(case_id: str, papers: Sequence[PaperShown]) -> dict[str, MarkOfPaper]:
    """The marked papers by their ids, with the name of who marked each."""
    marked = [(one.id, one.facts, one.facts.for_team) for one in papers]
    names = titles(mark.by for _paper, _facts, mark in marked if mark)
    hidden = hidden_addresses(places_of(case_id)) if names else {}
    return {
        paper: MarkOfPaper(names[mark.by], mark.at_us, state_of(facts, hidden) == HELD_BACK)
        for paper, facts, mark in marked
        if mark
    }


def call_back_links(file: File) -> list[tuple[str, str]]:
    """What a call-back lacks once a kit is out, each with the page on which it is mended; for its managing zone, which
    alone reads the agreed word."""
    if file.case.stage not in (Stage.RUNNING, Stage.ENDING):
        return []
    person = file.beneficiary
    page = reverse("file-edit", args=[file.case.id, "beneficiary", person.id])
    facts = {
        "phone": person.facts.phone,
        "safe-when": person.facts.safe_when,
        "word": person.facts.agreed_word,
    }
    return [(str(w.CALL_BACK[code]), page) for code, said in facts.items() if not said]


def sections_of(file: File, scope: Scope) -> list[Section]:
    """The parts in the order of the page. A non-disclosed address is counted, not shown, outside of its zone."""
    rows: dict[str, Sequence[FileRow[Any]]] = {
        "beneficiary": (file.beneficiary,),
        "place": file.places,
        "child": file.children,
        "person": file.people,
        "perpetrator": file.perpetrators,
        "weapon": file.weapons,
        "antecedent": file.antecedents,
        "report": file.reports,
        "measure": file.measures,
    }
    writes = manages(scope, file.case)
    context = FileRow(file.case.id, file.case.content_version, file.context)
    shown = [_section("context", (context,), file.case.id, writes)]
    return shown + [_section(part, rows[part], file.case.id, writes) for part in ORDER]


def _section(part: str, rows: Sequence[FileRow[Any]], case: str, writes: bool) -> Section:
    told = [row for row in rows if writes or not row.non_disclosed]
    add = part in w.ADD and writes
    return Section(
        part=part,
        title=w.PARTS[part],
        rows=[_shown(part, row, case, writes) for row in told],
        add_url=reverse("file-add", args=[case, part]) if add else "",
        add_word=w.ADD.get(part, ""),
        hidden=len(rows) - len(told),
    )


def _shown(part: str, row: FileRow[Any], case: str, writes: bool) -> ShownRow:
    facts = row.facts
    title_field = next((name for name in _TITLES if getattr(facts, name, "")), "")
    title = getattr(facts, title_field, "")
    if isinstance(facts, f.MeasureFacts):
        title_field, title = "kind", w.MEASURES.get(facts.kind, facts.kind)
    return ShownRow(
        id=row.id,
        title=title,
        values=[*_values(FORMS[part], facts, title_field), *_circles(facts, writes)],
        marks=_marks(row),
        source=_source(facts),
        items=_items(facts),
        edit_url=reverse("file-edit", args=[case, part, row.id]) if writes else "",
        item_urls=[
            (ITEM_WORDS[item], reverse("file-item", args=[case, part, row.id, item]))
            for item in (_ITEMS.get(part, ()) if writes else ())
        ],
        is_over=isinstance(facts, f.MeasureFacts) and not is_in_force(facts, today()),
    )


def _values(form: type[FactsForm], facts: f.Facts, title_field: str) -> list[tuple[Value, Value]]:
    skipped = {title_field, "source", "verified", "known", "assessment", "areas", "radius"}
    if isinstance(facts, f.Sourced):
        skipped.add("on")
    if isinstance(facts, f.PerpetratorFacts):
        skipped |= {"role", "acts_for"}
    initial = form.initial_of(facts)
    return [
        (field.label or "", _value(name, initial[name]))
        for name, field in form.base_fields.items()
        if name in facts.__struct_fields__
        and name not in skipped
        and initial.get(name) not in ("", None, False)
    ]


def _circles(facts: f.Facts, writes: bool) -> list[tuple[Value, Value]]:
    """The circles of a measure: where they lie is for the managing zone alone."""
    if not isinstance(facts, f.MeasureFacts):
        return []
    told = [
        show_area(area) if writes else f"{area.label} {metres(area.radius_m)}" for area in areas_of(facts)
    ]
    return [(_("Circles on the ground"), "\n".join(told))] if told else []


def _value(name: str, value: Any) -> Value:
    if isinstance(value, date):
        if name == "born":
            years = age_years(value, today())
            told = ngettext("%(day)s (%(years)s year)", "%(day)s (%(years)s years)", years)
            return told % {"day": show_day(value), "years": years}
        return show_day(value)
    return _CODES.get(name, {}).get(value, str(value)) if isinstance(value, str) else str(value)


def _source(facts: f.Facts) -> str:
    return f"{facts.source}, {show_day(facts.on)}" if isinstance(facts, f.Sourced) else ""


def _marks(row: FileRow[Any]) -> list[tuple[str, str, Value]]:
    facts = row.facts
    marks: list[tuple[str, str, Value]] = []
    if row.non_disclosed:
        marks.append(("duress", "◼", gettext("Non-disclosed address")))
    if isinstance(facts, f.WeaponFacts):
        marks.append(("alarm", "▲", gettext("seen")) if facts.known else ("ack", "◆", gettext("suspected")))
    if isinstance(facts, f.Sourced):
        marks.append(
            ("go", "✓", gettext("verified")) if facts.verified else ("test", "○", gettext("reported"))
        )
    if isinstance(facts, f.AntecedentFacts):
        marks.append(
            ("info", "◇", gettext("assessment")) if facts.assessment else ("test", "■", gettext("fact"))
        )
    if isinstance(facts, f.PerpetratorFacts):
        marks.append(("test", "●", w.ROLES.get(facts.role, facts.role)))
        if facts.acts_for:
            marks.append(("info", "◇", gettext("acts for %(name)s") % {"name": facts.acts_for}))
    if isinstance(facts, f.MeasureFacts):
        in_force = is_in_force(facts, today())
        marks.append(("go", "✓", gettext("in force")) if in_force else ("test", "–", gettext("not in force")))
        if facts.breaches:
            marks.append(("alarm", "▲", gettext("breached (%(count)s)") % {"count": len(facts.breaches)}))
    return marks


def _items(facts: f.Facts) -> list[Item]:
    if isinstance(facts, f.PerpetratorFacts):
        return [_statement(one, is_assessment=True) for one in facts.personality]
    if isinstance(facts, f.CaseFacts):
        return [_statement(one) for one in facts.instructions]
    if isinstance(facts, f.MeasureFacts):
        said = [
            Item(gettext("Breached on %(day)s") % {"day": show_day(one.on)}, one.source)
            for one in facts.breaches
        ]
        return said + [
            Item(
                gettext("Extended until %(day)s") % {"day": show_day(one.until)},
                f"{one.issuer}, {show_day(one.on)}",
            )
            for one in facts.extensions
        ]
    return []


def _statement(one: f.Sourced, *, is_assessment: bool = False) -> Item:
    certainty = gettext("verified") if one.verified else gettext("reported")
    return Item(one.text, f"{one.source}, {show_day(one.on)}, {certainty}", is_assessment)
