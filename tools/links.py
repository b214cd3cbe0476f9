"""Dead links: every relative link and picture in the Markdown files must lead to a file, and to a heading in it.

What a merge left undecided is named too: in Markdown nothing else would notice.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from tools.tree import ROOT, find_files

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|\b(?:src|href|srcset)=\"([^\"]+)\"")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
UNDECIDED = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
ABSOLUTE = re.compile(r"^[a-z][a-z0-9+.-]*:|^//")


def anchor(heading: str) -> str:
    """The anchor that code forges give a heading: lower case, punctuation gone, spaces as hyphens."""
    plain = re.sub(r"[^\w\- ]", "", heading.lower())
    return plain.replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {anchor(heading) for heading in HEADING.findall(FENCE.sub("", path.read_text(encoding="utf-8")))}


def links(text: str) -> Iterator[str]:
    """Targets of all links of a Markdown text, code left out."""
    for match in LINK.finditer(CODE.sub("", FENCE.sub("", text))):
        yield match[1] or match[2]


def find_faults(path: Path, root: Path) -> Iterator[str]:
    """One sentence for each link of the file that leads nowhere, and for marks of a merge."""
    shown_as = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")
    if UNDECIDED.search(text):
        yield f"{shown_as}: a merge left its marks here: keep one side or both"
    for link in links(text):
        if ABSOLUTE.match(link):
            continue
        place, _, fragment = unquote(link).partition("#")
        target = (path.parent / place).resolve() if place else path
        if not target.is_relative_to(root) or not target.exists():
            yield f"{shown_as}: {link} leads to no file of the project"
        elif fragment and target.suffix == ".md" and fragment not in anchors(target):
            yield f"{shown_as}: {target.name} has no heading for #{fragment}"


def main(root: Path = ROOT) -> int:
    faults = [fault for path in find_files(root, ".md") for fault in find_faults(path, root)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
