"""The Wisconsin Diagnostic Breast Cancer data, recoded once; knows nothing about models.

Source: W. H. Wolberg, W. N. Street, O. L. Mangasarian, Breast Cancer Wisconsin (Diagnostic), UCI Machine
Learning Repository (1995), doi 10.24432/C5DW2B, CC BY 4.0. scikit-learn ships a copy; nothing is downloaded.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer

from model.features import NAMES, resolve

# Concavity and concave points hold exact zeros, so their logarithm needs an offset.
OFFSETS = {
    "concavity_mean": 1e-2,
    "concave_points_mean": 5e-3,
    "concavity_se": 3e-3,
    "concave_points_se": 2e-3,
    "concavity_worst": 2e-2,
    "concave_points_worst": 1e-2,
}

SIZE = "radius_mean"  # the feature by which cases and groups of specimens are small or large


@dataclass(frozen=True)
class Specimens:
    """``values`` (n, 30) in the order of ``FEATURES``; ``malignant`` (n,) 1 for malignant, 0 for benign."""

    values: NDArray[np.float64]
    malignant: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def sha256(self) -> str:
        """A hash of the numbers themselves, whatever file they came from."""
        digest = hashlib.sha256("\n".join(NAMES).encode())
        digest.update(np.ascontiguousarray(self.values, dtype="<f8").tobytes())
        digest.update(np.ascontiguousarray(self.malignant, dtype="<i8").tobytes())
        return digest.hexdigest()


def load() -> Specimens:
    """The 569 specimens, 212 of them malignant, in scikit-learn's row order.

    Raises:
        ValueError: if the columns are not the thirty features, in their order.
    """
    bunch = load_breast_cancer()
    columns = tuple(resolve(name) for name in bunch.feature_names)
    if columns != NAMES:
        raise ValueError(f"the data have the columns {columns}, expected {NAMES}")
    # scikit-learn codes malignant as 0; here, once, it becomes 1
    return Specimens(bunch.data.astype(np.float64), (bunch.target == 0).astype(np.int64))
