"""Where a value lies on its slider's track, and how the specimens are spread along it; draws nothing."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.features import FEATURES, Feature

STEPS = 1000  # positions of a slider, from one end of its track to the other
_REACH = 1 / 16  # of the observed range, beyond it at either end, so that the warnings can be met
_ROOM = 0.1  # on the logarithm, at either side of a feature that has one value only
_NOTHING = 1e-300  # stands for zero and below under a logarithm
_APART = 0.11  # of the track, between two numbers written below it
_POINTS = 33  # of a density's outline


@dataclass(frozen=True, slots=True)
class LogScale:
    """A logarithmic scale: the model sees logarithms too, and skewed features spread out evenly.

    ``start`` and ``span`` are in log(value + shift); ``shift`` is 0 unless the data hold zeros, which
    then lie at the very start, or values below zero.
    """

    shift: float
    start: float
    span: float
    minimum: float = 0.0

    @classmethod
    def of(cls, feature: Feature) -> "LogScale":
        shift = feature.shift
        first, last = math.log(feature.low + shift), math.log(feature.high + shift)
        reach = (last - first) * _REACH or _ROOM
        start = first - reach if feature.low else first
        return cls(shift, start, last + reach - start, feature.minimum)

    def position(self, value: float) -> float:
        """From 0 to 1; values off the track stop at its ends."""
        u = math.log(max(value + self.shift, _NOTHING))
        return min(max((u - self.start) / self.span, 0.0), 1.0)

    def value(self, position: float) -> float:
        return max(math.exp(self.start + position * self.span) - self.shift, self.minimum)

    def values(self, points: int) -> list[float]:
        """Evenly spaced along the track, from end to end."""
        return [self.value(i / (points - 1)) for i in range(points)]

    def ticks(self) -> tuple[float, ...]:
        """Round numbers along the track, no two so near that their digits touch on a phone."""
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
        kept: list[float] = []
        for number in reversed(numbers):
            if not kept or self.position(kept[-1]) - self.position(number) >= _APART:
                kept.append(number)
        return tuple(reversed(kept))


def _even(first: float, last: float, count: int) -> tuple[float, ...]:
    """Evenly spaced numbers with the digits that tell them apart."""
    decimals = 1 - math.floor(math.log10(last - first))
    return tuple(round(number, decimals) + 0.0 for number in np.linspace(first, last, count).tolist())


SCALES = {feature.name: LogScale.of(feature) for feature in FEATURES}


@dataclass(frozen=True, slots=True)
class ClassDensities:
    """How often each class takes each place on a track: heights from 0 to 1 at evenly spaced points.

    Both classes have the same area, so that the rarer one is as easy to see.
    """

    benign: tuple[float, ...]
    malignant: tuple[float, ...]


def class_densities(values: NDArray[np.float64], malignant: NDArray[np.bool_]) -> dict[str, ClassDensities]:
    """The two densities of every feature from (n, 30) values and (n,) diagnoses."""
    drawn = {}
    for column, feature in enumerate(FEATURES):
        track = SCALES[feature.name]
        places = (np.log(values[:, column] + track.shift) - track.start) / track.span
        densities = [_density(places[~malignant]), _density(places[malignant])]
        peak = max(density.max() for density in densities)
        drawn[feature.name] = ClassDensities(*(tuple((density / peak).tolist()) for density in densities))
    return drawn


def _density(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Gaussian kernel estimate with Silverman's width, on evenly spaced points of the track."""
    quartiles = np.quantile(places, (0.25, 0.75))
    spreads = [float(spread) for spread in (places.std(), np.diff(quartiles)[0] / 1.34) if spread > 0]
    width = 0.9 * min(spreads, default=0.0) * len(places) ** -0.2  # many equal values may have no spread
    width = max(width, 0.5 / (_POINTS - 1))  # a narrower one would pass between the points
    z = (np.linspace(0, 1, _POINTS)[:, None] - places) / width
    density: NDArray[np.float64] = np.exp(-z * z / 2).mean(axis=1) / width
    return density
