"""The demo's roll-out: four zones at different points of the way, so that the pages show each of them."""

from datetime import timedelta

from django.db import transaction

from egide.demo.telephones import do_load_demo_telephones
from egide.outbox.days import today
from egide.rollout.models import Office, Zone
from egide.rollout.reference import do_load_reference
from egide.rollout.rules import MAGISTRATE, OFFICE, POLICE, ZONE
from egide.rollout.sign_off import do_sign_off
from egide.rollout.trainings import Attended, do_record_training

BY = "coordinator-01"
# Zone or office, trained people, days since the training, days since the sign-off (None: not signed off).
_TRAINED = (
    (OFFICE, "mons", 2, 400, 390),
    (OFFICE, "oost-vlaanderen", 3, 500, 480),
    (OFFICE, "west-vlaanderen", 1, 620, 600),
    (OFFICE, "liege", 1, 90, 80),
    (OFFICE, "eupen", 0, 0, None),
    (ZONE, "5324", 4, 360, 330),
    (ZONE, "5415", 5, 470, 450),
    (ZONE, "5277", 2, 60, 30),
    (ZONE, "5292", 1, 60, None),
    # Certificates that end within weeks.
    (ZONE, "5444", 2, 700, 590),
)


@transaction.atomic
def create_demo_rollout() -> None:
    """Zones, offices and telephone numbers of the reference set; invented trainings and signatures."""
    do_load_reference()
    do_load_demo_telephones()
    for kind, code, people, trained_days, signed_days in _TRAINED:
        model = Zone if kind == ZONE else Office
        if not model._default_manager.filter(pk=code).exists():
            continue
        if people:
            _train(kind, code, people, trained_days)
        if signed_days is not None:
            signer = f"{'Chef' if kind == ZONE else 'Parket'} Exemple (démo) {code}"
            do_sign_off(kind, code, signer, today() - timedelta(days=signed_days), BY)


def _train(kind: str, code: str, people: int, days_ago: int) -> None:
    course = POLICE if kind == ZONE else MAGISTRATE
    persons = (f"DEMO-{code}-{number}".upper() for number in range(1, people + 1))
    do_record_training(
        course,
        today() - timedelta(days=days_ago),
        "École (démo)",
        [Attended(person, code) for person in persons],
    )
