"""The face of this package: an installation of the demo, filled with invented people."""

from dataclasses import asdict

from django.conf import settings
from django.db import transaction

from egide.access.models import User
from egide.demo import files, kits, kits_out, lives, plan, plan_map
from egide.demo.accounts import create_demo_users
from egide.demo.rollout import create_demo_rollout
from egide.demo.telephones import do_load_demo_duties
from egide.geography.tiles.archive import STREETS
from egide.outbox import service as outbox
from egide.outbox.copy import copy_waiting


def is_empty() -> bool:
    """Whether nobody has an account yet: a process that is started again must not write the demo twice."""
    return not User.objects.exists()


def create_demo() -> dict[str, list[dict[str, object]]]:
    """Invented files with a kit each, accounts with fresh passwords, a roll-out, a stock, and streets around the homes.

    Returns `{"users": [{name, password, title, role, centre, zone, language}], "kits": [{case, kit, zone,
    centre, language, name, lat, lon}]}`; the passwords are kept nowhere else.
    """
    plan.do_import_plan(settings.EGIDE.addresses_file, outbox.clock())
    plan_map.do_import_map(settings.EGIDE.map_file(STREETS))
    # In two transactions with a copy between them: supervision keeps nothing of a phone unknown to the journal.
    with transaction.atomic():
        create_demo_rollout()
        made = files.create_demo_cases()
        lives.create_demo_lives(made)
        prepared = kits.create_demo_kits(_with_kit(file) for file in made)
        out = _hand_out_demo_kits()
    while copy_waiting(settings.EGIDE, outbox.journal()):
        pass
    with transaction.atomic():
        kits_out.create_demo_health(out)
        accounts = create_demo_users()
        do_load_demo_duties()
    carried: list[dict[str, object]] = [
        {
            "case": file.case.id,
            "kit": kit.id,
            "zone": file.case.managing_zone,
            "centre": file.case.managing_centre,
            "language": file.language,
            "name": file.name,
            "lat": file.home.lat_e7 / 1e7,
            "lon": file.home.lon_e7 / 1e7,
        }
        for file, kit in zip(made, prepared, strict=True)
    ]
    return {"users": [asdict(account) for account in accounts], "kits": carried}


def _hand_out_demo_kits() -> list[kits_out.Carried]:
    """Kits of invented people that are out already, so that supervision has something to show."""
    carriers = lives.create_demo_carriers()
    carried = kits_out.create_demo_out([_with_kit(file) for file in carriers])
    for file, one in zip(carriers, carried, strict=True):
        lives.note_demo_issued(file, one.kit.id)
    return carried


def _with_kit(file: files.DemoCase) -> kits.DemoFile:
    return kits.DemoFile(file.case.id, file.case.managing_zone, file.case.managing_centre)
