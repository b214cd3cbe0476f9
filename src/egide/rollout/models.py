"""Who takes part: offices, centres, zones, their trainings and sign-offs; and their telephone numbers.

Polygons stay facts of `egide.routing`; these rows are filled from the same file and say what routing need not know.
"""

from django.db import models
from django.utils.translation import get_language

from egide.access.models import User
from egide.common.ids import new_id


class TelephoneNumber(models.Model):
    """A number that people at a board ring: of a zone, of a centre, or of a neighbour abroad (safety rule 7).

    `kind` is a word of `rules.TELEPHONE_KINDS`. `place` is what routing uses: a zone's id, a centre's code, and for
    a neighbour the code of the centre that holds its 24-hour number; `country` then has two letters (ISO 3166-1).
    `checked_on` is the last day on which somebody rang it, None when nobody has.
    """

    kind = models.CharField(max_length=8)
    place = models.CharField(max_length=40)
    country = models.CharField(max_length=2, blank=True)
    name = models.CharField(max_length=120)
    number = models.CharField(max_length=40)
    checked_on = models.DateField(null=True)

    class Meta:
        ordering = ["kind", "place", "country", "name"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "place", "country", "name"], name="one_number_each")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.place} {self.country}"


class Patrol(models.Model):
    """A patrol that a zone can send, by its call sign; who is in it stands nowhere. On duty, boards offer it.

    `changed_at_us` is when somebody last said whether it is.
    """

    zone = models.CharField(max_length=40)
    call_sign = models.CharField(max_length=80)
    telephone = models.CharField(max_length=40, blank=True)
    on_duty = models.BooleanField(default=False)
    changed_at_us = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["zone", "call_sign"]
        constraints = [models.UniqueConstraint(fields=["zone", "call_sign"], name="one_patrol_each")]

    def __str__(self) -> str:
        return f"{self.zone} {self.call_sign}"


class Duty(models.Model):
    """Whom a zone or an office names for some hours, and the number to ring. `kind` and `place` as of a sign-off: a
    zone's id or an office's code; `name` is how the person answers. `account` is reminded at once while the duty lasts,
    where one is named. Microseconds since 1970.
    """

    kind = models.CharField(max_length=8)
    place = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    number = models.CharField(max_length=40)
    account = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="duties")
    starts_us = models.BigIntegerField()
    ends_us = models.BigIntegerField()

    class Meta:
        ordering = ["kind", "place", "starts_us", "name"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "place", "starts_us", "name"], name="one_duty_each")
        ]
        indexes = [models.Index(fields=["kind", "place", "ends_us"], name="rollout_duty_now")]

    def __str__(self) -> str:
        return f"{self.kind} {self.place} {self.starts_us}"


class Named(models.Model):
    """Something with an official name, and others by language where they differ."""

    name = models.CharField(max_length=120)
    names = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """The name in the reader's language."""
        return str(self.names.get((get_language() or "en")[:2], self.name))


class Office(Named):
    """A prosecutor's office; `code` as in the zone file."""

    code = models.CharField(max_length=32, primary_key=True)

    class Meta:
        ordering = ["name"]


class Centre(Named):
    """A dispatch centre; `code` as in the zone file."""

    code = models.CharField(max_length=8, primary_key=True)

    class Meta:
        ordering = ["name"]


class Zone(Named):
    """A police zone; `id` is the one that routing uses. One that the map no longer holds is kept, with `gone`.

    `by_hand` marks what somebody imported here: the zone file no longer writes over it.
    """

    id = models.CharField(max_length=40, primary_key=True)
    centre = models.ForeignKey(Centre, null=True, blank=True, on_delete=models.PROTECT)
    office = models.ForeignKey(Office, null=True, blank=True, on_delete=models.PROTECT)
    gone = models.BooleanField(default=False)
    by_hand = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]


class TrainingSession(models.Model):
    """One course on one day."""

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    course = models.CharField(max_length=12)
    on = models.DateField()
    place = models.CharField(max_length=120)

    class Meta:
        ordering = ["-on", "place"]
        constraints = [models.UniqueConstraint(fields=["course", "on", "place"], name="one_session")]

    def __str__(self) -> str:
        return f"{self.on} {self.place}"


class Attendance(models.Model):
    """Somebody of a zone or an office at a session; `person` is a staff number, never a name.

    `good_until` is the last day of the certificate, None for a person who did not pass.
    """

    session = models.ForeignKey(TrainingSession, on_delete=models.PROTECT)
    person = models.CharField(max_length=40)
    zone = models.ForeignKey(Zone, null=True, on_delete=models.PROTECT)
    office = models.ForeignKey(Office, null=True, on_delete=models.PROTECT)
    good_until = models.DateField(null=True)

    class Meta:
        ordering = ["person"]
        constraints = [models.UniqueConstraint(fields=["session", "person"], name="one_attendance")]


class SignOff(models.Model):
    """The chief of a zone, or the prosecutor of an office, answers for its taking part; `signer_sealed` is a name.

    `last` is the last day on which it holds, None while it stands.
    """

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    zone = models.ForeignKey(Zone, null=True, on_delete=models.PROTECT)
    office = models.ForeignKey(Office, null=True, on_delete=models.PROTECT)
    first = models.DateField()
    last = models.DateField(null=True)
    signer_sealed = models.BinaryField()
    by = models.CharField(max_length=60)
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-first"]
