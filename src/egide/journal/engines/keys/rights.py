"""Tables of wrapped keys in PostgreSQL, and who may what in them.

What receives and works reads and makes keys; only `egide_erase` destroys those of cases, and replaces the master key
(safety rule 29). Whoever passes on sees none of it. What is erased stays erased, also for the role that owns it.
"""

from collections.abc import Iterator

from egide.journal.engines.dialect import defined
from egide.journal.engines.keys.tables import KEYS_SQL

SCHEMA = "egide_keys"
TABLES = ("case_key", "blob_key", "erased_case", "master_key")
_ERASED_SQL = """
CREATE TABLE IF NOT EXISTS erased_case (
    number BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY, case_id TEXT NOT NULL UNIQUE
)
"""
_GUARDS = (
    """
CREATE OR REPLACE FUNCTION stays_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a case stays erased: no %', lower(TG_OP) USING ERRCODE = 'integrity_constraint_violation';
END $$
""",
    f"""
CREATE OR REPLACE FUNCTION is_not_erased() RETURNS trigger LANGUAGE plpgsql
SET search_path = {SCHEMA}, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM erased_case WHERE case_id = NEW.case_id) THEN
        RAISE EXCEPTION 'case % was erased: there is no key for it any more', NEW.case_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE OR REPLACE TRIGGER erased_case_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON erased_case
    FOR EACH STATEMENT EXECUTE FUNCTION stays_erased()
""",
    """
CREATE OR REPLACE TRIGGER case_key_of_living BEFORE INSERT ON case_key
    FOR EACH ROW EXECUTE FUNCTION is_not_erased()
""",
    "ALTER TABLE erased_case ENABLE ALWAYS TRIGGER erased_case_stays",
    "ALTER TABLE case_key ENABLE ALWAYS TRIGGER case_key_of_living",
    # With the rights of the owner: a deleted row stays in its file until the table is written anew. TRUNCATE gives the
    # tables new files, whatever older readers there are.
    f"""
CREATE OR REPLACE FUNCTION scrub() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = {SCHEMA}, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('egide_keys'));
    LOCK TABLE case_key, blob_key, master_key IN ACCESS EXCLUSIVE MODE;
    CREATE TEMP TABLE kept_case ON COMMIT DROP AS SELECT * FROM case_key;
    CREATE TEMP TABLE kept_blob ON COMMIT DROP AS SELECT * FROM blob_key;
    CREATE TEMP TABLE kept_master ON COMMIT DROP AS SELECT * FROM master_key;
    TRUNCATE case_key, blob_key, master_key;
    INSERT INTO case_key SELECT * FROM kept_case;
    INSERT INTO blob_key SELECT * FROM kept_blob;
    INSERT INTO master_key SELECT * FROM kept_master;
END $$
""",
    "REVOKE ALL ON FUNCTION scrub() FROM PUBLIC",
)


def statements(appenders: str, erasers: str) -> Iterator[str]:
    """What makes the tables and grants them, for the role that owns them; safe to repeat."""
    yield f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"
    yield f"SET LOCAL search_path = {SCHEMA}"
    for sql in (*KEYS_SQL.split(";\n"), _ERASED_SQL):
        if sql.strip():
            yield defined(sql)
    yield from _GUARDS
    yield f"GRANT USAGE ON SCHEMA {SCHEMA} TO {appenders}, {erasers}"
    yield f"GRANT SELECT ON {', '.join(TABLES)} TO {appenders}, {erasers}"
    yield f"GRANT INSERT ON case_key TO {appenders}, {erasers}"
    # Sound goes when its time is over, without anybody asking.
    yield f"GRANT INSERT, DELETE ON blob_key TO {appenders}, {erasers}"
    yield f"GRANT EXECUTE ON FUNCTION scrub() TO {appenders}, {erasers}"
    yield f"GRANT UPDATE, DELETE ON case_key TO {erasers}"
    yield f"GRANT UPDATE ON blob_key TO {erasers}"
    yield f"GRANT INSERT ON erased_case TO {erasers}"
    yield f"GRANT INSERT, UPDATE ON master_key TO {erasers}"
