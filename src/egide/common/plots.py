"""Plots as SVG, drawn on the server: no script, no style of their own (the policy of the pages forbids both).

Colours are those of Okabe and Ito (2008), distinct with any colour vision; shapes and hatching say the same again. A
plot never stands without its table. Text and rules carry a class too, so that a page shows them in its own colours,
light or dark. `for_page` draws a plot for each width of a page. Our own few lines instead of a library: those
at hand write styles into the SVG, which the pages' policy blocks, and cost more time than a whole page may.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from textwrap import wrap

# Blue, vermillion, bluish green, orange, reddish purple, sky blue, black.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000")
INK, QUIET, LINE = "#17202b", "#566273", "#d4dae2"
_RIGHT, _TOP = 16, 12
_PLOT_HEIGHT, _FOOT = 190, 28
_BAR, _GAP = 18, 12
_LABEL_LINE, _LEGEND_LINE = 20, 22
_TICKS = 4
# How wide a sign is on average, at the size in which plots are written.
_SIGN = 7.4
_FONT = "Atkinson Hyperlegible, Libertinus Serif, sans-serif"
_CLASSES = {INK: "ink", QUIET: "quiet", LINE: "rule"}


@dataclass(frozen=True)
class Frame:
    """The measures of a picture in its own pixels: `left` is the room for the axis of lines, `label` that for the names
    of bars; 0 puts each name above its bar."""

    name: str
    width: int
    left: int
    label: int
    most_labels: int
    signs: int


# A page of a desktop, one of a tablet or of paper, a phone: each is filled.
WIDE = Frame("wide", width=1240, left=88, label=400, most_labels=26, signs=52)
MIDDLE = Frame("middle", width=720, left=88, label=272, most_labels=14, signs=35)
NARROW = Frame("narrow", width=330, left=62, label=0, most_labels=4, signs=40)


@dataclass(frozen=True)
class Point:
    """One figure with its interval; None is unknown, and is never drawn as 0."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Series:
    """Figures under one name, in the order of the plot's labels."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Plot:
    """What is drawn. `show` writes a figure with its unit; `highest` is the end of the axis where it is given."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    show: Callable[[float], str]
    unknown: str
    highest: float | None = None

    @property
    def top(self) -> float:
        """A round number at or above everything that is drawn."""
        known = [at for one in self.series for p in one.points for at in (p.value, p.high) if at is not None]
        return self.highest or _round_up(max(known, default=0))


def for_page(draw: Callable[[Plot, Frame], str], plot: Plot) -> str:
    """`lines` or `bars` for each kind of page: the style sheet shows one of them."""
    return "".join(draw(plot, frame) for frame in (WIDE, MIDDLE, NARROW))


def lines(plot: Plot, frame: Frame = MIDDLE) -> str:
    """Figures over time: a line for each series, broken where a figure is unknown."""
    top, base = plot.top, _TOP + _PLOT_HEIGHT
    ticks = {at: plot.show(at) for at in _ticks(top)}
    # "33 min 20 s" needs more room than "80".
    left = max(frame.left, 12 + _SIGN * max(map(len, ticks.values())))
    wide = frame.width - left - _RIGHT
    step = wide / max(1, len(plot.labels) - 1)

    def x(index: int) -> float:
        return left + (index * step if len(plot.labels) > 1 else wide / 2)

    def y(value: float) -> float:
        return base - min(value, top) / top * _PLOT_HEIGHT

    parts = [_tick(left, frame.width - _RIGHT, y(at), label) for at, label in ticks.items()]
    # As many words below the axis as stand beside each other; the last one may be moved in from the edge.
    room = 1.3 * _SIGN * max(map(len, plot.labels), default=0) + 8
    every = max(math.ceil(len(plot.labels) / frame.most_labels), math.ceil(room / step))
    for index in range(0, len(plot.labels), every):
        parts.append(_below(frame, x(index), base + 18, plot.labels[index]))
    for number, series in enumerate(plot.series):
        colour = COLOURS[number % len(COLOURS)]
        spots = [(x(i), y(p.value), p) for i, p in enumerate(series.points) if p.value is not None]
        for i, p in enumerate(series.points):
            if p.low is not None and p.high is not None:
                parts.append(_whisker(x(i), y(p.low), x(i), y(p.high), colour))
        parts += [_run(run, colour, number) for run in _runs(series.points, x, y)]
        parts += [_mark(at_x, at_y, number, colour, _told(plot, series, p)) for at_x, at_y, p in spots]
    height = base + _FOOT
    return _whole(frame, plot, parts, height, _legend(frame, plot, height) if len(plot.series) > 1 else [])


def bars(plot: Plot, frame: Frame = MIDDLE) -> str:
    """Figures side by side: a horizontal bar for each, so that long names stay readable on a phone."""
    count = max(1, len(plot.series))
    # No more room for names than they take: the bars have the rest.
    named = max((len(_short(label, frame)) for label in plot.labels), default=0) * _SIGN + 14
    frame = replace(frame, label=min(frame.label, round(named)))
    above = 0 if frame.label else _LABEL_LINE
    row = above + count * _BAR + _GAP
    wide, top = frame.width - frame.label - 96, plot.top
    parts = []
    for index, label in enumerate(plot.labels):
        y = _TOP + index * row
        if above:
            parts.append(_text(0, y + 14, _short(label, frame), title=label))
        else:
            at = frame.label - 10
            parts.append(_text(at, y + count * _BAR / 2 + 5, _short(label, frame), anchor="end", title=label))
        for number, series in enumerate(plot.series):
            at = y + above + number * _BAR
            parts += _bar(frame, plot, series, series.points[index], number, at, wide / top)
    height = _TOP + len(plot.labels) * row
    if not above:
        parts.append(_line(frame.label, _TOP - 6, frame.label, height - 4, QUIET))
    return _whole(frame, plot, parts, height, _legend(frame, plot, height) if count > 1 else [])


