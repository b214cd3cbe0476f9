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
from egide.common.text import gettext_noop as _
from egide.connectors.dispatch.kinds import kind_of
from egide.connectors.registry import kinds_by_hand, kinds_for_teams, kinds_that_talk, modules_of_kinds
from egide.connectors.webhooks import secrets_in

# What a message may carry beyond its own id and time, and what that is to who reads it. No name of a person is among
# them.
ID, CIRCLE, CATEGORY, WEAPON, LINK = "id", "circle", "category", "weapon", "link"
FIELD_WORDS: Final = {
    ID: _("numbers made for it alone, and times"),
    CIRCLE: _("where the phone is"),
    CATEGORY: _("that it is a protection alarm"),
    WEAPON: _("whether the file names a weapon"),
    LINK: _("an address that opens the alarm for who is signed in here and may see it"),
}
FIELDS: Final = tuple(FIELD_WORDS)
# Names of the file: only where a list says so by itself, and an operator hands the alarm over.
NAMES: Final = "names"
# What she is asked and answers in silence: only where a list says so by itself, of a kind that can talk.
TALK: Final = "talk"
TALK_WORDS: Final = {
    TALK: _("what the person is asked and answers without a sound, while its people chat with us")
}
ALL_WORDS: Final = FIELD_WORDS | {NAMES: _("the names of the protected person and of who threatens")}
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

    @property
    def is_by_hand(self) -> bool:
        """Whether it is told by an operator's hand alone."""
        return self.kind in kinds_by_hand()

    def secrets(self) -> list[bytes]:
        """The shared secrets, two while one is being changed; of one that is told by hand, our password there. Raises
        ValueError, OSError."""
        path = Path(self.secret_file)
        check_private(path)
        return [_password_in(path)] if self.is_by_hand else secrets_in(path)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    receiver: tuple[Receiver, ...] = ()


def neighbours_in(config: Config) -> dict[str, frozenset[str]]:
    """Those that are told by hand, with the centres whose operators may; none where the file cannot be read, of which
    others complain. Without a look at their secrets: it is asked whenever somebody reads an alarm."""
    if not config.dispatch_systems:
        return {}
    try:
        found = msgspec.toml.decode(Path(config.dispatch_systems).read_bytes(), type=_File).receiver
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError, ValueError):
        return {}
    return {one.name: frozenset(one.centres) for one in found if one.is_by_hand}


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
    known = (
        (*FIELDS, NAMES) if one.is_by_hand else (*FIELDS, TALK) if one.kind in kinds_that_talk() else FIELDS
    )
    if unknown := sorted(set(one.fields) - set(known)):
        found.append(f"fields has {', '.join(unknown)}: there are {', '.join(known)}")
    if ID not in one.fields:
        found.append("fields lacks id: without it a repeat would be another alarm")
    if one.teams and one.kind not in (for_teams := kinds_for_teams()):
        found.append(f"teams is for {', '.join(for_teams)}")
    if one.kind in (kinds := modules_of_kinds()):
        found += kind_of(one).faults(one)
    else:
        found.append(f"kind is {one.kind!r}: there are {', '.join(kinds)}")
    try:
        one.secrets()
    except PermissionError:
        # Who asks may not be who sends: the command of an administrator says nothing of what it cannot read.
        pass
    except (OSError, ValueError) as error:
        found.append(f"secret_file cannot be used: {error}")
    return found


def _password_in(path: Path) -> bytes:
    """The first line. Raises ValueError, OSError."""
    password = path.read_text("utf-8").partition("\n")[0].strip()
    if not password or not password.isprintable():
        raise ValueError(f"{path.name} holds no password: give it in one line")
    return password.encode()


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
