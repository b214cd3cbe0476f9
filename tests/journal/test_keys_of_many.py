"""Keys of many cases at once: all of them or none."""

import sqlite3

import pytest

from egide.journal.sealing.keys import KeyErased
from egide.journal.service import KeyStore
from tests.support.installation import Installation


def test_the_keys_of_many_cases_are_made_in_one_step_and_open_what_they_sealed(
    installation: Installation,
) -> None:
    installation.keys.ensure_all(f"case-{number}" for number in range(100))
    sealed = installation.keys.case_key("case-7").seal(b"words", b"label")
    elsewhere = KeyStore.open(installation.config)
    assert elsewhere.case_key("case-7").unseal(sealed, b"label") == b"words"
    assert elsewhere.has("case-99") and not elsewhere.has("case-100")


def test_when_one_has_a_key_already_none_is_made(installation: Installation) -> None:
    installation.keys.ensure("second")
    with pytest.raises(sqlite3.IntegrityError):
        installation.keys.ensure_all(["first", "second"])
    assert not installation.keys.has("first")
    with pytest.raises(KeyErased):
        installation.keys.case_key("first")
    installation.keys.ensure("third")
    assert installation.keys.has("third")
