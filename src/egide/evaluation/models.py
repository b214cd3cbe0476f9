"""Surveys: who was asked, which links were used, answers that wait; no row names both a file and a link. And what was
published.

The ids of links and answers are random: in SQLite they are the order on the disk, so that no order remains there.
"""

from django.db import models


class Asked(models.Model):
    """The person of a file was handed a link on this day (days since 1970); which link, nothing says."""

    case = models.CharField(max_length=16)
    edition = models.CharField(max_length=7)
    day = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["case", "day"], name="asked_case")]


class OfficerAsked(models.Model):
    """An account of a zone was asked; `has_link` once it took its link. Whether it answered, nothing says."""

    user = models.CharField(max_length=60)
    edition = models.CharField(max_length=7)
    has_link = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "edition"], name="one_asked_each")]


class LinkUse(models.Model):
    """A link that somebody came with: used, or tried with a wrong number. Goes when the link would have expired."""

    id = models.BigAutoField(primary_key=True)
    last_day = models.PositiveIntegerField()
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    used = models.BooleanField(default=False)


class WaitingAnswer(models.Model):
    """An answer, sealed, until enough of them wait to go into the journal together."""

    id = models.BigAutoField(primary_key=True)
    audience = models.CharField(max_length=16)
    edition = models.CharField(max_length=7)
    answers_sealed = models.BinaryField()


class PublishedEdition(models.Model):
    """The tables of a year as they left the service (evaluation.editions). A row is written once and never again.

    `content` is JSON and public; `truth_sealed` holds every cell, so that later editions give nothing of it away.
    """

    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    at_us = models.BigIntegerField()
    by = models.CharField(max_length=60)
    why = models.CharField(max_length=300, blank=True)
    content = models.TextField()
    truth_sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="one_edition_each")]
