"""A signed app (APK), read and checked as a phone does: APK Signature Scheme v2 and v3 (source.android.com).

A phone refuses whatever was changed after signing, or was signed by another key than the app that it has. Checked here,
that is found before a single person has gone to fetch it.
"""

import hashlib
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from egide.fleet.native.manifest import ManifestError, read_head

# No app of ours is larger, and phones that have one fetch nothing larger (android/core, newer/Apk.java).
MOST_BYTES = 8 * 1024 * 1024
_MOST_MANIFEST_BYTES = 1024 * 1024
_MAGIC = b"APK Sig Block 42"
_V2, _V3 = 0x7109871A, 0xF05368C0
# By which a signer of version 2 says that a newer signature stands beside it.
_IS_NOT_ALONE = 0xBEEFF00D
_END = b"PK\x05\x06"
_CHUNK = 1024 * 1024
# What the archive's reader says of one that is none, is bent, or is packed in a way that it does not know.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    KeyError,
    ValueError,
    RuntimeError,
    OSError,
    EOFError,
)
_SHA256: hashes.HashAlgorithm = hashes.SHA256()
_SHA512: hashes.HashAlgorithm = hashes.SHA512()
# By their numbers in the block; the padding of RSA is PKCS #1 v1.5, as apksigner writes it.
_ALGORITHMS = {
    0x0103: (_SHA256, "rsa"),
    0x0104: (_SHA512, "rsa"),
    0x0201: (_SHA256, "ec"),
    0x0202: (_SHA512, "ec"),
}


