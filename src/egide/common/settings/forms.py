"""How a value is written: as one text in the environment, and with a type of its own in the file of settings."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from egide.common.callers import Proxies


@dataclass(frozen=True)
class Form:
    """`expected` says what a right text is, `expected_in_file` what a right value of the file is.

    `read` takes the text of the environment; `text_of` makes that text of a value of the file. Both raise ValueError.
    `literal` writes a value as TOML.
    """

    expected: str
    expected_in_file: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    text_of: Callable[[Any], str] = lambda value: _text(value)
    literal: Callable[[Any], str] = lambda value: quoted(str(value or ""))


def quoted(text: str) -> str:
    """A basic string of TOML; those of JSON are some of them, but for one sign."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def whole(least: int, most: int | None = None, of: str = "") -> Form:
    """A whole number within bounds, of such a unit."""
    what = f"a whole number of {of}" if of else "a whole number"
    expected = f"{what}, {least} or more" if most is None else f"{what} from {least} to {most}"

    def read(text: str) -> int:
        if (
            not (text.isascii() and text.isdecimal())
            or int(text) < least
            or (most is not None and int(text) > most)
        ):
            raise ValueError(text)
        return int(text)

    return Form(expected, f"{expected}, without quotes", read, text_of=_digits, literal=str)


def one_of(*words: str) -> Form:
    """One of a few words."""
    named = f"{', '.join(words[:-1])} or {words[-1]}"

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return Form(named, f"{named}, in quotes", read)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value.strip()


def _place(value: Any) -> str:
    """Where a process starts is no part of the file: a path in it begins with a slash."""
    text = _text(value)
    if text and not text.startswith("/"):
        raise ValueError(value)
    return text


def _digits(value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(value)
    return str(value)


def _truth(value: Any) -> str:
    if not isinstance(value, bool):
        raise ValueError(value)
    return "1" if value else "0"


def _several(sign: str, each_of: Callable[[Any], str]) -> Callable[[Any], str]:
    def text_of(value: Any) -> str:
        if not isinstance(value, list):
            raise ValueError(value)
        texts = [each_of(each) for each in value]
        if any(not text or sign in text for text in texts):
            raise ValueError(value)
        return sign.join(texts)

    return text_of


def _row(values: Any) -> str:
    return f"[{', '.join(quoted(str(value)) for value in values)}]"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each.strip().rstrip("/") for each in text.split(",") if each.strip())


def _proxies(text: str) -> tuple[str, ...]:
    Proxies(_listed(text))
    return _listed(text)


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(text)
    return text == "1"


def _number(text: str) -> str:
    if not (text.isascii() and text.removeprefix("+").isdigit()):
        raise ValueError(text)
    return text


def _recipient(text: str) -> str:
    if not (text.startswith("age1") and text.isascii() and text.isalnum() and text == text.lower()):
        raise ValueError(text)
    return text


def _https(text: str) -> str:
    if not text.startswith("https://"):
        raise ValueError(text)
    return text


def _postgres(text: str) -> str:
    """Of libpq; with a password in it the address would stand in logs, and in the list of processes."""
    if not text.startswith("postgresql://") or urlsplit(text).password or "password=" in text:
        raise ValueError(text)
    return text


def _token(text: str) -> str:
    if not text.startswith("pkcs11:"):
        raise ValueError(text)
    return text


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(Path(each).absolute() for each in text.split(":") if each)


_WHOLE_PATH = "a path in quotes that begins with /"
ADDRESS = Form("an address", "an address in quotes", str)
HTTPS = Form("an address that begins with https://", "an address in quotes that begins with https://", _https)
POSTGRES = Form(
    "an address that begins with postgresql:// and holds no password",
    "an address in quotes that begins with postgresql:// and holds no password",
    _postgres,
)
TOKEN = Form("a URI that begins with pkcs11:", "a URI in quotes that begins with pkcs11:", _token)
TEXT = Form("a text", "a text in quotes", str)
FILE = Form("a path", _WHOLE_PATH, str, text_of=_place)
WORD = Form("a word that cannot be guessed", "a word that cannot be guessed, in quotes", str)
LIST = Form(
    "values with commas between them",
    'a list of texts, such as ["one", "two"]',
    _listed,
    ",".join,
    _several(",", _text),
    _row,
)
FLAG = Form(
    "1 or 0",
    "true or false, without quotes",
    _flag,
    lambda value: "1" if value else "0",
    _truth,
    lambda value: "true" if value else "false",
)
PATH = Form(
    "a path",
    _WHOLE_PATH,
    lambda text: Path(text).absolute(),
    lambda path: str(path or ""),
    _place,
)
PATHS = Form(
    "paths with a colon between them",
    'a list of paths that begin with /, such as ["/one", "/two"]',
    _paths,
    lambda paths: ":".join(map(str, paths)),
    _several(":", _place),
    _row,
)
TELEPHONE = Form(
    "digits, with + and the country before them",
    "digits in quotes, with + and the country before them",
    _number,
)
RECIPIENT = Form(
    "what `egide keys backup` prints, a word that begins with age1",
    "what `egide keys backup` prints, a word in quotes that begins with age1",
    _recipient,
)
PROXIES = Form(
    "addresses or networks such as 10.0.0.0/24, with commas between them",
    'a list of addresses or networks, such as ["127.0.0.1", "10.0.0.0/24"]',
    _proxies,
    ",".join,
    _several(",", _text),
    _row,
)
