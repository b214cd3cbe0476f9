"""Invented lives of files: the steps that lead to a stage, with plausible days between them."""

import random
from dataclasses import dataclass
from datetime import timedelta

from egide.casework.file import steps as s
from egide.demo.said import Said
from egide.outbox.days import day_of

DAY_US = 86_400_000_000
NOTE = "Exemple"
_SAID = Said.alike(NOTE, questionnaire="2026-11")
# Stage and its share of a hundred files: most are over, a tenth runs.
STAGES = (
    ("request", 3),
    ("analysis", 3),
    ("consultation", 2),
    ("decision", 3),
    ("more-asked", 1),
    ("agreement", 2),
    ("issue", 2),
    ("running", 11),
    ("ending", 1),
    ("ended", 62),
    ("refused", 8),
    ("withdrawn", 2),
)
_OVER = ("ended", "refused", "withdrawn")
# How many of the first steps lead to an early stage.
_LENGTH = {
    "request": 1,
    "analysis": 2,
    "consultation": 3,
    "decision": 4,
    "more-asked": 5,
    "refused": 5,
    "agreement": 5,
    "issue": 6,
}


@dataclass(frozen=True)
class Story:
    """When a file was opened, and its steps with their times."""

    opened_at_us: int
    steps: list[tuple[s.AnyStep, int]]


def life_until(stage: str, chance: random.Random, now_us: int) -> Story:
    """The steps of a file that has come as far as `stage`, the latest some days ago."""
    days_ago = chance.randint(400, 1500) if stage in _OVER else chance.randint(200, 360)
    opened_at_us = now_us - days_ago * DAY_US
    steps: list[tuple[s.AnyStep, int]] = []
    at_us = opened_at_us
    for step in _way(stage, chance, now_us, opened_at_us):
        at_us += chance.randint(1, 9) * DAY_US
        steps.append((step, min(at_us, now_us - DAY_US)))
    return Story(opened_at_us, steps)


def _way(stage: str, chance: random.Random, now_us: int, opened_at_us: int) -> list[s.AnyStep]:
    opened, today = day_of(opened_at_us), day_of(now_us)
    danger, urgent = chance.random() < 0.3, chance.random() < 0.3
    decision = {"refused": "refused", "more-asked": "more-asked"}.get(stage, "granted")
    review_on = today + timedelta(days=chance.randint(1, 180)) if decision == "granted" else None
    way = _SAID.way(opened, review_on, danger=danger, urgent=urgent, decision=decision)
    way = way[: _LENGTH.get(stage)]
    if stage not in _LENGTH:
        way.append(s.Issued())
    if stage == "withdrawn":
        way.append(s.Withdrawn(reasons=NOTE))
    if stage in ("ending", "ended"):
        way += [
            s.Proposed(proposal="end", analysis=NOTE, her_view=NOTE),
            s.Reviewed(outcome="ending", reasons=NOTE),
        ]
    if stage == "ended":
        way.append(s.Ended(kit="returned"))
    return [s.with_author(step, "bench-00050", "Benchmark 00050") for step in way]
