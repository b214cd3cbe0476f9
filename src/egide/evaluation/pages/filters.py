"""What a reader asks of the figures: period, place, and a second period; every fault beside its own field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from egide.evaluation.service import COUNTRY, SPLITS, ImpossiblePeriod, Period, Places
from egide.rollout import service as rollout

KINDS: dict[str, str | Promise] = {
    "centre": gettext_lazy("Dispatch centres"),
    "office": gettext_lazy("Prosecutor’s offices"),
    "zone": gettext_lazy("Police zones"),
}
_FAULTS: dict[str, str | Promise] = {
    "form": gettext_lazy("“%(text)s” is no month. Write it like 2023-10."),
    "month": gettext_lazy("The month “%(text)s” does not exist."),
    "backwards": gettext_lazy("The last month lies before the first one."),
}


@dataclass
class AskedFigures:
    """A reader's question. `errors` by name of field; `typed` is what stood in the fields."""

    period: Period
    places: Places = COUNTRY
    other: Period | None = None
    by: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The question as the query of an address, without an empty field."""
        kept = {name: value for name, value in self.typed.items() if value}
        return urlencode(kept)


def read(given: Mapping[str, str], today: date) -> AskedFigures:
    """The question behind a form. Where it is faulty, the period falls back on the present year."""
    usual = Period.parse(f"{today.year}-01..{today.year}-{today.month:02}")
    names = ("from", "to", "place", "from2", "to2", "by")
    typed = {name: given.get(name, "").strip()[:40] for name in names}
    asked = AskedFigures(usual, typed=typed)
    if typed["from"] or typed["to"]:
        asked.period = _period(typed, "from", "to", asked.errors) or usual
    else:
        typed["from"], typed["to"] = f"{usual.first:%Y-%m}", f"{usual.last:%Y-%m}"
    if typed["from2"] or typed["to2"]:
        asked.other = _period(typed, "from2", "to2", asked.errors)
    asked.places = _places(typed["place"], asked.errors)
    asked.by = typed["by"] if typed["by"] in SPLITS else ""
    return asked


def _period(typed: dict[str, str], first: str, last: str, errors: dict[str, str]) -> Period | None:
    """The period of two fields; where one is empty it is the month of the other."""
    begin, end = typed[first] or typed[last], typed[last] or typed[first]
    for name, text in ((first, begin), (last, end)):
        try:
            Period.parse(text if "-" in text else text + "-")
        except ImpossiblePeriod as fault:
            errors[name] = _FAULTS[fault.why] % {"text": text}
    if first in errors or last in errors:
        return None
    try:
        return Period.parse(f"{begin}..{end}")
    except ImpossiblePeriod as fault:
        errors[last] = _FAULTS[fault.why] % {"text": fault.text}
        return None


def _places(text: str, errors: dict[str, str]) -> Places:
    kind, _colon, code = text.partition(":")
    if not text:
        return COUNTRY
    if kind in KINDS and code in rollout.places_of(kind):
        return Places(kind, (code,))
    errors["place"] = _("There is no such place: “%(place)s”. Choose one of the list.") % {"place": text}
    return COUNTRY


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """All places to choose from, by kind, each with its value and its name."""
    return [
        (str(title), [(f"{kind}:{code}", name) for code, name in sorted(_named(kind), key=_by_name)])
        for kind, title in KINDS.items()
    ]


def _named(kind: str) -> list[tuple[str, str]]:
    return list(rollout.places_of(kind).items())


def _by_name(place: tuple[str, str]) -> str:
    return place[1].casefold()


def name_of(places: Places) -> str:
    """What a place is called."""
    if not places.kind:
        return _("The whole country")
    names = rollout.places_of(places.kind)
    return ", ".join(names.get(code, code) for code in places.codes)
