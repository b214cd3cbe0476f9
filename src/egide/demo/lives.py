"""The lives of the invented files: four whose kits may go out, and requests that wait for somebody."""

import tomllib
from datetime import timedelta
from pathlib import Path

from egide.access.rules import MAGISTRATE, REFERENCE_OFFICER, Post, Scope, scope_for
from egide.casework.file import steps as s
from egide.casework.file.store import today
from egide.casework.life.living import do_take_step
from egide.casework.life.questionnaire import EDITION
from egide.demo.files import DemoCase, create_cases

REQUESTS, OUT = "files_waiting.toml", "files_out.toml"
_TITLES = {
    "fr": ("Référente alarme (démo)", "Substitute (démo)"),
    "nl": ("Referentieofficier (demo)", "Substituut (demo)"),
    "de": ("Referenzbeamtin (Demo)", "Staatsanwältin (Demo)"),
}
_WORDS = {
    "fr": {
        "contact": "Seulement pour la remise des enfants.",
        "danger": "Menaces de mort et strangulation, arme à feu non saisie.",
        "urgent": "L’a suivie jusqu’à l’école cette semaine.",
        "calm": "Pas de fait nouveau depuis un mois.",
        "who": "Zone et parquet, par téléphone",
        "view": "Favorable : les mesures ne sont pas respectées.",
        "reasons": "Le danger pour la vie est établi par deux procès-verbaux et un certificat médical.",
        "note": "PV et certificat",
    },
    "nl": {
        "contact": "Alleen bij het overhandigen van de kinderen.",
        "danger": "Doodsbedreigingen en een mes dat gezien werd.",
        "urgent": "Hij stond deze week elke dag aan haar werk.",
        "calm": "Geen nieuwe feiten sinds een maand.",
        "who": "Zone en parket, telefonisch",
        "view": "Gunstig: de maatregelen worden niet nageleefd.",
        "reasons": "Het levensgevaar blijkt uit twee processen-verbaal en een medisch attest.",
        "note": "PV en attest",
    },
    "de": {
        "contact": "Nur bei der Übergabe der Kinder.",
        "danger": "Morddrohungen, Zugang zu einer Waffe.",
        "urgent": "Er stand diese Woche täglich vor der Tür.",
        "calm": "Seit einem Monat keine neuen Vorfälle.",
        "who": "Zone und Staatsanwaltschaft, telefonisch",
        "view": "Befürwortet: Die Maßnahmen werden nicht eingehalten.",
        "reasons": "Die Lebensgefahr ergibt sich aus zwei Protokollen und einem ärztlichen Attest.",
        "note": "Protokoll und Attest",
    },
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
    case, words = file.case, _WORDS[file.language]
    officer_title, magistrate_title = _TITLES[file.language]
    officer = scope_for("demo", officer_title, [Post(REFERENCE_OFFICER, case.managing_zone)])
    magistrate = scope_for("demo", magistrate_title, [Post(MAGISTRATE, case.office)])
    way: list[tuple[Scope, s.AnyStep]] = [
        (officer, _conditions(words)),
        (officer, s.Requested()),
        (officer, _analysed(words, urgent, danger)),
        (officer, s.Consulted(on=today(), who=words["who"], police_view=words["view"])),
        (magistrate, _granted(words, review_days)),
        (officer, s.Signed(on=today(), paper="", sha256="")),
    ]
    for scope, step in way:
        case.refresh_from_db()
        if case.stage == until:
            return
        do_take_step(scope, case.id, case.version, _signed_by(step, scope))


def _signed_by(step: s.AnyStep, scope: Scope) -> s.AnyStep:
    return s.with_author(step, scope.user, scope.title)


def _conditions(words: dict[str, str]) -> s.Conditions:
    return s.Conditions(
        threat="yes", contact="no", contact_note=words["contact"], roof="no", residence="yes", agrees="yes"
    )


def _analysed(words: dict[str, str], urgent: bool, danger: bool) -> s.Analysed:
    said = (("violence", "yes"), ("death-threats", "yes"), ("weapons", "yes"), ("pregnant", "no"))
    return s.Analysed(
        questionnaire=EDITION,
        answers=tuple(s.Answer(question=one, answer=answer, note=words["note"]) for one, answer in said),
        danger=danger,
        danger_reasons=words["danger" if danger else "calm"],
        urgent=urgent,
        urgent_reasons=words["urgent" if urgent else "calm"],
    )


def _granted(words: dict[str, str], review_days: int) -> s.Decided:
    return s.Decided(
        decision="granted", reasons=words["reasons"], review_on=today() + timedelta(days=max(review_days, 1))
    )
