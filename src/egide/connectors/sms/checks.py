"""What can be seen to be wrong with the settings before anybody presses."""

import stat
from pathlib import Path

from egide.common.config import Config
from egide.connectors.kannel import logins_in
from egide.connectors.texting import KANNEL, faults_of_address, faults_of_sending
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
        found = _of_file(Path(config.sms_secrets), config.sms_form)
    except OSError as error:
        is_others = is_for_others and isinstance(error, PermissionError)
        found = [] if is_others else [f"EGIDE_SMS_SECRETS: {config.sms_secrets} cannot be read: {error}"]
    found += faults_of_sending(config)
    # Its address names a press, and the mark by which the report is believed.
    return found + faults_of_address("EGIDE_SMS_REPORT_URL", config.sms_report_url)


def _of_file(path: Path, form: str) -> list[str]:
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        return [f"EGIDE_SMS_SECRETS: others can read {path}: give it mode 0600"]
    try:
        logins_in(path) if form == KANNEL else secrets_in(path)
    except ValueError as error:
        return [f"EGIDE_SMS_SECRETS: {error}"]
    return []
