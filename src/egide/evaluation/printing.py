"""Documents as PDF: a layout of `typst/` and what it says.

PDF/A-2a and PDF/UA-1 (ISO 19005-2, ISO 14289-1): fonts embedded, tagged, plots with words in place. The only date is
that of the records, so that the same records give the same bytes.
"""

import json
from pathlib import Path
from typing import Any, Literal

import typst
from django.utils import timezone

from egide.access.templatetags.units import day
from egide.common.clock import utc
from egide.evaluation.presenting import Number
from egide.evaluation.shapes import About

FOLDER = Path(__file__).parent / "typst"
LANGUAGES = ("fr", "nl", "de", "en")


def pdf(layout: str, data: dict[str, Any], about: About) -> bytes:
    """The document; `data` is what the layout names."""
    made = _compile(layout, data, about, "pdf")
    assert isinstance(made, bytes)
    return made


def pictures(layout: str, data: dict[str, Any], about: About, ppi: int) -> list[bytes]:
    """Its pages as PNG."""
    made = _compile(layout, data, about, "png", ppi)
    assert made is not None
    return made if isinstance(made, list) else [made]


def _compile(
    layout: str, data: dict[str, Any], about: About, form: Literal["pdf", "png"], ppi: int | None = None
) -> bytes | list[bytes] | None:
    made = timezone.localtime(utc(about.built_at_us))
    inputs = data | {"made": [made.year, made.month, made.day], "day": day(made)}
    return typst.compile(
        (FOLDER / layout).read_bytes(),
        format=form,
        ppi=ppi,
        sys_inputs={"data": json.dumps(inputs)},
        ignore_system_fonts=True,
        pdf_standards=["a-2a", "ua-1"] if form == "pdf" else None,
        timestamp=about.built_at_us // 1_000_000,
    )


def beside(number: Number) -> str:
    """What stands beside a figure: of how many, its interval, who is left out, or why there is none."""
    return " · ".join(filter(None, (number.of, number.interval, number.left_out, number.unknown)))
