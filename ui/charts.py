"""Every chart of the page, as pure functions from numbers to inline SVG and HTML.

Numbers as words come first, then small marks inside a line of text or a table, then plots in a frame with
axes. Horizontal lengths are percentages, so a chart fills any width; the texts of a frame are HTML, so that
they are not stretched. Colours come from the stylesheet by class name and are never the only sign: benign is
above, to the left or round, malignant below, to the right or pointed.
"""

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from ui import text
from ui.scales import Densities

EDGE = math.log(0.9995 / 0.0005)
"""The log-odds at the end of a probability scale."""

HATCH = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    '<pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch" x1="0" y1="0" x2="0" y2="5"/></pattern></defs></svg>'
)
"""The pattern for "too close to call", which a page needs once; ``mark`` refers to it."""

Point = tuple[float, float]
Tick = tuple[float, str]


def logit_position(probability: float) -> float:
    """The position of a probability on a logit-spaced scale from 0 to 1; beyond its ends it is clipped."""
    inside = min(max(probability, 0.0005), 0.9995)
    return round(0.5 + 0.5 * math.log(inside / (1 - inside)) / EDGE, 4)


def percent(probability: float) -> str:
    """``97 %``, ``1.4 %``, ``< 0.1 %``; never 0 or 100, as nothing is certain. ui/model.js has the same."""
    if probability < 0.001:
        return "< 0.1 %"
    if probability > 0.999:
        return "> 99.9 %"
    return f"{100 * probability:.{0 if min(probability, 1 - probability) >= 0.0995 else 1}f} %"


def signed(share: float) -> str:
    """A share of the log-odds with its sign: ``+2.1``, ``−0.3``."""
    shown = f"{abs(share):.1f}"
    return "0.0" if shown == "0.0" else ("+" if share > 0 else "\N{MINUS SIGN}") + shown


# ---- marks in a line


def mark(verdict: str) -> str:
    """The shape that goes with a class, so that colour is never the only sign."""
    shape = {
        "benign": '<circle class="benign" cx="7" cy="7" r="5.5"/>',
        "malignant": '<path class="malignant" d="M7 .5L13.5 7L7 13.5L.5 7Z"/>',
        "inconclusive": '<rect class="zone" x="1" y="1" width="12" height="12" fill="url(#hatch)"/>',
    }[verdict]
    return f'<svg class="mark" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">{shape}</svg>'


def densities(spread: Densities) -> str:
    """Two densities back to back: benign above the middle line, malignant below it."""
    benign, malignant = spread
    return (
        f'<svg class="densities" viewBox="0 0 {len(benign) - 1} 80" preserveAspectRatio="none">'
        f'<path class="benign" d="{_outline(benign, 38, -36)}"/>'
        f'<path class="malignant" d="{_outline(malignant, 42, 36)}"/></svg>'
    )


def _outline(heights: Sequence[float], base: int, tallest: int) -> str:
    """A closed path over points that are one unit apart, in whole units."""
    levels = [round(height * tallest) for height in heights]
    line = " ".join(f"1 {after - before}" for before, after in pairwise(levels))
    return f"M0 {base}v{levels[0]}l{line}V{base}Z"


def arrow_between(start: float, end: float, spread: Densities) -> str:
    """An arrow from one position on a scale to another, over the densities."""
    a, b = round(100 * start, 1), round(100 * end, 1)
    head = 4 if b < a else -4
    arrow = f'<svg x="{b}%" y="20" overflow="visible"><path class="needle" d="M0 0L{head} -4V4Z"/></svg>'
    return (
        f'<span class="move">{densities(spread)}<svg width="100%" height="40" aria-hidden="true">'
        f'<line x1="{a}%" x2="{a}%" y1="12" y2="28"/><line x1="{a}%" x2="{b}%" y1="20" y2="20"/>'
        f"{arrow}</svg></span>"
    )


def dot_on_scale(position: float) -> str:
    """A dot at a position of a scale, to be drawn over the densities."""
    at = f"{100 * position:.1f}%"
    return (
        '<svg class="here" width="100%" height="40" aria-hidden="true">'
        f'<line x1="{at}" x2="{at}" y1="4" y2="36"/><circle cx="{at}" cy="20" r="5.5"/></svg>'
    )


