"""The lives of the invented files: four whose kits may go out, and requests that wait for somebody."""

import tomllib
from datetime import timedelta
from pathlib import Path

from egide.access.rules import MAGISTRATE, REFERENCE_OFFICER, Post, scope_for
from egide.casework.file import steps as s
from egide.casework.life.living import do_take_step
from egide.demo.files import DemoCase, create_cases
from egide.demo.said import Said
from egide.outbox.days import today

REQUESTS, OUT = "files_waiting.toml", "files_out.toml"
_TITLES = {
    "fr": ("Référente alarme (démo)", "Substitute (démo)"),
    "nl": ("Referentieofficier (demo)", "Substituut (demo)"),
    "de": ("Referenzbeamtin (Demo)", "Staatsanwältin (Demo)"),
}
_NOTED = {"fr": "PV et certificat", "nl": "PV en attest", "de": "Protokoll und Attest"}
# The edition that has these questions, whatever the installation asks.
_EDITION = "2026-11"
_ANSWERS = (("violence", "yes"), ("death-threats", "yes"), ("weapons", "yes"), ("pregnant", "no"))


def _said(language: str, **texts: str) -> Said:
    answers = (s.Answer(question=one, answer=answer, note=_NOTED[language]) for one, answer in _ANSWERS)
    return Said(questionnaire=_EDITION, answers=tuple(answers), **texts)


_SAID = {
    "fr": _said(
        "fr",
        contact="Seulement pour la remise des enfants.",
        danger="Menaces de mort et strangulation, arme à feu non saisie.",
        urgent="L’a suivie jusqu’à l’école cette semaine.",
        calm="Pas de fait nouveau depuis un mois.",
        who="Zone et parquet, par téléphone",
        view="Favorable : les mesures ne sont pas respectées.",
        reasons="Le danger pour la vie est établi par deux procès-verbaux et un certificat médical.",
    ),
    "nl": _said(
        "nl",
        contact="Alleen bij het overhandigen van de kinderen.",
        danger="Doodsbedreigingen en een mes dat gezien werd.",
        urgent="Hij stond deze week elke dag aan haar werk.",
        calm="Geen nieuwe feiten sinds een maand.",
        who="Zone en parket, telefonisch",
        view="Gunstig: de maatregelen worden niet nageleefd.",
        reasons="Het levensgevaar blijkt uit twee processen-verbaal en een medisch attest.",
    ),
    "de": _said(
        "de",
        contact="Nur bei der Übergabe der Kinder.",
        danger="Morddrohungen, Zugang zu einer Waffe.",
        urgent="Er stand diese Woche täglich vor der Tür.",
        calm="Seit einem Monat keine neuen Vorfälle.",
        who="Zone und Staatsanwaltschaft, telefonisch",
        view="Befürwortet: Die Maßnahmen werden nicht eingehalten.",
        reasons="Die Lebensgefahr ergibt sich aus zwei Protokollen und einem ärztlichen Attest.",
    ),
}


def create_demo_lives(files: list[DemoCase]) -> None:
    """Bring `files` to the step before a kit goes out, and write the requests that wait."""
    for number, file in enumerate(files):
        # The first one's review is near.
        _live(file, "issue", urgent=False, review_days=20 if number == 0 else 150)
    content = tomllib.loads(Path(__file__).with_name(REQUESTS).read_text("utf-8"))
    for file, about in zip(create_cases(REQUESTS), content["case"], strict=True):
        _live(file, about["waits"], urgent=True, review_days=0)


def create_demo_carriers() -> list[DemoCase]:
    """Files of people who carry a kit already, brought to the step before it goes out."""
    content = tomllib.loads(Path(__file__).with_name(OUT).read_text("utf-8"))
    files = create_cases(OUT)
    for file, about in zip(files, content["case"], strict=True):
        _live(file, "issue", urgent=about["urgent"], review_days=120, danger=about["danger"])
    return files


def note_demo_issued(file: DemoCase, kit: str) -> None:
    """The kit left for this file."""
    file.case.refresh_from_db()
    title = _TITLES[file.language][0]
    officer = scope_for("demo", title, [Post(REFERENCE_OFFICER, file.case.managing_zone)])
    do_take_step(officer, file.case.id, file.case.version, s.Issued(by=officer.user, title=title, kit=kit))


def _live(file: DemoCase, until: str, *, urgent: bool, review_days: int, danger: bool = True) -> None:
    """Take the steps one by one until the file waits for `until`."""
    case = file.case
    officer_title, magistrate_title = _TITLES[file.language]
    officer = scope_for("demo", officer_title, [Post(REFERENCE_OFFICER, case.managing_zone)])
    magistrate = scope_for("demo", magistrate_title, [Post(MAGISTRATE, case.office)])
    review_on = today() + timedelta(days=max(review_days, 1))
    for step in _SAID[file.language].way(today(), review_on, danger=danger, urgent=urgent):
        case.refresh_from_db()
        if case.stage == until:
            return
        by = magistrate if isinstance(step, s.Decided) else officer
        do_take_step(by, case.id, case.version, s.with_author(step, by.user, by.title))
