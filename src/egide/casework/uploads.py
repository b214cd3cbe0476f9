"""What comes in as a file: limited in size and kind, opened safely, stripped of everything that is not the picture."""

import io
from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
PHOTO_SIDE_PX, SCAN_SIDE_PX = 1200, 2400
JPEG = "image/jpeg"


class BadUpload(ValueError):
    """The file cannot be taken; the text says why, in the reader's language."""


class MemoryOnly(MemoryFileUploadHandler):
    """Keeps uploads in memory: what somebody sends never lies unsealed on a disk. One that is too big is dropped."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, *more: Any, **named: Any
    ) -> None:
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > MOST_BYTES and self.request is not None:
            self.request.META["egide.upload_too_big"] = True
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)


def clean_photo(content: bytes, side_px: int = PHOTO_SIDE_PX) -> bytes:
    """A fresh JPEG of the picture, upright, at most `side_px` on a side, without any metadata. Raises BadUpload."""
    check_size(content)
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadUpload(_("This picture has too many pixels. Send a smaller one."))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadUpload(_("This picture has too many pixels. Send a smaller one.")) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        if isinstance(error, BadUpload):
            raise
        raise BadUpload(_("This is not a picture that can be read. Send a JPEG, PNG or WebP.")) from error
    upright.thumbnail((side_px, side_px))
    # A new image: nothing but pixels is carried over.
    plain = Image.new("RGB", upright.size)
    plain.paste(upright)
    written = io.BytesIO()
    plain.save(written, "JPEG", quality=85)
    return written.getvalue()


def check_size(content: bytes) -> None:
    """Raises BadUpload for an empty or too big file."""
    if not content:
        raise BadUpload(_("This file is empty."))
    if len(content) > MOST_BYTES:
        raise too_big()


def too_big() -> BadUpload:
    """What is said of a file over the limit."""
    return BadUpload(_("This file is bigger than %(limit)s MB.") % {"limit": MOST_BYTES // (1024 * 1024)})
