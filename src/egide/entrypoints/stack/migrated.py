"""An app.db with its tables and nothing in them: a new installation begins with a copy, because making the tables takes
seconds.

`python -m egide.entrypoints.stack.migrated` makes it (`make setup` does, and so does the package). Its name says which
migrations made it: a file of other migrations is never found. Where there is none, the tables are made then.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import egide

MODULE = "egide.entrypoints.stack.migrated"
# Their migrations are part of it.
_LIBRARIES = ("django", "django-allauth")


def migrated() -> Path:
    """Where it lies: beside what is installed, because it fits that alone."""
    folder = Path(egide.__file__).parent
    digest = hashlib.sha256()
    for name in _LIBRARIES:
        digest.update(f"{name} {metadata.version(name)}\n".encode())
    # What is noted beside them.
    digest.update(Path(__file__).parents[1].joinpath("upgrading", "migrations.py").read_bytes())
    for path in sorted(folder.glob("*/migrations/*.py")):
        digest.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
    return Path(sys.prefix, "share", "egide", f"migrated-{digest.hexdigest()[:16]}.db")


def copy_migrated(app_db: Path) -> None:
    """Begin `app_db` with it, unless there is one already or none to begin with; killed meanwhile, none is there."""
    made = migrated()
    if made.exists() and not app_db.exists():
        draft = app_db.with_name(f"{app_db.name}.new")
        draft.touch(mode=0o600)
        shutil.copyfile(made, draft)
        draft.replace(app_db)


def make_migrated(made: Path) -> None:
    """Make the tables in a new file, and put it there whole."""
    # Django reads its settings once: this belongs into a process of its own.
    with tempfile.TemporaryDirectory(prefix="egide-migrated-") as folder:
        os.environ |= {
            "EGIDE_CONFIG": os.devnull,
            "EGIDE_DATA": folder,
            "EGIDE_DEMO": "1",
            "EGIDE_JOURNAL": "",
            "EGIDE_RECORDS": "",
            "EGIDE_WEB_ORIGINS": "http://localhost",
        }
        from egide.entrypoints.upgrading.tables import setup

        setup(from_kept=False)
        from django.db import connection

        # The last connection that closes leaves everything in the one file.
        connection.close()
        made.parent.mkdir(parents=True, exist_ok=True)
        for old in made.parent.glob("migrated-*.db"):
            old.unlink()
        shutil.copyfile(Path(folder, "app.db"), made.with_suffix(".new"))
        made.with_suffix(".new").replace(made)


def main() -> None:
    """Make it, or the file that the argument names, unless it is there."""
    made = Path(sys.argv[1]) if len(sys.argv) > 1 else migrated()
    if not made.exists():
        make_migrated(made)


if __name__ == "__main__":
    main()
