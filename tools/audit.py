"""`make audit`: asks the services which locked packages have known holes, and renews the dated list of them.

A service that cannot be reached, or that answers for some packages only, is said as such: nothing is called clean that
nobody looked at. Ends with 1 when a hole is known, with 2 when something could not be asked, with 0 otherwise.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from egide.common.clock import SystemClock, utc
from tools import dated_list
from tools.materials import NPM_LOCKS, PYTHON_LOCKS, packages
from tools.running import run, run_npm
from tools.tree import ROOT

# pip-audit's own names: the registry's records, and the Open Source Vulnerabilities database.
SERVICES = ("pypi", "osv")
OK, FOUND, NOT_KNOWN = 0, 1, 2


@dataclass(frozen=True)
class Answer:
    """What a service said of one lock file: it knows `asked` of `locked` packages, with these holes.

    `why` is what the client said when the service knew none, for the terminal alone: it names hosts and paths.
    """

    service: str
    file: str
    locked: int = 0
    asked: int = 0
    holes: tuple[str, ...] = ()
    why: str = ""


def python_answer(file: str, service: str, *options: str) -> Answer:
    """What pip-audit says of one lock file."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", file, "--require-hashes", "--disable-pip"]
    command += ["--vulnerability-service", service, "--format", "json", "--progress-spinner", "off", *options]
    ended = run(command)
    try:
        said = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError):
        return Answer(service, file, why=_last_line(ended.stderr))
    asked = [one for one in said if "skip_reason" not in one]
    holes = [_line(one["name"], one["version"], hole) for one in asked for hole in one["vulns"]]
    why = "" if asked or not said else said[0]["skip_reason"]
    return Answer(service, file, len(said), len(asked), tuple(holes), why)


def _line(name: str, version: str, hole: dict[str, Any]) -> str:
    mended = ", ".join(hole["fix_versions"]) or "none yet"
    return f"{name} {version}: {hole['id']} (mended in: {mended})"


def npm_answer(file: str) -> Answer:
    """What `npm audit` says of one lock file."""
    ended = run_npm("audit", "--json", "--package-lock-only", place=ROOT / Path(file).parent)
    locked = len(json.loads((ROOT / file).read_text(encoding="utf-8"))["packages"]) - 1
    try:
        said = json.loads(ended.stdout)
        known = said["vulnerabilities"]
    except (ValueError, KeyError):
        return Answer("npm", file, locked, why=_last_line(ended.stderr))
    holes = [f"{name} {one['range']}: {one['severity']}" for name, one in sorted(known.items())]
    return Answer("npm", file, locked, locked, tuple(holes))


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""


def words_for(answers: Iterable[Answer], *, with_why: bool = False) -> list[str]:
    """The answers for a reader, each on its line."""
    lines = []
    for answer in answers:
        about = f"{answer.file}, asked {answer.service}: "
        if not answer.asked:
            why = f" ({answer.why})" if with_why else ""
            lines.append(f"{about}NOT KNOWN, the service could not be reached or knows none of them{why}")
            continue
        left = answer.locked - answer.asked
        lines.append(about + f"{len(answer.holes)} known holes in {answer.asked} packages")
        lines += [f"  {hole}" for hole in answer.holes]
        if left:
            lines.append(f"  NOT KNOWN: {left} of {answer.locked} packages")
    return lines


def code_of(answers: Sequence[Answer]) -> int:
    """How the command ends. One service that knows every package of a file is enough for it."""
    if any(answer.holes for answer in answers):
        return FOUND
    whole = {answer.file for answer in answers if answer.asked and answer.asked == answer.locked}
    return OK if whole == {answer.file for answer in answers} else NOT_KNOWN


def ask(ask_python: Callable[[str, str], Answer], ask_npm: Callable[[str], Answer]) -> list[Answer]:
    """Every service about every lock file; the next one where the first knew not all."""
    answers = []
    for file, _part in PYTHON_LOCKS:
        for service in SERVICES:
            answers.append(ask_python(file, service))
            if answers[-1].asked and answers[-1].asked == answers[-1].locked:
                break
    return [*answers, *(ask_npm(file) for file, _part in NPM_LOCKS)]


def main() -> int:
    """Ask, say, and renew the dated list."""
    answers = ask(python_answer, npm_answer)
    print("\n".join(words_for(answers, with_why=True)))
    today = utc(SystemClock().now_us()).date()
    undated = dated_list.renew(packages(), words_for(answers), today)
    print(f"{dated_list.FILE.relative_to(ROOT)} is renewed; {undated} packages have no known date of release")
    return code_of(answers)


if __name__ == "__main__":
    sys.exit(main())
