"""Django with a fresh installation for each test: its own app.db, journal and keys, under a clock that is set."""

import atexit
import html
import os
import pickle
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

import django
import msgspec
import psycopg
import pytest
from psycopg import sql

_MADE, _MADE_BY = Path(tempfile.mkdtemp(prefix="egide-pages-")), os.getpid()


@atexit.register
def _remove() -> None:
    """Its forks go on with it."""
    if os.getpid() == _MADE_BY:
        shutil.rmtree(_MADE, ignore_errors=True)


def _load() -> None:
    """Load the settings once; the environment is put back, so that other tests are left alone."""
    before = dict(os.environ)
    os.environ |= {
        "EGIDE_DATA": str(_MADE),
        "EGIDE_DEMO": "1",
        "EGIDE_LIVE_URL": "http://localhost:8401",
        "DJANGO_SETTINGS_MODULE": "egide.entrypoints.settings",
    }
    try:
        django.setup()
    finally:
        os.environ.clear()
        os.environ.update(before)


_load()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import login  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.test.client import Client, ClientHandler  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.utils import translation  # noqa: E402

from egide.access.models import User  # noqa: E402
from egide.access.signing_in.session_store import SessionStore  # noqa: E402
from egide.alarm.events import FromPhone  # noqa: E402
from egide.boards.desk import lanes, painting  # noqa: E402
from egide.boards.desk import service as desk  # noqa: E402
from egide.common.config import Config  # noqa: E402
from egide.demo.files import DemoCase, create_demo_cases  # noqa: E402
from egide.entrypoints.stack.migrated import copy_migrated  # noqa: E402
from egide.entrypoints.upgrading.tables import do_bring_up_to_date  # noqa: E402
from egide.geography.addresses.book import book_at  # noqa: E402
from egide.geography.unread import note_unread  # noqa: E402
from egide.journal.now.heartbeats import Heartbeats  # noqa: E402
from egide.journal.now.presence import Presence  # noqa: E402
from egide.journal.service import Journal  # noqa: E402
from egide.outbox import fields  # noqa: E402
from egide.outbox.place import database  # noqa: E402
from egide.outbox.postgres import tables  # noqa: E402
from egide.outbox.postgres.address import SCHEMA, connect  # noqa: E402
from egide.protocol.envelope import Position, Source  # noqa: E402
from egide.routing.service import Climber  # noqa: E402
from tests.support.installation import Installation, Phone  # noqa: E402
from tests.support.once import made_once  # noqa: E402

setup_test_environment(debug=False)
# The same in every worker: a session that one of them began goes on in the others.
settings.SECRET_KEY = "of the tests"
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# A client of its own loads the middleware anew, and would list all static files each time.
settings.WHITENOISE_AUTOREFRESH = True

T = TypeVar("T")
# Makes a folder of this name once in a run.
MadeOnce = Callable[[str, Callable[[Path], None]], Path]
# Loads the middleware once for all browsers, as a process does.
_HANDLER = ClientHandler(enforce_csrf_checks=False)
# What remembers of the installations that it was asked for last, and so holds their keys, journal and files open; the
# pages' own also where a test has put another in its place.
_REMEMBERED = (desk._presence, painting.painter, fields._cipher, book_at, note_unread)
MONS, GENT, LIEGE, EUPEN = range(4)
MIGRATED = "app.db"
PASSWORD = "correct horse battery"


