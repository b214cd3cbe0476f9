"""The drill of docs/operations/backup.md: a machine is destroyed while people press, and everything goes on
elsewhere.
"""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.demo.world import World
from egide.entrypoints.stack.installation import SERVERS, Stack
from egide.entrypoints.stack.operator import Operator
from egide.journal.now.signs import Signs
from egide.journal.proof.checkpoint import read_checkpoints
from egide.journal.proof.checkpoints import FILE_NAME, JOURNAL
from egide.journal.proof.erased import FILE_NAME as ERASED
from egide.journal.proof.verify import verify
from egide.journal.sealing.keys import KeyErased
from tests.support.backups import Kept, ended, erased
from tests.support.commands import start
from tests.support.phones import HttpPhone, place
from tests.support.waiting import until

PHONES = 3
# Buttons and phones live elsewhere: what they keep does not burn with the machine. A short name, for a socket's path.
OUTSIDE = "../r"


class Presses:
    """People who press all the time, and what the server acknowledged to each of them."""

    def __init__(self, stack: Stack) -> None:
        self.phones = [HttpPhone(stack, stack.demo["kits"][number]) for number in range(PHONES)]
        self.acknowledged: list[str] = []

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Meanwhile they press, whether or not anybody answers."""
        stopped = threading.Event()

        def press_on(phone: HttpPhone) -> None:
            while not stopped.is_set():
                with suppress(OSError, AssertionError):
                    self.acknowledged.append(phone.press())

        threads = [threading.Thread(target=press_on, args=(phone,)) for phone in self.phones]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stopped.set()
            for thread in threads:
                thread.join()

    def until_more(self, number: int) -> None:
        """Wait until so many further presses were acknowledged."""
        wanted = len(self.acknowledged) + number
        until(lambda: len(self.acknowledged) >= wanted, "presses are acknowledged")


def burn(stack: Stack) -> None:
    """kill -9 for every process, and the disk is gone."""
    for name in SERVERS:
        stack.children[name].kill()
    shutil.rmtree(stack.config.data_dir)


def seen(kept: Kept) -> int:
    """How far the second place has seen the journal."""
    file = kept.place / FILE_NAME
    return max((one.seq for one in read_checkpoints(file.read_bytes())[0]), default=0) if file.exists() else 0


def told(config: Config, *arguments: str) -> str:
    """What a command says that went well."""
    answer = start(config, *arguments)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


async def acknowledge(stack: Stack, alarm: str) -> None:
    """An operator signs in again, with the password of before, and takes it."""
    account = next(user for user in stack.demo["users"] if user["name"] == "hainaut-12")
    desk, live = (f"http://127.0.0.1:{stack.ports[name]}" for name in ("web", "live"))
    async with Operator(desk, f"{live}/v1/live", account["name"], account["password"]) as operator:
        await operator.do(alarm, "shown")
        await operator.do(alarm, "acknowledge")


@pytest.mark.full(
    "tests/entrypoints/test_cli_restore.py::test_what_is_restored_is_what_was_there_and_what_is_missing_is_said",
    "tests/entrypoints/test_cli_restore.py::test_rule_48_watch_goes_on_after_a_restore_and_the_gap_stays_provable",
    "tests/entrypoints/test_cli_restore.py::test_rule_29_an_erased_case_stays_erased_though_an_older_back_up_is_restored",
    "tests/entrypoints/test_cli_backup.py::test_everything_in_it_is_of_one_moment_though_events_come_all_the_time",
    "tests/entrypoints/test_cli_backup.py::test_presses_do_not_wait_for_a_back_up",
)
@pytest.mark.parametrize("disasters", [1, 3])
def test_a_machine_is_destroyed_while_people_press_and_everything_goes_on_elsewhere(
    tmp_path_factory: pytest.TempPathFactory, disasters: int
) -> None:
    tmp_path = tmp_path_factory.mktemp("drill")
    with Stack(tmp_path / "0") as stack:
        kept = Kept(tmp_path, stack.config)
        stack.config = kept.config
        stack.start()
        kept.keep_master()
        person = stack.demo["kits"][0]
        stack.start_radio([person], OUTSIDE)
        presses = Presses(stack)
        world = World(stack.journal(), SystemClock())
        for number in range(1, disasters + 1):
            a_disaster(stack, kept, presses, world, tmp_path / f"{number}")


def a_disaster(stack: Stack, kept: Kept, presses: Presses, world: World, elsewhere: Path) -> None:
    """One machine burns; `elsewhere` goes on."""
    person = stack.demo["kits"][0]
    world.journal = stack.journal()
    gone, stays = (ended(world)[0].case for _ in range(2))
    with presses.going_on():
        presses.until_more(5)
        before = list(presses.acknowledged)
        told(stack.config, "backup")
        presses.until_more(5)
        # After the back-up: a press by the button, and two people erase a file.
        stack.press(person)
        lost = stack.children["companion"].wait_for("step", "phone.receipt")["alarm"]
        erased(world, gone)
        until(lambda: gone.encode() in (kept.place / ERASED).read_bytes(), "the list leaves the house")
        until(lambda: seen(kept) > 0, "so do checkpoints")
        head = stack.journal().head()
        until(lambda: seen(kept) >= head, "up to what people saw")
        burn(stack)
    backup = max(kept.backups.glob("egide-*.age"))
    config = replace(stack.config, data_dir=elsewhere)
    said = told(
        config, "restore", str(backup), "--to", str(elsewhere), "--key", str(kept.key), "--master",
        str(kept.master), "--second-place", str(kept.place),
    )  # fmt: skip
    assert "Missing, as the second place saw it: events " in said and "Erased again" in said

    stack.config = kept.config = config
    stack.resume()
    journal = stack.journal()
    verify(journal.every())
    known = {row.stream for row in journal.read_clear(0, 1_000_000)}
    assert [alarm for alarm in before if f"alarm:{alarm}" not in known] == [], (
        "acknowledged before it: all there"
    )
    with pytest.raises(KeyErased):
        journal.keys.case_key(gone)
    assert journal.keys.case_key(stays)

    # Phones go on: a press by the button, taken by a person; counters that are ahead; a position of what is gone.
    stack.press(person)
    alarm = stack.children["companion"].wait_for("step", "phone.receipt")["alarm"]
    until(lambda: (state := stack.journal().alarm(alarm)) and state.lead.route, "it is routed")
    asyncio.run(acknowledge(stack, alarm))
    stack.children["companion"].wait_for("state", "acknowledged")
    for phone in presses.phones:
        assert f"alarm:{phone.press()}" in {row.stream for row in journal.read_clear(0, 1_000_000)}
        phone.move(place(50.45, 3.95))
    assert lost

    # And the chain holds against the second place, as it is now and as watch looks at it.
    until(lambda: seen(kept) >= journal.head() - 5, "watch signs again")
    proof = told(config, "journal", "verify", "--checkpoints", str(kept.place / FILE_NAME))
    assert "whole: " in proof and "was restored from a back-up" in proof
    assert JOURNAL not in {trouble.part for trouble in Signs(config, SystemClock()).troubles()}
