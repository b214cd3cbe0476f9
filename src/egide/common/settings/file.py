"""The file of settings (`egide.toml`): found, held to who may change it, read; and written, with every setting once."""

import difflib
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from egide.common.settings import NotSetUp, Secrecy, Setting
from egide.common.settings.forms import quoted

VARIABLE = "EGIDE_CONFIG"
DEFAULT = Path("/etc/egide/egide.toml")
# Named in EGIDE_CONFIG it means: no file, whatever lies at the default place.
NONE = Path(os.devnull)
OWN_FILE = "_file"

_HEAD = """\
# Egide: the settings of one installation (TOML). Every setting stands here once; a line that begins with # is out of
# force and shows what holds without it. What the environment sets (the name in brackets) overrides this file, and
# {variable} names another one. Secrets never stand here, but in files of their own. All processes and commands read
# this file: restart the processes after a change. `egide init` wrote it; nothing else changes it.
"""


@dataclass(frozen=True)
class SettingsFile:
    """What a file sets, by key; without a path there is none."""

    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def path_in_force(environment: Mapping[str, str]) -> Path | None:
    """The file that EGIDE_CONFIG names, else the one at the default place where there is one."""
    named = environment.get(VARIABLE, "").strip()
    if named:
        return None if Path(named) == NONE else Path(named).absolute()
    # One that cannot be looked at is there: reading it says why.
    return DEFAULT if os.path.lexists(DEFAULT) or _is_hidden(DEFAULT) else None


def read_file(path: Path | None) -> SettingsFile:
    """Raises NotSetUp: not there, not readable, changed by others, no TOML."""
    if path is None:
        return SettingsFile()
    try:
        with open_at_once(path) as file:
            check_writers(path, os.fstat(file.fileno()))
            return SettingsFile(path, tomllib.load(file))
    except FileNotFoundError:
        raise NotSetUp(
            f"{path} is not there: name the file of settings in {VARIABLE}, or `egide init` makes it."
        ) from None
    except OSError as error:
        raise NotSetUp(
            f"{path} cannot be read ({error.strerror}): start as an account that may,"
            f" or name another file in {VARIABLE} ({NONE}: none)."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NotSetUp(f"{path} is no TOML, so nothing of it counts: {error}.") from None


def open_at_once(path: Path) -> BinaryIO:
    """Open for reading; a pipe that nobody writes to would hold up the start for ever. Raises OSError."""
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))


def check_writers(path: Path, status: os.stat_result) -> None:
    """Raises NotSetUp where somebody else could change what this process takes for its settings."""
    if not stat.S_ISREG(status.st_mode):
        raise NotSetUp(f"{path} is no file.")
    if os.geteuid() != 0 and status.st_uid not in (0, os.geteuid()):
        raise NotSetUp(f"{path} belongs to another account, which could change it: chown root {path}")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        mode = f"mode {stat.S_IMODE(status.st_mode):04o}"
        raise NotSetUp(f"{path} can be changed by others than its owner ({mode}): chmod 640 {path}")


def faults_of_keys(file: SettingsFile, settings: Mapping[str, Setting]) -> list[str]:
    """A sentence for each key that is no setting."""
    keys = keys_of(settings)
    return [_unknown(file, key, sorted(keys)) for key in file.values if key not in keys]


def keys_of(settings: Mapping[str, Setting]) -> set[str]:
    """What may stand in the file on the left: each setting, and the names of files that hold one alone."""
    own_files = {each.key + OWN_FILE for each in settings.values() if each.may_be_in_file_of_its_own}
    return {each.key for each in settings.values()} | own_files


def _unknown(file: SettingsFile, key: str, keys: list[str]) -> str:
    if isinstance(file.values[key], dict):
        return f"{file.path}: [{key}] begins a section; settings stand without one."
    close = difflib.get_close_matches(key, keys, n=1)
    what = f"did you mean {close[0]}?" if close else "take it out, or write # before it."
    return f"{file.path}: there is no setting {key}; {what}"


def rendered(
    settings: Mapping[str, Setting], values: Mapping[str, Any], own_files: Mapping[str, str] | None = None
) -> str:
    """The whole file; `values` by field are in force, every other setting shows its default. `own_files` by field are
    those whose content is the value, which is then not written."""
    own_files = own_files or {}
    parts, group = [_HEAD.format(variable=VARIABLE)], ""
    for name, each in settings.items():
        if each.group != group:
            group = each.group
            parts.append(f"\n# --- {group} ---\n")
        parts.append("\n" + "\n".join(f"# {line}" for line in _comments(each)))
        if name in own_files:
            line = f"{each.key}{OWN_FILE} = {quoted(own_files[name])}"
        elif name in values:
            line = _line(each, values[name])
        else:
            line = f"#{_unset(each)}"
        parts.append(f"\n{line}\n")
    return "".join(parts)


def _comments(each: Setting) -> Iterator[str]:
    yield each.meaning
    expected = each.form.expected_in_file
    yield f"{expected[0].upper()}{expected[1:]}. [{each.variable}]"
    if each.is_secret:
        yield f"A secret: name a file that holds it alone, or give systemd's credential {each.key}."
    elif each.secrecy is Secrecy.HIDEABLE:
        yield f"If it holds a secret: {each.key}{OWN_FILE} names a file of its own, or systemd's credential {each.key}."
    elif each.credentials:
        yield f"Or as credentials of systemd: {', '.join(each.credentials)}."


def _line(each: Setting, value: Any) -> str:
    return f"{each.key} = {each.form.literal(value)}"


def _unset(each: Setting) -> str:
    if each.is_secret:
        return f"{each.key}{OWN_FILE} = {quoted('')}"
    return _line(each, each.example or each.default)


def _is_hidden(path: Path) -> bool:
    """Whether its folder lets nobody look."""
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except OSError:
        return False
    return False
