"""The parts in which Egide is installed (the extras of pyproject.toml), and the sentence for one that is not there."""

import re

from egide.common.text import _

# Modules whose packages have another name.
_PACKAGES = {"PIL": "pillow", "allauth": "django-allauth", "nacl": "pynacl", "paho": "paho-mqtt"}
_REQUIRED = re.compile(r"([A-Za-z0-9._-]+).*; *extra == ['\"](\w+)['\"]")


def part_of(module: str) -> str | None:
    """The part that brings the package of a module; None for one of the lifeline, or unknown."""
    # Loaded where something is missing and nowhere else: every command would wait for it.
    from importlib import metadata

    package = _PACKAGES.get(module, module).replace("_", "-").lower()
    for line in metadata.requires("egide") or ():
        found = _REQUIRED.match(line)
        if found and found[1].lower() == package:
            return found[2]
    return None


def sentence_for(error: BaseException) -> str | None:
    """What to do about a module that is not there because its part is not installed; None for any other error."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    module = error.name.partition(".")[0]
    part = part_of(module)
    if part is None:
        return None
    text = _(
        "This needs the part {part} of Egide ({module} is not installed): install the package egide instead of"
        " egide-intake, or egide[{part}] with pip."
    )
    return text.format(part=part, module=module)
