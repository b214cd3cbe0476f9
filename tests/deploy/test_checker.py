"""What finds lost and doubled presses: by the export of a real journal, and with nothing of Egide loaded."""

import ast
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from deploy.machines import checker
from egide.alarm.events import PressedAgain
from egide.common.clock import SetClock
from egide.common.config import Config
from egide.demo.world import World
from egide.journal.proof.export import FORMAT, Header, write_export
from egide.journal.service import Journal, KeyStore
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import KEPT, Receipt, sign_receipt
from tools.tree import ROOT

KEY = SigningKey(bytes(range(32)))


class Outside:
    """One phone that presses at a real journal, and what clients write down of it."""

    def __init__(self, folder: Path) -> None:
        config, clock = Config(data_dir=folder / "data"), SetClock(1_800_000_000_000_000)
        self.world = World(Journal.open(config, clock, KeyStore.open(config)), clock)
        self.phone = self.world.enrol()
        self.folder = folder
        self.alarm = ""
        key = bytes(KEY.verify_key).hex()
        self.phones: list[checker.Line] = [
            {"did": "enrolled", "device": self.phone.device, "kit": self.phone.kit, "server_key": key}
        ]
        self.boards: list[checker.Line] = []

    def press(self, at_s: float = 0.0) -> str:
        message = hashlib.sha256(f"press {len(self.phones)}".encode()).hexdigest()
        line = {"did": "pressed", "at_s": at_s, "message": message, "device": self.phone.device}
        self.phones.append(line)
        return message

    def write(self) -> int:
        """A row of a press in the journal, as intake writes it; its number."""
        if not self.alarm:
            self.alarm = self.world.open_alarm(self.phone)
        else:
            event = self.world.phone_event(PressedAgain, self.phone)
            self.world.append(f"alarm:{self.alarm}", event, case=self.phone.case)
        return self.world.journal.head()

    def answer(
        self, message: str, seq: int, at_s: float = 0.0, host: str = "egide1", came_s: float = 0.0
    ) -> None:
        """A receipt for that row; the word that this host keeps it where there is none, since it came then."""
        state, alarm, status = ("received", self.alarm, 201) if seq else (KEPT, "", 202)
        receipt = Receipt(seq, alarm, round((came_s or at_s) * 1000), state, 9, ())
        signed = sign_receipt(KEY, bytes.fromhex(message), receipt)
        told = json.loads(msgspec.json.encode(signed))
        line = {"message": message, "host": host, "status": status, "receipt": told}
        self.phones.append({"did": "answered", "at_s": at_s, **line})

    def acknowledged(self, at_s: float = 0.0) -> tuple[str, int]:
        message, seq = self.press(at_s), self.write()
        self.answer(message, seq, at_s + 0.1)
        return message, seq

    def told(self, seq: int, at_s: float, host: str = "egide1") -> None:
        self.boards.append({"did": "told", "at_s": at_s, "host": host, "seq": seq, "alarm": self.alarm})

    def kept(self, at_s: float, number: int, first_s: float = 0.0, last_s: float = 0.0) -> None:
        """What the board of `egide1` is told; by the clock of that the first and the last message came then."""
        presses, between = {}, {}
        if number:
            presses, between = (
                {self.phone.kit: number},
                {self.phone.kit: [round(first_s * 1000), round(last_s * 1000)]},
            )
        self.boards.append(
            {"did": "kept", "at_s": at_s, "host": "egide1", "presses": presses, "between": between}
        )

    def export(self) -> Path:
        path = self.folder / "export.jsonl"
        with path.open("wb") as out:
            write_export(Header(FORMAT, 1), self.world.journal.every(), out)
        return path

    def found(self) -> checker.Found:
        return checker.held_against(checker.read_phones(self.phones), checker.read_export(self.export()))

    def times(self, from_s: float = 0.0, until_s: float = 1000.0) -> checker.Times:
        return checker.times_of(checker.read_phones(self.phones), self.boards, from_s, until_s)


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside(tmp_path)


def test_what_has_a_receipt_and_a_row_is_well(outside: Outside) -> None:
    for at_s in range(3):
        outside.acknowledged(at_s)
    outside.press(4)
    found = outside.found()
    assert (found.pressed, found.acknowledged, found.unanswered) == (4, 3, 1)
    assert (found.lost, found.doubled, found.forged, found.unclaimed) == ((), (), (), 0)


def test_a_receipt_without_its_row_is_a_lost_press(outside: Outside) -> None:
    outside.acknowledged()
    gone = outside.press()
    outside.answer(gone, outside.world.journal.head() + 1)
    assert outside.found().lost == (gone,)


def test_a_receipt_that_names_another_alarm_s_row_is_a_lost_press(outside: Outside) -> None:
    _message, seq = outside.acknowledged()
    elsewhere = outside.press()
    outside.alarm = "0011223344556677-1"
    outside.answer(elsewhere, seq)
    found = outside.found()
    assert found.lost == (elsewhere,) and len(found.doubled) == 1


def test_a_press_that_became_two_rows_is_doubled(outside: Outside) -> None:
    _message, _seq = outside.acknowledged()
    outside.write()
    (said,) = outside.found().doubled
    assert "1 rows that nobody claims, and 0 presses without an answer" in said


