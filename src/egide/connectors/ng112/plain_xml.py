"""XML from outside, without anything that makes a reader work for a stranger: no document type, no entity, no other
encoding than UTF-8, no more than a few kilobytes."""

from xml.etree import ElementTree as xml

MOST_BYTES = 16 * 1024
# A location or a mapping is ten elements deep at most.
MOST_DEPTH = 40


class BadXml(ValueError):
    """It is not read; the words hold nothing of what it said."""


def read(body: bytes) -> xml.Element:
    """The root. Raises BadXml."""
    if len(body) > MOST_BYTES:
        raise BadXml(f"more than {MOST_BYTES} bytes")
    try:
        # As text, so that what it says of its own encoding counts for nothing: nothing hides behind another one.
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadXml("no UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadXml("a document type, which nobody needs here")
    try:
        root = xml.fromstring(text)
    except (xml.ParseError, ValueError) as error:
        raise BadXml("no XML") from error
    _check_depth(root)
    return root


def _check_depth(root: xml.Element) -> None:
    level, depth = [root], 0
    while level:
        level, depth = [child for one in level for child in one], depth + 1
        if depth > MOST_DEPTH:
            raise BadXml("too deep")
