"""The process that watches the chain, and says what it finds on the boards and by a second road (safety rule 4).

It holds no key of a case: it reads clear columns only, sends canaries of its own, and what it says names nobody.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace

import click

from egide.common.clock import Clock, SystemClock
from egide.common.config import Config
from egide.common.postgres.patience import answered_within
from egide.connectors.registry import roads_of
from egide.entrypoints.serving.lines import prepare, when_told_to_end
from egide.entrypoints.serving.options import config_option
from egide.entrypoints.serving.supervised import TurningPulse, Watchdog, say_ready
from egide.entrypoints.serving.turns import UNKNOWN_S, holding, wait_for_turn
from egide.entrypoints.watch.canary import Canary
from egide.entrypoints.watch.ledger import Ledger
from egide.entrypoints.watch.probes import Probe, probes_for
from egide.entrypoints.watch.roads import Carrier
from egide.entrypoints.watch.rounds import Round, rounds_of
from egide.entrypoints.watch.rules import ROAD, Attention, Findings, Judge, Look, Overdue, life_of
from egide.journal.bell import Bell, Ringer
from egide.journal.engines.base import Turn
from egide.journal.engines.chosen import turn_of
from egide.journal.errors import JournalUnavailable
from egide.journal.now.kept import facts
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.presence import Presence
from egide.journal.now.signs import Pulse, Signs
from egide.journal.proof.checkpoints import CheckpointKeeper
from egide.journal.service import Journal

log = logging.getLogger("egide.watch")

TICK_S = 0.5
# A database that says nothing must not keep watch from saying so.
TURN_S = 5.0
LAST_CHECKPOINT_S = 5.0


class Watch:
    """Looks, judges, and notes what it found."""

    def __init__(
        self,
        config: Config,
        journal: Journal,
        clock: Clock,
        ledger: Ledger,
        signs: Signs,
        checkpoints: CheckpointKeeper,
        carriers: Sequence[Carrier],
        rounds: Sequence[Round],
    ) -> None:
        self._config = config
        self._journal = journal
        self._checkpoints = checkpoints
        self._carriers = carriers
        self._rounds = rounds
        self._clock = clock
        self._ledger = ledger
        self._signs = signs
        # A watch that begins while the database is away has to say so.
        self._presence = Presence.open_later(config)
        self._canary = Canary(config, journal, clock)
        self._attention = Attention()
        self._judge = Judge(config.watch_patience_s)
        self._findings = Findings(ledger.broken, config.watch_patience_s)
        self._overdue = Overdue(ledger.named_alarms)
        self._seen = Look(head=0, beats={})

    def probes(self, config: Config, stopped: threading.Event) -> list[Probe]:
        """Those that ask at the addresses on behalf of this watch."""
        return probes_for(config, self._canary, self._clock, stopped)

    def look_at_alarms(self) -> None:
        """Alarms that no board has painted in time. Raises JournalUnavailable."""
        unshown = self._journal.unshown()
        for alarm in self._overdue.find(unshown, self._clock.steady_us()):
            self._ledger.note_on_no_board(alarm, self._clock.now_us())
        self._ledger.forget_shown([life_of(alarm) for alarm in unshown])
        self._ledger.keep()

    def look_at_chain(self, probes: Sequence[Probe]) -> None:
        """Everything else. What cannot be read counts as unchanged, and so as silent after a while."""
        try:
            self._seen = self._look()
        except JournalUnavailable as error:
            log.error("signs of life cannot be read: %s", error)
        unanswered = frozenset(probe.part for probe in probes if not probe.is_answered)
        # One that nobody enrolled counts as a canary that nobody routes.
        waiting = max((p.canary_seq + p.is_unknown for p in probes), default=0)
        now_s = self._attention.look(self._clock.steady_us())
        look = replace(self._seen, unanswered=unanswered, canary_seq=waiting, kept=self._kept())
        wrong = self._judge.wrong(look, now_s) | self._checkpoints.wrong() | self._roads()
        for one in self._rounds:
            wrong |= one.wrong
        broke, mended = self._findings.take(wrong, now_s)
        for part in broke:
            self._ledger.note_broken(part, wrong[part], self._clock.now_us())
        for part, why in wrong.items():
            self._ledger.note_why(part, why)
        for part in mended:
            self._ledger.note_mended(part)
        self._ledger.keep()

    def _kept(self) -> int:
        """How many messages wait on this machine: asked of their own file, whatever the journal does."""
        try:
            return facts(self._config).count
        except JournalUnavailable as error:
            log.error("what is kept cannot be counted: %s", error)
            return self._seen.kept

    def _roads(self) -> dict[str, str]:
        return {f"{ROAD}:{one.road.name}": "failing" for one in self._carriers if one.is_failing}

    def _look(self) -> Look:
        return Look(
            head=self._journal.head(),
            beats=self._signs.beats(),
            routed_seq=self._canary.routed_seq(),
            boards={board.board: board.seen_at_us for board in self._presence.boards()},
            open_alarms=len(self._journal.open_alarms()),
        )


def watch(
    watcher: Watch,
    probes: Sequence[Probe],
    bell: Bell,
    pulse: Pulse,
    outcomes: Outcomes,
    stopped: threading.Event,
) -> None:
    """Look at alarms at each ring of the bell, and at the chain every half second, until stopped."""
    ticked_s = 0.0
    clock = SystemClock()
    while not stopped.is_set():
        with answered_within(TURN_S):
            try:
                watcher.look_at_alarms()
            except JournalUnavailable as error:
                log.error("the journal cannot be read: %s", error)
            now_s = clock.steady_us() / 1e6
            if now_s - ticked_s >= TICK_S:
                ticked_s = now_s
                watcher.look_at_chain(probes)
            if pulse.is_due:
                pulse.beat()
                outcomes.do_keep()
        bell.wait(TICK_S)


@click.command()
@config_option()
def main() -> None:
    """Watch the chain: canaries, signs of life, alarms on no board."""
    prepare()
    config = Config.from_env()
    stopped = threading.Event()
    when_told_to_end(stopped.set)
    clock = SystemClock()
    # Also where it is away now: that is what this process is there to say.
    journal = Journal.open_or_later(config, clock)
    turn = turn_of(config, "watch", clock)
    if wait_for_turn("watch", turn, config, clock, stopped, UNKNOWN_S):
        with holding("watch", turn, is_needed=False):
            watch_over(config, journal, clock, turn, stopped)
    turn.close()


def watch_over(config: Config, journal: Journal, clock: Clock, turn: Turn, stopped: threading.Event) -> None:
    """All that one watch alone says and signs, until stopped. Without an answer of the database it goes on saying what
    is wrong, and signs nothing."""
    signs = Signs(config, clock)
    ledger = Ledger(signs, Ringer(journal.bells_dir))
    outcomes = Outcomes(signs, clock)
    carriers = [Carrier(road, stopped, ledger.note_delivered, outcomes) for road in roads_of(config)]
    if not carriers and not config.demo:
        log.warning(
            "no second road is set (EGIDE_ALERT_SMTP, EGIDE_ALERT_URL, EGIDE_ALERT_SMS):"
            " boards alone show what is found"
        )
    checkpoints = CheckpointKeeper(config, journal, clock)
    keeper = threading.Thread(
        target=checkpoints.run, args=(stopped, lambda: turn.is_held), name="checkpoints", daemon=True
    )
    rounds = rounds_of(config, clock, stopped)
    watcher = Watch(config, journal, clock, ledger, signs, checkpoints, carriers, rounds)
    probes = watcher.probes(config, stopped)
    for thread in (*carriers, *probes, *rounds, keeper):
        thread.start()
    ledger.start(carriers)
    bell = journal.bell("watch")
    pulse = TurningPulse(signs, clock, "watch", Watchdog(clock, ("watch",), keeper.is_alive))
    say_ready("watch")
    try:
        watch(watcher, probes, bell, pulse, outcomes, stopped)
    finally:
        bell.close()
        pulse.leave()
        # The last checkpoint is signed before this process ends; a second place that hangs must not hold it up.
        keeper.join(LAST_CHECKPOINT_S)


if __name__ == "__main__":
    main()
