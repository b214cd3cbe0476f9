"""Buttons and phones of the stock, every move of them, and the kits that are made of them for a file."""

from django.db import models

from egide.common.ids import new_id
from egide.fleet.stock import rules as rules_stock
from egide.outbox.fields import SealedText


class Item(models.Model):
    """A button or a phone that the authority owns. `serial` is the maker's; for a phone its IMEI.

    `zone` is where it lies ("" for the central stock), `kit` what it belongs to while it is prepared or out. `sim` is
    the number of the authority's SIM card (ICCID). Both numbers stand under seal.
    """

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8)
    serial = SealedText(unique=True)
    model = models.CharField(max_length=60)
    sim = SealedText(blank=True)
    state = models.CharField(max_length=10, default=rules_stock.STOCK)
    zone = models.CharField(max_length=40, blank=True)
    kit = models.CharField(max_length=16, blank=True)
    since_us = models.BigIntegerField()

    class Meta:
        ordering = ["model", "since_us", "id"]
        indexes = [
            models.Index(fields=["zone", "state", "kind"], name="item_where"),
            models.Index(fields=["kit"], name="item_kit", condition=~models.Q(kit="")),
        ]

    def __str__(self) -> str:
        return str(self.serial)


class ItemMove(models.Model):
    """One move of an item; never changed. The numbers give the order."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="moves")
    at_us = models.BigIntegerField()
    was = models.CharField(max_length=10, blank=True)
    now = models.CharField(max_length=10)
    zone = models.CharField(max_length=40, blank=True)
    kit = models.CharField(max_length=16, blank=True)
    by = models.CharField(max_length=60)
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["item", "at_us"], name="move_item"),
            models.Index(fields=["kit"], name="move_kit"),
        ]


class KitState(models.TextChoices):
    """Where a kit is in its life; a provisional one is out, until what is missing has been mended."""

    PREPARED = "prepared"
    PROVISIONAL = "provisional"
    ISSUED = "issued"
    RETURNED = "returned"
    LOST = "lost"
    UNDONE = "undone"


# States in which a kit is with the person.
OUT = (KitState.ISSUED, KitState.PROVISIONAL)


class Kit(models.Model):
    """A button and a phone for one case. `button_key` is sealed under the case's key.

    `means` is a word of `rules.MEANS`. A phone of her own is no item: nothing is kept of it here.
    """

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    case_id = models.CharField(max_length=16, db_index=True)
    state = models.CharField(max_length=12, choices=KitState, default=KitState.PREPARED)
    button_item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="kits_of_button")
    phone_item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="kits_of_phone")
    means = models.CharField(max_length=8, default="lent")
    button_id = models.CharField(max_length=16, unique=True)
    button_key_sealed = models.BinaryField()
    by = models.CharField(max_length=60, blank=True)
    issued_at_us = models.BigIntegerField()
    out_at_us = models.BigIntegerField(null=True)
    ended_at_us = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "issued_at_us"], name="kit_state")]

    def __str__(self) -> str:
        return self.id

    @property
    def is_out(self) -> bool:
        return self.state in OUT


class PressCheck(models.Model):
    """A press of this kit got through under a condition of safety rule 17, proven by one test in the journal."""

    kit = models.ForeignKey(Kit, on_delete=models.CASCADE, related_name="presses")
    condition = models.CharField(max_length=12)
    test_seq = models.BigIntegerField(unique=True)
    at_us = models.BigIntegerField()
    by = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kit", "condition"], name="one_press_each")]


class PhoneCheck(models.Model):
    """The answers to whose phone it is (safety rule 19), sealed under the case's key; the latest counts."""

    kit = models.OneToOneField(Kit, on_delete=models.CASCADE, related_name="phone_check", primary_key=True)
    answers_sealed = models.BinaryField()
    at_us = models.BigIntegerField()
    by = models.CharField(max_length=60)


class ProvisionalIssue(models.Model):
    """A kit that leaves before its gates are passed (safety rule 25). `yes_sealed` holds who said yes, and why.

    It is out once `second` has signed; `until_us` ends the 72 hours; `settled_at_us` is when every gate was passed.
    """

    kit = models.OneToOneField(Kit, on_delete=models.CASCADE, related_name="provisional", primary_key=True)
    yes_sealed = models.BinaryField()
    said_at_us = models.BigIntegerField()
    first = models.CharField(max_length=60)
    first_at_us = models.BigIntegerField()
    second = models.CharField(max_length=60, blank=True)
    until_us = models.BigIntegerField(null=True)
    settled_at_us = models.BigIntegerField(null=True)
