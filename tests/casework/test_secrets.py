"""What a file hides: the non-disclosed address everywhere, everything personal in the databases, the file itself."""

import logging
from datetime import date, timedelta

import pytest
from django.test import Client

from egide.access.models import User
from egide.boards import service as response
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import steps as s
from egide.casework.file.files import visible
from egide.casework.file.store import do_add_row
from egide.casework.life.retention import RetentionError, retention_days
from egide.casework.life.tasks import tasks_of
from egide.casework.papers.documents import DOCUMENTS
from egide.casework.papers.keeping import read_paper
from egide.outbox.copy import copy_waiting
from egide.outbox.days import today
from egide.outbox.models import OutboxRow
from egide.protocol.envelope import Position
from tests.casework.people import (
    AGREED_WORD,
    OFFICE,
    Office,
    analysis,
    conditions,
    decision,
    magistrate,
    officer,
    text_of,
)
from tests.casework.test_uploads import upload, with_place

SECRET = "Impasse des Lucioles"
POSITION = "504518"


def pages_of(case: m.Case) -> list[str]:
    """Every address of one file that is read."""
    row = m.Place.objects.get(case=case)
    base = f"/files/{case.id}/"
    steps = ("conditions", "analysis", "raise", "proposal", "life-event", "move", "review", "withdrawal")
    forms = [f"{base}step/{name}" for name in steps]
    return ["/files/", base, f"{base}decision", f"{base}history", f"{base}place/{row.id}", "/start", *forms]


def everybody(office: Office) -> dict[str, Client]:
    """Everybody but the managing zone."""
    return {
        "magistrate": office.magistrate,
        "clerk": office.clerk,
        "operator": office.client("op-9", "operator", centre="HAI"),
        "supervisor": office.client("sup-9", "supervisor", centre="HAI"),
        "other zone": office.client("ref-9", "reference-officer", zone="5415"),
        "administrator": office.client("adm-9", "administrator"),
        "officer of data protection": office.client("dpo-9", "data-protection"),
        "evaluator": office.client("eva-9", "evaluator"),
        "coordinator": office.client("coo-9", "coordinator"),
        "stranger": office.pages.client(),
    }


