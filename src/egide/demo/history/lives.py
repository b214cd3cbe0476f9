"""The life of one invented file, and of one alarm: every step through the real casework, fleet, intake and desk."""

import random
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from egide.access.rules import Scope
from egide.alarm.events.steps import BY_TEAM, ON_SITE, UNDER_WAY
from egide.alarm.rows import DESK, TEAM, Speaker
from egide.boards import service as boards
from egide.casework import models as m
from egide.casework import service as casework
from egide.casework.file import facts as f
from egide.casework.file import rules_life as rules
from egide.casework.file import steps as s
from egide.casework.file.store import do_add_row
from egide.common.ids import new_id
from egide.demo.history.past import DAY_US, Past, Story
from egide.demo.said import Said
from egide.demo.world import Phone
from egide.fleet import service as fleet
from egide.fleet.kits import kits
from egide.fleet.kits import rules as gates
from egide.fleet.models import Kit
from egide.fleet.stock import stock
from egide.outbox.days import today
from egide.protocol.envelope import Kind, Position
from egide.protocol.keys import SigningKey

BY = "invented-coordinator"
HOUR_US, MINUTE_US = 3_600_000_000, 60_000_000
NOTE = "Invention"
_SAID = Said.alike(NOTE, questionnaire=NOTE)
_TO_DEATH_DAYS = 40


@dataclass(frozen=True)
class Incident:
    """An alarm to come, `after_days` days after the kit left; without a team it is closed by a call back."""

    after_days: float
    outcome: str
    has_team: bool
    on_site_s: int = 600


@dataclass(frozen=True)
class Passing:
    """A death outside of an alarm, in words of `steps.DEATHS` and `steps.VIOLENCE`; `later` is known weeks after."""

    who: str
    violence: str
    later: str = ""


@dataclass(frozen=True)
class Plan:
    """What becomes of a file. `ends_after_days`: when its end is decided, None while it runs.

    A `death` of the protected person stands in the place of that end, or follows a refusal; one of somebody else comes
    before it.
    """

    zone: str
    decision: str = "granted"
    asks_more: bool = False
    decide_days: int = 4
    ends_after_days: int | None = None
    is_withdrawn: bool = False
    new_report_days: int | None = None
    incidents: tuple[Incident, ...] = ()
    death: Passing | None = None


