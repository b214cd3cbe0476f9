"""Marks instead of identities: keyed, another one each calendar year, and no way back without the key's holder.

The key of a year is one more key in keys.db, under the name of no case. Destroying it (`egide journal` knows how for
cases) leaves the marks of that year joined to nothing, for everybody and for good.
"""

import hmac

from egide.journal.sealing.keys import KeyStore

BYTES = 8
_PURPOSE = b"egide-pseudonym-1"


def key_name(year: int) -> str:
    """The name of a year's key in the key store."""
    return f"evaluation-{year}"


class Pseudonyms:
    """Makes marks; remembers them while a build runs."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._years: dict[int, bytes] = {}
        self._made: dict[tuple[int, str, str], str] = {}

    def mark(self, year: int, kind: str, identity: str) -> str:
        """The mark of `identity` in `year`: 64 bits in hexadecimal. Raises KeyErased when that year's key is gone."""
        made = self._made.get((year, kind, identity))
        if made is None:
            key = self._years.get(year)
            if key is None:
                key = self._years[year] = self._keys.ensure(key_name(year)).derive(_PURPOSE).raw
            digest = hmac.digest(key, f"{kind}\0{identity}".encode(), "sha256")
            made = self._made[year, kind, identity] = digest[:BYTES].hex()
        return made
