"""How unlike all others a specimen is: Mahalanobis distance on standardised logarithms."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from training.estimator import column_spread

Floats = NDArray[np.float64]

_SINGULAR = 1e-9  # the least eigenvalue of a correlation matrix from which on it is not inverted as it is
_RIDGE = 1e-6


@dataclass(frozen=True)
class NoveltyFit:
    """What the distance is measured with; ``whitening`` is lower triangular, (30, 30)."""

    mean: Floats
    spread: Floats
    whitening: Floats

    @classmethod
    def fit(cls, logs: Floats) -> Self:
        """logs: (n, 30)."""
        mean, spread = logs.mean(axis=0), column_spread(logs)
        covariance = np.atleast_2d(np.cov((logs - mean) / spread, rowvar=False))
        # a column never changes, or follows from others
        if np.linalg.eigvalsh(covariance)[0] < _SINGULAR:
            covariance += _RIDGE * np.eye(len(mean))
        whitening = np.linalg.inv(np.linalg.cholesky(covariance))
        return cls(mean, spread, whitening.astype(np.float64))

    def distance(self, logs: Floats) -> Floats:
        """logs (n, 30) to (n,)."""
        distance: Floats = np.linalg.norm((logs - self.mean) / self.spread @ self.whitening.T, axis=1)
        return distance


def floored(values: Floats) -> Floats:
    """Values whose logarithm can be taken: zeros become tiny."""
    return np.where(values == 0, 1e-9, values)


def novelty_out_of_fold(logs: Floats, malignant: NDArray[np.int64], repeats: int = 10) -> Floats:
    """Each specimen's distance by folds that did not see it: (repeats, n)."""
    distances = np.empty((repeats, len(logs)))
    for seed in range(repeats):
        splitter = StratifiedKFold(10, shuffle=True, random_state=seed)
        for fit, judged in splitter.split(logs, malignant):
            distances[seed, judged] = NoveltyFit.fit(logs[fit]).distance(logs[judged])
    return distances


def novelty_limit(logs: Floats, malignant: NDArray[np.int64]) -> float:
    """99 of 100 specimens stay below it, by one repeat of folds."""
    return float(np.quantile(novelty_out_of_fold(logs, malignant, repeats=1), 0.99))