class Pages:
    """What a test of a page needs."""

    def __init__(self, installation: Installation, migrated: Path, made_once: MadeOnce | None) -> None:
        self.installation = installation
        self.clock = installation.set_clock
        self.journal = installation.journal
        self.config = installation.config
        self._migrated = migrated
        self._made_once = made_once
        self._files: list[DemoCase] | None = None
        self._at_first: object = self._marks()

    def begin(self, name: str, make: Callable[["Pages"], T]) -> T:
        """Go on from what `make` made of a fresh installation; made once in a run, and each test has a copy.

        It comes first in a test, and `name` stands for everything that `make` is given.
        """
        assert not self.journal.head() and not User.objects.exists(), "a test begins with its beginning"
        if self.config.records or self.config.journal:
            # There no file is to be copied.
            return make(self)
        assert self._made_once, "a beginning has none itself"
        made = self._made_once(f"beginning-{name}", partial(self._make, make))
        connections["default"].close()
        self.installation.close()
        folder = self.config.data_dir / "begun"
        shutil.copytree(made / "data", folder)
        self.installation.open(folder)
        self.journal, self.config = self.installation.journal, self.installation.config
        _use(self.installation, made / "data" / "app.db")
        with (made / "begun").open("rb") as file:
            begun: T
            begun, self._files, clock = _Reading(file, self).load()
        self.clock.__dict__.update(clock)
        self._at_first = None
        return begun

    def _make(self, make: Callable[["Pages"], T], folder: Path) -> None:
        """Let `make` begin, in a folder that is then only copied."""
        data = folder / "data"
        data.mkdir()
        with Installation(data) as installation:
            _use(installation, self._migrated)
            pages = Pages(installation, self._migrated, None)
            begun = make(pages)
            with (folder / "begun").open("wb") as file:
                _Writing(file).dump((begun, pages._files, pages.clock.__dict__))
        connections["default"].close()
        for path in data.glob("*.db"):
            # Whole without its log, which is larger than itself.
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @property
    def files(self) -> list[DemoCase]:
        """The four invented files, written when first asked for; where nothing was written yet, a copy of them."""
        if self._files is None:
            is_in_files = not (self.config.records or self.config.journal)
            is_first = self._made_once and is_in_files and self._marks() == self._at_first
            self._files = self.begin("files", _write_files) if is_first else create_demo_cases()
        return self._files

    def _marks(self) -> tuple[object, ...]:
        """What is another once anything was written, kept or set."""
        database = None if self.config.records else connections["default"].connection
        kept = {
            path.name for path in self.config.data_dir.iterdir() if not path.name.endswith(("-wal", "-shm"))
        }
        written = (self.journal.head(), database.total_changes if database else 0)
        return (
            tuple(map(id, (self.installation.config, settings.EGIDE, self.installation.journal))),
            dict(self.clock.__dict__),
            kept,
            written,
        )

    def stored(self) -> bytes:
        """All that the records hold, as somebody reads it who has the file, or every row of the database."""
        if not self.config.records:
            return b"".join(path.read_bytes() for path in self.config.data_dir.glob("app.db*"))
        with psycopg.connect(self.config.records) as asked, asked.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (SCHEMA,))
            rows = bytearray()
            for (table,) in cursor.fetchall():
                whole = sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(sql.Identifier(SCHEMA, table))
                with cursor.copy(whole) as copy:
                    rows += b"".join(copy)
            return bytes(rows)

    def user(self, name: str = "op-1", role: str = "operator", centre: str = "HAI", **fields: str) -> User:
        """An account; `zone` only for zone officers."""
        place = {"centre": centre} if role in ("operator", "supervisor") else {}
        return User.objects.create(  # type: ignore[misc]  # the manager turns a role into a post
            name=name, title=name.title(), role=role, password=PASSWORD, **place, **fields
        )

    def client(self, user: User | None = None, language: str = "en") -> Client:
        """A browser, signed in as `user` when one is given."""
        client = browser(language)
        if user:
            client.cookies[settings.SESSION_COOKIE_NAME] = _session_of(user)
        return client

    def phone(self, file: int = MONS) -> Phone:
        """An enrolled phone of one of the four files."""
        case = self.files[file].case
        kit = self.installation.issue_kit(
            case=case.id,
            managing_zone=case.managing_zone,
            home_zone=case.managing_zone,
            home_centre=case.managing_centre,
        )
        return self.installation.enrol(kit)

    def alarm(self, phone: Phone, at: Position | None = None, centre: str = "HAI", **route: Any) -> str:
        """An alarm that was pressed at `at` and routed to `centre`."""
        alarm = self.installation.open_alarm(phone, position=at)
        self.installation.route(alarm, centre=centre, position=at, **route)
        return alarm

    def send(self, alarm: str, event_type: type[FromPhone], phone: Phone, **fields: Any) -> None:
        """A further message of the phone, as intake would append it."""
        self.installation.act(alarm, self.installation.phone_event(event_type, phone, **fields))

    def at_board(self, user: str, centre: str = "HAI", idle_s: int = 0) -> None:
        """A board of `user` is heard of now."""
        presence = Presence(self.installation.config)
        presence.note_board(f"board-{user}", user, centre, self.clock.now_us(), idle_s * 1_000_000)

    def climb(self, alarm: str) -> None:
        """Let the worker look at the alarm's deadlines now."""
        Climber(self.journal, Presence(self.installation.config), self.clock).look_at(alarm)

    def fill_disk(self) -> None:
        """From now on the pages' journal takes nothing any more."""
        outbox = apps.get_app_config("outbox").__dict__
        outbox["journal"].close()
        outbox["journal"] = Journal.open(self.config, self.clock, self.installation.keys, max_pages=1)


def _write_files(_pages: Pages) -> list[DemoCase]:
    return create_demo_cases()


def browser(language: str = "en") -> Client:
    """A browser of somebody who is not signed in."""
    client = Client(headers={"accept-language": language})
    client.handler = _HANDLER
    return client


