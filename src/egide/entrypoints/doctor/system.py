"""The system itself: zones, settings of connectors, versions, and the signs of life of its processes."""

import platform
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.database import SQLITE_VERSION
from egide.common.text import _
from egide.connectors.looking import went
from egide.connectors.registry import problems_of
from egide.entrypoints.cli.installing.went import sentence_of
from egide.entrypoints.cli.status import look_twice, serving_of
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding
from egide.entrypoints.upgrading.records import (
    migrations_done,
    migrations_known,
    migrations_needed,
    not_understood,
    of_egide,
)
from egide.geography.addresses.book import AddressBook, NoAddresses
from egide.geography.addresses.rows import AddressFileError
from egide.geography.zones import zone_path, zones_in_force
from egide.journal.now.signs import Signs
from egide.journal.service import Journal

ZONES, ADDRESSES, MAP, CONNECTORS, ROADS = "zones", "addresses", "map", "connectors", "roads"
VERSIONS, PROCESSES = "versions", "processes"
OLD_ZONES_DAYS = 400
OLD_ADDRESSES_DAYS = 200
OLD_MAP_DAYS = 400
DAY_NS = 86_400 * 10**9


def zones(config: Config, clock: Clock) -> Iterator[Finding]:
    """Whether alarms are placed by the official zones, and since when these are in force."""
    path, changed_ns = zone_path(config.zones_dir)
    found = zones_in_force(path)
    if found.problem:
        text = _(
            "The imported zones cannot be read ({why}), the reference set is in force: import them again."
        )
        yield Finding(ZONES, WRONG, text.format(why=found.problem))
        return
    days = (clock.now_us() * 1000 - changed_ns) // DAY_NS
    if not found.is_official:
        text = _("The reference zones are in force: import the official file (egide zones import).")
        yield Finding(ZONES, LOOK, text)
    elif days > OLD_ZONES_DAYS:
        text = _("The zones were imported long ago (days: {days}): ask whether there are newer ones.")
        yield Finding(ZONES, LOOK, text.format(days=days))
    else:
        yield Finding(ZONES, OK, _("Official zones (days since the import: {days}).").format(days=days))


def addresses(config: Config, clock: Clock) -> Iterator[Finding]:
    """Whether boards can say an address, and since when the list is in force."""
    try:
        about = AddressBook(config.addresses_file).about()
    except NoAddresses:
        text = _("Boards name no streets: import the authority's list (egide addresses import).")
        yield Finding(ADDRESSES, LOOK, text)
        return
    except AddressFileError as error:
        yield Finding(ADDRESSES, WRONG, str(error))
        return
    days = (clock.now_us() // 1_000_000 - about["made_at_s"]) // 86_400
    if days > OLD_ADDRESSES_DAYS:
        text = _("The addresses were imported long ago (days: {days}): fetch a newer list, and import it.")
        yield Finding(ADDRESSES, LOOK, text.format(days=days))
    else:
        text = _("Streets can be named: {streets} (days since the import: {days}).")
        yield Finding(ADDRESSES, OK, text.format(streets=about["streets"], days=days))


def maps(config: Config, clock: Clock) -> Iterator[Finding]:
    """Whether boards can draw streets, and since when that map is in force."""
    if find_spec("pmtiles") is None:
        # A machine for intake alone has no pages.
        return
    # Loaded by whoever has pages alone.
    from egide.geography.tiles.archive import STREETS, MapFileError, NoMap, about

    path = config.map_file(STREETS)
    try:
        found = about(path)
    except NoMap:
        text = _("Boards draw no streets: import the authority's map (egide map import).")
        yield Finding(MAP, LOOK, text)
        return
    except MapFileError as error:
        yield Finding(MAP, WRONG, _("{why} Import the map again.").format(why=error))
        return
    days = (clock.now_us() * 1000 - path.stat().st_mtime_ns) // DAY_NS
    if days > OLD_MAP_DAYS:
        text = _("The map was imported long ago (days: {days}): make a newer one, and import it.")
        yield Finding(MAP, LOOK, text.format(days=days))
    else:
        text = _("Streets can be drawn: {size} MB (days since the import: {days}).")
        yield Finding(MAP, OK, text.format(size=f"{found.bytes / 1e6:.1f}", days=days))


def connectors(config: Config) -> Iterator[Finding]:
    """What is wrong with the settings of roads outside."""
    problems = problems_of(config)
    for name, problem in problems:
        yield Finding(CONNECTORS, WRONG, f"{name}: {problem}")
    if not problems:
        yield Finding(CONNECTORS, OK, _("The settings of the connectors fit."))


def roads(config: Config, clock: Clock) -> Iterator[Finding]:
    """How each road outside went last, as far as its processes said. It is worth a look where that failed, and no more:
    the next one may go through, and what stays away is found by `watch`."""
    # It says what is missing where there are no tables yet.
    Journal.open(config, clock)
    for one in went(config, Signs(config, clock)):
        if one.came is not None:
            yield Finding(ROADS, OK if one.came.is_well else LOOK, f"{one.road}: {sentence_of(one)}")


def versions(config: Config) -> Iterator[Finding]:
    """What runs here, and whether a newer Egide has written to the records."""
    words = f"Egide {version('egide')}, Python {platform.python_version()}, SQLite {SQLITE_VERSION}"
    later = of_egide(migrations_done(config)) - migrations_known()
    needed = sorted(later & migrations_needed(config))
    if needed:
        yield Finding(VERSIONS, WRONG, not_understood(needed[0]))
    elif later:
        text = _(
            "A later Egide has added to the records ({name}): this release goes on, and shows nothing of it. Install"
            " that one again when you can."
        )
        yield Finding(VERSIONS, LOOK, text.format(name=min(later)))
    else:
        yield Finding(VERSIONS, OK, words)


def processes(config: Config, clock: Clock) -> Iterator[Finding]:
    """Which of them are silent, and what watch finds wrong; alarms that nobody painted are counted, not named."""
    # It says what is missing where there are no tables yet.
    Journal.open(config, clock)
    signs = Signs(config, clock)
    silent = [line.name for line in look_twice(signs, clock, serving_of(config)) if not line.is_heard]
    wrong = sorted({trouble.kind for trouble in signs.troubles()})
    if silent:
        text = _("Silent: {names}. Start them, and see their logs.")
        yield Finding(PROCESSES, WRONG, text.format(names=", ".join(silent)))
    if wrong:
        text = _("watch finds wrong: {parts}. See docs/operations, EgideChainTrouble.")
        yield Finding(PROCESSES, WRONG, text.format(parts=", ".join(wrong)))
    if not silent and not wrong:
        yield Finding(PROCESSES, OK, _("Every process is heard, and watch finds nothing wrong."))
