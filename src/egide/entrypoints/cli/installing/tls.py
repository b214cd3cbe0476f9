"""`egide tls pilot`: a small authority of one's own, and certificates for the names of this installation.

For a pilot on names that no public authority vouches for. It can sign for these names and no others (RFC 5280, section
4.2.1.10), so whoever steals its key fools nobody about the rest of the world.
"""

import datetime
import os
from pathlib import Path
from urllib.parse import urlsplit

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from egide.common.clock import SystemClock, utc
from egide.common.config import Config
from egide.common.text import _

AUTHORITY = "authority"
# The authority outlives a pilot; a certificate is renewed by the same command.
AUTHORITY_DAYS, DAYS = 1096, 397
# Clocks of phones are behind by minutes.
_BEFORE = datetime.timedelta(hours=1)
# Below this many days a certificate is made anew.
_RENEW_DAYS = 60
# Says nothing of what the names are for (safety rule 21).
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Local authority")])


def names_of(config: Config) -> list[str]:
    """The host names at which the installation is reached, each once."""
    urls = (*config.web_origins, config.live_url, *config.intake_urls, config.phone_url)
    found = dict.fromkeys(host for url in urls if (host := urlsplit(url).hostname))
    return [name for name in found if "." in name and not name.replace(".", "").isdigit()]


class Authority:
    """The key and the certificate that devices of the pilot trust; made when there are none in the folder."""

    def __init__(self, folder: Path, names: list[str], now: datetime.datetime) -> None:
        self._folder = folder
        self._now = now
        self.file, key_file = folder / f"{AUTHORITY}.pem", folder / f"{AUTHORITY}.key"
        if key_file.exists():
            self._key = _read_key(key_file)
            self._certificate = x509.load_pem_x509_certificate(self.file.read_bytes())
            self._check_lasts()
            self._check_allows(names)
            return
        self._key = ec.generate_private_key(ec.SECP256R1())
        allowed = x509.NameConstraints([x509.DNSName(name) for name in names], None)
        signing = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self._certificate = (
            self._begin(_NAME, self._key.public_key(), AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(signing, critical=True)
            .add_extension(allowed, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        _write_key(key_file, self._key)
        self.file.write_bytes(_pem(self._certificate))

    @property
    def days_left(self) -> int:
        """Whole days until nothing that it signed is believed any more."""
        return (self._certificate.not_valid_after_utc - self._now).days

    def certify(self, name: str) -> bool:
        """NAME.pem (with this authority behind it) and NAME.key; False when there is one that still lasts."""
        file, key_file = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        if file.exists() and key_file.exists() and self._lasts(file):
            return False
        key = _read_key(key_file) if key_file.exists() else ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
        certificate = (
            self._begin(subject, key.public_key(), min(DAYS, self.days_left))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        if not key_file.exists():
            _write_key(key_file, key)
        draft = file.with_suffix(".new")
        draft.write_bytes(_pem(certificate) + _pem(self._certificate))
        draft.replace(file)
        return True

    def _begin(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: int
    ) -> x509.CertificateBuilder:
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_NAME)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _BEFORE)
            .not_valid_after(self._now + datetime.timedelta(days=days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(authority_key, critical=False)
        )

    def _lasts(self, file: Path) -> bool:
        known = x509.load_pem_x509_certificate(file.read_bytes())
        is_ours = known.issuer == _NAME and known.not_valid_after_utc <= self._certificate.not_valid_after_utc
        return is_ours and known.not_valid_after_utc - self._now > datetime.timedelta(days=_RENEW_DAYS)

    def _check_lasts(self) -> None:
        if self.days_left < 1:
            text = _(
                "{file} ended on {day}, and no device believes what it signs: move the folder away and make another"
                " authority, which every device must then trust."
            )
            day = self._certificate.not_valid_after_utc.date().isoformat()
            raise click.ClickException(text.format(file=self.file, day=day))

    def _check_allows(self, names: list[str]) -> None:
        allowed = self._certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        known = {one.value for one in allowed.permitted_subtrees or ()}
        new = [name for name in names if name not in known]
        if new:
            text = _(
                "{file} may sign for {known} alone, and the settings name {new}: move the folder away and make another"
                " authority, which every device must then trust."
            )
            raise click.ClickException(
                text.format(file=self.file, known=", ".join(sorted(known)), new=", ".join(new))
            )


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise click.ClickException(_("{file} is not a key that this command made.").format(file=path))
    return key


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(plain)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@click.group(help=_("Certificates of a pilot."))
def tls() -> None:
    """Certificates of a pilot."""


@tls.command(
    help=_(
        "Make a small authority for a pilot, and a certificate for each host name of the settings. Given again, it"
        " renews what ends within sixty days."
    )
)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("/etc/ssl/egide"),
    show_default=True,
    help=_("the folder that the proxy reads"),
)
def pilot(folder: Path) -> None:
    """Make a small authority for a pilot, and a certificate for each host name of the settings."""
    names = names_of(Config.from_env())
    if not names:
        raise click.ClickException(
            _("The settings name no host: set web_origins, intake_urls and phone_url first.")
        )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = Authority(folder, names, utc(SystemClock().now_us()))
        made = [name for name in names if authority.certify(name)]
    except OSError as error:
        text = _("{file} cannot be written: {why}")
        raise click.ClickException(text.format(file=error.filename, why=error.strerror)) from error
    except ValueError as error:
        text = _("{folder} holds something else than this command wrote: {why}")
        raise click.ClickException(text.format(folder=folder, why=error)) from error
    for name in names:
        state = _("made") if name in made else _("still lasts")
        click.echo(f"{folder / name}.pem: {state}")
    if authority.days_left < _RENEW_DAYS:
        text = _(
            "{file} itself ends soon (days: {days}): make another in a new folder, let every device trust both, and"
            " only then give the proxy what the new one signed."
        )
        click.echo(text.format(file=authority.file, days=authority.days_left), err=True)
    click.echo(_("Every phone and workstation of the pilot must trust {file}.").format(file=authority.file))
