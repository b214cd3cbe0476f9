"""What one setting is: its variable, what may stand in it, and what it means. `config.Config` declares them all."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from egide.common.callers import Proxies


class NotSetUp(Exception):
    """The installation cannot start as it stands; the message says what to set, and is shown without a trace."""


@dataclass(frozen=True)
class Form:
    """How a value is written. `read` raises ValueError for a wrong text, `expected` says what a right one is."""

    expected: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


@dataclass(frozen=True)
class Setting:
    """One setting of an installation, read from the environment variable of this name."""

    variable: str
    meaning: str
    form: Form
    default: Any

    def read(self, environment: Mapping[str, str]) -> Any:
        """The value; one that is empty counts as not set. Raises NotSetUp, naming the variable."""
        text = environment.get(self.variable, "").strip()
        if not text:
            return self.default
        try:
            return self.form.read(text)
        except ValueError:
            raise NotSetUp(f"{self.variable} is {text!r}: expected {self.form.expected}.") from None


def setting(variable: str, meaning: str, form: Form, default: Any = MISSING, unset: Any = MISSING) -> Any:
    """A field of a dataclass that is a setting. `unset` stands for a variable that is not set where code must name a
    value: then the field has no default."""
    found = Setting(variable, meaning, form, default if unset is MISSING else unset)
    return field(default=default, metadata={"setting": found})


def settings_of(declared: Any) -> dict[str, Setting]:
    """The settings of a dataclass by the names of its fields, in the order in which they were declared."""
    return {each.name: _setting_of(each) for each in fields(declared)}


def _setting_of(declared: Field[Any]) -> Setting:
    found: Setting = declared.metadata["setting"]
    return found


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

    return Form(expected, read)


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


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(Path(each).absolute() for each in text.split(":") if each)


ADDRESS = Form("an address", str)
FILE = Form("a path", str)
WORD = Form("a word that cannot be guessed", str)
LIST = Form("values with commas between them", _listed, ",".join)
FLAG = Form("1 or 0", _flag, lambda value: "1" if value else "0")
PATH = Form("a path", lambda text: Path(text).absolute(), lambda path: str(path or ""))
PATHS = Form("paths with a colon between them", _paths, lambda paths: ":".join(map(str, paths)))
TELEPHONE = Form("digits, with + and the country before them", _number)
PROXIES = Form("addresses or networks such as 10.0.0.0/24, with commas between them", _proxies, ",".join)
