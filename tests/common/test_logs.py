"""A line of the log as JSON, without what an error says of itself."""

import json
import logging
import sys

from egide.common.logs import WithoutSecrets, formatter


def record(message: str, *arguments: object, error: bool = False) -> logging.LogRecord:
    return logging.LogRecord(
        "egide.worker", logging.WARNING, "x.py", 1, message, arguments, sys.exc_info() if error else None
    )


def test_a_line_is_one_object_with_its_time_in_utc() -> None:
    made = record("alarm %s could not be kept\nat once", "a-1")
    made.created = 1_700_000_000.25
    assert json.loads(formatter(is_json=True).format(made)) == {
        "at": "2023-11-14T22:13:20.250Z",
        "level": "warning",
        "part": "egide.worker",
        "pid": made.process,
        "said": "alarm a-1 could not be kept\nat once",
    }
    assert "\n" not in formatter(is_json=True).format(made)


def test_an_error_is_told_by_type_and_place_and_not_by_its_words() -> None:
    try:
        int("Alix Exemple, Rue de l’Exemple 12")
    except ValueError:
        line = formatter(is_json=True).format(record("a form failed", error=True))
    told = json.loads(line)
    assert told["error"] == "ValueError" and "Alix" not in line
    assert told["arose"][-1].startswith("test_logs.py:") and told["arose"][-1].endswith(
        "test_an_error_is_told_by_type_and_place_and_not_by_its_words"
    )


def test_a_one_time_link_is_cut_in_both_forms() -> None:
    for is_json in (True, False):
        made = record("Gone: %s", "/team/l/look-for-me?x=1")
        assert WithoutSecrets(("/team/l/",)).filter(made)
        line = formatter(is_json=is_json).format(made)
        assert "look-for-me" not in line and "/team/l/…?x=1" in line
