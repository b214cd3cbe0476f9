"""Hands a text to a gateway for short messages, in the form that the settings name: a signed call, or kannel's."""

import socket
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from egide.common.addresses import is_here
from egide.common.clock import Clock
from egide.common.config import Config
from egide.connectors.calling import DEADLINE_S, JSON, call
from egide.connectors.gammu import OutboxSender
from egide.connectors.kannel import KannelSender, Login, logins_in
from egide.connectors.webhooks import secrets_in, signature_of

WEBHOOK, KANNEL = "webhook", "kannel"


class TextSender(Protocol):
    """One gateway."""

    def send(self, to: str, text: str, id: str, report: str = "") -> None:
        """Hand over one text; `id` is the same for a repeat. `report`, where the form has such a thing: the address
        that is told what became of it. Raises OSError; blocks for some seconds at most."""
        ...

    def check(self) -> None:
        """Raises OSError where nothing could be handed over now. Sends nothing."""
        ...


class ToSend(msgspec.Struct, frozen=True):
    """The body of a call to the gateway (contracts/sms-gateway.openapi.yaml, webhook `send`)."""

    to: str
    text: str


class WebhookSender:
    """Signs as Standard Webhooks says; `id` is the call's name, by which the gateway knows a repeat."""

    def __init__(self, url: str, secret: bytes, clock: Clock) -> None:
        self._url = url
        self._secret = secret
        self._clock = clock

    def send(self, to: str, text: str, id: str, report: str = "") -> None:
        """Raises OSError."""
        timestamp = str(self._clock.now_us() // 1_000_000)
        body = msgspec.json.encode(ToSend(to, text))
        headers = {
            "webhook-id": id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature_of(self._secret, id, timestamp, body),
        }
        call(self._url, body, JSON | headers)

    def check(self) -> None:
        """Raises OSError."""
        parts = urlsplit(self._url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((str(parts.hostname), port), DEADLINE_S).close()


def sender_of(config: Config, clock: Clock) -> TextSender:
    """The gateway of the settings. Raises ValueError naming what is wrong, OSError where its secret cannot be read."""
    faults = faults_of_sending(config)
    for name, value in (
        ("EGIDE_SMS_SEND_URL", config.sms_send_url),
        ("EGIDE_SMS_SECRETS", config.sms_secrets),
    ):
        if not value:
            faults.append(f"{name} is missing")
    if faults:
        raise ValueError(" ".join(faults))
    path = Path(config.sms_secrets)
    try:
        if config.sms_form == KANNEL:
            return kannel_sender(config.sms_send_url, logins_in(path)[0], clock)
        return WebhookSender(config.sms_send_url, secrets_in(path)[0], clock)
    except ValueError as error:
        raise ValueError(f"EGIDE_SMS_SECRETS: {error}") from error


def kannel_sender(url: str, login: Login, clock: Clock) -> TextSender:
    """Kannel's `sendsms`; or, where the address is a folder (file:///...), the outbox of gammu-smsd."""
    parts = urlsplit(url)
    return OutboxSender(Path(parts.path), clock) if parts.scheme == "file" else KannelSender(url, login)


def faults_of_sending(config: Config) -> list[str]:
    """What is wrong with the address that texts go to."""
    parts = urlsplit(config.sms_send_url)
    if config.sms_form == KANNEL and parts.scheme == "file" and not parts.netloc and parts.path:
        return []
    return faults_of_address("EGIDE_SMS_SEND_URL", config.sms_send_url)


def faults_of_address(setting: str, url: str) -> list[str]:
    """What is sent names a telephone: it never leaves this machine unencrypted."""
    parts = urlsplit(url)
    is_own = parts.scheme == "http" and is_here(url)
    if not url or is_own or (parts.scheme == "https" and parts.hostname):
        return []
    return [f"{setting}: give an address with https://, or http:// on this machine"]
