"""One worker of a run, begun as execnet begins a Python: by what it is told on its standard input."""

import os
import sys

from egide.entrypoints.serving.lines import PARENT_VARIABLE

if __name__ == "__main__":
    # What it starts has itself for a parent.
    del os.environ[PARENT_VARIABLE]
    exec(eval(sys.stdin.readline()))  # noqa: S102, S307  of the process that began it
