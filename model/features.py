"""The thirty features, written down once; every slider, schema, header and check derives from here.

Knows nothing about data files, models or pages. Measurements follow Street, Wolberg and Mangasarian,
"Nuclear feature extraction for breast tumor diagnosis", SPIE 1905 (1993). The data were published
without a scale, so lengths are in "u", units of the digitised image.
"""

import math
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statistic:
    """How the values of all nuclei of one specimen become one number.

    Where there is room for one statistic only, it is the last. Data that have none are under one without a
    ``suffix`` and a ``label``: their features bear the names of the measurements.
    """

    suffix: str
    label: str
    meaning: str
    aliases: tuple[str, ...]
    """Patterns of other people's column names; ``{}`` stands for the measurement."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One property of a cell nucleus; ``observed`` holds (low, high, decimals) per statistic.

    No measurement here can be below zero; one that can is ``signed``.
    """

    name: str
    label: str
    meaning: str
    unit: str
    observed: tuple[tuple[float, float, int], ...]
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Feature:
    """One of the thirty numbers that describe a specimen: a measurement under a statistic.

    ``low`` and ``high`` are the extremes of the published specimens, ``decimals`` the digits that the
    data were published with.
    """

    measurement: Measurement
    statistic: Statistic
    low: float
    high: float
    decimals: int

    @property
    def name(self) -> str:
        return "_".join(filter(None, (self.measurement.name, self.statistic.suffix)))

    @property
    def label(self) -> str:
        """In words, as a visitor reads it: ``Radius, worst``."""
        return ", ".join(filter(None, (self.measurement.label, self.statistic.label.lower())))

    @property
    def spoken(self) -> str:
        """Inside a sentence: ``worst radius``."""
        return " ".join(filter(None, (self.statistic.label, self.measurement.label))).lower()

    @property
    def unit(self) -> str:
        return self.measurement.unit

    @property
    def minimum(self) -> float:
        """No value can be below it, as it is a measurement; the observed range is a matter of the data."""
        return -math.inf if self.measurement.signed else 0.0

    @property
    def shift(self) -> float:
        """What makes a value fit for a logarithm: nothing, unless the data hold zeros or values below.

        With those of a signed measurement the logarithm is nearly even.
        """
        if self.low > 0:
            return 0.0
        if self.measurement.signed:
            return max(self.high - 2 * self.low, -3 * self.low) or 1.0
        return max(self.high / 40, self.step)

    @property
    def step(self) -> float:
        """The slider's step: one unit of the last published digit, so that every real value is reachable."""
        return float(f"1e-{self.decimals}")

    @property
    def aliases(self) -> tuple[str, ...]:
        return tuple(pattern.format(self.measurement.name) for pattern in self.statistic.aliases)

    def format(self, value: float) -> str:
        """The value with the digits that the data have: ``14.127``."""
        return f"{value:.{self.decimals}f}"


STATISTICS = (
    Statistic("mean", "Mean", "the mean over all nuclei of the specimen", ("mean {}", "{}1")),
    Statistic("se", "Standard error", "the standard error of that mean", ("{} error", "{}2")),
    Statistic("worst", "Worst", "the mean of the three largest values", ("worst {}", "{}3")),
)

MEASUREMENTS = (
    Measurement(
        "radius",
        "Radius",
        "mean distance from the centre of the nucleus to its outline",
        "u",
        ((6.981, 28.11, 3), (0.1115, 2.873, 4), (7.93, 36.04, 3)),
    ),
    Measurement(
        "texture",
        "Texture",
        "spread of the grey values inside the nucleus (their standard deviation)",
        "grey levels",
        ((9.71, 39.28, 2), (0.3602, 4.885, 4), (12.02, 49.54, 2)),
    ),
    Measurement(
        "perimeter",
        "Perimeter",
        "length of the outline of the nucleus",
        "u",
        ((43.79, 188.5, 2), (0.757, 21.98, 4), (50.41, 251.2, 2)),
    ),
    Measurement(
        "area",
        "Area",
        "area inside the outline of the nucleus",
        "u²",
        ((143.5, 2501.0, 1), (6.802, 542.2, 3), (185.2, 4254.0, 1)),
    ),
    Measurement(
        "smoothness",
        "Smoothness",
        "how much the radius changes from one point of the outline to the next; larger is rougher",
        "",
        ((0.05263, 0.1634, 5), (0.001713, 0.03113, 6), (0.07117, 0.2226, 5)),
    ),
    Measurement(
        "compactness",
        "Compactness",
        "perimeter squared over area, compared with a circle; larger is less round",
        "",
        ((0.01938, 0.3454, 5), (0.002252, 0.1354, 6), (0.02729, 1.058, 5)),
    ),
    Measurement(
        "concavity",
        "Concavity",
        "how deep the dents of the outline are",
        "",
        ((0.0, 0.4268, 7), (0.0, 0.396, 7), (0.0, 1.252, 6)),
    ),
    Measurement(
        "concave_points",
        "Concave points",
        "how much of the outline lies in dents",
        "",
        ((0.0, 0.2012, 6), (0.0, 0.05279, 6), (0.0, 0.291, 6)),
    ),
    Measurement(
        "symmetry",
        "Symmetry",
        "how much the two halves of the nucleus differ; larger is less symmetric",
        "",
        ((0.106, 0.304, 4), (0.007882, 0.07895, 6), (0.1565, 0.6638, 4)),
    ),
    Measurement(
        "fractal_dimension",
        "Fractal dimension",
        "how ragged the outline is, by the coastline measure less one",
        "",
        ((0.04996, 0.09744, 5), (0.0008948, 0.02984, 7), (0.05504, 0.2075, 5)),
    ),
)

FEATURES = tuple(
    Feature(measurement, statistic, *measurement.observed[column])
    for column, statistic in enumerate(STATISTICS)
    for measurement in MEASUREMENTS
)
"""All features in scikit-learn's column order: the means, the standard errors, the worst values."""

NAMES = tuple(feature.name for feature in FEATURES)
BY_NAME = {feature.name: feature for feature in FEATURES}


DIAGNOSES = {"malignant": 1, "benign": 0, "m": 1, "b": 0}
"""What a file's column "diagnosis" may hold. Not 0 and 1: scikit-learn codes malignant as 0, others as 1."""


def _folded(name: str) -> str:
    return re.sub(r"[\s_.\-]+", " ", name).strip().casefold()


ALIASES = {
    _folded(spelling): feature.name for feature in FEATURES for spelling in (feature.name, *feature.aliases)
}
"""Every known spelling, folded (lower case, one blank for blanks, dots, dashes, underscores)."""


def resolve(name: str) -> str | None:
    """The feature that a column name means, or None.

    >>> resolve("concave points_mean"), resolve("mean radius"), resolve("blood pressure")
    ('concave_points_mean', 'radius_mean', None)
    """
    return name if name in BY_NAME else ALIASES.get(_folded(name))
