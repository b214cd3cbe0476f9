"""Settings of a kit that reach its phone by a signed reply, and its button over the phone's link: what is set, what was
taken and since when, and what a form says.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from django.db import transaction

from egide.events.register import KitSettingsSet
from egide.fleet.kits import words
from egide.fleet.kits.kits import KitRefused, stream_of
from egide.fleet.models import Kit
from egide.journal.queries.kits import kit_settings, settings_taken_us
from egide.outbox.service import clock, journal, offer, waiting
from egide.protocol.enrolment import Settings
from egide.protocol.settings import BOUNDS, BUTTON_TOOK, PHONE_TOOK, out_of_bounds, settings_of

_SECOND_MS, _MINUTE_S = 1000, 60
# The unit of each field of the form, in that of the setting.
UNITS = {
    "hold_ms": _SECOND_MS,
    "button_hold_ms": _SECOND_MS,
    "position_interval_s": 1,
    "heartbeat_interval_s": _MINUTE_S,
    "tail_s": _MINUTE_S,
}


@dataclass(frozen=True)
class ShownSetting:
    """A field of the form: its text, its bounds, its unit, and what was wrong."""

    name: str
    label: object
    unit: object
    value: str
    least: float
    most: float
    error: object


@dataclass(frozen=True)
class KitSettings:
    """`set_at_us` is None while those of the issue hold; phone and button took them at `phone_us` and `button_us`."""

    settings: Settings
    set_at_us: int | None = None
    phone_us: int | None = None
    button_us: int | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the phone has yet to take what was set."""
        return self.set_at_us is not None and self.phone_us is None

    def value(self, name: str) -> str:
        """What the form shows, in its unit."""
        return f"{getattr(self.settings, name) / UNITS[name]:g}"


def settings_of_kit(kit: str, device: str = "") -> KitSettings:
    """What is set for this kit, and when its phone `device` and its button took it."""
    # What was set a moment ago shows at once, and the next version is above it.
    if found := waiting(f"kit:{kit}", KitSettingsSet):
        event, at_us = found
        return KitSettings(event.settings, at_us)
    row = kit_settings(journal(), kit)
    settings = settings_of(row[0]) if row else None
    if row is None or settings is None:
        return KitSettings(Settings())
    taken = settings_taken_us(journal(), device, settings.version)
    return KitSettings(settings, row[1], taken.get(PHONE_TOOK), taken.get(BUTTON_TOOK))


def shown_fields(
    found: KitSettings, typed: Mapping[str, str], errors: Mapping[str, object]
) -> list[ShownSetting]:
    """The fields in their order; what was typed stays beside what was wrong with it."""
    return [
        ShownSetting(
            name=name,
            label=words.SETTINGS[name],
            unit=words.MINUTES if unit == _MINUTE_S else words.SECONDS,
            value=typed.get(name, found.value(name)),
            least=BOUNDS[name][0] / unit,
            most=BOUNDS[name][1] / unit,
            error=errors.get(name),
        )
        for name, unit in UNITS.items()
    ]


def typed_settings(typed: Mapping[str, str]) -> Settings:
    """What an officer typed, with a comma or a point. Raises KitRefused, naming the field."""
    values = {}
    for name, unit in UNITS.items():
        text = typed.get(name, "").strip().replace(",", ".")
        try:
            values[name] = round(float(text) * unit)
        except (ValueError, OverflowError) as error:
            raise KitRefused(name, "not-a-number") from error
    return Settings(**values)


@transaction.atomic
def do_set_settings(kit: Kit, wanted: Settings, by: str) -> None:
    """Have the kit's phone take these from its next signed reply. Raises KitRefused, naming what is out of bounds."""
    if faults := out_of_bounds(wanted):
        raise KitRefused(faults[0], f"bounds-{faults[0]}")
    # Versions only rise, also where two officers set them before either is copied.
    version = max(clock().now_us() // 1_000_000, settings_of_kit(kit.id).settings.version + 1)
    numbered = msgspec.structs.replace(wanted, version=version)
    offer(KitSettingsSet(kit=kit.id, by=by, settings=numbered), stream_of(kit), kit.case_id)
