"""What lies outside the machine: names, certificates, the second road. Asked by hand alone, since it may take a
while.
"""

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.text import _
from egide.connectors.base import Alert, RoadError
from egide.connectors.mail.road import mail_server_of
from egide.connectors.registry import roads_of
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding

NAMES, CERTIFICATES, ROAD, MAIL = "names", "certificates", "second-road", "reminders"
WITHIN_S = 5.0
WRONG_DAYS, LOOK_DAYS = 7, 30


def addresses(config: Config) -> list[tuple[str, str, int]]:
    """Scheme, host and port of everywhere that people and phones are sent to."""
    urls = (*config.web_origins, config.live_url, *config.intake_urls, config.phone_url)
    found: dict[tuple[str, str, int], None] = {}
    for url in filter(None, urls):
        parts = urlsplit(url)
        # A name of this machine alone (RFC 6761) leads nowhere else.
        if parts.hostname and not parts.hostname.endswith("localhost"):
            port = parts.port or (443 if parts.scheme == "https" else 80)
            found[parts.scheme, parts.hostname, port] = None
    return list(found)


def names(config: Config) -> Iterator[Finding]:
    """Whether the names that were handed out lead anywhere, seen from here."""
    unknown = []
    for host in dict.fromkeys(host for _scheme, host, _port in addresses(config)):
        try:
            socket.getaddrinfo(host, None)
        except OSError:
            unknown.append(host)
    if unknown:
        text = _("These names lead nowhere, seen from this machine: {names}. See the DNS.")
        yield Finding(NAMES, WRONG, text.format(names=", ".join(unknown)))
    else:
        yield Finding(NAMES, OK, _("Every public name resolves."))


class UntrustedCertificate(OSError):
    """What a name shows is refused by whoever asks there; the words say why."""


def secure_addresses(config: Config) -> list[tuple[str, int]]:
    """Host and port of those that have TLS."""
    return [(host, port) for scheme, host, port in addresses(config) if scheme == "https"]


def days_left(host: str, port: int, clock: Clock) -> int:
    """Whole days until the certificate that is shown there ends. Raises UntrustedCertificate, OSError."""
    try:
        with (
            socket.create_connection((host, port), WITHIN_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as sealed,
        ):
            until = str((sealed.getpeercert() or {})["notAfter"])
    except ssl.SSLCertVerificationError as error:
        raise UntrustedCertificate(error.verify_message) from error
    return int((ssl.cert_time_to_seconds(until) - clock.now_us() / 1e6) // 86_400)


def certificates(config: Config, clock: Clock) -> Iterator[Finding]:
    """What a browser would think of each address, and for how long still."""
    secure = secure_addresses(config)
    if not secure:
        text = _("No public address has TLS: nobody in danger may use this.")
        yield Finding(CERTIFICATES, OK if config.demo else WRONG, text)
    for host, port in secure:
        yield _certificate(host, port, clock)


def _certificate(host: str, port: int, clock: Clock) -> Finding:
    try:
        days = days_left(host, port, clock)
    except OSError as error:
        text = _("{host} cannot be trusted or reached, seen from here ({why}): renew or mend it.")
        return Finding(CERTIFICATES, WRONG, text.format(host=host, why=error))
    if days >= LOOK_DAYS:
        text = _("The certificate of {host} holds (days: {days}).")
        return Finding(CERTIFICATES, OK, text.format(host=host, days=days))
    text = _("The certificate of {host} ends soon (days: {days}): renew it, phones refuse it afterwards.")
    return Finding(CERTIFICATES, WRONG if days < WRONG_DAYS else LOOK, text.format(host=host, days=days))


def second_road(config: Config, clock: Clock, is_sending: bool = False) -> Iterator[Finding]:
    """Whether each road could carry an alert now; with `is_sending`, whether it carries one."""
    try:
        roads = roads_of(config)
    except ValueError as error:
        yield Finding(ROAD, WRONG, str(error))
        return
    if not roads:
        text = _(
            "No second road is set (EGIDE_ALERT_SMTP, EGIDE_ALERT_URL, EGIDE_ALERT_SMS): boards alone show what"
            " is found."
        )
        yield Finding(ROAD, LOOK if config.demo else WRONG, text)
    for road in roads:
        try:
            if is_sending:
                subject = _("Egide: a test of the second road")
                road.send(
                    Alert(
                        f"doctor-{clock.now_us()}", subject, _("Nothing has happened. Somebody tries this.")
                    )
                )
            else:
                road.check()
        except RoadError as error:
            text = _("The second road fails: {why}. See its settings, and who runs it.")
            yield Finding(ROAD, WRONG, text.format(why=error))
            continue
        text = (
            _("{road}: taken. Ask those who get it.")
            if is_sending
            else _("{road}: it answers (--try sends one).")
        )
        yield Finding(ROAD, OK, text.format(road=road.name))


def reminders(config: Config) -> Iterator[Finding]:
    """Whether the mail server of reminders would take one now."""
    try:
        server = mail_server_of(config)
        if server is None:
            yield Finding(
                MAIL, OK, _("No mail server is set (EGIDE_MAIL_SMTP): nobody is reminded by e-mail.")
            )
            return
        server.check()
    except (ValueError, RoadError) as error:
        text = _("Reminders cannot be sent: {why}. See EGIDE_MAIL_SMTP, and who runs that server.")
        yield Finding(MAIL, WRONG, text.format(why=error))
        return
    yield Finding(MAIL, OK, _("The mail server of reminders answers."))
