"""Form fields of the files' pages: days, positions on the ground, circles, and choices that start empty."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from egide.casework.file.facts import Area

Choices = Iterable[tuple[str, str | Promise]]

_POSITION = re.compile(r"\s*(-?\d{1,2}(?:\.\d+)?)\s*[,\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*")
# Belgium and a wide margin (people travel): a swapped latitude and longitude is noticed.
_LAT, _LON = (35.0, 72.0), (-25.0, 45.0)
_RADIUS_M = (20, 5000)
MAX_AREAS = 10


def line(label: Any, *, required: bool = False, length: int = 200, **more: Any) -> forms.CharField:
    """One line of text."""
    return forms.CharField(label=label, required=required, max_length=length, **more)


def text(
    label: Any, *, required: bool = False, length: int = 4000, rows: int = 3, **more: Any
) -> forms.CharField:
    """Several lines of text."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=length, widget=widget, **more)


def day(label: Any, *, required: bool = False, **more: Any) -> forms.DateField:
    """A day, by the browser's own picker."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, input_formats=["%Y-%m-%d"], **more)


def tick(label: Any, **more: Any) -> forms.BooleanField:
    """A box to tick."""
    return forms.BooleanField(label=label, required=False, **more)


def choice(label: Any, choices: Choices, *, required: bool = True) -> forms.ChoiceField:
    """A choice that starts empty: nobody's answer is suggested (safety rule 15)."""
    return forms.ChoiceField(label=label, choices=[("", "—"), *choices], required=required)


def either(label: Any, choices: Choices, *, required: bool = True) -> forms.ChoiceField:
    """The same with every answer in sight, none chosen."""
    return forms.ChoiceField(label=label, choices=list(choices), required=required, widget=forms.RadioSelect)


YES_NO: tuple[tuple[str, Promise], ...] = (("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))
YES_NO_UNCLEAR = (*YES_NO, ("unclear", gettext_lazy("Unclear")))


class PositionField(forms.CharField):
    """ "50.4518, 3.9571" as 1e-7 degree; cleaned to (lat_e7, lon_e7)."""

    def clean(self, value: Any) -> Any:
        given = super().clean(value)
        return parse_position(given) if given else None


class AreasField(forms.CharField):
    """One circle on each line, "50.4518, 3.9571; 300; Home": latitude, longitude; metres; name. Cleaned to Areas."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> Any:
        lines = [each for each in super().clean(value).splitlines() if each.strip()]
        if len(lines) > MAX_AREAS:
            raise forms.ValidationError(_("At most %(count)s circles.") % {"count": MAX_AREAS})
        return tuple(parse_area(each) for each in lines)


def parse_position(given: str) -> tuple[int, int]:
    """Latitude and longitude in 1e-7 degree. Raises forms.ValidationError."""
    match = _POSITION.fullmatch(given)
    if match is None:
        raise forms.ValidationError(
            _("“%(given)s” is not a position. Write latitude, longitude in degrees: 50.4518, 3.9571")
            % {"given": given[:60]}
        )
    lat, lon = float(match[1]), float(match[2])
    if not (_LAT[0] <= lat <= _LAT[1] and _LON[0] <= lon <= _LON[1]):
        raise forms.ValidationError(
            _("%(lat)s, %(lon)s lies far outside of Europe. Latitude comes first: 50.4518, 3.9571")
            % {"lat": match[1], "lon": match[2]}
        )
    return round(lat * 1e7), round(lon * 1e7)


def parse_area(given: str) -> Area:
    """A circle. Raises forms.ValidationError."""
    position, _sep, rest = given.partition(";")
    radius, _sep, label = rest.partition(";")
    lat_e7, lon_e7 = parse_position(position)
    return Area(lat_e7=lat_e7, lon_e7=lon_e7, radius_m=parse_radius(radius), label=label.strip()[:80])


def parse_radius(given: str) -> int:
    """Metres. Raises forms.ValidationError."""
    low, high = _RADIUS_M
    plain = given.strip().removesuffix("m").strip()
    if not plain.isdecimal() or not low <= int(plain) <= high:
        raise forms.ValidationError(
            _("“%(given)s” is not a radius. Write metres between %(low)s and %(high)s.")
            % {"given": given.strip()[:20], "low": low, "high": high}
        )
    return int(plain)


def show_position(area: Area) -> str:
    """As it is typed."""
    return f"{area.lat_e7 / 1e7:.5f}, {area.lon_e7 / 1e7:.5f}"


def show_area(area: Area) -> str:
    """As it is typed."""
    return f"{show_position(area)}; {area.radius_m}; {area.label}".rstrip("; ")
