"""Records of a file. Clear columns are only what is needed to find a row; everything about a person is `sealed`.

Numbers of files and names of barred readers are compared whole and stand under seal (`SealedText`).
"""

from django.db import models

from egide.common.ids import new_id
from egide.outbox.fields import SealedText


class Case(models.Model):
    """One file. `id` is random; `office` is the prosecutor's office, when one is concerned.

    `stage` is a word of `rules_life.Stage`. `danger` and `urgent` are answers of people, kept clear for the order of
    lists. `version` counts the steps taken: a step names the version that it saw.
    """

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    number = SealedText(unique=True)
    managing_zone = models.CharField(max_length=32)
    managing_centre = models.CharField(max_length=8)
    office = models.CharField(max_length=32, blank=True)
    stage = models.CharField(max_length=16, default="request")
    danger = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False)
    opened_at_us = models.BigIntegerField()
    waiting_since_us = models.BigIntegerField(default=0)
    review_on = models.DateField(null=True, default=None)
    grant_ends_on = models.DateField(null=True, default=None)
    # The next end of a ban or release from detention that the file knows of, until somebody has looked at it (rule 31).
    change_on = models.DateField(null=True, default=None)
    erase_on = models.DateField(null=True, default=None)
    version = models.PositiveIntegerField(default=1)
    sealed = models.BinaryField()
    content_version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["managing_zone", "stage", "-waiting_since_us"], name="case_zone"),
            models.Index(fields=["office", "stage", "-waiting_since_us"], name="case_office"),
            models.Index(fields=["review_on"], name="case_review"),
            models.Index(fields=["erase_on"], name="case_erase"),
        ]

    def __str__(self) -> str:
        return self.id


class SealedRow(models.Model):
    """A part of a file: belongs to a case, has an order, and its content is sealed under the case's key.

    `version` counts the changes: a form names the version that it was filled from.
    """

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    order = models.PositiveSmallIntegerField(default=0)
    sealed = models.BinaryField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True
        ordering = ["case", "order"]

    def __str__(self) -> str:
        return self.id


class Beneficiary(SealedRow):
    """The protected person: exactly one in each case.

    The mark is a hash of name and birth date under a key of the installation: both together find the file by it. "-"
    stands for a person without a birth date, "" for a row of before.
    """

    mark = models.CharField(max_length=32, blank=True, db_index=True)

    class Meta(SealedRow.Meta):
        constraints = [models.UniqueConstraint(fields=["case"], name="one_beneficiary")]


class Perpetrator(SealedRow):
    """A perpetrator; a case may have several (rule 26).

    The marks are hashes of name with birth date, and of the identity number, under a key of the installation: they
    show that two files concern one person, and say nothing to a reader of the database alone.
    """

    mark = models.CharField(max_length=32, blank=True, db_index=True)
    national_mark = models.CharField(max_length=32, blank=True, db_index=True)


class Weapon(SealedRow):
    """A known or suspected weapon."""


class Antecedent(SealedRow):
    """Something that happened before, or a warning."""


class Child(SealedRow):
    """A child in the file."""


class Report(SealedRow):
    """A report with its number."""


class Person(SealedRow):
    """Somebody else: at risk, a witness, to be warned, a support worker."""


class Measure(SealedRow):
    """A measure of the law, in force or over."""


class Place(SealedRow):
    """A place of the protected person. A non-disclosed address is shown only when the alarm comes from there."""

    non_disclosed = models.BooleanField(default=False)


class Step(SealedRow):
    """A step in the life of the file: who, when, why, with what result. Never changed afterwards."""

    kind = models.CharField(max_length=20)
    at_us = models.BigIntegerField()


class Paper(SealedRow):
    """Bytes of a file: a photo, a document that was made, a scan that came back. `content` is sealed like the rest.

    `sealed` holds who made it, of what, and the hash; `owner` is the row that it belongs to (a perpetrator's photo).
    """

    kind = models.CharField(max_length=20)
    owner = models.CharField(max_length=16, blank=True)
    at_us = models.BigIntegerField()
    content = models.BinaryField()


class Change(models.Model):
    """What a row held before it was changed or taken out: nobody's words are lost. Sealed like the row itself."""

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    part = models.CharField(max_length=20)
    row = models.CharField(max_length=16)
    version = models.PositiveIntegerField()
    at_us = models.BigIntegerField()
    sealed = models.BinaryField()

    class Meta:
        ordering = ["case", "at_us"]
        indexes = [models.Index(fields=["row", "version"], name="change_row")]


class BarredReader(models.Model):
    """A reader or unit that must never see the file (rule 27). `mark` is as in `access.rules.reader_marks`."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    mark = SealedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "mark"], name="barred_once")]
        indexes = [models.Index(fields=["mark"], name="barred_who")]


class Share(models.Model):
    """What the person lets a support worker see (rule 33): words of `sharing.PARTS`, for one account, for a while."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    reader = models.CharField(max_length=60)
    parts = models.CharField(max_length=60)
    at_us = models.BigIntegerField()
    by = models.CharField(max_length=60)
    ended_at_us = models.BigIntegerField(null=True, default=None)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reader"], condition=models.Q(ended_at_us=None), name="shared_once"
            )
        ]
        indexes = [models.Index(fields=["reader"], name="shared_with")]


class AnsweredFinding(models.Model):
    """What the managing zone said of the facts of one alarm: taken into the file, or left (`life.findings`)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    alarm = models.CharField(max_length=40)
    taken = models.BooleanField()
    by = models.CharField(max_length=60)
    at_us = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "alarm"], name="answered_once")]

    def __str__(self) -> str:
        return self.alarm


class SupportWord(SealedRow):
    """What a support worker told the zone of a file that she lets them see: a word of `sharing.telling.KINDS`.

    `sealed` holds their words; `answered_at_us` is set once somebody of the zone has seen to it.
    """

    kind = models.CharField(max_length=12)
    by = models.CharField(max_length=60)
    at_us = models.BigIntegerField()
    answered_by = models.CharField(max_length=60, blank=True)
    answered_at_us = models.BigIntegerField(null=True, default=None)

    class Meta(SealedRow.Meta):
        ordering = ["case", "at_us"]


class Asking(models.Model):
    """Somebody asked for a file that is not theirs (rule 41). `case` is "" when there is none of that person.

    `sealed` is the stated reason under the case's key. `agreed` is what a second person said, None while nobody did.
    """

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    by = models.CharField(max_length=60)
    at_us = models.BigIntegerField()
    case = models.CharField(max_length=16, blank=True, db_index=True)
    is_barred = models.BooleanField(default=False)
    sealed = models.BinaryField()
    second = models.CharField(max_length=60, blank=True)
    agreed = models.BooleanField(null=True, default=None)
    decided_at_us = models.BigIntegerField(default=0)
    opened_at_us = models.BigIntegerField(null=True, default=None)

    class Meta:
        ordering = ["-at_us", "id"]
        indexes = [
            models.Index(fields=["by", "at_us"], name="asking_by"),
            models.Index(fields=["at_us"], name="asking_at"),
        ]

    def __str__(self) -> str:
        return self.id
