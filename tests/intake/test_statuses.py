"""Each status of contracts/intake.openapi.yaml is given by a call, and each answer is what the contract says of it."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from egide.common.clock import SetClock
from egide.entrypoints.processes.intake import Application
from egide.intake.service import BURST, REPORT_BURST, STUCK_S
from egide.protocol.bthome import Event
from egide.protocol.enrolment import make_request
from egide.protocol.envelope import MAX_BYTES, Kind
from egide.protocol.keys import SigningKey
from egide.protocol.opening import make_opening
from tests.intake.test_canary import Silent
from tests.intake.test_forwards import enrol as enrol_tracker
from tests.intake.test_forwards import now
from tests.intake.test_refusals import forged
from tests.support.alarm_device import AlarmDevice, enrol_device
from tests.support.asgi import COSE, JSON, AsgiClient, IntakeClient
from tests.support.contract import INTAKE
from tests.support.installation import Installation
from tests.support.sources import Button, enrol_button

SECRET = "fleet" * 8
MESSAGES, ENROLMENTS, OPENINGS = "/v1/messages", "/v1/enrolments", "/v1/openings"
BUTTONS, TRACKERS, DEVICES = "/v1/reports", "/v1/reports/traccar", "/v1/reports/dc09"
# Where the journal is away on one machine and the database on another: a test with both.
ELSEWHERE = {(f"POST {MESSAGES}", 202): "tests/intake/test_process_keeping.py"}


def documented() -> set[tuple[str, int]]:
    return {
        (f"{method.upper()} {path}", int(status))
        for path, item in INTAKE.content["paths"].items()
        for method, operation in item.items()
        for status in operation["responses"]
    }


class Side:
    """Who calls; each answer is judged by the contract."""

    def __init__(self, installation: Installation, intake: AsgiClient) -> None:
        self.installation = installation
        self.intake = intake
        self.given: set[tuple[str, int]] = set()

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = JSON, secret: str = "") -> int:
        more = {"authorization": f"Bearer {secret}"} if secret else {}
        reply = await self.intake.request(method, path, body, kind, more=more)
        self.given.add((f"{method} {path}", reply.status))
        return reply.status

    async def send(self, envelope: bytes) -> int:
        return await self.ask("POST", MESSAGES, envelope, COSE)

    async def enrol(self, code: str, key: SigningKey | None = None) -> int:
        request = make_request(code, key or SigningKey.generate())
        return await self.ask("POST", ENROLMENTS, msgspec.json.encode(request))

    async def open(self, key: SigningKey, number: int = 0) -> int:
        body = msgspec.json.encode(make_opening(number.to_bytes(32, "big"), key))
        return await self.ask("POST", OPENINGS, body)

    async def report(self, button: Button, frame: bytes, source: str = "") -> int:
        body = msgspec.json.encode({"source": source or button.source, "frame": frame.hex()})
        return await self.ask("POST", BUTTONS, body)

    async def forward(self, secret: str = SECRET, **changes: object) -> int:
        return await self.ask("POST", TRACKERS, now(self.installation, **changes), secret=secret)

    async def bring(self, device: AlarmDevice, frame: bytes, secret: str = SECRET) -> int:
        body = msgspec.json.encode({"account": device.account, "frame": frame.hex()})
        return await self.ask("POST", DEVICES, body, secret=secret)


class Callers:
    """Of one installation: a phone, a button, a tracker and an alarm device, and a code that nobody used."""

    def __init__(self, installation: Installation) -> None:
        installation.offer(installation.issue_kit(), "GOOD-1")
        self.phone = installation.enrol()
        self.button = enrol_button(installation)
        enrol_tracker(installation)
        self.device = enrol_device(installation)


@asynccontextmanager
async def running(folder: Path, **more: int) -> AsyncIterator[Side]:
    """Intake that knows a service of trackers and who listens to alarm devices by the same secret."""
    with Installation(folder, **more) as installation:
        for name, text in (("services", f"fleet {SECRET}\n"), ("dc09", f"{SECRET}\n")):
            (folder / name).write_text(text, encoding="utf-8")
            (folder / name).chmod(0o640)
        installation.config = replace(
            installation.config, tracker_services=str(folder / "services"), dc09_secret=str(folder / "dc09")
        )
        async with IntakeClient(installation) as intake:
            yield Side(installation, intake)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    return made


async def well(side: Side) -> None:
    """What is right, or wrong in itself."""
    callers = Callers(side.installation)
    phone = callers.phone
    press = phone.press()
    assert await side.send(press) == 201
    assert await side.send(b"\x00") == 400
    assert await side.send(forged(phone)) == 401
    assert await side.send(phone.envelope(Kind.TEXT, counter=1, body=b"yes")) == 409
    assert await side.enrol("GOOD-1") == 201
    assert await side.enrol("GONE-1") == 404
    assert await side.open(phone.key) == 201
    assert await side.open(SigningKey.generate()) == 401
    button = callers.button
    assert await side.report(button, button.frame(Event.PRESS, counter=9)) == 200
    assert await side.report(button, b"\x00") == 400
    assert await side.report(button, button.held(), source="0" * 16) == 401
    assert await side.report(button, button.frame(Event.LONG_PRESS, counter=3)) == 409
    assert await side.forward() == 200
    assert await side.forward(device__uniqueId="") == 400
    assert await side.forward(secret="x" * 40) == 401
    device = callers.device
    assert await side.bring(device, device.pressed()) == 200
    assert await side.bring(device, b"\x00") == 400
    assert await side.bring(device, device.pressed(), secret="x" * 40) == 401
    for path in (ENROLMENTS, OPENINGS):
        assert await side.ask("POST", path, b"{}") == 400
    for path in (MESSAGES, ENROLMENTS, OPENINGS, BUTTONS, TRACKERS, DEVICES):
        assert await side.ask("POST", path, bytes(MAX_BYTES + 1), COSE, SECRET) in (413, 415)
        assert await side.ask("POST", path, bytes(MAX_BYTES + 1), JSON, SECRET) in (413, 415)
        assert await side.ask("POST", path, b"{}", "text/plain", SECRET) == 415
    for path in (MESSAGES, ENROLMENTS, OPENINGS, "/v1/receipt-keys"):
        assert await side.ask("OPTIONS", path) == 204
    for path in ("/v1/receipt-keys", "/v1/health", "/v1/metrics"):
        assert await side.ask("GET", path) == 200


async def too_much(side: Side) -> None:
    """More than somebody may say; a press is never among it."""
    callers = Callers(side.installation)
    phone, button, device = callers.phone, callers.button, callers.device
    for _ in range(int(BURST) + 1):
        last = await side.send(phone.envelope(Kind.TEXT, body=b"yes"))
    assert last == 429 and await side.send(phone.press()) == 201
    for number in range(40):
        last = await side.enrol(f"GONE-{number}")
    assert last == 429
    for number in range(6):
        last = await side.open(phone.key, number)
    assert last == 429
    for _ in range(int(REPORT_BURST) + 1):
        last = await side.report(button, button.frame(Event.PRESS))
        other = await side.forward(event__type="deviceOnline")
        third = await side.bring(device, device.poll())
    assert (last, other, third) == (429, 429, 429)


async def each(side: Side, callers: Callers) -> list[int]:
    """One call of each kind that something is kept of."""
    device, button = callers.device, callers.button
    return [
        await side.send(callers.phone.press()),
        await side.enrol("GOOD-1"),
        await side.report(button, button.held()),
        await side.forward(),
        await side.bring(device, device.pressed()),
    ]


@contextmanager
def away(installation: Installation) -> Iterator[None]:
    """Nothing new is taken by journal and counted tries, as where their database is away."""
    with closing(sqlite3.connect(installation.config.data_dir / "openings.db")) as openings:
        refusing = ((installation.journal.connection, "event"), (openings, "opening"))
        for connection, table in refusing:
            connection.execute(
                f"CREATE TRIGGER away BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'away'); END"
            )
        yield
        for connection, _table in refusing:
            connection.execute("DROP TRIGGER away")


async def stuck(installation: Installation) -> int:
    """The health of an intake whose writer answers nothing."""
    clock = installation.clock
    assert isinstance(clock, SetClock)
    app = Application(installation.config, installation.journal, clock, Silent())
    client = AsgiClient(app, INTAKE)
    async with client:
        app._intake.submit(installation.enrol().press(), lambda _answer: None)
        await client.request("GET", "/v1/health")
        clock.advance_s(STUCK_S)
        return (await client.request("GET", "/v1/health")).status


@pytest.mark.files("SQLite refuses by a trigger, and its file has no more pages")
async def test_every_status_of_the_contract_is_given_and_no_other(folder: Path, tmp_path: Path) -> None:
    given: set[tuple[str, int]] = set()
    async with running(folder) as side:
        await well(side)
        given |= side.given
    (tmp_path / "much").mkdir()
    async with running(tmp_path / "much") as side:
        await too_much(side)
        given |= side.given
    (tmp_path / "away").mkdir()
    async with running(tmp_path / "away") as side:
        callers = Callers(side.installation)
        with away(side.installation):
            assert await each(side, callers) == [503] * 5
            assert await side.open(callers.phone.key) == 503
        given |= side.given
    (tmp_path / "full").mkdir()
    with Installation(tmp_path / "full") as roomy:
        callers = Callers(roomy)
        pages = roomy.journal.connection.execute("PRAGMA page_count").fetchone()[0]
    async with running(tmp_path / "full", max_pages=pages) as side:
        # Until not even the smallest has room.
        while await side.send(callers.phone.envelope(Kind.NOTICE, body=bytes(2000))) != 507:
            pass
        while await side.send(callers.phone.press()) != 507:
            pass
        assert await each(side, callers) == [507] * 5
        given |= side.given
    (tmp_path / "stuck").mkdir()
    with Installation(tmp_path / "stuck") as installation:
        given.add(("GET /v1/health", await stuck(installation)))
    assert given | ELSEWHERE.keys() == documented()
