"""The journal of many years in PostgreSQL, in one table and cut in two ways: what inserts, questions and vacuum cost.

A PostgreSQL 16 of a wheel on this machine, which forces each commit to the disk. The one table is the real one; of the
others, `by number` has a part for each million events, as parts by month would be, and `by stream` eight parts by the
hash of the stream. Decision 0069 says what each of them can still promise.
"""

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles

import click
import psycopg

from benchmarks.machine import describe
from egide.journal.engines import postgres_schema
from egide.journal.engines.postgres_schema import SCHEMA
from tests.support.postgres import DURABLE, EMPTY, Server, serving_anew

ONE, BY_NUMBER, BY_STREAM = "one table", "by number", "by stream"
PART, HASHES = 1_000_000, 8
# Twenty events of an alarm, among those of the twenty that run at the same time.
LENGTH, AT_ONCE = 20, 20
GROUP, COMMITS, QUESTIONS, READ = 16, 1500, 1500, 1000
SETTINGS = {**DURABLE, "max_wal_size": "4GB"}

_STREAM = "'alarm:' || substr(md5(({n} / {span} * {at_once} + {n} % {at_once})::text), 1, 16) || '-1'"
_BODY = " || ".join(f"sha256(int8send(n * 10 + {at}))" for at in range(10))
_FILL = f"""
INSERT INTO event SELECT n + 1, {{stream}}, n % {LENGTH * AT_ONCE} / {AT_ONCE} + 1, 'PositionReceived',
  1700000000000000 + n * 1000000, 'BE-MON', '5324 5323', substr(md5((n / 400)::text), 1, 16), NULL,
  {_BODY}, sha256(int8send(n)), sha256(int8send(n + 1))
FROM generate_series({{first}}::bigint, {{last}}::bigint) AS n
"""
_COLUMNS = """
seq bigint NOT NULL, stream text COLLATE "C" NOT NULL, version bigint NOT NULL, kind text COLLATE "C" NOT NULL,
at_us bigint NOT NULL, centre text COLLATE "C" NOT NULL, zone text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL,
cause bigint, body bytea STORAGE EXTERNAL NOT NULL, prev bytea NOT NULL, hash bytea NOT NULL
"""
_CAUSE = "({0}) WHERE cause IS NOT NULL"
_INSERT = "INSERT INTO event VALUES (%s,%s,%s,'PositionReceived',%s,'BE-MON','5324','k',NULL,%s,%s,%s)"
_ASKED = {
    "end of a stream": "SELECT max(version) FROM event WHERE stream = %s",
    "first stream behind a name": "SELECT min(stream) FROM event WHERE stream > %s",
    "a whole stream": "SELECT * FROM event WHERE stream = %s ORDER BY version",
    "an event by its number": "SELECT * FROM event WHERE seq = %s",
    f"the next {READ}": f"SELECT seq, kind, stream FROM event WHERE seq > %s ORDER BY seq LIMIT {READ}",
}

_PARTS = """
SELECT coalesce(array_agg(inhrelid::regclass::text), ARRAY['event']) FROM pg_inherits
WHERE inhparent = 'event'::regclass
"""
_SIZES = """
SELECT sum(pg_table_size(c)), sum(pg_indexes_size(c)) FROM unnest(%s::text[]) AS n, to_regclass(n) AS c
"""

Connection = psycopg.Connection[tuple[object, ...]]


def stream_of(n: int) -> str:
    """As SQL writes it."""
    return _STREAM.format(n=n, span=LENGTH * AT_ONCE, at_once=AT_ONCE)


