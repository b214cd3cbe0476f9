"""`python -m tools.reference` writes the page; with --check it compares."""

import argparse
import sys
from collections.abc import Sequence

from tools.reference.page import page
from tools.tree import ROOT

PAGE = ROOT / "src" / "egide" / "entrypoints" / "cli" / "reference.html"


def main(arguments: Sequence[str] | None = None) -> int:
    """1 with --check where the page is not what contracts/ say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="compare only; ends with 1 where the page is stale"
    )
    wanted = page()
    if not parser.parse_args(arguments).check:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{PAGE.relative_to(ROOT)}: not what contracts/ say; run make reference", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
