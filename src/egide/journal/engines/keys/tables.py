"""Tables of wrapped keys, as each engine makes them. `erased_case` is each engine's own: its numbers are given out."""

# `handed`: the master key in force under the one before, by which running processes take it, until it is forgotten.
KEYS_SQL = """
CREATE TABLE IF NOT EXISTS case_key (case_id TEXT PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blob_key (
    digest TEXT PRIMARY KEY, case_id TEXT NOT NULL, wrapped BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS master_key (
    id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL, handed BLOB, at_us INTEGER NOT NULL
);
"""
