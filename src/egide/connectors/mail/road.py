"""The mail server of reminders, apart from that of the second road: what is told here can wait."""

from collections.abc import Iterator

from egide.common.config import Config
from egide.connectors.smtp import MailServer


def mail_server_of(config: Config) -> MailServer | None:
    """The server; None where none is set. Raises ValueError naming the setting that is wrong."""
    if not config.mail_smtp:
        return None
    try:
        return MailServer(config.mail_smtp, config.mail_from)
    except ValueError as error:
        raise ValueError(f"EGIDE_MAIL_SMTP is {error}") from error


def usable_mail_server_of(config: Config) -> MailServer | None:
    """The same; None also where a setting is wrong, which `registry.problems_of` names."""
    try:
        return mail_server_of(config)
    except ValueError:
        return None


def problems(config: Config) -> Iterator[str]:
    """What is wrong with the settings."""
    try:
        mail_server_of(config)
    except ValueError as error:
        yield str(error)
