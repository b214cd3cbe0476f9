"""A signed agreement comes back as a PDF that would do something by itself when an officer opens it."""

import io

import pytest
from pypdf import PdfReader, PdfWriter

from egide.casework.papers.scans import clean_scan
from egide.casework.papers.uploads import BadUpload
from tests.support.pdf import compressed_pdf, raw_pdf, scanned

PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"
SCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"
HIDDEN = b"<</S/J#61vaScript/#4a#53(app.alert(1))>>"


def with_action(action: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    return b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>", PAGES, PAGE, action


def with_another_file() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(scanned()))
    writer.add_attachment("pay.exe", b"MZ")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def locked() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(scanned()))
    writer.encrypt("", "owner", algorithm="AES-256")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        raw_pdf(*with_action(SCRIPT)),
        raw_pdf(*with_action(HIDDEN)),
        compressed_pdf(*with_action(SCRIPT)),
        compressed_pdf(*with_action(HIDDEN)),
        raw_pdf(*with_action(b"<</S/Laun#63h/F(cmd.exe)>>")),
        raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE.replace(b">>", b"/AA<</O 4 0 R>>>>"), HIDDEN),
        raw_pdf(
            b"<</Type/Catalog/Pages 2 0 R>>",
            PAGES,
            PAGE.replace(b">>", b"/Annots[<</Type/Annot/Subtype/Link/A 4 0 R>>]>>"),
            HIDDEN,
        ),
        with_another_file(),
        locked(),
        raw_pdf(
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[<</FT/Sig/V<</ByteRange[0 1]>>>>]>>>>",
            PAGES,
            PAGE,
        ),
        raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
        raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"),
    ],
    ids=[
        "script",
        "script under another spelling",
        "script in a compressed stream",
        "both",
        "launches a program",
        "script of a page",
        "script behind a link",
        "another file",
        "locked",
        "electronic signature",
        "a page that is its own parent",
        "no page",
    ],
)
def test_what_could_act_or_cannot_be_looked_into_is_refused(content: bytes) -> None:
    with pytest.raises(BadUpload):
        clean_scan(content)


@pytest.mark.parametrize("make", [raw_pdf, compressed_pdf])
def test_nothing_but_the_pages_is_carried_over(make) -> None:  # type: ignore[no-untyped-def]
    link = b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 99 99]/A<</S/URI/URI(http://tracker.example)>>>>]"
    content = make(
        b"<</Type/Catalog/Pages 2 0 R/OpenAction[3 0 R/Fit]/Metadata 4 0 R>>",
        PAGES,
        PAGE.replace(b">>", link + b"/Contents 4 0 R>>")
        if make is raw_pdf
        else PAGE.replace(b">>", link + b">>"),
        b"<</Length 9>>\nstream\n0 0 9 9 re\nendstream" if make is raw_pdf else b"<</Title(Camille)>>",
    )
    _media, cleaned = clean_scan(content)
    assert b"tracker" not in cleaned and b"Camille" not in cleaned and cleaned != content
    reader = PdfReader(io.BytesIO(cleaned))
    (page,) = reader.pages
    assert "/Annots" not in page and page.mediabox.width == 99
    assert not {"/OpenAction", "/Metadata", "/Names", "/AcroForm"}.intersection(reader.root_object)


def test_what_a_scanner_wrote_keeps_its_picture() -> None:
    _media, cleaned = clean_scan(scanned())
    (page,) = PdfReader(io.BytesIO(cleaned)).pages
    (before,) = PdfReader(io.BytesIO(scanned())).pages
    assert page.images[0].data == before.images[0].data and page.mediabox == before.mediabox
