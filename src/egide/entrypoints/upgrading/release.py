"""What a release reads and writes, told without starting it: `make deb` puts it into the package as `release.json`.

`python -m egide.entrypoints.upgrading.release` prints that of this code.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import msgspec

import egide.alarm.events  # noqa: F401  the alarm's events become known to REGISTRY
from egide.common.config import Config
from egide.common.settings import settings_of
from egide.common.settings.file import keys_of
from egide.common.text import _
from egide.events import REGISTRY
from egide.journal.schema import FORMAT

FILE_NAME, STDIN = "release.json", "-"
MODULE = "egide.entrypoints.upgrading.release"
# Long enough for a machine that is busy with something else.
WITHIN_S = 120


class UpgradeRefused(Exception):
    """Nothing can be said of this package; the message says why."""


class Release(msgspec.Struct, frozen=True):
    """`migrations` by APP.NAME: whether the release before it cannot live with it. `settings` are the keys of the
    file, `events` the kinds that are known."""

    journal_format: int
    migrations: dict[str, bool]
    settings: tuple[str, ...]
    events: tuple[str, ...]


class Package(msgspec.Struct, frozen=True):
    """A release in its Debian package; of this code, where it runs from no package, without name and version."""

    release: Release
    name: str = ""
    version: str = ""
    size_bytes: int = 0


def this_release() -> Release:
    """That of this code. Raises UpgradeRefused."""
    # Django reads its settings once and knows one app.db: this belongs into a process of its own.
    ended = subprocess.run([sys.executable, "-m", MODULE], capture_output=True, timeout=WITHIN_S, check=False)
    if ended.returncode != 0:
        text = _("This release cannot be read: {why}")
        raise UpgradeRefused(text.format(why=ended.stderr.decode(errors="replace")[-500:]))
    return msgspec.json.decode(ended.stdout, type=Release)


def read_package(file: Path) -> Package:
    """The release in a Debian package of Egide, or what one says of itself (`-`: on standard input). Raises
    UpgradeRefused."""
    if str(file) == STDIN:
        return Package(_decoded(sys.stdin.buffer.read(), file))
    if not file.exists():
        raise UpgradeRefused(_("{file} is not there.").format(file=file))
    if shutil.which("dpkg-deb") is None:
        raise UpgradeRefused(_("dpkg-deb is not here: look at a package on the machine that it is for."))
    fields = _said("dpkg-deb", "--show", "--showformat=${Package}\n${Version}\n${Installed-Size}", str(file))
    if fields is None:
        raise UpgradeRefused(_("{file} is no Debian package.").format(file=file))
    name, version, size_kib = fields.decode().split("\n")
    if not name.startswith("egide"):
        raise UpgradeRefused(_("{file} is no package of Egide, but of {name}.").format(file=file, name=name))
    told = _said("dpkg-deb", "--info", str(file), FILE_NAME)
    if told is None:
        text = _("{file} does not say what is in it: it is older than this check.")
        raise UpgradeRefused(text.format(file=file))
    return Package(_decoded(told, file), name, version, int(size_kib or 0) * 1024)


def _decoded(told: bytes, file: Path) -> Release:
    try:
        return msgspec.json.decode(told, type=Release)
    except msgspec.DecodeError as error:
        raise UpgradeRefused(_("{file} cannot be read: {why}.").format(file=file, why=error)) from error


def installed_version(name: str) -> str:
    """That of dpkg for this package; empty where it is not installed or nobody can say."""
    if not name or shutil.which("dpkg-query") is None:
        return ""
    said = _said("dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", name) or b""
    status, _space, version = said.decode().partition(" ")
    return version if status == "installed" else ""


def is_later(one: str, other: str) -> bool:
    """Whether one version comes after another, by dpkg's own rules."""
    return _said("dpkg", "--compare-versions", one, "gt", other) is not None


def _said(*command: str) -> bytes | None:
    """What a command prints; None where it fails."""
    ended = subprocess.run(command, capture_output=True, check=False)
    return ended.stdout if ended.returncode == 0 else None


def _migrations() -> dict[str, bool]:
    """A machine for intake alone has no pages and no tables of theirs."""
    if find_spec("django") is None:
        return {}
    with tempfile.TemporaryDirectory(prefix="egide-release-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "egide.entrypoints.settings",
            "EGIDE_CONFIG": os.devnull,
            "EGIDE_DATA": folder,
            "EGIDE_DEMO": "1",
            "EGIDE_JOURNAL": "",
            "EGIDE_RECORDS": "",
            "EGIDE_WEB_ORIGINS": "http://localhost",
        }
        import django

        django.setup()
        from django.db import connection
        from django.db.migrations.executor import MigrationExecutor

        from egide.entrypoints.upgrading.migrations import breaking

        found = breaking(MigrationExecutor(connection))
        connection.close()
        return found


def main() -> None:
    """Print what this code reads and writes."""
    keys = keys_of(settings_of(Config))
    found = Release(FORMAT, _migrations(), tuple(sorted(keys)), tuple(sorted(REGISTRY)))
    sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")


if __name__ == "__main__":
    main()
