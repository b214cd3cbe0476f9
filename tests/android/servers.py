"""A server of a history: it answers every message as intake would, by what was told to it; one for each phone."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import msgspec

from egide.common.encoding import to_base64url
from egide.intake.away.keeping import is_kept
from egide.intake.rules import Bucket
from egide.protocol.enrolment import EnrolmentReply, EnrolmentRequest, check_request, code_hash
from egide.protocol.envelope import Kind, Message, decode
from egide.protocol.keys import SigningKey, kid_of
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
# So much of a phone is taken where the weather is "limits": so little that a history meets it, and less than is said.
BURST, PER_S = 3.0, 0.5


class Server:
    """Answers every message as intake would, by what was told to it; one for each phone.

    `kit`: what a phone learns that is enrolled here.
    """

    def __init__(self, seed: int, kit: Callable[["Server"], EnrolmentReply]) -> None:
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
        self._kit = kit
        # What the officer's page offers: the hash of each code, and the key that used it.
        self.codes: dict[str, str] = {}
        self.is_superseded = self.is_blocked = False
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
            return status, json.dumps({"reason": weather}), RETRY_AFTER[lot % len(RETRY_AFTER)]
        return *self._taken(path, body, weather), ""

    def _refusal(self, path: str, body: bytes, weather: str, now_us: int, lot: int) -> int:
        """0 for none. Servers that are "picky" mean some messages, one that "blinks" is away in some seconds; one that
        "keeps" refuses what intake would not keep; of those that limit a phone none limits a press, as intake."""
        if weather in REFUSES:
            return REFUSES[weather]
        if self.is_blocked and path != "/v1/enrolments":
            return 401
        away = AWAY[lot % len(AWAY)]
        if weather == "busy" or (weather == "blinks" and now_us // BLINK_US % 2):
            return away
        if path != "/v1/messages":
            return 0
        message = decode(body).message
        if (weather == "keeps" and not is_kept(message)) or (weather == "picky" and lot % 4 == 0):
            return away
        is_limited = weather == "limits" and message.kind is not Kind.PRESS
        return 429 if is_limited and not self._room.take(BURST, PER_S, now_us) else 0

    def _taken(self, path: str, body: bytes, weather: str) -> tuple[int, str]:
        if path == "/v1/enrolments":
            return self._enrolled(msgspec.json.decode(body, type=EnrolmentRequest))
        if path == "/v1/openings":
            tag, _ = check_opening(msgspec.json.decode(body, type=OpeningRequest))
            return 201, msgspec.json.encode(OpeningReply(to_base64url(part_of(bytes(32), tag)))).decode()
        receipt = self.receipt(body, weather == "keeps")
        key = self.stranger if weather == "forges" else self.key
        signed = sign_receipt(key, hashlib.sha256(body).digest(), receipt)
        return 202 if weather == "keeps" else 201, msgspec.json.encode(signed).decode()

    def _enrolled(self, request: EnrolmentRequest) -> tuple[int, str]:
        """The same key with the same code gets the same answer again (intake/enrol.py)."""
        key, code = kid_of(check_request(request)).hex(), code_hash(request.code)
        if self.codes.get(code) not in ("", key):
            return 404, json.dumps({"reason": "unknown-code"})
        self.codes[code] = key
        return 201, msgspec.json.encode(self._kit(self)).decode()

    def receipt(self, body: bytes, keeps: bool) -> Receipt:
        envelope = decode(body)
        message = envelope.message
        if (message.kind, message.counter) not in self.came:
            self.came.append((message.kind, message.counter))
        if message.kind is Kind.PRESS and not keeps and message.counter not in self.alarms:
            if not self.alarm or self.state == "closed":
                self.alarm, self.state, self.told = f"{envelope.kid.hex()}-{message.counter}", "received", {}
            self.alarms[message.counter] = self.alarm
        if self.is_superseded and not keeps:
            return self._to_superseded(envelope.kid.hex(), message)
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

    def _to_superseded(self, kid: str, message: Message) -> Receipt:
        """It learns of its own presses that they arrived, and nothing else (decision 0024)."""
        alarm = f"{kid}-{message.counter}" if message.kind is Kind.PRESS else ""
        pending = tuple(Pending("key", link) for link in self.links)
        state, following = "received" if alarm else "noted", message.counter + 1 + self.leap
        return Receipt(message.counter, alarm, 1000, state, following, pending)

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

    def _do_send(self, step: str) -> None:
        self.told.pop("team", None)
        if step:
            self.told["team"] = step

    def _do_check(self, text: str) -> None:
        self.at_rest["check"] = text

    def _do_arm(self, offer: str) -> None:
        self.at_rest.pop("test", None)
        if offer:
            self.at_rest["test"] = offer

    def _do_offer(self, code: str) -> None:
        """On the officer's page; the one that it offered before is worth nothing any more, unless it was used."""
        self.codes = {known: key for known, key in self.codes.items() if key} | {code_hash(code): ""}

    def _do_supersede(self, blocks: bool) -> None:
        """Another phone was enrolled for the kit on the officer's page; a desk may block this one then."""
        self.is_superseded = True
        self.is_blocked = self.is_blocked or blocks
        self.at_rest.pop("test", None)

    def _do_take_back(self) -> None:
        """The kit was given back: it is tested no more. What its phone sends is flagged, and taken."""
        self.at_rest.pop("test", None)

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
