"""Law: kill -9 of intake at any moment loses no acknowledged message and doubles none."""

import asyncio
import itertools
import random
from pathlib import Path

import aiohttp
import msgspec
import pytest

from egide.alarm.events import AlarmClosed
from egide.common.clock import SystemClock
from egide.common.files import secret_file
from egide.entrypoints.stack.children import Child, open_listener
from egide.protocol.envelope import Kind
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Receipt, receipt_is_valid
from tests.laws.board import Acknowledged, check_board, check_journal
from tests.support.installation import HERE, Installation, Phone

PHONES = 8
# One phone can press often; this keeps a long run's journal small, and leaves the machine to the processes.
PACE_S = 0.004
RETRY_S = 0.01


class Night:
    """Phones that press without end while intake is killed and started."""

    def __init__(self, installation: Installation, intake: Child, url: str) -> None:
        self.installation = installation
        self.intake = intake
        self.url = url
        self.server_key = b""
        self.acknowledged: list[Acknowledged] = []
        self.presses: dict[str, int] = {}
        self.news = asyncio.Event()
        self.is_over = False

    async def be_phone(self, phone: Phone, session: aiohttp.ClientSession) -> None:
        """Presses and positions, one after the other; each with the same bytes until its receipt is here."""
        self.presses[phone.device] = 0
        for number in itertools.count():
            is_press = number % 3 == 0
            if self.is_over and is_press:
                break
            await self.send(phone, is_press, session)
            await asyncio.sleep(PACE_S)
        # The last press of the night comes after whatever an operator closed.
        await self.send(phone, True, session)

    async def send(self, phone: Phone, is_press: bool, session: aiohttp.ClientSession) -> None:
        data = phone.press() if is_press else phone.envelope(Kind.POSITION, position=HERE, press=1)
        self.presses[phone.device] += is_press
        receipt = await self.attempt(data, session)
        while receipt is None:
            await asyncio.sleep(RETRY_S)
            receipt = await self.attempt(data, session)
        assert receipt_is_valid(receipt, data, self.server_key)
        self.acknowledged.append(Acknowledged(phone.device, phone.counter, receipt.seq, receipt.alarm))
        self.news.set()

    async def attempt(self, data: bytes, session: aiohttp.ClientSession) -> Receipt | None:
        headers = {"Content-Type": "application/cose"}
        try:
            async with session.post(f"{self.url}/v1/messages", data=data, headers=headers) as response:
                body = await response.read()
        except aiohttp.ClientError:
            return None
        if response.status in (429, 503):
            return None
        assert response.status == 201, body
        return msgspec.json.decode(body, type=Receipt)

    async def kill_often(self, rounds: int, chance: random.Random) -> None:
        for _ in range(rounds):
            # The moment is what is tried here; nothing is waited for.
            await asyncio.sleep(chance.uniform(0, 0.2))
            await asyncio.to_thread(self.intake.kill)
            self.intake.start()
            await self.until_news(2)
            if chance.random() < 0.3:
                self.close_one(chance)
        self.is_over = True

    async def until_news(self, receipts: int) -> None:
        for _ in range(receipts):
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 20)

    def close_one(self, chance: random.Random) -> None:
        alarms = self.installation.journal.open_alarms()
        if alarms:
            closed = AlarmClosed(user="op", outcome="technical", reason="-")
            self.installation.act(chance.choice(alarms), closed)


@pytest.mark.law
async def test_what_was_acknowledged_survives_kill_9_of_intake(
    tmp_path: Path, rounds: int, chance: random.Random, journal_address: str
) -> None:
    with (
        Installation(tmp_path, SystemClock(), address=journal_address) as installation,
        open_listener() as listener,
    ):
        phones = [installation.enrol() for _ in range(PHONES)]
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        intake = Child("egide.entrypoints.intake", [], installation.config.environment(), listener)
        try:
            intake.ready()
            night = Night(installation, intake, url)
            seed = secret_file(tmp_path / "receipt.key", 32)
            night.server_key = bytes(SigningKey(seed).verify_key)
            async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
                for phone in phones:
                    group.create_task(night.be_phone(phone, session))
                group.create_task(night.kill_often(rounds, chance))
        finally:
            intake.kill()
        check_journal(installation.journal, night.acknowledged)
        check_board(installation.journal, night.presses)
        assert len(night.acknowledged) >= 2 * rounds
