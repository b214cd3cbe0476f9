"""Who sent a request: the address of the connection, or what a trusted proxy in front says of it."""

import hashlib
import ipaddress
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import msgspec

from egide.common.encoding import NotJson, from_json

# Under this name servers hand an application what it calls when something verified came by a connection.
KNOW = "egide.know"

# The header of somebody who asks what became of an address that he made up.
ASKED = "egide-asked"

# Phones send every few seconds: behind a proxy each message would cost several readings of the same addresses.
_REMEMBERED = 4096
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxies:
    """The proxies whose word counts, by address or network (CIDR). Raises ValueError for what is neither."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks: list[Network] = [ipaddress.ip_network(text) for text in networks]

    def trusts(self, address: str) -> bool:
        """Whether this address is one of them."""
        if not self._networks:
            return False
        try:
            parsed = plain(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def caller(self, peer: str, forwarded: Sequence[str]) -> str:
        """The address that a request comes from.

        `forwarded` are the X-Forwarded-For headers in their order. Each proxy appends who spoke to it: read from the
        end, the first that is no proxy of ours is the caller, and what stands before it is the caller's own claim.
        """
        caller = peer
        claims = [part.strip() for header in forwarded for part in header.split(",")]
        while self.trusts(caller) and claims:
            try:
                caller = str(plain(claims.pop()))
            except ValueError:
                break
        return caller


class Seen(msgspec.Struct, frozen=True):
    """A request as a server got it: by whom the connection was, whether that is a proxy whose word counts, what it said
    (X-Forwarded-For), and the address for which the request counts."""

    peer: str
    is_proxy: bool
    forwarded: list[str]
    caller: str


class Question:
    """What whoever may write in the data directory can ask of its servers: for whom they take a caller.

    A file there bears the hash of a secret, and a request the secret (`ASKED`). The answer goes into the file, once:
    over the network nothing is told to anybody, and a guess costs one look for a file that is not there.
    """

    def __init__(self, secret: str, path: Path) -> None:
        self.secret = secret
        self._path = path

    @property
    def answer(self) -> Seen | None:
        """None while no server of this directory got it. Raises OSError."""
        try:
            return from_json(self._path.read_bytes(), Seen)
        except NotJson:
            return None


@contextmanager
def asking(data_dir: Path) -> Iterator[Question]:
    """A question that any server of this directory answers for as long as this lasts. Raises OSError."""
    secret = secrets.token_urlsafe(32)
    path = _file_of(data_dir, secret)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o660)
    try:
        # Servers run under other accounts of the group.
        os.fchmod(descriptor, 0o660)
        os.close(descriptor)
        yield Question(secret, path)
    finally:
        path.unlink()


def answer(data_dir: Path, secret: str, seen: Seen) -> None:
    """Write down what a server saw of the request with this secret, if somebody asks, and nothing was yet. Raises
    nothing."""
    try:
        with _file_of(data_dir, secret).open("r+b") as file:
            if not file.read(1):
                file.write(msgspec.json.encode(seen))
    except OSError:
        return


def _file_of(data_dir: Path, secret: str) -> Path:
    # Whoever sends a header chooses no name of a file.
    return data_dir / f"asked-{hashlib.sha256(secret.encode()).hexdigest()}"


@lru_cache(_REMEMBERED)
def neighbourhood(address: str) -> str:
    """What limits by address count together: one IPv4 address, or one IPv6 network of 64 bits, which one line has."""
    try:
        parsed = plain(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))


@lru_cache(_REMEMBERED)
def plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """IPv4 also where it comes in the clothes of IPv6 (RFC 4291, section 2.5.5.2). Raises ValueError."""
    parsed = ipaddress.ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed
