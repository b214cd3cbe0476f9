"""How a text that a person reads is marked where it stands in a table; the pages translate it."""


def marked(text: str) -> str:
    """Marks an English text for the catalogues."""
    return text
