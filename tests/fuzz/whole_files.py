"""Whole small files as scanners, cameras and office programs write them: fuzzing gets past the first look with them.

The libraries themselves write them here: several sorts of PDF, and pictures of each kind that is taken, with what
cameras say beside them.
"""

import io
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from tests.support.pdf import compressed_pdf, scanned

# Tags of EXIF 2.32 (CIPA DC-008): upright only after turning, who made it and when; then where it was taken.
_ORIENTATION, _MAKE, _TAKEN_AT, _GPS = 0x0112, 0x010F, 0x0132, 0x8825
_TURNED = 6


def pictures() -> Iterator[bytes]:
    """JPEG, PNG and WebP, of a few hundred bytes each."""
    drawn, exif = _drawn(), _exif()
    yield _saved(drawn, "JPEG", exif=exif)
    yield _saved(drawn, "JPEG", progressive=True, comment=b"scan", dpi=(300, 300))
    yield _saved(drawn.convert("CMYK"), "JPEG")
    yield _saved(drawn, "PNG", exif=exif)
    yield _saved(drawn.quantize(8), "PNG", transparency=0, dpi=(300, 300))
    yield _saved(drawn.convert("RGBA"), "WEBP", lossless=True, exif=exif)
    yield _saved(drawn, "WEBP", quality=40)


def papers() -> Iterator[bytes]:
    """PDFs of a scanner, of an office program, with objects in compressed streams, and with a password."""
    yield scanned()
    yield _written(_letter())
    yield compressed_pdf(
        b"<</Type/Catalog/Pages 2 0 R/Lang(nl)>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>",
        b"<</Type/Page/Parent 2 0 R/Rotate 90/Resources<</Font<</F1 4 0 R>>>>>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    locked = _letter()
    locked.encrypt("", "owner", algorithm="AES-128")
    yield _written(locked)


def _letter() -> PdfWriter:
    """Two pages with a font, a link, a bookmark and a picture of a scan; its streams are compressed."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 100)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    words = StreamObject()
    words.set_data(b"BT /F1 12 Tf 20 50 Td (Verklaring) Tj ET")
    page[NameObject("/Contents")] = writer._add_object(words.flate_encode())
    writer.append(PdfReader(io.BytesIO(scanned())))
    writer.add_annotation(0, Link(rect=(20, 20, 80, 40), url="https://a.example"))
    writer.add_outline_item(title="Bijlage", page_number=1)
    writer.add_metadata({"/Title": "Verklaring"})
    return writer


def _written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _drawn() -> Image.Image:
    image = Image.new("RGB", (24, 16), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((2, 2, 14, 12), fill="red")
    draw.line((0, 15, 23, 0), fill="blue", width=2)
    return image


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[_ORIENTATION] = _TURNED
    exif[_MAKE] = "Camera"
    exif[_TAKEN_AT] = "2026:11:27 12:00:00"
    exif[_GPS] = {1: "N", 2: (50.0, 27.0, 15.0), 3: "E", 4: (3.0, 57.0, 8.0)}
    return exif


def _saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()
