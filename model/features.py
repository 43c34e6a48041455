"""The thirty features, defined once; every slider, schema, column name and check derives from this table.

Measurements follow Street, Wolberg and Mangasarian, "Nuclear feature extraction for breast tumor
diagnosis", SPIE 1905 (1993). The data were published without a scale, so lengths are in "u", units of the
digitised image.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statistic:
    """How the values of all nuclei of one specimen become one number.

    Where only one statistic can be shown, the last one is. Data without statistics use a single one whose
    ``suffix`` and ``label`` are empty, so that each feature has the name of its measurement.
    """

    suffix: str
    label: str
    meaning: str
    aliases: tuple[str, ...]
    """Patterns of the column names in well-known files; ``{}`` stands for the measurement."""
    synonyms: tuple[str, ...] = ()
    """Other words for it in column names; ``model.names`` reads them before or after a measurement."""
    weak: tuple[str, ...] = ()
    """Words that mean it only if no other column does; "" stands for the name of the measurement alone."""
    spoken: str = "{statistic} {measurement}"
    """How a feature is named inside a sentence."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One property of a cell nucleus.

    ``observed`` holds (low, high, decimals) for each statistic in turn, or None where there is no such
    feature. A measurement with a single triple is a single number, and its feature has its name. A
    measurement that can be negative is ``signed``; none here is. ``synonyms`` and ``weak`` work as in
    ``Statistic``.
    """

    name: str
    label: str
    meaning: str
    unit: str
    observed: tuple[tuple[float, float, int] | None, ...]
    signed: bool = False
    synonyms: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feature:
    """One of the thirty numbers that describe a specimen: a measurement and a statistic.

    ``low`` and ``high`` are the extremes of the published specimens, ``decimals`` the number of digits that
    the data were published with.
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
        """The name that a visitor reads: ``Radius, worst``."""
        return ", ".join(filter(None, (self.measurement.label, self.statistic.label.lower())))

    @property
    def spoken(self) -> str:
        """The name inside a sentence: ``worst radius``."""
        phrase = self.statistic.spoken.format(
            statistic=self.statistic.label, measurement=self.measurement.label
        )
        return phrase.strip().lower()

    @property
    def unit(self) -> str:
        return self.measurement.unit

    @property
    def minimum(self) -> float:
        """The smallest value that is possible at all, whatever the range of the data."""
        return -math.inf if self.measurement.signed else 0.0

    @property
    def shift(self) -> float:
        """What is added to a value before its logarithm is taken: 0, unless the data hold zeros or less.

        For a signed measurement it is so large that the logarithm is nearly linear.
        """
        if self.low > 0:
            return 0.0
        if self.measurement.signed:
            return max(self.high - 2 * self.low, -3 * self.low) or 1.0
        return max(self.high / 40, self.step)

    @property
    def step(self) -> float:
        """The slider's step: one unit of the last published digit, so that it can reach every real value."""
        return float(f"1e-{self.decimals}")

    @property
    def aliases(self) -> tuple[str, ...]:
        return tuple(pattern.format(self.measurement.name) for pattern in self.statistic.aliases)

    def format(self, value: float) -> str:
        """The value with as many decimals as the data have: ``14.127``."""
        return f"{value:.{self.decimals}f}"


STATISTICS = (
    Statistic(
        "mean",
        "Mean",
        "the mean over all nuclei of the specimen",
        ("mean {}", "{}1"),
        synonyms=("average", "avg", "mv"),
        weak=("", "m"),
    ),
    Statistic(
        "se",
        "Standard error",
        "the standard error of that mean",
        ("{} error", "{}2"),
        # Files of these data often call it a standard deviation, though none of them contains one.
        synonyms=(
            *("error", "err", "std err", "std error", "standard err", "sem"),
            *("sd", "std", "std dev", "std deviation", "standard dev", "standard deviation"),
        ),
        spoken="{statistic} of {measurement}",
    ),
    Statistic(
        "worst",
        "Worst",
        "the mean of the three largest values",
        ("worst {}", "{}3"),
        synonyms=("w", "extreme", "ev", "largest", "max", "maximum", "max mean", "worst or largest"),
    ),
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
        synonyms=("perim", "peri"),
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
        synonyms=("smooth",),
    ),
    Measurement(
        "compactness",
        "Compactness",
        "perimeter squared over area, compared with a circle; larger is less round",
        "",
        ((0.01938, 0.3454, 5), (0.002252, 0.1354, 6), (0.02729, 1.058, 5)),
        synonyms=("compact",),
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
        synonyms=(
            *("concave point", "concave pts", "concave pt", "conc points", "conc pts", "concave portions"),
            *("nconcave", "n concave points", "num concave points", "number of concave points"),
        ),
        weak=("concave",),
    ),
    Measurement(
        "symmetry",
        "Symmetry",
        "how much the two halves of the nucleus differ; larger is less symmetric",
        "",
        ((0.106, 0.304, 4), (0.007882, 0.07895, 6), (0.1565, 0.6638, 4)),
        synonyms=("symm",),
    ),
    Measurement(
        "fractal_dimension",
        "Fractal dimension",
        "how ragged the outline is, by the coastline measure less one",
        "",
        ((0.04996, 0.09744, 5), (0.0008948, 0.02984, 7), (0.05504, 0.2075, 5)),
        synonyms=("fractal dim", "fractal", "fract dim", "frac dim"),
        weak=("fd",),
    ),
)

_SINGLE = Statistic("", "", "", ())  # for a measurement that is a single number


def _features() -> Iterator[Feature]:
    """The features by statistic; after them, measurements that are single numbers while others are not."""
    singles = [m for m in MEASUREMENTS if len(m.observed) == 1 < len(STATISTICS)]
    for column, statistic in enumerate(STATISTICS):
        for measurement in MEASUREMENTS:
            observed = dict(enumerate(measurement.observed)).get(column)
            if observed and measurement not in singles:
                yield Feature(measurement, statistic, *observed)
    yield from (Feature(m, _SINGLE, *observed) for m in singles if (observed := m.observed[0]))


FEATURES = tuple(_features())
"""All features in scikit-learn's column order: the means, the standard errors, the worst values."""

NAMES = tuple(feature.name for feature in FEATURES)
BY_NAME = {feature.name: feature for feature in FEATURES}


DIAGNOSES = {"malignant": 1, "benign": 0, "m": 1, "b": 0}
"""What a column "diagnosis" may hold. Not 0 and 1, as malignant is 0 in scikit-learn and 1 elsewhere."""
