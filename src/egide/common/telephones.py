"""Telephone numbers as people write them, and what is dialled for one (ITU-T E.164)."""

import re
from collections.abc import Iterator

# The most digits of an international number (E.164), and the fewest of one that is dialled inside a country.
MOST_DIGITS, FEWEST_DIGITS = 15, 3
# In a sentence a number begins with + or 0 and is so long that no day and no hour is taken for one.
_FEWEST_IN_TEXT = 9
_WRITTEN = re.compile(r"\+?[0-9(][0-9 ./()-]*")
_IN_TEXT = re.compile(r"(?<![\w+])[+0][0-9 ./()-]*[0-9]")
# What people write in the middle of an international number, and nobody dials.
_TRUNK = "(0)"


def dial_of(text: str) -> str:
    """What is dialled, as "+32400000001" or "0400000001"; empty where the text is no telephone number."""
    written = text.strip()
    if not _WRITTEN.fullmatch(written):
        return ""
    if written.startswith("+"):
        written = written.replace(_TRUNK, "", 1)
    digits = re.sub(r"\D", "", written)
    plus = "+" if written.startswith("+") else ""
    return plus + digits if FEWEST_DIGITS <= len(digits) <= MOST_DIGITS else ""


def find_numbers(text: str) -> Iterator[re.Match[str]]:
    """The places in a sentence where a telephone number stands."""
    for match in _IN_TEXT.finditer(text):
        if len(dial_of(match.group()).removeprefix("+")) >= _FEWEST_IN_TEXT:
            yield match


def numbers_in(text: str) -> list[str]:
    """What is dialled for each number that stands in a sentence."""
    return [dial_of(match.group()) for match in find_numbers(text)]
