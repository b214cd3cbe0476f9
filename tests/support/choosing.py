"""Which tests `make test ONLY=...` means: a package, a story, a file or one test. Prints the argument for pytest.

Who names a test means it, and so does who names a file of tests that are all in the full run alone.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

TESTS = Path(__file__).parents[1]


def argument_for(name: str) -> str:
    """A path for pytest: `desk` is a package, within another or not, `rule_04_canary` a story; a path stays as it is.

    Raises LookupError, with what there is, when there is no such thing.
    """
    if "/" in name:
        return name
    packages = sorted(path.parent for path in TESTS.glob("*/**/__init__.py"))
    if named := next((path for path in packages if path.name == name), None):
        return str(named.relative_to(TESTS.parent))
    story = f"test_{name.removeprefix('test_').removesuffix('.py')}.py"
    found = sorted(TESTS.rglob(story), key=lambda path: path.parent.name != "journeys")
    if found:
        return str(found[0].relative_to(TESTS.parent))
    raise LookupError(
        f"ONLY={name}: no package, story or file of that name. "
        f"Packages: {', '.join(path.name for path in packages)}, phone; stories: tests/journeys/test_*.py; "
        "or give a path, with ::name for one test."
    )


def meant_among(tests: Sequence[tuple[Path, bool]], arguments: Sequence[str], root: Path) -> list[bool]:
    """Which of them a run with these arguments has: each test's file, and whether it is in the full run alone."""
    if any("::" in argument for argument in arguments):
        return [True] * len(tests)
    short = {path for path, is_full in tests if not is_full}
    named = {root / argument for argument in arguments} - short
    return [not is_full or path in named for path, is_full in tests]


if __name__ == "__main__":
    try:
        sys.stdout.write(argument_for(sys.argv[1]) + "\n")
    except LookupError as unknown:
        sys.exit(str(unknown))
