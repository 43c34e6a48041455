"""The Wisconsin Diagnostic Breast Cancer data, recoded once, and what training has to know about them.

Source: W. H. Wolberg, W. N. Street, O. L. Mangasarian, Breast Cancer Wisconsin (Diagnostic), UCI Machine
Learning Repository (1995), doi 10.24432/C5DW2B, CC BY 4.0. scikit-learn ships a copy; nothing is downloaded.
"""

import hashlib
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer

from model.features import FEATURES, NAMES, Feature
from model.names import resolve

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

# Concavity and concave points can be exactly zero, so their logarithm needs an offset.
OFFSETS = {
    "concavity_mean": 1e-2,
    "concave_points_mean": 5e-3,
    "concavity_se": 3e-3,
    "concave_points_se": 2e-3,
    "concavity_worst": 2e-2,
    "concave_points_worst": 1e-2,
}

SIZE = "radius_mean"  # the feature that makes cases and groups of specimens small or large
SIZED = "nuclei"  # the things that are then called small or large
# the number of specimens and of malignant ones; training refuses other numbers. None: they may change
EXPECTED: tuple[int, int] | None = (569, 212)
# No honest evaluation on these data has been better than this; a better one has leaked.
TOO_GOOD = {"log_loss": 0.0565, "accuracy": 0.987, "auc": 0.9978}
# the ranges that the model card promises for the measures
PROMISED = {
    "log_loss": (0.0, 0.066),
    "auc": (0.9955, 1.0),
    "sensitivity": (0.97, 1.0),
    "specificity": (0.97, 1.0),
    "calibration_slope": (0.85, 1.2),
}
FEWEST = 12  # specimens of a class, so that each of ten inner folds of nine tenths of them has one
# the showcase case for specimens with a zero: its name in links, its title and its description
ZEROS = (
    "no-dents",
    "No concavity",
    "Its nuclei have no concavity at all. Of all such specimens, it is least like the others.",
)


@dataclass(frozen=True)
class Specimens:
    """``values`` (n, 30) in the order of ``FEATURES``; ``malignant`` (n,) 1 for malignant, 0 for benign."""

    values: Floats
    malignant: Labels

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: NDArray[np.generic]) -> Self:
        """The specimens at these indices, or where this mask (n,) is true."""
        return type(self)(self.values[rows], self.malignant[rows])

    def checked(self) -> Self:
        """The same specimens, if they match ``model.features`` and have enough of both classes.

        Raises:
            ValueError: with everything that is wrong.
        """
        columns = zip(FEATURES, self.values.T, strict=True)
        faults = [f"{f.name} {fault}" for f, column in columns if (fault := _fault(f, column))]
        benign, malignant = np.bincount(self.malignant, minlength=2).tolist()
        if EXPECTED and (len(self), malignant) != EXPECTED:
            expected = f"expected {EXPECTED[0]} and {EXPECTED[1]}"
            faults.append(f"{len(self)} specimens, {malignant} of them malignant: {expected}")
        for word, count in (("benign", benign), ("malignant", malignant)):
            if count < FEWEST:
                faults.append(f"{count} specimens are {word}: expected {FEWEST} or more")
        if faults:
            raise ValueError("the data cannot be learnt from:\n" + "\n".join(faults))
        return self

    @property
    def sha256(self) -> str:
        """A hash of the numbers themselves, whatever file they came from."""
        digest = hashlib.sha256("\n".join(NAMES).encode())
        digest.update(np.ascontiguousarray(self.values, dtype="<f8").tobytes())
        digest.update(np.ascontiguousarray(self.malignant, dtype="<i8").tobytes())
        return digest.hexdigest()


def _fault(feature: Feature, column: Floats) -> str:
    """What is wrong with the values of a feature, or an empty text."""
    if not np.isfinite(column).all():
        return f"has {(~np.isfinite(column)).sum()} empty or infinite values: expected numbers"
    low, high, half = float(column.min()), float(column.max()), feature.step / 2
    if low < feature.minimum:
        return f"is {low:g} at the least: expected 0 or more, or a measurement that is signed"
    # Values must also reach the ends of the range: a constant or shifted column is the wrong one.
    slack = half + 0.01 * (feature.high - feature.low)
    if not (-half <= low - feature.low <= slack and -half <= feature.high - high <= slack):
        return f"is {low!r} to {high!r}: expected {feature.low!r} to {feature.high!r}"
    if np.abs(column - column.round(feature.decimals)).max() > feature.step / 100:
        return f"has more than {feature.decimals} decimals: expected as many"
    return ""


def load() -> Specimens:
    """The 569 specimens, 212 of them malignant, in scikit-learn's row order.

    Raises:
        ValueError: if the columns are not the thirty features, in their order.
    """
    bunch = load_breast_cancer()
    columns = tuple(resolve(name) for name in bunch.feature_names)
    if columns != NAMES:
        raise ValueError(f"the data have the columns {columns}, expected {NAMES}")
    # scikit-learn codes malignant as 0; from here on it is 1.
    return Specimens(bunch.data.astype(np.float64), (bunch.target == 0).astype(np.int64))