class Life:
    """One file from its opening on."""

    def __init__(self, world: Past, plan: Plan, number: int, seed: int) -> None:
        self._world = world
        self._plan = plan
        self._number = number
        self._chance = random.Random(seed)
        self._centre, self._office = world.zones[plan.zone]
        self._officer = world.officer(plan.zone)
        self._magistrate = world.magistrate(self._office)
        self._home = world.home_in(plan.zone)
        self._case = ""

    def story(self) -> Story:
        """Yields when it goes on."""
        self._open()
        yield self._later(2)
        self._take(self._officer, _SAID.conditions())
        self._take(self._officer, s.Requested())
        yield self._later(5)
        self._take(self._officer, _SAID.analysed(danger=True, urgent=False))
        self._take(self._officer, _SAID.consulted(today()))
        yield self._later(24 * self._plan.decide_days)
        if self._plan.asks_more:
            self._take(self._magistrate, _SAID.decided("more-asked"))
            yield self._later(30)
            self._take(self._officer, s.Answered(answer=NOTE))
            yield self._later(20)
        if self._plan.decision == "dropped":
            self._take(self._officer, s.Dropped(reasons=NOTE))
            return
        self._decide()
        if self._plan.decision == "granted":
            yield from self._protected()
        elif self._plan.death is not None:
            yield self._later(24 * _TO_DEATH_DAYS)
            yield from self._dies(self._plan.death)

    def _decide(self) -> None:
        is_granted = self._plan.decision == "granted"
        review_on = today() + timedelta(days=182) if is_granted else None
        self._take(self._magistrate, _SAID.decided(self._plan.decision, review_on))

    def _protected(self) -> Story:
        yield self._later(24)
        self._take(self._officer, s.Signed(on=today(), paper="0" * 16, sha256="0" * 64))
        for kind in ("button", "phone"):
            stock.do_allocate(kind, 1, self._plan.zone, BY)
        button, lent = (stock.free_items(self._plan.zone, kind)[0] for kind in ("button", "phone"))
        kit = fleet.prepare_kit(self._officer, self._case, button.id, lent.id)
        phone = Phone(SigningKey.generate(), kit.id, self._case)
        self._world.enrol_with_code(phone, kits.offer_enrolment(kit))
        for condition in gates.CONDITIONS:
            yield self._later(7 if condition == gates.NIGHT else 0.05)
            self._world.send(phone, Kind.TEST, self._home)
            kits.do_note_press(kit, condition, self._officer.user)
        fleet.hand_over(self._officer, kit.id)
        out_us = self._world.clock.now_us()
        for incident in self._plan.incidents:
            alarm = AlarmStory(self._world, phone, self._home, self._plan.zone, incident, self._chance)
            self._world.add(out_us + round(incident.after_days * DAY_US), alarm.story())
        yield from self._until_the_end(kit, out_us)

    def _until_the_end(self, kit: Kit, out_us: int) -> Story:
        plan = self._plan
        if plan.new_report_days is not None:
            yield out_us + plan.new_report_days * DAY_US
            self._report_again()
        ends = plan.ends_after_days
        reviews = range(170, ends if ends is not None else 2000, 170)
        for days in (day for day in reviews if ends is None or day < ends - 20):
            yield out_us + days * DAY_US
            self._take(self._officer, s.Proposed(proposal="extend", analysis=NOTE, her_view=NOTE))
            again = s.Reviewed(outcome="extended", reasons=NOTE, review_on=today() + timedelta(days=182))
            self._take(self._magistrate, again)
        if ends is None:
            return
        if plan.death is not None and plan.death.who != s.PROTECTED:
            yield out_us + (ends - _TO_DEATH_DAYS) * DAY_US
            yield from self._dies(plan.death)
        yield out_us + ends * DAY_US
        if plan.is_withdrawn:
            self._take(self._magistrate, s.Withdrawn(reasons=NOTE))
        elif plan.death is not None and plan.death.who == s.PROTECTED:
            yield from self._dies(plan.death)
        else:
            yield from self._announced_end()
        yield self._later(24 * 31)
        kits.do_return(kit, self._officer.user)

    def _dies(self, death: Passing) -> Story:
        """An officer enters it; a magistrate reads it, and says later what is known by then."""
        entry, on, due = new_id(), today(), None
        if death.who != s.PROTECTED:
            due = on + timedelta(days=rules.AFTER_DEATH_DAYS)
        said = s.Died(death=entry, who=death.who, on=on, violence=death.violence, source=NOTE, due=due)
        self._take(self._officer, said)
        yield self._later(24 * 2)
        known = msgspec.structs.replace(said, due=None, by_magistrate=True)
        self._take(self._magistrate, known)
        if death.later:
            yield self._later(24 * _TO_DEATH_DAYS)
            self._take(self._magistrate, msgspec.structs.replace(known, violence=death.later))

    def _announced_end(self) -> Story:
        self._take(self._officer, s.Proposed(proposal="end", analysis=NOTE, her_view=NOTE))
        self._take(self._magistrate, s.Reviewed(outcome="ending", reasons=NOTE))
        day = today()
        announced = s.EndAnnounced(
            ends_on=day + timedelta(days=31),
            grace_until=day + timedelta(days=62),
            told_on=day,
            named_contact=NOTE,
            plan=NOTE,
            removal=NOTE,
        )
        self._take(self._officer, announced)
        yield self._later(24 * 32)
        self._take(self._officer, s.Ended(kit="returned"))

    def _open(self) -> None:
        area = f.Area(lat_e7=self._home.lat_e7, lon_e7=self._home.lon_e7, radius_m=100)
        who = f.BeneficiaryFacts(
            name=f"Alix Invention {self._number:03}",
            born=today() - timedelta(days=12_000),
            languages="fr",
            safe_contact=NOTE,
            consent=NOTE,
            consent_on=today(),
        )
        case = casework.do_create_case(
            managing_zone=self._plan.zone,
            managing_centre=self._centre,
            office=self._office,
            facts=f.CaseFacts(context=NOTE),
            beneficiary=who,
            by=self._officer.user,
        )
        self._case = case.id
        casework.do_add(case, m.Perpetrator, f.PerpetratorFacts(name="Bruno Invention"))
        casework.do_add(case, m.Place, f.PlaceFacts(kind="home", address="Rue de l’Invention 1", area=area))

    def _report_again(self) -> None:
        case = m.Case.objects.get(id=self._case)
        do_add_row(
            case, "report", f.PoliceReportFacts(number=NOTE, on=today(), about=NOTE), self._officer.user
        )

    def _take(self, by: Scope, step: s.AnyStep) -> None:
        version = m.Case.objects.values_list("version", flat=True).get(id=self._case)
        casework.do_take_step(by, self._case, version, s.with_author(step, by.user, by.title))

    def _later(self, hours: float) -> int:
        return self._world.clock.now_us() + round(hours * HOUR_US)


