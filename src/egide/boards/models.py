"""Tables of this package: short codes that opened nothing, to slow guessing down, devices that may be woken, and the
register of alarms."""

from django.db import models

from egide.outbox.fields import SealedText


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


class RegisteredAlarm(models.Model):
    """One alarm of the register: follows the journal, and can be made anew from it.

    `sealed` is what a line of the register shows, under the key of its file; `content` tells whether that has changed.
    """

    alarm = models.CharField(max_length=40, unique=True)
    case = SealedText()
    opened_at_us = models.BigIntegerField()
    content = models.BigIntegerField()
    sealed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["case", "opened_at_us"], name="response_registered_case")]

    def __str__(self) -> str:
        return self.alarm


class RegisterMark(models.Model):
    """By what an alarm of the register is found: a place that may read it, an outcome, a team, a reference.

    `mark` is a keyed hash of that: the database alone shows which alarms have one in common, and not what it is.
    """

    entry = models.ForeignKey(RegisteredAlarm, on_delete=models.CASCADE)
    mark = models.BigIntegerField()
    opened_at_us = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["mark", "opened_at_us", "entry"], name="response_register_mark")]

    def __str__(self) -> str:
        return f"{self.mark}"
