"""What an alarm found becomes a fact of the file by its zone alone, once, and never of a press without cause."""

import re
from typing import Any

import msgspec
import pytest

from egide.alarm import events as a
from egide.casework import models as m
from egide.casework.file import store
from egide.casework.file.reading import read_file
from egide.casework.life import findings
from egide.events.casework import FindingAnswered
from egide.outbox.service import waiting
from tests.boards.teams import act, with_team
from tests.support.pages import GENT, MONS, Pages, near, text_of


def ended(pages: Pages, outcome: str = "perpetrator-gone", north_m: int = 0) -> str:
    """An alarm at her home, around which a ban is drawn; with a report."""
    alarm = with_team(pages, north_m=north_m)
    act(pages, alarm, a.TeamReported(by="team:M 12", outcome=outcome, text="Fled towards the <station>."))
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome=outcome, reason="over"))
    return alarm


def page(pages: Pages, alarm: str) -> str:
    return f"/files/{pages.files[MONS].case.id}/alarm/{alarm}/found"


def officer(pages: Pages, name: str = "ref", zone: str = "5324", role: str = "reference-officer"):  # type: ignore[no-untyped-def]
    return pages.client(pages.user(name, role=role, zone=zone))


def test_the_zone_confirms_statement_and_breach_and_they_stand_in_the_file(pages: Pages) -> None:
    alarm = ended(pages)
    client, case = officer(pages), pages.files[MONS].case.id
    assert "Found in alarms, to be confirmed" in text_of(client.get(f"/files/{case}/"))
    shown = text_of(client.get(page(pages, alarm)))
    assert "Fled towards the <station>." in shown and "her position lay inside at" in shown
    before = read_file(case)
    ban = findings.finding_of(before.case, alarm, before.measures).bans[0]
    said = {"text": "He fled on foot.", "source": "Alarm", "on": "2026-11-25", "verified": "on"}
    reply = client.post(page(pages, alarm), said | {"breached": [ban.row]})
    assert reply.status_code == 302, text_of(reply)
    after = read_file(case)
    new = after.antecedents[-1].facts
    assert (new.text, new.verified, new.assessment) == ("He fled on foot.", True, False)
    breached = next(row.facts for row in after.measures if row.id == ban.row)
    assert len(breached.breaches) == len(ban.facts.breaches) + 1 and breached.breaches[-1].source == "Alarm"
    answered = waiting(f"case:{case}", FindingAnswered)
    assert answered is not None and (answered[0].alarm, answered[0].taken) == (alarm, True)
    # Once.
    assert client.get(page(pages, alarm)).status_code == 404
    assert client.post(page(pages, alarm), said).status_code == 404
    assert len(read_file(case).antecedents) == len(after.antecedents)
    assert "Found in alarms, to be confirmed" not in text_of(client.get(f"/files/{case}/"))


def test_no_measure_is_ticked_before_an_officer_does_it_and_none_of_another_alarm_is_taken(
    pages: Pages,
) -> None:
    alarm = ended(pages)
    client, case = officer(pages), pages.files[MONS].case.id
    page_text = client.get(page(pages, alarm)).content.decode()
    boxes = re.findall(r"<input type=\"checkbox\"[^>]*>", page_text)
    assert any('name="breached"' in box for box in boxes) and not any("checked" in box for box in boxes)
    said = {"text": "x" * 5, "source": "Alarm", "on": "2026-11-25", "breached": ["0123456789abcdef"]}
    assert client.post(page(pages, alarm), said).status_code == 422
    before = read_file(case)
    assert client.post(page(pages, alarm), {"text": "", "source": "", "on": "2099-01-01"}).status_code == 422
    assert read_file(case) == before and not m.AnsweredFinding.objects.exists()


