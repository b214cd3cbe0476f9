"""`python -m benchmarks.parts`: how long `make test ONLY=` takes for each package, or `--stories`, or `--alone 20`.

`--alone` takes so many tests at random, each by itself: one that leans on another fails then. Prints rows for PARTS.md.
"""

import random
import subprocess
import sys
import time
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]


def packages() -> list[str]:
    """Every package with tests, and the phone."""
    return [*sorted({path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}), "phone"]


def stories() -> list[str]:
    """Every file of stories."""
    return sorted(path.name for path in (ROOT / "tests" / "journeys").glob("test_*.py"))


def some_tests(count: int, seed: int) -> list[str]:
    """So many tests of the short run."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-o", "addopts=", "-p", "no:randomly"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tests = [line for line in told.splitlines() if "::" in line]
    return random.Random(seed).sample(tests, count)


@click.command()
@click.option("--stories", "by_story", is_flag=True, help="each file of stories instead of each package")
@click.option("--alone", default=0, help="so many tests at random, each by itself")
@click.option("--seed", default=0, help="which ones; 0 for others each time")
def main(by_story: bool, alone: int, seed: int) -> None:
    """Time parts of the suite, each by the command of the README."""
    seed = seed or random.randrange(1 << 32)
    if alone:
        click.echo(f"seed {seed}")
    names = some_tests(alone, seed) if alone else stories() if by_story else packages()
    failed = []
    for name in names:
        began_s = time.monotonic()
        # make reads a dollar sign as the beginning of a name of its own.
        only = name.replace("$", "$$")
        command = ["make", "test", f"ONLY={only}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            failed.append(name)
            click.echo(done.stdout)
        result = "RED" if done.returncode else "green"
        click.echo(f"| {name} | {time.monotonic() - began_s:.0f} s | {result} |")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
