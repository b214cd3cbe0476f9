"""Where an installation is made: its file of settings and its data directory, taken whole, or left as they were.

The file of settings is put into its place last. So an installation is there with all it needs or not at all, and `init`
that was ended in the middle goes on where it was.
"""

import contextlib
import errno
import fcntl
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from egide.common.files import sync_folder
from egide.common.settings import NotSetUp
from egide.common.settings.file import read_file
from egide.common.text import _
from egide.entrypoints.cli.refusing import CommandRefused

MARKER = "init.unfinished"
ACCOUNT = "egide"
_FILE_MODE, _OWN_DIRECTORY = 0o640, 0o700
# Under systemd the accounts of one group share the journal: new files belong to that group, and each takes away only
# its own (decision 0049).
_SHARED_DIRECTORY, _SHARED_UMASK = 0o3770, 0o007
# What an administrator is told of, in this order.
_TOLD = ("master.key", "keys.db", "journal.db", "app.db")


def account_for(name: str | None) -> pwd.struct_passwd | None:
    """Whose the data are, where root makes them; None: whoever gives the command. Raises CommandRefused."""
    if os.geteuid() != 0:
        if name is not None:
            raise CommandRefused(
                _("Only root makes an installation for another account: leave --account out.")
            )
        return None
    try:
        return pwd.getpwnam(name or ACCOUNT)
    except KeyError:
        if name is None:
            return None
        raise CommandRefused(_("There is no account {name} on this machine.").format(name=name)) from None


class Places:
    """The file `config` and the directory `data`, which belong to `account` where root makes them."""

    def __init__(self, config: Path, data: Path, account: pwd.struct_passwd | None) -> None:
        self.config = config
        self.data = data
        self._account = account
        self._draft = config.with_name(f"{config.name}.new")

    def check_new(self) -> None:
        """Raises CommandRefused where there is an installation, or something else."""
        if os.path.lexists(self.config):
            raise CommandRefused(self._what_is_there())
        if not self.data.exists():
            return
        if not self.data.is_dir():
            raise CommandRefused(_("{data} is no directory.").format(data=self.data))
        status = self.data.stat()
        if status.st_uid != (self._account.pw_uid if self._account else os.geteuid()):
            text = _("{data} belongs to another account. Name another directory with --data.")
            raise CommandRefused(text.format(data=self.data))
        if any(self.data.iterdir()) and not (self.data / MARKER).exists():
            text = _(
                "{data} holds {found}, which no unfinished `egide init` has left: nothing was changed. Name another"
                " directory with --data, or bring {config} back from its copy."
            )
            raise CommandRefused(text.format(data=self.data, found=_found(self.data), config=self.config))

    def _what_is_there(self) -> str:
        """An unfinished mark is gone with it: this file comes last."""
        text = _(
            "{config} is there already, and nothing was changed: its data are in {data}, which holds {found}. For"
            " another installation name another file with --config and another directory with --data."
        )
        try:
            data = Path(str(read_file(self.config).values["data"]))
        except (NotSetUp, KeyError) as error:
            why = error if isinstance(error, NotSetUp) else _("It names no data directory.")
            return _("{config} is there already, and nothing was changed. {why}").format(
                config=self.config, why=why
            )
        with contextlib.suppress(OSError):
            (data / MARKER).unlink()
        return text.format(config=self.config, data=data, found=_found(data))

    @contextmanager
    def drafted(self, text: str) -> Iterator[None]:
        """The file of settings lies beside its place meanwhile. Raises CommandRefused: not allowed, somebody else."""
        try:
            _do_make_public(self.config.parent)
            descriptor = os.open(self._draft, os.O_RDWR | os.O_CREAT, _FILE_MODE)
        except OSError as error:
            raise _not_written(self.config, error) from error
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CommandRefused(_("Another `egide init` is at work here.")) from None
            # Who came too late may hold what another has put into its place meanwhile.
            self.check_new()
            os.ftruncate(descriptor, 0)
            file.write(text)
            file.flush()
            if self._account:
                os.fchown(descriptor, 0, self._account.pw_gid)
            os.fchmod(descriptor, _FILE_MODE)
            os.fsync(descriptor)
            yield

    def owner(self) -> dict[str, Any]:
        """What `subprocess` needs to start a process of whose the data are."""
        if self._account is None:
            return {}
        name, group = self._account.pw_name, self._account.pw_gid
        return {
            "user": name,
            "group": group,
            "extra_groups": os.getgrouplist(name, group),
            "umask": _SHARED_UMASK,
        }

    def do_begin(self) -> None:
        """Make the data directory, with the mark that it is not finished. Raises CommandRefused."""
        try:
            _do_make_public(self.data.parent)
            self.data.mkdir(mode=_OWN_DIRECTORY, exist_ok=True)
            if self._account:
                os.chown(self.data, self._account.pw_uid, self._account.pw_gid)
            self.data.chmod(_SHARED_DIRECTORY if self._account else _OWN_DIRECTORY)
            (self.data / MARKER).touch(mode=0o600)
            sync_folder(self.data)
        except OSError as error:
            raise _not_written(self.data, error) from error

    def do_finish(self) -> None:
        """The file of settings takes its place, and nobody's is replaced. Raises CommandRefused."""
        try:
            os.link(self._draft, self.config)
            self._draft.unlink()
            sync_folder(self.config.parent)
            (self.data / MARKER).unlink()
        except OSError as error:
            raise _not_written(self.config, error) from error


def is_unfinished(data: Path) -> bool:
    """Whether `init` has begun to make it and was ended."""
    return (data / MARKER).exists()


def free_file(path: Path) -> int:
    """A descriptor of a new file that its owner alone reads. Raises CommandRefused."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    except OSError as error:
        raise _not_written(path, error) from error


def _do_make_public(folder: Path) -> None:
    """Make what is missing so that others get through: what lies in it has rights of its own."""
    if not folder.exists():
        _do_make_public(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)


def _found(data: Path) -> str:
    found = [name for name in _TOLD if os.access(data / name, os.F_OK)]
    return ", ".join(found) or _("none of an installation's files")


def _not_written(path: Path, error: OSError) -> CommandRefused:
    if error.errno in (errno.EACCES, errno.EPERM):
        text = _("{path} cannot be written by this account: give the command as root, or name another place.")
        return CommandRefused(text.format(path=path))
    return CommandRefused(_("{file} cannot be written: {why}").format(file=path, why=error.strerror))
