"""Which connections go when there are too many, and which took too long; with a clock that is set."""

from collections.abc import Iterable

import pytest

from egide.common.callers import Proxies
from egide.common.config import Config
from egide.entrypoints.serving.connections import BODY_S, HEAD_S, Connections, Held, Limits, Phase

MOST, BY_ADDRESS, UNREAD, IDLE_S = 64, 32, 1000, 30.0


class Crowd:
    """Connections under a clock that is set; `gone` holds those that were ended."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.gone: list[str] = []
        self.late: list[str] = []
        limits = Limits(MOST, BY_ADDRESS, UNREAD, IDLE_S)
        self.held = Connections(limits, Proxies(["10.0.0.1"]), lambda: self.now_s)

    def open(self, name: str, peer: str = "", phase: Phase = Phase.HEAD, *, known: bool = False) -> Held:
        """One more."""

        def end(is_late: bool) -> None:
            self.gone.append(name)
            self.late += [name] if is_late else []

        one = Held(peer or name, end, lambda: self.now_s)
        self.held.open(one)
        if known:
            self.held.know(one)
        one.enter(phase)
        return one

    def fill(self, count: int, peer: str, phase: Phase = Phase.HEAD) -> None:
        for number in range(count):
            self.open(f"{peer}#{number}", peer, phase)


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


def owners(names: Iterable[str]) -> set[str]:
    return {name.partition("#")[0] for name in names}


def test_a_newcomer_gets_in_at_the_cost_of_those_who_hold_most(crowd: Crowd) -> None:
    crowd.open("early", phase=Phase.IDLE)
    for number in range(3):
        crowd.fill(BY_ADDRESS, f"198.51.100.{number}")
    crowd.open("press")
    assert owners(crowd.gone) <= {"198.51.100.0", "198.51.100.1", "198.51.100.2"}
    assert len(crowd.held) <= MOST


def test_one_address_ends_only_its_own(crowd: Crowd) -> None:
    other = crowd.open("other", phase=Phase.BODY)
    crowd.fill(500, "198.51.100.1")
    assert owners(crowd.gone) == {"198.51.100.1"}
    assert len(crowd.held) <= BY_ADDRESS + 1 and other.phase is Phase.BODY
    assert "198.51.100.1#499" not in crowd.gone, (
        "the newest stay: one of them may be somebody else behind that address"
    )


def test_a_press_gets_in_behind_an_address_whose_others_all_wait_for_their_answer(crowd: Crowd) -> None:
    """As behind one address of a carrier, while the journal is slow."""
    crowd.fill(BY_ADDRESS, "198.51.100.1", Phase.ANSWER)
    crowd.open("press", "198.51.100.1", Phase.BODY)
    assert crowd.gone == []


def test_who_sent_something_verified_has_no_limit_by_address(crowd: Crowd) -> None:
    for number in range(MOST - 4):
        crowd.open(f"phone#{number}", "198.51.100.1", Phase.IDLE, known=True)
    assert crowd.gone == []


def test_a_stranger_goes_before_who_is_known_and_an_idle_phone_before_a_press_that_just_began(
    crowd: Crowd,
) -> None:
    for number in range(MOST - 2):
        crowd.open(f"phone#{number}", phase=Phase.IDLE, known=True)
    crowd.open("slow stranger")
    crowd.now_s += 5
    crowd.open("a press that just began", phase=Phase.BODY)
    crowd.open("the next")
    assert crowd.gone[0] == "slow stranger"
    assert "a press that just began" not in crowd.gone and "the next" not in crowd.gone


def test_nobody_who_is_known_makes_room_while_strangers_hold_many(crowd: Crowd) -> None:
    for number in range(MOST // 2):
        crowd.open(f"phone#{number}", phase=Phase.IDLE, known=True)
    crowd.now_s += 1
    for number in range(4 * MOST):
        crowd.open(f"stranger#{number}", peer=f"198.51.100.{number}")
    assert owners(crowd.gone) == {"stranger"} and len(crowd.held) <= MOST


def test_a_stranger_who_is_being_answered_stays_and_the_newest_goes_instead_of_a_phone(crowd: Crowd) -> None:
    for number in range(MOST // 2):
        crowd.open(f"phone#{number}", phase=Phase.IDLE, known=True)
    for number in range(MOST // 2):
        crowd.open(f"stranger#{number}", phase=Phase.ANSWER)
    crowd.open("newest")
    assert crowd.gone == ["newest"]


def test_behind_a_proxy_an_address_comes_first_while_what_comes_from_it_is_verified(crowd: Crowd) -> None:
    def comes_first(caller: str) -> bool:
        crowd.held.finish(one)
        crowd.held.begin(one, [caller])
        return one.comes_first

    one = crowd.open("proxy", "10.0.0.1", Phase.IDLE)
    assert not comes_first("198.51.100.1")
    crowd.held.know(one, "a phone")
    assert comes_first("198.51.100.1") and not comes_first("198.51.100.2")
    crowd.held.doubt(one)
    assert comes_first("198.51.100.1"), "another's refusal is not its own"
    crowd.held.doubt(one)
    assert not comes_first("198.51.100.1")
    crowd.held.know(one, "a phone")
    crowd.now_s += 601
    assert not comes_first("198.51.100.1")


def test_a_phone_that_is_told_to_wait_keeps_its_place_unless_it_goes_on_regardless(crowd: Crowd) -> None:
    one = crowd.open("phone", known=True)
    for _ in range(3):
        crowd.held.doubt(one, is_limit=True)
        assert one.comes_first, "a press does not wait for a limit"
        crowd.held.know(one)
    for _ in range(2):
        crowd.held.doubt(one, is_limit=True)
    assert not one.comes_first
    crowd.held.know(one)
    crowd.held.doubt(one)
    assert not one.comes_first


def test_one_phone_makes_few_connections_known(crowd: Crowd) -> None:
    mine = [crowd.open(f"mine#{number}", "198.51.100.1", Phase.IDLE) for number in range(20)]
    for one in mine:
        crowd.held.know(one, "a phone")
    assert [one.is_known for one in mine] == [False] * 16 + [True] * 4
    crowd.held.close(mine[-1])
    crowd.held.know(mine[0], "a phone")
    assert [one.is_known for one in mine[:-1]] == [True] + [False] * 15 + [True] * 3


def test_what_is_being_answered_is_never_ended(crowd: Crowd) -> None:
    crowd.fill(BY_ADDRESS, "198.51.100.1", Phase.ANSWER)
    crowd.fill(BY_ADDRESS, "198.51.100.2", Phase.ANSWER)
    crowd.now_s += 10_000
    crowd.held.end_late()
    assert crowd.gone == []
    crowd.open("one more")
    assert crowd.gone == ["one more"]


@pytest.mark.parametrize(
    ("phase", "seconds"), [(Phase.HEAD, HEAD_S), (Phase.BODY, BODY_S), (Phase.IDLE, IDLE_S)]
)
def test_each_phase_has_its_deadline(crowd: Crowd, phase: Phase, seconds: float) -> None:
    crowd.open("slow", phase=phase)
    crowd.now_s += seconds
    crowd.held.end_late()
    assert crowd.gone == []
    crowd.now_s += 1
    crowd.held.end_late()
    assert crowd.late == ["slow"] and len(crowd.held) == 0
    assert crowd.held.take_ended() == {f"{phase.value}-late": 1}
    assert crowd.held.take_ended() == {}


def test_half_sent_bodies_together_have_a_limit(crowd: Crowd) -> None:
    mine = crowd.open("mine", phase=Phase.BODY)
    crowd.held.note_unread(mine, 200)
    for number in range(20):
        one = crowd.open(f"theirs#{number}", "198.51.100.1", Phase.BODY)
        crowd.held.note_unread(one, 100)
    assert owners(crowd.gone) == {"theirs"}
    assert crowd.held._unread <= UNREAD


def test_a_proxy_counts_for_its_caller_while_a_request_is_under_way(crowd: Crowd) -> None:
    for number in range(BY_ADDRESS + 4):
        one = crowd.open(f"proxy#{number}", "10.0.0.1", Phase.IDLE)
        assert crowd.held.begin(one, ["1.1.1.1, 198.51.100.1"]) == "198.51.100.1"
        one.enter(Phase.BODY)
    assert 0 < len(crowd.gone) <= 8, "of one caller, too many"
    crowd.gone.clear()
    for number in range(BY_ADDRESS):
        one = crowd.open(f"others#{number}", "10.0.0.1", Phase.IDLE)
        crowd.held.begin(one, [f"198.51.100.{number + 2}"])
        crowd.held.finish(one)
    assert owners(crowd.gone) <= {"proxy"}


def test_descriptors_count_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    config = Config(tmp_path_factory.getbasetemp(), connections=1_000_000)
    limits = Limits.of(config, unread_bytes=1, idle_s=1)
    assert 16 <= limits.most <= 32_768
    assert Limits.of(config, unread_bytes=1, idle_s=1, most=100).most == 100
