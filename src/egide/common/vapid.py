"""The key under which this installation wakes devices (VAPID, RFC 8292): made once; browsers know its public half."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from egide.common.config import Config
from egide.common.encoding import to_base64url
from egide.common.files import secret_file

_SEED_BYTES = 32
# Order of P-256 (SEC 2, section 2.4.2): a private key lies between 1 and this.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def private_key(config: Config) -> ec.EllipticCurvePrivateKey:
    """The private key. Raises ValueError when its file was cut short."""
    seed = int.from_bytes(secret_file(config.data_dir / "vapid.key", _SEED_BYTES))
    return ec.derive_private_key(seed % (_ORDER - 1) + 1, ec.SECP256R1())


def public_key(config: Config) -> str:
    """The public key as a browser wants it (uncompressed point, base64url); empty where nobody is woken."""
    if not config.push_contact:
        return ""
    point = private_key(config).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return to_base64url(point)
