"""A file that many read is replaced whole: by one at a time, written beside the old one, changed at one stroke."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from egide.common.files import lock_file, put_in_place
from egide.common.text import _


@contextmanager
def replacing(target: Path, refused: type[ValueError], needs: str) -> Iterator[Path]:
    """A draft that becomes `target` when the block ends well; however else it ends, what is in force stays.

    Raises `refused` where another import is under way, and where the disk does not take it: `needs` says how much.
    """
    draft = target.with_name(f"{target.name}.new")
    text = _("{path} cannot be written ({why}). {needs}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with lock_file(target.with_name(f"{target.name}.lock")) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise refused(_("Another import is under way: wait until it has ended.")) from error
            try:
                draft.unlink(missing_ok=True)  # of an import that was ended
                yield draft
                put_in_place(draft, target)
            finally:
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise refused(text.format(path=target, why=error.strerror or error, needs=needs)) from error
    except sqlite3.Error as error:
        raise refused(text.format(path=target, why=error, needs=needs)) from error
