"""What can be seen to be wrong with the settings before anybody presses."""

import stat
from pathlib import Path
from urllib.parse import urlsplit

from egide.common.config import Config
from egide.connectors.webhooks import secrets_in


def problems(config: Config) -> list[str]:
    """Sentences for the administrator; none where no gateway is to call.

    The secrets may be for the account of `sms` alone: who cannot read them says nothing of what they are.
    """
    return _problems(config, is_for_others=True)


def problems_of_reader(config: Config) -> list[str]:
    """The same for the process that needs the secrets."""
    return _problems(config, is_for_others=False)


def _problems(config: Config, *, is_for_others: bool) -> list[str]:
    if not config.sms_secrets:
        return []
    try:
        found = _of_file(Path(config.sms_secrets))
    except OSError as error:
        is_others = is_for_others and isinstance(error, PermissionError)
        found = [] if is_others else [f"EGIDE_SMS_SECRETS: {config.sms_secrets} cannot be read: {error}"]
    return [*found, *_of_sending(config.sms_send_url)]


def _of_file(path: Path) -> list[str]:
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        return [f"EGIDE_SMS_SECRETS: others can read {path}: give it mode 0600"]
    try:
        secrets_in(path)
    except ValueError as error:
        return [f"EGIDE_SMS_SECRETS: {error}"]
    return []


def _of_sending(url: str) -> list[str]:
    """What is sent names a telephone: it never leaves this machine unencrypted."""
    parts = urlsplit(url)
    is_own = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not url or is_own or (parts.scheme == "https" and parts.hostname):
        return []
    return ["EGIDE_SMS_SEND_URL: give an address with https://, or http:// on this machine"]
