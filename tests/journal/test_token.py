"""The master key in a hardware module, tried with a real one in software (SoftHSM)."""

import sys
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest

from egide.common.sealing import SealingKey
from egide.journal.engines.chosen import keys_of
from egide.journal.sealing import renewing
from egide.journal.sealing.keys import KeyStore
from egide.journal.sealing.master import MASTER_FILE, MasterKeyError
from egide.journal.sealing.token import TokenError, do_make, master_from_token, read_uri
from tests.support.installation import Installation
from tests.support.softhsm import PIN, Module


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Module:
    return Module(tmp_path / "hsm", monkeypatch)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = Installation(tmp_path / "data")
    made.config = replace(made.config, master_pin=PIN)
    return made


def in_token(installation: Installation, module: Module, label: str = "master-1") -> None:
    """The master key moves into the token while all goes on."""
    old = SealingKey((installation.config.data_dir / MASTER_FILE).read_bytes())
    new = do_make(installation.config, read_uri(module.uri(label)))
    renewing.do_renew(keys_of(installation.config), old, new, installation.clock)
    installation.config = replace(installation.config, master_token=module.uri(label))


def test_the_key_moves_into_a_token_and_nothing_that_opens_lies_on_the_disk(
    installation: Installation, module: Module
) -> None:
    case = installation.enrol().case
    known = installation.keys.case_key(case).raw
    in_token(installation, module)
    assert renewing.do_forget(installation.config)
    assert not (installation.config.data_dir / MASTER_FILE).exists()
    started = KeyStore.open(installation.config)
    assert started.case_key(case).raw == known
    assert started.ensure("made with the token") is not None
    master = master_from_token(installation.config, read_uri(module.uri())).raw
    files = [path for path in installation.config.data_dir.parent.rglob("*") if path.is_file()]
    assert len(files) > 5 and not [path for path in files if master in path.read_bytes()]
    # A second key in the token takes its place as another file would.
    second = do_make(installation.config, read_uri(module.uri("master-2")))
    renewing.do_renew(keys_of(installation.config), SealingKey(master), second, installation.clock)
    after = replace(installation.config, master_token=module.uri("master-2"))
    assert renewing.do_forget(after)
    assert KeyStore.open(after).case_key(case).raw == known
    with pytest.raises(MasterKeyError, match="opens none"):
        KeyStore.open(installation.config)


def test_the_same_key_gives_the_same_master_key_and_is_made_once(
    installation: Installation, module: Module
) -> None:
    uri = read_uri(module.uri())
    first = do_make(installation.config, uri).raw
    assert do_make(installation.config, uri).raw == first == master_from_token(installation.config, uri).raw
    assert do_make(installation.config, read_uri(module.uri("other"))).raw != first


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"master_pin": "9999"}, "refuses the PIN"),
        ({"master_pin": ""}, "needs its PIN"),
        ({"master_token": "token"}, "no token stranger"),
        ({"master_token": "label"}, "holds no key missing"),
        ({"master_token": "module"}, "does not answer"),
        ({"master_token": "pkcs11:token=egide"}, "names no key"),
        ({"master_token": "pkcs11:token=a;object=b;pin-value=1?module-path=/c"}, "names no key"),
    ],
    ids=["pin", "no pin", "token", "label", "module", "short", "pin in it"],
)
def test_a_token_that_does_not_give_the_key_stops_the_start_with_a_sentence(
    installation: Installation, module: Module, changed: dict[str, str], says: str
) -> None:
    in_token(installation, module)
    uris = {
        "token": module.uri(token="stranger"),
        "label": module.uri("missing"),
        "module": module.uri().replace(module.path, "/nowhere.so"),
    }
    changed = {name: uris.get(value, value) for name, value in changed.items()}
    with pytest.raises(MasterKeyError, match=says):
        KeyStore.open(replace(installation.config, **changed))
    assert KeyStore.open(installation.config), "and nothing is spoilt by it"


def test_a_key_that_the_token_would_give_away_is_refused(installation: Installation, module: Module) -> None:
    loaded = pkcs11.lib(module.path)
    with loaded.get_token(token_label=module.token).open(rw=True, user_pin=PIN) as session:
        kinds = pkcs11.Attribute
        session.generate_key(
            pkcs11.KeyType.GENERIC_SECRET,
            256,
            label="loose",
            store=True,
            template={kinds.SENSITIVE: False, kinds.EXTRACTABLE: True, kinds.SIGN: True},
        )
    pkcs11.unload(module.path)
    with pytest.raises(TokenError, match="can be taken out"):
        master_from_token(installation.config, read_uri(module.uri("loose")))


def test_without_the_package_it_says_what_is_missing(
    installation: Installation, module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(TokenError, match="python-pkcs11"):
        master_from_token(installation.config, read_uri(module.uri()))
