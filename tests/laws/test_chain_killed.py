"""Law: kill -9 of phone or intake at any moment, with buttons being held: every press is on the board exactly once."""

import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from egide.common.clock import SystemClock
from egide.common.encoding import to_base64url
from egide.entrypoints.stack.children import Child, open_listener, stop_all
from egide.protocol.enrolment import Settings
from tests.laws.board import Acknowledged, check_board, check_journal
from tests.support.installation import Installation
from tests.support.waiting import until

# Fewer than the rounds of any run: each has been pressed at the end, and one of them twice.
KITS = 3
HOLD_S = 1.0
MODULE = "egide.entrypoints"


class Chain:
    """Air, buttons, phones and intake as processes, and what they said."""

    def __init__(self, data_dir: Path, installation: Installation) -> None:
        self.data_dir = data_dir
        self.installation = installation
        self.journal = installation.journal
        self.held: Counter[str] = Counter()
        self.receipts: list[dict[str, Any]] = []
        kits = [
            installation.issue_kit(button_key=bytes([number]) * 16, settings=Settings(hold_ms=1000))
            for number in range(KITS)
        ]
        codes = [f"CODE-{number}" for number in range(KITS)]
        for kit, code in zip(kits, codes, strict=True):
            installation.offer(kit, code)
        self.buttons = [kit.button_id for kit in kits]
        keys = data_dir / "keys.json"
        keys.write_text(json.dumps({kit.button_id: to_base64url(kit.button_key) for kit in kits}))
        self.listeners = [open_listener(), open_listener()]
        ports = [listener.getsockname()[1] for listener in self.listeners]
        air, server = f"127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"
        phone = ["--air", air, "--state", str(data_dir / "phones"), "--server", server, "--pair"]
        code_file = data_dir / "codes"
        code_file.write_text("\n".join(codes))
        phone += ["--code-file", str(code_file)]
        button = ["--air", air, "--state", str(data_dir / "buttons"), "--key-file", str(keys)]
        environment = installation.config.environment() | {"EGIDE_INTAKE_URLS": server}
        self.air = Child(f"{MODULE}.air", [], environment, self.listeners[0])
        self.intake = Child(f"{MODULE}.intake", [], environment, self.listeners[1])
        self.button = Child(f"{MODULE}.button", button, environment, None, self._note)
        for child in (self.air, self.intake, self.button):
            child.ready()
        for name in self.buttons:
            self.button.send({"open_pairing": name, "seconds": 60})
            self.button.send({"set_hold_ms": 1000, "button": name})
        self.phones = Child(f"{MODULE}.companion", phone, environment, None, self._note)
        for _ in kits:
            self.phones.wait_for("step", "phone.paired")

    def _note(self, line: dict[str, Any]) -> None:
        if line.get("step") == "button.held":
            self.held[line["button"]] += 1
        elif line.get("step") == "phone.receipt":
            self.receipts.append(line)

    def stop(self) -> None:
        stop_all([self.air, self.intake, self.button, self.phones])
        for listener in self.listeners:
            listener.close()

    def hold(self, number: int) -> None:
        self.button.send({"press": self.buttons[number % KITS], "hold_s": HOLD_S + 0.05})

    def kill(self, child: Child) -> None:
        child.kill()
        child.start()

    def phone_presses(self) -> dict[str, list[tuple[int, str, int | None]]]:
        """Of each phone by its device id: counter, alarm and seq of its presses; seq is None without a receipt."""
        presses = {}
        for path in sorted((self.data_dir / "phones").glob("phone-*.db")):
            with closing(sqlite3.connect(path)) as store:
                rows = store.execute("SELECT counter, alarm, seq FROM press ORDER BY counter").fetchall()
            presses[rows[0][1].rpartition("-")[0] if rows else path.name] = rows
        return presses

    def count_in_journal(self) -> int:
        sql = "SELECT count(*) FROM event WHERE kind IN ('PressReceived', 'PressedAgain', 'PressConflicted')"
        count: int = self.journal.connection.execute(sql).fetchone()[0]
        return count


@pytest.fixture
def chain(tmp_path: Path, journal_address: str) -> Iterator[Chain]:
    with Installation(tmp_path, SystemClock(), address=journal_address) as installation:
        made = Chain(tmp_path, installation)
        try:
            yield made
        finally:
            made.stop()


@pytest.mark.law
def test_every_press_is_on_the_board_once_no_matter_what_is_killed(
    chain: Chain, rounds: int, chance: random.Random
) -> None:
    for number in range(rounds):
        chain.hold(number)
        # The moment is what is tried here; nothing is waited for. A held button is heard after a second.
        time.sleep(chance.uniform(0.2, 1.3))
        chain.kill(chance.choice((chain.phones, chain.intake)))
    until(lambda: chain.held.total() == rounds, lambda: f"{chain.held.total()} of {rounds} held")
    until(
        lambda: chain.count_in_journal() >= rounds and all_signed_for(chain, rounds),
        lambda: f"{rounds} held, {chain.count_in_journal()} in the journal, {chain.phone_presses()}",
    )
    presses = chain.phone_presses()
    acknowledged = [
        Acknowledged(device, counter, seq or 0, alarm)
        for device, rows in presses.items()
        for counter, alarm, seq in rows
    ]
    check_journal(chain.journal, acknowledged)
    check_board(chain.journal, {device: len(rows) for device, rows in presses.items()})
    assert chain.count_in_journal() == rounds
    assert {line["seq"] for line in chain.receipts} <= {one.seq for one in acknowledged}


def all_signed_for(chain: Chain, rounds: int) -> bool:
    rows = [row for presses in chain.phone_presses().values() for row in presses]
    return len(rows) == rounds and all(seq is not None for _, _, seq in rows)
