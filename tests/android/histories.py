"""Random histories of a phone: what happens to it and around it, and servers that answer both phones alike."""

import hashlib
import heapq
import json
import random
from pathlib import Path
from typing import Any, Protocol

import msgspec

from egide.common.encoding import to_base64url
from egide.protocol.enrolment import EnrolmentReply, Settings
from tests.android.drawn import History
from tests.android.servers import Server
from tools.tree import ROOT

Did = list[Any]
SERVERS = ("http://127.0.0.1:1", "http://127.0.0.1:2")
# Of the web app, which knows its own.
VERSION = json.loads((ROOT / "phone" / "package.json").read_text())["version"]
NOW_US = 1_800_000_000_000_000
# Five seconds but for a little: what a phone does by whole seconds would come at the same moment else, in either order.
TIMEOUT_US = 4_999_813


class Phone(Protocol):
    """One of those that are held against each other."""

    @property
    def name(self) -> str: ...
    @property
    def next_us(self) -> int: ...
    def begin(self, begin: dict[str, Any]) -> list[Did]: ...
    def play(self, do: str, **command: Any) -> list[Did]: ...


class World:
    """One phone among its servers. `trace` is all that it sent, showed and said to its button, each with its moment."""

    def __init__(
        self,
        phone: Phone,
        folder: Path,
        seed: int,
        step_us: int = 1,
        hears: bool = False,
        is_enrolled: bool = True,
    ) -> None:
        self.phone = phone
        self.step_us = step_us
        self.button_key = hashlib.sha256(f"button {seed}".encode()).digest()[:16]
        self.server = Server(seed, self._kit)
        self.weather = ["well", "well"]
        self.trace: list[tuple[int, str]] = []
        self.steps = 0
        self._now_us = 0
        self._coming: list[tuple[int, bytes, str, int, str, bytes, str]] = []
        self._life = 0
        begin = {
            "path": str(folder / phone.name),
            "now_us": NOW_US,
            "seed": hashlib.sha256(f"phone {seed}".encode()).hexdigest(),
            "servers": list(SERVERS),
            "version": VERSION,
            "hears": hears,
            "enrolment": msgspec.json.encode(self._kit(self.server)).decode(),
            "is_enrolled": is_enrolled,
        }
        self._take(phone.begin(begin))

    def _kit(self, server: Server) -> EnrolmentReply:
        """What a phone learns that is enrolled now."""
        key, button_key = to_base64url(bytes(server.key.verify_key)), to_base64url(self.button_key)
        return EnrolmentReply("k", "kit-1", "button-1", button_key, key, SERVERS, Settings())

    def happen(self, gap_us: int, whom: str, what: str, facts: dict[str, Any]) -> None:
        """In `gap_us` something happens to the phone, its servers or the network."""
        self._pass(self._now_us + self._whole(gap_us))
        if whom == "phone":
            self._life += what == "restart"
            self._take(self.phone.play(what, **facts))
        elif whom == "server":
            self.server.do(what, **facts)
        else:
            for server in facts["servers"]:
                self.weather[server] = what

    def _whole(self, us: int) -> int:
        return us // self.step_us * self.step_us

    def _take(self, did: list[Did]) -> None:
        self.steps += 1
        for what, *more in did:
            if what == "ask":
                number, url, body = more
                self._ask(number, url, bytes.fromhex(body))
                more = [url, body]
            self.trace.append((self._now_us, json.dumps([what, *more], sort_keys=True)))

    def _ask(self, number: int, url: str, body: bytes) -> None:
        """What comes of a question is the weather's affair; its time is of it alone, not of what is asked beside it."""
        at = SERVERS.index(url[: len(SERVERS[0])])
        lot = hashlib.sha256(f"{self._now_us} {url}".encode() + body).digest()
        latency_us = 10_000 + int.from_bytes(lot[:4], "big") % 300_000
        weather = self.weather[at]
        path = url[len(SERVERS[0]) :]
        if weather == "dead":
            self._come(1000 + latency_us // 100, lot, "silence", number)
        elif weather in ("silent", "loses"):
            if weather == "loses":
                self._come(latency_us, lot, "arrives", number, path, body, "well")
            self._come(TIMEOUT_US, lot, "silence", number)
        else:
            slow_us = 2_000_000 if weather == "slow" else 0
            self._come(latency_us + slow_us, lot, "answer", number, path, body, weather)

    def _come(
        self,
        in_us: int,
        lot: bytes,
        what: str,
        number: int,
        path: str = "",
        body: bytes = b"",
        weather: str = "",
    ) -> None:
        at_us = self._now_us + self._whole(in_us)
        heapq.heappush(self._coming, (at_us, lot, what, number, path, body, f"{self._life} {weather}"))

    def _pass(self, until_us: int) -> None:
        while True:
            due = self.phone.next_us
            following = [due] if due >= 0 else []
            following += [self._coming[0][0]] if self._coming else []
            self._now_us = max(self._now_us, min([until_us, *following]))
            self._take(self.phone.play("pass", until_us=self._now_us))
            if self._coming and self._coming[0][0] <= self._now_us:
                self._arrive()
            elif self._now_us >= until_us:
                return

    def _arrive(self) -> None:
        _, _, what, number, path, body, said = heapq.heappop(self._coming)
        life, _, weather = said.partition(" ")
        if what == "silence":
            if int(life) == self._life:
                self._take(self.phone.play("silence", id=number))
            return
        status, answer, later = self.server.answer(path, body, weather, self._now_us)
        if what == "answer" and int(life) == self._life:
            said = {"status": status, "body": answer, "retry_after": later}
            self._take(self.phone.play("answer", id=number, **said))


def live_through(
    phone: Phone,
    folder: Path,
    seed: int,
    events: int,
    step_us: int = 1,
    hears: bool = False,
    officers: bool = False,
    kind: type[History] = History,
) -> World:
    """A phone's life through the history of this seed, in which all happens at multiples of `step_us`.

    `hears`: its microphone hears something. `officers`: they arm tests, and enrol the phone in one history of four.
    `kind`: what happens at all.
    """
    chance = random.Random(seed)
    is_enrolled = not officers or chance.random() < 0.75
    world = World(phone, folder, seed, step_us, hears, is_enrolled)
    history = kind(chance, world.button_key, officers, is_enrolled)
    for _ in range(events):
        world.happen(*history.next())
    return world
