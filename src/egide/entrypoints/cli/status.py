"""`egide status`: how far each process is, and what is wrong. Needs no key, shows nobody."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import click
import msgspec

from egide.common.clock import Clock, SystemClock
from egide.common.config import Config
from egide.common.text import _
from egide.connectors.looking import Went, went
from egide.connectors.registry import problems_of
from egide.entrypoints.cli.installing.went import sentence_of, shown
from egide.entrypoints.cli.refusing import check_journal
from egide.entrypoints.watch.rules import (
    LADDER_BEAT,
    OUTBOX_BEAT,
    PATIENCE_S,
    SUPERVISION_BEAT,
    WORKER_BEAT,
)
from egide.journal.now.presence import Presence
from egide.journal.now.signs import BEAT_S, Beat, ChainTrouble, Signs
from egide.journal.queries.general import canary_routed_us
from egide.journal.service import Journal

# Without these no alarm is routed, no deadline kept, and nobody watches.
NEEDED = (WORKER_BEAT, LADDER_BEAT, OUTBOX_BEAT, SUPERVISION_BEAT, "watch")
# Those that serve are named with their port; one of each is needed.
SERVING = ("intake", "live", "web")
BOARD_ALIVE_S = 20
NEVER_S = -1.0


@dataclass(frozen=True)
class ProcessLine:
    """One process, or a part of one: is it heard, and how much waits for it?"""

    name: str
    is_heard: bool
    age_s: float
    behind: int
    note: str


def serving_of(config: Config) -> tuple[str, ...]:
    """What must serve in this installation: the road for short messages only where a gateway is set."""
    return (*SERVING, "sms") if config.sms_secrets else SERVING


def lines_of(
    beats: Mapping[str, Beat],
    later: Mapping[str, Beat],
    now_us: int,
    serving: Sequence[str] = SERVING,
) -> list[ProcessLine]:
    """What two looks say of each process: one that seems silent by the clock is heard when it spoke between them.

    So a clock that jumped makes nobody silent. What is needed and was never heard is silent.
    """
    missing = [name for name in NEEDED if name not in later]
    missing += [kind for kind in serving if not any(name.split()[0] == kind for name in later)]
    found = [_line(beats.get(name), beat, now_us) for name, beat in later.items()]
    return found + [ProcessLine(name, False, NEVER_S, 0, "") for name in missing]


def _line(before: Beat | None, beat: Beat, now_us: int) -> ProcessLine:
    age_s = round((now_us - beat.at_us) / 1e6, 1)
    spoke = before is not None and before.at_us != beat.at_us
    return ProcessLine(beat.name, spoke or 0 <= age_s < PATIENCE_S, age_s, beat.behind, beat.note)


@click.command(help=_("Show how far each process is and what is wrong; ends with 1 when something is."))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON"))
def status(as_json: bool) -> None:
    """Show how far each process is and what is wrong; ends with 1 when something is."""
    config = Config.from_env()
    check_journal(config)
    clock = SystemClock()
    # First of all: it says what is missing where there are no tables yet.
    journal, signs = Journal.open(config, clock), Signs(config, clock)
    lines = look_twice(signs, clock, serving_of(config))
    troubles = signs.troubles()
    facts, roads = _facts(config, journal, clock.now_us()), went(config, signs)
    problems = problems_of(config)
    is_well = all(line.is_heard for line in lines) and not troubles and not problems
    if as_json:
        found = [msgspec.structs.asdict(trouble) for trouble in troubles]
        click.echo(
            json.dumps(
                {
                    "ok": is_well,
                    "processes": [asdict(line) for line in lines],
                    "troubles": found,
                    "problems": problems,
                    "roads": shown(roads),
                    **facts,
                }
            )
        )
    else:
        _print(lines, troubles, facts, clock.now_us())
        for connector, problem in problems:
            click.echo(f"{_('WRONG'):<8} {connector}: {problem}")
        _print_roads(roads)
    sys.exit(0 if is_well else 1)


def _print_roads(roads: list[Went]) -> None:
    """How each went last. One that failed once is worth a look and no fault: what is one is among the troubles."""
    ok, look = _("ok"), _("look")
    for one in roads:
        mark = look if one.came is not None and not one.came.is_well else ok
        click.echo(f"{mark:<8} {one.road}: {sentence_of(one)}")


def look_twice(signs: Signs, clock: Clock, serving: Sequence[str]) -> list[ProcessLine]:
    """Once is enough when everybody was heard just now."""
    first = signs.beats()
    lines = lines_of(first, first, clock.now_us(), serving)
    if all(line.is_heard for line in lines):
        return lines
    time.sleep(2 * BEAT_S)
    return lines_of(first, signs.beats(), clock.now_us(), serving)


def _facts(config: Config, journal: Journal, now_us: int) -> dict[str, int | float | None]:
    routed_us = canary_routed_us(journal)
    boards = Presence(config).boards()
    return {
        "head": journal.head(),
        "open_alarms": len(journal.open_alarms()),
        "boards": sum(now_us - board.seen_at_us < BOARD_ALIVE_S * 1_000_000 for board in boards),
        "canary_age_s": round((now_us - routed_us) / 1e6, 1) if routed_us else None,
    }


def _print(
    lines: list[ProcessLine],
    troubles: list[ChainTrouble],
    facts: Mapping[str, int | float | None],
    now_us: int,
) -> None:
    # Outside the f-strings, where texts for translation are not found.
    silent, wrong, waiting, unheard = _("SILENT"), _("WRONG"), _("waiting"), _("never heard")
    for line in lines:
        age = f"{line.age_s} s" if line.is_heard or line.age_s != NEVER_S else unheard
        mark = "ok" if line.is_heard else silent
        click.echo(f"{mark:<8} {line.name:<16} {age:>14}  {waiting}: {line.behind}  {line.note}".rstrip())
    for trouble in troubles:
        since_s = max(0, now_us - trouble.since_us) // 1_000_000
        click.echo(f"{wrong:<8} {trouble.part}: {trouble.why} ({since_s} s)")
    age_s = facts["canary_age_s"]
    click.echo(
        _("last event {head}, open alarms {open_alarms}, boards {boards}, last canary {canary}").format(
            head=facts["head"],
            open_alarms=facts["open_alarms"],
            boards=facts["boards"],
            canary=_("never") if age_s is None else f"{age_s} s",
        )
    )
