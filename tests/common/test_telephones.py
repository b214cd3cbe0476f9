"""Telephone numbers as people write them, what is dialled, and the links of the pages."""

import re

import pytest

from egide.access.templatetags.dialling import dialled
from egide.common.telephones import dial_of, numbers_in


@pytest.mark.parametrize(
    ("written", "dials"),
    [
        ("+32 400 00 00 01", "+32400000001"),
        ("+32 (0)400/00.00.01", "+32400000001"),
        ("0400/00.00.01", "0400000001"),
        ("101", "101"),
        ("", ""),
        ("chez sa sœur", ""),
        ("12", ""),
        ("+1234567890123456", ""),
    ],
)
def test_what_is_dialled(written: str, dials: str) -> None:
    assert dial_of(written) == dials


def test_numbers_in_a_sentence_are_links_and_days_and_hours_are_none() -> None:
    said = "SMS à <Bérénice>, 0400 00 01 01 ou +32 65 00 00 02 ; le 01/02/2026, 09:00 à 15 h, 2026-11-27"
    assert numbers_in(said) == ["0400000101", "+3265000002"]
    page = dialled(said)
    assert page.count("<a ") == 2 and "&lt;Bérénice&gt;" in page and page.endswith("2026-11-27")
    assert re.sub("<[^>]+>", "", page).replace("&lt;", "<").replace("&gt;", ">") == said
