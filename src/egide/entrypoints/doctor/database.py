"""Whether PostgreSQL keeps what it confirms, has all that came, and lets no process do more than it has to: journal and
records."""

from collections.abc import Iterator

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.postgres.server import Server
from egide.common.text import _
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding
from egide.journal.now.kept import facts as kept_facts
from egide.journal.now.kept import file_of as kept_file
from egide.journal.now.known import facts as known_facts

CHECK, KEPT, KNOWN, RECORDS = "database", "kept", "known", "records"
_OLD_MINUTES = 5


def database(config: Config) -> Iterator[Finding]:
    """Nothing where the journal is a file."""
    if not config.journal:
        return
    # Its driver is loaded where the settings name a database.
    from egide.common.postgres.leading import several_that_lead
    from egide.journal.engines.postgres_facts import facts

    several = several_that_lead(config)
    if several is not None:
        yield Finding(CHECK, WRONG, several)
    found = facts(config)
    if found.may_change:
        text = _(
            "This role of the journal's database may change or delete events: grant it egide_append alone."
        )
        yield Finding(CHECK, WRONG, text)
    elif not found.is_guarded:
        text = _(
            "In the journal's database nothing keeps events from being changed: run `egide journal prepare` as the role"
            " that owns the tables, and ask who took that away."
        )
        yield Finding(CHECK, WRONG, text)
    else:
        well = _(
            "The journal's database (PostgreSQL {version}) confirms what two machines have, and this role can change"
            " no event."
        )
        yield _of_server(CHECK, "EGIDE_JOURNAL", found.server, well)


def kept(config: Config, clock: Clock) -> Iterator[Finding]:
    """Messages that wait on this machine for the journal; nothing where it is a file."""
    if not config.journal:
        return
    found = kept_facts(config)
    if not found.count:
        yield Finding(KEPT, OK, _("No message waits on this machine for the journal."))
        return
    minutes = max(0, clock.now_us() - found.oldest_us) // 60_000_000
    text = _(
        "Messages wait on this machine for the journal: {count} (minutes: {minutes}). While its database is away that"
        " is right; else start intake again and read its log."
    )
    yield Finding(KEPT, WRONG, text.format(count=found.count, minutes=minutes))


def known(config: Config, clock: Clock) -> Iterator[Finding]:
    """What an intake of this machine would know of phones if it began now without the journal; nothing where none ever
    ran."""
    if not config.journal or not kept_file(config).exists():
        return
    found = known_facts(config)
    minutes = max(0, clock.now_us() - found.at_us) // 60_000_000
    if not found.at_us:
        text = _(
            "This machine has no copy of what the journal says of phones: an intake that begins while the journal's"
            " database is away could keep no press. Start intake again and read its log."
        )
        yield Finding(KNOWN, LOOK, text)
    elif minutes >= _OLD_MINUTES:
        text = _(
            "This machine's copy of what the journal says of phones is old (minutes: {minutes}). While its database is"
            " away that is right; else start intake again and read its log."
        )
        yield Finding(KNOWN, LOOK, text.format(minutes=minutes))
    else:
        text = _("An intake that begins while the journal's database is away knows {count} phones.")
        yield Finding(KNOWN, OK, text.format(count=found.count))


def records(config: Config) -> Iterator[Finding]:
    """Nothing where the records are a file."""
    if not config.records:
        return
    from egide.outbox.postgres.facts import facts

    found = facts(config)
    if found.may_define:
        text = _(
            "This role of the records' database may change or drop its tables: grant it egide_records alone, and let"
            " another role own them."
        )
        yield Finding(RECORDS, WRONG, text)
    else:
        well = _(
            "The records' database (PostgreSQL {version}) confirms what two machines have, and this role can change no"
            " table."
        )
        yield _of_server(RECORDS, "EGIDE_RECORDS", found.server, well)


def _of_server(check: str, setting: str, server: Server, well: str) -> Finding:
    """Whether it keeps what it confirms, and to itself; `well` is said where it does."""
    if not server.is_forced:
        text = _(
            "The database of {setting} forces nothing to the disk (fsync, full_page_writes): a cut of the power can"
            " lose what was confirmed. Switch both on."
        )
        return Finding(check, WRONG, text.format(setting=setting))
    if not server.is_local and not server.is_encrypted:
        text = _(
            "The database of {setting} is asked over the network in the clear: add sslmode=verify-full there."
        )
        return Finding(check, WRONG, text.format(setting=setting))
    if not server.has_standby:
        text = _(
            "The database of {setting} (PostgreSQL {version}) has no synchronous standby: who loses that machine loses"
            " what came since the last back-up."
        )
        return Finding(check, LOOK, text.format(setting=setting, version=server.version))
    return Finding(check, OK, well.format(version=server.version))
