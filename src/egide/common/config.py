"""The settings of one installation, read once by each entry point from the environment and the file of settings."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from egide.common.settings import NotSetUp, Secrecy, headings, setting, settings_of
from egide.common.settings.file import NONE, OWN_FILE, VARIABLE, rendered
from egide.common.settings.forms import (
    ADDRESS,
    FILE,
    FLAG,
    HTTPS,
    LIST,
    PATH,
    POSTGRES,
    TELEPHONE,
    TEXT,
    WORD,
    one_of,
    whole,
)
from egide.common.settings.kept import Kept
from egide.common.settings.origins import PUSH_SERVICES
from egide.common.settings.sources import Sources
from egide.common.text import LANGUAGES, _

__all__ = ["PUSH_SERVICES", "SMS_PORT", "Config", "NotSetUp"]

# Below the data directory while `egide restore` works: nothing starts on what is not whole.
RESTORING = "restoring"
# Within 16000 to 16999, which applications may take as they like (3GPP TS 23.040, section 9.2.3.24.4).
SMS_PORT = 16_161


@dataclass(frozen=True)
class Config(Kept):
    """One installation: each setting is declared here, or among what it is and keeps (`Kept`), and nowhere else.

    The environment, the file of settings, what a child is handed and `docs/operations/settings.*` follow.
    """

    alert_smtp: str = setting(
        "EGIDE_ALERT_SMTP",
        "The mail server of the second road: smtp://host:port (it must offer STARTTLS) or smtps://host:port.",
        ADDRESS,
        "",
        group=headings.ALERTS,
    )
    alert_from: str = setting(
        "EGIDE_ALERT_FROM", "Who sends these mails.", ADDRESS, "egide@localhost", group=headings.ALERTS
    )
    alert_to: tuple[str, ...] = setting(
        "EGIDE_ALERT_TO", "Who gets these mails.", LIST, (), group=headings.ALERTS
    )
    alert_url: str = setting(
        "EGIDE_ALERT_URL",
        "The second road by HTTP: an address that takes a POST.",
        ADDRESS,
        "",
        group=headings.ALERTS,
        secrecy=Secrecy.HIDEABLE,
    )
    alert_sms: tuple[str, ...] = setting(
        "EGIDE_ALERT_SMS",
        "Telephone numbers that the second road texts, through the gateway of EGIDE_SMS_SEND_URL.",
        LIST,
        (),
        group=headings.ALERTS,
        secrecy=Secrecy.HIDEABLE,
    )
    mail_smtp: str = setting(
        "EGIDE_MAIL_SMTP",
        "The mail server of reminders, as of the second road; without it nobody is reminded by e-mail.",
        ADDRESS,
        "",
        group=headings.REMINDERS,
    )
    mail_from: str = setting(
        "EGIDE_MAIL_FROM", "Who sends reminders.", ADDRESS, "egide@localhost", group=headings.REMINDERS
    )
    mail_domains: tuple[str, ...] = setting(
        "EGIDE_MAIL_DOMAINS",
        "Domains to which reminders may go, in small letters; without them to any.",
        LIST,
        (),
        group=headings.REMINDERS,
    )
    remind_every_s: int = setting(
        "EGIDE_REMIND_EVERY_S",
        "The time between two looks at who is to be reminded; each takes some seconds of a core.",
        whole(1, of="seconds"),
        300,
        group=headings.REMINDERS,
    )
    signature: str = setting(
        "EGIDE_SIGNATURE",
        "A PKCS#12 file with the authority's certificate and key; decisions and agreements are then signed (PAdES).",
        FILE,
        "",
        group=headings.SIGNATURE,
        credentials=("signature",),
    )
    signature_password: str = setting(
        "EGIDE_SIGNATURE_PASSWORD",
        "The password of that file.",
        TEXT,
        "",
        group=headings.SIGNATURE,
        secrecy=Secrecy.FOR_FEW,
    )
    sms_number: str = setting(
        "EGIDE_SMS_NUMBER",
        "The gateway's number for presses as text messages; without it no app offers the road.",
        TELEPHONE,
        "",
        group=headings.SMS,
    )
    sms_secrets: str = setting(
        "EGIDE_SMS_SECRETS",
        "The file with the secrets of gateways; without it `sms` does not start.",
        FILE,
        "",
        group=headings.SMS,
        credentials=("sms_secrets",),
    )
    sms_form: str = setting(
        "EGIDE_SMS_FORM",
        "How the gateway speaks, both ways: calls signed as Standard Webhooks, or kannel's form.",
        one_of("webhook", "kannel"),
        "webhook",
        group=headings.SMS,
    )
    sms_port: int = setting(
        "EGIDE_SMS_PORT", "The port of binary messages.", whole(1, 65535), SMS_PORT, group=headings.SMS
    )
    sms_send_url: str = setting(
        "EGIDE_SMS_SEND_URL",
        "Where the gateway takes a text to send; without it nobody is answered by SMS.",
        ADDRESS,
        "",
        group=headings.SMS,
        secrecy=Secrecy.HIDEABLE,
    )
    sms_report_url: str = setting(
        "EGIDE_SMS_REPORT_URL",
        "Where kannel tells what became of an answer: http://127.0.0.1:8404/v1/sms/kannel/report; else nobody asks.",
        ADDRESS,
        "",
        group=headings.SMS,
    )
    dispatch_systems: str = setting(
        "EGIDE_DISPATCH_SYSTEMS",
        "The file that names the dispatch systems (CAD) that are told of alarms (docs/connectors/cad.md).",
        FILE,
        "",
        group=headings.DISPATCH,
    )
    lost: str = setting(
        "EGIDE_LOST",
        "The file that says who may ask by LoST whose a place is, and the centres (docs/connectors/ng112.md).",
        FILE,
        "",
        group=headings.DISPATCH,
    )
    tracker_services: str = setting(
        "EGIDE_TRACKER_SERVICES",
        "The file with the services that may speak for trackers (docs/connectors/sources.md).",
        FILE,
        "",
        group=headings.SOURCES,
        credentials=("tracker_services",),
    )
    mqtt_broker: str = setting(
        "EGIDE_MQTT_BROKER",
        "The broker of gateways, with mqtts://; without it `mqtt` does not start (docs/connectors/sources.md).",
        ADDRESS,
        "",
        group=headings.SOURCES,
    )
    mqtt_login: str = setting(
        "EGIDE_MQTT_LOGIN",
        "The file with the name and the password for the broker, a line each.",
        FILE,
        "",
        group=headings.SOURCES,
    )
    mqtt_topic: str = setting(
        "EGIDE_MQTT_TOPIC",
        "Where frames come, with + in the place of the source's id.",
        TEXT,
        "egide/+",
        group=headings.SOURCES,
    )
    dc09_listen: str = setting(
        "EGIDE_DC09_LISTEN",
        "Where alarm devices call over SIA DC-09, such as 0.0.0.0:7700; without it `dc09` does not start.",
        ADDRESS,
        "",
        group=headings.SOURCES,
    )
    dc09_secret: str = setting(
        "EGIDE_DC09_SECRET",
        "The file with the secret by which intake knows the process `dc09` (docs/connectors/dc09.md).",
        FILE,
        "",
        group=headings.SOURCES,
        credentials=("dc09_secret",),
    )
    dc09_udp: bool = setting(
        "EGIDE_DC09_UDP",
        "1: also by UDP, where anybody can write in another's name.",
        FLAG,
        False,
        group=headings.SOURCES,
    )
    dc09_clear: bool = setting(
        "EGIDE_DC09_CLEAR",
        "1: alarm devices may speak in the clear, also over a network.",
        FLAG,
        False,
        group=headings.SOURCES,
    )
    push_contact: str = setting(
        "EGIDE_PUSH_CONTACT",
        "mailto: or https: address for the operators of push services (RFC 8292); without it nobody is woken.",
        ADDRESS,
        "",
        group=headings.PUSH,
    )
    push_services: tuple[str, ...] = setting(
        "EGIDE_PUSH_SERVICES",
        "Push services that may be called, by origin; `*.` is any name below.",
        LIST,
        PUSH_SERVICES,
        group=headings.PUSH,
    )
    signin_issuer: str = setting(
        "EGIDE_SIGNIN_ISSUER",
        "The authority's OpenID provider, by the name in its tokens; without it nobody signs in there.",
        HTTPS,
        "",
        group=headings.SIGN_IN,
    )
    signin_client: str = setting(
        "EGIDE_SIGNIN_CLIENT",
        "What the provider calls this installation (client id).",
        TEXT,
        "",
        group=headings.SIGN_IN,
    )
    signin_secret: str = setting(
        "EGIDE_SIGNIN_SECRET",
        "The secret that the provider gave this installation (client secret).",
        WORD,
        "",
        group=headings.SIGN_IN,
        secrecy=Secrecy.SECRET,
    )
    signin_factors: tuple[str, ...] = setting(
        "EGIDE_SIGNIN_FACTORS",
        "Values of acr or amr that count as a second factor; without them Egide asks for one of its own.",
        LIST,
        (),
        group=headings.SIGN_IN,
    )
    supervision: Path | None = setting(
        "EGIDE_SUPERVISION",
        "A TOML file with limits of supervision; without it the packaged ones hold.",
        PATH,
        None,
        group=headings.PEOPLE,
    )
    language: str = setting(
        "EGIDE_LANG", "That of commands and of watch.", one_of(*LANGUAGES), "", group=headings.PEOPLE
    )
    questionnaire: str = setting(
        "EGIDE_QUESTIONNAIRE",
        "The questions of the risk analysis: those of this software, or in the order of circular COL 15/2020.",
        one_of("2026-11", "col-15-2020"),
        "2026-11",
        group=headings.PEOPLE,
    )
    asks_per_shift: int = setting(
        "EGIDE_ASKS_PER_SHIFT",
        "How often within twelve hours an account may ask for a file that is not its own (safety rule 41).",
        whole(1),
        3,
        group=headings.PEOPLE,
    )
    addresses: Path | None = setting(
        "EGIDE_ADDRESSES", "The file of addresses; it is in no back-up.", PATH, None, group=headings.ADDRESSES
    )
    figures_by_night: bool = setting(
        "EGIDE_FIGURES_BY_NIGHT",
        "Whether the worker has the figures built each night; else only `egide evaluate` builds them.",
        FLAG,
        True,
        group=headings.METRICS,
    )
    log_json: bool = setting(
        "EGIDE_LOG_JSON",
        "1: each line of the log is a JSON object, and an error is logged without its own words.",
        FLAG,
        False,
        group=headings.METRICS,
    )
    traces_url: str = setting(
        "EGIDE_TRACES_URL",
        "Where traces of presses go, names of steps and times alone: OTLP as JSON over HTTP, with the path.",
        ADDRESS,
        "",
        group=headings.METRICS,
    )
    metrics_token: str = setting(
        "EGIDE_METRICS_TOKEN",
        "What has to be shown to read metrics; without it `metrics` serves this machine alone.",
        WORD,
        "",
        group=headings.METRICS,
        secrecy=Secrecy.SECRET,
    )
    journal: str = setting(
        "EGIDE_JOURNAL",
        "The PostgreSQL of the journal, postgresql://user@host,host/database; else it is a file of the data directory.",
        POSTGRES,
        "",
        group=headings.JOURNAL,
    )
    journal_password: str = setting(
        "EGIDE_JOURNAL_PASSWORD",
        "The password of that user, where the database asks for one.",
        WORD,
        "",
        group=headings.JOURNAL,
        secrecy=Secrecy.SECRET,
    )
    records: str = setting(
        "EGIDE_RECORDS",
        "The PostgreSQL of the records (accounts, files, kits), maybe the same one; else they are a file there.",
        POSTGRES,
        "",
        group=headings.JOURNAL,
    )
    records_password: str = setting(
        "EGIDE_RECORDS_PASSWORD",
        "The password of that user, where the database asks for one.",
        WORD,
        "",
        group=headings.JOURNAL,
        secrecy=Secrecy.SECRET,
    )

    @classmethod
    def from_env(cls) -> "Config":
        """The settings of this process: its environment, and the file that it names. Raises NotSetUp with a line for
        each value that is wrong, or when the data directory is not whole."""
        config = cls.of(Sources.here())
        if (config.data_dir / RESTORING).exists():
            text = _("{place} holds a restore that did not end: empty this directory, and restore again.")
            raise NotSetUp(text.format(place=config.data_dir))
        return config

    @classmethod
    def of(cls, sources: Sources) -> "Config":
        """The settings that these sources give. Raises NotSetUp."""
        found = sources.values(settings_of(cls))
        if found["signin_issuer"] and not (found["signin_client"] and found["signin_secret"]):
            raise NotSetUp("EGIDE_SIGNIN_ISSUER needs EGIDE_SIGNIN_CLIENT and EGIDE_SIGNIN_SECRET beside it.")
        return cls(**found | {"data_dir": found["data_dir"].absolute()})

    def environment(self) -> dict[str, str]:
        """The same settings as environment variables for a child process, which reads no file."""
        settings = settings_of(self)
        hidden = [each.variable for each in settings.values() if each.may_be_in_file_of_its_own]
        return {
            **{each.variable: each.form.write(getattr(self, name)) for name, each in settings.items()},
            **{variable + OWN_FILE.upper(): "" for variable in hidden},
            VARIABLE: str(NONE),
        }

    def as_file(self, names: Iterable[str] = ()) -> str:
        """The file of settings: those of these names in force, every other with its default, out of force."""
        return rendered(settings_of(self), {name: getattr(self, name) for name in names})

    @property
    def is_made(self) -> bool:
        """Whether there is an installation in the data directory."""
        return (self.data_dir / "journal.elsewhere" if self.journal else self.journal_db).exists()
