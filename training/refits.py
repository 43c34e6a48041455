"""How much the curves would move with other specimens: Bayesian-bootstrap refits; draws nothing."""

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from training.data import Specimens
from training.export import collapse

Floats = NDArray[np.float64]


def refit_heights(
    estimator: Pipeline, data: Specimens, reference: Floats, refits: int, jobs: int = -1
) -> Floats:
    """Each refit's curves at the knots, its intercept in the first feature's: (refits, 30, k + 1).

    Weights are exponential, so all refits keep the knots: D. B. Rubin, "The Bayesian bootstrap", Annals of
    Statistics 9 (1981).
    """
    weights = np.random.default_rng(0).exponential(size=(refits, len(data)))
    calls = (joblib.delayed(_heights)(estimator, data, reference, w / w.mean()) for w in weights)
    return np.array(joblib.Parallel(n_jobs=jobs)(calls))


def _heights(estimator: Pipeline, data: Specimens, reference: Floats, weight: Floats) -> Floats:
    with threadpool_limits(1):
        fitted = clone(estimator).fit(data.values, data.malignant, logistic__sample_weight=weight)
        heights = collapse(fitted, reference)
        heights[0] += fitted.decision_function(reference[None])[0]
    return heights


def deviations(heights: Floats, rank: int = 16) -> Floats:
    """The main directions in which refits differ: (refits, 30, k + 1) to (30, k + 1, rank).

    Read as curves, the squares of what they give for a specimen sum to the variance of its logit.
    """
    refits = len(heights)
    centred = (heights - heights.mean(axis=0)).reshape(refits, -1)
    _, size, direction = np.linalg.svd(centred, full_matrices=False)
    # a direction's sign is arbitrary: its largest entry is made positive, so that every machine agrees
    direction *= np.sign(direction[:, np.abs(direction).argmax(axis=1)].diagonal())[:, None]
    scaled = direction[:rank].T * size[:rank] / np.sqrt(refits)
    curves: Floats = scaled.reshape(*heights.shape[1:], rank)
    return curves
