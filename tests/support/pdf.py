"""Reads a PDF as somebody else's software does: its words, fonts, tags and claims. And writes some, byte by byte."""

import io
import shutil
import struct
import subprocess
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

needs_pdfsig = pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs pdfsig (poppler-utils)")


@dataclass(frozen=True)
class Paper:
    """What a document says and claims. `is_embedded`: every font lies in the file."""

    pages: list[str]
    language: str
    title: str
    is_tagged: bool
    is_embedded: bool
    claims: str
    sizes: set[tuple[int, int]]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.pages).split())


def read_pdf(content: bytes) -> Paper:
    """The document behind these bytes."""
    reader = PdfReader(io.BytesIO(content))
    root: Any = reader.trailer["/Root"]
    fonts = [font for page in reader.pages for font in _fonts(page.get("/Resources"))]
    return Paper(
        pages=[page.extract_text() for page in reader.pages],
        language=str(root["/Lang"]),
        title=str(reader.metadata.title if reader.metadata else ""),
        is_tagged=bool(root["/MarkInfo"]["/Marked"]) and "/StructTreeRoot" in root,
        is_embedded=bool(fonts) and all(map(_is_embedded, fonts)),
        claims=root["/Metadata"].get_object().get_data().decode(),
        sizes={(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages},
    )


def signature_of(paper: Path) -> str:
    """What Poppler's pdfsig, which is none of ours, says of the signature of this file."""
    command, home = ["pdfsig", "-nocert", str(paper)], {"HOME": str(paper.parent)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=home).stdout


def scanned() -> bytes:
    """One page with a picture on it, as a scanner writes it."""
    written = io.BytesIO()
    Image.new("RGB", (60, 80), "red").save(written, "PDF")
    return written.getvalue()


def raw_pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue (ISO 32000-2, 7.5)."""
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, one in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def compressed_pdf(*objects: bytes) -> bytes:
    """The same with every object inside a compressed stream, where no search sees it (7.5.7, 7.5.8)."""
    places, inside = [], b""
    for number, one in enumerate(objects, start=1):
        places.append(b"%d %d" % (number, len(inside)))
        inside += one + b"\n"
    head = b" ".join(places) + b"\n"
    packed = zlib.compress(head + inside)
    holder, table = len(objects) + 1, len(objects) + 2
    out = bytearray(b"%PDF-1.7\n")
    holder_at = len(out)
    out += (
        b"%d 0 obj\n<</Type/ObjStm/N %d/First %d/Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream\nendobj\n"
        % (
            holder,
            len(objects),
            len(head),
            len(packed),
            packed,
        )
    )
    start = len(out)
    rows = [
        (0, 0, 255),
        *((2, holder, index) for index in range(len(objects))),
        (1, holder_at, 0),
        (1, start, 0),
    ]
    found = b"".join(struct.pack(">BHB", *row) for row in rows)
    out += (
        b"%d 0 obj\n<</Type/XRef/Size %d/W[1 2 1]/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\n"
        % (
            table,
            table + 1,
            len(found),
            found,
        )
    )
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _fonts(resources: Any) -> Iterator[Any]:
    """The fonts of a page and of the pictures on it."""
    if resources is None:
        return
    found = resources.get_object()
    for font in (found.get("/Font") or {}).values():
        yield font.get_object()
    for picture in (found.get("/XObject") or {}).values():
        yield from _fonts(picture.get_object().get("/Resources"))


def _is_embedded(font: Any) -> bool:
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    descriptor = inner.get("/FontDescriptor")
    return bool(descriptor) and any(
        key in descriptor.get_object() for key in ("/FontFile", "/FontFile2", "/FontFile3")
    )
