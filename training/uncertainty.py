"""The uncertainty of the model: how far off a probability may be, and how unlike the data a specimen is.

To find how far off it may be, diagnoses are drawn from known probabilities and the model is fitted again. The
interval is the logit plus and minus one ``reach``, so it is rough. Finer intervals (from the covariance of
the fit, a bootstrap, a jackknife) were tried: their widths do not show which probabilities are wrong, and
none covers better. The interval shows how far the answer moves if such specimens had turned out differently.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from model.evidence import IntervalCheck
from model.warnings import Novelty
from training.baselines import FOREST, SUPPORT, comparison
from training.data import Floats, Specimens
from training.estimator import OFFSET, column_spread, make_quick_estimator
from training.metrics import logits
from training.protocol import Protocol, out_of_fold, splits

LEVEL = 0.95
OWN = "the served curves"
REDRAWS = 5  # of the diagnoses for each truth, to find the reach
_SINGULAR = 1e-9  # a correlation matrix with a smaller eigenvalue gets a ridge before it is inverted
_RIDGE = 1e-6


def redrawn(data: Specimens, truth: Floats, estimator: Pipeline, seed: int, folds: int = 10) -> Floats:
    """Log-odds of each specimen by fits without it, on diagnoses that are drawn from ``truth``, (n,)."""
    drawn = (np.random.default_rng(seed).uniform(size=len(data)) < truth).astype(np.int64)
    return logits(out_of_fold(Specimens(data.values, drawn), estimator, seed, folds))


def reach(data: Specimens, own: Floats, recipe: Mapping[str, Any]) -> float:
    """The smallest multiple of 0.1 that covers ``LEVEL`` of the uncertain specimens for both truths."""
    estimator = make_quick_estimator(**recipe)
    widest, other = 0.0, out_of_fold(data, comparison()[SUPPORT], 0, 5)
    for truth in (own, _clipped(other)):
        fitted = np.array([redrawn(data, truth, estimator, seed) for seed in range(REDRAWS)])
        error = np.abs(fitted - logits(truth))[_uncertain(fitted)]
        widest = max(widest, float(np.quantile(error, LEVEL)) if error.size else 0.0)
    return math.ceil(10 * widest) / 10


def interval_check(
    protocol: Protocol, models: Mapping[str, Any], own: Floats, recipe: Mapping[str, Any], reach: float
) -> IntervalCheck:
    """How often the interval covers the truth, on other draws than those that set its reach.

    The truths are the model's ``own`` probabilities, (n,), and those of two of the ``models``.
    """
    estimator = make_quick_estimator(**recipe)
    others = {name: models[name] for name in (FOREST, SUPPORT) if name in models}
    runs = replace(protocol, repeats=1, folds=5, first_seed=0).run(others)
    coverage = {}
    for name, truth in {OWN: own, **{n: _clipped(repeats[0]) for n, repeats in runs.items()}}.items():
        fitted = np.array(protocol.by_seed(redrawn, truth, estimator))
        if (uncertain := _uncertain(fitted)).any():
            coverage[name] = float((np.abs(fitted - logits(truth)) <= reach)[uncertain].mean())
    return IntervalCheck(LEVEL, reach, coverage)


def _clipped(truth: Floats) -> Floats:
    """Probabilities of a forest can be 0 or 1, for which every draw would give the same diagnosis."""
    return np.clip(truth, 0.002, 0.998)


def _uncertain(fitted: Floats) -> NDArray[np.bool_]:
    """Where the fitted probability is from 5 % to 95 %; elsewhere there is hardly any doubt."""
    uncertain: NDArray[np.bool_] = np.abs(fitted) < math.log(0.95 / 0.05)
    return uncertain


def fit_novelty(values: Floats, limit: float = math.inf, offset: Floats = OFFSET) -> Novelty:
    """How unlike these specimens, (n, 30), others are."""
    logs = np.log(np.where(values == 0, 1e-9, values) + offset)
    mean, spread = logs.mean(axis=0), column_spread(logs)
    covariance = np.atleast_2d(np.cov((logs - mean) / spread, rowvar=False))
    # A column is constant, or a combination of others.
    if np.linalg.eigvalsh(covariance)[0] < _SINGULAR:
        covariance += _RIDGE * np.eye(len(mean))
    return Novelty(offset, mean, spread, np.linalg.inv(np.linalg.cholesky(covariance)), limit)


def novelty_out_of_fold(data: Specimens, repeats: int) -> Floats:
    """The distance of each specimen by fits without it: (repeats, n)."""
    squared = np.empty((repeats, len(data)))
    for seed in range(repeats):
        for fit, held_out in splits(data, seed, 10):
            squared[seed, held_out] = fit_novelty(data.values[fit]).squared(data.values[held_out])
    return np.sqrt(squared)
