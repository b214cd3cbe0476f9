"""What comes in as a file: limited in size and kind, opened safely, stripped, sealed."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageOps
from pypdf import PdfReader

from egide.casework import models as m
from egide.casework.file.rules_life import Stage
from egide.casework.papers.keeping import read_paper
from egide.casework.papers.scans import clean_scan
from egide.casework.papers.uploads import MOST_BYTES, BadUpload, clean_photo
from tests.casework.people import Office, text_of
from tests.support.pdf import scanned

PDF = scanned()


def picture(kind: str = "JPEG", side_px: int = 60, **more: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (side_px, side_px), "red").save(written, kind, **more)
    return written.getvalue()


def with_place() -> bytes:
    """A JPEG as a telephone takes it: position, camera and a comment in it."""
    exif = Image.Exif()
    exif[0x010F] = "Telephone of Camille"
    exif.get_ifd(0x8825).update({1: "N", 2: (50.0, 27.0, 6.5), 3: "E", 4: (3.0, 57.0, 25.5)})
    return picture(exif=exif, comment=b"rue des Lucioles")


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60 000 pixels wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


def test_a_photo_loses_place_camera_and_comment() -> None:
    cleaned = clean_photo(with_place())
    assert b"Lucioles" not in cleaned and b"Telephone" not in cleaned and b"Exif" not in cleaned
    with Image.open(io.BytesIO(cleaned)) as image:
        assert not image.getexif() and image.format == "JPEG"


def test_a_photo_is_made_smaller_and_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    written = io.BytesIO()
    Image.new("RGB", (3000, 1500)).save(written, "JPEG", exif=exif)
    with Image.open(io.BytesIO(clean_photo(written.getvalue()))) as image:
        assert image.size == (600, 1200)


@pytest.mark.parametrize("orientation", range(10))
def test_a_photo_is_upright_however_the_camera_was_held(orientation: int) -> None:
    drawn = Image.new("L", (48, 32), "black")
    drawn.paste("white", (0, 0, 16, 8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    written = io.BytesIO()
    drawn.save(written, "PNG", exif=exif)
    with (
        Image.open(io.BytesIO(written.getvalue())) as taken,
        Image.open(io.BytesIO(clean_photo(written.getvalue()))) as cleaned,
    ):
        expected = ImageOps.exif_transpose(taken)
        assert cleaned.size == expected.size
        light = cleaned.convert("L").point(lambda value: 255 * (value > 127))
        assert light.getbbox() == expected.convert("L").getbbox()


def test_a_picture_is_taken_though_what_the_camera_says_beside_it_is_broken() -> None:
    kept = Path(__file__).parents[1] / "fuzz" / "seeds" / "photo" / "c086bc70762080f2"
    with Image.open(io.BytesIO(clean_photo(kept.read_bytes()))) as image:
        assert image.format == "JPEG"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"MZ\x90\x00 not a picture",
        picture()[:200],
        picture("GIF"),
        PDF,
        bomb(),
        b"\xff\xd8" + bytes(MOST_BYTES),
    ],
    ids=["empty", "svg", "program", "cut off", "gif", "pdf", "bomb", "too big"],
)
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    with pytest.raises(BadUpload):
        clean_photo(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_three_kinds_of_picture_are_taken(kind: str) -> None:
    assert clean_photo(picture(kind)).startswith(b"\xff\xd8")


def test_a_scan_is_a_pdf_or_a_picture() -> None:
    media, content = clean_scan(PDF)
    assert media == "application/pdf" and len(PdfReader(io.BytesIO(content)).pages[0].images) == 1
    media, content = clean_scan(with_place())
    assert media == "image/jpeg" and b"Lucioles" not in content


@pytest.mark.parametrize(
    "content", [PDF[: len(PDF) // 2], b"GIF89a", b"%PDF-1.7\n%%EOF\n"], ids=["cut off", "gif", "no page"]
)
def test_a_scan_that_is_cut_off_or_none_is_refused(content: bytes) -> None:
    with pytest.raises(BadUpload):
        clean_scan(content)


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def test_a_photo_is_kept_under_seal_and_shown_to_those_who_may(office: Office) -> None:
    case = office.file()
    who = m.Perpetrator.objects.get(case=case)
    url = f"/files/{case.id}/photo/{who.id}"
    assert office.officer.post(url, {"photo": upload("x.jpg", with_place())}).status_code == 302
    paper = m.Paper.objects.get(case=case, kind="photo")
    _row, _facts, content = read_paper(case.id, paper.id)
    shown = office.magistrate.get(f"/files/{case.id}/paper/{paper.id}")
    assert shown.content == content and shown["Content-Type"] == "image/jpeg"
    assert shown["Cache-Control"] == "no-store" and shown["X-Content-Type-Options"] == "nosniff"
    assert content[:64] not in bytes(paper.content) and content[200:264] not in bytes(paper.content)
    assert f"/files/{case.id}/paper/{paper.id}" in text_of(office.officer.get(f"/files/{case.id}/"))
    assert office.magistrate.post(f"/files/{case.id}/paper/{paper.id}/remove").status_code == 404
    assert office.officer.post(f"/files/{case.id}/paper/{paper.id}/remove").status_code == 302
    assert office.officer.get(f"/files/{case.id}/paper/{paper.id}").status_code == 404


@pytest.mark.parametrize(
    "content", [b"MZ not a picture", bomb(), bytes(MOST_BYTES + 10)], ids=["program", "bomb", "big"]
)
def test_a_bad_photo_is_refused_beside_the_field_and_nothing_is_kept(office: Office, content: bytes) -> None:
    case = office.file()
    who = m.Perpetrator.objects.get(case=case)
    reply = office.officer.post(f"/files/{case.id}/photo/{who.id}", {"photo": upload("x.jpg", content)})
    page = text_of(reply)
    assert reply.status_code == 422 and 'id="photo-error"' in page
    # Told at the top too, and the way back to the file stays.
    assert '<a href="#photo">' in page and f'<p class="back"><a href="/files/{case.id}/">' in page
    assert not m.Paper.objects.exists()


def test_the_signed_agreement_comes_back_as_a_scan_and_its_hash_is_in_the_step(office: Office) -> None:
    case = office.granted()
    url = f"/files/{case.id}/step/agreement"
    bad = office.officer.post(
        url, {"version": case.version, "on": "2026-11-20", "scan": upload("x.pdf", b"no")}
    )
    assert bad.status_code == 422 and "2026-11-20" in text_of(bad)
    assert m.Case.objects.get(id=case.id).stage == Stage.AGREEMENT and not m.Paper.objects.exists()
    good = {"version": case.version, "on": "2026-11-20", "scan": upload("x.pdf", PDF)}
    assert office.officer.post(url, good).status_code == 302
    case.refresh_from_db()
    assert case.stage == Stage.ISSUE
    assert read_paper(case.id, m.Paper.objects.get().id)[2].startswith(b"%PDF-")


def test_a_scan_on_an_old_page_is_not_kept_either(office: Office) -> None:
    case = office.granted()
    given = {"version": case.version - 1, "on": "2026-11-20", "scan": upload("x.pdf", PDF)}
    assert office.officer.post(f"/files/{case.id}/step/agreement", given).status_code == 409
    assert not m.Paper.objects.exists()
