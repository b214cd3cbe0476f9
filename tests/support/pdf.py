"""Reads a PDF as somebody else's software does: its words, fonts, tags and claims."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader


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
