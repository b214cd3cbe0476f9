"""What was found of one thing: well, worth a look, or wrong; and a sentence for the administrator."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Grade = Literal["ok", "look", "wrong"]
OK: Grade = "ok"
LOOK: Grade = "look"
WRONG: Grade = "wrong"


@dataclass(frozen=True)
class Finding:
    """`check` is a word that stays the same, `text` names nobody but may name files and hosts of this installation."""

    check: str
    grade: Grade
    text: str


def on_one_disk(first: Path, second: Path) -> bool:
    """Whether both lie on one file system, so that both are lost at once."""
    return first.stat().st_dev == second.stat().st_dev
