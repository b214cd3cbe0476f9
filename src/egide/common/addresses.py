"""Whether people and phones elsewhere can reach the addresses that an installation hands out."""

import ipaddress
from urllib.parse import urlsplit

from egide.common.config import Config, NotSetUp

_HERE = ("localhost", "127.0.0.1", "::1")


def check_public(config: Config) -> None:
    """Raises NotSetUp naming every address that cannot work; where all pages are on this machine, all may be."""
    if config.demo:
        return
    if config.web_origins and all(is_here(origin) for origin in config.web_origins):
        return
    _check_reached(config)


def check_served(config: Config) -> None:
    """Raises NotSetUp where pages and presses would go in the clear: what starts here speaks plain HTTP, so outside the
    demo a proxy with TLS stands in front, and is named."""
    if config.demo:
        raise NotSetUp("EGIDE_DEMO is set: `egide demo` runs a demo, an installation is none.")
    _check_reached(config)
    if not config.trusted_proxies:
        raise NotSetUp(
            "EGIDE_TRUSTED_PROXIES names no proxy: put one with TLS in front, and name its address"
            ' (trusted_proxies = ["127.0.0.1"]); docs/operations/guide.md says how.'
        )


def check_listening(config: Config, address: object) -> None:
    """Raises NotSetUp for a socket that others reach while no proxy is named: what comes would be in the clear. Sockets
    without an address are of this machine."""
    host = address[0] if isinstance(address, tuple) else ""
    if (
        config.demo
        or config.trusted_proxies
        or not host
        or ipaddress.ip_address(host.partition("%")[0]).is_loopback
    ):
        return
    raise NotSetUp(
        f"{host} is reached from elsewhere, and what comes there would be in the clear: serve on 127.0.0.1, or name the"
        " proxy in front in EGIDE_TRUSTED_PROXIES."
    )


def _check_reached(config: Config) -> None:
    addresses = {
        "EGIDE_WEB_ORIGINS": config.web_origins or ("",),
        "EGIDE_LIVE_URL": (config.live_url,),
        "EGIDE_INTAKE_URLS": config.intake_urls or ("",),
        "EGIDE_PHONE_URL": (config.phone_url,),
    }
    faults = [
        f"{name} is {url!r}: expected https:// and a name that is reached from elsewhere."
        for name, urls in addresses.items()
        for url in urls
        if not url.startswith("https://") or not urlsplit(url).hostname or is_here(url)
    ]
    if faults:
        raise NotSetUp("\n".join([*faults, "docs/operations/connections.md says what each is for."]))


def is_here(url: str) -> bool:
    """Whether it leads to this machine."""
    name = urlsplit(url).hostname or ""
    return name in _HERE or name.endswith(".localhost")