def _session_of(user: User) -> str:
    """A session that begins as any other, but is written twice and not six times as by Django's test client."""
    request = HttpRequest()
    request.session = SessionStore()
    # As if a second factor had been used; tests of sign-in go the whole way.
    request.session["egide.second_factor"] = True
    login(request, user, settings.AUTHENTICATION_BACKENDS[0])
    request.session.save()
    return str(request.session.session_key)


class _Writing(pickle.Pickler):
    """Keeps what a beginning hands on, without the installation that it was made in."""

    def persistent_id(self, one: object) -> str | None:
        return "pages" if isinstance(one, Pages) else None


class _Reading(pickle.Unpickler):
    """Reads it for the pages of a test."""

    def __init__(self, file: IO[bytes], pages: Pages) -> None:
        super().__init__(file)
        self._pages = pages

    def persistent_load(self, _name: str) -> Pages:
        return self._pages


def near(file: DemoCase, accuracy_m: int = 20, north_m: int = 0) -> Position:
    """A position in the middle of a file's home, or so many metres north of it."""
    lat_e7 = file.home.lat_e7 + round(north_m * 89.93)
    return Position(lat_e7, file.home.lon_e7, accuracy_m, 1, Source.SATELLITE)


def by_hand(file: DemoCase) -> Position:
    """A file's home, as somebody entered it for a box that stands there (docs/box.md)."""
    return msgspec.structs.replace(near(file), source=Source.MANUAL)


def _use(installation: Installation, template: Path) -> None:
    """Point Django at this installation."""
    let_go()
    if not installation.config.records:
        shutil.copy(template, installation.config.app_db)
    settings.EGIDE = installation.config
    reach_records(installation.config)
    outbox = apps.get_app_config("outbox")
    outbox.__dict__ |= {
        "clock": installation.set_clock,
        "keys": installation.keys,
        "journal": Journal.open(installation.config, installation.set_clock, installation.keys),
        "heartbeats": Heartbeats(installation.config),
    }
    desk._technical, desk._tests = lanes.technical_lane(), lanes.test_lane()


def let_go() -> None:
    """What Django has open of an installation goes."""
    outbox = apps.get_app_config("outbox").__dict__
    if journal := outbox.pop("journal", None):
        journal.close()
    for kept in ("heartbeats", "keys"):
        outbox.pop(kept, None)
    for remembered in _REMEMBERED:
        remembered.cache_clear()


def reach_records(config: Config) -> None:
    """From now on every thread of Django's finds the records where this installation has them."""
    connections["default"].close()
    if connections["default"].vendor == "sqlite" and not config.records:
        connections["default"].settings_dict["NAME"] = str(config.app_db)
        return
    connections.settings["default"] = connections.configure_settings({"default": database(config)})["default"]
    del connections["default"]


def make_tables(address: str) -> None:
    """The records' tables in a database, as `egide records prepare` makes them."""
    config = Config(data_dir=_MADE, records=address)
    reach_records(config)
    with connect(config) as connection:
        tables.make_schema(connection)
        do_bring_up_to_date()
        tables.grant(connection)
    connections["default"].close()


# Each test twice: over app.db, and over PostgreSQL.
ON_BOTH = pytest.mark.parametrize("records_at", ["sqlite", "postgres"], indirect=True)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """An empty app.db with all tables: migrating once in a run is enough."""
    return made_once(tmp_path_factory, worker_id, "migrated", do_migrate) / MIGRATED


def do_migrate(folder: Path) -> Path:
    """Write it into this folder, by the migrations where `make setup` has made none; returns its path."""
    path = folder / MIGRATED
    copy_migrated(path)
    if path.exists():
        return path
    reach_records(Config(data_dir=folder))
    connection = connections["default"]
    call_command("migrate", verbosity=0)
    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture
def pages(
    tmp_path: Path,
    migrated: Path,
    tmp_path_factory: pytest.TempPathFactory,
    worker_id: str,
    journal_address: str,
    records_at: str,
) -> Iterator[Pages]:
    """Pages over a fresh installation."""
    with Installation(tmp_path, address=journal_address) as installation:
        installation.config = replace(installation.config, records=records_at)
        _use(installation, migrated)
        yield Pages(installation, migrated, partial(made_once, tmp_path_factory, worker_id))
        # The language of the last reader is nobody's any more.
        translation.deactivate()
        connections["default"].close()
        let_go()


__all__ = ["EUPEN", "GENT", "LIEGE", "MONS", "ON_BOTH", "PASSWORD", "Pages", "migrated", "near", "pages"]


def text_of(reply: Any) -> str:
    """The words of a page, without markup and with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", reply.content.decode())).split())
