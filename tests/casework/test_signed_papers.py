"""Decisions and agreements under the authority's electronic signature, checked by a program that is not ours."""

import datetime
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from egide.casework import models as m
from egide.casework.papers.keeping import read_paper
from egide.common.clock import SystemClock
from egide.common.signature.pades import SigningError, signer_of
from egide.entrypoints.doctor.signature import signature
from tests.casework.people import Office, text_of
from tests.support.certificates import Authority
from tests.support.pdf import needs_pdfsig, signature_of

HOLDER, PASSWORD = "Parquet de l’Exemple (démo)", "four words are enough"
YEARS = datetime.timedelta(days=2000)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def use(path: Path, password: str = PASSWORD) -> None:
    settings.EGIDE = replace(settings.EGIDE, signature=str(path), signature_password=password)


@pytest.fixture
def signing(office: Office, authority: Authority, tmp_path: Path) -> None:
    """The installation has a signature."""
    use(authority.signature(tmp_path / "signature.p12", HOLDER, PASSWORD, lasts=YEARS))


def made(office: Office, case: m.Case, document: str, language: str = "fr", version: str = "") -> bytes:
    said = {"document": document, "language": language, "for": version}
    reply = office.magistrate.post(f"/files/{case.id}/document", said)
    assert reply.status_code == 302
    return read_paper(case.id, reply["Location"].partition("#paper-")[2])[2]


def check(pdf: bytes, folder: Path) -> str:
    """What Poppler's pdfsig says of it."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    return signature_of(path)


@needs_pdfsig
@pytest.mark.parametrize(
    ("document", "version"), [("decision", ""), ("agreement", ""), ("decision", "criminal")]
)
def test_another_program_finds_the_signature_valid_and_over_the_whole_paper(
    office: Office, signing: None, tmp_path: Path, document: str, version: str
) -> None:
    told = check(made(office, office.granted(), document, version=version), tmp_path)
    assert "Signature is Valid." in told and "Total document signed" in told
    assert "Signature Type: ETSI.CAdES.detached" in told and "Signing Hash Algorithm: SHA-256" in told
    assert HOLDER in told


@needs_pdfsig
def test_it_finds_a_changed_paper(office: Office, signing: None, tmp_path: Path) -> None:
    pdf = made(office, office.granted(), "decision")
    place = pdf.index(b"endobj") + 20
    changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
    assert "Signature is Valid." not in check(changed, tmp_path)


@needs_pdfsig
def test_it_finds_what_was_added_behind_the_signature(office: Office, signing: None, tmp_path: Path) -> None:
    pdf = made(office, office.granted(), "decision")
    added = pdf + b"\n99 0 obj\n<< /Type /Annot >>\nendobj\n"
    assert "Total document signed" not in check(added, tmp_path)


def test_a_request_and_a_translation_are_not_signed(office: Office, signing: None) -> None:
    case = office.granted()
    assert b"/ByteRange" not in made(office, case, "request")
    assert b"/ByteRange" not in made(office, case, "decision", language="nl")
    assert b"/ByteRange" in made(office, case, "decision")


def test_without_a_signature_papers_are_made_as_before(office: Office) -> None:
    assert b"/ByteRange" not in made(office, office.granted(), "decision")


def test_the_key_and_the_password_stand_in_no_paper(office: Office, signing: None) -> None:
    pdf = made(office, office.granted(), "decision")
    assert PASSWORD.encode() not in pdf and b"PRIVATE" not in pdf


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("password", "cannot be read with this password"),
        ("gone", "cannot be read with this password"),
        ("rubbish", "cannot be read with this password"),
        ("other use", "is not for signatures"),
    ],
)
def test_no_unsigned_paper_takes_the_place_of_a_signed_one(
    office: Office, authority: Authority, tmp_path: Path, fault: str, why: str
) -> None:
    path = authority.signature(
        tmp_path / "signature.p12", HOLDER, PASSWORD, for_signatures=fault != "other use", lasts=YEARS
    )
    if fault == "gone":
        path.unlink()
    if fault == "rubbish":
        path.write_bytes(b"no certificate")
    use(path, "another" if fault == "password" else PASSWORD)
    case = office.granted()
    reply = office.magistrate.post(
        f"/files/{case.id}/document", {"document": "decision", "language": "fr"}, follow=True
    )
    assert "cannot be signed now" in text_of(reply) and not m.Paper.objects.filter(kind="document").exists()
    with pytest.raises(SigningError, match=why):
        signer_of(settings.EGIDE)
    found = list(signature(settings.EGIDE, SystemClock()))
    assert [one.grade for one in found] == ["wrong"] and re.search(why, found[0].text)


def test_an_account_that_may_not_read_the_key_finds_nothing_wrong(
    office: Office, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`egide doctor` is asked by others than the pages, who have no business with it; root reads every file."""
    use(authority.signature(tmp_path / "signature.p12", HOLDER, PASSWORD, lasts=YEARS))

    def refuse(_path: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", refuse)
    found = list(signature(settings.EGIDE, SystemClock()))
    assert [one.grade for one in found] == ["ok"] and "account of the pages alone" in found[0].text


def test_an_ended_certificate_signs_nothing_and_doctor_says_so_before(
    office: Office, authority: Authority, tmp_path: Path
) -> None:
    use(authority.signature(tmp_path / "signature.p12", HOLDER, PASSWORD, lasts=datetime.timedelta(days=-3)))
    case = office.granted()
    reply = office.magistrate.post(
        f"/files/{case.id}/document", {"document": "decision", "language": "fr"}, follow=True
    )
    assert "cannot be signed now" in text_of(reply)
    assert [one.grade for one in signature(settings.EGIDE, SystemClock())] == ["wrong"]
    use(authority.signature(tmp_path / "new.p12", HOLDER, PASSWORD, lasts=datetime.timedelta(days=30)))
    assert [one.grade for one in signature(settings.EGIDE, SystemClock())] == ["look"]
    use(authority.signature(tmp_path / "new.p12", HOLDER, PASSWORD, lasts=YEARS))
    assert [one.grade for one in signature(settings.EGIDE, SystemClock())] == ["ok"]
