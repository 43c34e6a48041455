"""How unlike all others a specimen is: Mahalanobis distance on standardised logarithms; ignores diagnoses."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NoveltyFit:
    """What the distance is measured with; ``whitening`` is lower triangular, (30, 30)."""

    mean: Floats
    spread: Floats
    whitening: Floats

    @classmethod
    def fit(cls, logs: Floats) -> Self:
        """logs: (n, 30)."""
        mean, spread = logs.mean(axis=0), logs.std(axis=0)
        covariance = np.cov((logs - mean) / spread, rowvar=False)
        whitening = np.linalg.inv(np.linalg.cholesky(covariance))
        return cls(mean, spread, whitening.astype(np.float64))

    def distance(self, logs: Floats) -> Floats:
        """logs (n, 30) to (n,)."""
        distance: Floats = np.linalg.norm((logs - self.mean) / self.spread @ self.whitening.T, axis=1)
        return distance


def novelty_out_of_fold(logs: Floats, malignant: NDArray[np.int64], repeats: int = 10) -> Floats:
    """Each specimen's distance by folds that did not see it: (repeats, n)."""
    distances = np.empty((repeats, len(logs)))
    for seed in range(repeats):
        splitter = StratifiedKFold(10, shuffle=True, random_state=seed)
        for fit, judge in splitter.split(logs, malignant):
            distances[seed, judge] = NoveltyFit.fit(logs[fit]).distance(logs[judge])
    return distances
