"""The settings of what an installation is and keeps: its place, its names, its keys, its back-ups."""

from dataclasses import dataclass
from pathlib import Path

from egide.common.settings import Secrecy, headings, setting
from egide.common.settings.forms import (
    ADDRESS,
    FILE,
    FLAG,
    LIST,
    PATH,
    PATHS,
    PROXIES,
    RECIPIENT,
    TEXT,
    TOKEN,
    whole,
)
from egide.common.settings.origins import Reached
from egide.common.settings.places import Places


@dataclass(frozen=True)
class Kept(Places, Reached):
    """The first half of `egide.common.config.Config`."""

    data_dir: Path = setting(
        "EGIDE_DATA",
        "The data directory: journal, keys, records, zones.",
        PATH,
        unset=Path("var"),
        group=headings.PLACE,
        example="/var/lib/egide",
    )
    web_origins: tuple[str, ...] = setting(
        "EGIDE_WEB_ORIGINS",
        "Where people open the pages; the first stands in every link that is handed out.",
        LIST,
        (),
        group=headings.REACHED,
    )
    live_url: str = setting(
        "EGIDE_LIVE_URL",
        "Where the pages find live events: under the same host name.",
        ADDRESS,
        "http://localhost:8401",
        group=headings.REACHED,
    )
    intake_urls: tuple[str, ...] = setting(
        "EGIDE_INTAKE_URLS",
        "Where phones send; each learns them all at its enrolment.",
        LIST,
        ("http://127.0.0.1:8402",),
        group=headings.REACHED,
    )
    phone_url: str = setting(
        "EGIDE_PHONE_URL",
        "Where phones open the app: a name that tells nobody anything (safety rule 21).",
        ADDRESS,
        "",
        group=headings.REACHED,
    )
    demo: bool = setting(
        "EGIDE_DEMO",
        "Whether this is a demo with invented people, without TLS and second factors.",
        FLAG,
        False,
        group=headings.REACHED,
    )
    trusted_proxies: tuple[str, ...] = setting(
        "EGIDE_TRUSTED_PROXIES",
        "The proxies in front, whose X-Forwarded-For counts.",
        PROXIES,
        (),
        group=headings.PROXY,
    )
    port: int = setting(
        "EGIDE_PORT", "First of six, where systemd hands none.", whole(1, 65530), 8400, group=headings.PROXY
    )
    connections: int = setting(
        "EGIDE_CONNECTIONS", "Connections of each process, at most.", whole(64), 4096, group=headings.PROXY
    )
    connections_by_address: int = setting(
        "EGIDE_CONNECTIONS_BY_ADDRESS",
        "Connections of strangers from one address, at most.",
        whole(16),
        512,
        group=headings.PROXY,
    )
    master_parts: tuple[Path, ...] = setting(
        "EGIDE_MASTER_PARTS",
        "The two halves of the master key, once it is split (`egide keys split`).",
        PATHS,
        (),
        group=headings.PROOF,
        credentials=("master_part_1", "master_part_2"),
    )
    master_token: str = setting(
        "EGIDE_MASTER_TOKEN",
        "The master key in a hardware module (RFC 7512): pkcs11:token=NAME;object=KEY?module-path=/PATH.",
        TOKEN,
        "",
        group=headings.PROOF,
    )
    master_pin: str = setting(
        "EGIDE_MASTER_PIN", "The PIN of that module.", TEXT, "", group=headings.PROOF, secrecy=Secrecy.FOR_FEW
    )
    checkpoints_to: str = setting(
        "EGIDE_CHECKPOINTS_TO",
        "A directory in another house, which gets a copy of each signed checkpoint.",
        FILE,
        "",
        group=headings.PROOF,
    )
    checkpoint_every_s: int = setting(
        "EGIDE_CHECKPOINT_EVERY_S",
        "The time between two signed checkpoints.",
        whole(1, of="seconds"),
        3600,
        group=headings.PROOF,
    )
    audit_syslog: str = setting(
        "EGIDE_AUDIT_SYSLOG",
        "The receiver of readings and changes of accounts, as syslog over TLS: tls://host:port (RFC 5425).",
        ADDRESS,
        "",
        group=headings.PROOF,
    )
    audit_certificate: str = setting(
        "EGIDE_AUDIT_CERTIFICATE",
        "The file with certificate and key (PEM) that this machine shows that receiver, where it asks for one.",
        FILE,
        "",
        group=headings.PROOF,
    )
    canary_every_s: int = setting(
        "EGIDE_CANARY_EVERY_S",
        "The time between two control presses of watch.",
        whole(1, of="seconds"),
        30,
        group=headings.PROOF,
    )
    watch_patience_s: int = setting(
        "EGIDE_WATCH_PATIENCE_S",
        "How long a part of the chain may be silent before watch says so.",
        whole(4, of="seconds"),
        10,
        group=headings.PROOF,
    )
    backup_to: str = setting(
        "EGIDE_BACKUP_TO",
        "A directory, best of another machine, where `egide backup` puts back-ups.",
        FILE,
        "",
        group=headings.BACKUP,
    )
    backup_recipient: str = setting(
        "EGIDE_BACKUP_RECIPIENT",
        "To whom back-ups are sealed: who holds the key to it opens them, and this machine cannot.",
        RECIPIENT,
        "",
        group=headings.BACKUP,
    )
    backup_days: int = setting(
        "EGIDE_BACKUP_DAYS",
        "After so many days a back-up goes, and with it the last key of a case that was erased since.",
        whole(2, of="days"),
        35,
        group=headings.BACKUP,
    )
    database_backups: str = setting(
        "EGIDE_DATABASE_BACKUPS", "A file with `pgbackrest info` as JSON.", FILE, "", group=headings.BACKUP
    )
