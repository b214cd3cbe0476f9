"""Whether people and phones elsewhere can reach the addresses that an installation hands out."""

from urllib.parse import urlsplit

from egide.common.config import Config, NotSetUp

_HERE = ("localhost", "127.0.0.1", "::1")


def check_public(config: Config) -> None:
    """Raises NotSetUp naming every address that cannot work; where all pages are on this machine, all may be."""
    if config.demo:
        return
    if config.web_origins and all(_is_here(origin) for origin in config.web_origins):
        return
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
        if not url.startswith("https://") or not urlsplit(url).hostname or _is_here(url)
    ]
    if faults:
        raise NotSetUp("\n".join([*faults, "docs/operations/connections.md says what each is for."]))


def _is_here(url: str) -> bool:
    name = urlsplit(url).hostname or ""
    return name in _HERE or name.endswith(".localhost")
