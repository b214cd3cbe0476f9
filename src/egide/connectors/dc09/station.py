"""Tells one monitoring station of alarms over SIA DC-09, and asks it whether it is there (decision 0108).

A station's screen knows account, code and zone. The account is the one that it gave to this installation, the zone a
number that stands for the alarm: neither says who pressed. "Acknowledged" means that a machine there took it.
"""

import secrets
import socket
import time
import unicodedata
from binascii import unhexlify
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from egide.alarm.events.elsewhere import number_for
from egide.common.addresses import is_here
from egide.common.clock import Clock
from egide.common.files import check_private
from egide.common.text import LANGUAGES, _, read_in
from egide.connectors.dispatch.facts import CLOSED, MOVED, TEST, Facts, Refused
from egide.connectors.dispatch.receivers import CIRCLE, LINK, WEAPON, Receiver
from egide.protocol.dc09.events import HOLD_UP, OVER, TRIAL, place_fields
from egide.protocol.dc09.frames import (
    ACCOUNT,
    ACK,
    KEY_BYTES,
    MAX_FRAME_BYTES,
    POLL,
    SIA,
    Content,
    Dc09Error,
    read_answer,
    read_frame,
    written,
)

__all__ = ["PATIENCE_S", "faults", "framed", "poll", "poll_every_s", "send"]

PATIENCE_S = 0.0
DEADLINE_S = 5.0
_LEAST_POLL_S, _MOST_POLL_S = 10, 3600
_MOST_ZONES = 999
_MOST_SEQUENCES = 9999
_CODES = {CLOSED: OVER, TEST: TRIAL}


