"""Where processes start; each reads its settings from the environment and the file of settings."""

import sys
from pathlib import Path
from types import TracebackType

# `python -m egide.entrypoints.intake` starts processes/intake.py: the units of an installation keep their names.
# Code imports it where it stands, `egide.entrypoints.processes.intake`.
__path__.append(str(Path(__file__).parent / "processes"))


def _show_missing(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say in a sentence which part is not installed, also where the module of a process itself needs it."""
    from egide.entrypoints.serving.parts import sentence_for

    told = sentence_for(error)
    if told is None:
        sys.__excepthook__(kind, error, trace)
    else:
        sys.stderr.write(f"{told}\n")


sys.excepthook = _show_missing
