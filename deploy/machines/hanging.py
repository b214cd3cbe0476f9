"""A database that hangs and breaks nothing off: every process of PostgreSQL on one machine is stopped, but not Patroni
beside it, and the kernel goes on confirming packets in its name."""

import contextlib
import time
from collections.abc import Iterator

from deploy.machines.machine import Machine, until
from deploy.machines.three import followers, leader

POSTMASTER = "/var/lib/postgresql/egide/data/postmaster.pid"
STOPPED_WITHIN_S = 10.0
# So long whoever woke up behind another leader is asked to write, unless it follows before.
WAKES_S = 60.0
# None begins behind the first one, which is stopped before the others. One that just ends cannot be.
_STOP = f"""first=$(head -n 1 {POSTMASTER})
kill -STOP "$first"
all="$first $(cat "/proc/$first/task/$first/children")"
kill -STOP $all 2>/dev/null || true
echo $all"""
# PostgreSQL runs in the unit of Patroni, and so does whatever was started of it meanwhile.
_GO_ON = "systemctl kill --kill-whom=all --signal=CONT patroni.service"
# A line in the log of the database and in no table, which waits for a standby as any other commit does.
_WRITE = """cd /
timeout 2 runuser -u postgres -- psql -XAtqc "SELECT pg_logical_emit_message(true, 'awake', '')" """


@contextlib.contextmanager
def hanging(machine: Machine) -> Iterator[int]:
    """Within this context no process of its PostgreSQL does anything; how many they are. Raises AssertionError."""
    try:
        processes = machine.sh(_STOP).split()
        until(
            f"a database that was stopped goes on: {processes}",
            lambda: all(state_of(machine, one) in ("T", "Z", "") for one in processes),
            STOPPED_WITHIN_S,
        )
        yield len(processes)
    finally:
        machine.tried(_GO_ON)


def state_of(machine: Machine, process: str) -> str:
    """One letter (proc(5)): R, S, T for stopped, Z for dead; nothing where there is no such process."""
    return machine.tried(f"sed 's/.*) \\(.\\).*/\\1/' /proc/{process}/stat 2>/dev/null || true")[1].strip()


def refused_when_awake(machine: Machine, witness: Machine) -> int:
    """How often this machine, which led before another one did, was asked to write until it followed, and did not.

    Raises AssertionError where it confirmed one.
    """
    name, began_s, refused = f"egide{machine.number}", time.monotonic(), 0
    while name not in followers(witness) and time.monotonic() - began_s < WAKES_S:
        confirms = _confirms_a_write(machine)
        assert not confirms or leader(witness) == name, f"{name} woke up, does not lead, and takes writes"
        refused += 1
    return refused


def _confirms_a_write(machine: Machine) -> bool:
    """A warning says that it has the commit alone, which nobody takes for one."""
    code, said = machine.tried(_WRITE)
    return code == 0 and "WARNING" not in said
