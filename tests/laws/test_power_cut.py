"""Law: a power cut loses what no process had synced, or leaves it torn, and never what was acknowledged."""

import os
import random
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.chaos.faults import stop_writing, tear
from egide.alarm.events import FromPhone
from egide.common.clock import SystemClock
from egide.journal.proof.verify import verify
from tests.intake.test_process import Running
from tests.support.installation import Installation, Phone
from tests.support.waiting import until

PHONES, DISK_MB = 4, 48


class Disk:
    """An ext4 in a file, mounted at `place`; root alone can do that."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, 0
        with self._image.open("wb") as file:
            file.truncate(DISK_MB << 20)
        subprocess.run(["mkfs.ext4", "-q", self._image], check=True)
        self._mount()

    @property
    def place(self) -> Path:
        return self._folder / f"disk-{self._number}"

    @property
    def _image(self) -> Path:
        return self._folder / f"disk-{self._number}.img"

    def move(self) -> None:
        """Into another machine: whoever had it open here sees the old one."""
        old = self._image
        self.take_out()
        self._number += 1
        shutil.copy(old, self._image)
        # While anybody has a file of it open the old one stays, and 55 MB of memory with it.
        os.truncate(old, 0)
        old.unlink()
        self._mount()

    def take_out(self) -> None:
        subprocess.run(["umount", "-l", self.place], check=True, capture_output=True)

    def _mount(self) -> None:
        self.place.mkdir()
        subprocess.run(["mount", "-o", "loop", self._image, self.place], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("needs root and mkfs.ext4: a disk of its own is cut off in the middle of a write")
    try:
        made = Disk(tmp_path)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this machine mounts no file as a disk: {error.stderr}")
    yield made
    made.take_out()


def press_until(over: threading.Event, running: Running, phone: Phone, acknowledged: list[bytes]) -> None:
    while not over.is_set():
        envelope = phone.press()
        if running.send(envelope) == 201:
            acknowledged.append(envelope)


def cut_while_phones_press(
    running: Running, disk: Disk, phones: list[Phone], chance: random.Random
) -> list[bytes]:
    """The disk stands still at some moment, then every process is gone; what was acknowledged until then.

    An answer after that moment is none that a machine without power could give.
    """
    acknowledged: list[bytes] = []
    over = threading.Event()
    threads = [
        threading.Thread(target=press_until, args=(over, running, phone, acknowledged)) for phone in phones
    ]
    for thread in threads:
        thread.start()
    wanted = chance.randrange(20, 60)
    until(lambda: len(acknowledged) >= wanted, lambda: f"{len(acknowledged)} acknowledged", every_s=0.001)
    tear([disk.place], chance)
    told = list(acknowledged)
    stop_writing(disk.place)
    over.set()
    running.child.kill()
    # Who still stands in its line would wait for an answer.
    running.listener.close()
    for thread in threads:
        thread.join(20)
    return told


@pytest.mark.law
def test_what_was_acknowledged_outlives_a_power_cut_that_tears_what_was_not_synced(
    disk: Disk, rounds: int, chance: random.Random
) -> None:
    acknowledged: list[bytes] = []
    for number in range(rounds):
        with Installation(disk.place / "data", SystemClock()) as installation:
            phones = [installation.enrol() for _ in range(PHONES)]
            acknowledged += cut_while_phones_press(Running(installation), disk, phones, chance)
        disk.move()
        with Installation(disk.place / "data", SystemClock()) as installation:
            rows = list(installation.journal.every())
            verify(rows)
            events = map(installation.journal.open_event, rows)
            held = [event.envelope for event in events if isinstance(event, FromPhone)]
            assert len(set(held)) == len(held), "a press is there twice"
            assert set(acknowledged) <= set(held), (
                f"round {number}: {len(set(acknowledged) - set(held))} are lost"
            )
