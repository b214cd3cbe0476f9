"""Who sent a request: the address of the connection, or what a trusted proxy in front says of it."""

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache

# Under this name servers hand an application what it calls when something verified came by a connection.
KNOW = "egide.know"

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
            parsed = _plain(address)
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
                caller = str(_plain(claims.pop()))
            except ValueError:
                break
        return caller


@lru_cache(_REMEMBERED)
def neighbourhood(address: str) -> str:
    """What limits by address count together: one IPv4 address, or one IPv6 network of 64 bits, which one line has."""
    try:
        parsed = _plain(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))


@lru_cache(_REMEMBERED)
def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """IPv4 also where it comes in the clothes of IPv6 (RFC 4291, section 2.5.5.2)."""
    parsed = ipaddress.ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed
