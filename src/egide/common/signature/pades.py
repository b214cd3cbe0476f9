"""The electronic signature of the authority under a paper: PAdES, baseline B-B (ETSI EN 319 142-1, clause 6).

Whoever reads the paper proves with any program that knows PDF signatures that it comes from this authority and was
not changed since. It takes the place of no hand: those who sign it themselves do so on the printed paper.
"""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from cryptography.x509.oid import NameOID

from egide.common.clock import utc
from egide.common.config import Config
from egide.common.text import _

_FIELD = "Authority"
# One of these a certificate for signatures allows (RFC 5280, section 4.2.1.3).
_NEEDED = ("digital_signature", "content_commitment")


class SigningError(Exception):
    """Nothing can be signed now; the words, in the reader's language, say why."""


@dataclass(frozen=True)
class Signer:
    """Certificate and key of the authority, from a PKCS#12 file (RFC 7292), and for whom and how long they are."""

    file: Path
    password: str
    holder: str
    begins: datetime
    ends: datetime

    def sign(self, pdf: bytes, at_us: int) -> bytes:
        """The same paper with the signature behind it, as an incremental update. Raises SigningError."""
        now = utc(at_us)
        if not self.begins <= now <= self.ends:
            text = _("The certificate of the signature is valid from {begin} to {end}.")
            raise SigningError(text.format(begin=self.begins.date(), end=self.ends.date()))
        return _signed(self, pdf)


def signer_of(config: Config) -> Signer | None:
    """The signer of this installation; None where it has none.

    Raises SigningError where its file cannot be read, or its certificate is for something else.
    """
    if not config.signature:
        return None
    path = Path(config.signature)
    try:
        found = load_pkcs12(path.read_bytes(), config.signature_password.encode())
    except (OSError, ValueError) as error:
        raise SigningError(_("{path} cannot be read with this password.").format(path=path)) from error
    if found.key is None or found.cert is None:
        raise SigningError(_("{path} holds no certificate with its key.").format(path=path))
    certificate = found.cert.certificate
    if not _may_sign(certificate):
        raise SigningError(_("The certificate in {path} is not for signatures.").format(path=path))
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return Signer(path, config.signature_password, _holder(certificate), begins, ends)


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        # Then it is for everything.
        return True
    return any(getattr(usage, name) for name in _NEEDED)


def _holder(certificate: x509.Certificate) -> str:
    for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        if found := certificate.subject.get_attributes_for_oid(kind):
            return str(found[0].value)
    return certificate.subject.rfc4514_string()


def _signed(signer: Signer, pdf: bytes) -> bytes:
    # Loaded where something is signed: a page pays nothing for it.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    load: Any = signers.SimpleSigner.load_pkcs12
    key = load(str(signer.file), passphrase=signer.password.encode())
    if key is None:
        raise SigningError(_("{path} cannot be read with this password.").format(path=signer.file))
    about = signers.PdfSignatureMetadata(
        field_name=_FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, name=signer.holder
    )
    out = BytesIO()
    signers.PdfSigner(about, signer=key).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=out)
    return out.getvalue()
