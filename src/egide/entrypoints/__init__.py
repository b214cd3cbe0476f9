"""Where processes start; each reads its settings from the environment."""

from pathlib import Path

# `python -m egide.entrypoints.intake` starts processes/intake.py: the units of an installation keep their names.
# Code imports it where it stands, `egide.entrypoints.processes.intake`.
__path__.append(str(Path(__file__).parent / "processes"))