def test_two_receipts_for_two_rows_of_one_press_are_a_doubled_press(outside: Outside) -> None:
    message, _seq = outside.acknowledged()
    outside.answer(message, outside.write())
    assert "has receipts for 2 rows" in outside.found().doubled[0]


def test_the_same_receipt_twice_is_one_press(outside: Outside) -> None:
    message, seq = outside.acknowledged()
    outside.answer(message, seq, 5.0, host="egide2")
    assert outside.found().doubled == ()


def test_a_row_of_a_press_whose_answer_was_lost_on_its_way_is_no_double(outside: Outside) -> None:
    outside.acknowledged()
    outside.press()
    outside.write()
    found = outside.found()
    assert found.doubled == () and found.unclaimed == 1 and found.unanswered == 1


def test_a_receipt_that_the_server_did_not_sign_for_it_counts_for_nothing(outside: Outside) -> None:
    message, other = outside.press(), outside.press()
    outside.answer(message, outside.write())
    outside.phones[-1] |= {"message": other}
    found = outside.found()
    assert found.forged == (other,) and found.acknowledged == 0


def test_an_export_that_was_changed_is_refused(outside: Outside) -> None:
    outside.acknowledged()
    path = outside.export()
    path.write_text(path.read_text().replace("PressReceived", "TestReceived"))
    with pytest.raises(Exception, match="was changed"):
        checker.read_export(path)


def test_a_press_is_on_a_board_when_the_first_one_is_told_or_shows_it_as_kept(outside: Outside) -> None:
    _message, seq = outside.acknowledged(10.0)
    outside.told(seq, 11.5, "egide2")
    outside.told(seq, 10.5)
    first, second = outside.press(20.0), outside.press(21.0)
    for message, came_s in ((first, 20.1), (second, 21.1)):
        # Said again, and told the same.
        outside.answer(message, 0, 21.2, came_s=came_s)
        outside.answer(message, 0, 22.2, came_s=came_s)
    outside.kept(21.5, 1, 20.1, 20.1)
    outside.kept(22.5, 2, 20.1, 21.1)
    outside.kept(40.0, 0)
    for message in (first, second):
        outside.answer(message, seq := outside.write(), 41.0)
        outside.told(seq, 42.0)
    times = outside.times()
    assert (times.pressed, times.kept, times.unseen) == (3, 2, 0)
    assert times.board_worst_s == 1.5 and times.board_p50_s == 1.5
    assert times.receipt_worst_s == 21.0
    # From the last ordinary receipt before the outage to the first behind it.
    assert times.gap_s == pytest.approx(30.9)


def test_a_press_is_not_on_the_board_with_a_line_that_began_behind_it_or_ends_before(
    outside: Outside,
) -> None:
    press = outside.press(20.0)
    outside.answer(press, 0, 20.2, came_s=20.1)
    # Kept once more, with another one: that it came back meanwhile its phone did not hear.
    outside.answer(press, 0, 31.2, came_s=31.1)
    outside.kept(20.15, 1, 19.0, 20.05)
    outside.kept(30.0, 1, 25.0, 29.0)
    assert outside.times().pressed == 1 and outside.times().board_worst_s != outside.times().board_worst_s
    outside.kept(31.3, 2, 25.0, 31.1)
    assert outside.times().board_worst_s == pytest.approx(11.3)


def test_the_time_without_receipts_counts_from_the_beginning_of_what_took_them(outside: Outside) -> None:
    outside.acknowledged(0.0)
    outside.acknowledged(20.0)
    assert outside.times(from_s=1.0).gap_s == pytest.approx(19.1)


def test_a_first_press_is_on_a_board_with_what_comes_behind_it_in_its_alarm(outside: Outside) -> None:
    _message, seq = outside.acknowledged(10.0)
    outside.told(seq + 1, 11.0)
    outside.told(seq + 2, 10.8)
    assert outside.times().board_worst_s == pytest.approx(0.8)
    outside.acknowledged(20.0)
    outside.boards[-1]["seq"] = seq
    outside.boards[-2]["seq"] = seq
    assert outside.times().unseen == 1


def test_an_acknowledged_press_that_no_board_shows_is_counted(outside: Outside) -> None:
    outside.acknowledged(1.0)
    outside.acknowledged(500.0)
    assert outside.times().unseen == 2 and outside.times(0, 100).unseen == 1


def test_a_line_that_is_only_half_written_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text('{"did": "told"}\n{"did": "to')
    assert checker.lines_of(path) == [{"did": "told"}]


def test_it_loads_nothing_of_egide() -> None:
    tree = ast.parse(Path(checker.__file__).read_text(encoding="utf-8"))
    names = {
        name.name if isinstance(node, ast.Import) else node.module or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert not [name for name in names if name.split(".")[0] not in sys.stdlib_module_names]


def test_the_command_says_what_it_found_and_ends_with_1_where_a_press_is_lost(outside: Outside) -> None:
    outside.answer(outside.press(), 1000)
    files = [outside.export(), outside.folder / "phones", outside.folder / "boards"]
    for path, lines in zip(files[1:], (outside.phones, outside.boards), strict=True):
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = [sys.executable, "-m", "deploy.machines.checker", *map(str, files)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1 and len(json.loads(ended.stdout)["lost"]) == 1, ended.stderr
