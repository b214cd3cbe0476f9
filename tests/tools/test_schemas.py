"""The committed schemas are what the events say, and say it well enough to judge a body."""

from pathlib import Path

import jsonschema
import msgspec
import pytest

from egide.alarm.events import NoteAdded
from tools import schemas


@pytest.fixture
def wanted() -> dict[str, str]:
    return schemas.render({"NoteAdded": NoteAdded})


def test_a_schema_accepts_the_event_and_refuses_another_shape(wanted: dict[str, str]) -> None:
    schema = msgspec.json.decode(wanted["NoteAdded.schema.json"])
    assert schema["title"] == "NoteAdded"
    jsonschema.validate({"user": "op1", "text": "Seen at the gate"}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"user": "op1", "text": 7}, schema)


def test_missing_stale_and_orphaned_schemas_are_told_apart(wanted: dict[str, str], tmp_path: Path) -> None:
    assert schemas.find_faults(wanted, tmp_path) == ["NoteAdded.schema.json: missing"]
    schemas.do_write(wanted, tmp_path)
    assert schemas.find_faults(wanted, tmp_path) == []
    (tmp_path / "NoteAdded.schema.json").write_text("{}\n")
    (tmp_path / "Gone.schema.json").write_text("{}\n")
    assert schemas.find_faults(wanted, tmp_path) == [
        "Gone.schema.json: no such event",
        "NoteAdded.schema.json: not what the event says",
    ]


def test_writing_removes_the_schema_of_an_event_that_is_gone(wanted: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "Gone.schema.json").write_text("{}\n")
    schemas.do_write(wanted, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["NoteAdded.schema.json"]
