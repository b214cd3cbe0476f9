"""A phone without a radio: enrolled and heard over HTTP like any other, for stories that begin after the button."""

import json
import secrets
import urllib.error
import urllib.request
from typing import Any

import msgspec

from egide.common.clock import SystemClock
from egide.common.ids import new_id
from egide.demo.world import kit_issued
from egide.entrypoints.stack.installation import Stack
from egide.journal.service import Entry
from egide.protocol.enrolment import NATIVE, Client, Settings, make_request
from egide.protocol.envelope import Kind, Message, Position, Source, encode
from egide.protocol.keys import SigningKey

ANSWER_S = 10.0


def place(lat: float, lon: float, accuracy_m: int = 20) -> Position:
    """A fresh fix, in degrees."""
    return Position(round(lat * 1e7), round(lon * 1e7), accuracy_m, 0, Source.SATELLITE)


def issue_kit(
    stack: Stack,
    person: dict[str, Any],
    settings: Settings = Settings(),  # noqa: B008 frozen
    button_key: bytes | None = None,
) -> str:
    """A further kit for one of the demo's people, so that a story begins without earlier alarms; returns its id.

    `button_key`: of a button that is really there.
    """
    where = {"managing_zone": person["zone"], "home_zone": person["zone"], "home_centre": person["centre"]}
    button = {"button_id": secrets.token_hex(4), "button_key": button_key or secrets.token_bytes(16)}
    issued = kit_issued(0, kit=new_id(), case=person["case"], settings=settings, **where, **button)
    stack.journal().append([Entry(stream=f"kit:{issued.kit}", event=issued, case=issued.case)])
    return issued.kit


class HttpPhone:
    """One enrolled phone of a kit that says it is a `client`. `position` goes with each message until it is changed;
    `counter` is that of its last message.
    """

    def __init__(
        self, stack: Stack, person: dict[str, Any], kit: str | None = None, client: str = NATIVE
    ) -> None:
        self.kit = kit or issue_kit(stack, person)
        self.key = SigningKey.generate()
        self.position: Position | None = place(person["lat"], person["lon"])
        self._intake = stack.config.intake_urls[0]
        self.counter = 0
        self._last_press = 0
        self.device = self._enrol(stack, person["case"], client)

    def _enrol(self, stack: Stack, case: str, client: str) -> str:
        body = msgspec.json.encode(
            make_request(stack.offer_code(self.kit, case), self.key, Client(client, "1.0"))
        )
        status, answer = self.post("/v1/enrolments", body, "application/json")
        assert status == 201, (status, answer)
        return str(answer["kid"])

    def press(self, **fields: Any) -> str:
        """A press; returns the alarm that the server put it into."""
        self._last_press = self.counter + 1
        return str(self._say(Kind.PRESS, **fields)["alarm"])

    def move(self, position: Position | None, **fields: Any) -> None:
        """A new position, as part of the last press's alarm."""
        self.position = position
        self._say(Kind.POSITION, press=self._last_press, **fields)

    def answer(self, word: str) -> None:
        """An answer to a silent question."""
        self._say(Kind.TEXT, press=self._last_press, body=word.encode())

    def cancel(self, **fields: Any) -> None:
        """A PIN was entered."""
        self._say(Kind.CANCEL, press=self._last_press, body=b"pin", **fields)

    def envelope(self, kind: Kind = Kind.PRESS, **fields: Any) -> bytes:
        """The next message, signed."""
        self.counter += 1
        now_s = SystemClock().now_us() // 1_000_000
        content = {"kind": kind, "counter": self.counter, "sent_at_s": now_s, "position": self.position}
        return encode(Message(**{**content, **fields}), self.key)

    def post(
        self, path: str, body: bytes, content_type: str = "application/cose"
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of the answer."""
        request = urllib.request.Request(
            self._intake + path, data=body, headers={"content-type": content_type}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    def _say(self, kind: Kind, **fields: Any) -> dict[str, Any]:
        status, answer = self.post("/v1/messages", self.envelope(kind, **fields))
        assert status == 201, (status, answer)
        return answer
