"""The machine's clock, and the disk: room, kind, and whether it seems to keep what it says that it has written."""

import ctypes
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding
from egide.journal.service import Journal

CLOCK, DISK, DURABLE = "clock", "disk", "durable"
# What the journal may lie ahead of the clock, and a file of another machine beside it.
AHEAD_S, APART_S = 5, 2
WRONG_FREE_BYTES, LOOK_FREE_BYTES = 2**30, 5 * 2**30
WRONG_FREE_SHARE, LOOK_FREE_SHARE = 0.03, 0.10
# A turn of a magnetic disk takes 4 to 11 ms, flash without a capacitor 0.5 ms and more.
QUICK_MS, SLOW_MS = 0.05, 50.0
TRIES = 9
_FORGETS = ("tmpfs", "ramfs", "devtmpfs")
_REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "ceph", "glusterfs", "sshfs")
_UNSAFE = ("nobarrier", "barrier=0", "data=writeback", "unsafe")
_STA_UNSYNC = 0x40


def clock(config: Config, now: Clock, journal: Journal) -> Iterator[Finding]:
    """As far as one machine can tell by itself: by the kernel, by the journal, by the file system."""
    last = journal.read_clear(journal.head() - 1, 1)
    ahead_s = (last[0].at_us - now.now_us()) / 1e6 if last else 0.0
    if ahead_s > AHEAD_S:
        text = _(
            "The clock is behind the journal (seconds: {seconds}): it was set back. Set it, then see NTP."
        )
        yield Finding(CLOCK, WRONG, text.format(seconds=round(ahead_s)))
        return
    with tempfile.NamedTemporaryFile(dir=config.data_dir, prefix="doctor-") as file:
        apart_s = abs(os.fstat(file.fileno()).st_mtime_ns / 1e9 - now.now_us() / 1e6)
    if apart_s > APART_S:
        text = _("Clock and file system disagree (seconds: {seconds}): see the clocks of both machines.")
        yield Finding(CLOCK, LOOK, text.format(seconds=round(apart_s)))
    elif is_synchronised() is False:
        yield Finding(
            CLOCK, LOOK, _("Nothing keeps the clock: switch on systemd-timesyncd or chrony (timedatectl).")
        )
    else:
        yield Finding(CLOCK, OK, _("The clock agrees with journal and file system."))


def is_synchronised() -> bool | None:
    """Whether the kernel says that somebody keeps its clock (adjtimex(2), mode 0 asks only); None if
    it does not say."""
    buffer = ctypes.create_string_buffer(512)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    # struct timex: modes (int), offset, freq, maxerror, esterror (long), then status (int).
    status = ctypes.c_int.from_buffer(buffer, 5 * ctypes.sizeof(ctypes.c_long)).value
    return None if state == -1 else not status & _STA_UNSYNC


def disk(config: Config) -> Iterator[Finding]:
    """Room for the journal, and for one back-up beside it."""
    usage = shutil.disk_usage(config.data_dir)
    databases = (path for path in (config.journal_db, config.app_db) if path.exists())
    yield room(usage.free, usage.total, sum(path.stat().st_size for path in databases))


def room(free: int, total: int, needed: int) -> Finding:
    """What so much room is worth (bytes), where a back-up needs so much of it for a while."""
    values = {"free": free >> 20, "total": total >> 20, "needed": needed >> 20}
    if free < min(WRONG_FREE_BYTES, total * WRONG_FREE_SHARE):
        text = _(
            "The disk is nearly full ({free} of {total} MiB free): make room now, or presses are refused."
        )
        return Finding(DISK, WRONG, text.format(**values))
    if free < max(min(LOOK_FREE_BYTES, total * LOOK_FREE_SHARE), 2 * needed):
        text = _(
            "The disk fills up ({free} of {total} MiB free; a back-up needs {needed} for a while): make room."
        )
        return Finding(DISK, LOOK, text.format(**values))
    return Finding(DISK, OK, _("{free} of {total} MiB free.").format(**values))


def durable(config: Config) -> Iterator[Finding]:
    """Whether what was confirmed is likely there after a cut of the power. Nobody can prove it but by pulling the
    plug.
    """
    kind, options = mounted(config.data_dir)
    values = {"kind": kind, "options": ", ".join(sorted(options & set(_UNSAFE)))}
    if kind in _FORGETS:
        text = _("The data lies in memory ({kind}): a cut of the power loses all of it. Move it to a disk.")
        yield Finding(DURABLE, WRONG, text.format(**values))
    elif kind in _REMOTE or kind.startswith("fuse."):
        text = _(
            "The data lies on {kind}, on which SQLite can lose events: move it to a disk of this machine."
        )
        yield Finding(DURABLE, WRONG, text.format(**values))
    elif values["options"]:
        text = _("The disk is mounted with {options}: what was confirmed can be lost. Mount it without.")
        yield Finding(DURABLE, WRONG, text.format(**values))
    else:
        yield _timed(statistics.median(forced_ms(config.data_dir)), kind)


def _timed(median_ms: float, kind: str) -> Finding:
    values = {"ms": round(median_ms, 3), "kind": kind}
    if median_ms < QUICK_MS:
        text = _(
            "fdatasync takes {ms} ms on {kind}: too quick for a disk that really writes, unless its cache keeps its"
            " power. Ask its maker or host, and pull the plug once."
        )
        return Finding(DURABLE, LOOK, text.format(**values))
    if median_ms > SLOW_MS:
        text = _("fdatasync takes {ms} ms on {kind}: presses wait for it. See what else writes to this disk.")
        return Finding(DURABLE, LOOK, text.format(**values))
    return Finding(DURABLE, OK, _("fdatasync takes {ms} ms on {kind}.").format(**values))


def forced_ms(folder: Path) -> list[float]:
    """How long it takes, some times in a row, until the disk says that it has written 4 KiB."""
    found = []
    with tempfile.NamedTemporaryFile(dir=folder, prefix="doctor-") as file:
        for _number in range(TRIES):
            os.pwrite(file.fileno(), os.urandom(4096), 0)
            begun = time.monotonic()
            os.fdatasync(file.fileno())
            found.append((time.monotonic() - begun) * 1000)
    return found


def mounted(folder: Path) -> tuple[str, set[str]]:
    """Kind and options of the file system that holds this folder (proc(5), /proc/PID/mountinfo)."""
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        fields, _dash, rest = line.partition(" - ")
        words, (kind, _source, options) = fields.split(), rest.split(" ", 2)
        if words[2] == wanted:
            return kind, {*words[5].split(","), *options.split(",")}
    return "?", set()
