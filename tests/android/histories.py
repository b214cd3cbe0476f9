"""Random histories of a phone: what happens to it and around it, and servers that answer both phones alike."""

import hashlib
import heapq
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from egide.common.encoding import to_base64url
from egide.protocol import bthome
from egide.protocol.enrolment import EnrolmentReply, Settings
from egide.protocol.frame import ButtonFrame, FrameKind, encode_frame
from egide.protocol.settings import settings_text
from tests.android.servers import Server
from tools.tree import ROOT

Did = list[Any]
SERVERS = ("http://127.0.0.1:1", "http://127.0.0.1:2")
ADDRESS = "0ceff6010203"
# Of the web app, which knows its own.
VERSION = json.loads((ROOT / "phone" / "package.json").read_text())["version"]
NOW_US = 1_800_000_000_000_000
TIMEOUT_US = 5_000_000
# Few, so that the same one is asked again.
QUESTIONS = ("", "", "safe", "weapon", "something else")


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

    def __init__(self, phone: Phone, folder: Path, seed: int, step_us: int = 1, hears: bool = False) -> None:
        self.phone = phone
        self.step_us = step_us
        self.server = Server(seed)
        self.weather = ["well", "well"]
        self.trace: list[tuple[int, str]] = []
        self.steps = 0
        self._now_us = 0
        self._coming: list[tuple[int, bytes, str, int, str, bytes, str]] = []
        self._life = 0
        button_key = hashlib.sha256(f"button {seed}".encode()).digest()[:16]
        reply = EnrolmentReply(
            "k",
            "kit-1",
            "button-1",
            to_base64url(button_key),
            to_base64url(bytes(self.server.key.verify_key)),
            SERVERS,
            Settings(),
        )
        begin = {
            "path": str(folder / phone.name),
            "now_us": NOW_US,
            "seed": hashlib.sha256(f"phone {seed}".encode()).hexdigest(),
            "servers": list(SERVERS),
            "version": VERSION,
            "hears": hears,
            "enrolment": msgspec.json.encode(reply).decode(),
        }
        self.button_key = button_key
        self._take(phone.begin(begin))

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


