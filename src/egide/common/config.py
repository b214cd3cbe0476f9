"""The settings of one installation, read once from the environment by each entry point and handed on."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from egide.common.settings import (
    ADDRESS,
    FILE,
    FLAG,
    LIST,
    PATH,
    PATHS,
    PROXIES,
    TELEPHONE,
    WORD,
    NotSetUp,
    setting,
    settings_of,
    whole,
)

__all__ = ["PUSH_SERVICES", "SMS_PORT", "Config", "NotSetUp"]

# Those behind Chrome and Edge on Android, Firefox, Edge on Windows, Safari.
PUSH_SERVICES = (
    "https://fcm.googleapis.com",
    "https://*.push.services.mozilla.com",
    "https://*.notify.windows.com",
    "https://*.push.apple.com",
)


# Within 16000 to 16999, which applications may take as they like (3GPP TS 23.040, section 9.2.3.24.4).
SMS_PORT = 16_161


@dataclass(frozen=True)
class Config:
    """One installation: each setting is declared here and nowhere else.

    The environment, what a child is handed, `docs/operations/settings.md` and `docs/operations/settings.env` follow.
    """

    data_dir: Path = setting(
        "EGIDE_DATA", "The data directory: journal, keys, records, zones.", PATH, unset=Path("var")
    )
    web_origins: tuple[str, ...] = setting(
        "EGIDE_WEB_ORIGINS",
        "Where people open the pages; the first stands in every link that is handed out.",
        LIST,
        (),
    )
    live_url: str = setting(
        "EGIDE_LIVE_URL",
        "Where the pages find live events: under the same host name.",
        ADDRESS,
        "http://localhost:8401",
    )
    intake_urls: tuple[str, ...] = setting(
        "EGIDE_INTAKE_URLS",
        "Where phones send; each is told all at its enrolment.",
        LIST,
        ("http://127.0.0.1:8402",),
    )
    demo: bool = setting(
        "EGIDE_DEMO", "1: a demo with invented people, without TLS and second factors.", FLAG, False
    )
    alert_smtp: str = setting(
        "EGIDE_ALERT_SMTP",
        "The mail server of the second road: smtp://host:port (it must offer STARTTLS) or smtps://host:port.",
        ADDRESS,
        "",
    )
    alert_from: str = setting("EGIDE_ALERT_FROM", "Who sends these mails.", ADDRESS, "egide@localhost")
    alert_to: tuple[str, ...] = setting("EGIDE_ALERT_TO", "Who gets these mails.", LIST, ())
    alert_url: str = setting(
        "EGIDE_ALERT_URL", "The second road by HTTP: an address that takes a POST.", ADDRESS, ""
    )
    master_parts: tuple[Path, ...] = setting(
        "EGIDE_MASTER_PARTS",
        "The two halves of the master key, once it is split (`egide keys split`).",
        PATHS,
        (),
    )
    checkpoints_to: str = setting(
        "EGIDE_CHECKPOINTS_TO",
        "A directory in another house, which gets a copy of each signed checkpoint.",
        FILE,
        "",
    )
    checkpoint_every_s: int = setting(
        "EGIDE_CHECKPOINT_EVERY_S", "The time between two signed checkpoints.", whole(1, of="seconds"), 3600
    )
    canary_every_s: int = setting(
        "EGIDE_CANARY_EVERY_S", "The time between two control presses of watch.", whole(1, of="seconds"), 30
    )
    watch_patience_s: int = setting(
        "EGIDE_WATCH_PATIENCE_S",
        "How long a part of the chain may be silent before watch says so.",
        whole(4, of="seconds"),
        10,
    )
    sms_number: str = setting(
        "EGIDE_SMS_NUMBER",
        "The gateway's number for presses as text messages; without it no app offers the road.",
        TELEPHONE,
        "",
    )
    phone_url: str = setting(
        "EGIDE_PHONE_URL",
        "Where phones open the app: a name that tells nobody anything (safety rule 21).",
        ADDRESS,
        "",
    )
    sms_secrets: str = setting(
        "EGIDE_SMS_SECRETS",
        "The file with the secrets of gateways; without it `sms` does not start.",
        FILE,
        "",
    )
    sms_port: int = setting("EGIDE_SMS_PORT", "The port of binary messages.", whole(1, 65535), SMS_PORT)
    sms_send_url: str = setting(
        "EGIDE_SMS_SEND_URL",
        "Where the gateway takes a text to send; without it nobody is answered by SMS.",
        ADDRESS,
        "",
    )
    push_contact: str = setting(
        "EGIDE_PUSH_CONTACT",
        "mailto: or https: address for the operators of push services (RFC 8292); without it nobody is woken.",
        ADDRESS,
        "",
    )
    push_services: tuple[str, ...] = setting(
        "EGIDE_PUSH_SERVICES",
        "Push services that may be called, by origin; `*.` is any name below.",
        LIST,
        PUSH_SERVICES,
    )
    supervision: Path | None = setting(
        "EGIDE_SUPERVISION",
        "A TOML file with limits of supervision; without it the packaged ones hold.",
        PATH,
        None,
    )
    metrics_token: str = setting(
        "EGIDE_METRICS_TOKEN",
        "What has to be shown to read metrics; without it `metrics` serves this machine alone.",
        WORD,
        "",
    )
    asks_per_shift: int = setting(
        "EGIDE_ASKS_PER_SHIFT",
        "How often within twelve hours an account may ask for a file that is not its own (safety rule 41).",
        whole(1),
        3,
    )
    trusted_proxies: tuple[str, ...] = setting(
        "EGIDE_TRUSTED_PROXIES", "The proxies in front, whose X-Forwarded-For counts.", PROXIES, ()
    )
    connections: int = setting("EGIDE_CONNECTIONS", "Connections of each process, at most.", whole(64), 4096)
    connections_by_address: int = setting(
        "EGIDE_CONNECTIONS_BY_ADDRESS", "Connections of strangers from one address, at most.", whole(16), 512
    )

    @classmethod
    def from_env(cls) -> "Config":
        """The settings of the environment. Raises NotSetUp with a line for each value that is wrong."""
        found, faults = {}, []
        for name, each in settings_of(cls).items():
            try:
                found[name] = each.read(os.environ)
            except NotSetUp as error:
                faults.append(str(error))
        if faults:
            raise NotSetUp("\n".join(faults))
        return cls(**found | {"data_dir": found["data_dir"].absolute()})

    def environment(self) -> dict[str, str]:
        """The same settings as environment variables for a child process."""
        return {
            each.variable: each.form.write(getattr(self, name)) for name, each in settings_of(self).items()
        }

    def cookie(self, name: str) -> str:
        """The name of a cookie: outside the demo one that only this host, and only over TLS, can have set (RFC 6265bis,
        section 4.1.3.2)."""
        return name if self.demo else f"__Host-{name}"

    def is_web_origin(self, origin: str) -> bool:
        """Whether pages of this origin are ours; in the demo each account has a `….localhost` name of its own."""
        if origin in self.web_origins:
            return True
        if not self.demo:
            return False
        try:
            parts = urlsplit(origin)
            plain = f"{parts.scheme}://localhost:{parts.port}"
        except ValueError:
            return False
        return (parts.hostname or "").endswith(".localhost") and plain in self.web_origins

    def is_push_service(self, url: str) -> bool:
        """Whether a browser may name this address to be woken at: nothing else is ever called by its wish."""
        try:
            parts = urlsplit(url)
            origin = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        except ValueError:
            return False
        if parts.username or parts.password:
            return False
        return any(_is_below(origin, service) for service in self.push_services)

    @property
    def scheme(self) -> str:
        """How people reach the pages; TLS ends in front of them."""
        return urlsplit(next(iter(self.web_origins), "")).scheme or "http"

    def page(self, path: str) -> str:
        """The public address of a page; a path that begins with a slash."""
        return next(iter(self.web_origins), "") + path

    @property
    def journal_db(self) -> Path:
        return self.data_dir / "journal.db"

    @property
    def app_db(self) -> Path:
        return self.data_dir / "app.db"

    @property
    def canary_public_key(self) -> Path:
        """Where watch leaves its canary's public key (hex), for the worker to enrol."""
        return self.data_dir / "canary.pub"

    @property
    def bells_dir(self) -> Path:
        return self.data_dir / "bells"

    @property
    def sign_dir(self) -> Path:
        """Where the authority puts films in sign language for the phone app: LANGUAGE.webm or .mp4, LANGUAGE.vtt."""
        return self.data_dir / "sign"

    @property
    def zones_dir(self) -> Path:
        return self.data_dir / "zones"


def _is_below(origin: str, service: str) -> bool:
    scheme, star, name = service.partition("://*")
    return origin.startswith(f"{scheme}://") and origin.endswith(name) if star else origin == service
