"""What a phone says of its button: link flags (field 6 of the envelope) and the words of a notice (field 9)."""

from enum import IntFlag, StrEnum


class LinkFlag(IntFlag):
    """The link between phone and button when a message was made."""

    BUTTON_PAIRED = 1
    BUTTON_CONNECTED = 2


class Notice(StrEnum):
    """Bodies of notices that the phone sends by itself, as UTF-8."""

    BUTTON_UNPAIRED = "button-unpaired"
    BUTTON_FINDABLE = "button-findable"
    FRAME_REFUSED = "button-frame-refused"
