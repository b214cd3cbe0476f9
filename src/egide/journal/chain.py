"""The hash chain of a stream: each event's hash covers its predecessor's and everything that the row holds."""

import hashlib

import msgspec

GENESIS = bytes(32)


class Stored(msgspec.Struct, frozen=True):
    """A row of the journal. Only `body` is sealed; `centre` and `zone` list all that are concerned, space-separated."""

    seq: int
    stream: str
    version: int
    kind: str
    at_us: int
    centre: str
    zone: str
    key: str
    cause: int | None
    body: bytes
    prev: bytes
    hash: bytes

    @property
    def centres(self) -> tuple[str, ...]:
        return tuple(self.centre.split())

    @property
    def zones(self) -> tuple[str, ...]:
        return tuple(self.zone.split())

    @property
    def alarm(self) -> str | None:
        """The alarm that this belongs to, or None for other streams."""
        return self.stream[6:] if self.stream.startswith("alarm:") else None


class Clear(msgspec.Struct, frozen=True):
    """What a row says without any key. `key` names whose key seals it: the case that it belongs to."""

    seq: int
    kind: str
    stream: str
    at_us: int
    centre: str
    zone: str
    key: str


class Unshown(msgspec.Struct, frozen=True):
    """An open alarm that no board has painted; `times_closed` tells its lives apart when it was opened again."""

    alarm: str
    centres: str
    times_closed: int


def link_hash(
    prev: bytes,
    seq: int,
    stream: str,
    version: int,
    kind: str,
    at_us: int,
    centre: str,
    zone: str,
    key: str,
    cause: int | None,
    body: bytes,
) -> bytes:
    """SHA-256 over the predecessor's hash, a line of the clear columns, and the sealed body.

    Texts hold no line feed and no tab, so the line has one reading only.
    """
    line = f"{seq}\t{stream}\t{version}\t{kind}\t{at_us}\t{centre}\t{zone}\t{key}\t{cause or ''}\n"
    return hashlib.sha256(prev + line.encode() + body).digest()


def hash_of(row: Stored) -> bytes:
    """What the row's hash must be."""
    return link_hash(
        row.prev,
        row.seq,
        row.stream,
        row.version,
        row.kind,
        row.at_us,
        row.centre,
        row.zone,
        row.key,
        row.cause,
        row.body,
    )


def seal_label(stream: str, version: int, kind: str) -> bytes:
    """Binds a sealed body to its place, so that bodies cannot be swapped."""
    return f"{stream}\t{version}\t{kind}".encode()
