"""Taking steps in the life of a file: the rules decide, the row and the event are written in one transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from egide.access.rules import CLERK, MAGISTRATE, REFERENCE_OFFICER, ZONE_OFFICER, Scope
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import rules_life as rules
from egide.casework.file import steps as s
from egide.casework.file.reading import StepTaken, check_case, content_of, contents, steps_of
from egide.casework.file.store import Stale, change_day, label, last_change
from egide.casework.life.retention import retention_days
from egide.events import casework as e
from egide.events.base import Event
from egide.outbox.days import day_of
from egide.outbox.service import clock, keys, offer

GrantListener = Callable[[str, date | None], None]
MoveListener = Callable[[str, str, str], None]
DangerListener = Callable[[str, bool, bool], None]
_danger_listeners: list[DangerListener] = []
_grant_listeners: list[GrantListener] = []
_move_listeners: list[MoveListener] = []


def when_grant_changes(listener: GrantListener) -> None:
    """Call `listener(case, ends_on)` inside the transaction that changes when a grant ends; None: no end is set."""
    if listener not in _grant_listeners:
        _grant_listeners.append(listener)


def when_file_moves(listener: MoveListener) -> None:
    """Call `listener(case, zone, centre)` inside the transaction that gives a file to another zone."""
    if listener not in _move_listeners:
        _move_listeners.append(listener)


def when_danger_changes(listener: DangerListener) -> None:
    """Call `listener(case, danger, urgent)` inside the transaction in which people answer otherwise than before."""
    if listener not in _danger_listeners:
        _danger_listeners.append(listener)


def roles_at(scope: Scope, case: m.Case) -> frozenset[str]:
    """The roles that count for this file: an officer's in the managing zone, a magistrate's in the file's office."""
    officer = {role for role in (ZONE_OFFICER, REFERENCE_OFFICER) if case.managing_zone in scope.places(role)}
    return frozenset(officer | {role for role in (MAGISTRATE, CLERK) if case.office in scope.places(role)})


def life_at(case_id: str) -> rules.Life:
    """The life of a file as its steps tell it."""
    return rules.life_of((taken.step, taken.on) for taken in steps_of(case_id))


@transaction.atomic
def do_take_step(scope: Scope, case_id: str, version: int, step: s.AnyStep) -> m.Case:
    """Take one step on the version of the file that the page showed. Raises NoSuchFile, Stale, StepRefused."""
    case = check_case(case_id)
    taken = steps_of(case_id)
    if case.version != version:
        by, at_us = last_change(case_id)
        if taken and taken[-1].at_us >= at_us:
            by, at_us = taken[-1].step.by, taken[-1].at_us
        raise Stale(None, case.version, by, at_us)
    now_us = clock().now_us()
    today = day_of(now_us)
    life = rules.life_of((one.step, one.on) for one in taken)
    # Most steps ask nothing of what the file holds: it is not even read for them.
    content = _content_of(case_id, taken) if isinstance(step, rules.ASKING_CONTENT) else rules.Content()
    content = replace(content, opened_on=day_of(case.opened_at_us))
    rules.check_step(step, life, content, roles_at(scope, case), today)
    _write(case, step, len(taken), now_us)
    _follow(case, rules.fold(life, step, today), step, now_us)
    offer(event_of(step, case_id, scope.user), f"case:{case_id}", case_id)
    return case


def _content_of(case_id: str, taken: tuple[StepTaken, ...]) -> rules.Content:
    key = keys().record_key(case_id)
    return content_of(
        contents(key, case_id, m.Beneficiary, f.BeneficiaryFacts)[0],
        list(contents(key, case_id, m.Place, f.PlaceFacts)),
        m.Perpetrator.objects.filter(case_id=case_id).exists(),
        taken,
    )


