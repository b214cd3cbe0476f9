"""`python -m tests.fuzz [NAME ...]` (`make fuzz`): every decoder for FUZZ_SECONDS (600), two at a time.

What libFuzzer learned stays in `var/fuzz/`, so that the next run goes on from there. An input that breaks a decoder is
kept in `tests/fuzz/seeds/`, where `make test` tries it again: commit it with what mends the decoder.
"""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]
LEARNED, KEPT = ROOT / "var" / "fuzz", Path(__file__).parent / "seeds"
# One input: so long, and so much memory of the process, at most.
MOST_S, MOST_MB, AT_ONCE = 5, 1024, 2


def run(name: str, longest: int, seconds: int) -> tuple[str, list[Path]]:
    """Fuzz one decoder; what libFuzzer said last, and the inputs that broke it."""
    learned, broken = LEARNED / name, LEARNED / "broken" / name
    for folder in (learned, broken, KEPT / name):
        folder.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "tests.fuzz.one", name, str(learned), str(KEPT / name)),
        *(f"-max_total_time={seconds}", f"-timeout={MOST_S}", f"-rss_limit_mb={MOST_MB}"),
        *(f"-max_len={longest}", f"-artifact_prefix={broken}/", "-print_final_stats=1", "-verbosity=0"),
    ]
    before = set(broken.iterdir())
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = sorted(set(broken.iterdir()) - before)
    if ended.returncode and not found:
        return ended.stderr[-2000:], [broken]
    units = [line for line in ended.stderr.splitlines() if "number_of_executed_units" in line]
    return (units[-1].split(":")[-1].strip() if units else "?") + " inputs", found


def keep(name: str, found: Path) -> Path:
    """Beside the seeds, under a name that its content gives."""
    data = found.read_bytes()
    kept = KEPT / name / hashlib.sha256(data).hexdigest()[:16]
    kept.write_bytes(data)
    return kept


@click.command()
@click.argument("names", nargs=-1)
@click.option("--seconds", default=lambda: int(os.environ.get("FUZZ_SECONDS", "600")), help="of each decoder")
def main(names: tuple[str, ...], seconds: int) -> None:
    """Fuzz these decoders, or all."""
    LEARNED.mkdir(parents=True, exist_ok=True)
    listed = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.one", "--write", str(LEARNED)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        raise click.ClickException(listed.stderr[-2000:])
    longest = dict(line.split() for line in listed.stdout.splitlines())
    unknown = set(names) - set(longest)
    if unknown:
        raise click.ClickException(
            f"no such decoder: {', '.join(sorted(unknown))}. There are: {', '.join(longest)}"
        )
    broken = False
    with ThreadPoolExecutor(AT_ONCE) as pool:
        chosen = names or tuple(longest)
        runs = [(name, pool.submit(run, name, int(longest[name]), seconds)) for name in chosen]
        for name, each in runs:
            said, found = each.result()
            click.echo(f"{name:16} {said}")
            for path in found:
                broken = True
                where = keep(name, path) if path.is_file() else path
                click.echo(
                    f"  broken by {where.relative_to(ROOT)}; see it: python -m tests.fuzz.one {name} {where}"
                )
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
