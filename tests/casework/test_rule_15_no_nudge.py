"""The magistrate's page pushes nobody: reasons first, equal buttons, a second page, nothing prefilled (rule 15)."""

import re

from egide.casework import models as m
from egide.casework.file.rules_life import Stage
from tests.casework.people import Office, text_of

GIVEN = {"reasons": "Parce que", "review_on": "2027-06-01", "decision": "granted"}


def _form(page: str) -> str:
    return page.split('id="decide"')[1].split("</form>")[0]


def test_rule_15_reasons_come_before_equal_buttons(office: Office) -> None:
    case = office.to_decision()
    form = _form(text_of(office.magistrate.get(f"/files/{case.id}/decision")))
    buttons = re.findall(r"<button([^>]*)>", form)
    assert [re.findall(r'value="([^"]*)"', button) for button in buttons] == [
        ["granted"],
        ["more-asked"],
        ["refused"],
    ]
    # Nothing but the value tells them apart: no class, no focus, no shortcut.
    assert {re.sub(r'value="[^"]*"', "", button).strip() for button in buttons} == {'name="decision"'}
    assert form.index('id="id_reasons"') < form.index("<button")
    assert "accesskey" not in form and "autofocus" not in form


def test_rule_15_no_reason_is_written_in_advance_and_no_answer_is_chosen(office: Office) -> None:
    case = office.to_decision()
    form = _form(text_of(office.magistrate.get(f"/files/{case.id}/decision")))
    areas = re.findall(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)
    assert len(areas) == 2 and not "".join(areas).strip()
    assert "checked" not in form and "selected" not in form


def test_rule_15_no_statistic_stands_beside_the_decision(office: Office) -> None:
    case = office.to_decision()
    page = text_of(office.magistrate.get(f"/files/{case.id}/decision"))
    assert "%" not in re.sub(r"<[^>]*>", "", page)
    assert not re.search(r"\bscore\b", page, re.IGNORECASE)


def test_rule_15_one_key_decides_nothing(office: Office) -> None:
    case = office.to_decision()
    reply = office.magistrate.post(f"/files/{case.id}/decision", GIVEN | {"version": case.version})
    case.refresh_from_db()
    assert reply.status_code == 200 and case.stage == Stage.DECISION
    assert "Parce que" in text_of(reply)
    office.magistrate.post(f"/files/{case.id}/decision", GIVEN | {"version": case.version, "sign": "1"})
    case.refresh_from_db()
    assert case.stage == Stage.AGREEMENT


def test_rule_15_without_reasons_nothing_is_decided_and_nothing_typed_is_lost(office: Office) -> None:
    case = office.to_decision()
    given = GIVEN | {"version": case.version, "reasons": " ", "conditions": "Ne pas oublier", "sign": "1"}
    reply = office.magistrate.post(f"/files/{case.id}/decision", given)
    assert reply.status_code == 422
    assert "Ne pas oublier" in text_of(reply)
    assert m.Case.objects.get(id=case.id).stage == Stage.DECISION


def test_rule_15_only_a_magistrate_of_the_office_has_the_page(office: Office) -> None:
    case = office.to_decision()
    stranger = office.client("mag-2", "magistrate", office="namur")
    url = f"/files/{case.id}/decision"
    assert office.magistrate.get(url).status_code == 200
    for client in (stranger, office.officer, office.clerk):
        assert client.get(url).status_code == 404
        assert client.post(url, GIVEN | {"version": case.version, "sign": "1"}).status_code == 404
    assert m.Case.objects.get(id=case.id).stage == Stage.DECISION