class History:
    """What happens, drawn by lot: the same list for both phones.

    `bad` is what servers may be like, `well` how often they are nothing of that, `both` how often both are alike;
    `weights`: how much happens of each sort. `officers`: some arm tests too, and take them back; the web app takes no
    part in that (decision 0090).
    """

    bad: Sequence[str] = (
        *("slow", "dead", "silent", "loses", "busy", "unknown", "often", "lost", "keeps", "forges"),
        *("limits", "limits", "blinks", "picky"),
    )
    well, both = 8, 2
    weights: Sequence[int] = (5, 5, 4, 4, 3)

    def __init__(self, chance: random.Random, button_key: bytes, officers: bool) -> None:
        self._chance = chance
        self._officers = officers
        self._number = 0
        self._following: list[tuple[int, str, str, dict[str, Any]]] = []
        self._key = button_key
        self._counter = 0
        self._version = 0
        self._is_armed = False

    def next(self) -> tuple[int, str, str, dict[str, Any]]:
        """(gap in µs, whom, what, facts)."""
        chance = self._chance
        if self._following:
            return self._following.pop(0)
        if self._officers and chance.random() < 0.1:
            return self._officer()
        if self._is_armed:
            # A test is armed for one press, within two minutes.
            self._is_armed = False
            return chance.randrange(1, 130_000_000), *self._button()
        # Rarely most of an hour, in which nothing but positions and signs of life is sent. Longer, and what an alarm
        # without any network leaves unsent would keep the web app's disk, which is Node's memory, busy for minutes.
        longest_us = chance.choice((300_000, 3_000_000, 3_000_000, 30_000_000, 30_000_000, 200_000_000))
        longest_us *= 15 if chance.random() < 0.02 else 1
        gap_us = chance.randrange(1, longest_us)
        draw = chance.choices(
            (self._button, self._person, self._phone, self._people, self._network), self.weights
        )
        return gap_us, *draw[0]()

    def _officer(self) -> tuple[int, str, str, dict[str, Any]]:
        """Arms a test, mostly in a good word; the phone speaks, perhaps it is taken back, somebody presses.

        Mostly where the phone has come to rest before: its road is well, its alarm closed, and that hours ago.
        """
        chance = self._chance
        self._number += chance.choice((1, 1, 1, 1, 0, -1))
        number, until_s = (
            chance.choice((self._number,) * 6 + (0, 1 << 32)),
            chance.choice((601,) * 6 + (1, 9000)),
        )
        text = chance.choice((f"{number}:{until_s}",) * 9 + (f"{number}", "", ":", f"{number}:-1", "٣:601"))
        speaks = chance.choice((("restart", {}), ("link", {"is_": False}), ("link", {"is_": True})))
        self._following = [
            (1_000_000, "network", "well", {"servers": [0, 1]}),
            (1_000_000, "phone", "hurry", {}),
            (15_000_000, "server", "close", {}),
            (70_000_000, "phone", "jump", {"us": 4 * 3600 * 1_000_000}),
        ] * (chance.random() < 0.8)
        self._following += [(3_000_000, "server", "arm", {"offer": text})]
        self._following += [(chance.randrange(1, 2_000_000), "phone", *speaks)]
        if chance.random() < 0.3:
            self._following.append((chance.randrange(1, 60_000_000), "server", "arm", {"offer": ""}))
        self._following.append((chance.randrange(1, 130_000_000), *self._button()))
        return self._following.pop(0)

    def _button(self) -> tuple[str, str, dict[str, Any]]:
        chance = self._chance
        what = chance.randrange(10)
        if what < 7:
            # New ones, repetitions, and old ones held back.
            counter = max(1, self._counter + chance.choice((1, 1, 1, 2, 0, 0, -1, -3)))
            self._counter = max(self._counter, counter)
            age_s = chance.choice((0, 0, 0, 1, 5, 130, None))
            frame = ButtonFrame(FrameKind.PRESS, counter, 2000, age_s, chance.choice((None, 0, 50, 100)))
            return "phone", "frame", {"data": encode_frame(frame, self._key).hex()}
        if what == 7:
            return "phone", "frame", {"data": chance.randbytes(chance.choice((0, 14, 19, 19, 40))).hex()}
        counter = max(1, self._counter + chance.choice((1, 1, 0, -1)))
        self._counter = max(self._counter, counter)
        said = bthome.Advertised(counter, (chance.choice((0, 1, 4, 0x80)),), chance.choice((None, 77)), 1)
        data = bthome.encode(said, bytes.fromhex(ADDRESS), self._key)
        return "phone", "broadcast", {"address": ADDRESS, "data": data.hex()}

    def _person(self) -> tuple[str, str, dict[str, Any]]:
        chance = self._chance
        code = chance.choice(("2468", "2468", "1357", "1357", "0000"))
        what, facts = chance.choice(
            (
                ("press_on_screen", {}),
                ("arm_test", {}),
                ("arm_test", {}),
                ("disarm_test", {}),
                ("set_pins", {"own": "2468", "threat": "1357"}),
                ("set_pins", {"own": "2468", "threat": "2468"}),
                ("unlock", {"code": code}),
                ("unlock", {"code": code}),
                ("cancel", {"code": code}),
                ("answer_question", {"word": chance.choice(("yes", "no", "here", "safe", "weapon"))}),
                ("vibrates", {"is_": chance.random() < 0.5}),
                ("listens", {"is_": chance.random() < 0.5}),
            )
        )
        self._is_armed = what == "arm_test"
        return "phone", what, facts

    def _phone(self) -> tuple[str, str, dict[str, Any]]:
        chance = self._chance
        flag = {"is_": chance.random() < 0.5}
        return "phone", *chance.choice(
            (
                ("restart", {}),
                ("restart", {}),
                # Twelve years at most: a clock that says less than 1970 signs nothing.
                (
                    "jump",
                    {
                        "us": chance.choice((-1, 1))
                        * chance.randrange(1, min(10 ** chance.randrange(2, 16), 4 * 10**14))
                    },
                ),
                ("hurry", {}),
                ("link", flag),
                ("link", flag),
                ("paired", flag),
                ("trouble", {"notice": chance.choice(("button-unpaired", "button-findable"))}),
                ("button_pct", {"pct": chance.randrange(101)}),
                ("phone_pct", {"pct": chance.randrange(101)}),
                ("takes_hold", flag),
                (
                    "place",
                    {
                        "lat_e7": chance.randrange(-9, 9) * 10**8,
                        "lon_e7": chance.randrange(9),
                        "accuracy_m": 30,
                    },
                ),
                ("no_place", {}),
                ("may_locate", flag),
                ("may_listen", flag),
            )
        )

    def _people(self) -> tuple[str, str, dict[str, Any]]:
        chance = self._chance
        self._version += 1
        settings = Settings(
            chance.choice((1000, 2000)),
            chance.choice((5, 20, 60)),
            chance.choice((300, 900)),
            chance.choice((600, 3600)),
            chance.choice((1000, 5000, 6000)),
            self._version - chance.randrange(2),
        )
        return "server", *chance.choice(
            (
                ("acknowledge", {}),
                ("acknowledge", {}),
                ("close", {}),
                ("close", {}),
                ("ask", {"question": chance.choice(QUESTIONS)}),
                ("ask", {"question": chance.choice(QUESTIONS)}),
                ("tell", {"what": chance.choice(("seen", "quiet", "listen-off"))}),
                ("check", {"text": chance.choice(("", "battery"))}),
                ("set", {"settings": settings_text(settings)}),
                ("leap", {"leap": chance.choice((0, 0, 50, 2_000_000))}),
                ("hand_on", {}),
                ("use_next_key", {}),
            )
        )

    def _network(self) -> tuple[str, str, dict[str, Any]]:
        chance = self._chance
        what = chance.choice((*self.bad, *("well",) * self.well))
        return "network", what, {"servers": chance.choice(([0], [1], *([0, 1],) * self.both))}


