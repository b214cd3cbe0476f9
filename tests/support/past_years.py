"""Two years of an invented past in two zones, told by real events, as the figures of another installation.

`python -m tests.support.past_years DATA_DIR` writes them into a journal of their own and leaves only the records there.
"""

import sys
import tempfile
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path

import tests.support.pages  # noqa: F401  loads Django's settings, which texts of measures need
from egide.alarm import events as a
from egide.common.config import Config
from egide.evaluation.records.build import build
from egide.evaluation.records.store import RecordStore
from egide.events import casework as c
from egide.events import register as r
from egide.events.survey import SurveyAnswered, SurveyInvited
from tests.support.installation import Installation, Phone

PLACES = [("5324", "HAI", "mons"), ("5415", "OVL", "oost-vlaanderen"), ("5325", "HAI", "mons")]
ENDS = date(2026, 10, 31)
MONTHS = [date(2025 + number // 12, number % 12 + 1, 10) for number in range(22)]
OUTCOMES = cycle(("handling-error", "arrest", "perpetrator-gone", "test", "handling-error", "technical"))


def write(installation: Installation) -> None:
    """A person more each month, from request to kit; and each month an alarm of everybody who has one."""
    for zone, _centre, office in PLACES[:2]:
        _ready(installation, f"zone:{zone}", "police", zone, ("s1", "s2"))
        _ready(installation, f"office:{office}", "magistrate", office, ("m1",))
    phones: list[tuple[Phone, str, str]] = []
    for number, month in enumerate(MONTHS):
        _set(installation, month)
        zone, centre, _office = PLACES[number % 2]
        phones.append((_protect(installation, zone, is_granted=number % 5 != 4), zone, centre))
        for phone, where, there in phones:
            if phone.kit:
                _alarm(installation, phone, where, there)
        if month.month % 2:
            _survey(installation, number)


def _set(installation: Installation, day: date) -> None:
    at = datetime(day.year, day.month, day.day, 19, 30, tzinfo=UTC).timestamp()
    installation.set_clock.jump_s(at - installation.clock.now_us() / 1_000_000)


def _ready(installation: Installation, subject: str, course: str, unit: str, people: tuple[str, ...]) -> None:
    _set(installation, date(2025, 1, 7))
    on = "2025-01-07"
    trained = r.TrainingRecorded(
        session=subject, course=course, on=on, persons=people, units=(unit,) * len(people)
    )
    installation.append(f"rollout:{subject}", trained)
    installation.append(f"rollout:{subject}", r.SignedOff(subject=subject, signer="-", on=on, by="-"))


def _protect(installation: Installation, zone: str, *, is_granted: bool) -> Phone:
    """A request, a decision nine days later, and a kit where it was granted; a phone without one else."""
    kit = installation.issue_kit(managing_zone=zone)
    stream = f"case:{kit.case}"
    steps = (
        c.FileStarted(kit.case, "-", zone),
        c.FileRequested(kit.case, "-"),
        c.GrantDecided(kit.case, "-", "granted", date(2026, 9, 1))
        if is_granted
        else c.GrantDecided(kit.case, "-", "refused"),
    )
    for step in steps:
        installation.append(stream, step, case=kit.case)
        installation.clock.advance_s(4.5 * 86_400)  # type: ignore[attr-defined]
    if not is_granted:
        installation.append(f"kit:{kit.kit}", r.KitReturned(kit=kit.kit), case=kit.case)
        return Phone(None, "", kit.case)  # type: ignore[arg-type]
    installation.append(f"kit:{kit.kit}", r.KitHandedOver(kit=kit.kit, by="-"), case=kit.case)
    return installation.enrol(kit)


def _alarm(installation: Installation, phone: Phone, zone: str, centre: str) -> None:
    clock, outcome = installation.set_clock, next(OUTCOMES)
    alarm = installation.open_alarm(phone, trigger=1)
    installation.route(alarm, zone, centre)
    clock.advance_s(2)
    installation.act(alarm, a.ShownOnBoard(user="-", centre=centre))
    clock.advance_s(40)
    installation.act(alarm, a.ZoneConfirmed(user="-", zone=zone, reference="-"))
    if outcome in ("arrest", "perpetrator-gone"):
        clock.advance_s(60)
        installation.act(alarm, a.TeamUnderWay(by="-"))
        clock.advance_s(300 + 37 * phone.counter)
        installation.act(alarm, a.TeamOnSite(by="-"))
    installation.act(alarm, a.AlarmClosed(user="-", outcome=outcome, reason="-"))
    clock.advance_s(900)


def _survey(installation: Installation, number: int) -> None:
    for one in range(7):
        invited = SurveyInvited(questionnaire="beneficiary", version=1, role="beneficiary")
        installation.append(f"survey:{number:04x}{one:04x}00", invited)
    for one in range(5):
        answers = {"safer": "clearly" if (one + number) % 4 else "same"}
        told = SurveyAnswered(questionnaire="beneficiary", version=1, role="beneficiary", answers=answers)
        installation.append(f"survey:{number:04x}{one:04x}ff", told)


def main(data_dir: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as installation:
        installation.journal.connection.execute("PRAGMA synchronous=OFF")
        write(installation)
        _set(installation, ENDS)
        records = build(installation.journal, installation.clock, PLACES, is_invented=True)
    RecordStore(Config(data_dir=data_dir)).save(records)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
