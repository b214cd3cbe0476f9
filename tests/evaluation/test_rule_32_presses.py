"""Safety rule 32 in the figures: presses without intervention are counted by cause, and by nobody's name."""

import re

import pytest

from egide.alarm import events as a
from egide.evaluation import service
from egide.evaluation.measures import REGISTRY
from egide.evaluation.measures.answering import CannotSplit, UnknownPlace, answers
from egide.evaluation.records.period import Period
from egide.evaluation.records.shapes import SPLITS, Places, Query
from tests.evaluation.test_dashboard import member, text_of
from tests.evaluation.test_records import built
from tests.support.installation import HOME_ZONE, Installation
from tests.support.pages import Pages

CAUSES = ("handling-error", "handling-error", "test", "technical", "handling-error", "person-not-found")


def press_in_vain(installation: Installation) -> None:
    """One person who pressed six times, and nobody had to go."""
    phone = installation.enrol()
    for outcome in CAUSES:
        alarm = installation.open_alarm(phone)
        installation.route(alarm)
        installation.act(alarm, a.AlarmClosed(user="op", outcome=outcome, reason="-"))


def test_rule_32_presses_without_intervention_are_counted_by_cause(installation: Installation) -> None:
    press_in_vain(installation)
    found = answers(built(installation), Query(Period.parse("2027")))
    causes = {cell.keys[0]: cell.value for cell in found["without-intervention"].cells}
    assert causes == {"handling-error": 3, "test": 1, "technical": 1, "person-not-found": 1}
    shares = {cell.keys[0]: (cell.count, cell.n) for cell in found["nuisance-share"].cells}
    assert shares == {"handling-error": (3, 6), "test": (1, 6), "technical": (1, 6)}
    assert (found["nuisance-share"].whole.count, found["nuisance-share"].whole.n) == (5, 6)


def test_rule_32_no_figure_can_be_asked_by_person_file_or_kit(installation: Installation) -> None:
    press_in_vain(installation)
    records = built(installation)
    person = records["alarms"]["person"][0]
    for split in ("person", "kit", "file", "case", "trigger", "presses"):
        with pytest.raises(CannotSplit):
            answers(records, Query(Period.parse("2027"), by=split))
    with pytest.raises(UnknownPlace):
        answers(records, Query(Period.parse("2027"), Places("person", (person,))))
    for split in ("", *SPLITS):
        for result in answers(records, Query(Period.parse("2027"), by=split)).values():
            assert person not in str(result)
    # A zone may hold one person: alarms without an intervention are not split by it.
    assert "zone" not in REGISTRY["without-intervention"].splits


def test_rule_32_the_dashboard_counts_causes_and_names_nobody(pages: Pages) -> None:
    press_in_vain(pages.installation)
    service.rebuild()
    client = member(pages, "evaluator")
    page = text_of(client.get("/figures/measure/without-intervention?from=2027-01&to=2027-01").content)
    assert "handling error 3" in page and "never counted by person" in page
    for by in ("person", "zone", "case"):
        asked = client.get(f"/figures/measure/without-intervention?from=2027-01&to=2027-01&by={by}")
        assert HOME_ZONE not in re.sub(r"<select.*?</select>", "", asked.content.decode(), flags=re.DOTALL)
    chapter = client.get("/figures/chapter/alarms?from=2027-01&to=2027-01").content.decode()
    records = service.records()
    assert records["alarms"].height == len(CAUSES) and records["alarms"]["person"][0] not in chapter
