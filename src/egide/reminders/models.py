"""Tables of this package: how each account is reminded, and of what it was."""

from django.db import models

from egide.access.models import User
from egide.outbox.fields import SealedText


class Reminding(models.Model):
    """How one account is reminded.

    Mail goes to `address` alone. `pending` becomes it once somebody types the `code` that was sent there; `former` is
    told that another one took its place. Hours are those of the authority's clock: the list comes at `list_hour`,
    nothing else comes from `quiet_from` until `quiet_until`. `list_day` is the day of the last list.
    """

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="reminding")
    address = SealedText(blank=True, default="")
    pending = SealedText(blank=True, default="")
    former = SealedText(blank=True, default="")
    code = SealedText(blank=True, default="")
    code_sent_us = models.BigIntegerField(default=0)
    code_until_us = models.BigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    list_hour = models.SmallIntegerField(null=True)
    at_once = models.BooleanField(default=False)
    quiet_from = models.SmallIntegerField(default=20)
    quiet_until = models.SmallIntegerField(default=7)
    list_day = models.DateField(null=True)
    failed_at_us = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id}"


class Reminder(models.Model):
    """Something of which an account was reminded as urgent: `mark` tells it from others and says nothing of it.

    It stays open until the thing is done; reading the message ends nothing. `taken_at_us` is when a road took the
    message: 0 while nobody knows, and colleagues then count on nobody.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reminders")
    mark = models.CharField(max_length=64)
    at_us = models.BigIntegerField()
    taken_at_us = models.BigIntegerField(default=0)
    closed_at_us = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-at_us", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "mark"], name="reminded_once")]

    def __str__(self) -> str:
        return f"{self.user_id}"
