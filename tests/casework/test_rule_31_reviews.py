"""Reviews also when life changes; an end with notice and grace; only the prosecutor withdraws (rules 31, 32)."""

import re
from datetime import date, timedelta

import pytest

from egide.casework import models as m
from egide.casework import service
from egide.casework.file import steps as s
from egide.casework.file.reading import read_file
from egide.casework.file.rules_life import REVIEW_DAYS, Stage, StepRefused, default_review
from egide.casework.life.tasks import tasks_of
from egide.casework.pages.presenting import sections_of
from egide.demo.kits import DemoFile, create_demo_kits
from egide.outbox.copy import copy_waiting
from egide.outbox.days import today
from tests.casework.people import CENTRE, ZONE, Office, decision, magistrate, officer, text_of


def proposal() -> s.Proposed:
    return s.Proposed(proposal="end", analysis="Plus de fait depuis six mois", her_view="Se sent en sécurité")


def announced(**more: object) -> s.EndAnnounced:
    days = {
        "told_on": today(),
        "ends_on": today() + timedelta(days=30),
        "grace_until": today() + timedelta(days=60),
    }
    words = {"named_contact": "Insp. Modèle (démo)", "plan": "Suivi par le service", "removal": "Au bureau"}
    return s.EndAnnounced(**{**words, **days, **more})  # type: ignore[arg-type]


def test_rule_31_a_grant_is_reviewed_after_six_months_by_default(office: Office) -> None:
    case = office.to_decision()
    page = text_of(office.magistrate.get(f"/files/{case.id}/decision"))
    assert REVIEW_DAYS == 182
    assert f'value="{default_review(today()).isoformat()}"' in page


@pytest.mark.parametrize("days", [0, -3, 400])
def test_rule_31_the_review_lies_ahead_within_a_year(office: Office, days: int) -> None:
    case = office.to_decision()
    with pytest.raises(StepRefused):
        office.take(case, magistrate(), decision("granted", review_on=today() + timedelta(days=days)))
    assert m.Case.objects.get(id=case.id).stage == Stage.DECISION


@pytest.mark.parametrize("kind", ["release", "end-of-ban", "hearing", "custody"])
def test_rule_31_when_life_changes_the_review_comes_earlier_and_becomes_a_task(
    office: Office, kind: str
) -> None:
    case = office.running()
    due = today() + timedelta(days=5)
    changed = s.LifeChanged(kind=kind, on=due, source="Parquet", due=due)
    case = office.take(case, officer(), changed)
    assert case.review_on == due
    tasks = [task for task in tasks_of(officer()) if case.number in task.title]
    assert [task.word for task in tasks] == ["Review"] and tasks[0].due_us is not None
    later = s.LifeChanged(kind=kind, on=due, source="Parquet", due=due + timedelta(days=90))
    assert office.take(case, officer(), later).review_on == due


@pytest.mark.parametrize("kind", ["end of a ban", "release"])
def test_rule_31_an_end_that_the_file_knows_of_asks_by_itself_whether_to_review(
    office: Office, kind: str
) -> None:
    case, soon = office.running(), today() + timedelta(days=20)
    if kind == "release":
        row = m.Perpetrator.objects.get(case=case)
        given = {"version": 1, "name": "Rudy Modèle (démo)", "role": "suspect", "detained_until": str(soon)}
        url = f"/files/{case.id}/perpetrator/{row.id}"
    else:
        given = {"kind": "contact-ban", "issuer": "x", "starts": "2026-01-01", "ends": str(soon)}
        url = f"/files/{case.id}/measure/add"
    assert not [task for task in tasks_of(officer()) if case.number in task.title]
    assert office.officer.post(url, given).status_code == 302
    assert [task.word for task in tasks_of(officer())] == [
        "A ban ends or somebody is released: does it call for a review?"
    ]
    assert 'id="near-change"' in text_of(office.officer.get(f"/files/{case.id}/"))
    far = today() + timedelta(days=90)
    office.take(case, officer(), s.LifeChanged(kind="release", on=soon, source="x", due=far))
    assert not list(tasks_of(officer()))
    office.pages.clock.advance_s(61 * 86_400)
    assert [task.word for task in tasks_of(officer())] == ["Review"]


def test_rule_31_a_review_needs_a_new_analysis_and_her_view_and_the_magistrate_decides(
    office: Office,
) -> None:
    case = office.running()
    extended = s.Reviewed(
        outcome="extended", reasons="Le danger dure", review_on=today() + timedelta(days=100)
    )
    with pytest.raises(StepRefused) as refused:
        office.take(case, magistrate(), extended)
    assert refused.value.code == "no-proposal"
    empty = {"version": case.version, "proposal": "end", "analysis": "", "her_view": ""}
    reply = office.officer.post(f"/files/{case.id}/step/proposal", empty)
    assert reply.status_code == 422
    office.take(case, officer(), proposal())
    with pytest.raises(StepRefused):
        office.take(case, officer(), extended)
    case = office.take(case, magistrate(), extended)
    assert (case.stage, case.review_on) == (Stage.RUNNING, extended.review_on)


