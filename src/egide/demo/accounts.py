"""Accounts of the demo, each with a door: one for each role, in two zones, two offices and three centres."""

import secrets
from dataclasses import dataclass

from django.contrib.auth.hashers import ScryptPasswordHasher

from egide.access.models import Role, User
from egide.access.rules import PLACE_OF
from egide.access.signing_in.doors import door_of

PASSWORD_BYTES = 15


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demo with its password and the path that signs in, to be printed once."""

    name: str
    password: str
    door: str
    title: str
    role: str
    centre: str
    zone: str
    language: str
    office: str = ""


# Name, title, role, place, language.
_DEMO = (
    ("hainaut-12", "Opératrice 12 · Hainaut", Role.OPERATOR, "HAI", "fr"),
    ("hainaut-07", "Opérateur 07 · Hainaut", Role.OPERATOR, "HAI", "fr"),
    ("oost-vlaanderen-03", "Operator 03 · Oost-Vlaanderen", Role.OPERATOR, "OVL", "nl"),
    ("liege-05", "Opératrice 05 · Liège", Role.OPERATOR, "LIE", "fr"),
    ("luettich-09", "Disponent 09 · Lüttich", Role.OPERATOR, "LIE", "de"),
    ("hainaut-chef", "Superviseure · Hainaut", Role.SUPERVISOR, "HAI", "fr"),
    ("mons-quevy-21", "Inspecteur 21 · Mons/Quévy", Role.ZONE_OFFICER, "5324", "fr"),
    ("gent-44", "Inspecteur 44 · Gent", Role.ZONE_OFFICER, "5415", "nl"),
    ("mons-quevy-ref", "Référente alarme · Mons/Quévy", Role.REFERENCE_OFFICER, "5324", "fr"),
    ("gent-ref", "Referentieofficier · Gent", Role.REFERENCE_OFFICER, "5415", "nl"),
    ("parquet-mons-01", "Substitute 01 · parquet de Mons", Role.MAGISTRATE, "mons", "fr"),
    ("parket-ovl-01", "Substituut 01 · parket Oost-Vlaanderen", Role.MAGISTRATE, "oost-vlaanderen", "nl"),
    ("parquet-mons-greffe", "Secrétaire · parquet de Mons", Role.CLERK, "mons", "fr"),
    ("parket-ovl-griffie", "Secretaris · parket Oost-Vlaanderen", Role.CLERK, "oost-vlaanderen", "nl"),
    ("coordinator-01", "Coordination nationale 01", Role.COORDINATOR, "", "fr"),
    ("steering-01", "Stuurgroep 01", Role.STEERING, "", "nl"),
    ("evaluator-01", "Évaluatrice 01", Role.EVALUATOR, "", "fr"),
    ("dpo-01", "Déléguée à la protection des données 01", Role.DATA_PROTECTION, "", "fr"),
    ("support-01", "Intervenante sociale 01", Role.SUPPORT, "", "fr"),
    ("admin-01", "Administrateur 01", Role.ADMINISTRATOR, "", "en"),
)


def create_demo_users() -> list[DemoAccount]:
    """Accounts of the demo, each with a fresh random password of 120 bits; nobody else ever learns it."""
    accounts = []
    for name, title, role, place, language in _DEMO:
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        places = {"centre": "", "zone": "", "office": ""} | ({PLACE_OF[role]: place} if place else {})
        User.objects.filter(name=name).delete()
        user = User.objects.create(name=name, title=title, language=language)
        user.password = _lightly_hashed(password)
        user.save(update_fields=["password"])
        user.memberships.create(role=role, place=place)
        accounts.append(
            DemoAccount(
                name=name,
                password=password,
                door=door_of(name),
                title=title,
                role=str(role),
                language=language,
                **places,
            )
        )
    return accounts


def _lightly_hashed(password: str) -> str:
    """A hash that costs nothing: 120 random bits are guessed no sooner, and twenty slow ones hold up the demo's start.

    Signing in with it stores the usual slow one at once (`must_update` of Django's hashers).
    """
    hasher = ScryptPasswordHasher()
    return hasher.encode(password, hasher.salt(), n=2)
