"""Who attended a training: rows and the event that the figures of training count from, written in one place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from egide.events.register import TrainingRecorded
from egide.outbox.service import offer
from egide.rollout.models import Attendance, TrainingSession
from egide.rollout.rules import MAGISTRATE, POLICE, certificate_span


@dataclass(frozen=True)
class Attended:
    """Somebody (a staff number) of a zone or office attended, and passed or not."""

    person: str
    unit: str
    has_passed: bool = True


@transaction.atomic
def do_record_training(course: str, held_on: date, place: str, people: Iterable[Attended]) -> TrainingSession:
    """Write a training with its people; who is there already is written anew."""
    session, _made = TrainingSession.objects.get_or_create(course=course, on=held_on, place=place)
    attended = list(people)
    for one in attended:
        Attendance.objects.update_or_create(
            session=session,
            person=one.person,
            defaults={
                "zone_id": one.unit if course == POLICE else None,
                "office_id": one.unit if course == MAGISTRATE else None,
                "good_until": certificate_span(held_on).last if one.has_passed else None,
            },
        )
    passed = [one for one in attended if one.has_passed]
    event = TrainingRecorded(
        session=session.id,
        course=session.course,
        on=session.on.isoformat(),
        persons=tuple(one.person for one in passed),
        units=tuple(one.unit for one in passed),
    )
    offer(event, f"training:{session.id}")
    return session
