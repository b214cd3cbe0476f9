"""A column that can be looked up by its whole value and read by nobody who has only the database.

AES-SIV (RFC 5297) under a key of the installation: the same text gives the same bytes, so that equality, uniqueness and
joins work; order, prefixes and parts do not. The database alone shows which rows of one column hold the same text.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.db import models

from egide.common.encoding import from_base64url, to_base64url
from egide.common.sealing import UnsealError
from egide.journal.sealing.keys import SYSTEM, KeyStore
from egide.outbox.service import keys

_KEY = b"egide-column-1"


class SealedText(models.TextField):  # type: ignore[type-arg]
    """A text under seal. Compare it whole (`=`, `in`); an empty one stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return seal_column(self._place(), text) if text else text

    def from_db_value(self, value: Any, *_more: object) -> Any:
        """Django asks for each value that is read. Raises UnsealError."""
        return unseal_column(self._place(), value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in ("exact", "in", "isnull"):
            raise TypeError(f"{self._place()} is sealed: it can be compared whole, not by {lookup_name!r}")
        return super().get_lookup(lookup_name)

    def _place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"


def seal_column(place: str, text: str) -> str:
    """What stands in the column `place` ("table.column") for this text: base64url."""
    return to_base64url(_cipher(keys()).encrypt(text.encode(), [place.encode()]))


def unseal_column(place: str, sealed: str) -> str:
    """The text behind it. Raises UnsealError."""
    try:
        return _cipher(keys()).decrypt(from_base64url(sealed), [place.encode()]).decode()
    except (InvalidTag, ValueError) as error:
        raise UnsealError(f"not sealed for {place}") from error


def seal_rows(table: str, *columns: str) -> Callable[[Any, Any], None]:
    """For migrations, in `RunPython`: seal the clear content of these columns."""

    def seal(_apps: Any, editor: Any) -> None:
        with editor.connection.cursor() as cursor:
            for column in columns:
                # The same text gives the same bytes: each is sealed once, wherever it stands.
                cursor.execute(f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" <> \'\'')
                place = f"{table}.{column}"
                sealed = [(seal_column(place, text), text) for (text,) in cursor.fetchall()]
                cursor.executemany(f'UPDATE "{table}" SET "{column}" = %s WHERE "{column}" = %s', sealed)

    return seal


# The installation's key outlives all cases: deriving it for each value of a list would ask the database each time.
@lru_cache(maxsize=2)
def _cipher(store: KeyStore) -> AESSIV:
    return AESSIV(store.case_key(SYSTEM).derive(_KEY).raw)