class Station(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `more` says of it. `account` is what it calls this installation, `key_file` holds the key of that account in
    hexadecimal; it is asked every `poll_s` seconds, and reads `language`."""

    account: str
    key_file: str = ""
    language: str = "fr"
    poll_s: str = "60"

    @property
    def key(self) -> bytes:
        """Raises OSError, ValueError."""
        if not self.key_file:
            return b""
        path = Path(self.key_file)
        check_private(path)
        try:
            key = unhexlify(path.read_text("ascii").strip())
        except ValueError as error:
            raise ValueError(f"{path.name} holds no key in hexadecimal") from error
        if len(key) not in KEY_BYTES:
            raise ValueError(f"{path.name} holds a key of {len(key)} bytes: expected 16, 24 or 32")
        return key


def faults(receiver: Receiver) -> list[str]:
    """What is wrong with its entry."""
    try:
        host, _port = _place(receiver.url)
        station = _station(receiver)
    except ValueError as error:
        return [str(error)]
    found = []
    if not ACCOUNT.fullmatch(station.account):
        found.append(f"account is {station.account!r}: expected 3 to 16 of 0-9 and A-F")
    if not station.key_file and not is_here(f"tcp://{host}"):
        found.append("key_file is missing: in the clear it speaks to this machine alone")
    if not (station.poll_s.isdecimal() and _LEAST_POLL_S <= int(station.poll_s) <= _MOST_POLL_S):
        found.append(f"poll_s is {station.poll_s!r}: expected {_LEAST_POLL_S} to {_MOST_POLL_S} seconds")
    if station.language not in LANGUAGES:
        found.append(f"language is {station.language!r}: there are {', '.join(LANGUAGES)}")
    try:
        _key = station.key
    except PermissionError:
        # Who asks may not be who sends: the command of an administrator says nothing of what it cannot read.
        pass
    except (OSError, ValueError) as error:
        found.append(f"key_file cannot be used: {error}")
    return found


def send(facts: Facts, receiver: Receiver, clock: Clock, deadline_s: float = DEADLINE_S) -> None:
    """Deliver, or raise Refused. Of a position that has moved DC-09 knows nothing: a second hold-up would be a second
    alarm on the screen there. It is behind the link."""
    if facts.type != MOVED:
        _say(lambda now_s: framed(facts, receiver, now_s), receiver, clock, deadline_s)


def poll_every_s(receiver: Receiver) -> int:
    """How often it is asked whether it is there."""
    return int(_station(receiver).poll_s)


def poll(receiver: Receiver, clock: Clock, deadline_s: float = DEADLINE_S) -> None:
    """Ask whether it is there. Raises Refused."""
    _say(lambda now_s: _asked(receiver, now_s), receiver, clock, deadline_s)


def framed(facts: Facts, receiver: Receiver, now_s: int) -> bytes:
    """The frame that says it, with the fields of this receiver alone. Raises OSError, ValueError."""
    station = _station(receiver)
    code = _CODES.get(facts.type, HOLD_UP)
    zone = 0 if code == TRIAL else int(number_for(receiver.name, facts.alarm)[:8], 16) % _MOST_ZONES + 1
    # The same whenever the same is said again: a station knows the repeat by it.
    sequence = int(facts.number(receiver.name)[:8], 16) % _MOST_SEQUENCES + 1
    fields = _fields(facts, receiver, station.language)
    content = Content(f"#{station.account}|Nri1/{code}{zone:03d}", fields, now_s)
    return written(SIA, sequence, station.account, content, station.key)


def _asked(receiver: Receiver, now_s: int) -> bytes:
    station, sequence = _station(receiver), secrets.randbelow(_MOST_SEQUENCES) + 1
    return written(POLL, sequence, station.account, Content("", (), now_s), station.key)


def _fields(facts: Facts, receiver: Receiver, language: str) -> tuple[str, ...]:
    """What its list lets it know. The text has letters without accents: not every station reads others."""
    if facts.type == TEST:
        return ()
    told = [f"Egide {number_for(receiver.name, facts.alarm)[:6].upper()}"]
    if facts.type == CLOSED:
        return (f"I{told[0]}",)
    place: tuple[str, ...] = ()
    if CIRCLE in receiver.fields and facts.circle:
        lat, lon, radius_m, _taken_at_us = facts.circle
        place = place_fields(lat, lon)
        told.append(f"+-{radius_m} m")
    with read_in(language):
        told.append(_("Silent alarm: do not call the person."))
        if WEAPON in receiver.fields and facts.weapon:
            told.append(_("The file names a weapon."))
    text = (
        unicodedata.normalize("NFKD", ". ".join(told).replace("..", ".")).encode("ascii", "ignore").decode()
    )
    link = (f"V{facts.link}",) if LINK in receiver.fields and facts.link else ()
    return (*place, f"I{text}", *link)


def _say(frame_at: Callable[[int], bytes], receiver: Receiver, clock: Clock, deadline_s: float) -> None:
    """Raises Refused unless it says that it took it."""
    now_s = clock.now_us() // 1_000_000
    try:
        frame, key = frame_at(now_s), _station(receiver).key
        answer = read_answer(_ask(receiver.url, frame, deadline_s), read_frame(frame).sequence, key, now_s)
    except TimeoutError as error:
        raise Refused("timeout") from error
    except OSError as error:
        raise Refused("unreachable") from error
    except Dc09Error as error:
        raise Refused(error.reason) from error
    except ValueError as error:
        raise Refused("settings") from error
    if answer != ACK:
        raise Refused(answer.lower())


def _ask(url: str, frame: bytes, deadline_s: float) -> bytes:
    """One frame and its answer, on a connection of its own. Raises OSError, ValueError."""
    ends_s, read = time.monotonic() + deadline_s, b""
    with socket.create_connection(_place(url), timeout=deadline_s) as connection:
        connection.sendall(frame)
        while not read.endswith(b"\r"):
            left_s = ends_s - time.monotonic()
            if left_s <= 0 or len(read) > MAX_FRAME_BYTES:
                raise TimeoutError("it did not answer")
            connection.settimeout(left_s)
            data = connection.recv(1024)
            if not data:
                raise ConnectionError("it hung up before it answered")
            read += data
    return read


def _station(receiver: Receiver) -> Station:
    try:
        return msgspec.convert(receiver.more, Station)
    except msgspec.ValidationError as error:
        raise ValueError(f"more cannot be used: {error}") from error


def _place(url: str) -> tuple[str, int]:
    """Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme != "dc09" or not parts.hostname or not parts.port or parts.path or parts.username:
        raise ValueError(f"url is {url!r}: expected dc09://host:port")
    return parts.hostname, parts.port
