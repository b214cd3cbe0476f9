"""What makes a process one of a sandbox: it is closed to the outside, and goes by the sandbox's clock."""

import os
from pathlib import Path

from egide.entrypoints.stack.sandbox.guard import close
from egide.entrypoints.stack.sandbox.turned import follow

# The folder that a sandbox keeps in its data directory.
VARIABLE = "EGIDE_SANDBOX"
SITE = Path(__file__).parent / "site"


def environment(folder: Path) -> dict[str, str]:
    """With these variables each Python process begins as one of the sandbox, and so do those that it starts."""
    others = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    return {VARIABLE: str(folder), "PYTHONPATH": os.pathsep.join([str(SITE), *others])}


def begin() -> None:
    """Close this process, for good, and turn its clock."""
    close()
    follow(Path(os.environ[VARIABLE]))
