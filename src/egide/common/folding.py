"""How names and numbers are compared: without case, accents and superfluous spaces or signs."""

import unicodedata


def fold(text: str) -> str:
    """Lower case, no accents, single spaces."""
    if text.isascii():
        return " ".join(text.casefold().split())
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def signs(text: str) -> str:
    """Letters and digits alone, folded: a plate, a call sign or a reference, however it was typed."""
    return "".join(filter(str.isalnum, fold(text)))
