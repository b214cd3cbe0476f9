"""What watch finds wrong, by what changes while it looks on; whatever the wall clock does."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.entrypoints.watch import rules as r
from egide.entrypoints.watch.rules import Attention, Findings, Judge, Look
from egide.journal.now.signs import Beat

HOUR_US = 3_600_000_000
TICK_S = 0.5
THREADS = (r.WORKER_BEAT, r.LADDER_BEAT, r.OUTBOX_BEAT, r.SUPERVISION_BEAT)


class World:
    """A chain that is well, looked at twice a second; a test stops parts of it, or sets its wall clock."""

    def __init__(self) -> None:
        self.judge = Judge()
        self.now_s = 0.0
        self.wall_us = 1_800_000_000_000_000
        self.beats: dict[str, Beat] = {}
        self.seq = 0
        self.dead: set[str] = set()
        self.changes: dict[str, Any] = {}

    def look(self) -> dict[str, str]:
        """Half a second later."""
        self.now_s += TICK_S
        self.wall_us += round(TICK_S * 1e6)
        self.seq += 1
        for name in (*THREADS, "web 8400", "board 1"):
            if name not in self.dead:
                self.beats[name] = Beat(name, self.wall_us, self.seq, self.seq)
        boards = {"1": self.beats["board 1"].at_us} if "board 1" in self.beats else {}
        look = Look(head=self.seq, beats=dict(self.beats), boards=boards)
        return self.judge.wrong(replace(look, **self.changes), self.now_s)

    def run(self, seconds: float) -> dict[str, str]:
        """Everything that was wrong meanwhile."""
        found: dict[str, str] = {}
        for _ in range(round(seconds / TICK_S)):
            found |= self.look()
        return found

    def until_wrong(self, part: str, within_s: float) -> tuple[str, float]:
        """Why, and after how long."""
        began_s = self.now_s
        while self.now_s - began_s < within_s:
            if part in (wrong := self.look()):
                return wrong[part], self.now_s - began_s
        raise AssertionError(f"{part} was not found wrong within {within_s} s")


@pytest.fixture
def world() -> World:
    made = World()
    assert made.run(120) == {}
    return made


def test_a_dead_worker_is_one_trouble_and_not_three(world: World) -> None:
    world.dead |= set(THREADS)
    assert world.until_wrong(r.WORKER, 12)[0] == "silent"
    assert world.run(60) == {r.WORKER: "silent"}


@pytest.mark.parametrize(
    ("part", "beat"),
    [(r.LADDER, r.LADDER_BEAT), (r.OUTBOX, r.OUTBOX_BEAT), (r.SUPERVISION, r.SUPERVISION_BEAT)],
)
def test_rule_01_a_thread_that_stops_alone_is_found(world: World, part: str, beat: str) -> None:
    world.dead.add(beat)
    assert world.until_wrong(part, 12)[0] == "silent"
    assert world.run(60) == {part: "silent"}


def test_a_follower_that_does_not_move_is_stuck_although_it_speaks(world: World) -> None:
    stuck_at = world.seq
    world.changes = {"head": 10**9}

    def speak() -> dict[str, str]:
        world.beats[r.WORKER_BEAT] = Beat(r.WORKER_BEAT, world.wall_us, stuck_at, stuck_at)
        return world.look()

    world.dead.add(r.WORKER_BEAT)
    assert until(world, speak, r.WORKER) == "stuck"


def test_a_follower_that_is_far_behind_and_moves_is_not_stuck(world: World) -> None:
    world.changes = {"head": 10**9}
    assert world.run(120) == {}


def test_a_ladder_that_fails_for_one_alarm_is_stuck(world: World) -> None:
    def speak() -> dict[str, str]:
        world.beats[r.LADDER_BEAT] = Beat(r.LADDER_BEAT, world.wall_us, 2, 3)
        return world.look()

    world.dead.add(r.LADDER_BEAT)
    assert until(world, speak, r.LADDER) == "stuck"


def until(world: World, look: Callable[[], dict[str, str]], part: str) -> str:
    for _ in range(60):
        if part in (wrong := look()):
            return wrong[part]
    raise AssertionError(part)


def test_a_canary_that_no_one_routes_is_the_workers_trouble(world: World) -> None:
    world.changes = {"canary_seq": 100, "routed_seq": 99}
    why, after_s = world.until_wrong(r.WORKER, 12)
    assert (why, after_s) == ("unrouted", r.PATIENCE_S + TICK_S)
    world.changes = {"canary_seq": 100, "routed_seq": 100}
    assert world.look() == {}


def test_canaries_that_come_through_late_but_come_through_are_no_trouble(world: World) -> None:
    for seq in range(100, 160):
        world.changes = {"canary_seq": seq + 1, "routed_seq": seq}
        assert world.look() == {}


def test_each_address_that_gives_no_good_answer_is_a_trouble_of_its_own(world: World) -> None:
    world.changes = {"unanswered": frozenset({"intake:b", "live"})}
    assert world.run(r.PATIENCE_S) == {}
    assert world.run(2) == {"intake:b": "unanswered", "live": "unanswered"}
    world.changes = {"unanswered": frozenset()}
    assert world.look() == {}
    world.changes = {"unanswered": frozenset({"live"})}
    assert world.run(r.PATIENCE_S - 1) == {}, "it answered in between"


def test_what_waits_for_the_journal_is_said_when_it_waits_for_long(world: World) -> None:
    world.changes = {"kept": 3}
    assert world.until_wrong(r.KEPT, 12)[0] == "waiting"
    world.changes = {"kept": 2}
    assert world.run(2) == {r.KEPT: "waiting"}
    world.changes = {}
    assert world.run(1) == {}


def test_a_road_for_short_messages_is_missed_once_it_was_heard_and_says_what_it_cannot_place(
    world: World,
) -> None:
    name = "sms 8404"
    for number in range(60):
        world.beats[name] = Beat(name, number, 5, 5)
        assert world.look() == {}
    world.beats[name] = Beat(name, 60, 5, 5, r.SMS_HALF)
    assert world.look() == {r.SMS_HALF: "waits"}
    assert world.until_wrong(r.SMS, 12)[0] == "silent"
    assert world.run(5) == {r.SMS: "silent"}
    del world.beats[name]
    assert world.run(60) == {}, "it ended as it should"


def test_a_broker_that_is_away_is_said_and_so_is_who_listens_to_it(world: World) -> None:
    for number in range(60):
        world.beats[r.MQTT] = Beat(r.MQTT, number, 5, 5)
        assert world.look() == {}
    found = {}
    for number in range(60, 90):
        world.beats[r.MQTT] = Beat(r.MQTT, number, 5, 5, r.MQTT_AWAY)
        found = world.look()
    assert found == {r.MQTT: "unanswered"}
    assert world.run(20) == {r.MQTT: "silent"}
    del world.beats[r.MQTT]
    assert world.run(60) == {}, "it ended as it should"


def test_each_dispatch_system_that_takes_nothing_is_said_by_its_name(world: World) -> None:
    for number in range(60):
        for name in ("cad ccic", "cad neighbour"):
            world.beats[name] = Beat(name, number, 5, 5)
        assert world.look() == {}
    world.beats["cad neighbour"] = Beat("cad neighbour", 60, 5, 6)
    found = {}
    for number in range(61, 90):
        world.beats["cad ccic"] = Beat("cad ccic", number, number, number)
        world.beats["cad neighbour"] = Beat("cad neighbour", number, 5, 6)
        found = world.look()
    assert found == {f"{r.CAD}:neighbour": "stuck"}


def test_rule_04_no_board_alive_is_found_sooner_while_alarms_are_open(world: World) -> None:
    world.dead.add("board 1")
    _, calm_s = world.until_wrong(r.BOARDS, 200)
    assert calm_s == pytest.approx(r.BOARD_SILENT_S + r.NO_BOARD_S, abs=1)
    world.dead.clear()
    assert world.look() == {}
    world.dead.add("board 1")
    world.changes = {"open_alarms": 1}
    _, open_s = world.until_wrong(r.BOARDS, 200)
    assert open_s == pytest.approx(r.BOARD_SILENT_S + r.NO_BOARD_IN_ALARM_S, abs=1)


def test_a_silent_web_explains_that_no_board_is_heard(world: World) -> None:
    world.dead |= {"web 8400", "board 1"}
    assert world.run(200) == {r.WEB: "silent"}


@pytest.mark.parametrize("jump_us", [-12 * HOUR_US, -HOUR_US, HOUR_US, 12 * HOUR_US])
def test_a_wall_clock_that_jumps_makes_no_trouble(world: World, jump_us: int) -> None:
    for _ in range(5):
        world.wall_us += jump_us
        assert world.run(30) == {}


@pytest.mark.parametrize("jump_us", [-12 * HOUR_US, -HOUR_US, HOUR_US, 12 * HOUR_US])
def test_a_wall_clock_that_jumps_hides_no_trouble(world: World, jump_us: int) -> None:
    world.dead |= set(THREADS)
    world.run(5)
    world.wall_us += jump_us
    assert world.until_wrong(r.WORKER, 7)[0] == "silent"


def test_a_watch_that_could_not_look_counts_none_of_that_time() -> None:
    attention = Attention()
    assert attention.look(0) == 0
    assert attention.look(500_000) == 0.5
    assert attention.look(HOUR_US) == 0.5 + r.LONGEST_LOOK_S


def test_what_breaks_is_named_once_and_so_is_its_mending() -> None:
    findings = Findings()
    told = [findings.take({"live": "x"} if 3 <= at_s < 6 else {}, float(at_s)) for at_s in range(40)]
    assert [(at_s, broke) for at_s, (broke, _) in enumerate(told) if broke] == [(3, ["live"])]
    assert [(at_s, over) for at_s, (_, over) in enumerate(told) if over] == [(6 + r.PATIENCE_S, ["live"])]


def test_what_comes_and_goes_is_one_trouble_until_it_stays_away() -> None:
    findings = Findings()
    told = [findings.take({"live": "x"} if at_s % 4 == 0 else {}, float(at_s)) for at_s in range(200)]
    assert sum(len(broke) for broke, _ in told) == 1
    assert not any(over for _, over in told)


def test_a_watch_that_starts_again_mends_what_an_earlier_one_found() -> None:
    findings = Findings(["live", "worker"])
    assert findings.take({"worker": "silent"}, 0.0) == ([], [])
    assert findings.take({"worker": "silent"}, r.PATIENCE_S) == ([], ["live"])


@given(st.lists(st.sets(st.sampled_from(["a", "b"])), max_size=200), st.sampled_from([(), ("a",)]))
def test_breaking_and_mending_alternate_for_every_part(history: list[set[str]], known: Iterable[str]) -> None:
    findings, broken = Findings(known), set(known)
    for at, wrong in enumerate(history):
        broke, over = findings.take(dict.fromkeys(wrong, "x"), at * 3.0)
        assert not broken.intersection(broke) and broken.issuperset(over)
        broken = broken.union(broke).difference(over)
        assert broken.issuperset(wrong), "what is wrong now is always known to be broken"
