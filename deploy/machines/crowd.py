"""Many phones that press at a steady rate, whatever becomes of it, and boards that listen on every machine.

They run outside the machines, in a thread of their own, and write down what they did and saw for `checker`. A press
goes as the companion sends it, with its own sender: to the address that answered last, then to the others, again and
again with growing pauses until the journal's receipt is there. Each is on its way by itself, so the rate holds in an
outage.
"""

import asyncio
import contextlib
import hashlib
import itertools
import json
import random
import ssl
import threading
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from deploy.machines.machine import PEOPLE, Machine
from deploy.machines.outside import House, Phone
from egide.common.encoding import from_base64url
from egide.companion.rules import ANSWER_TIMEOUT_S, CONNECT_TIMEOUT_S, LONGEST_PRESS_PAUSE_S, pause_s
from egide.companion.sending.sender import Sender, SendKept, SendRefused, Unreachable
from egide.protocol.keys import PUBLIC_KEY_BYTES

PHONES, BOARDS = "phones.jsonl", "boards.jsonl"
TAKEN, KEPT = 201, 202
# A board whose stream is silent for this long is opened again; every machine pings within five seconds.
SILENT_S, AGAIN_S = 12.0, 0.5
# Tickets of streams last for five minutes.
RENEW_S = 60.0
LOOK_S, LAST_S = 0.05, 1.0
# So much of an answer that is no receipt is written down.
MOST_SAID = 120
_ALARM = "alarm:"


@dataclass(frozen=True)
class Host:
    """One machine as clients reach it: its name here, its address, and what it is called by phones and by people."""

    label: str
    address: str
    phones: str
    pages: str