def test_rule_31_the_end_takes_thirty_days_notice_and_thirty_days_of_grace(office: Office) -> None:
    ending = s.Reviewed(outcome="ending", reasons="Plus de danger")
    case = office.take(office.running(), officer(), proposal())
    case = office.take(case, magistrate(), ending)
    for short, code in (
        (announced(ends_on=today() + timedelta(days=29)), "notice-too-short"),
        (announced(told_on=today() + timedelta(days=1)), "notice-too-short"),
        (announced(grace_until=today() + timedelta(days=59)), "grace-too-short"),
    ):
        with pytest.raises(StepRefused) as refused:
            office.take(case, officer(), short)
        assert refused.value.code == code
    with pytest.raises(StepRefused):
        office.take(case, officer(), s.Ended(kit="returned"))
    case = office.take(case, officer(), announced())
    assert case.grant_ends_on == today() + timedelta(days=60)
    with pytest.raises(StepRefused) as refused:
        office.take(case, officer(), s.Ended(kit="returned"))
    assert refused.value.code == "notice-runs"
    office.pages.clock.advance_s(31 * 86_400)
    case = office.take(case, officer(), s.Ended(kit="returned"))
    assert case.stage == Stage.ENDED and case.erase_on is not None and case.erase_on > today()


def test_rule_31_the_kit_learns_when_the_grant_ends(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, date | None]] = []
    monkeypatch.setattr("egide.casework.life.living._grant_listeners", [lambda *change: told.append(change)])
    case = office.take(office.running(), officer(), proposal())
    assert told == []
    case = office.take(case, magistrate(), s.Reviewed(outcome="ending", reasons="x"))
    office.take(case, officer(), announced())
    assert told == [(case.id, today() + timedelta(days=60))]


def test_rule_31_only_the_prosecutor_withdraws_and_only_with_reasons(office: Office) -> None:
    case = office.running()
    withdrawn = s.Withdrawn(reasons="Fausse identité")
    for scope in (officer(), magistrate(office="namur")):
        with pytest.raises(StepRefused):
            office.take(case, scope, withdrawn)
    assert office.officer.get(f"/files/{case.id}/step/withdrawal").status_code == 404
    url = f"/files/{case.id}/step/withdrawal"
    case.refresh_from_db()
    assert office.magistrate.post(url, {"version": case.version, "reasons": "  "}).status_code == 422
    assert (
        office.magistrate.post(url, {"version": case.version, "reasons": "Fausse identité"}).status_code
        == 302
    )
    case.refresh_from_db()
    assert case.stage == Stage.WITHDRAWN and not service.standing_of(case.id).is_granted


def test_a_refusal_is_not_the_last_word(office: Office) -> None:
    case = office.take(office.to_decision(), magistrate(), decision("refused"))
    assert case.stage == Stage.REFUSED and case.erase_on is not None
    case = office.take(case, officer(), s.Requested(remark="Faits nouveaux"))
    assert case.stage == Stage.ANALYSIS and case.erase_on is None


def test_more_can_be_asked_and_answered(office: Office) -> None:
    case = office.take(office.to_decision(), magistrate(), decision("more-asked"))
    assert case.stage == Stage.MORE_ASKED
    case = office.take(case, officer(), s.Answered(answer="Le certificat est joint"))
    page = text_of(office.magistrate.get(f"/files/{case.id}/decision"))
    assert "Le certificat est joint" in page and "Le danger est établi" in page


def test_a_file_moves_with_the_person_to_another_zone_and_its_office(office: Office) -> None:
    case = office.running()
    given = {"version": case.version, "to_zone": "5415", "reasons": "Déménagement"}
    assert office.officer.post(f"/files/{case.id}/step/move", given).status_code == 302
    case.refresh_from_db()
    assert (case.managing_zone, case.office, case.managing_centre) == ("5415", "oost-vlaanderen", "OVL")
    assert office.officer.get(f"/files/{case.id}/").status_code == 404
    there = office.client("ref-gent", "reference-officer", zone="5415")
    assert there.get(f"/files/{case.id}/").status_code == 200


def test_a_press_after_the_move_names_the_new_zone(office: Office) -> None:
    case = office.running()
    kit = create_demo_kits([DemoFile(case.id, ZONE, CENTRE)])[0]
    given = {"version": case.version, "to_zone": "5415", "reasons": "Déménagement"}
    assert office.officer.post(f"/files/{case.id}/step/move", given).status_code == 302
    copy_waiting(office.pages.config, office.pages.journal)
    sql = "SELECT managing_zone, home_zone, home_centre FROM kit WHERE kit = ?"
    row = office.pages.journal.connection.execute(sql, (kit.id,)).fetchone()
    assert tuple(row) == ("5415", "5415", "OVL")


def test_rule_32_nothing_on_the_file_or_the_review_counts_her_presses(office: Office) -> None:
    case = office.running()
    said = text_of(office.magistrate.get(f"/files/{case.id}/step/review")) + text_of(
        office.magistrate.get(f"/files/{case.id}/")
    )
    bare = re.sub(r"<[^>]*>", " ", said).lower()
    for word in ("presses without", "handling error", "number of alarms", "alarms without", "false alarm"):
        assert word not in bare
    fields = {name for kind in (s.Proposed, s.Reviewed, s.Decided) for name in kind.__struct_fields__}
    assert not {name for name in fields if "press" in name or "alarm" in name or "count" in name}
    assert all(section.part != "alarm" for section in sections_of(read_file(case.id), magistrate()))
