"""Tables of this package: short codes that opened nothing, to slow guessing down, and devices that may be woken."""

from django.db import models


class FailedCode(models.Model):
    """One failed try of a short code, under a hash of where it came from: useless for anything else."""

    key = models.CharField(max_length=64)
    at_us = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["key", "at_us"], name="response_failed_code")]

    def __str__(self) -> str:
        return self.key


class WakeDevice(models.Model):
    """A browser that may be woken: of a `session` of `user`, or of the `link_device` that opened a link of `alarm`.

    `sealed` is what the browser said of itself. `zones` are those of the session, for finding; whether they still hold
    is asked each time.
    """

    id = models.CharField(max_length=16, primary_key=True)
    session = models.CharField(max_length=16, blank=True, db_index=True)
    user = models.CharField(max_length=60, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    zones = models.CharField(max_length=200, blank=True)
    alarm = models.CharField(max_length=40, blank=True, db_index=True)
    link_device = models.CharField(max_length=64, blank=True)
    endpoint_hash = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    expires_at_us = models.BigIntegerField()

    def __str__(self) -> str:
        return self.id
