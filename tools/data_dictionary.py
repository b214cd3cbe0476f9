"""The data dictionary of evaluation, generated into docs/evaluation.md and compared in `make check`."""

import argparse
import os
import sys
from collections.abc import Iterable
from importlib import import_module

import django

from tools.tree import ROOT

FILE = ROOT / "docs" / "evaluation.md"
_HEAD = """# What is measured, and what the records for science hold

Generated from the measures and the schemas by `make contracts`; a check fails when it is stale. Every export carries
this in the language of its reader. Why the records look like this: [0018](decisions/0018-records-for-science.md).

"""


def render() -> str:
    """The page as it should be."""
    # What is translatable loads only after Django.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "egide.entrypoints.settings")
    django.setup()
    with import_module("django.utils.translation").override("en"):
        return _HEAD + str(import_module("egide.evaluation.exports.dictionary").as_markdown())


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; fail when the page is stale")
    options = parser.parse_args(None if arguments is None else list(arguments))
    wanted = render()
    if not options.check:
        FILE.write_text(wanted, encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == wanted:
        return 0
    print(
        "docs/evaluation.md is not what the measures say; `make contracts` writes it again.", file=sys.stderr
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
