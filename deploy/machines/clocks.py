"""Clocks of one machine that are wrong. All machines share the clock of their host, and no namespace holds the time of
day: so the processes of some units alone see another one, by libfaketime, and the true steady clock."""

from collections.abc import Sequence
from pathlib import Path

from deploy.machines.machine import Machine

# By how much they are wrong, as libfaketime reads it.
CLOCK = Path("etc/egide-clock")
RIGHT = "+0"
_ENVIRONMENT = (
    "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    f"FAKETIME_TIMESTAMP_FILE=/{CLOCK} FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_CACHE_DURATION=1",
    "FAKETIME_DISABLE_SHM=1 DONT_FAKE_MONOTONIC=1",
)


def let_be_wrong(machine: Machine, units: Sequence[str], again: str) -> None:
    """From now on these units read their clock through the file; `again` is the shell that starts them anew."""
    lines = "\\n".join(f"Environment={words}" for words in _ENVIRONMENT)
    drop_ins = [
        f"mkdir -p /etc/systemd/system/{unit}.d\n"
        f"printf '[Service]\\n{lines}\\n' >/etc/systemd/system/{unit}.d/90-clock.conf"
        for unit in units
    ]
    install = "apt-get install -y -qq --no-install-recommends libfaketime >/dev/null"
    machine.sh("\n".join((install, f"echo {RIGHT} >/{CLOCK}", *drop_ins, "systemctl daemon-reload", again)))
    machine.wait_until_whole()


def set_clock(machine: Machine, ahead: str) -> None:
    """`ahead` in libfaketime's words: +7200, +2h."""
    (machine.root / CLOCK).write_text(f"{ahead}\n")
