"""What a centre must know beyond its own area. Zones, borders and centres themselves are facts of `egide.routing`."""

from django.db import models


class NeighbourNumber(models.Model):
    """The 24-hour number of a police centre across the border, held by a centre on it (safety rule 7).

    `centre` is the code that routing uses: HAI, OVL, LIE ...; `country` has two letters (ISO 3166-1).
    """

    centre = models.CharField(max_length=8)
    country = models.CharField(max_length=2)
    name = models.CharField(max_length=120)
    number = models.CharField(max_length=40)

    class Meta:
        ordering = ["centre", "country", "name"]
        constraints = [models.UniqueConstraint(fields=["centre", "country", "name"], name="one_number_each")]

    def __str__(self) -> str:
        return f"{self.centre} {self.country}"
