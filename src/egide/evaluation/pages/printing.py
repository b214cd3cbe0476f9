"""Documents as PDF: a layout of `typst/` and what it says.

PDF/A-2a and PDF/UA-1 (ISO 19005-2, ISO 14289-1): fonts embedded, tagged, plots with words in place. The only date is
the one that was given, so that the same records give the same bytes.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import typst

from egide.access.templatetags.units import day
from egide.evaluation.pages.presenting import Number

FOLDER = Path(__file__).parent / "typst"
LANGUAGES = ("fr", "nl", "de", "en")


def pdf(layout: str, data: dict[str, Any], on: date) -> bytes:
    """The document of a day; `data` is what the layout names."""
    made = _compile(layout, data, on, "pdf")
    assert isinstance(made, bytes)
    return made


def pictures(layout: str, data: dict[str, Any], on: date, ppi: int) -> list[bytes]:
    """Its pages as PNG."""
    made = _compile(layout, data, on, "png", ppi)
    assert made is not None
    return made if isinstance(made, list) else [made]


def _compile(
    layout: str, data: dict[str, Any], on: date, form: Literal["pdf", "png"], ppi: int | None = None
) -> bytes | list[bytes] | None:
    inputs = data | {"made": [on.year, on.month, on.day], "day": day(on)}
    return typst.compile(
        (FOLDER / layout).read_bytes(),
        format=form,
        ppi=ppi,
        sys_inputs={"data": json.dumps(inputs)},
        ignore_system_fonts=True,
        pdf_standards=["a-2a", "ua-1"] if form == "pdf" else None,
        timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
    )


def beside(number: Number) -> str:
    """What stands beside a figure: of how many, its interval, who is left out, or why there is none."""
    return " · ".join(filter(None, (number.of, number.interval, number.left_out, number.unknown)))