class AlarmStory:
    """One press and what follows, as the desk, the zone and the team write it."""

    def __init__(
        self, world: Past, phone: Phone, home: Position, zone: str, incident: Incident, chance: random.Random
    ) -> None:
        self._world = world
        self._phone = phone
        self._home = home
        self._zone = zone
        self._incident = incident
        self._chance = chance
        centre = world.zones[zone][0]
        self._operator, self._supervisor = world.operator(centre), world.supervisor(centre)

    def story(self) -> Story:
        """Yields when it goes on."""
        alarm, pressed_us = self._world.send(self._phone, Kind.PRESS, self._home), self._world.clock.now_us()
        yield self._in_s(self._chance.uniform(1, 4))
        self._say(alarm, "shown")
        yield self._in_s(self._chance.uniform(2, 9))
        self._say(alarm, "acknowledge")
        if not self._incident.has_team:
            yield self._in_s(self._chance.uniform(90, 400))
            self._close_by_call(alarm)
            return
        yield self._in_s(self._chance.uniform(15, 50))
        self._say(alarm, "zone", zone=self._zone, reference=f"Dispatching {NOTE}")
        self._say(alarm, "team", call_sign="INVENTION-1")
        yield self._in_s(self._chance.uniform(20, 60))
        self._team_says(alarm, UNDER_WAY)
        yield max(self._in_s(30), pressed_us + self._incident.on_site_s * 1_000_000)
        self._team_says(alarm, ON_SITE)
        yield self._in_s(self._chance.uniform(600, 3000))
        outcome = self._incident.outcome
        self._team_says(alarm, "report", outcome=outcome, text=NOTE)
        self._say(alarm, "close", outcome=outcome, reason=NOTE)

    def _say(self, alarm: str, name: str, **fields: str) -> None:
        boards.do_command(self._operator, alarm, name, boards.speaker_of(self._operator, DESK), fields)

    def _team_says(self, alarm: str, name: str, **fields: str) -> None:
        speaker = Speaker(TEAM, self._operator.user, BY_TEAM)
        boards.do_command(self._operator, alarm, name, speaker, fields)

    def _close_by_call(self, alarm: str) -> None:
        """Nobody was sent: a supervisor called back and heard the agreed word (safety rule 8)."""
        given = {"outcome": self._incident.outcome, "reason": NOTE, "called_back": "yes"}
        boards.do_command(self._supervisor, alarm, "close", boards.speaker_of(self._supervisor, DESK), given)

    def _in_s(self, seconds: float) -> int:
        return self._world.clock.now_us() + round(seconds * 1_000_000)
