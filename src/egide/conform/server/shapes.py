"""Answers of a server in the shapes that contracts/intake.openapi.yaml gives them: nothing more, nothing less."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Key = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$")]
Signature = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{86}$")]
Natural = Annotated[int, Meta(ge=0)]
_COUNTER = Annotated[int, Meta(ge=2, le=1 << 32)]
_WHAT = Literal["seen", "closed", "text", "team", "listen-off", "check", "settings", "test", "quiet", "key"]


class Problem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refusal (schema Problem)."""

    error: str
    reason: str
    detail: str = ""


class Pending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the phone should show (schema Pending)."""

    what: _WHAT
    text: str = ""


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The signed word that bytes are durable (schema Receipt)."""

    seq: Natural
    alarm: Annotated[str, Meta(pattern="^([0-9a-f]{16}-[1-9][0-9]{0,9})?$")]
    received_at: Natural
    state: Literal["received", "routed", "shown", "acknowledged", "closed", "noted"]
    next_counter: _COUNTER
    pending: tuple[Pending, ...]
    signature: Signature


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of a kit within their bounds (schema Settings)."""

    hold_ms: Annotated[int, Meta(ge=1000, le=5000)]
    button_hold_ms: Annotated[int, Meta(ge=1000, le=5000)]
    position_interval_s: Annotated[int, Meta(ge=5, le=60)]
    heartbeat_interval_s: Annotated[int, Meta(ge=300, le=900)]
    tail_s: Annotated[int, Meta(ge=600, le=14_400)]
    version: Annotated[int, Meta(ge=0, le=(1 << 32) - 1)]


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The road by text message."""

    number: Annotated[str, Meta(pattern=r"^\+?[0-9]+$")]
    port: Annotated[int, Meta(ge=1, le=65_535)]


class EnrolmentReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to an enrolment (schema EnrolmentReply)."""

    kid: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
    kit: Annotated[str, Meta(min_length=1)]
    button_id: Annotated[str, Meta(min_length=1)]
    button_key: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{22}$")]
    server_key: Key
    servers: Annotated[tuple[str, ...], Meta(min_length=1)]
    settings: Settings
    texts: Texts | None = None


class OpeningReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The server's half of a key (schema OpeningReply)."""

    part: Key


class ReceiptKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the key of receipts was handed on (schema ReceiptKeys)."""

    keys: Annotated[tuple[str, ...], Meta(max_length=64)]


class Health(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether messages are received (schema Health)."""

    status: Literal["ok", "writer-stuck"]
    waiting: Natural
