"""The evidence drawn: ROC, reliability, differences, histogram; pure functions from numbers to HTML."""

from collections.abc import Sequence

from ui import plots
from ui.plots import Point

_ROC_WIDTH, _ROC_FLOOR = 0.2, 0.8  # the corner in which the curve of a good model runs
_TENTHS = tuple((i / 4, f"{25 * i} %") for i in range(5))


def in_the_corner(false_alarms: Sequence[float], sensitivity: Sequence[float]) -> bool:
    """Whether the upper left corner shows most of the curve."""
    return any(
        x <= _ROC_WIDTH / 4 and y >= _ROC_FLOOR for x, y in zip(false_alarms, sensitivity, strict=True)
    )


def roc(
    false_alarms: Sequence[float], curves: Sequence[Sequence[float]], corner: bool, label: str, across: str
) -> str:
    """The ROC, whole or its upper left corner, with its interval as a band.

    ``curves`` are sensitivity, its low and its high bound at each share of false alarms. The page's script
    moves the dot.
    """
    width, floor = (_ROC_WIDTH, _ROC_FLOOR) if corner else (1.0, 0.0)
    middle, low, high = (_within(false_alarms, curve, width, floor) for curve in curves)
    quarters = [i / 4 for i in range(5)]
    ticks_across = [(x, f"{100 * width * x:.0f} %") for x in quarters]
    ticks_up = [(y, f"{100 * (floor + (1 - floor) * y):.0f} %") for y in quarters]
    place = f'<span class="dot" data-out="roc" data-width="{width}" data-floor="{floor}"></span>'
    return plots.plot(band(low, high) + plots.line(middle), ticks_across, ticks_up, label, place, across)


def reliability(bins: Sequence[tuple[float, float, float, float]], label: str, across: str) -> str:
    """Predicted against observed; a bin is (predicted, observed, low, high)."""
    bars = "".join(plots.line([(x, low), (x, high)], "reach") for x, _, low, high in bins)
    dots = "".join(plots.dot((x, y)) for x, y, _, _ in bins)
    even = plots.line([(0, 0), (1, 1)], "threshold")
    return plots.plot(even + bars, _TENTHS, _TENTHS, label, dots, across)


def difference(mean: float, low: float, high: float, first: float, last: float) -> str:
    """A dot with its interval on a row's own scale from ``first`` to ``last``; a hairline stands at zero."""

    def at(value: float) -> str:
        return f"{100 * min(max((value - first) / (last - first), 0), 1):.1f}%"

    return (
        '<svg class="difference" width="100%" height="20" aria-hidden="true">'
        f'<line class="zero" x1="{at(0)}" x2="{at(0)}" y1="0" y2="20"/>'
        f'<line class="reach" x1="{at(low)}" x2="{at(high)}" y1="10" y2="10"/>'
        f'<circle cx="{at(mean)}" cy="10" r="4"/></svg>'
    )


def histogram(counts: Sequence[int], ticks: Sequence[plots.Tick], threshold: float, label: str) -> str:
    """How many specimens lie in each of the even parts of a probability's scale."""
    top = max(*counts, 1)
    width = 100 / len(counts)
    bars = "".join(
        f'<rect class="{"malignant" if (i + 0.5) / len(counts) >= threshold else "benign"}" '
        f'x="{i * width + width * 0.06:.2f}" width="{width * 0.88:.2f}" '
        f'y="{100 - 100 * count / top:.2f}" height="{100 * count / top:.2f}"/>'
        for i, count in enumerate(counts)
    )
    level = plots.line([(threshold, 0), (threshold, 1)], "threshold")
    return plots.plot(bars + level, ticks, [(0, "0"), (1, str(top))], label)


def band(low: Sequence[Point], high: Sequence[Point]) -> str:
    """The area between two lines."""
    outline = "L".join(f"{100 * x:.4g} {100 - 100 * y:.4g}" for x, y in [*low, *reversed(high)])
    return f'<path class="band" d="M{outline}Z"/>'


def _within(
    false_alarms: Sequence[float], sensitivity: Sequence[float], width: float, floor: float
) -> list[Point]:
    """The points in the drawn part, as shares of its width and height."""
    inside = [(x, y) for x, y in zip(false_alarms, sensitivity, strict=True) if x <= width]
    return [(x / width, max(0.0, (y - floor) / (1 - floor))) for x, y in inside]