def interval(value: float, low: float, high: float, ends: tuple[float, float], kind: str, height: int) -> str:
    """A dot with its interval on a scale between two ends, with a thin line at zero if that is on it."""

    def at(number: float) -> str:
        return f"{100 * min(max((number - ends[0]) / (ends[1] - ends[0]), 0), 1):.1f}%"

    zero = f'<line class="zero" x1="{at(0)}" x2="{at(0)}" y1="0" y2="{height}"/>' if ends[0] <= 0 else ""
    middle = height // 2
    return (
        f'<svg class="{kind}" width="100%" height="{height}" aria-hidden="true">{zero}'
        f'<line class="reach" x1="{at(low)}" x2="{at(high)}" y1="{middle}" y2="{middle}"/>'
        f'<circle cx="{at(value)}" cy="{middle}" r="4"/></svg>'
    )


# ---- plots in a frame


PROBABILITIES = tuple((logit_position(p), f"{100 * p:g} %") for p in (0.01, 0.1, 0.5, 0.9, 0.99))
"""Ticks of a probability's logit-spaced axis."""


def even_ticks(first: float, last: float, count: int = 5) -> list[Tick]:
    """Evenly spaced ticks in per cent."""
    return [
        (i / (count - 1), f"{100 * (first + (last - first) * i / (count - 1)):.0f} %") for i in range(count)
    ]


def plot(
    marks: str,
    ticks: Sequence[Tick],
    ticks_up: Sequence[Tick],
    *,
    across: str,
    up: str = "",
    over: str = "",
    under: str = "",
) -> str:
    """A frame around marks that are drawn in a box of 100 by 100 with y pointing down.

    ``across`` and ``up`` are the labels of the axes. ``over`` is HTML that is placed over the box by
    percentages, ``under`` a strip between the box and the numbers below it.
    """
    rules = "".join(
        f'<line class="rule" x1="0" x2="100" y1="{_down(y)}" y2="{_down(y)}"/>' for y, _ in ticks_up
    )
    below = "".join(f'<span style="left:{100 * x:.2f}%">{escape(label)}</span>' for x, label in ticks)
    beside = "".join(f'<span style="top:{_down(y)}%">{escape(label)}</span>' for y, label in ticks_up)
    head = f'<p class="title-up">{escape(up)}</p>' if up else ""
    label = text.PLOT.format(up=up, across=across) if up else across
    return (
        f'<figure class="plot" role="img" aria-label="{escape(label)}">{head}<div class="up">{beside}</div>'
        f'<div class="box"><svg viewBox="0 0 100 100" preserveAspectRatio="none">{rules}{marks}</svg>'
        f"{over}</div>"
        f'{under}<div class="across">{below}</div><figcaption>{escape(across)}</figcaption></figure>'
    )


def line(points: Sequence[Point], kind: str = "line") -> str:
    """A line through points between 0 and 1; ``kind`` is its class in the stylesheet."""
    path = "L".join(f"{100 * x:.4g} {_down(y)}" for x, y in points)
    return f'<path class="{kind}" d="M{path}" fill="none" vector-effect="non-scaling-stroke"/>'


def band(low: Sequence[Point], high: Sequence[Point]) -> str:
    """The area between two lines."""
    outline = "L".join(f"{100 * x:.4g} {_down(y)}" for x, y in [*low, *reversed(high)])
    return f'<path class="band" d="M{outline}Z"/>'


def dot(point: Point, kind: str = "") -> str:
    """A round mark, in HTML so that it is not stretched."""
    return f'<span class="dot {kind}" style="left:{100 * point[0]:.2f}%;top:{_down(point[1])}%"></span>'


def caption(point: Point, label: str) -> str:
    """Words over a frame at a point, aligned so that they stay inside on both sides."""
    at = f"{100 * point[0]:.2f}%"
    style = f"left:{at};top:{_down(point[1])}%;transform:translate(-{at}, -100%)"
    return f'<span class="caption" style="{style}">{escape(label)}</span>'


def small_curve(points: Sequence[Point], now: Point, zero: float) -> str:
    """A small curve without numbers: the curve, a line at zero, and a dot for the specimen."""
    marks = line([(0, zero), (1, zero)], "rule") + line([(now[0], zero), now], "drop") + line(points)
    return (
        '<span class="small-curve"><svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">'
        f"{marks}</svg>{dot(now)}</span>"
    )


def _down(y: float) -> str:
    return f"{100 - 100 * y:.4g}"
