"""The face of this package: offer an event inside the caller's transaction, and reach this process's journal."""

import time
from typing import TypeVar, cast

from django.apps import apps
from django.db import connection, transaction

from egide.common.clock import Clock
from egide.events.base import Event, decode, encode
from egide.journal.bell import Ringer
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.sealing.keys import SYSTEM
from egide.journal.service import Journal, KeyStore
from egide.outbox.apps import OutboxConfig
from egide.outbox.copy import row_label
from egide.outbox.models import OutboxRow

E = TypeVar("E", bound=Event)

# The worker looks once a second where the ring did not reach it; a machine that is busy gets the rest.
COPIED_WITHIN_S = 5.0
LOOK_S = 0.02


def _app() -> OutboxConfig:
    return cast(OutboxConfig, apps.get_app_config("outbox"))


def clock() -> Clock:
    """The clock of this process."""
    return _app().clock


def keys() -> KeyStore:
    """The key store of this process."""
    return _app().keys


def journal() -> Journal:
    """The journal of this process."""
    return _app().journal


def heartbeats() -> Heartbeats:
    """What was last heard of each phone."""
    return _app().heartbeats


def offer(event: Event, stream: str, case: str = SYSTEM) -> OutboxRow:
    """Write `event` for the worker to copy. Raises RuntimeError outside of a transaction.

    The record and the event that reports it must be kept or lost together.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{event.kind} was offered outside of a transaction")
    row = OutboxRow(stream=stream, kind=event.kind, case=case, created_at_us=clock().now_us())
    row.body = keys().record_key(case).seal(encode(event), row_label(row.id))
    row.save(force_insert=True)
    # Wake the worker; without the ring it would look within a second.
    transaction.on_commit(Ringer(journal().bells_dir).ring)
    return row


def waiting(stream: str, kind: type[E]) -> tuple[E, int] | None:
    """The latest event of this kind that the worker has not copied yet, and when it was offered. Raises KeyErased."""
    row = (
        OutboxRow.objects.filter(stream=stream, kind=kind.__name__, copied_seq=None)
        .order_by("-number")
        .first()
    )
    if row is None:
        return None
    body = keys().record_key(row.case).unseal(bytes(row.body), row_label(row.id))
    event = decode(row.kind, body)
    assert isinstance(event, kind)
    return event, row.created_at_us


def until_copied(stream: str, kind: type[E]) -> bool:
    """Whether the worker has copied all events of this kind; waits for it, COPIED_WITHIN_S at most. Outside of the
    transaction that offered them: nobody sees them before its end."""
    ends_s = time.monotonic() + COPIED_WITHIN_S
    while OutboxRow.objects.filter(stream=stream, kind=kind.__name__, copied_seq=None).exists():
        if time.monotonic() >= ends_s:
            return False
        time.sleep(LOOK_S)
    return True
