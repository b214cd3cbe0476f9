"""A telephone, a tracker's service and a dispatch system, after the words of `egide reference` and nothing else."""

import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cbor2
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

TIMEOUT_S = 5
PRESS, POSITION, HEARTBEAT = 1, 2, 3
EDDSA = -8
# Kept, or kept for a while: both are believed by their signature alone.
SIGNED = (201, 202)
MOST_AHEAD = 1_000_000


class Unbelievable(Exception):
    """An answer, or a call, whose signature does not hold."""


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def call(url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """Status and body of a POST, or of a GET without a body; errors are answers too."""
    request = urllib.request.Request(
        url, body, {name.replace("_", "-"): one for name, one in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@dataclass
class Telephone:
    """One key, its counter, and what it pinned."""

    now_s: Callable[[], int]
    key: SigningKey = field(default_factory=SigningKey.generate)
    counter: int = 0
    server_key: bytes = b""
    servers: list[str] = field(default_factory=list)
    # Pinned ahead: it is in force from the first receipt on that it signs.
    following_key: bytes = b""

    @property
    def kid(self) -> bytes:
        return hashlib.sha256(bytes(self.key.verify_key)).digest()[:8]

    def enrol(self, server: str, code: str) -> int:
        """The status; pins the server's key on 201."""
        plain = "".join(code.split()).replace("-", "").upper()
        code_hash = hashlib.sha256(b"egide-code-1\0" + plain.encode()).digest()
        public = bytes(self.key.verify_key)
        statement = b"egide-enrolment-2\0" + code_hash + public + b"native\x002.0"
        request = {
            "code": code,
            "public_key": b64url(public),
            "signature": b64url(self.key.sign(statement).signature),
            "client": {"kind": "native", "version": "2.0"},
        }
        body = json.dumps(request).encode()
        status, answer = call(f"{server}/v1/enrolments", body, Content_Type="application/json")
        if status == 201:
            told = json.loads(answer)
            self.server_key, self.servers = from_b64url(told["server_key"]), told["servers"]
        return status

    def sealed(self, kind: int, **more: Any) -> bytes:
        """The next message of this kind, in bytes that are sent again and again."""
        self.counter += 1
        payload = {1: kind, 2: self.counter, 3: self.now_s()}
        payload |= {int(name.removeprefix("f")): value for name, value in more.items()}
        protected = cbor2.dumps({1: EDDSA, 4: self.kid}, canonical=True)
        content = cbor2.dumps(payload, canonical=True)
        signed = cbor2.dumps(["Signature1", protected, b"", content], canonical=True)
        signature = self.key.sign(signed).signature
        return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, content, signature]), canonical=True)

    def send(self, envelope: bytes) -> tuple[int, dict[str, Any]]:
        """Status and receipt. Raises Unbelievable for a receipt that the server did not sign."""
        status, answer = call(f"{self.servers[0]}/v1/messages", envelope, Content_Type="application/cose")
        receipt: dict[str, Any] = json.loads(answer)
        if status in SIGNED:
            self.believe(envelope, receipt)
            if receipt["next_counter"] - self.counter <= MOST_AHEAD:
                self.counter = max(self.counter, receipt["next_counter"] - 1)
        return status, receipt

    def believe(self, envelope: bytes, receipt: dict[str, Any]) -> None:
        """Raises Unbelievable."""
        statement = b"egide-receipt-2\0" + hashlib.sha256(envelope).digest()
        for number in ("seq", "received_at", "next_counter"):
            statement += receipt[number].to_bytes(8, "big")
        words = [receipt["alarm"], receipt["state"]]
        for entry in receipt["pending"]:
            words += [entry["what"], entry.get("text", "")]
        for word in words:
            statement += len(word.encode()).to_bytes(2, "big") + word.encode()
        signature = from_b64url(receipt["signature"])
        known = [key for key in (self.server_key, self.following_key) if key]
        signer = next((key for key in known if signed_by(key, statement, signature)), b"")
        signer = signer or self._later(statement, signature)
        if not signer:
            raise Unbelievable("receipt")
        if signer != self.server_key:
            self.server_key, self.following_key = signer, b""
        for entry in receipt["pending"]:
            if entry["what"] == "key" and not self.following_key:
                self.following_key = followed(self.server_key, entry["text"])

    def _later(self, statement: bytes, signature: bytes) -> bytes:
        """The key behind the pinned one that signed this, by the links of a server; empty where none did."""
        if not self.servers:
            return b""
        status, answer = call(f"{self.servers[0]}/v1/receipt-keys")
        key = self.server_key
        for link in json.loads(answer)["keys"] if status == 200 else ():
            key = followed(key, link) or key
            if key != self.server_key and signed_by(key, statement, signature):
                return key
        return b""


def signed_by(key: bytes, statement: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(key).verify(statement, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def followed(key: bytes, link: str) -> bytes:
    """The key that follows by a link; empty where it does not hold."""
    said = from_b64url(link)
    following, signature = said[:32], said[32:]
    return following if signed_by(key, b"egide-receipt-key-1\0" + key + following, signature) else b""


def report(server: str, secret: str, forward: dict[str, Any]) -> int:
    """What a tracker's service forwards; the status."""
    body = json.dumps(forward).encode()
    headers = {"Content_Type": "application/json", "Authorization": f"Bearer {secret}"}
    return call(f"{server}/v1/reports/traccar", body, **headers)[0]


def webhook_signature(secret: str, message: str, at_s: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message}.{at_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def taken(secret: str, headers: dict[str, str], body: bytes, now_s: int) -> dict[str, Any]:
    """What Egide told a dispatch system. Raises Unbelievable."""
    try:
        at_s = int(headers["webhook-timestamp"])
        right = webhook_signature(secret, headers["webhook-id"], at_s, body).encode()
        given = [one.encode() for one in headers["webhook-signature"].split(" ")]
    except (KeyError, ValueError) as error:
        raise Unbelievable("webhook") from error
    if abs(now_s - at_s) > 300 or not any(hmac.compare_digest(right, one) for one in given):
        raise Unbelievable("webhook")
    message: dict[str, Any] = json.loads(body)
    return message


def signed(secret: str, at_s: int, body: bytes) -> dict[str, str]:
    """The headers of a call to Egide."""
    message = f"call-{at_s}"
    return {
        "Content_Type": "application/json",
        "webhook_id": message,
        "webhook_timestamp": str(at_s),
        "webhook_signature": webhook_signature(secret, message, at_s, body),
    }


def answered(pages: str, name: str, secret: str, at_s: int, **said: str) -> int:
    """Says how far an alarm or a unit is there, or that a message was taken; the status."""
    body = json.dumps(said).encode()
    return call(f"{pages}/dispatch/{name}/answers", body, **signed(secret, at_s, body))[0]


def fetched(pages: str, name: str, secret: str, at_s: int) -> list[dict[str, Any]]:
    """What is due now, for a system that nobody can call."""
    status, answer = call(f"{pages}/dispatch/{name}/messages", **signed(secret, at_s, b""))
    messages: list[dict[str, Any]] = json.loads(answer)["messages"] if status == 200 else []
    return messages
