"""Settings of one kit on their way to its phone: bounds, the text in a signed reply, and what the phone says back."""

import msgspec

from egide.common.encoding import NotJson, from_json
from egide.protocol.enrolment import Settings

# The word of what is pending (protocol/receipt.py); its text is `settings_text`.
PENDING = "settings"
# Bodies of notices: the phone took this version; the button did, over its own link.
PHONE_TOOK, BUTTON_TOOK = "settings:", "button-settings:"

# Least and most of each. A hold under a second is an accident in a pocket, one over five seconds cannot be held by
# somebody who is held (contracts/gatt.md). Positions more often than every five seconds empty the battery within the
# night, and a minute on foot is a street further. A phone in the highest danger is missed after twenty minutes of
# silence (safety rule 35), so it speaks every fifteen at least; more than every five empties it. A tail under ten
# minutes ends before a team has left, one over four hours follows somebody who is safe.
BOUNDS: dict[str, tuple[int, int]] = {
    "hold_ms": (1000, 5000),
    "button_hold_ms": (1000, 5000),
    "position_interval_s": (5, 60),
    "heartbeat_interval_s": (300, 900),
    "tail_s": (600, 14_400),
}
_MOST_VERSION = (1 << 32) - 1


def out_of_bounds(settings: Settings) -> list[str]:
    """The names of the settings that are out of bounds."""
    return [name for name, (least, most) in BOUNDS.items() if not least <= getattr(settings, name) <= most]


def settings_text(settings: Settings) -> str:
    """The settings as the text of something pending."""
    return msgspec.json.encode(settings).decode()


def settings_of(text: str) -> Settings | None:
    """What a reply sets; None for what no phone may take: nothing that is out of bounds, nothing without a version."""
    try:
        settings = from_json(text.encode(errors="replace"), Settings)
    except NotJson:
        return None
    is_numbered = 1 <= settings.version <= _MOST_VERSION
    return settings if is_numbered and not out_of_bounds(settings) else None


def taken_version(body: str) -> tuple[str, int] | None:
    """Who took which version, as a notice says it: (PHONE_TOOK or BUTTON_TOOK, version); None for other notices."""
    for word in (BUTTON_TOOK, PHONE_TOOK):
        number = body.removeprefix(word)
        if number != body and number.isascii() and number.isdecimal() and int(number) <= _MOST_VERSION:
            return word, int(number)
    return None
