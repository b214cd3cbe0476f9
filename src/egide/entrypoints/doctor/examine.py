"""All checks in the order in which an administrator mends things; one that fails is itself a finding."""

from collections.abc import Callable, Iterator

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.entrypoints.doctor import finding as f
from egide.entrypoints.doctor import kept, machine, outside, system
from egide.entrypoints.doctor.certificate_files import certificate_files
from egide.entrypoints.doctor.database import CHECK as DATABASE
from egide.entrypoints.doctor.database import KEPT, KNOWN, RECORDS, database, known, records
from egide.entrypoints.doctor.database import kept as kept_messages
from egide.entrypoints.doctor.database_backups import CHECK as DATABASE_BACKUP
from egide.entrypoints.doctor.database_backups import database_backups
from egide.entrypoints.doctor.keys import CHECK as KEYS
from egide.entrypoints.doctor.keys import keys
from egide.entrypoints.doctor.proxies import PROXIES, proxies
from egide.entrypoints.doctor.signature import SIGNATURE, signature
from egide.entrypoints.doctor.signing_in import CHECK as SIGN_IN
from egide.entrypoints.doctor.signing_in import emergency_accounts
from egide.journal.errors import JournalError, LaterJournal
from egide.journal.service import Journal

# The same answer for as long: what is asked over the network must not be a way to keep a disk busy.
FRESH_US = 60_000_000
Check = tuple[str, Callable[[], Iterator[f.Finding]]]


def examine(
    config: Config, clock: Clock, *, is_outside: bool = True, is_sending: bool = False
) -> list[f.Finding]:
    """Everything that can be told; with `is_outside` also by asking names, certificates and the second road.

    Raises LaterJournal.
    """
    checks: list[Check] = [
        (KEYS, lambda: keys(config)),
        (machine.CLOCK, lambda: machine.clock(config, clock, Journal.open(config, clock))),
        (machine.DISK, lambda: machine.disk(config)),
        (machine.DURABLE, lambda: machine.durable(config)),
        (DATABASE, lambda: database(config)),
        (KEPT, lambda: kept_messages(config, clock)),
        (KNOWN, lambda: known(config, clock)),
        (RECORDS, lambda: records(config)),
        (kept.BACKUP, lambda: kept.backup(config, clock)),
        (DATABASE_BACKUP, lambda: database_backups(config, clock)),
        (kept.PLACE, lambda: kept.second_place(config, clock)),
        (SIGN_IN, lambda: emergency_accounts(config, clock)),
        (system.ZONES, lambda: system.zones(config, clock)),
        (system.ADDRESSES, lambda: system.addresses(config, clock)),
        (system.MAP, lambda: system.maps(config, clock)),
        (SIGNATURE, lambda: signature(config, clock)),
        (system.CONNECTORS, lambda: system.connectors(config)),
        (system.ROADS, lambda: system.roads(config, clock)),
        (system.VERSIONS, lambda: system.versions(config)),
        (system.PROCESSES, lambda: system.processes(config, clock)),
    ]
    if is_outside:
        checks += [
            (outside.NAMES, lambda: outside.names(config)),
            (outside.CERTIFICATES, lambda: outside.certificates(config, clock)),
            (outside.CERTIFICATES, lambda: certificate_files(config, clock)),
            (PROXIES, lambda: proxies(config)),
            (outside.ROAD, lambda: outside.second_road(config, clock, is_sending)),
            (outside.MAIL, lambda: outside.reminders(config)),
        ]
    return [one for check in checks for one in _examined(*check)]


def _examined(name: str, check: Callable[[], Iterator[f.Finding]]) -> list[f.Finding]:
    try:
        return list(check())
    except LaterJournal:
        raise
    except NotSetUp as error:
        return [f.Finding(name, f.WRONG, str(error))]
    except (OSError, JournalError) as error:
        return [f.Finding(name, f.WRONG, _("This cannot be looked at: {why}.").format(why=error))]


class Examined:
    """What can be told without leaving the machine, at most a minute old. Used by several threads."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._found: tuple[int, list[f.Finding]] | None = None

    def __call__(self) -> list[f.Finding]:
        now_us = self._clock.steady_us()
        if self._found is None or now_us - self._found[0] > FRESH_US:
            self._found = now_us, examine(self._config, self._clock, is_outside=False)
        return self._found[1]
