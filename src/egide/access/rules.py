"""Pure rules of access: what a role may see, and when guessing is slowed down."""

from dataclasses import dataclass
from typing import Protocol

FAILURES_ALLOWED = 6
FAILURE_WINDOW_S = 300


class Person(Protocol):
    """What these rules read of an account."""

    name: str
    title: str
    role: str
    centre: str
    zone: str


@dataclass(frozen=True)
class Scope:
    """What one user may see. Empty sets see nothing; there is no way to see everything."""

    user: str
    title: str
    role: str
    centres: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    supervisor: bool = False
    alarms: frozenset[str] = frozenset()

    @property
    def has_desk(self) -> bool:
        """Whether the operator's board is this person's place of work."""
        return bool(self.centres)

    @property
    def has_zone_page(self) -> bool:
        """Whether the page of a police zone is this person's place of work."""
        return bool(self.zones)

    @property
    def zone(self) -> str:
        """The one zone of a zone officer, else an empty string."""
        return next(iter(self.zones), "")

    @property
    def centre(self) -> str:
        """The one centre of a desk user, else an empty string."""
        return next(iter(self.centres), "")

    def covers(
        self, centres: tuple[str, ...], zones: tuple[str, ...], *, routed: bool, alarm: str = ""
    ) -> bool:
        """Whether something that concerns `centres` and `zones`, or is `alarm` itself, may be shown.

        What has no route yet goes to every supervisor, because somebody must see it.
        """
        if alarm in self.alarms or (not routed and self.supervisor):
            return True
        return bool(self.centres.intersection(centres) or self.zones.intersection(zones))


def scope_for(person: Person) -> Scope:
    """The scope that `person`'s role gives. An administrator's is empty."""
    if person.role in ("operator", "supervisor") and person.centre:
        return Scope(
            user=person.name,
            title=person.title,
            role=person.role,
            centres=frozenset({person.centre}),
            supervisor=person.role == "supervisor",
        )
    if person.role == "zone-officer" and person.zone:
        return Scope(user=person.name, title=person.title, role=person.role, zones=frozenset({person.zone}))
    return Scope(user=person.name, title=person.title, role=person.role)


def must_wait(failures_at_us: list[int], now_us: int) -> bool:
    """Whether so many recent failures stand against a name and address that a further try is not looked at."""
    since_us = now_us - FAILURE_WINDOW_S * 1_000_000
    return sum(1 for at_us in failures_at_us if at_us > since_us) >= FAILURES_ALLOWED
