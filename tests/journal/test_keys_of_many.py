"""Keys of many cases at once: all of them or none."""

from collections.abc import Iterator

import pytest

from egide.journal.sealing.keys import KeyErased
from egide.journal.service import KeyStore
from tests.support.installation import Installation
from tests.support.waiting import until


def test_the_keys_of_many_cases_are_made_in_one_step_and_open_what_they_sealed(
    installation: Installation,
) -> None:
    installation.keys.ensure_all(f"case-{number}" for number in range(100))
    sealed = installation.keys.case_key("case-7").seal(b"words", b"label")
    elsewhere = KeyStore.open(installation.config)
    assert elsewhere.case_key("case-7").unseal(sealed, b"label") == b"words"
    assert elsewhere.has("case-99") and not elsewhere.has("case-100")


def test_a_press_derives_from_keys_that_were_prepared_ahead(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.keys.ensure_all(("one", "other"))
    label = b"label"
    sealed = installation.keys.stream_key("one", "alarm:1").seal(b"words", label)
    warmed = KeyStore.open(installation.config)
    warmed.warm()
    monkeypatch.setattr("egide.common.sealing.HKDF", None)
    assert warmed.stream_key("one", "alarm:1").unseal(sealed, label) == b"words"
    assert warmed.stream_key("other", "alarm:1").raw != warmed.stream_key("one", "alarm:1").raw


def test_when_one_has_a_key_already_none_is_made(installation: Installation) -> None:
    installation.keys.ensure("second")
    with pytest.raises(ValueError, match="second has a key"):
        installation.keys.ensure_all(["first", "second"])
    assert not installation.keys.has("first")
    with pytest.raises(KeyErased):
        installation.keys.case_key("first")
    installation.keys.ensure("third")
    assert installation.keys.has("third")


def test_what_fails_in_the_middle_is_undone_and_holds_nobody_up(installation: Installation) -> None:
    keys, elsewhere = installation.keys, KeyStore.open(installation.config)
    keys.ensure("case")
    kept = keys.ensure_blob("case", "kept").raw

    def broken() -> Iterator[str]:
        yield "kept"
        raise OSError("the list cannot be read")

    with pytest.raises(OSError, match="list cannot be read"):
        keys.destroy_blobs(broken())
    assert elsewhere.blob_key("case", "kept").raw == kept
    elsewhere.ensure("of another process")
    keys.ensure("later")
    assert KeyStore.open(installation.config).has("later"), "it is kept, not left in what was begun before"
    keys.destroy("case")
    until(lambda: not elsewhere.has("case"), "it is forgotten elsewhere")
