"""Documents: what each may hold, in which language, and the hash that proves it (rules 28 and 30)."""

import hashlib
import json
import re
from datetime import date

import pytest
from django.utils.translation import override

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import steps as s
from egide.casework.file.reading import read_file
from egide.casework.file.store import do_add_row
from egide.casework.papers.documents import DOCUMENTS, NotYet, WantedDocument, document_data, make_document
from egide.casework.papers.keeping import read_paper
from egide.casework.papers.legal import read_legal
from egide.outbox.copy import row_label
from egide.outbox.models import OutboxRow
from egide.outbox.service import keys
from tests.casework.people import SECRET_ADDRESS, Office, text_of

PRIVATE = {
    "phone": "+32 499 11 22 33",
    "safe_contact": "par sa sœur Bérénice",
    "safe_when": "le jeudi",
    "unsafe_contact": "le courriel commun",
    "agreed_word": "trompette",
    "routine": "prend le tram 7 à huit heures",
    "needs": "malentendante",
    "silence": "écrire « colis »",
}


def _full(office: Office) -> m.Case:
    """A file with everything that the perpetrator must never read."""
    case = office.file(**PRIVATE)
    area = f.Area(lat_e7=504_518_000, lon_e7=39_571_000, radius_m=200)
    work = f.PlaceFacts(kind="work", address="Boulangerie du Coin 9", area=area)
    do_add_row(case, "place", work, "ref-1")
    child = f.ChildFacts(name="Enfant (démo)", born=date(2019, 1, 1), school="École des Tilleuls")
    do_add_row(case, "child", child, "ref-1")
    return office.granted(case)


def _told(office: Office, case: m.Case, document: str, *, criminal: bool, language: str = "fr") -> str:
    wanted = WantedDocument(document, language, criminal, "Zone", date(2026, 11, 25))
    with override(language):
        return json.dumps(document_data(read_file(case.id), wanted), ensure_ascii=False)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_rule_28_the_version_for_the_criminal_file_tells_him_nothing_to_find_her_by(
    office: Office, document: str
) -> None:
    told = _told(office, _full(office), document, criminal=True)
    hidden = (SECRET_ADDRESS, "Boulangerie", "Tilleuls", "4711#", "Bérénice", *PRIVATE.values(), "kit")
    for words in hidden:
        assert words not in told, words
    assert "Camille Témoin" in told


def test_rule_28_the_authoritys_own_version_may_hold_a_safe_contact_and_a_disclosed_address(
    office: Office,
) -> None:
    told = _told(office, _full(office), "request", criminal=False)
    assert "Boulangerie du Coin 9" in told and "Bérénice" in told


def test_rule_28_words_that_repeat_an_address_or_a_school_are_blackened(office: Office) -> None:
    case = _full(office)
    said = "Vue près de l’école des tilleuls et devant Impasse des Lucioles 3 ; mot : trompette ; dangereux"
    statement = f.AntecedentFacts(text=said, source="PV 3", on=date(2026, 1, 1))
    do_add_row(case, "antecedent", statement, "ref-1")
    told = _told(office, case, "request", criminal=True)
    assert "▇▇▇" in told and "dangereux" in told
    assert not [word for word in ("tilleuls", "Lucioles", "trompette") if word in told]


def test_the_copy_that_she_takes_home_tells_nobody_how_to_reach_her(office: Office) -> None:
    told = _told(office, _full(office), "agreement", criminal=False)
    for words in ("Bérénice", "Boulangerie", "le jeudi", "Lucioles"):
        assert words not in told


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_non_disclosed_address_stands_in_no_document(office: Office, document: str) -> None:
    case = _full(office)
    for criminal in (True, False):
        assert "Lucioles" not in _told(office, case, document, criminal=criminal)


def test_rule_30_one_language_is_authentic_and_a_translation_says_so(office: Office) -> None:
    case = _full(office)
    assert "for information" in _told(office, case, "decision", criminal=False, language="en")
    fr = json.loads(_told(office, case, "decision", criminal=False, language="fr"))
    en = json.loads(_told(office, case, "decision", criminal=False, language="en"))
    assert len(en["marks"]) == len(fr["marks"]) + 1


