"""A world whose clock is moved by hand, and in which the real code writes: intake, outbox, router, desk in turn."""

import heapq
import itertools
import queue
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http import HTTPStatus

import msgspec
import shapely
from django.apps import apps
from django.conf import settings
from django.db import connection

from egide.access.rules import (
    MAGISTRATE,
    OPERATOR,
    REFERENCE_OFFICER,
    SUPERVISOR,
    Post,
    Scope,
    scope_for,
)
from egide.common.clock import SetClock
from egide.demo.world import Phone, World
from egide.geography.locate import locator_of
from egide.intake.service import Answer, Intake, Reply
from egide.outbox.copy import SqliteOutbox, copy_from
from egide.outbox.service import journal
from egide.protocol.enrolment import NATIVE, Client, check_request, make_request
from egide.protocol.envelope import Kind, Position, Source, Trigger
from egide.protocol.receipt import Receipt
from egide.rollout.service import zone_places
from egide.routing.service import Router

DAY_US = 86_400_000_000
_AT_ONCE = 500
# A story says when it goes on, in microseconds.
Story = Iterator[int]


class HistoryRefused(Exception):
    """Something in the invented history was refused by the real code; the message says what."""


class Past(World):
    """Everything that a story needs. `run` moves the clock from one moment of any story to the next."""

    def __init__(self, begins: date) -> None:
        self._clock = SetClock(moment(begins))
        # The registers' clock is this one from here on.
        apps.get_app_config("outbox").__dict__["clock"] = self._clock
        apps.get_app_config("outbox").__dict__.pop("journal", None)
        super().__init__(journal(), self._clock)
        # What is not written to its end is written anew: nothing of it has to outlive a loss of power.
        self._outbox = SqliteOutbox(settings.EGIDE)
        self.journal.write_unforced()
        for database in (connection.cursor(), self._outbox.connection):
            database.execute("PRAGMA synchronous=OFF")
        locator = locator_of(settings.EGIDE.zones_dir)
        zones = locator.zone_set
        self._router = Router(self.journal, locator, self.clock)
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._intake = Intake(settings.EGIDE, self.journal, self.clock, self._deliver)
        self._routed = 0
        self._numbers = itertools.count()
        self._waiting: list[tuple[int, int, Story]] = []
        self.zones = {zone: (centre, office) for zone, centre, office in zone_places()}
        self._points = {
            zone.id: shape.representative_point()
            for zone, shape in zip(zones.zones, shapely.simplify(zones.shapes, 0.0005), strict=True)
        }

    def add(self, at_us: int, story: Story) -> None:
        """A story that begins at `at_us`."""
        heapq.heappush(self._waiting, (at_us, next(self._numbers), story))

    def run(self, until: date) -> None:
        """Let every story go on in the order of time, up to the beginning of a day."""
        self._intake.start()
        try:
            while self._waiting and self._waiting[0][0] < moment(until):
                at_us, _number, story = heapq.heappop(self._waiting)
                self._clock.advance_s(max(0, at_us - self.clock.now_us()) / 1_000_000)
                following = next(story, None)
                self.copy()
                if following is not None:
                    self.add(following, story)
            self._clock.advance_s(max(0, moment(until) - self.clock.now_us()) / 1_000_000)
        finally:
            self._intake.stop()
            self._outbox.close()

    def copy(self) -> None:
        """What the worker does: the registers' events enter the journal, and what is new is routed."""
        while copy_from(self._outbox, self.journal, _AT_ONCE) == _AT_ONCE:
            continue
        for row in self.journal.read(after=self._routed):
            self._router.handle(row)
            self._routed = row.seq

    def enrol_with_code(self, phone: Phone, code: str) -> None:
        """The phone enrols at intake with a one-time code."""
        self.copy()
        request = make_request(code, phone.key, Client(NATIVE, "1.0"))
        self._intake.enrol(request, check_request(request), self._answers.put)
        self._answer()

    def send(self, phone: Phone, kind: Kind, here: Position) -> str:
        """One message through intake, by the button; returns the alarm that it belongs to, if any."""
        message = phone.envelope(kind, sent_at_s=self.now_s, position=here, trigger=Trigger.BUTTON)
        self._intake.submit(message, self._answers.put)
        receipt = msgspec.json.decode(self._answer(), type=Receipt)
        self.copy()
        return receipt.alarm

    def home_in(self, zone: str) -> Position:
        """A place inside the zone."""
        point = self._points[zone]
        return Position(round(point.y * 1e7), round(point.x * 1e7), 15, 2, Source.SATELLITE)

    def officer(self, zone: str) -> Scope:
        return scope_for(f"invented-{zone}", "Référente (invention)", [Post(REFERENCE_OFFICER, zone)])

    def magistrate(self, office: str) -> Scope:
        return scope_for(f"invented-{office}", "Magistrate (invention)", [Post(MAGISTRATE, office)])

    def operator(self, centre: str) -> Scope:
        return scope_for(f"invented-{centre}".lower(), "Operator (invention)", [Post(OPERATOR, centre)])

    def supervisor(self, centre: str) -> Scope:
        return scope_for(f"invented-{centre}-s".lower(), "Supervisor (invention)", [Post(SUPERVISOR, centre)])

    def _answer(self) -> bytes:
        status, body = self._answers.get(timeout=30)
        if status != HTTPStatus.CREATED:
            raise HistoryRefused(f"intake answered {status}: {body.decode(errors='replace')}")
        return body

    @staticmethod
    def _deliver(answers: list[tuple[Reply, Answer]]) -> None:
        for reply, answer in answers:
            reply(answer)


def moment(day: date, hour: float = 0.0) -> int:
    """A moment of a day (UTC) in microseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1e6 + hour * 3.6e9)
