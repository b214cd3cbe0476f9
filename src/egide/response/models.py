"""The one table of this package: short codes that opened nothing, to slow guessing down."""

from django.db import models


class FailedCode(models.Model):
    """One failed try of a short code, under a hash of where it came from: useless for anything else."""

    key = models.CharField(max_length=64)
    at_us = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["key", "at_us"], name="response_failed_code")]

    def __str__(self) -> str:
        return self.key
