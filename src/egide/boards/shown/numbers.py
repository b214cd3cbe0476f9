"""Whom people at a board call: the numbers of zones, centres and neighbours abroad, beside what has to be done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from egide.access.rules import Scope
from egide.alarm.state import AlarmState
from egide.rollout.service import (
    CENTRE,
    ZONE,
    OnDuty,
    ShownPatrol,
    Telephone,
    kept_by,
    on_duty,
    patrols_of,
    telephones_of,
)


@dataclass(frozen=True)
class PlaceNumbers:
    """The numbers of one place, and who is on duty there; `keep` is the page of those who may keep them, and empty for
    others."""

    place: str
    name: str
    numbers: list[Telephone]
    keep: str = ""
    duty: Sequence[OnDuty] = ()

    @property
    def is_to_check(self) -> bool:
        return not self.numbers or any(one.is_old for one in self.numbers)


def numbers_of(scope: Scope, kind: str, names: Mapping[str, str], country: str = "") -> list[PlaceNumbers]:
    """The numbers of each place of `names` (code to name), in this order."""
    numbers, kept = telephones_of(kind, names, country), kept_by(scope, kind, names)
    duty = on_duty(kind, names) if kind == ZONE else {}
    return [
        PlaceNumbers(
            code,
            name,
            numbers[code],
            reverse("telephones-of", args=[kind, code]) if code in kept else "",
            duty.get(code, ()),
        )
        for code, name in names.items()
    ]


@dataclass(frozen=True)
class UnitNumbers:
    """The numbers of the zones and centres that lead these alarms, and the zones' patrols on duty; each looked up once,
    when a page first asks."""

    states: tuple[AlarmState, ...]

    def zone(self, code: str) -> list[Telephone]:
        return self._zones.get(code, [])

    def centre(self, code: str) -> list[Telephone]:
        return self._centres.get(code, [])

    def patrols(self, zone: str) -> list[ShownPatrol]:
        return self._patrols.get(zone, [])

    @cached_property
    def _patrols(self) -> dict[str, list[ShownPatrol]]:
        return patrols_of(_some(state.lead.zone for state in self.states), on_duty=True)

    @cached_property
    def _zones(self) -> dict[str, list[Telephone]]:
        return telephones_of(ZONE, _some(state.lead.zone for state in self.states))

    @cached_property
    def _centres(self) -> dict[str, list[Telephone]]:
        return telephones_of(CENTRE, _some(state.lead.centre for state in self.states))


def _some(codes: Iterable[str]) -> set[str]:
    return {code for code in codes if code}
