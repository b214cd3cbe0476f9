"""What can be seen to be wrong with the settings before a device speaks, and what they say."""

import re
from pathlib import Path

from egide.common.addresses import is_here
from egide.common.config import Config
from egide.common.files import check_private

_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")
_SECRET = re.compile(r"[!-~]{32,128}")


def problems(config: Config) -> list[str]:
    """Sentences for the administrator; none where nobody listens to alarm devices."""
    if not config.dc09_listen:
        return []
    found = []
    try:
        place_of(config)
    except ValueError as error:
        found.append(f"EGIDE_DC09_LISTEN: {error}")
    try:
        secret_of(config)
    except PermissionError:
        # It may be for the accounts of `dc09` and intake alone.
        pass
    except (OSError, ValueError) as error:
        found.append(f"EGIDE_DC09_SECRET: {error}")
    return found


def place_of(config: Config) -> tuple[str, int]:
    """Where frames come. Raises ValueError."""
    found = _LISTEN.fullmatch(config.dc09_listen)
    if found is None or not 0 <= int(found[2]) < 65_536:
        raise ValueError(f"{config.dc09_listen!r} is no address with a port: give 0.0.0.0:7700, or [::]:7700")
    return found[1].strip("[]"), int(found[2])


def is_clear_allowed(config: Config) -> bool:
    """Whether devices may speak without a key: on this machine alone, or where somebody decided so."""
    return config.dc09_clear or is_here(f"tcp://{config.dc09_listen}")


def secret_of(config: Config) -> str:
    """What proves to intake who brings a frame. Raises ValueError, OSError."""
    if not config.dc09_secret:
        raise ValueError("name a file with a secret of 32 to 128 signs")
    path = Path(config.dc09_secret)
    check_private(path)
    secret = path.read_text("utf-8").strip()
    if not _SECRET.fullmatch(secret):
        raise ValueError(f"{path.name} holds no secret of 32 to 128 signs without spaces")
    return secret
