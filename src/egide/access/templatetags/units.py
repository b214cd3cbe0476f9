"""Lengths as people read them."""

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def metres(length_m: float) -> str:
    """ "835 m", "4.8 km", "12 km": no more digits than help."""
    if length_m < 1000:
        return f"{number_format(round(length_m), force_grouping=True)} m"
    return (
        f"{number_format(length_m / 1000, decimal_pos=1 if length_m < 10_000 else 0, force_grouping=True)} km"
    )
