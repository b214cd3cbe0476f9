"""What a phone says of its button and of itself: link flags (field 6 of the envelope), words of a notice (field 9)."""

from enum import IntFlag, StrEnum


class LinkFlag(IntFlag):
    """How phone, button and position stood when a message was made."""

    BUTTON_PAIRED = 1
    BUTTON_CONNECTED = 2
    # Why there is no position: the person or the platform refuses it, or no fix has come yet.
    POSITION_REFUSED = 4
    NO_FIX = 8
    # Listening in was chosen, and the person or the platform refuses the microphone. A phone that does not say so may
    # be one that does not know this flag.
    MICROPHONE_REFUSED = 16
    # The phone has not been moved for an hour: together with a button that is not connected, it was left behind.
    AT_REST = 32
    # Within the last day the phone kept its own app from running: what was due came far too late, or the app was ended.
    HELD_BACK = 64
    # Bluetooth is off or not allowed to the app, so no button is heard; the phone's battery saver holds for the app;
    # the kit has a road by text message, and the phone refuses it. An older phone says nothing of any of these.
    RADIO_OFF = 128
    SAVER_ON = 256
    TEXTS_REFUSED = 512
    # What the phone keeps was damaged and mended, and no test has come through since.
    STORE_MENDED = 1024


class Notice(StrEnum):
    """Bodies of notices that the phone sends by itself, as UTF-8."""

    BUTTON_UNPAIRED = "button-unpaired"
    BUTTON_FINDABLE = "button-findable"
    FRAME_REFUSED = "button-frame-refused"
    POSITION_REFUSED = "position-refused"
    POSITION_ALLOWED = "position-allowed"
    MICROPHONE_REFUSED = "microphone-refused"
    MICROPHONE_ALLOWED = "microphone-allowed"


# A notice that begins so names the version of the phone's app behind it; sent when it changed.
APP_VERSION = "app-version:"
# The same of a web page that may be reached by push (RFC 8030): behind it stands the address at the push service. It is
# asked there whether the page's storage is still kept; nothing is ever shown on the phone.
PUSH = "push:"
PUSH_OFF = "push-off"
