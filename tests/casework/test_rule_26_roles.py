"""Several perpetrators and people who act for them; roles, facts and assessments are kept apart (rule 26)."""

import re
from datetime import date

from egide.casework.file import facts as f
from egide.casework.file.store import do_add_row
from egide.casework.service import read_content
from tests.casework.people import Office, text_of


def _section(page: str, part: str) -> str:
    return page.split(f'id="{part}"')[1].split("</section>")[0]


def test_rule_26_a_file_holds_several_perpetrators_and_who_acts_for_whom(office: Office) -> None:
    case = office.file()
    cousin = {"name": "Éric Modèle (démo)", "role": "suspect", "acts_for": "Rudy Modèle (démo)"}
    assert office.officer.post(f"/files/{case.id}/perpetrator/add", cousin).status_code == 302
    convicted = {"name": "Paul Modèle (démo)", "role": "convicted"}
    assert office.officer.post(f"/files/{case.id}/perpetrator/add", convicted).status_code == 302
    file = read_content(case.id)
    assert [(who.role, who.acts_for) for who in file.perpetrators] == [
        ("suspect", ""),
        ("suspect", "Rudy Modèle (démo)"),
        ("convicted", ""),
    ]
    section = _section(text_of(office.officer.get(f"/files/{case.id}/")), "perpetrator")
    assert "acts for Rudy Modèle (démo)" in section
    assert "Suspect" in section and "Convicted" in section


def test_rule_26_witnesses_and_children_are_no_perpetrators(office: Office) -> None:
    case = office.file()
    witness = {"name": "Voisine (démo)", "role": "witness"}
    assert office.officer.post(f"/files/{case.id}/person/add", witness).status_code == 302
    child = {"name": "Enfant (démo)", "born": "2019-01-01"}
    assert office.officer.post(f"/files/{case.id}/child/add", child).status_code == 302
    page = text_of(office.officer.get(f"/files/{case.id}/"))
    assert "Voisine (démo)" in _section(page, "person") and "Witness" in _section(page, "person")
    assert "Enfant (démo)" in _section(page, "child")
    assert "Voisine" not in _section(page, "perpetrator")


def test_rule_26_a_fact_and_an_assessment_are_told_apart(office: Office) -> None:
    case = office.file()
    said = {"source": "PV 1 (démo)", "on": "2026-10-01"}
    for words, kind in (("A frappé", "fact"), ("Paraît imprévisible", "assessment")):
        given = {**said, "text": words, "kind": kind}
        assert office.officer.post(f"/files/{case.id}/antecedent/add", given).status_code == 302
    section = _section(text_of(office.officer.get(f"/files/{case.id}/")), "antecedent")
    marks = dict(re.findall(r"<h3>(.*?)\s+<span.*?(fact|assessment)</span>\s+</h3>", section, re.DOTALL))
    assert marks == {"A frappé": "fact", "Paraît imprévisible": "assessment"}


def test_rule_26_a_statement_never_stands_without_its_source_and_date(office: Office) -> None:
    case = office.file()
    reply = office.officer.post(f"/files/{case.id}/antecedent/add", {"text": "A menacé", "kind": "fact"})
    assert reply.status_code == 422
    assert "A menacé" in text_of(reply)
    assert not read_content(case.id).antecedents


def test_two_files_of_one_perpetrator_are_seen_at_a_glance_by_those_who_may(office: Office) -> None:
    first, second = office.file(), office.file(name="Deuxième Témoin (démo)")
    page = text_of(office.magistrate.get(f"/files/{first.id}/"))
    assert second.number in _section(page, "same") and "Deuxième Témoin" in _section(page, "same")
    elsewhere = office.file(name="Ailleurs (démo)")
    type(elsewhere).objects.filter(id=elsewhere.id).update(managing_zone="5415", office="oost-vlaanderen")
    assert elsewhere.number not in text_of(office.magistrate.get(f"/files/{first.id}/"))


def test_the_mark_of_a_perpetrator_needs_name_and_birth_date_whatever_the_spelling(office: Office) -> None:
    first, second = office.file(), office.file()
    same = f.PerpetratorFacts(name="  ÉRIC  modele", born=date(1990, 1, 1))
    do_add_row(first, "perpetrator", same, "ref-1")
    do_add_row(second, "perpetrator", f.PerpetratorFacts(name="Eric Modèle", born=date(1990, 1, 1)), "ref-1")
    marks = {row.mark for row in first.perpetrator_set.all()} & {
        row.mark for row in second.perpetrator_set.all()
    }
    assert len(marks) == 2  # Rudy of every file, and Éric
    do_add_row(second, "perpetrator", f.PerpetratorFacts(name="Eric Modèle"), "ref-1")
    assert second.perpetrator_set.filter(mark="").count() == 1
