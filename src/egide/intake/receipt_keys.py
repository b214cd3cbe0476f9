"""The key of receipts and the one that follows it, and every link from the first key on: those are public, and are kept
for the phones that were away.
"""

from pathlib import Path

from egide.common.config import Config
from egide.common.files import secret_pair
from egide.journal.proof.lines import append_lines
from egide.protocol.keys import SigningKey
from egide.protocol.receipt_key import MOST, hand_on

KEY_FILE, KEY_BYTES = "receipt.key", 32
LINKS_FILE = "receipt-keys"


def signing_keys(config: Config) -> tuple[SigningKey, SigningKey | None]:
    """The key in force, made when first asked for, and the one that follows it."""
    present, following = secret_pair(config.data_dir / KEY_FILE, KEY_BYTES)
    return SigningKey(present), SigningKey(following) if following is not None else None


def link_of(config: Config) -> str:
    """How the key in force hands on to the one that follows; empty when none does."""
    key, following = signing_keys(config)
    return hand_on(key, bytes(following.verify_key)) if following is not None else ""


def links(config: Config) -> tuple[str, ...]:
    """Every link, oldest first, the last ones when there are too many."""
    path = _file(config)
    lines = path.read_text(errors="replace").splitlines() if path.exists() else []
    return tuple(line for line in lines if line)[-MOST:]


def do_keep(config: Config, link: str) -> None:
    """Keep a link, once. Raises OSError."""
    if link not in links(config):
        append_lines(_file(config), [link.encode()])


def _file(config: Config) -> Path:
    return config.data_dir / LINKS_FILE
