"""Safety rule 34 for the records: they locate and name nobody, and hold no figure of an operator."""

import msgspec
import pytest

from egide.common.clock import SetClock
from egide.evaluation.records.kept import rows_about
from egide.evaluation.records.needs import NEEDS, OPENERS
from egide.evaluation.records.pseudonyms import Pseudonyms
from egide.evaluation.records.schemas import COLUMNS, SCHEMAS
from egide.evaluation.records.store import RecordStore
from egide.events import REGISTRY
from egide.events.register import KitReturned, RecordsKept
from egide.journal.ending.erasing import KEPT_STREAM, do_erase
from egide.journal.sealing.keys import KeyErased
from tests.evaluation.test_records import built, one_life
from tests.support.installation import HERE, Installation

# What the history of `one_life` holds of people, places and words.
_PERSONAL = ("anna", "berta", "free text", "Jan", "M1", "op", str(HERE.lat_e7), str(HERE.lon_e7))


def test_rule_34_no_identity_name_position_or_word_enters_a_record(installation: Installation) -> None:
    one_life(installation)
    records = built(installation)
    identities = {row.key for row in installation.journal.every()} - {"system"}
    identities |= {row.stream.partition(":")[2] for row in installation.journal.every()}
    identities -= {"00ff"}  # a survey's mark is random and stays
    for name, table in records.tables.items():
        values = {str(value) for column in table for value in column}
        assert not values & {*_PERSONAL, *identities}, name
    store = RecordStore(installation.config)
    store.save(records)
    for path in store.folder.rglob("*.parquet"):
        assert not any(word.encode() in path.read_bytes() for word in identities if len(word) > 8), path


def test_rule_34_no_moment_is_kept_only_days_and_hours(installation: Installation) -> None:
    one_life(installation)
    for table in built(installation).tables.values():
        assert not any(kind.is_temporal() and str(kind) != "Date" for kind in table.dtypes)
    assert not any(
        "_us" in column or column.endswith("_at") for columns in SCHEMAS.values() for column in columns
    )


def test_rule_34_no_column_tells_of_an_operator() -> None:
    every = {column for columns in SCHEMAS.values() for column in columns}
    assert every == set(COLUMNS)
    assert not every & {"user", "by", "operator", "call_sign", "signer"}
    fields = {field.name for need in NEEDS.values() for field in msgspec.structs.fields(need)}
    assert not fields & {
        "user",
        "by",
        "text",
        "reason",
        "reference",
        "position",
        "envelope",
        "body",
        "telephone",
    }


def test_what_the_builder_needs_are_fields_of_the_events() -> None:
    for kind, need in NEEDS.items():
        known = {field.name for field in msgspec.structs.fields(REGISTRY[kind])}
        assert {field.name for field in msgspec.structs.fields(need)} <= known, kind
    assert set(OPENERS) <= set(REGISTRY)


def test_marks_change_with_the_year_and_with_the_installation(installation: Installation) -> None:
    clock = installation.set_clock
    assert isinstance(clock, SetClock)
    phone = installation.enrol()
    first = installation.open_alarm(phone)
    again = installation.open_alarm(phone)
    clock.advance_s(400 * 86_400)
    later = installation.open_alarm(phone)
    assert len({first, again, later}) == 3
    alarms = built(installation)["alarms"].sort("day")
    marks = alarms["person"].to_list()
    assert marks[0] == marks[1] != marks[2]
    assert all(len(mark) == 16 for mark in marks)
    # Building again gives the same marks: the key stays the same until its holder destroys it.
    assert built(installation)["alarms"].sort("day")["person"].to_list() == marks


def test_of_a_case_that_is_erased_its_pseudonymous_rows_stay_and_nothing_leads_back(
    installation: Installation,
) -> None:
    one_life(installation)
    row = installation.journal.connection.execute("SELECT kit, case_id FROM kit").fetchone()
    kit, case = str(row[0]), str(row[1])
    installation.append(f"kit:{kit}", KitReturned(kit=kit), case=case)
    before = built(installation)
    kept = RecordsKept(rows_about(before, Pseudonyms(installation.keys), case, [kit]))
    assert {"requests", "courses", "alarms", "protections", "kits"} <= kept.tables.keys()
    assert not [word for word in (case, kit) if word in str(kept.tables)]
    do_erase(installation.journal, case, "dpo-1", kept)
    assert installation.kinds(KEPT_STREAM) == [], "asked, not erased"
    do_erase(installation.journal, case, "dpo-2", kept)
    after = built(installation)
    # What was open is over with it: nothing waits for ever for a file that is gone.
    open_columns = {"courses": ["left", "left_days"], "reviews": ["settled"]}
    for name, table in after.tables.items():
        columns = open_columns.get(name, [])
        assert table.drop(columns).equals(before[name].drop(columns)), name
        assert all(before[name][column].null_count() == 1 for column in columns)
        assert not any(table[column].null_count() for column in columns)
    assert after["courses"]["left"].to_list() == ["erased"]
    with pytest.raises(KeyErased):
        installation.keys.record_key(case)


def test_without_kept_rows_a_case_whose_key_is_gone_leaves_none(installation: Installation) -> None:
    one_life(installation)
    other = installation.enrol()
    installation.open_alarm(other)
    assert len(built(installation)["alarms"]) == 2
    installation.keys.destroy(other.case)
    assert len(built(installation)["alarms"]) == 1


def test_rebuilding_gives_the_same_tables(installation: Installation) -> None:
    one_life(installation)
    first, second = built(installation), built(installation)
    assert all(first[name].equals(second[name]) for name in SCHEMAS)
    store = RecordStore(installation.config)
    store.save(first)
    loaded = store.load()
    assert loaded.about == first.about
    assert all(loaded[name].equals(first[name]) for name in SCHEMAS)
