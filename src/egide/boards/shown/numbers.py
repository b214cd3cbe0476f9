"""Whom people at a board call: the numbers of zones, centres and neighbours abroad, beside what has to be done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from egide.access.rules import Scope
from egide.alarm.events import FEDERAL
from egide.alarm.ladder import clocks
from egide.alarm.state import AlarmState
from egide.boards.shown.clocks import zone_to_ring
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
    """The numbers of one place, and who is on duty there, None where no roster can say; `keep` is the page of those who
    may keep them, and empty for others."""

    place: str
    name: str
    numbers: list[Telephone]
    keep: str = ""
    duty: Sequence[OnDuty] | None = None

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
            duty.get(code) if code != FEDERAL else None,
        )
        for code, name in names.items()
    ]


@dataclass(frozen=True)
class ToRing:
    """The zone to ring for a step that runs, with who is on duty there now."""

    step: str
    place: PlaceNumbers


@dataclass(frozen=True)
class UnitNumbers:
    """The numbers of the zones and centres that lead these alarms, of the zones to ring, who is on duty there, and the
    zones' patrols; each looked up once, when a page first asks."""

    states: tuple[AlarmState, ...]

    def zone(self, code: str) -> list[Telephone]:
        return self._zones.get(code, [])

    def centre(self, code: str) -> list[Telephone]:
        return self._centres.get(code, [])

    def patrols(self, zone: str) -> list[ShownPatrol]:
        return self._patrols.get(zone, [])

    def place(self, zone: str, name: str) -> PlaceNumbers:
        """A zone to ring, for those who only ring it."""
        return PlaceNumbers(zone, name, self.zone(zone), duty=self._duties.get(zone))

    @cached_property
    def _to_ring(self) -> set[str]:
        return _some(zone_to_ring(state, clock.step) for state in self.states for clock in clocks(state))

    @cached_property
    def _duties(self) -> dict[str, list[OnDuty]]:
        return on_duty(ZONE, self._to_ring - {FEDERAL})

    @cached_property
    def _patrols(self) -> dict[str, list[ShownPatrol]]:
        return patrols_of(_some(state.lead.zone for state in self.states), on_duty=True)

    @cached_property
    def _zones(self) -> dict[str, list[Telephone]]:
        return telephones_of(ZONE, self._to_ring | _some(state.lead.zone for state in self.states))

    @cached_property
    def _centres(self) -> dict[str, list[Telephone]]:
        return telephones_of(CENTRE, _some(state.lead.centre for state in self.states))


def _some(codes: Iterable[str]) -> set[str]:
    return {code for code in codes if code}
