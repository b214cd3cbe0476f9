"""`python -m egide.entrypoints.cli` is `egide`."""

from egide.entrypoints.cli import main

main()
