"""What is shown of an alarm, made once for desk, zone and team; each page takes what it needs of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from egide.access.service import titles
from egide.alarm.changing import all_reports
from egide.alarm.ladder import clocks
from egide.alarm.state import AlarmState
from egide.boards import service
from egide.boards.rules import late_steps
from egide.boards.service import Ban, Ground
from egide.boards.shown.clocks import Due, dues_of, zone_to_ring
from egide.boards.shown.earlier import EarlierPhone, ShownSource, earlier_phones_of, sources_of
from egide.boards.shown.lead import Acting, Lead, acting_of, lead_of
from egide.boards.shown.numbers import ToRing, UnitNumbers
from egide.boards.shown.position import (
    Help,
    ShownPosition,
    TeamAway,
    help_of,
    position_of,
    teams_of,
)
from egide.boards.shown.told import Closing, Note, ShownReport, closing_of, notes_of, report_of, reports_of
from egide.boards.shown.words import AT_PLACES, UnitNames, unit_names
from egide.rollout.service import ShownPatrol, Telephone


@dataclass(frozen=True)
class ShownAlarm:
    """An alarm in the reader's words; each part is made when a page first asks for it.

    `name` is empty where the reader is not to know whose alarm it is. `people`: titles by account.
    """

    state: AlarmState
    name: str
    people: Mapping[str, str]
    units: UnitNames
    numbers: UnitNumbers

    @property
    def received_ms(self) -> int:
        return self.state.received_at_us // 1000

    @property
    def last_contact_ms(self) -> int:
        return self.state.press.last_contact_us // 1000

    @cached_property
    def lead(self) -> Lead:
        return lead_of(self.state, self.people, self.units)

    @property
    def zone_numbers(self) -> list[Telephone]:
        """The numbers of the zone that leads."""
        return self.numbers.zone(self.state.lead.zone)

    @property
    def patrols(self) -> list[ShownPatrol]:
        """The patrols on duty of the zone that leads, where it keeps a list."""
        return self.numbers.patrols(self.state.lead.zone)

    @property
    def centre_numbers(self) -> list[Telephone]:
        """The numbers of the centre that leads."""
        return self.numbers.centre(self.state.lead.centre)

    @cached_property
    def now(self) -> Acting | None:
        return acting_of(self.state, self.people, self.units)

    @cached_property
    def position(self) -> ShownPosition:
        return position_of(self.state.lead.route)

    @cached_property
    def help(self) -> Help | None:
        return help_of(self.state, self.people)

    @cached_property
    def dues(self) -> list[Due]:
        return dues_of(self.state)

    @property
    def to_ring(self) -> list[ToRing]:
        """The zone to ring for each step that runs, where it is a zone's to take or to be told. Only for those who see
        the numbers of zones: a desk."""
        return self._rung(clock.step for clock in clocks(self.state))

    @property
    def to_ring_late(self) -> list[ToRing]:
        """Of those the steps that missed a deadline. Before that no roster is looked up."""
        return self._rung(late_steps(self.state))

    def _rung(self, steps: Iterable[str]) -> list[ToRing]:
        found = ((step, zone_to_ring(self.state, step)) for step in steps)
        return [ToRing(step, self.numbers.place(zone, self.units.zone(zone))) for step, zone in found if zone]

    @cached_property
    def notes(self) -> list[Note]:
        return notes_of(self.state, self.people)

    @cached_property
    def report(self) -> ShownReport | None:
        return report_of(self.state, self.people)

    @cached_property
    def reports(self) -> list[ShownReport]:
        return reports_of(self.state, self.people)

    @cached_property
    def closing(self) -> Closing:
        return closing_of(self.state, self.people)

    @cached_property
    def earlier_phones(self) -> list[EarlierPhone]:
        return earlier_phones_of(self.state)

    @cached_property
    def sources(self) -> list[ShownSource]:
        return sources_of(self.state)

    @cached_property
    def earlier_teams(self) -> list[tuple[str, str]]:
        """Call sign and zone of each team that was sent before."""
        return [(team.call_sign, self.units.zone(team.zone)) for team in self.state.team.earlier]

    @property
    def bans(self) -> list[Ban]:
        return self.ground.bans

    @property
    def where(self) -> list[str]:
        """At which places of the file the alarm is, near which address, crossing and point of reference; nothing where
        none is known."""
        words = [(str(AT_PLACES[at.kind]), at.is_sure) for at in self.ground.at]
        at = [word if is_sure else _("perhaps %(place)s") % {"place": word} for word, is_sure in words]
        near = self.position.address, self.position.crossing, self.position.point
        return [*at, *filter(None, near)]

    @property
    def teams_away(self) -> list[TeamAway]:
        """Teams that tell where they are, the nearest first."""
        return teams_of(self.state)

    @cached_property
    def file_key(self) -> str:
        """When this changes, the briefing says something else."""
        return " ".join(
            [
                *(ban.relation.where for ban in self.bans),
                str(self.ground.hides_address),
                str(self.state.press.duress),
            ]
        )

    @cached_property
    def ground(self) -> Ground:
        return service.ground_of(self.state)


def shown_of(states: Iterable[AlarmState], *, unnamed: Iterable[AlarmState] = ()) -> list[ShownAlarm]:
    """`states` as they are shown, in their order; two look-ups in all. For those of `unnamed` no name is looked up."""
    states, hidden = list(states), {state.alarm for state in unnamed}
    names = service.names_of([state for state in states if state.alarm not in hidden])
    units, numbers = unit_names(), UnitNumbers(tuple(states))
    people = titles(who for state in states for who in _accounts_of(state))
    return [
        ShownAlarm(
            state=state,
            name="" if state.alarm in hidden else names.get(state.case) or _("Kit without a file"),
            people=people,
            units=units,
            numbers=numbers,
        )
        for state in states
    ]


def _accounts_of(state: AlarmState) -> Iterator[str]:
    """Everybody whom a page may name."""
    yield from (
        state.lead.acknowledged_by,
        state.lead.left_by,
        state.lead.localisation_by,
        state.closing.closed_by,
        state.closing.supervisor_asked_by,
        state.closing.supervisor,
    )
    yield from (note.user for note in state.lead.notes)
    yield from (text.user for text in state.talk.texts)
    if state.help:
        yield from (state.help.by, state.help.seen_by)
    yield from (report.by for report in all_reports(state))
