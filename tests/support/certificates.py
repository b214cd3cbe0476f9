"""A small authority of the tests: certificates for servers on this machine (X.509, RFC 5280)."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from egide.common.clock import SystemClock, utc

_HOUR, _DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
_SIGNS = x509.KeyUsage(**{kind: kind == "key_cert_sign" for kind in _USAGES})


class Authority:
    """Makes certificates; `pem` is the file to trust."""

    def __init__(self, folder: Path) -> None:
        # What the server shows that was made last, with its key.
        self.shown = folder / "server.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
        certificate = (
            self._begin(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            # Python 3.13 and later believe no authority that does not say that it signs certificates.
            .add_extension(_SIGNS, critical=True)
        )
        self.pem = folder / "authority.pem"
        self.certificate = certificate.sign(self._key, hashes.SHA256())
        self.pem.write_bytes(_pem(self.certificate))

    def server(self, address: str, *called: str, lasts: datetime.timedelta = _DAY) -> ssl.SSLContext:
        """What a server at this IP address shows, which may be called by names; one that `lasts` less than nothing has
        ended."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
        names = x509.SubjectAlternativeName(
            [x509.IPAddress(ipaddress.ip_address(address)), *map(x509.DNSName, called)]
        )
        begun = self._begin(name, key, lasts).add_extension(names, critical=False)
        signed = begun.sign(self._key, hashes.SHA256())
        plain = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.shown.write_bytes(plain + _pem(signed))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.shown)
        return context

    def signature(
        self,
        path: Path,
        holder: str,
        password: str,
        *,
        for_signatures: bool = True,
        lasts: datetime.timedelta = _DAY,
    ) -> Path:
        """A PKCS#12 file with which an authority of this name signs papers; RSA, as those of today."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, holder)])
        usage = {kind: False for kind in _USAGES} | {
            "digital_signature": for_signatures,
            "content_commitment": for_signatures,
            "key_encipherment": not for_signatures,
        }
        begun = self._begin(name, key, lasts).add_extension(x509.KeyUsage(**usage), critical=True)
        signed = begun.sign(self._key, hashes.SHA256())
        kept = serialization.BestAvailableEncryption(password.encode())
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(b"signature", key, signed, [self.certificate], kept)
        )
        return path

    def _begin(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
        lasts: datetime.timedelta = _DAY,
    ) -> x509.CertificateBuilder:
        now = utc(SystemClock().now_us())
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(now, now + lasts) - _HOUR)
            .not_valid_after(now + lasts)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@contextmanager
def shown(context: ssl.SSLContext) -> Iterator[int]:
    """A server that shows its certificate to whoever comes; the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