def make_layout(connection: Connection, layout: str, events: int) -> None:
    """The journal's tables, with `event` in this layout; what is unique in it follows when it is filled."""
    postgres_schema.make(connection)
    connection.execute(f"SET search_path = {SCHEMA}")
    connection.execute("DROP TABLE event CASCADE")
    if layout == ONE:
        connection.execute(f"CREATE TABLE event ({_COLUMNS})")
    elif layout == BY_NUMBER:
        connection.execute(f"CREATE TABLE event ({_COLUMNS}) PARTITION BY RANGE (seq)")
        for number in range(events // PART + 1):
            first, behind = number * PART + 1, (number + 1) * PART + 1
            connection.execute(
                f"CREATE TABLE event_{number} PARTITION OF event FOR VALUES FROM ({first}) TO ({behind})"
            )
    else:
        connection.execute(f"CREATE TABLE event ({_COLUMNS}) PARTITION BY HASH (stream)")
        for number in range(HASHES):
            parts = f"FOR VALUES WITH (MODULUS {HASHES}, REMAINDER {number})"
            connection.execute(f"CREATE TABLE event_{number} PARTITION OF event {parts}")


def make_unique(connection: Connection, layout: str, events: int) -> None:
    """What each layout can be made to hold, and the guard that orders events."""
    if layout == BY_STREAM:
        # Nothing that leaves the stream out can be unique over all parts.
        connection.execute("CREATE INDEX ON event (seq)")
    else:
        connection.execute("ALTER TABLE event ADD PRIMARY KEY (seq)")
    tables = [f"event_{n}" for n in range(events // PART + 1)] if layout == BY_NUMBER else ["event"]
    for table in tables:
        # By number, only among the events of one part.
        connection.execute(f"CREATE UNIQUE INDEX ON {table} (stream, version)")
        connection.execute(f"CREATE UNIQUE INDEX ON {table} {_CAUSE.format('stream, cause, kind')}")
    connection.execute("UPDATE last_seq SET seq = (SELECT max(seq) FROM event)")
    connection.execute(
        "CREATE TRIGGER event_in_order AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_follows()"
    )


def appended(connection: Connection, chance: random.Random) -> list[float]:
    """How long groups took as intake commits them, in milliseconds."""
    row = connection.execute("SELECT seq FROM last_seq").fetchone()
    seq, took_ms = int(str(row[0])) if row else 0, []
    for _ in range(COMMITS):
        at_s = time.perf_counter()
        with connection.pipeline(), connection.transaction():
            connection.execute("SELECT seq FROM last_seq FOR UPDATE")
            for _ in range(GROUP):
                seq += 1
                stream = f"alarm:{chance.randrange(16**16):016x}-1"
                body, digest = chance.randbytes(320), chance.randbytes(32)
                connection.execute(_INSERT, (seq, stream, 1, seq, body, digest, digest))
        took_ms.append((time.perf_counter() - at_s) * 1000)
    return took_ms


def beside_a_back_up(server: Server, connection: Connection, chance: random.Random) -> str:
    """The median of the first and of the last hundred groups while somebody reads all of it as of one moment."""
    with psycopg.connect(server.address(EMPTY), autocommit=True) as reader:
        reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        reader.execute("SELECT 1")
        took_ms = appended(connection, chance)
    return f"{median(took_ms[:100]):.1f} / {median(took_ms[-100:]):.1f}"


def asked(connection: Connection, sql: str, values: Sequence[object]) -> tuple[float, float]:
    """The median and the p99 of an answer, in milliseconds."""
    took_ms = []
    for value in values:
        at_s = time.perf_counter()
        connection.execute(sql, (value,)).fetchall()
        took_ms.append((time.perf_counter() - at_s) * 1000)
    cut = quantiles(took_ms, n=100)
    return cut[49], cut[98]


def seconds(do: Callable[[], object]) -> float:
    """How long it takes."""
    begin_s = time.perf_counter()
    do()
    return time.perf_counter() - begin_s


def measure(server: Server, layout: str, events: int) -> dict[str, str]:
    """All figures of one layout, by what they are of."""
    chance, found = random.Random(1), {}
    with psycopg.connect(server.address(EMPTY), autocommit=True, prepare_threshold=0) as connection:
        make_layout(connection, layout, events)
        stream = _STREAM.format(n="n", span=LENGTH * AT_ONCE, at_once=AT_ONCE)
        for first in range(0, events, PART):
            connection.execute(_FILL.format(stream=stream, first=first, last=first + PART - 1))
        make_unique(connection, layout, events)
        found["first vacuum, s"] = f"{seconds(lambda: connection.execute('VACUUM (ANALYZE) event')):.1f}"
        took_ms = appended(connection, chance)
        found["appended, rows/s"] = f"{GROUP * COMMITS / sum(took_ms) * 1000:,.0f}"
        found["a group of 16, p50 / p99, ms"] = f"{median(took_ms):.1f} / {quantiles(took_ms, n=100)[98]:.1f}"
        found["vacuum after 24,000 more, s"] = f"{seconds(lambda: connection.execute('VACUUM event')):.1f}"
        found["groups beside a back-up, first / last, p50, ms"] = beside_a_back_up(server, connection, chance)
        numbers = [chance.randrange(events) for _ in range(QUESTIONS)]
        union = " UNION ALL ".join(f"SELECT {stream_of(n)}" for n in numbers)
        streams = [row[0] for row in connection.execute(union).fetchall()]
        for what, sql in _ASKED.items():
            median_ms, p99_ms = asked(
                connection, sql, streams if "stream" in sql.split("WHERE")[1] else numbers
            )
            found[f"{what}, p50 / p99, ms"] = f"{median_ms:.2f} / {p99_ms:.2f}"
        found["vacuum that freezes all, s"] = (
            f"{seconds(lambda: connection.execute('VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) event')):.1f}"
        )
        parts = connection.execute(_PARTS).fetchone()
        assert parts is not None
        rows, indexes = connection.execute(_SIZES, (parts[0],)).fetchone() or (0, 0)
        found["rows / indexes, GiB"] = f"{int(str(rows)) / 2**30:.2f} / {int(str(indexes)) / 2**30:.2f}"
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    return found


@click.command()
@click.option("--events", default=10_000_000, show_default=True, help="whole millions")
@click.option("--folder", type=click.Path(path_type=Path), default="var", show_default=True)
def main(events: int, folder: Path) -> None:
    """Fill three journals one after the other, and print a table of what they cost."""
    folder.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder.absolute()) as name,
        serving_anew(Path(name), SETTINGS) as server,
    ):
        all_of = {}
        for layout in (ONE, BY_NUMBER, BY_STREAM):
            all_of[layout] = measure(server, layout, events)
            click.echo(f"{layout}: done", err=True)
    for name, value in describe().items():
        click.echo(f"{name}: {value}")
    click.echo(f"{events:,} events\n")
    click.echo(f"| | {' | '.join(all_of)} |\n|---|{'---:|' * len(all_of)}")
    for what in all_of[ONE]:
        click.echo(f"| {what} | {' | '.join(found[what] for found in all_of.values())} |")


if __name__ == "__main__":
    main()
