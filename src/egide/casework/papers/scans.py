"""Scans of signed papers. A PDF is read as a viewer reads it, refused when it can act, and written anew from its pages.

What a name looks like in the bytes says nothing: `/J#61vaScript` is `/JavaScript` (ISO 32000-2, 7.3.5), and objects may
lie compressed in a stream (7.5.7). Only the content of the pages is carried over.
"""

import io
from collections.abc import Iterator

from django.utils.translation import gettext as _
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
)

from egide.casework.papers.uploads import JPEG, SCAN_SIDE_PX, STUMBLES, BadUpload, check_size, clean_photo

PDF = "application/pdf"
MOST_PAGES = 200
MOST_OBJECTS = 50_000
# Keys and values that let a PDF act by itself or carry another file (ISO 32000-2, 7.11.4, 12.6, 12.7 and 13).
_ACTIVE = frozenset(
    {
        "/JavaScript",
        "/JS",
        "/Launch",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/EF",
        "/RichMedia",
        "/RichMediaContent",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/3D",
        "/XFA",
        "/SubmitForm",
        "/ImportData",
        "/GoToR",
        "/GoToE",
    }
)
# What a page is made of (7.7.3.3): what it shows, and how it lies on the paper.
_KEPT = frozenset(
    {"/Type", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources", "/Contents", "/Group"}
)


def clean_scan(content: bytes) -> tuple[str, bytes]:
    """(media type, content) of a signed document: its pages as a new PDF, or a fresh JPEG. Raises BadUpload."""
    check_size(content)
    if not content.startswith(b"%PDF-"):
        return JPEG, clean_photo(content, SCAN_SIDE_PX)
    if b"%%EOF" not in content[-2048:]:
        raise BadUpload(_("This PDF is not complete. Scan it again."))
    return PDF, _clean_pdf(content)


def _clean_pdf(content: bytes) -> bytes:
    try:
        return _rebuilt(content)
    except BadUpload:
        raise
    except (PyPdfError, *STUMBLES) as error:
        raise BadUpload(_("This PDF cannot be read. Scan the paper again.")) from error


def _rebuilt(content: bytes) -> bytes:
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise BadUpload(_("This PDF is locked with a password. Print it and scan the paper."))
    names = set(_names(reader.trailer["/Root"]))
    if names & _ACTIVE:
        raise BadUpload(_("This PDF holds a script or another file. Print it and scan the paper."))
    if "/ByteRange" in names:
        raise BadUpload(
            _(
                "This PDF carries an electronic signature, which would be lost here. Print it and scan the paper."
            )
        )
    if not 0 < len(reader.pages) <= MOST_PAGES:
        raise BadUpload(_("This PDF has no page, or more than %(most)s.") % {"most": MOST_PAGES})
    writer = PdfWriter()
    for page in reader.pages:
        writer.add_page(page, excluded_keys=sorted(set(page) - _KEPT))
    writer.metadata = None
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _names(root: PdfObject) -> Iterator[str]:
    """Every name that can be reached, as the reader understands it: keys and values. Raises ValueError for too many."""
    waiting: list[PdfObject | None] = [root]
    seen: set[tuple[int, int]] = set()
    objects = 0
    while waiting:
        one = waiting.pop()
        objects += 1
        if objects > MOST_OBJECTS:
            raise ValueError(f"more than {MOST_OBJECTS} objects")
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            waiting.append(one.get_object())
        elif isinstance(one, NameObject):
            yield str(one)
        elif isinstance(one, DictionaryObject):
            yield from map(str, one)
            waiting += [one.raw_get(key) for key in one]
        elif isinstance(one, ArrayObject):
            waiting += list(one)
