"""Closes a process to everything but this machine: what Python would connect to, send to or look up is looked at first.

Python tells an audit hook of each before it happens (PEP 578), and a hook cannot be taken out again. uvloop connects
beside Python, so its calls are looked at as well. What a library in C does by itself (libpq), and programs of others,
this does not stop; nothing of either is used in a sandbox.
"""

import errno
import ipaddress
import socket
import sys
from typing import Any, Final

import uvloop

_FAMILIES: Final = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
_TOUCHES: Final = ("socket.connect", "socket.sendto", "socket.sendmsg")
# Of a name, which somebody elsewhere would be asked for; of an address.
_ASKS_NAME: Final = ("socket.getaddrinfo", "socket.gethostbyname")
_ASKS_ADDRESS: Final = ("socket.gethostbyaddr", "socket.getnameinfo")


class Outside(PermissionError):
    """Something outside of this machine was to be reached from a sandbox."""

    def __init__(self, what: object) -> None:
        super().__init__(errno.EACCES, f"a sandbox reaches nothing but this machine, and not {what}")


def is_of_this_machine(host: object) -> bool:
    """Whether this host, a name or an address, is the machine's own loopback; no name but localhost is looked up."""
    if host is None or host in ("", b""):
        # What listens, listens so; nobody is reached by it.
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if text == "localhost" or text.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def close() -> None:
    """From now on this process, and each that it forks, reaches nothing else. There is no way back."""
    sys.addaudithook(_look)
    _close_uvloop()


def _look(event: str, args: tuple[Any, ...]) -> None:
    """Raises Outside before it happens."""
    if not event.startswith("socket."):
        return
    if event in _TOUCHES:
        _check_address(args[0], args[1])
    elif event in _ASKS_NAME:
        _check_name(args[0])
    elif event in _ASKS_ADDRESS:
        _check_host(args[0][0] if isinstance(args[0], tuple) else args[0])
    elif event == "socket.__new__" and args[1] not in (-1, *_FAMILIES):
        # Bluetooth and raw sockets: a sandbox's radio is invented.
        raise Outside(f"address family {args[1]}")


def _check_address(of: socket.socket, address: object) -> None:
    # A message on a socket that is connected names no address: that was looked at before.
    if of.family == socket.AF_UNIX or address is None:
        return
    host = address[0] if isinstance(address, tuple) and address else address
    # To connect to no address at all is to connect to this machine, by another name.
    if not host or not is_of_this_machine(host):
        raise Outside(host)


def _close_uvloop() -> None:
    """Its own ways out, none of which Python hears of."""
    loop = uvloop.Loop
    of_base: dict[str, Any] = {name: getattr(loop, name) for name in ("getaddrinfo", "sock_connect")}
    connecting, datagrams = loop.create_connection, loop.create_datagram_endpoint

    async def create_connection(self: Any, factory: Any, host: Any = None, *args: Any, **more: Any) -> Any:
        _check_host(host)
        return await connecting(self, factory, host, *args, **more)

    async def create_datagram_endpoint(self: Any, factory: Any, *args: Any, **more: Any) -> Any:
        for address in (*args[:2], more.get("remote_addr")):
            _check_host(address[0] if isinstance(address, tuple) else None)
        return await datagrams(self, factory, *args, **more)

    def getaddrinfo(self: Any, host: Any, *args: Any, **more: Any) -> Any:
        _check_name(host)
        return of_base["getaddrinfo"](self, host, *args, **more)

    def sock_connect(self: Any, of: Any, address: Any) -> Any:
        _check_address(of, address)
        return of_base["sock_connect"](self, of, address)

    for made in (create_connection, create_datagram_endpoint, getaddrinfo, sock_connect):
        setattr(loop, made.__name__, made)


def _check_name(host: object) -> None:
    """Nobody is asked for what is an address already."""
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        _check_host(host)


def _check_host(host: object) -> None:
    if not is_of_this_machine(host):
        raise Outside(host)
