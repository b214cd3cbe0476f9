"""An installation with a second place and a place for back-ups, and the key that opens them kept apart."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from egide.alarm.events import AlarmClosed, NoteAdded
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.demo.world import Phone, World
from egide.entrypoints.backup.archive import read_archive
from egide.events.register import KitReturned
from egide.journal.ending import erasing
from egide.journal.proof.checkpoints import CheckpointKeeper
from egide.journal.service import Journal
from tests.support.commands import Answer, run


class Kept:
    """What lies outside of the machine: `safe` has the keys, `place` the copies of checkpoints, `backups` the
    back-ups.
    """

    def __init__(self, tmp_path: Path, config: Config) -> None:
        self.safe, self.place, self.backups = (tmp_path / name for name in ("safe", "place", "backups"))
        for folder in (self.safe, self.place, self.backups):
            folder.mkdir()
        self.key = self.safe / "backup.key"
        self.master = self.safe / "master.key"
        made = run(config, "keys", "backup", str(self.key))
        assert made.returncode == 0, made.stderr
        recipient = made.stdout.strip().removeprefix("EGIDE_BACKUP_RECIPIENT=")
        self.config = replace(
            config, backup_to=str(self.backups), backup_recipient=recipient, checkpoints_to=str(self.place)
        )

    def keep_master(self) -> None:
        """A copy of the master key goes to the safe, as somebody does when an installation is set up."""
        shutil.copyfile(self.config.data_dir / "master.key", self.master)

    def watch(self) -> None:
        """What watch does within seconds: it signs, and copies to the second place."""
        clock = SystemClock()
        CheckpointKeeper(self.config, Journal.open(self.config, clock), clock).step(is_last=True)

    def back_up(self) -> Path:
        """A new back-up; returns its file."""
        made = run(self.config, "backup", "--json")
        assert made.returncode == 0, made.stderr
        return Path(json.loads(made.stdout)["file"])

    def restore(self, file: Path, to: Path, *more: str, **named: Path | None) -> Answer:
        """The command as an administrator gives it; `named` replaces one of its files, None leaves it out."""
        files = {"key": self.key, "master": self.master, "second_place": self.place, **named}
        options = [
            word
            for name, path in files.items()
            if path is not None
            for word in (f"--{name.replace('_', '-')}", str(path))
        ]
        config = replace(self.config, data_dir=to)
        return run(config, "restore", str(file), "--to", str(to), *options, *more)

    def content(self, file: Path) -> dict[str, bytes]:
        """What a back-up holds, by name."""
        found: dict[str, bytes] = {}
        with file.open("rb") as sealed:
            read_archive(sealed, self.key, lambda name, content: found.update({name: content.read()}))
        return found


def ended(installation: World, text: str = "-") -> tuple[Phone, str]:
    """An alarm that is over, and the kit back."""
    phone = installation.enrol()
    alarm = installation.open_alarm(phone)
    installation.act(alarm, NoteAdded(user="op", text=text))
    installation.act(alarm, AlarmClosed(user="op", outcome="arrest", reason="-"))
    installation.append(f"kit:{phone.kit}", KitReturned(kit=phone.kit), case=phone.case)
    return phone, alarm


def erased(installation: World, case: str) -> None:
    """Two people erase it."""
    for person in ("dpo-1", "magistrate-1"):
        erasing.do_erase(installation.journal, case, person)


def found_in(directory: Path, needle: bytes) -> list[str]:
    """The files below a directory that hold these bytes.

    Read by another process: closing a file drops this process's locks on it (POSIX), and SQLite relies on them.
    """
    files = [path for path in sorted(directory.rglob("*")) if path.is_file()]
    return [
        path.name for path in files if needle in subprocess.run(["cat", path], capture_output=True).stdout
    ]
