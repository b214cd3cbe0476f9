"""Django with a fresh installation for each test: its own app.db, journal and keys, under a clock that is set."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest

_MADE = Path(tempfile.mkdtemp(prefix="egide-pages-"))


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
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from egide.access.models import User  # noqa: E402
from egide.casework.demo import DemoCase, create_demo_cases  # noqa: E402
from egide.desk import projection as lanes  # noqa: E402
from egide.desk import service as desk  # noqa: E402
from egide.events.alarm import FromPhone  # noqa: E402
from egide.journal.heartbeats import Heartbeats  # noqa: E402
from egide.journal.presence import Presence  # noqa: E402
from egide.journal.service import Journal  # noqa: E402
from egide.protocol.envelope import Position  # noqa: E402
from egide.response import service as response  # noqa: E402
from egide.response.projection import Alarms  # noqa: E402
from egide.routing.service import Climber  # noqa: E402
from tests.support.installation import Installation, Phone  # noqa: E402

setup_test_environment(debug=False)
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Every test client loads the middleware anew: listing all static files each time took three quarters of a request.
settings.WHITENOISE_AUTOREFRESH = True

MONS, GENT, LIEGE, EUPEN = range(4)
PASSWORD = "correct horse battery"


class Pages:
    """What a test of a page needs."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.clock = installation.set_clock
        self.journal = installation.journal
        self.config = installation.config
        self._files: list[DemoCase] | None = None

    @property
    def files(self) -> list[DemoCase]:
        """The four invented files, written when first asked for."""
        if self._files is None:
            self._files = create_demo_cases()
        return self._files

    def user(self, name: str = "op-1", role: str = "operator", centre: str = "HAI", **fields: str) -> User:
        """An account; `zone` only for zone officers."""
        place = {"centre": centre} if role in ("operator", "supervisor") else {}
        return User.objects.create(
            name=name, title=name.title(), role=role, password=PASSWORD, **place, **fields
        )

    def client(self, user: User | None = None, language: str = "en") -> Client:
        """A browser, signed in as `user` when one is given."""
        client = Client(headers={"accept-language": language})
        if user:
            client.force_login(user)
            # As if a second factor had been used; tests of sign-in go the whole way.
            session = client.session
            session["egide.second_factor"] = True
            session.save()
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
        apps.get_app_config("outbox").__dict__["journal"] = Journal.open(
            self.config, self.clock, self.installation.keys, max_pages=1
        )


def near(file: DemoCase, accuracy_m: int = 20, north_m: int = 0) -> Position:
    """A position in the middle of a file's home, or so many metres north of it."""
    return Position(file.home.lat_e7 + round(north_m * 89.93), file.home.lon_e7, accuracy_m, 1, 1)


def _use(installation: Installation, template: Path) -> None:
    """Point Django at this installation."""
    shutil.copy(template, installation.config.app_db)
    settings.EGIDE = installation.config
    connection = connections["default"]
    connection.close()
    connection.settings_dict["NAME"] = str(installation.config.app_db)
    outbox = apps.get_app_config("outbox")
    outbox.__dict__ |= {
        "clock": installation.set_clock,
        "keys": installation.keys,
        "journal": Journal.open(installation.config, installation.set_clock, installation.keys),
        "heartbeats": Heartbeats(installation.config),
    }
    response.alarms = Alarms()
    desk._technical, desk._tests = lanes.technical_lane(), lanes.test_lane()


@pytest.fixture(scope="session")
def migrated() -> Path:
    """An empty app.db with all tables: migrating once is enough."""
    connection = connections["default"]
    connection.close()
    path = _MADE / "migrated.db"
    connection.settings_dict["NAME"] = str(path)
    call_command("migrate", verbosity=0)
    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture
def pages(tmp_path: Path, migrated: Path) -> Iterator[Pages]:
    """Pages over a fresh installation."""
    with Installation(tmp_path) as installation:
        _use(installation, migrated)
        yield Pages(installation)
        connections["default"].close()


__all__ = ["EUPEN", "GENT", "LIEGE", "MONS", "PASSWORD", "Pages", "migrated", "near", "pages"]