@pytest.mark.parametrize(
    ("office_code", "person", "authentic"),
    [
        ("mons", "nl", "fr"),
        ("brussel", "nl", "nl"),
        ("brussel", "de", "fr"),
        ("eupen", "de", "de"),
        ("antwerpen", "fr", "nl"),
    ],
)
def test_rule_30_the_authentic_language_follows_authority_and_place(
    office_code: str, person: str, authentic: str
) -> None:
    assert read_legal().authentic_language(office_code, person) == authentic


def test_rule_30_legal_references_come_from_one_dated_file_in_four_languages(office: Office) -> None:
    legal = read_legal()
    assert legal.edition == "2026-12" and not legal.checked
    for one in legal.reference:
        assert re.fullmatch(r"\d{4}(-\d\d-\d\d)?", one.dated) and one.dated[:4] in one.text["en"]
        assert not one.applies_from or one.applies_from > one.dated
    assert all(set(one.text) == {"fr", "nl", "de", "en"} for one in legal.reference)
    told = _told(office, _full(office), "request", criminal=False)
    assert "Loi du 15 mai 2012" in told


def test_rule_26_the_request_tells_facts_and_assessments_in_sections_of_their_own(office: Office) -> None:
    case = office.file()
    for words, assessment in (("A frappé", False), ("Paraît imprévisible", True)):
        statement = f.AntecedentFacts(text=words, source="PV", on=date(2026, 1, 1), assessment=assessment)
        do_add_row(case, "antecedent", statement, "ref-1")
    sections = {
        one["heading"]: str(one["rows"])
        for one in json.loads(_told(office, case, "request", criminal=False, language="en"))["sections"]
    }
    assert "A frappé" in sections["Facts"] and "A frappé" not in sections["Assessments"]
    assert "imprévisible" in sections["Assessments"] and "imprévisible" not in sections["Facts"]


def test_a_decision_cannot_be_printed_before_there_is_one(office: Office) -> None:
    case = office.to_decision()
    with pytest.raises(NotYet):
        make_document(
            read_file(case.id), WantedDocument("decision", "fr", False, "Parquet", date(2026, 11, 25))
        )
    assert (
        office.officer.post(
            f"/files/{case.id}/document", {"document": "decision", "language": "fr"}
        ).status_code
        == 404
    )


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_a_document_becomes_a_pdf_whose_hash_the_journal_keeps(office: Office, language: str) -> None:
    case = office.granted()
    reply = office.officer.post(f"/files/{case.id}/document", {"document": "agreement", "language": language})
    assert reply.status_code == 302
    row = m.Paper.objects.get(case=case, kind="document")
    _row, facts, content = read_paper(case.id, row.id)
    assert content.startswith(b"%PDF-") and facts.language == language
    event = _event(case, "DocumentMade")
    assert event["sha256"] == facts.sha256 == hashlib.sha256(content).hexdigest()
    served = office.magistrate.get(f"/files/{case.id}/paper/{row.id}")
    assert served.content == content and served["Content-Disposition"].startswith("attachment")


def test_words_in_a_file_are_text_to_the_typesetter_and_never_commands(office: Office) -> None:
    case = office.file(name='#import "x": * [Camille] $ _x_ @y')
    content = make_document(
        read_file(case.id), WantedDocument("request", "fr", False, "Zone", date(2026, 11, 25))
    )
    assert content.startswith(b"%PDF-")


def _event(case: m.Case, kind: str) -> dict[str, str]:
    row = OutboxRow.objects.filter(case=case.id, kind=kind).latest("number")
    return json.loads(keys().record_key(case.id).unseal(bytes(row.body), row_label(row.id)))


def test_the_export_of_a_persons_own_data_can_be_read_and_holds_no_hidden_address(office: Office) -> None:
    case = _full(office)
    reply = office.officer.post(f"/files/{case.id}/export")
    page = text_of(reply)
    assert reply["Content-Disposition"].startswith("attachment")
    assert "Camille Témoin" in page and "Boulangerie du Coin 9" in page and "Le danger est établi" in page
    assert not [word for word in ("Lucioles", "4711#", "trompette") if word in page]
    assert _event(case, "FileExported")["sha256"] == hashlib.sha256(reply.content).hexdigest()


def test_a_step_is_kept_as_it_was_said(office: Office) -> None:
    case = office.granted()
    taken = read_file(case.id).last(s.Decided)
    assert taken is not None and isinstance(taken.step, s.Decided)
    assert taken.step.reasons == "Le danger est établi"