class Passing(History):
    """All that goes wrong passes, and no message is refused for good. No code is entered: what it tells is never kept,
    so it has no turn."""

    bad = ("slow", "dead", "silent", "loses", *("busy", "blinks", "paces", "keeps") * 2)
    well, both = 4, 6
    weights = (3, 5, 3, 3, 7)

    def next(self) -> tuple[int, str, str, dict[str, Any]]:
        """Now and then much is said within seconds while no server is well, so that several messages of a kind wait."""
        if not self._following and self._chance.random() < 0.15:
            bad = (1_000_000, "network", self._chance.choice(self.bad), {"servers": [0, 1]})
            self._following = [bad, *(self._word(turn) for turn in range(self._chance.randrange(3, 8)))]
        return super().next()

    def _word(self, turn: int) -> tuple[int, str, str, dict[str, Any]]:
        """An answer, or a notice: that the microphone or the position is allowed or not is said to the zone."""
        what, facts = self._chance.choice(
            (
                ("answer_question", {"word": self._chance.choice(("yes", "no", "here"))}),
                ("may_locate", {"is_": turn % 2 == 0}),
            )
        )
        return self._chance.randrange(1, 2_000_000), "phone", what, facts

    def _person(self) -> tuple[str, str, dict[str, Any]]:
        while True:
            whom, what, facts = super()._person()
            if what not in ("set_pins", "unlock", "cancel"):
                return whom, what, facts


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

    `hears`: its microphone hears something. `officers`: they arm tests. `kind`: what happens at all.
    """
    world = World(phone, folder, seed, step_us, hears)
    history = kind(random.Random(seed), world.button_key, officers)
    for _ in range(events):
        world.happen(*history.next())
    return world
