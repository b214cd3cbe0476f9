"""What one setting is: its variable, what may stand in it, and what it means. `config.Config` declares them all."""

from dataclasses import MISSING, Field, dataclass, field, fields
from enum import Enum
from typing import Any

from egide.common.settings.forms import Form

PREFIX = "EGIDE_"


class NotSetUp(Exception):
    """The installation cannot start as it stands; the message says what to set, and is shown without a trace."""


class Secrecy(Enum):
    """Where a value may stand. Each but OPEN may also be the content of a file of its own, or a credential."""

    OPEN = "anywhere"
    HIDEABLE = "in the file of settings too"
    SECRET = "never in the file of settings"
    # All accounts read the same settings: one that may not read such a file has none, and goes on.
    FOR_FEW = "as a secret, in a file that some accounts alone may read"


@dataclass(frozen=True)
class Setting:
    """One setting of an installation, read from the environment variable of this name or under `key` in the file.

    `credentials` are those of systemd whose paths are the value, for settings that name files.
    """

    variable: str
    meaning: str
    form: Form
    default: Any
    group: str = ""
    secrecy: Secrecy = Secrecy.OPEN
    credentials: tuple[str, ...] = ()
    example: str = ""

    @property
    def key(self) -> str:
        """Its name in the file."""
        return self.variable.removeprefix(PREFIX).lower()

    @property
    def is_secret(self) -> bool:
        return self.secrecy in (Secrecy.SECRET, Secrecy.FOR_FEW)

    @property
    def may_be_in_file_of_its_own(self) -> bool:
        return self.secrecy is not Secrecy.OPEN


def setting(
    variable: str,
    meaning: str,
    form: Form,
    default: Any = MISSING,
    unset: Any = MISSING,
    **further: Any,
) -> Any:
    """A field of a dataclass that is a setting. `unset` stands for a variable that is not set where code must name a
    value: then the field has no default. `further` are other fields of Setting."""
    found = Setting(variable, meaning, form, default if unset is MISSING else unset, **further)
    return field(default=default, metadata={"setting": found})


def settings_of(declared: Any) -> dict[str, Setting]:
    """The settings of a dataclass by the names of its fields, in the order in which they were declared."""
    return {each.name: _setting_of(each) for each in fields(declared)}


def _setting_of(declared: Field[Any]) -> Setting:
    found: Setting = declared.metadata["setting"]
    return found
