"""Law: kill -9 of worker, live and web at any moment of a night with presses, moves and people who act: every step
happens once, every deadline is kept or noted as missed, and every board ends where the journal is."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from egide.alarm.events import FromPhone, Ladder, Rung, StepMissed, TeamOnSite, TeamUnderWay
from egide.alarm.events.steps import BY_OPERATOR
from egide.alarm.fold import Past, fold
from egide.alarm.ladder import REPEAT_S, by_wall_clock, clocks, decide_due, responsible, running
from egide.alarm.state import AlarmState
from egide.alarm.table import STEPS
from egide.entrypoints.stack.installation import Stack
from egide.journal.proof.verify import verify
from egide.journal.service import Journal
from egide.routing.service import do_set_ladder
from tests.support.boards import HttpBoard
from tests.support.phones import HttpPhone, place
from tests.support.waiting import WITHIN_S, until_async

CENTRE, ZONE, PHONES = "HAI", "5324", 3
# A worker that was killed is there again within this time, also on a machine that does much else.
RESTART_S = 60.0
# What a kill and the start that follows take at most.
ROUND_S = 3.0
QUICK = Ladder(tuple(Rung(step, after_s, "louder") for step in STEPS for after_s in (1, 2, 4)))
ONCE = (
    "AlarmAcknowledged",
    "ZoneConfirmed",
    "TeamNamed",
    "TeamReported",
    "AlarmClosed",
)


class Night:
    """Phones, people at boards, and what is done to the servers."""

    def __init__(self, stack: Stack, chance: random.Random, rounds: int) -> None:
        self.stack = stack
        self.chance = chance
        self.journal: Journal = stack.journal()
        # On a busy machine whoever asks may meet a server that is killed each time, until nobody kills any more.
        within_s = WITHIN_S + rounds * ROUND_S
        self.boards = [HttpBoard(stack, name, within_s=within_s) for name in ("hainaut-12", "hainaut-07")]
        self.zone = HttpBoard(stack, "mons-quevy-21", within_s=within_s)
        self.alarms: list[str] = []
        self.is_over = False
        self.killed: Counter[str] = Counter()
        self.kept: list[asyncio.Future[None]] = []

    @asynccontextmanager
    async def people(self) -> AsyncIterator[None]:
        """Everybody signed in, listening and at their boards."""
        everybody = [*self.boards, self.zone]
        await asyncio.gather(*(person.sign_in() for person in everybody))
        await asyncio.gather(*(board.open_page() for board in self.boards))
        kept: list[Awaitable[None]] = [board.follow() for board in self.boards]
        kept += [board.refresh_on_news(0.1) for board in self.boards]
        kept += [board.be_here(f"{number:016x}") for number, board in enumerate(self.boards)]
        self.kept = [asyncio.ensure_future(each) for each in kept]
        try:
            yield
        finally:
            for task in self.kept:
                task.cancel()
            await asyncio.gather(*self.kept, return_exceptions=True)
            await asyncio.gather(*(person.close() for person in everybody))

    async def be_phone(self, number: int) -> None:
        """Press, and go on telling where she is."""
        person = self.stack.demo["kits"][0]
        phone = await asyncio.to_thread(HttpPhone, self.stack, person)
        self.alarms.append(await asyncio.to_thread(phone.press))
        while not self.is_over:
            await asyncio.sleep(self.chance.uniform(0.2, 0.6))
            north = self.chance.uniform(-0.002, 0.002)
            await asyncio.to_thread(phone.move, place(person["lat"] + north, person["lon"] + number / 1000))

    async def be_operator(self, board: HttpBoard) -> None:
        """Whatever an operator may do to what their board shows, in any order; what is not due is refused."""
        while not self.is_over:
            await asyncio.sleep(self.chance.uniform(0.02, 0.25))
            if not board.rows:
                continue
            alarm = self.chance.choice(sorted(board.rows))
            action, fields = self.chance.choice(
                (
                    ("shown", {}),
                    ("acknowledge", {}),
                    ("zone", {"zone": ZONE, "reference": "Insp. 21"}),
                    ("team", {"call_sign": "M 12"}),
                    ("under-way", {}),
                    ("on-site", {}),
                    ("help-seen", {}),
                )
            )
            await board.post(f"/desk/alarms/{alarm}/{action}", **fields)

    async def be_zone(self) -> None:
        """The zone does the same from its own page, and taps for its team; each tap is sent twice."""
        while not self.is_over:
            await asyncio.sleep(self.chance.uniform(0.05, 0.4))
            if not self.alarms:
                continue
            alarm, tap = self.chance.choice(self.alarms), {"id": str(uuid4()), "age_s": "0"}
            tap |= self.chance.choice(({"kind": "under-way"}, {"kind": "on-site"}, {"kind": "help"}))
            await self.zone.post(f"/zone/alarms/{alarm}/confirm", reference="Insp. 21")
            for _ in range(2):
                await self.zone.post(f"/zone/alarms/{alarm}/file/tap", **tap)

    async def kill_often(self, rounds: int) -> None:
        """The moments are what is tried here; nothing is waited for, except that it came up between two kills."""
        starting: set[str] = set()
        for _ in range(rounds):
            name = self.chance.choice(("worker", "worker", "live", "live", "web"))
            child = self.stack.children[name]
            if name in starting:
                await asyncio.to_thread(child.ready)
            await asyncio.sleep(self.chance.uniform(0.02, 0.4))
            await asyncio.to_thread(child.kill)
            child.start()
            starting.add(name)
            self.killed[name] += 1
        self.is_over = True

    async def bring_to_an_end(self) -> None:
        """Every step that is still missing is done, by the first to come, and said twice."""
        first = self.boards[0]
        for alarm in self.alarms:
            path, report = (
                f"/desk/alarms/{alarm}",
                {"id": str(uuid4()), "kind": "report", "outcome": "arrest"},
            )
            report |= {"text": "as seen", "age_s": "0"}
            for _ in range(2):
                for board in self.boards:
                    await board.post(f"{path}/shown")
                await first.post(f"{path}/acknowledge")
                await first.post(f"{path}/zone", zone=ZONE, reference="Insp. 21")
                await first.post(f"{path}/team", call_sign="M 12")
                await first.post(f"{path}/under-way")
                await first.post(f"{path}/on-site")
                await first.post(f"{path}/help-seen")
                await self.zone.post(f"/zone/alarms/{alarm}/file/tap", **report)
        closed = self.alarms[0]
        for board in (*self.boards, *self.boards):
            await board.post(f"/desk/alarms/{closed}/close", outcome="arrest", reason="as told")

    async def until_boards_are_there(self) -> None:
        """Every board has heard the last event that concerns an alarm, and shows what the journal holds."""

        def are_there() -> bool:
            for task in self.kept:
                assert not task.done(), task.exception()
            return all(self.shown(board) == self.held() for board in self.boards)

        await until_async(
            are_there, lambda: [(board.name, self.shown(board), self.held()) for board in self.boards]
        )

    def shown(self, board: HttpBoard) -> tuple[dict[str, int], list[int]]:
        """What it shows, and what it has heard; it has listened since before the first press.

        While the worker is dead, what nobody has routed yet is told to the boards of the alarm's home too.
        """
        routed = {row.seq for row in self.journal.read_clear(0, 1_000_000) if row.centre}
        heard = [one.seq for one in board.heard if one.stream[6:] in self.alarms]
        return board.rows, [seq for seq in heard if seq in routed]

    def held(self) -> tuple[dict[str, int], list[int]]:
        """What it should show, and have heard: each event once, in order."""
        states = [self.journal.alarm(alarm) for alarm in self.journal.open_alarms([CENTRE])]
        rows = self.journal.read_clear(0, 1_000_000)
        seqs = [row.seq for row in rows if row.stream[6:] in self.alarms and CENTRE in row.centre.split()]
        return {state.alarm: state.version for state in states if state}, seqs


@pytest.mark.law
async def test_rule_01_no_matter_what_is_killed_each_step_happens_once_and_no_deadline_passes_in_silence(
    tmp_path: Path, rounds: int, chance: random.Random, start_stack: Callable[[Stack], None]
) -> None:
    with Stack(tmp_path) as stack:
        await asyncio.to_thread(start_stack, stack)
        do_set_ladder(stack.journal(), "chief", CENTRE, QUICK)
        night = Night(stack, chance, rounds)
        async with night.people():
            async with asyncio.TaskGroup() as group:
                for number in range(PHONES):
                    group.create_task(night.be_phone(number))
                for board in night.boards:
                    group.create_task(night.be_operator(board))
                group.create_task(night.be_zone())
                group.create_task(night.kill_often(rounds))
            await night.bring_to_an_end()
            await night.until_boards_are_there()
        assert night.killed.total() == rounds
        verify(list(night.journal.every()))
        for alarm in night.alarms:
            check_steps(night.journal, alarm)
            check_deadlines(night.journal, alarm)


def events_of(journal: Journal, alarm: str) -> list[Past]:
    rows = journal.stream(f"alarm:{alarm}")
    return [Past(journal.open_event(row), row.seq, row.version, row.at_us) for row in rows]


def check_steps(journal: Journal, alarm: str) -> None:
    """However often it was said, and no matter what was killed meanwhile, it happened once."""
    past = events_of(journal, alarm)
    kinds = Counter(one.event.kind for one in past)
    left = kinds["OperatorLeft"]
    for kind in ONCE:
        wanted = 0 if kind == "AlarmClosed" and not kinds[kind] else 1
        wanted += left if kind == "AlarmAcknowledged" else 0
        assert kinds[kind] == wanted, (kind, kinds)
    # An operator's word may come first; then the zone's confirms it, once.
    for step, may_lack in ((TeamUnderWay, True), (TeamOnSite, False)):
        # A team may arrive without having said that it leaves; then that is refused from there on.
        by_operator = [one.event.told == BY_OPERATOR for one in past if isinstance(one.event, step)]
        assert by_operator in ([True], [False], [True, False], *([[]] if may_lack else [])), kinds
    messages = Counter(one.event.counter for one in past if isinstance(one.event, FromPhone))
    assert set(messages.values()) == {1}
    noted = Counter(
        (one.event.step, one.event.due_at_us) for one in past if isinstance(one.event, StepMissed)
    )
    assert set(noted.values()) <= {1}, noted


def check_deadlines(journal: Journal, alarm: str) -> None:
    """At no event of its life had a deadline passed, longer ago than a restart takes, that was not noted; and at each
    somebody was responsible, with a deadline to come."""
    state = AlarmState(alarm=alarm)
    for past in events_of(journal, alarm):
        overdue = decide_due(state, by_wall_clock(past.at_us - round(RESTART_S * 1e6)))
        assert overdue == [], f"before {past.event.kind} at version {past.version}"
        if isinstance(past.event, StepMissed):
            assert 0 <= past.at_us - past.event.due_at_us <= (RESTART_S + REPEAT_S) * 1e6
            assert past.event.step in dict(running(state)), "noted for a step that was done"
        state = fold(state, past)
        if state.is_open or state.awaits_report:
            assert clocks(state) and responsible(state) is not None
