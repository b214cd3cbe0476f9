"""What a line of the register says."""

from django import template

from egide.access.templatetags.units import duration
from egide.boards.shown.words import OUTCOMES, UnitNames

register = template.Library()


@register.simple_tag
def after(since_us: int, at_us: int) -> str:
    """ "9 min 10 s": how long after, and a dash for what never happened."""
    return duration((at_us - since_us) / 1e6) if at_us else "–"


@register.simple_tag
def outcome(word: str) -> str:
    """An outcome in words; one that this version does not know stands for itself."""
    return str(OUTCOMES.get(word, word))


@register.simple_tag
def zone_name(units: UnitNames, zone: str) -> str:
    """Of a zone, in the reader's language."""
    return units.zone(zone) or "–"
