"""The signed receipt: the server's word that a message is durable, and all that it tells the phone (Ed25519)."""

import hashlib

import msgspec

from egide.common.encoding import from_base64url, to_base64url
from egide.protocol.keys import SIGNATURE_BYTES, SigningKey, signature_is_valid

# The state of a receipt for what one machine keeps until the journal can be written again.
KEPT = "kept"


class Pending(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something the phone should know: `what` is "seen", "closed", "text", "settings" ..."""

    what: str
    text: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """Reply to POST /v1/messages. `seq` is 0 for what is not kept as an event (heartbeats). All of it is signed."""

    seq: int
    alarm: str
    received_at: int
    state: str
    next_counter: int
    pending: tuple[Pending, ...]
    signature: str = ""


def receipt_statement(message_hash: bytes, receipt: Receipt) -> bytes:
    """What is signed: a fixed word, SHA-256 of the envelope (32 bytes), seq, time and next counter as 8-byte big-endian
    numbers, then alarm, state, and `what` and `text` of each pending thing, each as UTF-8 behind its length in two
    bytes. Raises OverflowError for numbers and words that do not fit.
    """
    parts = [
        b"egide-receipt-2\0",
        message_hash,
        receipt.seq.to_bytes(8, "big"),
        receipt.received_at.to_bytes(8, "big"),
        receipt.next_counter.to_bytes(8, "big"),
    ]
    words = [receipt.alarm, receipt.state]
    for one in receipt.pending:
        words += (one.what, one.text)
    for word in words:
        encoded = word.encode()
        parts += (len(encoded).to_bytes(2, "big"), encoded)
    return b"".join(parts)


def sign_receipt(key: SigningKey, message_hash: bytes, receipt: Receipt) -> Receipt:
    """The receipt with its signature as base64url."""
    signature = key.sign(receipt_statement(message_hash, receipt)).signature
    return msgspec.structs.replace(receipt, signature=to_base64url(signature))


def receipt_is_valid(receipt: Receipt, envelope: bytes, server_key: bytes) -> bool:
    """Whether the server that holds `server_key` (public, 32 bytes) says just this of exactly these bytes."""
    try:
        signature = from_base64url(receipt.signature, SIGNATURE_BYTES)
        statement = receipt_statement(hashlib.sha256(envelope).digest(), receipt)
    except (ValueError, OverflowError):
        return False
    return signature_is_valid(server_key, statement, signature)