def _bar(
    frame: Frame, plot: Plot, series: Series, point: Point, number: int, y: float, scale: float
) -> list[str]:
    if point.value is None:
        return [_text(frame.label + 8, y + 14, plot.unknown, colour=QUIET)]
    colour, length = COLOURS[number % len(COLOURS)], max(1.0, point.value * scale)
    told = escape(_told(plot, series, point))
    # The second of two bars is also lighter inside: distinct in black and white.
    fill = f'fill="{colour}"' if number == 0 else f'fill="{colour}" fill-opacity="0.45" stroke="{colour}"'
    parts = [
        f'<rect x="{frame.label}" y="{y + 1:.1f}" width="{length:.1f}" height="{_BAR - 2}" {fill}>'
        f"<title>{told}</title></rect>"
    ]
    end = length
    if point.low is not None and point.high is not None:
        middle = y + _BAR / 2
        end = max(length, point.high * scale)
        parts.append(_whisker(frame.label + point.low * scale, middle, frame.label + end, middle, INK))
    return [*parts, _text(frame.label + end + 6, y + 14, plot.show(point.value))]


def _whole(frame: Frame, plot: Plot, parts: list[str], height: float, legend: list[str]) -> str:
    """The picture. What it says stands in the table below; a reader of screens hears its title."""
    full = height + (_LEGEND_LINE * len(legend) + 8 if legend else 4)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{frame.name}" viewBox="0 0 {frame.width} {full:.0f}"'
        f' width="{frame.width}" height="{full:.0f}"'
        f' role="img" aria-label="{escape(plot.title)}" font-family="{_FONT}" font-size="14">'
        f"{''.join(parts)}{''.join(legend)}</svg>"
    )


def _legend(frame: Frame, plot: Plot, height: float) -> list[str]:
    """A mark and its name, on as many lines as the name needs; returns the lines."""
    left = frame.left if frame.label else 0
    rows: list[str] = []
    for number, series in enumerate(plot.series):
        words = wrap(series.name, round((frame.width - left - 24) / _SIGN)) or [""]
        for line, text in enumerate(words):
            y = height + _LEGEND_LINE * len(rows) + 14
            mark = "" if line else _mark(left + 8, y - 5, number, COLOURS[number % len(COLOURS)], "")
            rows.append(mark + _text(left + 24, y, text))
    return rows


def _below(frame: Frame, x: float, y: float, label: str) -> str:
    """A word under the axis, in the middle of its point unless it would leave the picture there."""
    if x + len(label) * _SIGN / 2 > frame.width:
        return _text(frame.width - 1, y, label, anchor="end")
    return _text(x, y, label, anchor="middle")


def _runs(
    points: Sequence[Point], x: Callable[[int], float], y: Callable[[float], float]
) -> list[list[tuple[float, float]]]:
    """Stretches without an unknown figure."""
    runs: list[list[tuple[float, float]]] = [[]]
    for index, point in enumerate(points):
        if point.value is None:
            runs.append([])
        else:
            runs[-1].append((x(index), y(point.value)))
    return [run for run in runs if len(run) > 1]


def _run(run: list[tuple[float, float]], colour: str, number: int) -> str:
    dash = ("", ' stroke-dasharray="7 4"', ' stroke-dasharray="2 4"', ' stroke-dasharray="9 3 2 3"')[
        number % 4
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"{dash}/>'


def _mark(x: float, y: float, number: int, colour: str, told: str) -> str:
    """A dot, square, diamond or triangle."""
    title = f"<title>{escape(told)}</title>" if told else ""
    match number % 4:
        case 0:
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}">{title}</circle>'
        case 1:
            return (
                f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}">{title}</rect>'
            )
        case 2:
            return f'<path d="M{x:.1f} {y - 5:.1f}l5 5-5 5-5-5z" fill="{colour}">{title}</path>'
        case _:
            return f'<path d="M{x:.1f} {y - 5:.1f}l5 9h-10z" fill="{colour}">{title}</path>'


def _whisker(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    """An interval, with a short stroke at each end."""
    dx, dy = (4, 0) if abs(x1 - x2) < 0.05 else (0, 4)
    ends = (_line(x - dx, y - dy, x + dx, y + dy, colour) for x, y in ((x1, y1), (x2, y2)))
    return _line(x1, y1, x2, y2, colour) + "".join(ends)


def _tick(left: float, right: float, y: float, label: str) -> str:
    return _line(left, y, right, y, LINE) + _text(left - 8, y + 5, label, anchor="end", colour=QUIET)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{_class(colour)} stroke="{colour}"/>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = INK, title: str = "") -> str:
    told = f"<title>{escape(title)}</title>" if title and title != text else ""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}"{place}{_class(colour)} fill="{colour}">{told}{escape(text)}</text>'


def _class(colour: str) -> str:
    return f' class="{_CLASSES[colour]}"' if colour in _CLASSES else ""


def _short(label: str, frame: Frame) -> str:
    return label if len(label) <= frame.signs else label[: frame.signs - 1].rstrip() + "…"


def _told(plot: Plot, series: Series, point: Point) -> str:
    shown = plot.show(point.value) if point.value is not None else plot.unknown
    return f"{series.name}: {shown}" if series.name else shown


def _ticks(top: float) -> list[float]:
    return [top * step / _TICKS for step in range(_TICKS + 1)]


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 5, 8, 10 × a power of ten: axes end where four steps are plain numbers."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 8, 10) if step * power >= value * (1 - 1e-9))
