"""Kits as they are handed out."""

from django.db import models

from egide.common.ids import new_id


class KitState(models.TextChoices):
    """Where a kit is in its life. Plain words of the code: no page shows them yet."""

    ISSUED = "issued"
    RETURNED = "returned"


class Kit(models.Model):
    """A button and a phone for one case. `button_key` is sealed under the case's key."""

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    case_id = models.CharField(max_length=16, db_index=True)
    state = models.CharField(max_length=12, choices=KitState, default=KitState.ISSUED)
    button_id = models.CharField(max_length=16, unique=True)
    button_key_sealed = models.BinaryField()
    issued_at_us = models.BigIntegerField()

    def __str__(self) -> str:
        return self.id
