"""Egide: silent alarm for people threatened by an ex-partner.

Importing any part of it replaces Python's SQLite by one of our own: up to 3.51.2 a commit that begins the
write-ahead log anew, at the instant in which somebody else moves the log into the database, can be lost after it was
confirmed (https://sqlite.org/wal.html, "The WAL-reset bug"). Two copies of SQLite in one process would undo each
other's locks, so there is one for all.
"""

import sys

import pysqlite3
import pysqlite3.dbapi2

if pysqlite3.sqlite_version_info < (3, 51, 3):
    raise ImportError(
        f"SQLite {pysqlite3.sqlite_version} can lose what was committed: 3.51.3 or later is needed"
    )
# Before it takes a value of another type than int, float and str, it looks for attributes that these do not have, for a
# microsecond and more each: they are taken as they are.
for _type in (bytes, bool, type(None)):
    pysqlite3.dbapi2.register_adapter(_type, lambda value: value)
sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
