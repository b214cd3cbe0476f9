"""Which app an authority hands out: one file, and what is known of it."""

import os
import tempfile
from pathlib import Path

import msgspec

from egide.fleet.native.apk import Apk, read_apk

_KNOWN = "app.json"
# Everybody may read what everybody may fetch, whichever account of the system answers them.
_FOLDER, _FILE = 0o755, 0o644


class Unfit(ValueError):
    """Phones that have the published app would not take this one in its place."""

    def __init__(self, reason: str, published: Apk) -> None:
        super().__init__(reason)
        self.reason = reason
        self.published = published


OTHER_NAME, OTHER_SIGNER, OLDER = "other-name", "other-signer", "older"


def published(folder: Path) -> Apk | None:
    """What is handed out; None when nothing is. A file that is not whole counts as nothing."""
    try:
        known = msgspec.json.decode((folder / _KNOWN).read_bytes(), type=Apk)
        is_whole = file_of(folder, known).stat().st_size == known.bytes
    except (OSError, msgspec.MsgspecError):
        return None
    return known if is_whole else None


def file_of(folder: Path, apk: Apk) -> Path:
    return folder / f"{apk.sha256}.apk"


def do_publish(data: bytes, folder: Path) -> Apk:
    """Put an app in the place of the one before; readers have the one or the other. Raises ApkError, Unfit, OSError."""
    apk = read_apk(data)
    before = published(folder)
    if before is not None:
        _check(apk, before)
    folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    folder.chmod(_FOLDER)
    _put(file_of(folder, apk), data)
    _put(folder / _KNOWN, msgspec.json.encode(apk))
    _forget_all_but(folder, file_of(folder, apk))
    return apk


def _check(apk: Apk, before: Apk) -> None:
    if apk.package != before.package:
        raise Unfit(OTHER_NAME, before)
    if apk.signer != before.signer:
        raise Unfit(OTHER_SIGNER, before)
    if apk.version_code < before.version_code:
        raise Unfit(OLDER, before)


def do_withdraw(folder: Path) -> Apk | None:
    """Hand out nothing any more. Gives what was handed out."""
    before = published(folder)
    (folder / _KNOWN).unlink(missing_ok=True)
    _forget_all_but(folder, None)
    return before


def _put(path: Path, data: bytes) -> None:
    """Whole or not at all, also when the power goes."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), _FILE)
        os.fsync(file.fileno())
    Path(name).replace(path)


def _forget_all_but(folder: Path, kept: Path | None) -> None:
    for path in folder.glob("*.apk") if folder.is_dir() else ():
        if path != kept:
            path.unlink(missing_ok=True)
