"""Signed apps of next to nothing, made as Android's documents say (resource types, APK Signature Scheme v2)."""

import hashlib
import struct
import zipfile
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ECDSA = 0x0201
CHUNK = 1024 * 1024
NONE = 0xFFFFFFFF


@cache
def key(name: str) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """A signer of this name: key and certificate (DER)."""
    private = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(who, who, private.public_key(), 7, day, day + timedelta(days=9000))
    certificate = made.sign(private, hashes.SHA256())
    return private, certificate.public_bytes(serialization.Encoding.DER)


def fingerprint(name: str) -> str:
    return hashlib.sha256(key(name)[1]).hexdigest()


def manifest(package: str, code: int, version: str) -> bytes:
    """The head of an app's manifest, in the binary form."""
    strings = ["versionCode", "versionName", "package", "manifest", version, package]
    texts = [bytes([len(text), len(text)]) + text.encode() + b"\0" for text in strings]
    offsets = [sum(map(len, texts[:number])) for number in range(len(texts))]
    body = b"".join(texts)
    body += b"\0" * (-len(body) % 4)
    start = 28 + 4 * len(strings)
    pool = struct.pack("<HHIIIIII", 1, 28, start + len(body), len(strings), 0, 1 << 8, start, 0)
    pool += struct.pack(f"<{len(strings)}I", *offsets) + body
    values = [(0, NONE, 0x10, code), (1, 4, 0x03, 4), (2, 5, 0x03, 5)]
    attributes = b"".join(
        struct.pack("<IIIHBBI", NONE, name, raw, 8, 0, kind, value) for name, raw, kind, value in values
    )
    head = struct.pack("<IIIIHHHHHH", 1, NONE, NONE, 3, 20, 20, len(values), 0, 0, 0)
    element = struct.pack("<HHI", 0x0102, 16, 8 + len(head) + len(attributes)) + head + attributes
    return struct.pack("<HHI", 3, 8, 8 + len(pool) + len(element)) + pool + element


def app(
    package: str = "local.daily.notes",
    code: int = 7,
    version: str = "0.7",
    signer: str = "authority",
    more: bytes = b"",
) -> bytes:
    """A signed app; `more` makes it another."""
    return signed(unsigned(manifest(package, code, version), more), signer)


def unsigned(manifest: bytes, more: bytes = b"") -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("AndroidManifest.xml", manifest)
        archive.writestr("classes.dex", b"dex\n035\0" + more)
    return packed.getvalue()


def _after_size(*parts: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(part)) + part for part in parts)


def signed(data: bytes, signer: str, claims: str = "", attribute: bytes = b"") -> bytes:
    """With a block of one signer before the directory; `claims`: whose certificate stands in it instead. `attribute`:
    what the signer says besides (its number and value)."""
    end = data.rfind(b"PK\x05\x06")
    (directory,) = struct.unpack_from("<I", data, end + 16)
    chunks = [
        hashlib.sha256(b"\xa5" + struct.pack("<I", len(part)) + part).digest()
        for section in (data[:directory], data[directory:end], data[end:])
        for part in (section[at : at + CHUNK] for at in range(0, len(section), CHUNK))
    ]
    digest = hashlib.sha256(b"\x5a" + struct.pack("<I", len(chunks)) + b"".join(chunks)).digest()
    private, certificate = key(signer)
    certificate = key(claims)[1] if claims else certificate
    attributes = _after_size(attribute) if attribute else b""
    content = _after_size(
        _after_size(struct.pack("<I", ECDSA) + _after_size(digest)), _after_size(certificate), attributes
    )
    signature = struct.pack("<I", ECDSA) + _after_size(private.sign(content, ec.ECDSA(hashes.SHA256())))
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = private.public_key().public_bytes(serialization.Encoding.DER, form)
    scheme = _after_size(_after_size(_after_size(content, _after_size(signature), public)))
    pairs = struct.pack("<QI", len(scheme) + 4, 0x7109871A) + scheme
    size = len(pairs) + 24
    block = struct.pack("<Q", size) + pairs + struct.pack("<Q", size) + b"APK Sig Block 42"
    tail = data[end : end + 16] + struct.pack("<I", directory + len(block)) + data[end + 20 :]
    return data[:directory] + block + data[directory:end] + tail
