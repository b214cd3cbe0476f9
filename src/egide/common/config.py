"""The settings of one installation, read once from the environment by each entry point and handed on."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from egide.common.callers import Proxies

# Those behind Chrome and Edge on Android, Firefox, Edge on Windows, Safari.
PUSH_SERVICES = (
    "https://fcm.googleapis.com",
    "https://*.push.services.mozilla.com",
    "https://*.notify.windows.com",
    "https://*.push.apple.com",
)


# Within 16000 to 16999, which applications may take as they like (3GPP TS 23.040, section 9.2.3.24.4).
SMS_PORT = 16_161


class NotSetUp(Exception):
    """The installation cannot start as it stands; the message says what to set, and is shown without a trace."""


@dataclass(frozen=True)
class Config:
    """Where things are. `EGIDE_DATA` names the data directory; addresses are comma-separated URLs."""

    data_dir: Path
    web_origins: tuple[str, ...] = ()
    live_url: str = "http://localhost:8401"
    intake_urls: tuple[str, ...] = ("http://127.0.0.1:8402",)
    demo: bool = False
    alert_smtp: str = ""
    alert_from: str = "egide@localhost"
    alert_to: tuple[str, ...] = ()
    alert_url: str = ""
    master_parts: tuple[Path, ...] = ()
    checkpoints_to: str = ""
    checkpoint_every_s: int = 3600
    canary_every_s: int = 30
    watch_patience_s: int = 10
    sms_number: str = ""
    phone_url: str = ""
    sms_secrets: str = ""
    sms_port: int = SMS_PORT
    sms_send_url: str = ""
    push_contact: str = ""
    push_services: tuple[str, ...] = PUSH_SERVICES
    supervision: Path | None = None
    metrics_token: str = ""
    asks_per_shift: int = 3
    trusted_proxies: tuple[str, ...] = ()
    connections: int = 4096
    connections_by_address: int = 512

    @classmethod
    def from_env(cls) -> "Config":
        """Read EGIDE_DATA, _WEB_ORIGINS, _LIVE_URL, _INTAKE_URLS, _DEMO, and _ALERT_SMTP, _FROM, _TO and _URL.

        Also EGIDE_MASTER_PARTS (two files, with a colon between them), EGIDE_CHECKPOINTS_TO (a directory elsewhere) and
        EGIDE_CHECKPOINT_EVERY_S (seconds), EGIDE_CANARY_EVERY_S (seconds between two canaries of watch),
        EGIDE_WATCH_PATIENCE_S (how long a part of the chain may be silent before watch tells of it; at least 4), and
        EGIDE_SMS_NUMBER (of the gateway that takes presses as text messages; none by default), EGIDE_SMS_SECRETS (a
        file with the secrets of gateways that call back), EGIDE_SMS_PORT (of binary messages),
        EGIDE_SMS_SEND_URL (where the gateway takes a text to send; without it nobody is answered), EGIDE_PHONE_URL
        (where phones open the app, under a name that tells nobody anything: common/addresses.py), EGIDE_PUSH_CONTACT
        (mailto: or https:, for the operators of push services; without it nobody is woken), EGIDE_PUSH_SERVICES
        (origins of those that may be called, `*.` for any name below) EGIDE_SUPERVISION (a TOML file:
        fleet/watch_settings.py) and EGIDE_METRICS_TOKEN (what whoever asks for metrics must bring).

        EGIDE_TRUSTED_PROXIES (addresses or networks of the proxies in front, whose X-Forwarded-For counts),
        EGIDE_CONNECTIONS (at most, of each process) and EGIDE_CONNECTIONS_BY_ADDRESS (of strangers) are told in
        docs/operations/connections.md. EGIDE_ASKS_PER_SHIFT: how often within twelve hours somebody may ask for a file
        that is not theirs (safety rule 41).
        """
        return cls(
            data_dir=Path(os.environ.get("EGIDE_DATA", "var")).absolute(),
            web_origins=_list("EGIDE_WEB_ORIGINS", ""),
            live_url=os.environ.get("EGIDE_LIVE_URL", "http://localhost:8401"),
            intake_urls=_list("EGIDE_INTAKE_URLS", "http://127.0.0.1:8402"),
            demo=os.environ.get("EGIDE_DEMO") == "1",
            alert_smtp=os.environ.get("EGIDE_ALERT_SMTP", ""),
            alert_from=os.environ.get("EGIDE_ALERT_FROM", "egide@localhost"),
            alert_to=_list("EGIDE_ALERT_TO", ""),
            alert_url=os.environ.get("EGIDE_ALERT_URL", ""),
            master_parts=tuple(
                Path(part).absolute() for part in os.environ.get("EGIDE_MASTER_PARTS", "").split(":") if part
            ),
            checkpoints_to=os.environ.get("EGIDE_CHECKPOINTS_TO", ""),
            checkpoint_every_s=_number("EGIDE_CHECKPOINT_EVERY_S", 3600, least=1),
            canary_every_s=_number("EGIDE_CANARY_EVERY_S", 30, least=1),
            watch_patience_s=_number("EGIDE_WATCH_PATIENCE_S", 10, least=4),
            sms_number=_sms_number(),
            phone_url=os.environ.get("EGIDE_PHONE_URL", ""),
            sms_secrets=os.environ.get("EGIDE_SMS_SECRETS", ""),
            sms_port=_sms_port(),
            sms_send_url=os.environ.get("EGIDE_SMS_SEND_URL", ""),
            push_contact=os.environ.get("EGIDE_PUSH_CONTACT", ""),
            push_services=_list("EGIDE_PUSH_SERVICES", "") or PUSH_SERVICES,
            supervision=_path("EGIDE_SUPERVISION"),
            metrics_token=os.environ.get("EGIDE_METRICS_TOKEN", ""),
            asks_per_shift=_number("EGIDE_ASKS_PER_SHIFT", 3, least=1),
            trusted_proxies=_proxies("EGIDE_TRUSTED_PROXIES"),
            connections=_number("EGIDE_CONNECTIONS", 4096, least=64),
            connections_by_address=_number("EGIDE_CONNECTIONS_BY_ADDRESS", 512, least=16),
        )

    def environment(self) -> dict[str, str]:
        """The same settings as environment variables for a child process."""
        return {
            "EGIDE_DATA": str(self.data_dir),
            "EGIDE_WEB_ORIGINS": ",".join(self.web_origins),
            "EGIDE_LIVE_URL": self.live_url,
            "EGIDE_INTAKE_URLS": ",".join(self.intake_urls),
            "EGIDE_DEMO": "1" if self.demo else "0",
            "EGIDE_ALERT_SMTP": self.alert_smtp,
            "EGIDE_ALERT_FROM": self.alert_from,
            "EGIDE_ALERT_TO": ",".join(self.alert_to),
            "EGIDE_ALERT_URL": self.alert_url,
            "EGIDE_MASTER_PARTS": ":".join(map(str, self.master_parts)),
            "EGIDE_CHECKPOINTS_TO": self.checkpoints_to,
            "EGIDE_CHECKPOINT_EVERY_S": str(self.checkpoint_every_s),
            "EGIDE_CANARY_EVERY_S": str(self.canary_every_s),
            "EGIDE_WATCH_PATIENCE_S": str(self.watch_patience_s),
            "EGIDE_SMS_NUMBER": self.sms_number,
            "EGIDE_PHONE_URL": self.phone_url,
            "EGIDE_SMS_SECRETS": self.sms_secrets,
            "EGIDE_SMS_PORT": str(self.sms_port),
            "EGIDE_SMS_SEND_URL": self.sms_send_url,
            "EGIDE_PUSH_CONTACT": self.push_contact,
            "EGIDE_PUSH_SERVICES": ",".join(self.push_services),
            "EGIDE_SUPERVISION": str(self.supervision or ""),
            "EGIDE_METRICS_TOKEN": self.metrics_token,
            "EGIDE_ASKS_PER_SHIFT": str(self.asks_per_shift),
            "EGIDE_TRUSTED_PROXIES": ",".join(self.trusted_proxies),
            "EGIDE_CONNECTIONS": str(self.connections),
            "EGIDE_CONNECTIONS_BY_ADDRESS": str(self.connections_by_address),
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


def _path(name: str) -> Path | None:
    text = os.environ.get(name, "")
    return Path(text).absolute() if text else None


def _sms_number() -> str:
    number = os.environ.get("EGIDE_SMS_NUMBER", "")
    if number and not (number.isascii() and number.removeprefix("+").isdigit()):
        raise NotSetUp(f"EGIDE_SMS_NUMBER is {number!r}: give digits, with + and the country before them.")
    return number


def _sms_port() -> int:
    text = os.environ.get("EGIDE_SMS_PORT", "") or str(SMS_PORT)
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise NotSetUp(f"EGIDE_SMS_PORT is {text!r}: expected a number from 1 to 65535")
    return int(text)


def _number(name: str, default: int, least: int) -> int:
    text = os.environ.get(name, "") or str(default)
    if not text.isdecimal() or int(text) < least:
        raise NotSetUp(f"{name} is {text!r}: expected a whole number, {least} or more")
    return int(text)


def _proxies(name: str) -> tuple[str, ...]:
    proxies = _list(name, "")
    try:
        Proxies(proxies)
    except ValueError as error:
        raise NotSetUp(f"{name}: {error}. Give addresses or networks such as 10.0.0.0/24.") from None
    return proxies


def _list(name: str, default: str) -> tuple[str, ...]:
    return tuple(url.strip().rstrip("/") for url in os.environ.get(name, default).split(",") if url.strip())