class ApkError(ValueError):
    """Not a signed app that phones would take; `reason` is one of the words below."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


TOO_LARGE, NO_APP, NOT_SIGNED, CHANGED = "too-large", "no-app", "not-signed", "changed"


class Apk(msgspec.Struct, frozen=True):
    """An app whose signature holds. `sha256` is of the file, `signer` that of the certificate; both hexadecimal."""

    package: str
    version_code: int
    version: str
    bytes: int
    sha256: str
    signer: str


def read_apk(data: bytes) -> Apk:
    """Raises ApkError."""
    if len(data) > MOST_BYTES:
        raise ApkError(TOO_LARGE)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive, archive.open("AndroidManifest.xml") as manifest:
            head = read_head(manifest.read(_MOST_MANIFEST_BYTES + 1)[:_MOST_MANIFEST_BYTES])
            archive.getinfo("classes.dex")
    except (*_UNREADABLE, ManifestError) as error:
        raise ApkError(NO_APP) from error
    try:
        signer = _signer(data)
    except ApkError:
        raise
    except (struct.error, IndexError, ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise ApkError(NOT_SIGNED) from error
    digest = hashlib.sha256(data).hexdigest()
    return Apk(head.package, head.version_code, head.version, len(data), digest, signer)


def _signer(data: bytes) -> str:
    """The fingerprint of the one who signed all of it."""
    end = data.rfind(_END)
    (directory,) = struct.unpack_from("<I", data, end + 16)
    size, magic = struct.unpack_from("<Q16s", data, directory - 24)
    block = directory - size - 8
    # The size stands before the block and behind it.
    if end < 0 or magic != _MAGIC or block < 0 or struct.unpack_from("<Q", data, block) != (size,):
        raise ApkError(NOT_SIGNED)
    # For the digests the directory begins where the block does.
    tail = data[end : end + 16] + struct.pack("<I", block) + data[end + 20 :]
    signed = (data[:block], data[directory:end], tail)
    schemes = dict(_pairs(data[block + 8 : directory - 24]))
    if _V2 in schemes and _V3 not in schemes and _is_not_alone(schemes[_V2]):
        raise ApkError(CHANGED)
    found = [_check(schemes[number], number, signed) for number in (_V3, _V2) if number in schemes]
    if not found or len(set(found)) != 1:
        raise ApkError(NOT_SIGNED)
    return found[0]


def _pairs(block: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(block):
        size, number = struct.unpack_from("<QI", block, at)
        if not 4 <= size <= len(block) - at - 8:
            raise ApkError(NOT_SIGNED)
        yield number, block[at + 12 : at + 8 + size]
        at += 8 + size


def _parts(data: bytes) -> list[bytes]:
    """What stands one behind the other, each after its length."""
    parts, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        part = data[at + 4 : at + 4 + size]
        if len(part) != size:
            raise ApkError(NOT_SIGNED)
        parts.append(part)
        at += 4 + size
    return parts


def _part(data: bytes, at: int) -> tuple[bytes, int]:
    """The part that begins there, and where the next one does."""
    (size,) = struct.unpack_from("<I", data, at)
    if at + 4 + size > len(data):
        raise ApkError(NOT_SIGNED)
    return data[at + 4 : at + 4 + size], at + 4 + size


def _is_not_alone(scheme: bytes) -> bool:
    """Whether phones want a newer signature beside this one, and take the app for a changed one without it."""
    content, _ = _part(_parts(_part(scheme, 0)[0])[0], 0)
    _, at = _part(content, 0)
    _, at = _part(content, at)
    attributes, _ = _part(content, at)
    return any(struct.unpack_from("<I", one) == (_IS_NOT_ALONE,) for one in _parts(attributes))


def _check(scheme: bytes, number: int, signed: tuple[bytes, ...]) -> str:
    """The fingerprint of the only signer of one scheme, whose signature and digests hold."""
    signers = _parts(_part(scheme, 0)[0])
    if len(signers) != 1:
        raise ApkError(NOT_SIGNED)
    content, at = _part(signers[0], 0)
    # Version 3 also says for which Androids this signer signs.
    signatures, at = _part(signers[0], at + (8 if number == _V3 else 0))
    public_key, _ = _part(signers[0], at)
    digests, at = _part(content, 0)
    certificates, _ = _part(content, at)
    certificate = _parts(certificates)[0]
    known = _of_certificate(certificate)
    if known != public_key:
        raise ApkError(NOT_SIGNED)
    for one in _parts(signatures):
        (algorithm,) = struct.unpack_from("<I", one)
        if algorithm in _ALGORITHMS:
            hash_of, kind = _ALGORITHMS[algorithm]
            _check_signature(public_key, kind, hash_of, _part(one, 4)[0], content)
            _check_digest(_parts(digests), algorithm, hash_of, signed)
            return hashlib.sha256(certificate).hexdigest()
    raise ApkError(NOT_SIGNED)


def _of_certificate(certificate: bytes) -> bytes:
    """The public key in it, as DER."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.DER, form)


def _check_signature(
    public_key: bytes, kind: str, hash_of: hashes.HashAlgorithm, signature: bytes, content: bytes
) -> None:
    key = serialization.load_der_public_key(public_key)
    try:
        if kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, content, padding.PKCS1v15(), hash_of)
        elif kind == "ec" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, content, ec.ECDSA(hash_of))
        else:
            raise ApkError(NOT_SIGNED)
    except InvalidSignature as error:
        raise ApkError(CHANGED) from error


def _check_digest(
    digests: list[bytes], algorithm: int, hash_of: hashes.HashAlgorithm, signed: tuple[bytes, ...]
) -> None:
    told = {struct.unpack_from("<I", one)[0]: _part(one, 4)[0] for one in digests}
    chunks = [
        hashlib.new(hash_of.name, b"\xa5" + struct.pack("<I", len(chunk)) + chunk).digest()
        for section in signed
        for chunk in (section[at : at + _CHUNK] for at in range(0, len(section), _CHUNK))
    ]
    whole = hashlib.new(hash_of.name, b"\x5a" + struct.pack("<I", len(chunks)) + b"".join(chunks)).digest()
    if told.get(algorithm) != whole:
        raise ApkError(CHANGED)
