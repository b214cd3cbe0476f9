"""A plot is drawn for a page and for a phone, and its text can take the colours of either scheme."""

import re
from dataclasses import replace

import pytest

from egide.common.plots import (
    COLOURS,
    MIDDLE,
    NARROW,
    WIDE,
    Frame,
    Plot,
    Point,
    Series,
    bars,
    for_page,
    lines,
)

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
def test_a_page_gets_the_plot_for_each_of_its_widths(draw: object) -> None:
    svg = for_page(bars if draw is bars else lines, PLOT)
    assert re.findall(r'<svg [^>]*class="(\w+)" viewBox="0 0 (\d+)', svg) == [
        ("wide", "1240"),
        ("middle", "720"),
        ("narrow", "330"),
    ]


@pytest.mark.parametrize("frame", [WIDE, MIDDLE, NARROW])
@pytest.mark.parametrize("draw", [lines, bars])
def test_nothing_reaches_beyond_the_picture(draw: object, frame: Frame) -> None:
    svg = bars(PLOT, frame) if draw is bars else lines(PLOT, frame)
    assert max(right_edges(svg)) <= frame.width


@pytest.mark.parametrize("frame", [WIDE, MIDDLE, NARROW])
@pytest.mark.parametrize("draw", [lines, bars])
def test_long_words_stay_inside_the_picture(draw: object, frame: Frame) -> None:
    """Durations at the axis, months below it, and names in the legend; about seven pixels a sign."""
    name = "zone informed · half of them are below (median)"
    plot = replace(
        PLOT,
        labels=("January 2023", "April 2023", "October 2023", "January 2024"),
        series=[Series(f"{name}{one}", [Point(3), *PLOT.series[0].points]) for one in ("", ", later")],
        show=lambda value: f"{value:g} min 40 s",
    )
    svg = bars(plot, frame) if draw is bars else lines(plot, frame)
    words = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"(?: text-anchor="(\w+)")?[^>]*>([^<]+)', svg)
    assert {"(median)", "later"} <= {part for *_at, text in words for part in text.replace(",", "").split()}
    height = float(re.findall(r'viewBox="0 0 \d+ (\d+)', svg)[0])
    ends: dict[str, float] = {}
    for x, y, anchor, text in words:
        wide = 7 * len(text)
        start = float(x) - {"": 0.0, "middle": wide / 2, "end": wide}[anchor]
        assert start >= 0 and start + wide <= frame.width and float(y) < height, text
        assert start > ends.get(y, -1), f"{text} stands over the word before"
        ends[y] = start + wide


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
