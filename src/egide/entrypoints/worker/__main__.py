"""The process that follows the journal: routes alarms, keeps their clocks, watches over kits, copies the outbox."""

import logging
import sqlite3
import sys
import threading

import click

from egide.common.clock import Clock, SystemClock
from egide.common.config import Config
from egide.entrypoints.serving.lines import prepare, when_told_to_end
from egide.entrypoints.serving.options import config_option
from egide.entrypoints.serving.supervised import TurningPulse, Watchdog, say_ready
from egide.entrypoints.serving.turns import holding, wait_for_turn
from egide.entrypoints.upgrading.records import check_understood_here
from egide.entrypoints.watch.rules import LADDER_BEAT, OUTBOX_BEAT, SUPERVISION_BEAT, WORKER_BEAT
from egide.entrypoints.worker.auditing import audit_until
from egide.entrypoints.worker.expiring import expire_until
from egide.entrypoints.worker.hearing import hearers_of
from egide.entrypoints.worker.nightly import rebuild_until
from egide.entrypoints.worker.probing import probe_until
from egide.entrypoints.worker.pushing import push_until
from egide.entrypoints.worker.reminding import remind_until
from egide.entrypoints.worker.routing import Routing, route_until
from egide.entrypoints.worker.telling import tellers_of
from egide.entrypoints.worker.tracing import trace_until
from egide.fleet.supervision.supervisor import TURN, Supervisor
from egide.fleet.supervision.watch_settings import settings_of
from egide.geography.locate import Locator, locator_of
from egide.journal.engines.chosen import turn_of
from egide.journal.errors import JournalUnavailable
from egide.journal.follow import Follower
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.presence import Presence
from egide.journal.now.signs import Pulse, Signs
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Journal, KeyStore
from egide.outbox.copy import Copying, OutboxUnavailable
from egide.routing.canary import CanaryDesk
from egide.routing.service import Climber, Router

log = logging.getLogger("egide.worker")

WAIT_S = 0.25
# A deadline is noticed within 250 ms of being due.
TICK_S = 0.1
# A kit that is due is looked at within a second.
LOOK_S = 1.0
# How long a thread that computes may keep the interpreter while others wait for it: with Python's own 5 ms, a route
# waits so long for each of those that tell others.
SWITCH_S = 0.001
# A turn of any thread takes seconds at most, even where every other process of the machine is busy.
ALONE_S = 120.0
# Rows of the outbox in one turn: an office that writes thousands must not make this thread seem to hang.
COPIED_AT_ONCE = 64
# An intake that was silent for this long receives nothing: then no phone counts as silent.
INTAKE_HEARD_US = 30_000_000


def copy_until(
    stopped: threading.Event, config: Config, journal: Journal, canaries: CanaryDesk, pulse: Pulse
) -> None:
    """Copy the outbox in a thread of its own: a clerk's long transaction on the records must not delay a route."""
    copied, copying = 0, Copying(config, journal)
    while not stopped.is_set():
        is_done, found = False, 0
        try:
            found = copying.turn(COPIED_AT_ONCE)
            copied += found
            canaries.enrol()
            is_done = True
        except (sqlite3.OperationalError, OutboxUnavailable, JournalUnavailable) as error:
            log.warning("the outbox could not be copied, will try again: %s", error)
        except Exception:
            # A thread that ended would copy nothing ever again; watch tells that it does not get on.
            log.exception("the outbox could not be copied, will try again")
        if pulse.is_due:
            pulse.beat(copied, copied if is_done else copied + 1)
        if found < COPIED_AT_ONCE:
            stopped.wait(WAIT_S)
    copying.close()
    pulse.leave()


def climb_until(stopped: threading.Event, climber: Climber, pulse: Pulse) -> None:
    """Keep the clocks of open alarms in a thread of its own: a slow route must not delay a deadline."""
    while not stopped.is_set():
        looked_at = running = 0
        try:
            alarms = climber.alarms()
            running = len(alarms)
            looked_at = sum(climb(climber, alarm) for alarm in alarms)
        except JournalUnavailable as error:
            log.warning("deadlines could not be looked at, will try again: %s", error)
            running = looked_at + 1
        except Exception:
            # A thread that ended would keep no deadline ever again.
            log.exception("deadlines could not be looked at, will try again")
            running = looked_at + 1
        if pulse.is_due:
            pulse.beat(looked_at, running)
        stopped.wait(TICK_S)
    pulse.leave()


def climb(climber: Climber, alarm: str) -> bool:
    """Note the missed deadlines of one alarm; what fails for one never stops the others, and is tried again."""
    try:
        climber.look_at(alarm)
    except KeyErased:
        return True
    except Exception:
        log.exception("the deadlines of alarm %s could not be kept", alarm)
        return False
    return True


