"""Records of a file. Clear columns are only what is needed to find a row; everything about a person is `sealed`."""

from django.db import models

from egide.common.ids import new_id


class Case(models.Model):
    """One file. `id` is random; `office` is the prosecutor's office, when one is concerned."""

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    managing_zone = models.CharField(max_length=32)
    managing_centre = models.CharField(max_length=8)
    office = models.CharField(max_length=32, blank=True)
    opened_at_us = models.BigIntegerField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return self.id


class SealedRow(models.Model):
    """A part of a file: belongs to a case, has an order, and its content is sealed under the case's key."""

    id = models.CharField(max_length=16, primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    order = models.PositiveSmallIntegerField(default=0)
    sealed = models.BinaryField()

    class Meta:
        abstract = True
        ordering = ["case", "order"]

    def __str__(self) -> str:
        return self.id


class Beneficiary(SealedRow):
    """The protected person: exactly one in each case."""

    class Meta(SealedRow.Meta):
        constraints = [models.UniqueConstraint(fields=["case"], name="one_beneficiary")]


class Perpetrator(SealedRow):
    """A perpetrator; a case may have several (rule 26)."""


class Weapon(SealedRow):
    """A known or suspected weapon."""


class Antecedent(SealedRow):
    """Something that happened before, or a warning."""


class Child(SealedRow):
    """A child in the file."""


class Measure(SealedRow):
    """A measure of the law, in force or over."""


class Place(SealedRow):
    """A place of the protected person. A non-disclosed address is shown only when the alarm comes from there."""

    non_disclosed = models.BooleanField(default=False)
