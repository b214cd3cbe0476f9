"""How far a reader walks through the house to follow an operator who takes an alarm (docs/alarm-table.md)."""

import pytest

from benchmarks.walk import walk_of
from tests.support.pages import Pages

# At e65cbd4, before sealed columns, the table and the seams for PostgreSQL, 22 of each; one climb is to the decoders,
# which one thread at a time may teach a type. Fewer is better.
FILES, CLIMBS = 27, 24


@pytest.mark.files("counts the modules of the journal in files")
def test_taking_an_alarm_walks_through_no_more_files_than_it_did(pages: Pages) -> None:
    walk = walk_of(pages, "acknowledge")
    assert "alarm/table_lead.py" in walk.files and "journal/transaction.py" in walk.files
    assert (len(walk.files) <= FILES, walk.climbs <= CLIMBS) == (True, True), walk