def supervise_until(stopped: threading.Event, supervisor: Supervisor, pulse: Pulse) -> None:
    """Watch over the kits in a thread of its own: however many are due, no route and no deadline waits for them."""
    is_seeded, looked_at = False, 0
    while not stopped.is_set():
        found = TURN + 1
        try:
            if not is_seeded:
                supervisor.seed()
                is_seeded = True
            found = supervisor.step()
            looked_at += found
        except JournalUnavailable as error:
            log.warning("kits could not be looked at, will try again: %s", error)
        except Exception:
            log.exception("kits could not be looked at, will try again")
        if pulse.is_due:
            pulse.beat(looked_at, looked_at + (found > TURN))
        # Where many are due the next turn follows at once, after a breath for other writers.
        stopped.wait(LOOK_S if found < TURN or found > TURN else 0.005)
    pulse.leave()


def is_receiving(signs: Signs, clock: Clock) -> bool:
    """Whether some intake is alive."""
    now_us = clock.now_us()
    return any(
        name.startswith("intake") and abs(now_us - beat.at_us) < INTAKE_HEARD_US
        for name, beat in signs.beats().items()
    )


_BEATS = (WORKER_BEAT, OUTBOX_BEAT, LADDER_BEAT, SUPERVISION_BEAT)


@click.command()
@config_option()
def main() -> None:
    """Route alarms, copy the outbox."""
    prepare()
    sys.setswitchinterval(SWITCH_S)
    config = Config.from_env()
    check_understood_here(config)
    clock, stopped = SystemClock(), threading.Event()
    when_told_to_end(stopped.set)
    # What takes long stands ready before it is this one's turn.
    journal = Journal.open(config, clock, KeyStore.open(config))
    locator = locator_of(config.zones_dir)
    turn = turn_of(config, "worker", clock)
    if wait_for_turn("worker", turn, config, clock, stopped):
        with holding("worker", turn):
            work(config, journal, locator, clock, stopped)
    turn.close()


def work(config: Config, journal: Journal, locator: Locator, clock: Clock, stopped: threading.Event) -> None:
    """All that one worker alone may do, until stopped."""
    signs = Signs(config, clock)
    canaries = CanaryDesk(journal, locator, config.canary_public_key)
    unheard: list[threading.Thread] = []
    # Systemd hears that this process gets on while all of its threads do.
    watchdog = Watchdog(clock, _BEATS, lambda: all(thread.is_alive() for thread in unheard), ALONE_S)
    pulses = [TurningPulse(signs, clock, name, watchdog) for name in _BEATS]
    settings, heartbeats = settings_of(config), Heartbeats(config)
    supervisor = Supervisor(journal, heartbeats, clock, settings, lambda: is_receiving(signs, clock))
    routing = Routing(journal, Router(journal, locator, clock), canaries, supervisor, pulses[0])
    follower = Follower(journal, "worker")
    copier = threading.Thread(
        target=copy_until, args=(stopped, config, journal, canaries, pulses[1]), name="outbox"
    )
    climbing = Climber(journal, Presence(config), clock)
    climber = threading.Thread(target=climb_until, args=(stopped, climbing, pulses[2]), name="ladder")
    waker = threading.Thread(
        target=push_until,
        args=(stopped, config, journal, clock, TurningPulse(signs, clock, "worker push", watchdog)),
        name="push",
    )
    watcher = threading.Thread(
        target=supervise_until, args=(stopped, supervisor, pulses[3]), name="supervision"
    )
    expirer = threading.Thread(target=expire_until, args=(stopped, config, journal, clock), name="expiring")
    rebuilder = threading.Thread(target=rebuild_until, args=(stopped, config, clock), name="nightly")
    prober = threading.Thread(
        target=probe_until,
        args=(stopped, config, journal, heartbeats, clock, settings.probe_s),
        name="probing",
    )
    auditor = threading.Thread(
        target=audit_until,
        args=(stopped, config, journal, clock, Pulse(signs, clock, "worker audit")),
        name="audit",
    )
    outside = _outside(stopped, config, journal, clock)
    others = (copier, climber, waker, watcher, expirer, rebuilder, prober, auditor, *outside)
    for thread in others:
        thread.start()
    # Where the figures are left alone, nobody expects their thread to be there.
    unheard += (expirer, rebuilder) if config.figures_by_night else (expirer,)
    say_ready("worker")
    route_until(stopped, follower, routing)
    for thread in others:
        thread.join()
    follower.close()
    pulses[0].leave()


def _outside(
    stopped: threading.Event, config: Config, journal: Journal, clock: Clock
) -> list[threading.Thread]:
    """Those who tell people and systems outside of the boards: nothing in an alarm waits for them."""
    return [
        threading.Thread(target=trace_until, args=(stopped, config, journal, clock), name="traces"),
        threading.Thread(target=remind_until, args=(stopped, config), name="reminding"),
        *tellers_of(stopped, config, journal, clock),
        *hearers_of(stopped, config, clock),
    ]


if __name__ == "__main__":
    main()