def _write(case: m.Case, step: s.AnyStep, order: int, now_us: int) -> None:
    kind = str(step.__struct_config__.tag)
    row = m.Step(case=case, order=order, kind=kind, at_us=now_us)
    row.sealed = keys().record_key(case.id).seal(s.encode(step), label(row))
    row.save(force_insert=True)


def _follow(case: m.Case, life: rules.Life, step: s.AnyStep, now_us: int) -> None:
    """Bring the clear columns of the case up to its life."""
    if case.stage != life.stage:
        case.waiting_since_us = now_us
    if isinstance(step, s.Moved):
        case.managing_zone, case.office = step.to_zone, step.to_office
        case.managing_centre = step.to_centre or case.managing_centre
    before, risk = case.grant_ends_on, (case.danger, case.urgent)
    case.stage, case.danger, case.urgent = life.stage, life.danger, life.urgent
    case.review_on = life.review_due_on
    case.grant_ends_on = life.grant_ends_on
    days = retention_days(settings.EGIDE.data_dir).get(life.stage)
    case.erase_on = day_of(now_us) + timedelta(days=days) if days is not None else None
    if isinstance(step, s.LifeChanged | s.Proposed):
        # Somebody has looked at what is near; the next change is the one after it.
        case.change_on = change_day(case.id, day_of(now_us) + timedelta(days=rules.AHEAD_DAYS + 1))
    case.version += 1
    case.save()
    if isinstance(step, s.Moved):
        for moved in _move_listeners:
            moved(case.id, case.managing_zone, case.managing_centre)
    if (case.danger, case.urgent) != risk:
        for changed in _danger_listeners:
            changed(case.id, case.danger, case.urgent)
    if case.grant_ends_on != before:
        for listener in _grant_listeners:
            listener(case.id, case.grant_ends_on)


def event_of(step: s.AnyStep, case: str, user: str) -> Event:
    """The event of a step, without a word of its content."""
    about: dict[str, Any] = {"case": case, "user": user}
    match step:
        case s.Conditions() | s.Issued() | s.Dropped():
            return e.FileChanged(**about, part=str(step.__struct_config__.tag), row=case, version=1)
        case s.Requested():
            return e.FileRequested(**about)
        case s.Analysed():
            return e.RiskAnalysed(
                **about, questionnaire=step.questionnaire, danger=step.danger, urgent=step.urgent
            )
        case s.Raised():
            return e.RiskRaised(**about, danger=step.danger, urgent=step.urgent)
        case s.Consulted():
            return e.ConsultationHeld(**about, on=step.on)
        case s.Decided():
            return e.GrantDecided(**about, decision=step.decision, review_on=step.review_on)
        case s.Answered():
            return e.AnswerGiven(**about)
        case s.Signed():
            return e.AgreementSigned(**about, sha256=step.sha256)
        case _:
            return _event_running(step, about)


def _event_running(step: s.AnyStep, about: dict[str, Any]) -> Event:
    """The event of a step that a file takes while its kit is out."""
    match step:
        case s.LifeChanged():
            return e.LifeEventNoted(**about, what=step.kind, due=step.due)
        case s.Proposed():
            return e.ReviewProposed(**about, proposal=step.proposal)
        case s.Reviewed():
            return e.GrantReviewed(**about, outcome=step.outcome, review_on=step.review_on)
        case s.EndAnnounced():
            return e.GrantEndAnnounced(**about, ends_on=step.ends_on, grace_until=step.grace_until)
        case s.Withdrawn():
            return e.GrantWithdrawn(**about)
        case s.Moved():
            return e.FileMoved(**about, from_zone=step.from_zone, to_zone=step.to_zone)
        case s.Died():
            return e.DeathNoted(
                **about,
                death=step.death,
                who=step.who,
                on=step.on,
                violence=step.violence,
                in_alarm=step.in_alarm,
                due=step.due,
            )
        case s.DeathTakenBack():
            return e.DeathTakenBack(**about, death=step.death)
        case _:
            return e.FileEnded(**about)
