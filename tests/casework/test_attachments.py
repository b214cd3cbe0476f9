"""Papers from elsewhere on a file: limited, written anew or refused, sealed, with source and day, kept by its zone."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader

from egide.casework import models as m
from egide.casework.papers.keeping import ATTACHMENT, read_paper
from egide.casework.papers.uploads import MOST_BYTES
from tests.casework.people import Office, text_of
from tests.casework.test_uploads import PDF, with_place
from tests.support.pdf import raw_pdf

WORDS = {"title": "PV MO.42.L1.001", "source": "Zone 5324", "on": "2026-01-05"}


def attach(client: Client, case: m.Case, content: bytes, name: str = "a.pdf", **more: str) -> tuple[int, str]:
    given = {**WORDS, **more, "paper": SimpleUploadedFile(name, content)}
    reply = client.post(f"/files/{case.id}/attach", given)
    return reply.status_code, text_of(reply)


def kept(case: m.Case) -> m.Paper:
    row: m.Paper = m.Paper.objects.get(case=case, kind=ATTACHMENT)
    return row


def test_a_paper_is_written_anew_sealed_listed_with_its_source_and_handed_out_as_a_file(
    office: Office,
) -> None:
    case = office.file()
    assert attach(office.officer, case, PDF)[0] == 302
    row, facts, content = read_paper(case.id, kept(case).id)
    assert len(PdfReader(io.BytesIO(content)).pages) == len(PdfReader(io.BytesIO(PDF)).pages)
    assert content != PDF
    assert (facts.title, facts.source, str(facts.on)) == (WORDS["title"], WORDS["source"], WORDS["on"])
    stored = office.pages.stored()
    assert b"PV MO.42" not in stored and content[:200] not in stored
    for client in (office.officer, office.magistrate, office.clerk):
        page = text_of(client.get(f"/files/{case.id}/"))
        assert "PV MO.42.L1.001" in page and "Zone 5324" in page
        reply = client.get(f"/files/{case.id}/paper/{row.id}")
        assert reply.content == content and reply["Content-Disposition"].startswith("attachment")


def test_a_picture_loses_where_it_was_taken(office: Office) -> None:
    case = office.file()
    assert attach(office.officer, case, with_place(), "photo.jpg")[0] == 302
    _row, facts, content = read_paper(case.id, kept(case).id)
    assert facts.media == "image/jpeg" and b"Lucioles" not in content and b"Exif" not in content


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        (raw_pdf(b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (x) >> >>"), {}, "PDF"),
        (b"MZ no picture and no paper", {}, "not a picture"),
        (b"", {}, "empty"),
        (b"%PDF-1.7" + b"x" * MOST_BYTES, {}, "bigger than 8"),
        (PDF, {"title": ""}, "required"),
        (PDF, {"source": ""}, "required"),
        (PDF, {"on": "2099-01-01"}, "lies ahead"),
        (PDF, {"on": "yesterday"}, "date"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is(
    office: Office, content: bytes, more: dict[str, str], words: str
) -> None:
    case = office.file()
    status, page = attach(office.officer, case, content, **more)
    assert status == 422 and words in page, page[-900:]
    assert not m.Paper.objects.filter(kind=ATTACHMENT).exists()


def test_its_zone_alone_attaches_and_takes_out_and_what_proves_a_decision_stays(office: Office) -> None:
    case = office.file()
    elsewhere = office.client("elsewhere", "reference-officer", zone="5330")
    for client in (office.magistrate, office.clerk, elsewhere):
        assert attach(client, case, PDF)[0] == 404
    attach(office.officer, case, PDF)
    remove = f"/files/{case.id}/paper/{kept(case).id}/remove"
    assert office.magistrate.post(remove).status_code == 404
    assert office.officer.post(remove).status_code == 302
    assert not m.Paper.objects.filter(kind=ATTACHMENT).exists()
    office.officer.post(f"/files/{case.id}/document", {"document": "request", "language": "fr"})
    document = m.Paper.objects.get(case=case, kind="document")
    assert office.officer.post(f"/files/{case.id}/paper/{document.id}/remove").status_code == 404
