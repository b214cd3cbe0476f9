"""The life of a file as pure rules: who may take which step when, and that no word of it is missing anywhere."""

import re
from datetime import date
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from egide.access.rules import FILE_ROLES, MAGISTRATE
from egide.casework.file import rules_life as rules
from egide.casework.file import steps as s
from egide.casework.file import words as w
from egide.casework.file.facts import MeasureFacts, PerpetratorFacts
from egide.casework.forms.steps import STEP_FORMS, STEP_TITLES
from egide.casework.life.living import event_of
from egide.events import REGISTRY
from tests.casework.people import Office, analysis, conditions, consultation, officer, text_of

TODAY = date(2026, 11, 25)
STEPS: dict[type[s.StepFacts], s.AnyStep] = {
    type(step): step
    for step in (
        conditions(),
        s.Requested(),
        analysis(),
        s.Raised(danger=True, urgent=True, reasons="x"),
        s.Consulted(on=TODAY, who="x", police_view="x"),
        s.Decided(decision="refused", reasons="x"),
        s.Answered(answer="x"),
        s.Signed(on=TODAY, paper="", sha256=""),
        s.Issued(),
        s.LifeChanged(kind="release", on=TODAY, source="x", due=TODAY),
        s.Proposed(proposal="end", analysis="x", her_view="x"),
        s.Reviewed(outcome="ending", reasons="x"),
        s.EndAnnounced(
            ends_on=date(2026, 12, 25),
            grace_until=date(2027, 1, 24),
            told_on=TODAY,
            named_contact="x",
            plan="x",
            removal="x",
        ),
        s.Withdrawn(reasons="x"),
        s.Ended(kit="returned"),
        s.Dropped(reasons="x"),
        s.Moved(from_zone="a", to_zone="b", from_office="x", to_office="x", reasons="x"),
        s.Died(death="d1", who="protected", on=TODAY, violence="unknown", source="x"),
        s.DeathTakenBack(death="d0", reasons="x"),
    )
}
COMPLETE = rules.Content(
    **{name: True for name in rules.Content.__dataclass_fields__ if name.startswith("has_")}, opened_on=TODAY
)
# An entry that can be taken back.
ENTERED = s.Died(death="d0", who="child", on=TODAY, violence="excluded", source="x")


def test_every_step_has_its_rule_its_form_its_words_and_its_event() -> None:
    kinds = set(get_args(s.AnyStep))
    assert kinds == set(rules.MAY) == set(STEPS)
    # A kit is handed out on the page of the stock; a death is taken back on the page of its entry.
    assert {form.step for form in STEP_FORMS.values()} == kinds - {s.Issued, s.DeathTakenBack}
    assert set(STEP_TITLES) == set(STEP_FORMS)
    for kind, step in STEPS.items():
        assert str(kind.__struct_config__.tag) in w.STEPS
        assert event_of(step, "0" * 16, "ref-1").kind in REGISTRY
        assert s.decode(s.encode(step)) == step


def test_every_stage_and_every_refusal_has_words() -> None:
    assert set(w.STAGES) == set(w.NEXT) == set(rules.Stage)
    source = Path(rules.__file__).read_text("utf-8")
    assert set(re.findall(r'StepRefused\("([a-z-]+)"', source)) == set(w.REFUSALS)
    assert set(rules.find_missing(rules.Life(), rules.Content())) == set(w.MISSING)
    assert set(w.LIFE_EVENTS) == set(s.LIFE_EVENTS)
    assert set(w.DEATHS) == set(s.DEATHS) and set(w.VIOLENCE) == {*s.VIOLENCE, s.NOT_ASKED}


@pytest.mark.parametrize("kind", list(STEPS), ids=lambda kind: kind.__name__)
def test_a_step_is_taken_only_by_its_people_and_at_its_stage(kind: type[s.StepFacts]) -> None:
    allowed, stages = rules.MAY[kind]
    for role, stage in product(FILE_ROLES | {"administrator", "evaluator"}, rules.Stage):
        life = rules.Life(stage=stage, proposal="end", ends_on=TODAY, has_conditions=True, deaths=(ENTERED,))
        may = rules.may_take(kind, life, frozenset({role}))
        assert may is (role in allowed and stage in stages)
        try:
            rules.check_step(STEPS[kind], life, COMPLETE, frozenset({role}), TODAY)
        except rules.StepRefused as refused:
            assert refused.code in ("not-your-step", "not-now") and not may
        else:
            assert may


def test_only_a_magistrate_decides_reviews_and_withdraws() -> None:
    for kind in (s.Decided, s.Reviewed, s.Withdrawn):
        assert rules.MAY[kind][0] == {MAGISTRATE}


def test_a_closed_file_takes_no_step_but_a_move_a_death_and_after_a_refusal_a_new_request() -> None:
    always = {s.Moved, s.Died, s.DeathTakenBack}
    for stage in rules.CLOSED:
        open_to = {kind for kind, (_roles, stages) in rules.MAY.items() if stage in stages}
        assert open_to == always | ({s.Requested, s.Conditions} if stage == rules.Stage.REFUSED else set())


def test_the_next_change_of_life_is_the_nearest_end_or_release() -> None:
    ban = MeasureFacts(kind="contact-ban", issuer="x", starts=TODAY, ends=date(2027, 3, 1))
    held = PerpetratorFacts(name="x", detained_until=date(2027, 1, 1))
    open_end = MeasureFacts(kind="contact-ban", issuer="x", starts=TODAY)
    assert rules.next_change([ban, open_end], [held], TODAY) == date(2027, 1, 1)
    assert rules.next_change([ban], [held], date(2027, 1, 2)) == date(2027, 3, 1)
    assert rules.next_change([open_end], [], TODAY) is None


def test_a_clerk_records_the_consultation_and_cannot_decide(office: Office) -> None:
    case = office.take(office.file(), officer(), conditions(), s.Requested(), analysis())
    given = {
        "version": case.version,
        "on": str(consultation().on),
        "who": "parquet",
        "police_view": "Favorable",
    }
    assert office.clerk.post(f"/files/{case.id}/step/consultation", given).status_code == 302
    case.refresh_from_db()
    assert case.stage == rules.Stage.DECISION
    page = text_of(office.clerk.get(f"/files/{case.id}/"))
    assert "Read and decide" not in page


def test_a_person_who_no_longer_asks_ends_it_herself_before_it_begins(office: Office) -> None:
    case = office.to_decision()
    url = f"/files/{case.id}/step/drop"
    assert office.officer.post(url, {"version": case.version, "reasons": ""}).status_code == 422
    assert office.officer.post(url, {"version": case.version, "reasons": "Est partie"}).status_code == 302
    case.refresh_from_db()
    assert case.stage == rules.Stage.ENDED and case.erase_on is not None
