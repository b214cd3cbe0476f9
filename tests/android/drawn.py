"""What happens in a history, drawn by lot: to the phone, to its servers, to the network between them."""

import random
from collections.abc import Sequence
from typing import Any

from egide.protocol import bthome
from egide.protocol.enrolment import Settings
from egide.protocol.frame import ButtonFrame, FrameKind, encode_frame
from egide.protocol.settings import settings_text

ADDRESS = "0ceff6010203"
# Few, so that the same one is asked again.
QUESTIONS = ("", "", "safe", "weapon", "something else")
# What an alarm's team says, also words of a later version; what supervision asks her to look at.
TEAM_STEPS = ("under-way", "on-site", "on-site", "lost", "")
CHECKS = ("", "", "phone-battery", "unpaired microphone")
# After how many µs, to whom, what, with which facts.
Step = tuple[int, str, str, dict[str, Any]]


class History:
    """What happens, drawn by lot: the same list for both phones.

    `bad` is what servers may be like, `well` how often they are nothing of that, `both` how often both are alike;
    `weights`: how much happens of each sort. `officers`: some arm tests too, and take them back; the web app takes no
    part in that (decision 0090). A phone that is not enrolled is, with a code of theirs.
    """

    bad: Sequence[str] = (
        *("slow", "dead", "silent", "loses", "busy", "unknown", "often", "lost", "keeps", "forges"),
        *("limits", "limits", "blinks", "picky"),
    )
    well, both = 8, 2
    weights: Sequence[int] = (5, 5, 4, 4, 3)

    def __init__(
        self, chance: random.Random, button_key: bytes, officers: bool, is_enrolled: bool = True
    ) -> None:
        self._chance = chance
        self._officers = officers
        self._number = 0
        self._following: list[Step] = []
        if not is_enrolled:
            self._following = self._enrolment()
        self._key = button_key
        self._counter = 0
        self._version = 0
        self._is_armed = False

    def next(self) -> Step:
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

    def _enrolment(self) -> list[Step]:
        """The officer's page offers a code, and it is typed in some way, mostly right in the end."""
        chance = self._chance
        typed = ("7KQM-2XVD", "7kqm2xvd", " 7kqm 2XVD ", "7KQM-2XVE", "")
        steps: list[Step] = []
        for _ in range(chance.randrange(4)):
            servers = {"servers": chance.choice(([0], [1], [0, 1]))}
            steps += [
                (1_000_000, "network", chance.choice(("well", *self.bad)), servers),
                *([(1_000_000, "server", "offer", {"code": typed[0]})] * chance.randrange(2)),
                (chance.randrange(1, 20_000_000), "phone", "enrol", {"code": chance.choice(typed)}),
                *([(chance.randrange(1, 9_000_000), "phone", "restart", {})] * (chance.random() < 0.2)),
            ]
        steps += [(1_000_000, "network", "well", {"servers": [0, 1]})] * (chance.random() < 0.8)
        steps += [(1_000_000, "server", "offer", {"code": typed[0]})] * (chance.random() < 0.8)
        return [
            *steps,
            (chance.randrange(1, 9_000_000), "phone", "enrol", {"code": chance.choice(typed[:3])}),
        ]

    def _officer(self) -> Step:
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
        whom, what, facts = (
            "server",
            *chance.choice(
                (
                    ("acknowledge", {}),
                    ("acknowledge", {}),
                    ("close", {}),
                    ("close", {}),
                    ("ask", {"question": chance.choice(QUESTIONS)}),
                    ("ask", {"question": chance.choice(QUESTIONS)}),
                    ("tell", {"what": chance.choice(("seen", "quiet", "listen-off"))}),
                    ("send", {"step": chance.choice(TEAM_STEPS)}),
                    ("check", {"text": chance.choice(CHECKS)}),
                    ("set", {"settings": settings_text(settings)}),
                    ("leap", {"leap": chance.choice((0, 0, 50, 2_000_000))}),
                    ("hand_on", {}),
                    ("use_next_key", {}),
                    ("take_back", {}),
                    *self._seldom("supersede", {"blocks": chance.random() < 0.4}),
                )
            ),
        )
        if what == "check":
            self._following += self._come_to_rest()
        return whom, what, facts

    def _come_to_rest(self) -> list[Step]:
        """The alarm is over, hours ago; the phone speaks, and hears what is to be looked at."""
        return [
            (1_000_000, "network", "well", {"servers": [0, 1]}),
            (1_000_000, "server", "close", {}),
            (15_000_000, "phone", "hurry", {}),
            (70_000_000, "phone", "jump", {"us": 4 * 3600 * 1_000_000}),
            (1_000_000, "phone", "link", {"is_": False}),
            (1_000_000, "phone", "link", {"is_": True}),
        ] * (self._chance.random() < 0.5)

    def _seldom(self, what: str, facts: dict[str, Any]) -> tuple[tuple[str, dict[str, Any]], ...]:
        """What ends most of a history: nothing is told of an alarm any more."""
        return ((what, facts),) if self._chance.random() < 0.3 else ()

    def _network(self) -> tuple[str, str, dict[str, Any]]:
        chance = self._chance
        what = chance.choice((*self.bad, *("well",) * self.well))
        return "network", what, {"servers": chance.choice(([0], [1], *([0, 1],) * self.both))}


class Passing(History):
    """All that goes wrong passes, and no message is refused for good. No code is entered: what it tells is never kept,
    so it has no turn."""

    bad = ("slow", "dead", "silent", "loses", *("busy", "blinks", "limits", "keeps") * 2)
    well, both = 4, 6
    weights = (3, 5, 3, 3, 7)

    def next(self) -> Step:
        """Now and then much is said within seconds while no server is well, so that several messages of a kind wait."""
        if not self._following and self._chance.random() < 0.15:
            bad = (1_000_000, "network", self._chance.choice(self.bad), {"servers": [0, 1]})
            self._following = [bad, *(self._word(turn) for turn in range(self._chance.randrange(3, 8)))]
        return super().next()

    def _word(self, turn: int) -> Step:
        """An answer, or a notice: that the microphone or the position is allowed or not is said to the zone."""
        what, facts = self._chance.choice(
            (
                ("answer_question", {"word": self._chance.choice(("yes", "no", "here"))}),
                ("may_locate", {"is_": turn % 2 == 0}),
            )
        )
        return self._chance.randrange(1, 2_000_000), "phone", what, facts

    def _seldom(self, what: str, facts: dict[str, Any]) -> tuple[tuple[str, dict[str, Any]], ...]:
        """Another phone of the kit, for which this one may be blocked, is for good."""
        return ()

    def _person(self) -> tuple[str, str, dict[str, Any]]:
        while True:
            whom, what, facts = super()._person()
            if what not in ("set_pins", "unlock", "cancel"):
                return whom, what, facts
