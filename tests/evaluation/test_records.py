"""The records: built from the journal, and nothing in them leads to anybody."""

from datetime import date

from egide.alarm import events as a
from egide.common.clock import SetClock
from egide.evaluation.measures.answering import answers
from egide.evaluation.records.build import build
from egide.evaluation.records.period import Period
from egide.evaluation.records.shapes import COUNTRY, Query, Records
from egide.events import register as r
from egide.events.casework import FileRequested, FileStarted, GrantDecided
from egide.events.survey import SurveyAnswered, SurveyInvited
from tests.support.installation import HOME_CENTRE, HOME_ZONE, MANAGING_ZONE, Installation

PLACES = [(HOME_ZONE, HOME_CENTRE, "mons"), (MANAGING_ZONE, HOME_CENTRE, "mons")]
PLACES = sorted(set(PLACES))


def built(installation: Installation) -> Records:
    return build(installation.journal, installation.clock, PLACES)


def one_life(installation: Installation, outcome: str = "arrest") -> None:
    """A file from its request to an alarm with an arrest (or another outcome), and a survey."""
    clock = installation.set_clock
    assert isinstance(clock, SetClock)
    kit = installation.issue_kit()
    case, stream = kit.case, f"case:{kit.case}"
    installation.append(stream, FileStarted(case=case, user="anna", managing_zone=MANAGING_ZONE), case=case)
    installation.append(stream, FileRequested(case=case, user="anna"), case=case)
    clock.advance_s(3 * 86_400)
    review_on = date(2031, 1, 1)
    decided = GrantDecided(case=case, user="berta", decision="granted", review_on=review_on)
    installation.append(stream, decided, case=case)
    installation.append(f"kit:{kit.kit}", r.KitHandedOver(kit=kit.kit, by="anna"), case=case)
    phone = installation.enrol(kit)
    alarm = installation.open_alarm(phone, trigger=1)
    installation.route(alarm)
    clock.advance_s(2)
    installation.act(alarm, a.ShownOnBoard(user="op", centre=HOME_CENTRE))
    installation.act(alarm, a.AlarmAcknowledged(user="op"))
    clock.advance_s(28)
    installation.act(alarm, a.ZoneConfirmed(user="op", zone=HOME_ZONE, reference="Jan"))
    installation.act(alarm, a.TeamNamed(user="op", zone=HOME_ZONE, call_sign="M1"))
    clock.advance_s(30)
    installation.act(alarm, a.TeamUnderWay(by="op"))
    clock.advance_s(300)
    installation.act(alarm, a.TeamOnSite(by="op", age_s=10))
    installation.act(alarm, a.TeamReported(by="op", outcome=outcome, text="free text"))
    installation.act(alarm, a.AlarmClosed(user="op", outcome=outcome, reason="free text"))
    asked = SurveyInvited(questionnaire="beneficiary", version=1, role="beneficiary", zone=MANAGING_ZONE)
    installation.append("survey:00ff", asked)
    answered = SurveyAnswered(
        questionnaire="beneficiary",
        version=1,
        role="beneficiary",
        zone=MANAGING_ZONE,
        answers={"safer": "clearly"},
    )
    installation.append("survey:00ff", answered)


def test_one_life_gives_the_figures_that_it_should(installation: Installation) -> None:
    one_life(installation)
    records = built(installation)
    year = records.about.until.year
    found = answers(records, Query(Period.of_year(year), COUNTRY))
    whole = {name: result.whole for name, result in found.items()}
    for name in ("protected-ever", "protected-now", "kits-in-use", "requests", "interventions", "arrests"):
        assert whole[name].value == 1, name
    assert whole["decision-days"].value == 3
    steps = {cell.keys: cell.value for cell in found["steps"].cells}
    assert steps["seen", "p50"] == 2
    assert steps["confirmed", "p50"] == 30
    assert steps["under-way", "p50"] == 60
    assert whole["steps"].value == 350
    assert whole["on-site-10"].count == whole["on-site-10"].n == 1
    assert whole["felt-safer"].value == 1
    assert whole["time-gained"].unknown == "not-imported"
    assert whole["silent-hours"].unknown == "not-recorded"
    assert whole["victim-again-6"].unknown == "not-yet"
    assert whole["protection-days"].unknown == "nobody"
