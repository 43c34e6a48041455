"""The scale of each slider, and the densities of the specimens along it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.features import FEATURES, Feature

STEPS = 1000  # positions of a slider, from one end of its track to the other
_MARGIN = 1 / 16  # of the observed range at both ends, so that visitors can meet the warnings
_MIN_MARGIN = 0.1  # on the logarithm, for a feature with a single value
_TINY = 1e-300  # replaces zero and negative numbers in logarithms
_MIN_DISTANCE = 0.11  # of the track, between two numbers written below it
_POINTS = 33  # of a density's outline


@dataclass(frozen=True, slots=True)
class LogScale:
    """A logarithmic scale, because the model uses logarithms too, and skewed features spread out evenly.

    ``start`` and ``span`` are in log(value + shift). ``shift`` is 0 unless the data have zeros, which are at
    the start of the scale then, or negative values.
    """

    shift: float
    start: float
    span: float
    minimum: float = 0.0

    @classmethod
    def of(cls, feature: Feature) -> "LogScale":
        shift = feature.shift
        first, last = math.log(feature.low + shift), math.log(feature.high + shift)
        margin = (last - first) * _MARGIN or _MIN_MARGIN
        start = first - margin if feature.low else first
        return cls(shift, start, last + margin - start, feature.minimum)

    def position(self, value: float) -> float:
        """The position of a value from 0 to 1; values beyond the scale are put at its ends."""
        u = math.log(max(value + self.shift, _TINY))
        return min(max((u - self.start) / self.span, 0.0), 1.0)

    def value(self, position: float) -> float:
        return max(math.exp(self.start + position * self.span) - self.shift, self.minimum)

    def values(self, points: int) -> list[float]:
        """Values at evenly spaced positions, from end to end."""
        return [self.value(i / (points - 1)) for i in range(points)]

    def ticks(self) -> tuple[float, ...]:
        """Round numbers along the scale, far enough apart that their digits do not touch on a phone."""
        first, last = self.value(0.02), self.value(0.98)
        if first < 0:
            return _even(first, last, 5)
        decades = range(math.floor(math.log10(max(first, last / 100))), math.ceil(math.log10(last)) + 1)
        for digits in ((1, 2, 5), (1, 1.5, 2, 3, 4, 6, 8)):
            numbers = [float(f"{digit * 10.0**decade:.2g}") for decade in decades for digit in digits]
            shown = self._apart([number for number in numbers if first <= number <= last])
            if len(shown) > 2:
                break
        return shown if len(shown) > 1 else _even(first, last, 3)

    def _apart(self, numbers: list[float]) -> tuple[float, ...]:
        spaced: list[float] = []
        for number in reversed(numbers):
            if not spaced or self.position(spaced[-1]) - self.position(number) >= _MIN_DISTANCE:
                spaced.append(number)
        return tuple(reversed(spaced))


def _even(first: float, last: float, count: int) -> tuple[float, ...]:
    """Evenly spaced numbers with as many digits as they need to differ."""
    decimals = 1 - math.floor(math.log10(last - first))
    return tuple(round(number, decimals) + 0.0 for number in np.linspace(first, last, count).tolist())


Densities = Sequence[Sequence[float]]  # of benign and of malignant

SCALES = {feature.name: LogScale.of(feature) for feature in FEATURES}


def class_densities(values: NDArray[np.float64], malignant: NDArray[np.bool_]) -> dict[str, Densities]:
    """The densities of benign and of malignant along the scale of each feature, at evenly spaced points.

    Both classes have the same area, so that the rarer one is equally visible, and the highest point is 1.

    Args:
        values: the specimens, (n, 30).
        malignant: what they were, (n,).
    """
    by_name = {}
    for column, feature in enumerate(FEATURES):
        track = SCALES[feature.name]
        positions = (np.log(values[:, column] + track.shift) - track.start) / track.span
        both = np.array([_density(positions[~malignant]), _density(positions[malignant])])
        by_name[feature.name] = (both / both.max()).tolist()
    return by_name


def _density(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Gaussian kernel estimate with Silverman's width, on evenly spaced points of the track."""
    quartiles = np.quantile(positions, (0.25, 0.75))
    spreads = [float(spread) for spread in (positions.std(), np.diff(quartiles)[0] / 1.34) if spread > 0]
    width = 0.9 * min(spreads, default=0.0) * len(positions) ** -0.2  # equal values have no spread
    width = max(width, 0.5 / (_POINTS - 1))  # a narrower one would fall between the points
    z = (np.linspace(0, 1, _POINTS)[:, None] - positions) / width
    density: NDArray[np.float64] = np.exp(-z * z / 2).mean(axis=1) / width
    return density
