"""Numbers to inline SVG, by pure functions; knows nothing about models or pages.

Lengths across are percentages, so a chart fills whatever width it gets and its text is never stretched.
Colours come from the stylesheet by class name (``benign``, ``malignant``), and never stand alone: benign is
above or to the left, malignant below or to the right.
"""

import math
from collections.abc import Sequence

_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
EDGE = math.log(0.9995 / 0.0005)  # the log-odds at the end of a probability scale


def densities(benign: Sequence[float], malignant: Sequence[float]) -> str:
    """Two densities back to back: benign rises above the middle line, malignant hangs below it."""
    return (
        f'<svg class="hills" viewBox="0 0 {len(benign) - 1} 80" preserveAspectRatio="none">'
        f'<path class="benign" d="{_outline(benign, 38, -36)}"/>'
        f'<path class="malignant" d="{_outline(malignant, 42, 36)}"/></svg>'
    )


def _outline(heights: Sequence[float], base: int, tallest: int) -> str:
    """A closed path over points that are one unit apart, in whole units, written as short as it goes."""
    levels = [round(height * tallest) for height in heights]
    raised = [place for place, level in enumerate(levels) if level] or [0]
    first, last = max(raised[0] - 1, 0), min(raised[-1] + 1, len(levels) - 1)
    climbs = [b - a for a, b in zip(levels[first:last], levels[first + 1 : last + 1], strict=True)]
    line = " ".join(f"1 {climb}" for climb in climbs).replace(" -", "-")
    return f"M{first} {base}v{levels[first]}l{line}V{base}Z"


def logit_position(probability: float) -> float:
    """Where a probability lies on a logit-spaced scale, in per cent of its width; the ends hold the rest."""
    inside = min(max(probability, 0.0005), 0.9995)
    return round(50 + 50 * math.log(inside / (1 - inside)) / EDGE, 2)


def probability_scale(
    probability: float,
    interval: tuple[float, float],
    threshold: float,
    inconclusive: tuple[float, float],
) -> str:
    """The scale under a verdict: the inconclusive zone, the threshold, the interval as a band, the needle."""
    (left, right), (low, high) = map(logit_position, inconclusive), map(logit_position, interval)
    level, here = logit_position(threshold), logit_position(probability)
    ticks = "".join(
        f'<line class="tick" x1="{logit_position(p)}%" x2="{logit_position(p)}%" y1="30" y2="34"/>'
        f'<text class="tick" x="{logit_position(p)}%" y="47">{percent(p)}</text>'
        for p in _TICKS[1:-1]
    )
    return (
        '<svg class="scale" width="100%" height="48" aria-hidden="true">'
        f'<rect class="benign" x="0" width="{left}%" y="26" height="4"/>'
        f'<rect class="malignant" x="{right}%" width="{100 - right:.2f}%" y="26" height="4"/>{ticks}'
        f'<rect class="zone" x="{left}%" width="{right - left:.2f}%" y="12" height="18" fill="url(#hatch)"/>'
        f'<line class="threshold" x1="{level}%" x2="{level}%" y1="8" y2="30"/>'
        f'<rect class="interval" x="{low}%" width="{max(high - low, 0.5):.2f}%" y="18" height="8"/>'
        f'<svg x="{here}%" overflow="visible"><path class="needle" d="M0 30V10M-5 4H5L0 12Z"/></svg></svg>'
    )


def percent(probability: float) -> str:
    """``97 %``, ``1.4 %``, ``0.03 %``; never 0 or 100, for nothing here is certain."""
    if probability < 0.0001:
        return "< 0.01 %"
    if probability > 0.9999:
        return "> 99.99 %"
    doubt = min(probability, 1 - probability)
    decimals = 0 if doubt >= 0.0995 else 1 if doubt >= 0.00995 else 2
    shown = f"{100 * probability:.{decimals}f}"
    return f"{shown.removesuffix('.0') if probability in _TICKS else shown} %"


def diverging_bar(value: float, limit: float) -> str:
    """One bar from the middle: to the left towards benign, to the right towards malignant."""
    length = round(50 * min(abs(value) / limit, 1), 2)
    start = 50 if value >= 0 else 50 - length
    side = "malignant" if value >= 0 else "benign"
    return (
        f'<svg class="bar"><rect class="{side}" x="{start:g}%" width="{length:g}%" y="1" height="10"/></svg>'
    )


def signed(share: float) -> str:
    """A share of the log-odds with its sign: ``+2.1``, ``−0.3``."""
    shown = f"{abs(share):.1f}"
    return "0.0" if shown == "0.0" else ("+" if share > 0 else "\N{MINUS SIGN}") + shown


def mark(verdict: str) -> str:
    """The shape that goes with a class, so that colour never stands alone."""
    shape = {
        "benign": '<circle class="benign" cx="7" cy="7" r="5.5"/>',
        "malignant": '<path class="malignant" d="M7 .5L13.5 7L7 13.5L.5 7Z"/>',
        "inconclusive": '<rect class="zone" x="1" y="1" width="12" height="12" fill="url(#hatch)"/>',
    }[verdict]
    return f'<svg class="mark" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">{shape}</svg>'


def move(start: float, end: float, benign: Sequence[float], malignant: Sequence[float]) -> str:
    """From one place on a track to another, over the densities; an arrow at the end."""
    a, b = round(100 * start, 1), round(100 * end, 1)
    head = 4 if b < a else -4
    arrow = f'<svg x="{b}%" y="20" overflow="visible"><path class="needle" d="M0 0L{head} -4V4Z"/></svg>'
    return (
        f'<span class="way">{densities(benign, malignant)}<svg width="100%" height="40" aria-hidden="true">'
        f'<line x1="{a}%" x2="{a}%" y1="12" y2="28"/><line x1="{a}%" x2="{b}%" y1="20" y2="20"/>'
        f"{arrow}</svg></span>"
    )


def dot_on_scale(position: float) -> str:
    """A dot on a track, to lie over the densities."""
    at = f"{100 * position:.1f}%"
    return (
        '<svg class="spot" width="100%" height="40" aria-hidden="true">'
        f'<line x1="{at}" x2="{at}" y1="4" y2="36"/><circle cx="{at}" cy="20" r="5.5"/></svg>'
    )
