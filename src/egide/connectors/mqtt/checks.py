"""What can be seen to be wrong with the settings before anybody presses."""

from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from egide.common.addresses import is_here
from egide.common.config import Config
from egide.common.files import check_private

PORTS = {"mqtt": 1883, "mqtts": 8883}


def problems(config: Config) -> list[str]:
    """Sentences for the administrator; none where there is no broker."""
    if not config.mqtt_broker:
        return []
    found = []
    if not is_broker(urlsplit(config.mqtt_broker)):
        found.append("EGIDE_MQTT_BROKER: give an address with mqtts://, or mqtt:// on this machine")
    if config.mqtt_topic.count("+") != 1 or "#" in config.mqtt_topic:
        found.append("EGIDE_MQTT_TOPIC: give one + in the place of the source’s id, and no #")
    if config.mqtt_login:
        try:
            login_in(Path(config.mqtt_login))
        except PermissionError:
            # It may be for the account of `mqtt` alone.
            pass
        except (OSError, ValueError) as error:
            found.append(f"EGIDE_MQTT_LOGIN: {error}")
    return found


def is_broker(parts: SplitResult) -> bool:
    """Frames prove themselves, but who presses, and when, is nobody's business: it is encrypted on its way."""
    if parts.scheme not in PORTS or not parts.hostname or parts.username or parts.password:
        return False
    return parts.scheme == "mqtts" or is_here(parts.geturl())


def login_in(path: Path) -> tuple[str, str]:
    """Name and password, a line each. Raises ValueError, OSError."""
    check_private(path)
    lines = path.read_text("utf-8").splitlines()
    if len(lines) != 2 or not all(lines):
        raise ValueError(f"{path.name} holds {len(lines)} lines, expected two: name and password")
    return lines[0], lines[1]
