"""A plot is drawn for a page and for a phone, and its text can take the colours of either scheme."""

import re

import pytest

from egide.common.plots import COLOURS, NARROW, WIDE, Frame, Plot, Point, Series, bars, for_page, lines

NAMES = ("Boraine", "Mons/Quévy", "Hesbaye Ouest, une zone au nom très long")
PLOT = Plot(
    "Kits in use",
    NAMES,
    [
        Series("2025", [Point(3), Point(None), Point(12)]),
        Series("2026", [Point(4), Point(7), Point(9, 6, 11)]),
    ],
    show=lambda value: f"{value:g}",
    unknown="unknown",
)


def right_edges(svg: str) -> list[float]:
    """Where bars and lines end, in pixels of the picture."""
    boxes = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)
    return [float(x) + float(wide) for x, wide in boxes] + [
        float(x) for x in re.findall(r'x2="([\d.]+)"', svg)
    ]


@pytest.mark.parametrize("draw", [lines, bars])
def test_a_page_gets_the_plot_once_for_itself_and_once_for_a_phone(draw: object) -> None:
    svg = for_page(bars if draw is bars else lines, PLOT)
    assert re.findall(r'<svg [^>]*class="(\w+)" viewBox="0 0 (\d+)', svg) == [
        ("wide", "720"),
        ("narrow", "330"),
    ]


@pytest.mark.parametrize("frame", [WIDE, NARROW])
@pytest.mark.parametrize("draw", [lines, bars])
def test_nothing_reaches_beyond_the_picture(draw: object, frame: Frame) -> None:
    svg = bars(PLOT, frame) if draw is bars else lines(PLOT, frame)
    assert max(right_edges(svg)) <= frame.width


def test_on_a_phone_the_name_of_a_bar_stands_above_it() -> None:
    first = re.search(r'<text x="(\d+)[^>]*>(?:<title>[^<]*</title>)?Boraine', bars(PLOT, NARROW))
    assert first and first[1] == "0"
    assert 'text-anchor="end"' in bars(PLOT, WIDE) and 'text-anchor="end"' not in bars(PLOT, NARROW)


def test_text_and_rules_name_their_role_so_that_a_dark_page_can_colour_them() -> None:
    for svg in (lines(PLOT), bars(PLOT)):
        texts = re.findall(r"<text [^>]*>", svg)
        assert texts and all(re.search(r'class="(ink|quiet)"', text) for text in texts)
        drawn = re.findall(r'<line [^>]*stroke="(#\w+)"', svg)
        classed = re.findall(r'<line [^>]*class="(?:ink|quiet|rule)" stroke="(#\w+)"', svg)
        assert [colour for colour in drawn if colour not in COLOURS] == classed
