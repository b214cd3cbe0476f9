"""Points of a contract, each with the step that tries it, and what came of them: a kit is a list of these in order."""

from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

Lab = TypeVar("Lab")


class Point(msgspec.Struct, frozen=True):
    """One thing that a contract asks for. `does`: what the kit does; `expects`: what must come of it; `clause`: where
    that is said, a file of contracts/ or docs/ and the place in it.
    """

    id: str
    does: str
    expects: str
    clause: str


class Verdict(StrEnum):
    """Whether what was tried keeps to the contract; UNTRIED where an earlier point left nothing to try it with."""

    HOLDS = "holds"
    DEVIATES = "deviates"
    UNTRIED = "untried"


class Finding(msgspec.Struct, frozen=True):
    """What came of one point, in the kit's words."""

    point: Point
    verdict: Verdict
    came: str


class Report(msgspec.Struct, frozen=True):
    """All findings of one examination, in the order of its points."""

    kit: str
    of: str
    findings: tuple[Finding, ...]

    def number_of(self, verdict: Verdict) -> int:
        return sum(one.verdict is verdict for one in self.findings)

    @property
    def exit_code(self) -> int:
        """0: every point holds. 1: one deviates. 2: none deviates, and not all could be tried."""
        if self.number_of(Verdict.DEVIATES):
            return 1
        return 2 if self.number_of(Verdict.UNTRIED) or not self.findings else 0


class Deviates(Exception):
    """Something else came than the contract says; the text says what."""


class Untried(Exception):
    """An earlier point left nothing to try this one with; the text says what is missing."""


Step = Callable[[Lab], Awaitable[str]]


class Kit(Generic[Lab]):
    """Points in the order in which they are tried. `lab` is what the steps of one examination share."""

    def __init__(self, name: str, parts: Iterable["Kit[Lab]"] = ()) -> None:
        self.name = name
        self.steps: list[tuple[Point, Step[Lab]]] = [step for part in parts for step in part.steps]

    def point(self, point_id: str, does: str, expects: str, clause: str) -> Callable[[Step[Lab]], Step[Lab]]:
        """The step below it tries this point: it returns what came, or raises Deviates or Untried."""

        def register(step: Step[Lab]) -> Step[Lab]:
            self.steps.append((Point(point_id, does, expects, clause), step))
            return step

        return register

    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(point for point, _step in self.steps)

    async def examine(
        self,
        lab: Lab,
        of: str,
        only: Iterable[str] = (),
        tell: Callable[[Finding], None] = lambda _finding: None,
    ) -> Report:
        """Try each point, or those alone that are named. `tell` hears of each as soon as it is known."""
        wanted, findings = set(only), []
        for point, step in self.steps:
            if wanted and point.id not in wanted:
                continue
            verdict, came = await _tried(step, lab)
            findings.append(Finding(point, verdict, came))
            tell(findings[-1])
        return Report(self.name, of, tuple(findings))


async def _tried(step: Step[Lab], lab: Lab) -> tuple[Verdict, str]:
    try:
        return Verdict.HOLDS, await step(lab)
    except Deviates as deviation:
        return Verdict.DEVIATES, str(deviation)
    except Untried as missing:
        return Verdict.UNTRIED, str(missing)
    except OSError as error:
        return Verdict.DEVIATES, f"no answer: {error or type(error).__name__}"


def expect(holds: object, came: str) -> None:
    """Raises Deviates with what came, unless it holds."""
    if not holds:
        raise Deviates(came)
