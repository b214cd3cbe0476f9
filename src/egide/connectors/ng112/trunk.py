"""What an administrator says of one receiver that is called over SIP: an emergency-services routing proxy (ESRP) or a
control room (PSAP). Whatever is wrong in it is a sentence, and then nothing is sent."""

import re
import ssl
from pathlib import Path
from typing import Final

import msgspec

from egide.common.addresses import is_here
from egide.connectors.dispatch.receivers import FIELDS, Receiver, is_safe
from egide.connectors.dispatch.tls import certificate_faults, context_of
from egide.connectors.ng112.digest import Login, login_in
from egide.connectors.ng112.sip import ADDRESS

# RFC 5031, section 4.2; a test has a name of its own, by which it is never taken for an alarm (RFC 6881, section 15).
POLICE: Final = "urn:service:sos.police"
_SERVICE: Final = "urn:service:"
_TLS_PORT, _TCP_PORT = 5061, 5060
# sips:host:port goes under TLS. sip:host:port;transport=tcp goes in the clear.
_HOP = re.compile(r"(sips?):(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?((?:;[a-z]+=[a-z]+)*)")
_URN = re.compile(r"urn:service:[a-z0-9.-]{1,100}")
_OWN = re.compile(r"sips?:[A-Za-z0-9._-]+@([A-Za-z0-9.-]+)")


class Hop(msgspec.Struct, frozen=True):
    """Where the connection goes, and whether under TLS."""

    host: str
    port: int
    tls: bool


class Trunk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The way to one of them. `url` is the next hop, and nothing else is ever called; `to` is whom the message is for
    there; `sender` is the address by which we are known to it; `lost` is asked who is responsible, before.

    `authorities` names those whose certificates count, else the machine's; `certificate` holds ours with its key, for
    a receiver that asks; `login_file` and `lost_key_file` hold `name:password`, for a proxy and a LoST server that ask.
    """

    name: str
    url: str
    sender: str
    to: str = POLICE
    fields: tuple[str, ...] = FIELDS
    authorities: str = ""
    certificate: str = ""
    lost: str = ""
    lost_key_file: str = ""
    login_file: str = ""

    @property
    def hop(self) -> Hop:
        """Raises ValueError for an address that says no place, or a way that is not gone."""
        found = _HOP.fullmatch(self.url)
        if found is None:
            raise ValueError("expected sips:host or sips:host:port")
        scheme, host, port, more = found.groups()
        tls = scheme == "sips"
        if more not in ("", ";transport=tcp"):
            raise ValueError("there is TCP and TLS, and no other transport")
        if not tls and not is_here(f"sip://{host}"):
            raise ValueError("expected sips:… (sip:…;transport=tcp on this machine alone)")
        number = int(port) if port else (_TLS_PORT if tls else _TCP_PORT)
        if not 0 < number < 65536:
            raise ValueError(f"{number} is no port")
        return Hop(host.strip("[]"), number, tls)

    @property
    def domain(self) -> str:
        """What our own address is below. Raises ValueError."""
        found = _OWN.fullmatch(self.sender)
        if found is None:
            raise ValueError("expected sip:name@domain")
        return found[1]

    def called(self, test: bool) -> str:
        """Whom the message is for: a service has a name of its own for tests; where it is an address, the test says of
        itself that it is one."""
        if test and self.to.startswith(_SERVICE) and not self.to.startswith(f"{_SERVICE}test."):
            return f"{_SERVICE}test.{self.to.removeprefix(_SERVICE)}"
        return self.to

    def context(self) -> ssl.SSLContext:
        """Raises OSError, ValueError."""
        return context_of(self.authorities, self.certificate)

    def login(self) -> Login | None:
        """By which we answer a challenge; None where there is none. Raises OSError, ValueError."""
        return login_in(Path(self.login_file)) if self.login_file else None


def trunk_of(receiver: Receiver) -> Trunk:
    """Raises ValueError where something that it needs is missing or unknown."""
    plain = {"name": receiver.name, "url": receiver.url, "fields": receiver.fields}
    try:
        return msgspec.convert({**receiver.more, **plain}, Trunk)
    except msgspec.ValidationError as error:
        raise ValueError(f"more cannot be used: {error}") from error


def faults(receiver: Receiver) -> list[str]:
    """What is wrong with its entry beside what is so for every kind: words that follow its name."""
    try:
        return faults_of(trunk_of(receiver))
    except ValueError as error:
        return [str(error)]


def faults_of(one: Trunk) -> list[str]:
    """The same of one that could be read."""
    found = []
    try:
        hop = one.hop
    except ValueError as error:
        found.append(f"url is {one.url!r}: {error}")
    else:
        if hop.tls:
            found += certificate_faults(one.authorities, one.certificate)
    if not (_URN.fullmatch(one.to) or ADDRESS.fullmatch(one.to)):
        found.append(f"to is {one.to!r}: expected {POLICE} or sip:name@host")
    try:
        _ = one.domain
    except ValueError as error:
        found.append(f"sender is {one.sender!r}: {error}")
    try:
        one.login()
    except PermissionError:
        # Who asks may not be who sends: the command of an administrator says nothing of what it cannot read.
        pass
    except (OSError, ValueError) as error:
        found.append(f"login_file cannot be used: {error}")
    if one.lost and not is_safe(one.lost):
        found.append(f"lost is {one.lost!r}: expected https://… (http:// on this machine alone)")
    return found
