"""What comes in as a file: limited in size and kind, opened safely, stripped of everything that is not the picture."""

import io
import struct
import zlib
from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload
from django.utils.translation import gettext as _
from PIL import Image

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
PHOTO_SIDE_PX, SCAN_SIDE_PX = 1200, 2400
JPEG = "image/jpeg"
# A reader of somebody else's bytes stumbles in many ways; each means the same to the sender.
STUMBLES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_ORIENTATION = 0x0112
# How a picture that lies so is made upright (EXIF 2.32, CIPA DC-008, 4.6.4).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
            upright = _upright(image).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadUpload(_("This picture has too many pixels. Send a smaller one.")) from error
    except STUMBLES as error:
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


def _upright(image: Image.Image) -> Image.Image:
    """The picture as it was seen. What a camera says beside it is read and never written, and may be wrong: then the
    picture stays as it lies."""
    try:
        turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except STUMBLES:
        turn = None
    return image if turn is None else image.transpose(turn)


def check_size(content: bytes) -> None:
    """Raises BadUpload for an empty or too big file."""
    if not content:
        raise BadUpload(_("This file is empty."))
    if len(content) > MOST_BYTES:
        raise too_big()


def too_big() -> BadUpload:
    """What is said of a file over the limit."""
    return BadUpload(_("This file is bigger than %(limit)s MB.") % {"limit": MOST_BYTES // (1024 * 1024)})
