"""Framed plots with axes, from points between 0 and 1, by pure functions; knows no models or pages.

The marks stretch with the frame, the texts do not: they are HTML, placed by percentages.
"""

from collections.abc import Sequence
from html import escape

from ui import charts
from ui.scales import ClassDensities

Point = tuple[float, float]
Tick = tuple[float, str]

PROBABILITY_TICKS = tuple(
    (charts.logit_position(p) / 100, charts.percent(p)) for p in (0.01, 0.1, 0.5, 0.9, 0.99)
)


def plot(
    marks: str,
    across: Sequence[Tick],
    up: Sequence[Tick],
    label: str,
    over: str = "",
    title: str = "",
    under: str = "",
) -> str:
    """A frame around marks that are drawn in a box of 100 by 100 with y pointing down.

    ``over`` is HTML that is placed over the box by percentages, ``under`` a strip between the box and the
    numbers below it, ``title`` names what runs across.
    """
    rules = "".join(f'<line class="rule" x1="0" x2="100" y1="{_down(y)}" y2="{_down(y)}"/>' for y, _ in up)
    below = "".join(f'<span style="left:{100 * x:.2f}%">{escape(said)}</span>' for x, said in across)
    beside = "".join(f'<span style="top:{_down(y)}%">{escape(said)}</span>' for y, said in up)
    return (
        f'<figure class="plot" role="img" aria-label="{escape(label)}"><div class="up">{beside}</div>'
        f'<div class="box"><svg viewBox="0 0 100 100" preserveAspectRatio="none">{rules}{marks}</svg>'
        f"{over}</div>"
        f'{under}<div class="across">{below}</div><figcaption>{escape(title)}</figcaption></figure>'
    )


def line(points: Sequence[Point], kind: str = "line") -> str:
    """A line through the points; ``kind`` is its class in the stylesheet."""
    path = "L".join(f"{100 * x:.4g} {_down(y)}" for x, y in points)
    return f'<path class="{kind}" d="M{path}" fill="none" vector-effect="non-scaling-stroke"/>'


def dot(point: Point) -> str:
    """A round mark; HTML, so that it stays round."""
    return f'<span class="dot" style="left:{100 * point[0]:.2f}%;top:{_down(point[1])}%"></span>'


def here(across: float, said: str) -> str:
    """Words above the frame, where they cover no mark and run off neither side."""
    at = f"{100 * across:.2f}%"
    return f'<span class="here" style="left:{at};transform:translateX(-{at})">{escape(said)}</span>'


def response(
    points: Sequence[Point],
    now: Point,
    said: str,
    spread: ClassDensities,
    ticks: Sequence[Tick],
    threshold: float,
    label: str,
    title: str,
) -> str:
    """How the probability follows one feature, with the two densities of the feature below."""
    level = line([(0, threshold), (1, threshold)], "threshold")
    drop = line([(now[0], 0), (now[0], 1)], "drop")
    over = dot(now) + here(now[0], said)
    strip = f'<div class="strip">{charts.densities(spread.benign, spread.malignant)}</div>'
    return plot(level + drop + line(points), ticks, PROBABILITY_TICKS, label, over, title, under=strip)


def _down(y: float) -> str:
    return f"{100 - 100 * y:.4g}"
