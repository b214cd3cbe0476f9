"""A server of a history: it answers every message as intake would, by what was told to it; one for each phone."""

import hashlib
import json
from typing import Any

import msgspec

from egide.common.encoding import to_base64url
from egide.intake.rules import Bucket
from egide.protocol.envelope import Kind, decode
from egide.protocol.keys import SigningKey
from egide.protocol.opening import OpeningReply, OpeningRequest, check_opening, part_of
from egide.protocol.receipt import KEPT, Pending, Receipt, sign_receipt
from egide.protocol.receipt_key import hand_on

# What a server that limits a phone may say of the time: seconds within the bounds of a phone and beyond, or no number.
RETRY_AFTER = ("1", "1", "3", "15", "16", "3600", "0", "-1", "soon", "1.5", "9999999999", "")
# So much of a phone is taken where the weather is "limits": so little that a history meets it.
BURST, PER_S = 3.0, 0.5


class Server:
    """Answers every message as intake would, by what was told to it; one for each phone."""

    def __init__(self, seed: int) -> None:
        self.key = SigningKey(hashlib.sha256(f"server {seed}".encode()).digest())
        self.next_key = SigningKey(hashlib.sha256(f"next server {seed}".encode()).digest())
        self.stranger = SigningKey(hashlib.sha256(b"stranger").digest())
        self.links: list[str] = []
        self.alarms: dict[int, str] = {}
        self.alarm = ""
        self.state = ""
        self.told: dict[str, str] = {}
        self.at_rest: dict[str, str] = {}
        self.leap = 0
        self._room = Bucket(BURST, 0)

    def answer(self, path: str, body: bytes, weather: str, now_us: int) -> tuple[int, str, str]:
        """Status, body and Retry-After."""
        if path == "/v1/receipt-keys":
            return 200, json.dumps({"keys": self.links}), ""
        if weather in ("busy", "unknown", "often", "lost") or self._limits(path, body, weather, now_us):
            status = {"busy": 503, "unknown": 401, "lost": 404}.get(weather, 429)
            said = RETRY_AFTER[hashlib.sha256(body).digest()[0] % len(RETRY_AFTER)]
            return status, json.dumps({"reason": weather}), said
        return *self._taken(path, body, weather), ""

    def _limits(self, path: str, body: bytes, weather: str, now_us: int) -> bool:
        """Whether it takes no more of this phone: as intake, of which no press is limited."""
        if weather != "limits" or path != "/v1/messages" or decode(body).message.kind is Kind.PRESS:
            return False
        return not self._room.take(BURST, PER_S, now_us)

    def _taken(self, path: str, body: bytes, weather: str) -> tuple[int, str]:
        if path == "/v1/openings":
            tag, _ = check_opening(msgspec.json.decode(body, type=OpeningRequest))
            return 201, msgspec.json.encode(OpeningReply(to_base64url(part_of(bytes(32), tag)))).decode()
        receipt = self.receipt(body, weather == "keeps")
        key = self.stranger if weather == "forges" else self.key
        signed = sign_receipt(key, hashlib.sha256(body).digest(), receipt)
        return 202 if weather == "keeps" else 201, msgspec.json.encode(signed).decode()

    def receipt(self, body: bytes, is_kept: bool) -> Receipt:
        envelope = decode(body)
        message = envelope.message
        if message.kind is Kind.PRESS and not is_kept and message.counter not in self.alarms:
            if not self.alarm or self.state == "closed":
                self.alarm, self.state, self.told = f"{envelope.kid.hex()}-{message.counter}", "received", {}
            self.alarms[message.counter] = self.alarm
        if message.kind is Kind.TEST:
            alarm = ""
        elif message.kind is Kind.PRESS:
            alarm = self.alarms.get(message.counter, f"{envelope.kid.hex()}-{message.counter}")
        elif message.press is not None:
            alarm = self.alarms.get(message.press, f"{envelope.kid.hex()}-{message.press}")
        else:
            alarm = "" if self.state in ("", "closed") else self.alarm
        state = (self.state if alarm == self.alarm else "closed") if alarm else "noted"
        pending = self.told if alarm else self.at_rest
        return Receipt(
            seq=message.counter,
            alarm=alarm,
            received_at=1000,
            state=KEPT if is_kept else state or "received",
            next_counter=message.counter + 1 + self.leap,
            pending=() if is_kept else tuple(Pending(what, text) for what, text in pending.items()),
        )

    def do(self, what: str, /, **facts: Any) -> None:
        """Something that people or the installation do."""
        getattr(self, f"_do_{what}")(**facts)

    def _do_acknowledge(self) -> None:
        self.state = "acknowledged" if self.state == "received" else self.state

    def _do_close(self) -> None:
        self.state = "closed" if self.state else ""

    def _do_ask(self, question: str) -> None:
        self.told.pop("text", None)
        if question:
            self.told["text"] = question

    def _do_tell(self, what: str) -> None:
        self.told[what] = ""

    def _do_check(self, text: str) -> None:
        self.at_rest["check"] = text

    def _do_arm(self, offer: str) -> None:
        self.at_rest.pop("test", None)
        if offer:
            self.at_rest["test"] = offer

    def _do_set(self, settings: str) -> None:
        self.at_rest["settings"] = settings

    def _do_leap(self, leap: int) -> None:
        self.leap = leap

    def _do_hand_on(self) -> None:
        link = hand_on(self.key, bytes(self.next_key.verify_key))
        self.told["key"] = self.at_rest["key"] = link
        self.links = [link]

    def _do_use_next_key(self) -> None:
        if self.links:
            self.key = self.next_key
