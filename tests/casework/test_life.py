"""A file's way from the request to its end, over the pages."""

from datetime import date

from egide.casework import models as m
from egide.casework.file.rules_life import Stage
from egide.casework.life.questionnaire import in_force
from egide.casework.service import standing_of
from egide.outbox.days import today
from tests.casework.people import Office, text_of

REASONS = "Strangulation et menaces de mort établies par deux procès-verbaux."


def test_from_the_request_to_the_grant_over_the_pages(office: Office) -> None:
    case = office.file()
    page = office.officer.get(f"/files/{case.id}/")
    assert page.status_code == 200
    assert "Questions about the conditions answered" in text_of(page)
    _send(office, case, "conditions", threat="yes", contact="no", roof="no", residence="yes", agrees="yes")
    _send(office, case, "request", remark="Urgent")
    asked = {f"q-{q}": "no" for q in _questions()} | {"q-fear": "de lui", "q-protects": "sa sœur"}
    _send(
        office, case, "analysis", **asked, danger="yes", danger_reasons="x", urgent="no", urgent_reasons="y"
    )
    _send(office, case, "consultation", on=str(today()), who="zone", police_view="oui")
    case.refresh_from_db()
    assert (case.stage, case.danger, case.urgent) == (Stage.DECISION, True, False)

    page = office.magistrate.get(f"/files/{case.id}/decision")
    assert "Strangulation" not in text_of(page).split('<form method="post" class="card" id="decide"')[1]
    given = {"version": case.version, "reasons": REASONS, "review_on": "2027-06-01", "decision": "granted"}
    confirm = office.magistrate.post(f"/files/{case.id}/decision", given)
    assert REASONS in text_of(confirm) and m.Case.objects.get(id=case.id).stage == Stage.DECISION
    signed = office.magistrate.post(f"/files/{case.id}/decision", given | {"sign": "1"})
    assert signed.status_code == 302
    standing = standing_of(case.id)
    assert not standing.missing and standing.is_granted and not standing.agreement_signed
    assert (standing.stage, standing.review_on) == (Stage.AGREEMENT, date(2027, 6, 1))


def _questions() -> list[str]:
    return [one.id for one in in_force().questions]


def _send(office: Office, case: m.Case, name: str, **given: str) -> None:
    case.refresh_from_db()
    url = f"/files/{case.id}/step/{name}"
    assert office.officer.get(url).status_code == 200
    reply = office.officer.post(url, {"version": case.version, **given})
    assert reply.status_code == 302, text_of(reply)