def test_a_measure_that_somebody_changes_meanwhile_is_not_written_over(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm = ended(pages)
    client, case = officer(pages), pages.files[MONS].case
    before = read_file(case.id)
    ban = findings.finding_of(before.case, alarm, before.measures).bans[0]
    take = findings.do_take

    def slowly(*given: Any) -> None:
        monkeypatch.setattr(findings, "do_take", take)
        changed = msgspec.structs.replace(ban.facts, issuer="Somebody else wrote this")
        store.do_change_row(case, "measure", ban.row, ban.version, changed, "other")
        take(*given)

    monkeypatch.setattr(findings, "do_take", slowly)
    said = {"text": "He fled on foot.", "source": "Alarm", "on": "2026-11-25", "breached": [ban.row]}
    reply = client.post(page(pages, alarm), said)
    assert reply.status_code == 409 and "He fled on foot." in text_of(reply)
    after = read_file(case.id)
    (now,) = (row.facts for row in after.measures if row.id == ban.row)
    assert (now.issuer, now.breaches) == ("Somebody else wrote this", ban.facts.breaches)
    assert after.antecedents == before.antecedents and not m.AnsweredFinding.objects.exists()
    # Once more, on what stands there now.
    assert client.post(page(pages, alarm), said).status_code == 302
    (now,) = (row.facts for row in read_file(case.id).measures if row.id == ban.row)
    assert now.issuer == "Somebody else wrote this" and len(now.breaches) == len(ban.facts.breaches) + 1


def test_left_out_it_is_asked_no_more_and_the_file_stays_as_it_was(pages: Pages) -> None:
    alarm = ended(pages)
    client, case = officer(pages), pages.files[MONS].case.id
    before = read_file(case).antecedents
    assert client.post(page(pages, alarm), {"leave": "yes"}).status_code == 302
    assert read_file(case).antecedents == before
    assert client.get(page(pages, alarm)).status_code == 404
    row = m.AnsweredFinding.objects.get()
    assert (row.alarm, row.taken, row.by) == (alarm, False, "ref")


def test_rule_32_a_press_without_intervention_leaves_nothing_to_confirm(pages: Pages) -> None:
    for outcome in ("handling-error", "test", "technical", "person-not-found", "help-refused"):
        alarm = ended(pages, outcome)
        file = read_file(pages.files[MONS].case.id)
        assert findings.findings_of(file.case, file.measures) == []
        assert officer(pages, f"o-{outcome}").get(page(pages, alarm)).status_code == 404


def test_where_she_was_outside_of_every_circle_no_breach_is_offered(pages: Pages) -> None:
    alarm = ended(pages, north_m=20_000)
    file = read_file(pages.files[MONS].case.id)
    assert findings.finding_of(file.case, alarm, file.measures).bans == ()
    assert "breached" not in officer(pages).get(page(pages, alarm)).content.decode()


def test_where_she_went_after_the_closing_says_nothing_of_him(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone, near(pages.files[MONS], north_m=20_000), zone="5324")
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="over"))
    pages.clock.advance_s(60)
    pages.send(alarm, a.PositionReceived, phone, position=near(pages.files[MONS]))
    file = read_file(pages.files[MONS].case.id)
    assert findings.finding_of(file.case, alarm, file.measures).bans == ()


def test_nobody_but_the_managing_zone_answers(pages: Pages) -> None:
    alarm = ended(pages)
    other_file = f"/files/{pages.files[GENT].case.id}/alarm/{alarm}/found"
    assert officer(pages, "of-5415", "5415").get(other_file).status_code == 404
    for name, role, place in (
        ("magistrate", "magistrate", {"office": "mons"}),
        ("operator", "operator", {"centre": "HAI"}),
        ("elsewhere", "reference-officer", {"zone": "5330"}),
    ):
        client = pages.client(pages.user(name, role=role, **place))
        assert client.get(page(pages, alarm)).status_code == 404, name
        assert client.post(page(pages, alarm), {"leave": "yes"}).status_code == 404, name
    magistrate = pages.client(pages.user("m", role="magistrate", office="mons"))
    assert "The managing zone has not looked at it yet." in text_of(
        magistrate.get(f"/files/{pages.files[MONS].case.id}/")
    )


def test_it_is_a_task_of_the_zone_until_somebody_has_answered(pages: Pages) -> None:
    phone, case = pages.phone(MONS), pages.files[MONS].case.id
    alarm = pages.installation.open_alarm(
        phone, position=near(pages.files[MONS]), origin=a.Origin("5324", "5324", "HAI")
    )
    pages.installation.route(alarm, centre="HAI", zone="5324")
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="over"))
    word = "what it found becomes a fact"
    client = officer(pages)
    assert word in text_of(client.get("/start"))
    m.BarredReader.objects.create(case_id=case, mark="user:barred")
    assert word not in text_of(officer(pages, "barred").get("/start"))
    client.post(page(pages, alarm), {"leave": "yes"})
    assert word not in text_of(client.get("/start"))