def test_a_non_disclosed_address_and_the_agreed_word_are_on_no_page_but_the_managing_zones(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    case = office.running()
    own = text_of(office.officer.get(f"/files/{case.id}/"))
    assert SECRET in own and AGREED_WORD in own
    for name, client in everybody(office).items():
        for url in pages_of(case):
            page = client.get(url).content.decode(errors="replace")
            assert SECRET not in page and POSITION not in page and "4711#" not in page, (name, url)
            assert AGREED_WORD not in page, (name, url)
        found = client.post("/search", {"text": "Lucioles"}).content.decode(errors="replace")
        assert SECRET not in found
    assert not [word for word in (SECRET, "Camille", AGREED_WORD) if word in caplog.text]


def test_what_repeats_a_non_disclosed_address_is_blackened_for_everybody_outside_of_the_zone(
    office: Office,
) -> None:
    case = office.file()
    said = f"Il l’a attendue {SECRET.upper()} 3 ; violent"
    statement = f.AntecedentFacts(text=said, source="PV 3 (démo)", on=date(2026, 1, 1))
    do_add_row(case, "antecedent", statement, "ref-1")
    talk = s.Consulted(on=today(), who="x", police_view=f"Habite {SECRET} 3")
    office.take(case, officer(), conditions(), s.Requested(), analysis(), talk)
    assert SECRET.upper() in text_of(office.officer.get(f"/files/{case.id}/"))
    for url in (f"/files/{case.id}/", f"/files/{case.id}/decision"):
        page = text_of(office.magistrate.get(url))
        assert "violent" in page and SECRET.lower() not in page.lower()
    kit = office.pages.installation.issue_kit(
        case=case.id, managing_zone="5324", home_zone="5324", home_centre="HAI"
    )
    away = Position(504_900_000, 39_571_000, 10, 1, 1)
    alarm = office.pages.alarm(office.pages.installation.enrol(kit), at=away)
    operator = office.client("op-9", "operator", centre="HAI")
    briefing = text_of(operator.get(f"/response/alarms/{alarm}/briefing"))
    assert "violent" in briefing and SECRET.lower() not in briefing.lower()


def test_that_there_is_a_hidden_address_may_be_known(office: Office) -> None:
    case = office.to_decision()
    assert "1 non-disclosed address" in text_of(office.magistrate.get(f"/files/{case.id}/decision"))


def test_a_non_disclosed_address_reaches_an_operator_only_when_the_alarm_comes_from_there(
    office: Office,
) -> None:
    case = office.running()
    pages = office.pages
    kit = pages.installation.issue_kit(
        case=case.id, managing_zone="5324", home_zone="5324", home_centre="HAI"
    )
    phone = pages.installation.enrol(kit)
    operator = office.client("op-9", "operator", centre="HAI")
    home, away = Position(504_518_000, 39_571_000, 10, 1, 1), Position(504_900_000, 39_571_000, 10, 1, 1)
    for at, is_told in ((away, False), (home, True)):
        alarm = pages.alarm(phone, at=at)
        briefing = text_of(operator.get(f"/response/alarms/{alarm}/briefing"))
        assert (SECRET in briefing) is is_told
        assert "Camille" in briefing
        assert SECRET not in text_of(operator.get(f"/response/alarms/{alarm}/radio"))


def test_a_ban_around_a_non_disclosed_address_is_drawn_only_when_the_alarm_comes_from_there(
    office: Office,
) -> None:
    case = office.file()
    home = {"lat_e7": 504_518_000, "lon_e7": 39_571_000, "radius_m": 300}
    school = {"lat_e7": 504_700_000, "lon_e7": 39_900_000, "radius_m": 200}
    ban = f.MeasureFacts(
        kind="place-ban",
        issuer="Tribunal (démo)",
        starts=date(2026, 1, 1),
        area=f.Area(**home),
        more_areas=(f.Area(**school),),
    )
    do_add_row(case, "measure", ban, "ref-1")
    kit = office.pages.installation.issue_kit(
        case=case.id, managing_zone="5324", home_zone="5324", home_centre="HAI"
    )
    phone = office.pages.installation.enrol(kit)
    for at, drawn in ((Position(504_900_000, 39_571_000, 10, 1, 1), [200]), (near_home(), [300, 200])):
        alarm = office.pages.alarm(phone, at=at)
        state = response.alarm_in_scope(office.operator_scope(), alarm)
        assert state is not None
        assert [one.area.radius_m for one in response.ground_of(state).bans] == drawn


def near_home() -> Position:
    return Position(504_518_000, 39_571_000, 10, 1, 1)


def test_a_perpetrators_photo_is_beside_the_briefing_for_who_sees_the_alarm_alone(office: Office) -> None:
    case = office.file()
    who = m.Perpetrator.objects.get(case=case)
    office.officer.post(f"/files/{case.id}/photo/{who.id}", {"photo": upload("x.jpg", with_place())})
    kit = office.pages.installation.issue_kit(
        case=case.id, managing_zone="5324", home_zone="5324", home_centre="HAI"
    )
    alarm = office.pages.alarm(office.pages.installation.enrol(kit), at=near_home())
    operator = office.client("op-9", "operator", centre="HAI")
    assert f"/response/alarms/{alarm}/photo?n=0" in text_of(
        operator.get(f"/response/alarms/{alarm}/briefing")
    )
    shown = operator.get(f"/response/alarms/{alarm}/photo?n=0")
    assert shown.content.startswith(b"\xff\xd8") and shown["Cache-Control"] == "no-store"
    for number in ("1", "-1", "x", ""):
        assert operator.get(f"/response/alarms/{alarm}/photo?n={number}").status_code == 404
    stranger = office.client("op-8", "operator", centre="OVL")
    assert stranger.get(f"/response/alarms/{alarm}/photo?n=0").status_code == 404


@pytest.mark.files("looks for it in the files")
def test_a_non_disclosed_address_and_the_rest_lie_sealed_in_both_databases(office: Office) -> None:
    case = office.running()
    who = m.Perpetrator.objects.get(case=case)
    photo = with_place()
    office.officer.post(f"/files/{case.id}/photo/{who.id}", {"photo": upload("x.jpg", photo)})
    cleaned = read_paper(case.id, m.Paper.objects.get(kind="photo").id)[2]
    for document in DOCUMENTS:
        office.officer.post(f"/files/{case.id}/document", {"document": document, "language": "fr"})
    person = m.Beneficiary.objects.get(case=case)
    changed = {
        "version": 1,
        "name": "Camille Nouvelle",
        "born": "1990-05-04",
        "language": "fr",
        "languages": "x",
    }
    office.officer.post(f"/files/{case.id}/beneficiary/{person.id}", changed)
    copy_waiting(office.pages.config, office.pages.journal)
    assert OutboxRow.objects.exclude(copied_seq=None).exists()
    stored = b"".join(
        path.read_bytes()
        for pattern in ("app.db*", "journal.db*")
        for path in office.pages.config.data_dir.glob(pattern)
    )
    for words in (
        "Camille",
        "Témoin",
        "Lucioles",
        "4711#",
        AGREED_WORD,
        "Rudy",
        "strangulation",
        "sœur",
        "Menaces",
        "établi",
        "%PDF",
    ):
        assert words.encode() not in stored, words
    assert b"504518" not in stored and photo[40:100] not in stored and cleaned[200:260] not in stored


@pytest.mark.parametrize("mark", ["user:ref-2", "zone:5324", "office:mons"])
def test_rule_27_for_a_barred_reader_the_file_does_not_exist(office: Office, mark: str) -> None:
    case = office.to_decision()
    m.BarredReader.objects.create(case=case, mark=mark)
    barred = {"user:ref-2": office.colleague, "zone:5324": office.officer, "office:mons": office.magistrate}[
        mark
    ]
    missing = barred.get(f"/files/{'0' * 16}/")
    for url in pages_of(case)[1:4]:
        reply = barred.get(url)
        assert reply.status_code == 404 and reply.content == missing.content
    assert case.number not in text_of(barred.get("/files/"))
    assert case.number not in text_of(barred.get("/start"))
    assert "Témoin" not in text_of(barred.post("/search", {"text": "Camille"}))


def test_rule_27_the_managing_zone_keeps_the_list_and_does_not_bar_itself(office: Office) -> None:
    case = office.file()
    url = f"/files/{case.id}/barred"
    assert office.magistrate.get(url).status_code == 404
    User.objects.get(name="ref-1").memberships.create(role="magistrate", place=OFFICE)
    for own in ("zone:5324", "user:ref-1", f"office:{OFFICE}"):
        reply = office.officer.post(url, {"do": "bar", "mark": own})
        assert reply.status_code == 422 and "You would bar yourself" in text_of(reply)
    for mark in ("user:ref-2", "centre:HAI", "user:ref-2"):
        assert office.officer.post(url, {"do": "bar", "mark": mark}).status_code == 302
    assert set(m.BarredReader.objects.values_list("mark", flat=True)) == {"user:ref-2", "centre:HAI"}
    assert visible(officer("ref-2")).count() == 0 and visible(officer("ref-1")).count() == 1
    assert OutboxRow.objects.filter(kind="ReadersBarred").count() == 2
    for _again in range(2):
        assert office.officer.post(url, {"do": "let-in", "mark": "user:ref-2"}).status_code == 302
    assert visible(officer("ref-2")).count() == 1
    assert OutboxRow.objects.filter(kind="ReadersBarred").count() == 3


def test_rule_27_a_bar_of_before_that_names_nobody_says_so_and_can_be_taken_off(office: Office) -> None:
    case = office.file()
    m.BarredReader.objects.create(case=case, mark="user:jansens")
    url = f"/files/{case.id}/barred"
    assert "it bars nobody" in text_of(office.officer.get(url))
    assert office.officer.post(url, {"do": "let-in", "mark": "user:jansens"}).status_code == 302
    assert not m.BarredReader.objects.exists()


def test_every_opening_of_a_file_is_an_event(office: Office) -> None:
    case = office.file()
    before = OutboxRow.objects.filter(kind="FileOpened").count()
    office.officer.get(f"/files/{case.id}/")
    office.magistrate.get(f"/files/{case.id}/")
    office.client("ref-9", "reference-officer", zone="5415").get(f"/files/{case.id}/")
    assert OutboxRow.objects.filter(kind="FileOpened", case=case.id).count() == before + 2


def test_who_may_not_write_a_file_sees_no_form(office: Office) -> None:
    case = office.file()
    row = m.Place.objects.get(case=case)
    for client in (office.magistrate, office.clerk, office.client("ref-9", "reference-officer", zone="5415")):
        for url in (
            "measure/add",
            f"place/{row.id}",
            f"place/{row.id}/remove",
            "barred",
            "export",
            "photo/x",
        ):
            assert client.post(f"/files/{case.id}/{url}", {"version": 1}).status_code == 404, url
    assert m.Place.objects.filter(id=row.id).exists()


def test_no_name_stands_in_an_address(office: Office) -> None:
    case = office.running()
    for client in (office.officer, office.magistrate):
        page = text_of(client.get(f"/files/{case.id}/")) + text_of(client.get("/files/"))
        addresses = [part.split('"')[0] for part in page.split('href="')[1:]]
        assert addresses and not [one for one in addresses if "Camille" in one or "Rudy" in one]


def test_a_file_that_was_kept_long_enough_becomes_a_task_of_its_office(office: Office) -> None:
    case = office.take(office.to_decision(), magistrate(), decision("refused"))
    assert case.number not in text_of(office.magistrate.get("/start"))
    office.pages.clock.advance_s(731 * 86_400)
    assert [task.title for task in tasks_of(magistrate())] == [case.number]


def test_retention_is_a_setting_of_the_authority(office: Office) -> None:
    own = office.pages.config.data_dir / "retention.toml"
    own.write_text("[days]\nrefused = 10\n")
    case = office.take(office.to_decision(), magistrate(), decision("refused"))
    assert case.erase_on == today() + timedelta(days=10)
    own.write_text("[days]\nrefused = 0\n")
    with pytest.raises(RetentionError, match="refused = 0"):
        retention_days(office.pages.config.data_dir)
