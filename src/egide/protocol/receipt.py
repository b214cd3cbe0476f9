"""The signed receipt: the server's word that a message is durable (Ed25519 over its hash, its number and the time)."""

import hashlib

import msgspec

from egide.common.encoding import from_base64url, to_base64url
from egide.protocol.keys import SIGNATURE_BYTES, SigningKey, signature_is_valid


class Pending(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something the phone should know: `what` is "seen", "closed", "text", "settings" ..."""

    what: str
    text: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """Reply to POST /v1/messages. `seq` is 0 for what is not kept as an event (heartbeats)."""

    seq: int
    alarm: str
    received_at: int
    state: str
    next_counter: int
    pending: tuple[Pending, ...]
    signature: str


def receipt_statement(message_hash: bytes, seq: int, received_at_ms: int) -> bytes:
    """What is signed: a fixed word, SHA-256 of the envelope (32 bytes), seq and time as 8-byte big-endian numbers."""
    return b"egide-receipt-1\0" + message_hash + seq.to_bytes(8, "big") + received_at_ms.to_bytes(8, "big")


def sign_receipt(key: SigningKey, message_hash: bytes, seq: int, received_at_ms: int) -> str:
    """The signature as base64url."""
    return to_base64url(key.sign(receipt_statement(message_hash, seq, received_at_ms)).signature)


def receipt_is_valid(receipt: Receipt, envelope: bytes, server_key: bytes) -> bool:
    """Whether the server that holds `server_key` (public, 32 bytes) says that it keeps exactly these bytes."""
    try:
        signature = from_base64url(receipt.signature, SIGNATURE_BYTES)
        statement = receipt_statement(hashlib.sha256(envelope).digest(), receipt.seq, receipt.received_at)
    except (ValueError, OverflowError):
        return False
    return signature_is_valid(server_key, statement, signature)
