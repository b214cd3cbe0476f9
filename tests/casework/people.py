"""People of the offices and a file's way through them, for the tests of casework."""

from datetime import date
from http.cookies import SimpleCookie
from typing import Any

from django.http import HttpResponse
from django.test import Client

from egide.access.rules import Post, Scope, scope_for
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import steps as s
from egide.casework.file.store import do_add_row
from egide.casework.life.living import do_take_step
from egide.casework.service import do_create_case
from egide.outbox.days import today
from egide.rollout.service import do_load_reference
from tests.support.pages import Pages, browser

ZONE, OFFICE, CENTRE = "5324", "mons", "HAI"
AGREED_WORD = "Libellule"
SECRET_ADDRESS = "Impasse des Lucioles 3, 7000 Mons"
WORDS = ("Camille", "Témoin", "Lucioles", "Rudy", "strangulation")


def officer(name: str = "ref-1", zone: str = ZONE) -> Scope:
    return scope_for(name, f"Officer {name}", [Post("reference-officer", zone)])


def magistrate(name: str = "mag-1", office: str = OFFICE) -> Scope:
    return scope_for(name, f"Magistrate {name}", [Post("magistrate", office)])


class Office:
    """Browsers of the people who work on files, and a file."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        cookies = pages.begin("office", _sign_in)
        self.officer, self.colleague, self.magistrate, self.clerk = map(_with, cookies)

    def client(self, name: str, role: str, **place: str) -> Client:
        """Somebody else."""
        return self.pages.client(self.pages.user(name, role=role, **place))

    def operator_scope(self, centre: str = CENTRE) -> Scope:
        """Somebody at a desk."""
        return scope_for("op-1", "Operator 1", [Post("operator", centre)])

    def file(self, **about: Any) -> m.Case:
        """A file that has everything but its steps."""
        person = {
            "name": "Camille Témoin (démo)",
            "born": date(1990, 5, 4),
            "languages": "français",
            "safe_contact": "chez sa sœur",
            "agreed_word": AGREED_WORD,
            "consent": "oui",
            "consent_on": date(2026, 11, 1),
        }
        case = do_create_case(
            managing_zone=ZONE,
            managing_centre=CENTRE,
            office=OFFICE,
            facts=f.CaseFacts(context="strangulation en janvier"),
            beneficiary=f.BeneficiaryFacts(**{**person, **about}),
            by="ref-1",
        )
        area = f.Area(lat_e7=504_518_000, lon_e7=39_571_000, radius_m=200, label="Domicile")
        do_add_row(
            case,
            "place",
            f.PlaceFacts(kind="home", address=SECRET_ADDRESS, area=area, door_code="4711#"),
            "ref-1",
            non_disclosed=True,
        )
        do_add_row(
            case, "perpetrator", f.PerpetratorFacts(name="Rudy Modèle (démo)", born=date(1985, 1, 2)), "ref-1"
        )
        case.refresh_from_db()
        return case

    def take(self, case: m.Case, scope: Scope, *steps: s.AnyStep) -> m.Case:
        """Steps one after the other."""
        for step in steps:
            case.refresh_from_db()
            do_take_step(scope, case.id, case.version, step)
        case.refresh_from_db()
        return case

    def to_decision(self, case: m.Case | None = None) -> m.Case:
        """A file that waits for the magistrate."""
        return self.take(
            case or self.file(), officer(), conditions(), s.Requested(), analysis(), consultation()
        )

    def granted(self, case: m.Case | None = None) -> m.Case:
        """A file with a grant, whose agreement is not signed yet."""
        return self.take(self.to_decision(case), magistrate(), decision("granted"))

    def running(self, case: m.Case | None = None) -> m.Case:
        """A file whose kit is out."""
        signed = s.Signed(on=today(), paper="0" * 16, sha256="0" * 64)
        return self.take(self.granted(case), officer(), signed, s.Issued(kit="1" * 16))


def _sign_in(pages: Pages) -> list[SimpleCookie]:
    """The cookies of the two officers, the magistrate and the clerk."""
    do_load_reference()
    users = (
        pages.user("ref-1", "reference-officer", zone=ZONE),
        pages.user("ref-2", "reference-officer", zone=ZONE),
        pages.user("mag-1", "magistrate", office=OFFICE),
        pages.user("clerk-1", "clerk", office=OFFICE),
    )
    return [pages.client(user).cookies for user in users]


def _with(cookies: SimpleCookie) -> Client:
    client = browser()
    client.cookies = cookies
    return client


def conditions(**given: str) -> s.Conditions:
    answers = {"threat": "yes", "contact": "no", "roof": "no", "residence": "yes", "agrees": "yes"}
    return s.Conditions(**{**answers, **given})


def analysis(*, danger: bool = True, urgent: bool = False) -> s.Analysed:
    return s.Analysed(
        questionnaire="2026-11",
        answers=(s.Answer(question="strangled", answer="yes", note="en janvier"),),
        danger=danger,
        danger_reasons="Menaces de mort",
        urgent=urgent,
        urgent_reasons="Pas cette semaine",
    )


def consultation() -> s.Consulted:
    return s.Consulted(on=today(), who="Zone, parquet", police_view="Favorable", office_view="À décider")


def decision(kind: str, **more: Any) -> s.Decided:
    review = {"review_on": date(2027, 6, 1)} if kind == "granted" else {}
    return s.Decided(**{"decision": kind, "reasons": "Le danger est établi", **review, **more})


def text_of(response: HttpResponse) -> str:
    return response.content.decode()
