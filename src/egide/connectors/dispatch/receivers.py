"""Which dispatch systems are told of alarms, and of each what it may know: a file of TOML that an administrator writes.

Whatever is wrong in it names its line of sight (the receiver and the key), and nobody is told anything until it is
right: half a file could leave out the one that matters.
"""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from egide.common.addresses import is_here
from egide.common.config import Config
from egide.common.files import check_private
from egide.connectors.dispatch.kinds import KINDS, SHOWN_TO_TEAMS, kind_of
from egide.connectors.webhooks import secrets_in

# What a message may carry beyond its own id and time. Names of people are none of them.
ID, CIRCLE, CATEGORY, WEAPON, LINK = "id", "circle", "category", "weapon", "link"
FIELDS: Final = (ID, CIRCLE, CATEGORY, WEAPON, LINK)
MOST_RECEIVERS = 20


class Receiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One dispatch system. `centres` are those whose alarms it hears of; `secret_file` holds the shared secret, with a
    line for the next one while it is being changed; `kind` is how it is told, at `url` where it is called, and
    `more` what that kind wants to know beside. `teams` says how devices of teams are called, where the team that is
    sent is told and nobody else (`dispatch.teams`)."""

    name: str
    secret_file: str
    centres: tuple[str, ...]
    url: str = ""
    fields: tuple[str, ...] = FIELDS
    kind: str = "webhook"
    more: dict[str, str] = {}
    teams: str = ""

    def secrets(self) -> list[bytes]:
        """The shared secrets, two while one is being changed. Raises ValueError, OSError."""
        path = Path(self.secret_file)
        check_private(path)
        return secrets_in(path)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    receiver: tuple[Receiver, ...] = ()


def receivers_of(config: Config) -> tuple[Receiver, ...]:
    """Those of the settings; none where none are set. Raises ValueError with a sentence for each fault."""
    receivers, found = _read(config)
    if found:
        raise ValueError(" ".join(found))
    return receivers


def problems(config: Config) -> list[str]:
    """Faults that the settings show by themselves: sentences for the administrator."""
    return _read(config)[1]


def _read(config: Config) -> tuple[tuple[Receiver, ...], list[str]]:
    path = config.dispatch_systems
    if not path:
        return (), []
    try:
        receivers = msgspec.toml.decode(Path(path).read_bytes(), type=_File).receiver
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError, ValueError) as error:
        return (), [f"EGIDE_DISPATCH_SYSTEMS cannot be read ({path}): {error}"]
    if not 1 <= len(receivers) <= MOST_RECEIVERS:
        return (), [
            f"EGIDE_DISPATCH_SYSTEMS names {len(receivers)} receivers: expected 1 to {MOST_RECEIVERS}"
        ]
    names = [one.name for one in receivers]
    found = [
        f"Receiver {name!r} stands twice in EGIDE_DISPATCH_SYSTEMS" for name in names if names.count(name) > 1
    ]
    return receivers, found[:1] + [
        f"Receiver {one.name!r} of EGIDE_DISPATCH_SYSTEMS: {what}"
        for one in receivers
        for what in _faults(one)
    ]


def _faults(one: Receiver) -> list[str]:
    found = []
    if not _is_name(one.name):
        found.append("its name has other signs than small letters, digits and hyphens, or more than 32")
    if not one.centres:
        found.append("centres is empty: it would hear of nothing")
    if unknown := sorted(set(one.fields) - set(FIELDS)):
        found.append(f"fields has {', '.join(unknown)}: there are {', '.join(FIELDS)}")
    if ID not in one.fields:
        found.append("fields lacks id: without it a repeat would be another alarm")
    if one.teams and one.kind not in SHOWN_TO_TEAMS:
        found.append(f"teams is for {', '.join(SHOWN_TO_TEAMS)}")
    if one.kind in KINDS:
        found += kind_of(one).faults(one)
    else:
        found.append(f"kind is {one.kind!r}: there are {', '.join(KINDS)}")
    try:
        one.secrets()
    except PermissionError:
        # Who asks may not be who sends: the command of an administrator says nothing of what it cannot read.
        pass
    except (OSError, ValueError) as error:
        found.append(f"secret_file cannot be used: {error}")
    return found


def _is_name(text: str) -> bool:
    return (
        0 < len(text) <= 32
        and text[0] != "-"
        and all(sign in "abcdefghijklmnopqrstuvwxyz0123456789-" for sign in text)
    )


def is_safe(url: str) -> bool:
    """TLS, or this machine: an alarm never goes over a network in the clear."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_own = parts.scheme == "http" and is_here(url)
    return bool(parts.hostname) and not parts.username and (parts.scheme == "https" or is_own)
