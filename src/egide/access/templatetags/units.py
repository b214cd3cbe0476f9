"""Lengths and days as people read them."""

from datetime import date

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.translation import get_language

from egide.common.clock import utc

register = template.Library()
_MINUTE, _HOUR = 60, 3600


@register.filter
def metres(length_m: float) -> str:
    """ "835 m", "4.8 km", "12 km": no more digits than help."""
    if length_m < 1000:
        return f"{number_format(round(length_m), force_grouping=True)} m"
    return (
        f"{number_format(length_m / 1000, decimal_pos=1 if length_m < 10_000 else 0, force_grouping=True)} km"
    )


@register.filter
def duration(seconds: float) -> str:
    """ "48 s", "9 min 12 s", "2 h 5 min"; with a sign when it is less than nothing."""
    sign, left = ("−", -round(seconds)) if round(seconds) < 0 else ("", round(seconds))
    if left < _MINUTE:
        return f"{sign}{left} s"
    if left < _HOUR:
        return f"{sign}{left // _MINUTE} min {left % _MINUTE} s"
    return f"{sign}{left // _HOUR} h {left % _HOUR // _MINUTE} min"


@register.filter
def day(value: date) -> str:
    """ "3 March 2026", "3 mars 2026", "3. März 2026": the month as a word, so that no order can be mistaken."""
    return format_date(value, "j. F Y" if get_language() == "de" else "j F Y")


@register.filter
def moment(at_us: int) -> str:
    """ "3 March 2026, 14:05": a time in microseconds, on the clock of this country."""
    local = timezone.localtime(utc(at_us))
    return f"{day(local)}, {format_date(local, 'H:i')}"


@register.filter
def clock_time(at_us: int) -> str:
    """ "14:05:09": a time in microseconds, on the clock of this country."""
    return format_date(timezone.localtime(utc(at_us)), "H:i:s")
