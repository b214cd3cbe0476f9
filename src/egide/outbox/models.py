"""The outbox: events of the registers that wait to be copied into the journal."""

import secrets

from django.db import models


def _fresh_id() -> str:
    return secrets.token_hex(16)


class OutboxRow(models.Model):
    """One event, written in the transaction of the record that it reports.

    `number` gives the order, `id` the identity under which it can enter the journal only once. `body` is the event's
    JSON, sealed under the case's key when there is a case. `copied_seq` is its place in the journal, once it has one.
    """

    number = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=32, unique=True, default=_fresh_id, editable=False)
    stream = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    body = models.BinaryField()
    case = models.CharField(max_length=32)
    created_at_us = models.BigIntegerField()
    copied_seq = models.BigIntegerField(null=True, default=None)

    class Meta:
        indexes = [
            models.Index(fields=["number"], condition=models.Q(copied_seq=None), name="outbox_waiting"),
        ]
