"""A running installation as attackers meet it: its people over HTTP, its phones, and what lies in its files."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from http import HTTPStatus
from typing import Any

import psycopg
import requests

from egide.alarm.events import AlarmClosed
from egide.alarm.state import AlarmState
from egide.entrypoints.stack.installation import Stack
from egide.events.base import Event
from egide.journal.service import Journal
from egide.outbox.postgres.address import SCHEMA
from tests.support.caller import HOST, Caller
from tests.support.mailbox import Mailbox
from tests.support.phones import HttpPhone
from tests.support.push_service import PushService
from tests.support.waiting import WITHIN_S, until

MONS, GENT = 0, 1
_WAITING = "SELECT 1 FROM outbox_outboxrow WHERE copied_seq IS NULL"
_CARRIERS = (
    "SELECT DISTINCT case_id FROM kit WHERE managing_zone = ? AND case_id NOT IN (?, ?) ORDER BY case_id"
)


class House:
    """`push` stands for the push services of browsers' makers, `box` is where the second road leads."""

    def __init__(self, stack: Stack, push: PushService, box: Mailbox) -> None:
        self.stack = stack
        self.push = push
        self.box = box
        self.journal: Journal = stack.journal()
        self._callers: dict[str, Caller] = {}

    def caller(self, name: str) -> Caller:
        """This person's session; begun anew where it is over, since some attacks end sessions."""
        if name not in self._callers or not self._callers[name].is_signed_in():
            self._callers[name] = Caller(self.stack).enter(name)
        return self._callers[name]

    def person(self, number: int) -> dict[str, Any]:
        """One of the demo's people, with case, zone, centre and home."""
        person: dict[str, Any] = self.stack.demo["kits"][number]
        return person

    def carriers(self) -> list[dict[str, Any]]:
        """Further people of Mons, at the same home: their files are others."""
        person, other = self.person(MONS), self.person(GENT)
        found = self.journal.connection.execute(_CARRIERS, (person["zone"], person["case"], other["case"]))
        return [{**person, "case": case} for (case,) in found.fetchall()]

    def phone(self, person: dict[str, Any] | int = MONS) -> HttpPhone:
        """A fresh phone with a kit of its own."""
        return HttpPhone(self.stack, self.person(person) if isinstance(person, int) else person)

    def pressed(self, phone: HttpPhone) -> str:
        """An alarm of this phone that has gone to its zone and centre."""
        alarm = phone.press()
        until(lambda: self.state(alarm).lead.route is not None, f"{alarm} is routed")
        return alarm

    def state(self, alarm: str) -> AlarmState:
        """The alarm as its events add up."""
        state = self.journal.alarm(alarm)
        assert state is not None, alarm
        return state

    def bar(self, case: str, *names: str) -> None:
        """An officer of Mons picks accounts that must never see this file."""
        for name in names:
            reply = self.caller("mons-quevy-ref").post(f"/files/{case}/barred", do="bar", mark=f"user:{name}")
            assert reply.status_code == HTTPStatus.FOUND, reply.status_code
        self.settle()

    def settle(self) -> None:
        """All that people did on pages until now stands in the journal, and listeners have heard of it."""
        until(lambda: not self.rows(_WAITING), "the worker copied all")
        head, health = self.journal.head(), f"http://{HOST}:{self.stack.ports['live']}/v1/health"
        until(lambda: requests.get(health, timeout=WITHIN_S).json()["seq"] >= head, "live has read it")

    def events(self, kind: type[Event]) -> list[Any]:
        """The events of a kind, oldest first."""
        rows = (row for row in self.journal.every() if row.kind == kind.__name__)
        return [self.journal.open_event(row) for row in rows]

    def rows(self, sql: str, given: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        """What somebody finds in `app.db` who has only the file, or in the database of the records."""
        if records := self.stack.config.records:
            with psycopg.connect(records, options=f"-c search_path={SCHEMA}") as asked:
                return asked.execute(sql.replace("?", "%s"), tuple(given)).fetchall()
        with closing(sqlite3.connect(f"file:{self.stack.config.app_db}?mode=ro", uri=True)) as database:
            return database.execute(sql, tuple(given)).fetchall()

    def calm(self) -> None:
        """No alarm stays open."""
        for alarm in self.journal.open_alarms():
            self.journal.decide(alarm, lambda _state: [AlarmClosed("tests", "test", "end of an attack")])
