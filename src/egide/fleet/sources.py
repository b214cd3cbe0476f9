"""Devices that are no phones and report for a kit: an officer enrols them, and takes them off again (decision 0104)."""

from dataclasses import dataclass

from django.db import transaction

from egide.access.rules import Scope
from egide.events.sources import SourceEnded, SourceEnrolled
from egide.fleet.models import OUT, KitState
from egide.fleet.seeing import check_kit
from egide.journal.queries.sources import OfKit, find_source, sources_of
from egide.journal.sealing.keys import KeyErased
from egide.outbox.service import journal, keys, offer
from egide.protocol.bthome import KEY_BYTES, address_bytes
from egide.protocol.dc09.frames import ACCOUNT
from egide.protocol.dc09.frames import KEY_BYTES as FRAME_KEY_BYTES
from egide.protocol.envelope import Position
from egide.protocol.sources import BTHOME, DC09, PURPOSE, source_id

_LONGEST_NAME = 64
# How often a device may say that it works, in seconds: one that does so more seldom cannot be missed in time.
LEAST_EVERY_S, MOST_EVERY_S = 10, 86_400


class SourceRefused(Exception):
    """This cannot be done; `why`: "kit-not-out", "bad-name", "bad-key", "no-place", "has-place", "bad-interval",
    "taken", "unknown"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class NewSource:
    """What an officer says of a device. `name` is its address, number or account, `place` where it stands, `every_s`
    how often it says that it works."""

    road: str
    name: str
    key: bytes = b""
    place: Position | None = None
    every_s: int = 0


def do_enrol_source(scope: Scope, kit_id: str, new: NewSource) -> str:
    """Enrol it for the kit; returns its id. Raises NoSuchKit, SourceRefused, JournalError."""
    kit = check_kit(scope, kit_id)
    if kit.state not in (*OUT, KitState.PREPARED):
        raise SourceRefused("kit-not-out")
    name = _checked(new)
    secret = new.key if new.road == BTHOME else b""
    source = source_id(keys().purpose_key(PURPOSE).raw, new.road, name, secret)
    with journal().reading() as reader:
        known = find_source(reader, source)
    if known is not None and known.kit != kit.id:
        raise SourceRefused("taken")
    event = SourceEnrolled(
        source=source,
        kit=kit.id,
        road=new.road,
        name=name,
        user=scope.user,
        key=new.key,
        place=new.place,
        every_s=new.every_s,
    )
    with transaction.atomic():
        offer(event, f"source:{source}", kit.case_id)
    return source


def do_end_source(scope: Scope, kit_id: str, source: str) -> None:
    """Nothing of it is taken any more. Raises NoSuchKit, SourceRefused "unknown", JournalError."""
    kit = check_kit(scope, kit_id)
    with journal().reading() as reader:
        known = find_source(reader, source)
    if known is None or known.kit != kit.id:
        raise SourceRefused("unknown")
    with transaction.atomic():
        offer(SourceEnded(source=source, kit=kit.id, user=scope.user), f"source:{source}", kit.case_id)


def sources_of_kit(scope: Scope, kit_id: str) -> list[OfKit]:
    """The sources of this kit, those that ended too. Raises NoSuchKit, JournalError."""
    kit = check_kit(scope, kit_id)
    with journal().reading() as reader:
        return sources_of(reader, kit.id)


@dataclass(frozen=True)
class Shown:
    """A source of a kit as its officers see it, without its key. Times in µs since 1970; `heard_us` is None until
    something of it came that was its own."""

    source: str
    road: str
    name: str
    place: Position | None
    enrolled_us: int
    is_ended: bool
    heard_us: int | None


def shown_of_kit(scope: Scope, kit_id: str) -> list[Shown]:
    """The sources of this kit with what was said of each when it was enrolled last, those that ended behind. Raises
    NoSuchKit, JournalError."""
    found = [_shown(one) for one in sources_of_kit(scope, kit_id)]
    return sorted((one for one in found if one), key=lambda one: one.is_ended)


def _shown(one: OfKit) -> Shown | None:
    rows = [row for row in journal().stream(f"source:{one.source}") if row.kind == SourceEnrolled.__name__]
    try:
        event = journal().open_event(rows[-1])
    except KeyErased:
        return None
    assert isinstance(event, SourceEnrolled)
    ended = bool(one.is_ended)
    return Shown(one.source, one.road, event.name, event.place, rows[-1].at_us, ended, one.heard_us)


def _checked(new: NewSource) -> str:
    """Its name as it is kept."""
    if new.every_s and (new.road != DC09 or not LEAST_EVERY_S <= new.every_s <= MOST_EVERY_S):
        raise SourceRefused("bad-interval")
    if new.road == BTHOME:
        return _checked_button(new)
    if new.road == DC09:
        return _checked_device(new)
    name = new.name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise SourceRefused("bad-name")
    if new.place is not None:
        raise SourceRefused("has-place")
    if new.key:
        raise SourceRefused("bad-key")
    return name


def _checked_device(new: NewSource) -> str:
    """An alarm device has a key, or speaks in the clear where the settings let it."""
    name = new.name.strip().upper()
    if not ACCOUNT.fullmatch(name):
        raise SourceRefused("bad-name")
    if new.key and len(new.key) not in FRAME_KEY_BYTES:
        raise SourceRefused("bad-key")
    return name


def _checked_button(new: NewSource) -> str:
    """A button that only broadcasts is never one to be carried: anybody could follow it by
    radio (safety rule 21). So it has a place; what moves has none."""
    try:
        name = address_bytes(new.name.strip()).hex(":").upper()
    except ValueError as error:
        raise SourceRefused("bad-name") from error
    if len(new.key) != KEY_BYTES:
        raise SourceRefused("bad-key")
    if new.place is None:
        raise SourceRefused("no-place")
    return name
