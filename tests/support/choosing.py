"""Which tests `make test ONLY=...` means: a package, a story, a file or one test. Prints the argument for pytest."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def argument_for(name: str) -> str:
    """A path for pytest: `desk` is a package, `rule_04_canary` a story, anything with a slash is taken as it is.

    Raises LookupError, with what there is, when there is no such thing.
    """
    if "/" in name:
        return name
    if (TESTS / name).is_dir():
        return f"tests/{name}"
    story = f"test_{name.removeprefix('test_').removesuffix('.py')}.py"
    found = sorted(TESTS.glob(f"*/{story}"), key=lambda path: path.parent.name != "journeys")
    if found:
        return str(found[0].relative_to(TESTS.parent))
    packages = sorted(path.parent.name for path in TESTS.glob("*/__init__.py"))
    raise LookupError(
        f"ONLY={name}: no package, story or file of that name. Packages: {', '.join(packages)}, phone; "
        "stories: tests/journeys/test_*.py; or give a path, with ::name for one test."
    )


if __name__ == "__main__":
    try:
        sys.stdout.write(argument_for(sys.argv[1]) + "\n")
    except LookupError as unknown:
        sys.exit(str(unknown))
