"""What an alarm device says within a frame of DC-09: a press, a test, something else; and where it is. Pure.

Codes are those of ANSI/SIA DC-05 (Contact ID) and ANSI/SIA DC-03 (the SIA format).
"""

import re

import msgspec

from egide.protocol.dc09.frames import CONTACT_ID, POLL, SIA, Content, Dc09Error

# Somebody asked for help: personal emergency and medical pendant (100, 101), panic (120), duress (121, 124, 125),
# silent (122) and audible (123) hold-up, one that was confirmed (129).
CONTACT_PRESSES = frozenset({"100", "101", "120", "121", "122", "123", "124", "125", "129"})
# Hold-up, panic, emergency, medical. What ends one (HH, PH, HR, …) is none, and ends nothing here (safety rule 8).
SIA_PRESSES = frozenset({"HA", "PA", "QA", "MA"})
HOLD_UP, OVER, TRIAL = "HA", "HH", "RP"
# Contact ID says of each event whether it is new, over, or said again.
_NEW = "1"
# DC-09 has no accuracy.
UNSAID_ACCURACY_M = 100
_CONTACT = re.compile(r"(?:#[0-9A-Fa-f]{3,16})?\|?([136])([0-9A-Fa-f]{3}) [0-9A-Fa-f]{2} [0-9A-Fa-f]{3}")
_ACCOUNT = re.compile(r"#?[0-9A-Fa-f]{3,16}\|")
# Names and texts of the device: nobody reads a code out of them.
_NAMES = re.compile(r"\^[^^]*\^|\*\".*?\"NM")
_WORDS = re.compile(r"[a-z]{2}[0-9:,.\-]*|([A-Z]{2})[0-9]*")
_ANGLE = re.compile(r"([0-9]{1,3})([NSEW])([0-9]{1,2}(?:\.[0-9]{1,8})?)")
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,10})?")


class Signal(msgspec.Struct, frozen=True):
    """`codes` are the device's words; `at` is latitude and longitude in 1e-7 degree."""

    codes: tuple[str, ...]
    is_press: bool
    at: tuple[int, int] | None = None


def read_signal(token: str, content: Content) -> Signal:
    """Raises Dc09Error "not-understood": the device is told so, and a person there can look."""
    at = _place(content.fields)
    if token == POLL:
        return Signal((POLL,), False, at)
    if token == CONTACT_ID:
        found = _CONTACT.fullmatch(content.data)
        if found is None:
            raise Dc09Error("not-understood")
        return Signal((found[2],), found[1] == _NEW and found[2] in CONTACT_PRESSES, at)
    if token != SIA:
        raise Dc09Error("not-understood")
    codes = _codes(content.data)
    return Signal(codes, not SIA_PRESSES.isdisjoint(codes), at)


def _codes(data: str) -> tuple[str, ...]:
    """Each code of the block: words in small letters before them say when, where and whose they are."""
    found = _ACCOUNT.match(data)
    told = _NAMES.sub("", data[found.end() :] if found else data.removeprefix("|")).split("|")[0]
    # N is a new event, O one that the device had kept.
    if told[:1] not in ("N", "O"):
        raise Dc09Error("not-understood")
    codes = tuple(code for code in _WORDS.findall(told[1:]) if code)
    if not codes:
        raise Dc09Error("not-understood")
    return codes


def _place(fields: tuple[str, ...]) -> tuple[int, int] | None:
    """From X (longitude) and Y (latitude), in degrees and minutes as the standard has it, or in degrees. What cannot be
    read is no place: a press must not fail for it."""
    told = {field[0]: field[1:] for field in fields if field}
    lat, lon = _angle(told.get("Y", ""), "NS", 90), _angle(told.get("X", ""), "EW", 180)
    # Before its first fix a device is in the Gulf of Guinea.
    if lat is None or lon is None or lat == lon == 0:
        return None
    return lat, lon


def _angle(text: str, letters: str, most: int) -> int | None:
    if found := _ANGLE.fullmatch(text):
        if found[2] not in letters or float(found[3]) >= 60:
            return None
        degrees = int(found[1]) + float(found[3]) / 60
        degrees = -degrees if found[2] == letters[1] else degrees
    elif _DEGREES.fullmatch(text):
        degrees = float(text)
    else:
        return None
    return round(degrees * 1e7) if -most <= degrees <= most else None


def place_fields(lat: float, lon: float) -> tuple[str, ...]:
    """The fields X and Y of a place in degrees."""
    return f"X{_written(lon, 'EW', 3)}", f"Y{_written(lat, 'NS', 2)}"


def _written(degrees: float, letters: str, digits: int) -> str:
    # In thousandths of a minute, so that none is ever 60.
    total = round(abs(degrees) * 60_000)
    whole, rest = divmod(total, 60_000)
    return f"{whole:0{digits}d}{letters[degrees < 0]}{rest / 1000:06.3f}"
