"""A specimen as thirty dots, each over the two distributions of its feature; judges nothing."""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from model.explain import Reference
from model.features import FEATURES, MEASUREMENTS, STATISTICS, Feature, Measurement
from ui import charts, text
from ui.explorer import Explorer
from ui.grid import legend, named
from ui.link import digits
from ui.scales import SCALES


def profile(explorer: Explorer, values: Sequence[float]) -> str:
    """Ten rows of three, in the layout of the grid of sliders."""
    heads = "".join(f'<div class="head">{escape(statistic.label)}</div>' for statistic in STATISTICS)
    above = _above(explorer.reference, np.array(values))
    rows = "".join(_row(explorer, measurement, values, above) for measurement in MEASUREMENTS)
    return (
        f'<section class="grid profile" style="--statistics:{len(STATISTICS)}" '
        f'aria-label="{text.PROFILE}"><div class="row">{legend()}{heads}</div>'
        f"{rows}</section>"
    )


def _row(
    explorer: Explorer, measurement: Measurement, values: Sequence[float], above: NDArray[np.float64]
) -> str:
    cells = "".join(
        _cell(explorer, feature, values[i], above[i])
        for i, feature in enumerate(FEATURES)
        if feature.measurement is measurement
    )
    name = f'<div class="name"><span class="summary">{named(measurement)}</span></div>'
    return f'<div class="row">{name}{cells}</div>'


def _cell(explorer: Explorer, feature: Feature, value: float, above: NDArray[np.float64]) -> str:
    """One dot, its number, and the same in words for those who cannot see the dot."""
    track, spread = SCALES[feature.name], explorer.spread[feature.name]
    low, high = (round(track.position(bound), 3) for bound in (feature.low, feature.high))
    said = text.PROFILE_ABOVE.format(benign=f"{above[0]:.0%}", malignant=f"{above[1]:.0%}")
    return (
        f'<div class="cell" title="{escape(feature.label)}: {said}">'
        f'<span class="column">{escape(feature.statistic.label)}</span>'
        f'<span class="track" style="--low:{low};--high:{high}">'
        f"{charts.densities(spread.benign, spread.malignant)}"
        f"{charts.dot_on_scale(track.position(value))}</span>"
        f'<span class="number">{digits(value)}<span class="unseen">, {said}</span></span></div>'
    )


def _above(reference: Reference, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shares of the benign and of the malignant specimens that each value exceeds: (30, 2)."""
    below = reference.values < values
    return np.stack([below[~reference.malignant].mean(axis=0), below[reference.malignant].mean(axis=0)], 1)