class Log:
    """Lines of JSON, each whole; `at_s` is this host's steady clock."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1, encoding="utf-8")

    def write(self, did: str, **fields: Any) -> None:
        self._file.write(json.dumps({"did": did, "at_s": time.monotonic(), **fields}) + "\n")

    def close(self) -> None:
        self._file.close()


class Carrier(Sender):
    """What carries the messages of one phone of the companion, to machines that no directory of names knows."""

    def __init__(self, crowd: "Crowd", phone: Phone, hosts: Sequence[Host]) -> None:
        # By what they are called here: several machines may have one name.
        super().__init__(tuple(f"https://{host.label}" for host in hosts))
        self.trust(msgspec.structs.replace(phone.enrolled, servers=()))
        self._crowd, self._hosts = crowd, {host.label: host for host in hosts}

    def begin_anew(self) -> None:
        """As a phone that was off: with its first address, whichever answered last."""
        self._last_good = 0

    async def _post(self, url: str, body: bytes, content_type: str, statuses: tuple[int, ...]) -> bytes:
        status, answer = await self._crowd.post(self._hosts[str(urlsplit(url).hostname)], body)
        if status not in statuses:
            raise SendRefused(status, "")
        return answer


class Crowd:
    """Phones and boards in a thread; use as a context, which ends when every press has its receipt or `patience_s` are
    over. Nobody presses before `resume`, nor behind `pause`."""

    def __init__(
        self,
        phones: Sequence[Phone],
        hosts: Sequence[Host],
        authority: Path,
        cookies: dict[str, str],
        folder: Path,
        per_s: float,
        *,
        token: str,
        patience_s: float = 120,
        seed: int = 1,
    ) -> None:
        """`cookies` and `token`: of an operator who has signed in; every board listens in this session."""
        self._phones, self._hosts, self.per_s = phones, hosts, per_s
        self._trust = ssl.create_default_context(cafile=str(authority))
        self._cookies, self._token = cookies, token
        self._patience_s = patience_s
        self._chance = random.Random(seed)
        self._log, self._seen = Log(folder / PHONES), Log(folder / BOARDS)
        # Each begins with another machine.
        self._carriers = [
            Carrier(self, phone, [*hosts[number % len(hosts) :], *hosts[: number % len(hosts)]])
            for number, phone in enumerate(phones)
        ]
        self._session: aiohttp.ClientSession | None = None
        self._stopped, self._paused = threading.Event(), threading.Event()
        self._paused.set()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="crowd")
        # Read from any thread: presses made, receipts of the journal, words that a machine keeps it.
        self.pressed = self.taken = self.kept = 0
        # Open streams of each machine.
        self.listening = dict.fromkeys((host.label for host in hosts), 0)

    def __enter__(self) -> "Crowd":
        for phone in self._phones:
            key = from_base64url(phone.enrolled.server_key, PUBLIC_KEY_BYTES).hex()
            self._log.write("enrolled", device=phone.device, kit=phone.enrolled.kit, server_key=key)
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._log.close()
        self._seen.close()

    def resume(self) -> None:
        """From now on they press."""
        self._paused.clear()

    def pause(self) -> None:
        """From now on they only send what has no receipt yet."""
        self._paused.set()

    @property
    def waiting(self) -> int:
        """Presses without a receipt."""
        return self.pressed - self.taken

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3.0)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            self._session = session
            boards = [asyncio.create_task(self._listen(session, host)) for host in self._hosts]
            renewing = asyncio.create_task(self._renew_until_cancelled(session))
            await self._press_steadily()
            # What was acknowledged last is still on its way to the boards.
            await asyncio.sleep(LAST_S)
            for task in (*boards, renewing):
                task.cancel()
            await asyncio.gather(*boards, renewing, return_exceptions=True)

    # Phones

    async def _press_steadily(self) -> None:
        """Presses at their moments, late ones at once; then wait for what has no receipt yet."""
        under_way: set[asyncio.Task[None]] = set()
        next_s, number = time.monotonic(), 0
        while not self._stopped.is_set():
            if self._paused.is_set():
                await asyncio.sleep(LOOK_S)
                next_s = time.monotonic()
                continue
            await asyncio.sleep(max(0.0, next_s - time.monotonic()))
            next_s += 1 / self.per_s
            task = asyncio.create_task(self._deliver(self._whose(number)))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            number += 1
        if under_way:
            _done, late = await asyncio.wait(under_way, timeout=self._patience_s)
            for task in late:
                task.cancel()

    def _whose(self, number: int) -> int:
        """Which phone makes the press of this number."""
        return number % len(self._phones)

    async def _deliver(self, number: int) -> None:
        phone, carrier = self._phones[number], self._carriers[number]
        envelope = phone.envelope()
        self._log.write("pressed", message=name_of(envelope), device=phone.device)
        self.pressed += 1
        failures = 0
        while not await self._try(carrier, envelope):
            failures += 1
            await asyncio.sleep(pause_s(failures, LONGEST_PRESS_PAUSE_S, self._chance))
        self.taken += 1

    async def _try(self, carrier: Carrier, envelope: bytes) -> bool:
        try:
            await carrier.send(envelope)
        except (SendRefused, Unreachable) as error:
            self.kept += isinstance(error, SendKept)
            return False
        return True

    async def post(self, host: Host, envelope: bytes) -> tuple[int, bytes]:
        """One message to one machine; the answer is written down, or why there is none."""
        message = name_of(envelope)
        assert self._session is not None
        try:
            async with self._session.post(
                f"https://{host.address}/v1/messages",
                data=envelope,
                headers={"content-type": "application/cose", "host": host.phones},
                ssl=self._trust,
                server_hostname=host.phones,
                allow_redirects=False,
            ) as reply:
                status, body = reply.status, await reply.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self._log.write("failed", message=message, host=host.label, why=type(error).__name__)
            raise
        if status in (TAKEN, KEPT):
            said = {"receipt": json.loads(body)}
        else:
            said = {"why": body[:MOST_SAID].decode(errors="replace")}
        self._log.write("answered", message=message, host=host.label, status=status, **said)
        return status, body

    # Boards

    async def _listen(self, session: aiohttp.ClientSession, host: Host) -> None:
        """One board, opened again whenever its stream ends, behind the last row that it was told of."""
        after = ""
        while True:
            with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
                async for name, number, data in self._stream(session, host, after):
                    after = number or after
                    self._note(host, name, data)
            self._seen.write("closed", host=host.label)
            # As a page does whose ticket ran out.
            await self._post_form(session, host, "/live-ticket")
            await asyncio.sleep(AGAIN_S)

    async def _stream(
        self, session: aiohttp.ClientSession, host: Host, after: str
    ) -> AsyncGenerator[tuple[str, str, str], None]:
        """Server-sent events: name, id and data of each."""
        headers = {"host": host.pages, "cookie": self._cookie()}
        headers |= {"last-event-id": after} if after else {}
        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_TIMEOUT_S, sock_read=SILENT_S)
        async with session.get(
            f"https://{host.address}/v1/live",
            headers=headers,
            ssl=self._trust,
            server_hostname=host.pages,
            timeout=timeout,
        ) as reply:
            self._seen.write("opened", host=host.label, status=reply.status)
            if reply.status != 200:
                return
            event: dict[str, str] = {}
            self.listening[host.label] += 1
            try:
                async for line in reply.content:
                    text = line.decode().rstrip("\n")
                    if not text:
                        yield event.get("event", ""), event.get("id", ""), event.get("data", "")
                        event = {}
                    else:
                        key, _colon, value = text.partition(": ")
                        event[key] = value
            finally:
                self.listening[host.label] -= 1

    def _note(self, host: Host, name: str, data: str) -> None:
        if name == "kept":
            told = json.loads(data)
            presses = {line["kit"]: line["presses"] for line in told["alarms"]}
            between = {line["kit"]: (line["first"], line["last"]) for line in told["alarms"]}
            self._seen.write("kept", host=host.label, away=told["away"], presses=presses, between=between)
        elif not name and data:
            seq, _kind, stream = json.loads(data)
            if stream.startswith(_ALARM):
                self._seen.write("told", host=host.label, seq=seq, alarm=stream.removeprefix(_ALARM))

    async def _post_form(self, session: aiohttp.ClientSession, host: Host, path: str, **fields: str) -> int:
        """The status of the answer; 0 when there was none."""
        try:
            async with session.post(
                f"https://{host.address}{path}",
                data=fields,
                headers={
                    "host": host.pages,
                    "cookie": self._cookie(),
                    "referer": f"https://{host.pages}/",
                    "x-csrftoken": self._token,
                },
                ssl=self._trust,
                server_hostname=host.pages,
                allow_redirects=False,
            ) as reply:
                self._cookies |= {name: one.value for name, one in reply.cookies.items() if one.value}
                return reply.status
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self._seen.write("unanswered", host=host.label, path=path, why=type(error).__name__)
            return 0

    async def _renew_until_cancelled(self, session: aiohttp.ClientSession) -> None:
        """A page that is open asks for its session, and is given a new ticket for the stream."""
        while True:
            for host in self._hosts:
                with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
                    async with session.get(
                        f"https://{host.address}/session",
                        headers={"host": host.pages, "cookie": self._cookie()},
                        ssl=self._trust,
                        server_hostname=host.pages,
                        allow_redirects=False,
                    ) as reply:
                        self._cookies |= {name: one.value for name, one in reply.cookies.items() if one.value}
                        self._seen.write("renewed", host=host.label, status=reply.status)
                        if reply.status == 200:
                            break
            await asyncio.sleep(RENEW_S)

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())


def enrolled(machine: Machine, house: House, hosts: Sequence[Host], count: int) -> list[Phone]:
    """So many phones of invented people, each with a kit of the house's zone, at these machines in turn."""
    account = house.account
    place = float(account["lat"]), float(account["lon"])
    said = machine.as_egide(f"{PEOPLE} kits {count} {account['zone']} {account['centre']}").splitlines()
    codes = [json.loads(line)["code"] for line in said if line.startswith("{")]
    return [
        Phone(host.address, host.phones, house.authority, code, place)
        for code, host in zip(codes, itertools.cycle(hosts), strict=False)
    ]


def name_of(envelope: bytes) -> str:
    """How both logs name a message."""
    return hashlib.sha256(envelope).hexdigest()
