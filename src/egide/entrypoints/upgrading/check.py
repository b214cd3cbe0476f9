"""What would happen if a release took the place of the one that runs here: found without changing anything."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.settings.file import path_in_force, read_file
from egide.common.text import _
from egide.entrypoints.doctor import kept
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding
from egide.entrypoints.upgrading.records import migrations_done, migrations_needed
from egide.entrypoints.upgrading.release import Package, installed_version, is_later
from egide.journal.engines.chosen import postgres
from egide.journal.engines.sqlite_schema import format_in

PACKAGE, JOURNAL, RECORDS, SETTINGS = "package", "journal", "records", "settings"
DISK, BACKUP, BESIDE, ROLLBACK = "disk", "backup", "beside", "rollback"
# What is wrong there keeps the release from starting at all.
STARTING = (JOURNAL, RECORDS, SETTINGS)
# What is made right before, so that little is lost where there is no other way back.
FRESH_S = 3600
NAMED = 5


class Step(msgspec.Struct, frozen=True):
    """From what lies here to a release. `pending` are changes of the records that it needs."""

    package: Package
    journal_format: int
    pending: tuple[str, ...]
    not_understood: tuple[str, ...]

    @property
    def is_refused(self) -> bool:
        """Whether the release would not start on what lies here."""
        return bool(self.not_understood) or self.journal_format > self.package.release.journal_format

    @property
    def breaking(self) -> tuple[str, ...]:
        """Those of the pending changes that the release of before cannot live with."""
        return tuple(name for name in self.pending if self.package.release.migrations[name])

    @property
    def is_one_way(self) -> bool:
        """Whether the release of before cannot read what this one leaves."""
        return bool(self.breaking) or self.journal_format < self.package.release.journal_format


def examine(config: Config, clock: Clock, package: Package) -> list[Finding]:
    """All that can be said before. Raises OSError, JournalUnavailable, NotSetUp."""
    step = _step(config, package)
    found = [*_package(package), *_journal(step), *_records(config, step), *_settings(package)]
    found += [*_disk(config, step), *_backup(config, clock, step)]
    return found if step.is_refused else [*found, _beside(step), _rollback(step)]


def _step(config: Config, package: Package) -> Step:
    journal_format = postgres(config).format() if config.journal else format_in(config.journal_db)
    known = package.release.migrations
    done, needed = migrations_done(config), migrations_needed(config)
    pending = tuple(name for name in known if name not in done) if done or config.app_db.exists() else ()
    return Step(package, journal_format, pending, tuple(sorted(needed - set(known))))


def _package(package: Package) -> Iterator[Finding]:
    """Which version would take whose place."""
    if not package.version:
        yield Finding(PACKAGE, OK, _("The release that this command belongs to, from no package."))
        return
    now = installed_version(package.name)
    values = {"name": package.name, "now": now, "version": package.version}
    if not now:
        text = _("{name} {version} is to come, and {name} is not installed here: is it the right package?")
        yield Finding(PACKAGE, LOOK, text.format(**values))
    elif now == package.version:
        yield Finding(PACKAGE, OK, _("{name} {version} is installed already.").format(**values))
    elif is_later(package.version, now):
        yield Finding(PACKAGE, OK, _("{name}: from {now} to {version}.").format(**values))
    else:
        text = _("{name}: back from {now} to {version} (apt-get install --allow-downgrades).")
        yield Finding(PACKAGE, LOOK, text.format(**values))


def _journal(step: Step) -> Iterator[Finding]:
    values = {"now": step.journal_format, "known": step.package.release.journal_format}
    if step.journal_format > step.package.release.journal_format:
        text = _(
            "journal.db has format {now}, this release reads up to {known} and would not start: restore a back-up of"
            " before, or keep the release that is here."
        )
        yield Finding(JOURNAL, WRONG, text.format(**values))
    elif step.journal_format < step.package.release.journal_format:
        text = _("journal.db goes from format {now} to {known} at the first start.")
        yield Finding(JOURNAL, LOOK, text.format(**values))
    else:
        text = _(
            "journal.db keeps its format ({now}); events of a kind that a release does not know stay and show."
        )
        yield Finding(JOURNAL, OK, text.format(**values))


def _records(config: Config, step: Step) -> Iterator[Finding]:
    if step.not_understood:
        text = _(
            "The records were changed in a way that this release cannot read ({names}), and it would not start: restore"
            " a back-up of before, or keep the release that is here."
        )
        yield Finding(RECORDS, WRONG, text.format(names=_some(step.not_understood)))
    elif not config.records and not config.app_db.exists():
        yield Finding(RECORDS, OK, _("There is no app.db here: nothing to change in it."))
    elif config.records and step.pending:
        text = _(
            "The records in PostgreSQL lack changes ({count}): {names}. Run `egide records prepare` of that release"
            " before its processes start."
        )
        yield Finding(
            RECORDS, LOOK, text.format(count=len(step.pending), names=_some(step.breaking or step.pending))
        )
    elif step.breaking:
        text = _(
            "app.db is changed at the first start ({count}); the release of before cannot read: {names}."
        )
        names = _some(step.breaking)
        yield Finding(RECORDS, LOOK, text.format(count=len(step.pending), names=names))
    elif step.pending:
        text = _("Something is added to app.db at the first start ({count}): {names}.")
        yield Finding(RECORDS, OK, text.format(count=len(step.pending), names=_some(step.pending)))
    else:
        yield Finding(RECORDS, OK, _("The records stay as they are."))


def _settings(package: Package) -> Iterator[Finding]:
    """Whether the file of settings would still be read: what a release does not know, it refuses."""
    file = read_file(path_in_force(os.environ))
    unknown = [key for key in file.values if key not in package.release.settings]
    if unknown:
        text = _("{file}: this release does not know {names} and would not start. Take that out before.")
        yield Finding(SETTINGS, WRONG, text.format(file=file.path, names=_some(unknown)))
    elif file.path is None:
        yield Finding(SETTINGS, OK, _("There is no file of settings."))
    else:
        text = _("{file}: this release knows every setting in it. Afterwards: egide settings --renew.")
        yield Finding(SETTINGS, OK, text.format(file=file.path))


def _disk(config: Config, step: Step) -> Iterator[Finding]:
    """Room for the files of both releases at once, for tables that are written anew, and for a back-up."""
    databases = sum(path.stat().st_size for path in (config.journal_db, config.app_db) if path.exists())
    # A table that is changed stands twice for a while, and once more in the log.
    rewritten = 2 * config.app_db.stat().st_size if step.pending and not config.records else 0
    wanted = {config.data_dir: databases + rewritten, Path(sys.prefix): step.package.size_bytes}
    by_disk: dict[int, tuple[Path, int]] = {}
    for place, size in wanted.items():
        device = place.stat().st_dev
        first, before = by_disk.get(device, (place, 0))
        by_disk[device] = first, before + size
    for place, size in by_disk.values():
        free = shutil.disk_usage(place).free
        values = {"place": place, "needed": -(-size // 2**20), "free": free >> 20}
        if size > free:
            text = _("{place}: {needed} MiB are needed for a while, {free} MiB are free. Make room before.")
            yield Finding(DISK, WRONG, text.format(**values))
        else:
            text = _("{place}: {needed} MiB are needed for a while, {free} MiB are free.")
            yield Finding(DISK, OK, text.format(**values))


def _backup(config: Config, clock: Clock, step: Step) -> Iterator[Finding]:
    """How much would be gone if the only way back were the last back-up."""
    age_s = kept.age_s(config, clock.now_us())
    if age_s is None or age_s == float("inf"):
        text = _("There is no back-up to go back to: set where they go, and run `egide backup` before.")
        yield Finding(BACKUP, WRONG if step.is_one_way else LOOK, text)
    elif age_s > FRESH_S:
        text = _("The last back-up is old (minutes: {minutes}): run `egide backup` right before.")
        yield Finding(BACKUP, LOOK, text.format(minutes=round(age_s / 60)))
    else:
        text = _("The last back-up is fresh (minutes: {minutes}).")
        yield Finding(BACKUP, OK, text.format(minutes=round(age_s / 60)))


def _beside(step: Step) -> Finding:
    if step.is_one_way:
        text = _(
            "The release of before cannot go on beside this one: let every process of it end before this one starts. On"
            " one machine the package does; meanwhile presses wait."
        )
        return Finding(BESIDE, LOOK, text)
    text = _(
        "The release of before can go on beside this one, so machines can be upgraded one after the other."
    )
    return Finding(BESIDE, OK, text)


def _rollback(step: Step) -> Finding:
    if step.is_one_way:
        text = _(
            "Going back means restoring a back-up of before under the release of before: what happened since then is"
            " gone, except what phones send again. It refuses to start on what this one leaves."
        )
        return Finding(ROLLBACK, LOOK, text)
    text = _(
        "Going back means installing the package of before again (apt-get install --allow-downgrades): it goes on with"
        " everything, keeps what it does not know, and does not show it on its pages."
    )
    return Finding(ROLLBACK, OK, text)


def _some(names: tuple[str, ...] | list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" (+{more})" if more > 0 else "")
