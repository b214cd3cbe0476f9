"""What others ask the journal about alarms, kits, canaries and events: no SQL on it stands outside this package.

`kits` and `watched` answer about phones and supervision, `intake` about a message.
"""

from collections.abc import Iterator, Sequence

from egide.journal.canaries import Canary, find_canary
from egide.journal.errors import or_unavailable
from egide.journal.named import SPEAKERS
from egide.journal.service import Journal

# seq, stream, version, kind, time (microseconds), key and sealed body of an event.
Sealed = tuple[int, str, int, str, int, str, bytes]


@or_unavailable
def kits(journal: Journal) -> frozenset[str]:
    """All kits that were ever issued."""
    return frozenset(kit for (kit,) in journal.connection.execute("SELECT kit FROM kit"))


@or_unavailable
def kits_of_case(journal: Journal, case: str) -> list[str]:
    """The kits that were issued for this file."""
    sql = "SELECT kit FROM kit WHERE case_id = ?"
    return [kit for (kit,) in journal.connection.execute(sql, (case,))]


@or_unavailable
def kit_of_device(journal: Journal, device: str) -> str:
    """The kit that this phone or source is enrolled for; "" for an unknown one."""
    row = journal.connection.execute(
        f"SELECT kit FROM {SPEAKERS} AS s WHERE device = ?", (device,)
    ).fetchone()
    return row[0] if row else ""


@or_unavailable
def zone_of_device(journal: Journal, device: str) -> str:
    """The zone that manages the kit of this phone or source; "" for an unknown one."""
    sql = f"SELECT managing_zone FROM kit WHERE kit = (SELECT kit FROM {SPEAKERS} AS s WHERE device = ?)"
    row = journal.connection.execute(sql, (device,)).fetchone()
    return row[0] if row else ""


@or_unavailable
def kit_of_message(journal: Journal, seq: int) -> str:
    """The kit whose phone sent the message that was kept as event `seq`; "" for none."""
    sql = f"""SELECT kit FROM {SPEAKERS} AS s WHERE device IN
      (SELECT device FROM message WHERE seq = ?1 UNION ALL SELECT device FROM alarm WHERE opened_seq = ?1)"""
    row = journal.connection.execute(sql, (seq,)).fetchone()
    return row[0] if row else ""


@or_unavailable
def alarms_of_case(journal: Journal, case: str) -> list[str]:
    """All alarms of this file, the latest first."""
    sql = "SELECT alarm FROM alarm WHERE key = ? ORDER BY opened_seq DESC"
    return [alarm for (alarm,) in journal.connection.execute(sql, (case,))]


@or_unavailable
def open_alarm_of_case(journal: Journal, case: str) -> str:
    """The open alarm of this file, the latest of several; "" for none."""
    sql = "SELECT alarm FROM alarm WHERE key = ? AND state <> 'closed' ORDER BY opened_seq DESC LIMIT 1"
    row = journal.connection.execute(sql, (case,)).fetchone()
    return row[0] if row else ""


@or_unavailable
def files_in_alarm(journal: Journal) -> dict[str, str]:
    """Every open alarm with the file that its events are sealed for, oldest first; one look at a small index."""
    sql = "SELECT alarm, key FROM alarm WHERE state <> 'closed' ORDER BY opened_seq"
    return dict(journal.connection.execute(sql).fetchall())


@or_unavailable
def known_canary(journal: Journal, device: str) -> Canary | None:
    """The canary with this key id; a phone that is enrolled with the same key is a phone."""
    return find_canary(journal.connection, device)


@or_unavailable
def canary_routed_us(journal: Journal) -> int:
    """When a canary last came through routing; 0 when none did."""
    row = journal.connection.execute("SELECT max(routed_at_us) FROM canary").fetchone()
    return row[0] or 0


@or_unavailable
def last_seq(journal: Journal, stream: str) -> int:
    """The last event of this stream; 0 for none."""
    sql = "SELECT seq FROM event WHERE stream = ? ORDER BY version DESC LIMIT 1"
    row = journal.connection.execute(sql, (stream,)).fetchone()
    return row[0] if row else 0


@or_unavailable
def seqs_of_kinds(journal: Journal, kinds: Sequence[str], after: int, until: int) -> list[int]:
    """The events of these kinds behind seq `after`, up to `until` and with it, in order."""
    wanted = ",".join("?" * len(kinds))
    sql = f"SELECT seq FROM event WHERE seq > ? AND seq <= ? AND kind IN ({wanted}) ORDER BY seq"
    return [seq for (seq,) in journal.connection.execute(sql, (after, until, *kinds))]


def sealed_events(
    journal: Journal, kinds: Sequence[str], openers: Sequence[str], until: int
) -> Iterator[Sealed]:
    """Events of these kinds up to seq `until`, in order; those of `openers` only where they open their stream."""
    wanted, opening = (",".join("?" * len(names)) for names in (kinds, openers))
    sql = f"""SELECT seq, stream, version, kind, at_us, key, body FROM event
      WHERE seq <= ? AND (kind IN ({wanted}) OR (version = 1 AND kind IN ({opening}))) ORDER BY seq"""
    return journal.found(sql, (until, *kinds, *openers))
