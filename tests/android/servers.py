"""A server of a history: it answers every message as intake would, by what was told to it; one for each phone."""

import hashlib
import json
from typing import Any

import msgspec

from egide.common.encoding import to_base64url
from egide.intake.away.keeping import is_kept
from egide.intake.rules import Bucket
from egide.protocol.envelope import Kind, decode
from egide.protocol.keys import SigningKey
from egide.protocol.opening import OpeningReply, OpeningRequest, check_opening, part_of
from egide.protocol.receipt import KEPT, Pending, Receipt, sign_receipt
from egide.protocol.receipt_key import hand_on

# What says that a server can take nothing now: a proxy before it, its journal, its disk.
AWAY = (503, 503, 502, 504, 507)
# So long one that "blinks" is away: much longer than the second after which a phone asks again.
BLINK_US = 7_000_000
REFUSES = {"unknown": 401, "lost": 404, "often": 429}
# What a server that is busy may say of the time: seconds within the bounds of a phone and beyond, or no number.
RETRY_AFTER = ("1", "1", "3", "15", "16", "3600", "0", "-1", "soon", "1.5", "9999999999", "")
# So much of a phone is taken where the weather is "limits": so little that a history meets it, and less than the server
# says. Where it is "paces" it keeps its word.
BURST, PER_S, PACED_PER_S, PACED_RETRY = 3.0, 0.5, 1.5, "1"


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
        # What it took or kept for the first time: kind and counter.
        self.came: list[tuple[Kind, int]] = []
        self._room = Bucket(BURST, 0)

    def answer(self, path: str, body: bytes, weather: str, now_us: int) -> tuple[int, str, str]:
        """Status, body and Retry-After."""
        if path == "/v1/receipt-keys":
            return 200, json.dumps({"keys": self.links}), ""
        lot = hashlib.sha256(body).digest()[0]
        status = self._refusal(path, body, weather, now_us, lot)
        if status:
            later = PACED_RETRY if weather == "paces" else RETRY_AFTER[lot % len(RETRY_AFTER)]
            return status, json.dumps({"reason": weather}), later
        return *self._taken(path, body, weather), ""

    def _refusal(self, path: str, body: bytes, weather: str, now_us: int, lot: int) -> int:
        """0 for none. Servers that are "picky" mean some messages, one that "blinks" is away in some seconds; one that
        "keeps" refuses what intake would not keep; of those that limit a phone none limits a press, as intake."""
        if weather in REFUSES:
            return REFUSES[weather]
        away = AWAY[lot % len(AWAY)]
        if weather == "busy" or (weather == "blinks" and now_us // BLINK_US % 2):
            return away
        if path != "/v1/messages":
            return 0
        message = decode(body).message
        if (weather == "keeps" and not is_kept(message)) or (weather == "picky" and lot % 4 == 0):
            return away
        per_s = {"limits": PER_S, "paces": PACED_PER_S}.get(weather)
        is_limited = per_s is not None and message.kind is not Kind.PRESS
        return 429 if is_limited and not self._room.take(BURST, per_s, now_us) else 0

    def _taken(self, path: str, body: bytes, weather: str) -> tuple[int, str]:
        if path == "/v1/openings":
            tag, _ = check_opening(msgspec.json.decode(body, type=OpeningRequest))
            return 201, msgspec.json.encode(OpeningReply(to_base64url(part_of(bytes(32), tag)))).decode()
        receipt = self.receipt(body, weather == "keeps")
        key = self.stranger if weather == "forges" else self.key
        signed = sign_receipt(key, hashlib.sha256(body).digest(), receipt)
        return 202 if weather == "keeps" else 201, msgspec.json.encode(signed).decode()

    def receipt(self, body: bytes, keeps: bool) -> Receipt:
        envelope = decode(body)
        message = envelope.message
        if (message.kind, message.counter) not in self.came:
            self.came.append((message.kind, message.counter))
        if message.kind is Kind.PRESS and not keeps and message.counter not in self.alarms:
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
            state=KEPT if keeps else state or "received",
            next_counter=message.counter + 1 + self.leap,
            pending=() if keeps else tuple(Pending(what, text) for what, text in pending.items()),
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
