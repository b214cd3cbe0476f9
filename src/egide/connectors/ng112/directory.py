"""LoST answered from the zones: who may ask, and which address each centre has, from a file of TOML that an
administrator writes. What is asked is kept nowhere: a place, and nobody's name with it."""

import base64
import binascii
import hmac
from pathlib import Path
from typing import Protocol

import msgspec

from egide.common.config import Config
from egide.common.files import check_private
from egide.connectors.ng112 import lost
from egide.connectors.ng112.pidf import Circle
from egide.connectors.ng112.sip import ADDRESS
from egide.connectors.ng112.trunk import POLICE
from egide.geography.zones import Zone, read_centres

# How long an answer may be used unasked: zones change with a file that is imported, and centres' addresses with this.
VALID_US = 3_600_000_000
TEST = "urn:service:test.sos.police"
SERVICES = (POLICE, TEST)
MOST_ASKERS = 50
_E7 = 1e7
_LEAST_SIGNS = 24


class Asker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may ask: a name and a file with its password, with a line for the next one while it is being changed."""

    name: str
    password_file: str

    def passwords(self) -> list[bytes]:
        """Raises ValueError, OSError."""
        path = Path(self.password_file)
        check_private(path)
        found = path.read_text("ascii").split()
        if not found or any(len(one) < _LEAST_SIGNS for one in found):
            raise ValueError(f"{path.name} holds no password of {_LEAST_SIGNS} signs or more, one in a line")
        return [one.encode() for one in found]


class Directory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file. `source` is how this server is called in its answers; `uris` by code of the centre; `default` answers
    for what lies in no zone, where it is set; `number` is what people dial."""

    source: str
    uris: dict[str, str]
    asker: tuple[Asker, ...]
    default: str = ""
    number: str = "101"


class Where(Protocol):
    """What is asked of `egide.geography.locate`."""

    @property
    def zone(self) -> str | None: ...
    @property
    def centre(self) -> str | None: ...


class Zones(Protocol):
    """The zones in force, and when they last changed."""

    updated_us: int

    def locate(self, lat_e7: int, lon_e7: int, accuracy_m: float) -> Where: ...
    def zone(self, zone_id: str) -> Zone | None: ...


def directory_of(config: Config) -> Directory | None:
    """None where none is set. Raises ValueError with a sentence for each fault."""
    found, faults = _read(config)
    if faults:
        raise ValueError(" ".join(faults))
    return found


def problems(config: Config) -> list[str]:
    """Faults that the settings show by themselves: sentences for the administrator."""
    return _read(config)[1]


def _read(config: Config) -> tuple[Directory | None, list[str]]:
    if not config.lost:
        return None, []
    try:
        found = msgspec.toml.decode(Path(config.lost).read_bytes(), type=Directory)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError, ValueError) as error:
        return None, [f"EGIDE_LOST cannot be read ({config.lost}): {error}"]
    return found, [f"EGIDE_LOST: {fault}" for fault in _faults(found)]


def _faults(found: Directory) -> list[str]:
    faults = []
    if not lost.SOURCE.fullmatch(found.source):
        faults.append(
            f"source is {found.source!r}: expected a name with a point in it, as lost.police.example"
        )
    if unknown := sorted(set(found.uris) - set(read_centres())):
        faults.append(f"uris names {', '.join(unknown)}: there is no such centre")
    for name, uri in (*found.uris.items(), *([("default", found.default)] if found.default else [])):
        if not ADDRESS.fullmatch(uri):
            faults.append(f"{name} is {uri!r}: expected sips:… or sip:…")
    if not found.uris:
        faults.append("uris is empty: nobody would be found")
    if not (found.number.isascii() and found.number.isdecimal()):
        faults.append(f"number is {found.number!r}: expected digits")
    names = [one.name for one in found.asker]
    if not 1 <= len(names) <= MOST_ASKERS or len(set(names)) < len(names):
        faults.append(
            f"there are {len(names)} askers: expected 1 to {MOST_ASKERS}, each with a name of its own"
        )
    for one in found.asker:
        try:
            one.passwords()
        except PermissionError:
            pass
        except (OSError, ValueError) as error:
            faults.append(f"password_file of {one.name!r} cannot be used: {error}")
    return faults


def may_ask(found: Directory, authorization: str) -> bool:
    """Whether this header (Basic, RFC 7617) is an asker's: RFC 5222 (section 18) names this way, under TLS.

    Raises OSError, ValueError where a file of a password cannot be used any more.
    """
    scheme, _, word = authorization.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        name, _, password = base64.b64decode(word.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return False
    known = [one for asker in found.asker if asker.name.encode() == name for one in asker.passwords()]
    # Every one is compared, and one that nobody has where the name is unknown.
    matches = [hmac.compare_digest(one, password) for one in known or [b""]]
    return bool(known) and any(matches)


def answer(body: bytes, found: Directory, zones: Zones, now_us: int) -> bytes:
    """What LoST says to this question, an error included."""
    try:
        query = lost.query_in(body)
        return _answered(query, found, zones, now_us)
    except lost.BadQuery as error:
        return lost.refused(error.word, found.source, error.profiles)


def _answered(query: lost.Query, found: Directory, zones: Zones, now_us: int) -> bytes:
    """Raises BadQuery."""
    if found.source in query.path:
        raise lost.BadQuery("loop")
    if query.kind == lost.BOUNDARY:
        # No answer refers to one: whoever asks has it from somewhere else.
        raise lost.BadQuery("notFound")
    if query.kind == lost.LIST or query.place is None:
        return lost.listed(query, _below(query.service), found.source)
    if query.kind == lost.LIST_BY_PLACE:
        _zone, uri, _is_default = _responsible(query.place, found, zones)
        return lost.listed(query, _below(query.service) if uri else (), found.source)
    if query.service not in SERVICES:
        raise lost.BadQuery("serviceNotImplemented")
    zone, uri, is_default = _responsible(query.place, found, zones)
    if not uri:
        raise lost.BadQuery("notFound")
    mapping = lost.Mapping(
        service=query.service,
        uri=uri,
        source=found.source,
        source_id=zone.id if zone else "default",
        updated_us=zones.updated_us,
        expires_us=now_us + VALID_US,
        number=found.number,
        names=_names(zone),
    )
    return lost.answered(query, mapping, found.source, "defaultMappingReturned" if is_default else "")


def _responsible(place: Circle, found: Directory, zones: Zones) -> tuple[Zone | None, str, bool]:
    """The zone, the address of its centre (empty: nobody's), and whether it is the one for everything else."""
    where = zones.locate(round(place.lat * _E7), round(place.lon * _E7), place.radius_m)
    zone = zones.zone(where.zone) if where.zone else None
    if zone is not None and (uri := found.uris.get(zone.centre)):
        return zone, uri, False
    return None, found.default, True


def _below(service: str) -> tuple[str, ...]:
    """The services below this one (RFC 5222, section 10); all where none is named."""
    return tuple(one for one in SERVICES if not service or one.startswith(f"{service}."))


def _names(zone: Zone | None) -> dict[str, str]:
    """What the area is called, by language."""
    if zone is None:
        return {}
    own = zone.lang.partition(",")[0] or "mul"
    return {own: zone.name, **zone.names}
