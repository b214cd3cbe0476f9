"""Where the value of a setting comes from: the environment, then a credential of systemd, then the file of settings.

What is not set anywhere has its default. Whatever is wrong is said at once, a sentence for each, and nothing starts.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from egide.common.settings import NotSetUp, Secrecy, Setting
from egide.common.settings.file import (
    OWN_FILE,
    SettingsFile,
    faults_of_keys,
    open_at_once,
    path_in_force,
    read_file,
)

CREDENTIALS = "CREDENTIALS_DIRECTORY"
_OWN_FILE_VARIABLE = OWN_FILE.upper()
# Nobody types more; a file of another kind is not taken into memory.
_MOST_BYTES = 4096


class Origin(Enum):
    """Where a value stands."""

    ENVIRONMENT = "environment"
    CREDENTIAL = "credential"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True)
class Found:
    """A value, and where it stands."""

    value: Any
    origin: Origin


@dataclass(frozen=True)
class Sources:
    """An environment and a file of settings."""

    environment: Mapping[str, str]
    file: SettingsFile = field(default_factory=SettingsFile)

    @classmethod
    def here(cls) -> "Sources":
        """Those of this process. Raises NotSetUp for a file that cannot be taken."""
        return cls(os.environ, read_file(path_in_force(os.environ)))

    def values(self, settings: Mapping[str, Setting]) -> dict[str, Any]:
        """All values by field. Raises NotSetUp with a line for each that is wrong."""
        return {name: found.value for name, found in self.found(settings).items()}

    def found(self, settings: Mapping[str, Setting]) -> dict[str, Found]:
        """The same, with where each comes from. Raises NotSetUp."""
        found, faults = {}, faults_of_keys(self.file, settings)
        for name, each in settings.items():
            try:
                found[name] = self._find(each)
            except NotSetUp as error:
                faults.append(str(error))
        if faults:
            raise NotSetUp("\n".join(faults))
        return found

    def _find(self, each: Setting) -> Found:
        places = {
            Origin.ENVIRONMENT: self._of_environment,
            Origin.CREDENTIAL: self._of_credentials,
            Origin.FILE: self._of_file,
        }
        for origin, look in places.items():
            value = look(each)
            if value is not None:
                return Found(value, origin)
        return Found(each.default, Origin.DEFAULT)

    def _of_environment(self, each: Setting) -> Any:
        text = self.environment.get(each.variable, "").strip()
        own = self._own_file_of_environment(each)
        if text and own:
            raise NotSetUp(
                f"{each.variable} and {each.variable}{_OWN_FILE_VARIABLE} are both set: keep the second."
            )
        if own:
            return _content(each, f"{each.variable}{_OWN_FILE_VARIABLE}", Path(own).absolute())
        return _read(each, text, each.variable) if text else None

    def _own_file_of_environment(self, each: Setting) -> str:
        if not each.may_be_in_file_of_its_own:
            return ""
        return self.environment.get(each.variable + _OWN_FILE_VARIABLE, "").strip()

    def _of_credentials(self, each: Setting) -> Any:
        place = self.environment.get(CREDENTIALS, "").strip()
        if not place:
            return None
        if each.may_be_in_file_of_its_own:
            path = Path(place, each.key)
            # Its rights are systemd's business.
            return _content(each, f"credential {each.key}", path, is_held=True) if path.exists() else None
        paths = [Path(place, name) for name in each.credentials]
        if not any(path.exists() for path in paths):
            return None
        return each.form.read(":".join(map(str, paths)))

    def _of_file(self, each: Setting) -> Any:
        where, values = f"{self.file.path}: {each.key}", self.file.values
        own = values.get(each.key + OWN_FILE, "") if each.may_be_in_file_of_its_own else ""
        if own and values.get(each.key):
            raise NotSetUp(f"{where} and {each.key}{OWN_FILE} are both set: keep the second.")
        if own:
            if not isinstance(own, str) or not own.startswith("/"):
                raise NotSetUp(f"{where}{OWN_FILE} is {own!r}: expected a path in quotes that begins with /.")
            return _content(each, f"{where}{OWN_FILE}", Path(own))
        if each.key not in values or values[each.key] == "":
            return None
        if each.is_secret:
            raise NotSetUp(
                f"{where} is a secret and stands in no file that others read: write it into a file of its own"
                f" and name that with {each.key}{OWN_FILE}."
            )
        try:
            return each.form.read(each.form.text_of(values[each.key]))
        except ValueError:
            raise _wrong(each, where, values[each.key], each.form.expected_in_file) from None


def _read(each: Setting, text: str, where: str) -> Any:
    try:
        return each.form.read(text)
    except ValueError:
        raise _wrong(each, where, text, each.form.expected) from None


def _wrong(each: Setting, where: str, value: Any, expected: str) -> NotSetUp:
    """What may be a secret is not repeated: it would stand in a log."""
    shown = "something else" if each.may_be_in_file_of_its_own else repr(value)
    return NotSetUp(f"{where} is {shown}: expected {expected}.")


def _content(each: Setting, where: str, path: Path, is_held: bool = False) -> Any:
    """What stands in a file of its own; None where it is for other accounts. Raises NotSetUp: not readable, open to
    others, empty, more than one line.
    """
    try:
        with open_at_once(path) as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_MOST_BYTES + 1) or b""
    except OSError as error:
        if each.secrecy is Secrecy.FOR_FEW and isinstance(error, PermissionError):
            return None
        raise NotSetUp(f"{where}: {path} cannot be read ({error.strerror}).") from None
    if not is_held and mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise NotSetUp(f"{where}: others can read or change {path}: chmod 600 {path}")
    text = data.decode("utf-8", "replace").strip()
    if not text or len(data) > _MOST_BYTES or not text.isprintable():
        raise NotSetUp(f"{where}: {path} must hold the value alone, on one line.")
    return _read(each, text, where)
