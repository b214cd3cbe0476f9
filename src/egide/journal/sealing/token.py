"""The master key from a hardware module (PKCS#11 v2.40): the keyed hash of a word under a key that never leaves it.

One question at each start, by a mechanism that nearly every module has (CKM_SHA256_HMAC): nothing wrapped lies in a
file that could be lost. python-pkcs11, because `cryptography` has no PKCS#11; it is loaded only where a token is named.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec

from egide.common.config import Config
from egide.common.sealing import KEY_BYTES, SealingKey
from egide.common.text import _
from egide.journal.errors import JournalError

_WORD = b"egide-master-1"


class TokenError(JournalError):
    """The token does not give the master key; the message says why, and what to do."""


class TokenUri(msgspec.Struct, frozen=True):
    """Which key in which token, and the module that speaks to it (RFC 7512)."""

    token: str
    label: str
    module: str


def read_uri(text: str) -> TokenUri:
    """`pkcs11:token=NAME;object=KEY?module-path=/PATH`, no other attribute. Raises TokenError."""
    path, _mark, query = text.removeprefix("pkcs11:").partition("?")
    named = dict(part.partition("=")[::2] for part in path.split(";"))
    asked = parse_qs(query)
    if text.startswith("pkcs11:") and set(named) == {"token", "object"} and set(asked) == {"module-path"}:
        return TokenUri(unquote(named["token"]), unquote(named["object"]), asked["module-path"][0])
    raise TokenError(
        _("{text} names no key of a token: pkcs11:token=NAME;object=KEY?module-path=/PATH").format(text=text)
    )


def master_from_token(config: Config, uri: TokenUri) -> SealingKey:
    """The master key that this token's key gives. Raises TokenError."""
    with _session(config, uri, is_writing=False) as session:
        return _derived(_found(session, uri), uri)


def do_make(config: Config, uri: TokenUri) -> SealingKey:
    """The same; the key is made in the token when there is none of this name. Raises TokenError."""
    pkcs11 = _library()
    with _session(config, uri, is_writing=True) as session:
        try:
            key = _found(session, uri)
        except pkcs11.NoSuchKey:
            attribute = pkcs11.Attribute
            key = session.generate_key(
                pkcs11.KeyType.GENERIC_SECRET,
                8 * KEY_BYTES,
                label=uri.label,
                store=True,
                template={
                    attribute.SENSITIVE: True,
                    attribute.EXTRACTABLE: False,
                    attribute.PRIVATE: True,
                    attribute.SIGN: True,
                },
            )
        return _derived(key, uri)


def _library() -> Any:
    """The package that speaks PKCS#11. Raises TokenError."""
    try:
        import pkcs11
    except ImportError as error:
        text = _("A token needs the package python-pkcs11 (the extra pkcs11).")
        raise TokenError(text) from error
    return pkcs11


def _found(session: Any, uri: TokenUri) -> Any:
    pkcs11 = _library()
    return session.get_key(object_class=pkcs11.ObjectClass.SECRET_KEY, label=uri.label)


def _derived(key: Any, uri: TokenUri) -> SealingKey:
    pkcs11 = _library()
    if key[pkcs11.Attribute.EXTRACTABLE] or not key[pkcs11.Attribute.SENSITIVE]:
        raise TokenError(
            _("The key {label} can be taken out of the token: it protects nothing.").format(label=uri.label)
        )
    return SealingKey(key.sign(_WORD, mechanism=pkcs11.Mechanism.SHA256_HMAC))


@contextmanager
def _session(config: Config, uri: TokenUri, *, is_writing: bool) -> Iterator[Any]:
    """A session with the token, over when the context ends: nothing else in this process gets at it. Raises
    TokenError.
    """
    pkcs11 = _library()
    if not config.master_pin:
        raise TokenError(
            _(
                "The token needs its PIN: master_pin_file in the settings, a file that this account may read, or a"
                " credential master_pin."
            )
        )
    try:
        library = pkcs11.lib(uri.module)
        try:
            with library.get_token(token_label=uri.token).open(
                rw=is_writing, user_pin=config.master_pin
            ) as session:
                yield session
        finally:
            pkcs11.unload(uri.module)
    except pkcs11.NoSuchToken as error:
        raise TokenError(
            _("There is no token {name} here: is it plugged in?").format(name=uri.token)
        ) from error
    except pkcs11.NoSuchKey as error:
        text = _("The token {name} holds no key {label}.")
        raise TokenError(text.format(name=uri.token, label=uri.label)) from error
    except (pkcs11.PinIncorrect, pkcs11.PinLenRange, pkcs11.PinInvalid) as error:
        text = _(
            "The token {name} refuses the PIN. It locks itself after a few wrong ones: look before you try again."
        )
        raise TokenError(text.format(name=uri.token)) from error
    except pkcs11.PinLocked as error:
        text = _("The token {name} has locked itself: its security officer must set a new PIN.")
        raise TokenError(text.format(name=uri.token)) from error
    except pkcs11.PKCS11Error as error:
        text = _("The token {name} does not answer as it should: {why}")
        why = str(error) or type(error).__name__
        raise TokenError(text.format(name=uri.token, why=why)) from error
