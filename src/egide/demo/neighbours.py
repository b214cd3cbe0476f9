"""Invented numbers of the centres across the border."""

from django.db import transaction

from egide.rollout.models import NeighbourNumber

# The deploying authority enters the real ones.
_DEMO_NEIGHBOURS = (
    ("HAI", "FR", "Salle de commandement (démo) · Nord", "+33 0 00 00 00 17"),
    ("WVL", "FR", "Salle de commandement (démo) · Nord", "+33 0 00 00 00 17"),
    ("NAM", "FR", "Salle de commandement (démo) · Ardennes", "+33 0 00 00 00 08"),
    ("LUX", "FR", "Salle de commandement (démo) · Ardennes", "+33 0 00 00 00 08"),
    ("LUX", "LU", "Einsatzzentrale (Demo) · Lëtzebuerg", "+352 00 00 01 13"),
    ("LIE", "DE", "Leitstelle (Demo) · Aachen", "+49 000 000 0110"),
    ("LIE", "NL", "Meldkamer (demo) · Limburg", "+31 00 000 0112"),
    ("LIE", "LU", "Einsatzzentrale (Demo) · Lëtzebuerg", "+352 00 00 01 13"),
    ("LIM", "NL", "Meldkamer (demo) · Limburg", "+31 00 000 0112"),
    ("ANT", "NL", "Meldkamer (demo) · Brabant", "+31 00 000 0212"),
    ("OVL", "NL", "Meldkamer (demo) · Zeeland", "+31 00 000 0312"),
)


@transaction.atomic
def do_load_demo_neighbours() -> None:
    """Write the invented numbers. Repeating changes nothing."""
    for centre, country, name, number in _DEMO_NEIGHBOURS:
        NeighbourNumber.objects.update_or_create(
            centre=centre, country=country, name=name, defaults={"number": number}
        )
